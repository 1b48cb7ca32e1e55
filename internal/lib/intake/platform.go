package intake

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// platform gathers what one platform returned, maybe in several files, into the
// one activity it was. It keeps what article D7342-6 names and nothing else: a
// column or member it does not know never reaches an entry, so that customers
// stay out whatever their column is called.
type platform struct {
	name, nature, start, end string
	facts                    map[string]string // given as such
	jobs                     int
	hours, income, distance  float64
	distances                int
	hasHours, hasIncome      bool
	areas, natures, slots    map[string]int
	from, to                 string
	ratings                  []rating
	where                    Where
}

type rating struct {
	on    string
	value float64
}

func (s *sink) platformFile(w Where) *platform {
	if s.platform == nil {
		s.platform = &platform{
			facts: map[string]string{}, areas: map[string]int{}, natures: map[string]int{}, slots: map[string]int{}, where: w,
		}
	}
	return s.platform
}

// isPlatformTable reports whether the first lines name enough of what the article
// lists: one under another, or side by side in one line.
func isPlatformTable(head []record) bool {
	var down []string
	for _, r := range head {
		if len(r.cells) > 0 {
			down = append(down, r.cells[0])
		}
		if enoughFacts(r.cells) {
			return true
		}
	}
	return enoughFacts(down) || isRatingsTable(head)
}

// isRatingsTable reports whether the lines are marks that customers gave: a date, a
// figure under a word for marks, a customer or a comment, and nothing that says
// what was done. Read as activities, it would make entries of customers.
func isRatingsTable(head []record) bool {
	for i, r := range head[:max(0, len(head)-1)] {
		has := map[string]bool{}
		figure := false
		for c, name := range r.cells {
			is := platformColumnOf(name)
			if has[is] = true; is == factRatingCount && c < len(head[i+1].cells) {
				_, figure = readNumber(strings.SplitN(head[i+1].cells[c], "/", 2)[0])
			}
			if columnFor(name) == colTitle {
				return false
			}
		}
		if figure && has[markDate] && (has[markCustomer] || has[markComment]) {
			return true
		}
	}
	return false
}

// isPlatformJSON reports the same of the members of a document.
func isPlatformJSON(root node) bool {
	if root.has("actor") || root.has("statements") || root.has("@context") || root.has("basics") {
		return false
	}
	var labels []string
	var walk func(n node, above string, depth int)
	walk = func(n node, above string, depth int) {
		if depth > 4 || len(labels) > 200 {
			return
		}
		switch v := n.v.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				labels = append(labels, memberLabel(above, k))
				walk(node{v: v[k]}, k, depth+1)
			}
		case []any:
			for _, e := range v[:min(len(v), 2)] {
				walk(node{v: e}, above, depth+1)
			}
		}
	}
	walk(root, "", 0)
	return enoughFacts(labels)
}

// memberLabel is the name under which a member is looked up: its own when that
// says enough, else with the one above.
func memberLabel(above, name string) string {
	if above == "" || legalFact(name) != "" {
		return name
	}
	return above + " " + name
}

// platformTable reads lines of a label and a value, and lines of jobs or ratings
// under a header, in any order.
func (s *sink) platformTable(all rows, _ []record) error {
	p := s.platformFile(s.at(0))
	var columns []platformColumn
	return unlessEnough(all(func(r record) error {
		if r.line%1024 == 0 && s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		cells := trimCells(r.cells)
		if header := platformHeader(cells); header != nil {
			columns = header
			s.sayUnused(s.at(r.line), columns)
			return nil
		}
		if len(cells) <= 3 && len(cells) > 1 && (columns == nil || len(cells) < len(columns)) {
			if s.platformPair(p, cells[0], cells[1], s.at(r.line)) {
				return nil
			}
		}
		if columns != nil {
			if r.broken || len(cells) > len(columns) { // cells may stand under a wrong name
				s.skip(s.at(r.line), "intake.platform.line_shifted")
				return nil
			}
			s.platformJob(p, columns, cells, s.at(r.line))
			return nil
		}
		if len(cells) > 1 {
			s.skip(s.at(r.line), "intake.platform.line_unused")
		}
		return nil
	}))
}

// trimCells drops blank cells at the end and what SafeCell may have added.
func trimCells(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = strings.TrimSpace(UnsafeCell(c))
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// sayUnused names the columns that are not read.
func (s *sink) sayUnused(w Where, columns []platformColumn) {
	var unused []string
	for _, c := range columns {
		if c.is == "" && c.label != "" && columnFor(c.label) != colIgnored {
			unused = append(unused, quote(c.label))
		}
	}
	if len(unused) > 0 {
		s.warn(w, "intake.platform.columns_unused", "columns", strings.Join(unused[:min(len(unused), 12)], " | "))
	}
}

// platformPair reads a label and its value. It reports whether the label is one of
// the article, or of the platform itself.
func (s *sink) platformPair(p *platform, label, value string, w Where) bool {
	f := fold(spaced(label))
	if value == "" {
		return legalFact(label) != "" || f == ""
	}
	switch {
	case platformName.MatchString(f):
		if p.name == "" {
			p.name = s.scrub(value, nil)
		}
		return true
	case endOfRelation.MatchString(f):
		p.end = s.dateText(w, value, dayFirst)
		return true
	}
	fact := legalFact(label)
	switch fact {
	case "":
		return false
	case factContractDate:
		p.start = s.dateText(w, value, dayFirst)
		value = p.start
	case factNature:
		value = s.scrub(value, nil)
		p.nature = value
	case factHours:
		h, ok := readHours(value, f)
		if !ok {
			s.warn(w, "intake.number_unreadable", "text", quote(s.scrub(value, nil)))
			return true
		}
		value = hoursText(h)
	case factDistance, factServices, factIncomeNet:
		if _, ok := readNumber(value); !ok {
			s.warn(w, "intake.number_unreadable", "text", quote(s.scrub(value, nil)))
			return true
		}
	case factRatingCount:
		return s.ratingPair(p, f, value)
	case factArea:
		if value = s.scrub(value, nil); value == "" {
			return true
		}
	case factRegistration: // hers, and shaped like a telephone number
	default:
		value = s.scrub(value, nil)
	}
	if p.facts[fact] == "" {
		p.facts[fact] = value
	}
	return true
}

var platformName = regexp.MustCompile(`^((nom|name|raison sociale) (de la |du |of the )?)?(plateforme|platform|operateur)( nom| name)?$`)

var endOfRelation = regexp.MustCompile(`\b(fin|end|terminat\w*|rupture)\b.*\b(relation|contrat|contract|partenariat|partnership)\b`)

// ratingPair tells the mean of ratings from their number.
func (s *sink) ratingPair(p *platform, label, value string) bool {
	n, ok := readNumber(strings.SplitN(value, "/", 2)[0])
	switch {
	case !ok:
		s.rep.Stripped++ // words of a customer
	case strings.Contains(label, "nombre") || strings.Contains(label, "number") || strings.Contains(label, "count"):
		p.facts[factRatingCount] = strconv.Itoa(int(n))
	default:
		p.facts[factRatingMean] = value
	}
	return true
}

// platformJob reads one job, or one rating.
func (s *sink) platformJob(p *platform, columns []platformColumn, cells []string, w Where) {
	var customers []string
	for i, c := range cells {
		if i < len(columns) && columns[i].is == markCustomer && c != "" {
			customers = append(customers, c)
			s.rep.Stripped++
		}
	}
	var j job
	for i, c := range cells {
		if i < len(columns) && c != "" {
			s.jobCell(&j, columns[i], c, customers, w)
		}
	}
	if j.value != nil {
		p.ratings = append(p.ratings, rating{j.on, *j.value})
	}
	if !j.work {
		return
	}
	p.add(j)
}

// job is what one line of work told.
type job struct {
	on, hour                string
	work                    bool
	hours, distance, income *float64
	gross, fee              *float64
	area, nature, slot      string
	count                   float64
	value                   *float64 // the rating
	platform                string
}

func (s *sink) jobCell(j *job, c platformColumn, cell string, customers []string, w Where) {
	number := func() *float64 {
		n, ok := readNumber(cell)
		if !ok {
			s.warn(w, "intake.number_unreadable", "text", quote(c.label))
			return nil
		}
		return &n
	}
	switch c.is {
	case markComment:
		s.rep.Stripped++
	case markDate, factContractDate:
		d, ok := readDate(cell, dayFirst, s.opt.Zone)
		if !ok { // the cell is not repeated: in a line gone wrong it may hold a name
			s.warn(w, "intake.number_unreadable", "text", quote(c.label))
			return
		}
		j.on = d.text
		if at := hourOf.FindStringSubmatch(cell); at != nil {
			j.hour = at[1]
		}
	case markTime:
		if at := hourOf.FindStringSubmatch(" " + cell); at != nil {
			j.hour = at[1]
		}
	case factHours:
		if h, ok := readHours(cell, fold(spaced(c.label))); ok {
			j.hours, j.work = &h, true
		} else {
			s.warn(w, "intake.number_unreadable", "text", quote(c.label))
		}
	case factDistance:
		if j.distance = number(); j.distance != nil {
			j.work = true
			if u := fold(spaced(c.label)); meters.MatchString(u) {
				*j.distance /= 1000
			}
		}
	case factIncomeNet:
		j.income = number()
		j.work = j.work || j.income != nil
	case markGross:
		j.gross = number()
	case markFee:
		j.fee = number()
	case factServices:
		if n := number(); n != nil {
			j.count, j.work = *n, true
		}
	case factArea:
		j.area, j.work = s.scrub(cell, customers), true
	case factNature:
		j.nature, j.work = s.scrub(cell, customers), true
	case factSlots:
		j.slot = s.scrub(cell, customers)
	case factRatingCount:
		if n, ok := readNumber(strings.SplitN(cell, "/", 2)[0]); ok {
			j.value = &n
		} else {
			s.rep.Stripped++ // words of a customer
		}
	case markPlatform:
		j.platform = s.scrub(cell, customers)
	}
}

var (
	hourOf = regexp.MustCompile(`(?:^|[T ])(\d{1,2})\s*[:hH]\s*\d{0,2}`)
	meters = regexp.MustCompile(`\b(m|metres?|meters?)$`)
)

// add counts a job in.
func (p *platform) add(j job) {
	if p.name == "" {
		p.name = j.platform
	}
	if j.count > 0 {
		p.jobs += int(min(j.count, 1e9))
	} else {
		p.jobs++
	}
	if j.hours != nil {
		p.hours, p.hasHours = p.hours+*j.hours, true
	}
	if j.distance != nil {
		p.distance, p.distances = p.distance+*j.distance, p.distances+1
	}
	if j.income == nil && j.gross != nil && j.fee != nil {
		net := *j.gross - max(*j.fee, -*j.fee)
		j.income = &net
	}
	if j.income != nil {
		p.income, p.hasIncome = p.income+*j.income, true
	}
	if j.on != "" {
		if p.from == "" || j.on < p.from {
			p.from = j.on
		}
		p.to = max(p.to, j.on)
	}
	count(p.areas, j.area)
	count(p.natures, j.nature)
	if j.slot == "" && j.hour != "" {
		j.slot = slotOf(j.hour)
	}
	count(p.slots, j.slot)
}

func count(m map[string]int, key string) {
	if key != "" && (m[key] > 0 || len(m) < 1000) {
		m[key]++
	}
}

// slotOf is the part of the day of an hour.
func slotOf(hour string) string {
	h, err := strconv.Atoi(hour)
	if err != nil || h > 24 {
		return ""
	}
	for _, s := range []struct{ from, to int }{{0, 6}, {6, 11}, {11, 14}, {14, 18}, {18, 22}, {22, 25}} {
		if h >= s.from && h < s.to {
			return fmt.Sprintf("%d-%d h", s.from, min(s.to, 24))
		}
	}
	return ""
}
