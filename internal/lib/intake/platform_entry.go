package intake

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// platformDone makes the activity, and the list of what was not given.
func (s *sink) platformDone() {
	p := s.platform
	if p == nil {
		return
	}
	e := p.entry()
	if e.Title == "" {
		e.Title = say(s.opt.Lang, "intake.platform.title")
	}
	given := map[string]bool{}
	for _, f := range e.Facts {
		given[f.Name] = true
	}
	given[factRatingCount] = given[factRatingCount] || given[factRatingMean]
	e.fact(factArticle, "D7342-6")
	s.part = p.where.Part
	s.add(e)
	for _, item := range LegalItems() {
		if !given[factOf(item.ID)] {
			s.rep.NotGiven = append(s.rep.NotGiven, item)
		}
	}
}

func factOf(id string) string {
	for _, r := range legalRules {
		if r.ID == id {
			return r.fact
		}
	}
	return ""
}

func (p *platform) entry() Entry {
	yes := true
	facts := p.facts
	put := func(name, value string) {
		if facts[name] == "" && value != "" {
			facts[name] = value
		}
	}
	if p.jobs > 0 {
		put(factServices, strconv.Itoa(p.jobs))
	}
	if p.hasHours {
		put(factHours, hoursText(p.hours))
	}
	if p.hasIncome {
		put(factIncomeNet, strconv.FormatFloat(p.income, 'f', 2, 64))
	}
	if p.distances > 0 {
		put(factDistance, hoursText(p.distance/float64(p.distances)))
	}
	put(factArea, commonest(p.areas))
	put(factNature, commonest(p.natures))
	put(factSlots, commonest(p.slots))
	put(factPeriodStart, p.from)
	put(factPeriodEnd, p.to)
	p.rate(put)
	e := Entry{
		Kind: KindActivity, Type: TypeMission, Title: cmp.Or(p.nature, commonestOne(p.natures), p.name), Organisation: p.name,
		Start: cmp.Or(p.start, p.from), End: p.end, Place: facts[factArea], Paid: &yes, Status: StatusPlatform, Where: p.where,
	}
	for _, name := range FactNames {
		e.fact(name, facts[name])
	}
	return e
}

// rate counts the ratings of the twelve months before the last one (D7342-6, II,
// 5°).
func (p *platform) rate(put func(name, value string)) {
	last := ""
	for _, r := range p.ratings {
		last = max(last, r.on)
	}
	since := ""
	if t, err := time.Parse(time.DateOnly, last); err == nil {
		since = t.AddDate(-1, 0, 0).Format(time.DateOnly)
	}
	n, sum := 0, 0.0
	by := map[string]int{}
	for _, r := range p.ratings {
		if r.on >= since {
			n, sum = n+1, sum+r.value
			count(by, hoursText(r.value))
		}
	}
	if n == 0 {
		return
	}
	put(factRatingCount, strconv.Itoa(n))
	put(factRatingMean, hoursText(sum/float64(n)))
	var detail []string
	for _, v := range slices.Sorted(maps.Keys(by)) {
		detail = append(detail, v+": "+strconv.Itoa(by[v]))
	}
	put(factRatings, strings.Join(detail[:min(len(detail), 12)], "; "))
}

// commonest lists the five values met most often.
func commonest(m map[string]int) string {
	return strings.Join(byCount(m)[:min(len(m), 5)], ", ")
}

func commonestOne(m map[string]int) string {
	if len(m) == 0 {
		return ""
	}
	return byCount(m)[0]
}

func byCount(m map[string]int) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(m[b]-m[a], strings.Compare(a, b))
	})
}
