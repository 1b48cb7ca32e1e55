package intake

import (
	"path"
	"regexp"
	"strconv"
	"strings"
)

// isStatements reports whether a document holds xAPI statements: a list, the
// answer of a record store, or one alone (xAPI 1.0.3, part 2, 2.2).
func isStatements(root node) bool {
	list := statementsOf(root)
	if len(list) == 0 {
		return false
	}
	first := list[0]
	return first.at("actor").isObject() && first.at("verb").isObject() && first.has("object")
}

func statementsOf(root node) []node {
	if root.isObject() && root.has("statements") {
		return root.at("statements").each()
	}
	return root.each()
}

const verbVoided = "http://adlnet.gov/expapi/verbs/voided"

// statements makes one learning activity of all that one actor did with one
// object, from the first statement to the last.
func (s *sink) statements(root node) error {
	list := statementsOf(root)
	voided := map[string]bool{}
	for _, n := range list {
		if n.at("verb", "id").text() == verbVoided {
			voided[n.at("object", "id").text()] = true
		}
	}
	var order []string
	found := map[string]*Entry{}
	count := map[string]int{}
	for _, n := range list {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		switch {
		case !n.at("actor").isObject() || !n.at("verb").isObject() || !n.at("object").isObject():
			s.skip(s.on(n), "intake.xapi.incomplete")
			continue
		case n.at("verb", "id").text() == verbVoided || voided[n.at("id").text()]:
			s.skip(s.on(n), "intake.xapi.voided")
			continue
		}
		e := s.statement(n)
		group := digest(actorOf(n.at("actor")), n.at("object", "id").text(), e.Title)
		if known, ok := found[group]; ok {
			join(known, e)
		} else {
			if !s.room(e.Where) || len(found) >= MaxEntries {
				s.skip(e.Where, "intake.too_many", "max", MaxEntries)
				break
			}
			order = append(order, group)
			found[group] = &e
		}
		count[group]++
	}
	for _, group := range order {
		e := *found[group]
		if count[group] > 1 {
			e.fact(factStatements, strconv.Itoa(count[group]))
		}
		s.add(e)
	}
	return nil
}

func (s *sink) statement(n node) Entry {
	object := n.at("object")
	definition := object.at("definition")
	e := Entry{
		Kind: KindActivity, Type: TypeLearning, Where: s.on(n),
		Title:        s.inLanguage(definition.at("name")),
		Narrative:    s.inLanguage(definition.at("description")),
		WithWhom:     n.at("context", "instructor", "name").text(),
		Organisation: joined("", n.at("context", "platform").text()),
		URL:          object.at("id").text(),
	}
	verb := s.inLanguage(n.at("verb", "display"))
	if verb == "" {
		verb = path.Base(n.at("verb", "id").text())
	}
	e.fact(factVerb, verb)
	if e.Title == "" {
		e.Title = joined(" ", verb, path.Base(strings.TrimRight(object.at("id").text(), "/")))
	}
	e.Start = s.date(&e, n.any("timestamp", "stored"))
	e.End = e.Start
	result := n.at("result")
	if score := result.at("score"); score.there() {
		t := score.any("raw", "scaled").text()
		if highest := score.at("max").text(); highest != "" && score.at("raw").there() {
			t += "/" + highest
		}
		e.fact(factScore, t)
	}
	e.fact(factSuccess, result.at("success").text())
	e.fact(factCompletion, result.at("completion").text())
	if h, ok := isoHours(result.at("duration").text()); ok {
		e.fact(factHours, hoursText(h))
	}
	return e
}

// join adds a later statement to what is known of the same activity.
func join(known *Entry, e Entry) {
	lo, hi := known.Start, known.End
	if e.Start != "" && (lo == "" || e.Start < lo) {
		lo = e.Start
	}
	if e.Start > hi {
		hi = e.Start
	}
	known.Start, known.End = lo, hi
	verb := known.Fact(factVerb)
	for i, f := range known.Facts {
		switch v := e.Fact(f.Name); {
		case v == "":
		case f.Name == factVerb && !strings.Contains(verb, v):
			known.Facts[i].Value = joined(", ", verb, v)
		case f.Name == factHours:
			a, _ := strconv.ParseFloat(f.Value, 64) //nolint:errcheck // written by hoursText
			b, _ := strconv.ParseFloat(v, 64)       //nolint:errcheck // written by hoursText
			known.Facts[i].Value = hoursText(a + b)
		case f.Name != factVerb:
			known.Facts[i].Value = v
		}
	}
	for _, f := range e.Facts {
		if known.Fact(f.Name) == "" {
			known.Facts = append(known.Facts, f)
		}
	}
}

// actorOf identifies an actor by one of the four ways of xAPI (part 2, 2.4.2.3).
func actorOf(n node) string {
	return joined("|", n.at("mbox").text(), n.at("mbox_sha1sum").text(), n.at("openid").text(),
		n.at("account", "homePage").text(), n.at("account", "name").text())
}

// inLanguage is the text of a language map in the reader's language, else in
// French, else in English, else the first by tag.
func (s *sink) inLanguage(n node) string {
	m, ok := n.v.(map[string]any)
	if !ok {
		return n.text()
	}
	for _, lang := range []string{s.opt.Lang, "fr", "en"} {
		best := ""
		for tag := range m {
			if (tag == lang || strings.HasPrefix(tag, lang+"-")) && (best == "" || tag < best) {
				best = tag
			}
		}
		if best != "" {
			return n.at(best).text()
		}
	}
	best := ""
	for tag := range m {
		if best == "" || tag < best {
			best = tag
		}
	}
	return n.at(best).text()
}

var isoDuration = regexp.MustCompile(`^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// isoHours reads a duration of ISO 8601 without years and months: PT1H30M is 1.5.
func isoHours(t string) (float64, bool) {
	m := isoDuration.FindStringSubmatch(strings.TrimSpace(t))
	if m == nil || len(t) > 40 {
		return 0, false
	}
	total := 0.0
	for i, hours := range []float64{168, 24, 1, 1. / 60, 1. / 3600} {
		if v, err := strconv.ParseFloat(m[i+1], 64); err == nil {
			total += v * hours
		}
	}
	return total, total > 0
}

// hoursText is hours with at most two decimals.
func hoursText(h float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(h, 'f', 2, 64), "0"), ".")
}
