package intake

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// rows gives the lines of a table from its start, each time it is called.
type rows func(yield func(record) error) error

// table reads a delimited text.
func (s *sink) table(text string, how decoding) error {
	comma := delimiterOf(text)
	all := rows(func(yield func(record) error) error { return eachRecord(text, comma, yield) })
	head, err := headOf(all)
	if err != nil {
		return err
	}
	if isPlatformTable(head) {
		s.sayDecoding(how)
		s.rep.Format = FormatPlatform
		return s.platformTable(all, head)
	}
	if of, at := linkedInHeader(head); of != nil {
		s.sayDecoding(how)
		s.found(FormatLinkedIn)
		return s.linkedInRows(all, head[at], of)
	}
	h, err := findHeader(head)
	if err != nil {
		return err
	}
	s.sayDecoding(how)
	s.found(FormatCSV)
	return s.tableRows(all, h)
}

// headOf keeps the first lines.
func headOf(all rows) ([]record, error) {
	var head []record
	err := all(func(r record) error {
		r.cells = slices.Clone(r.cells)
		if head = append(head, r); len(head) == maxHeaderSearch {
			return errEnough
		}
		return nil
	})
	var no *refusal
	if errors.As(err, &no) && len(head) > 0 {
		err = nil // said when the lines themselves are read
	}
	return head, unlessEnough(err)
}

// header is the line with the names of the columns.
type header struct {
	line    int
	names   []string
	columns []column
	hint    string // the type of activity the names suggest
	oneDate bool   // a date, not a beginning: what is dated is over
	of      Kind   // activities, contacts or skills
	english bool
}

// findHeader finds the column names among the first lines.
func findHeader(head []record) (header, error) {
	for _, r := range head {
		h := headerOf(r)
		if h.of != "" {
			return h, nil
		}
	}
	var names []string
	if len(head) > 0 {
		for _, c := range head[0].cells[:min(len(head[0].cells), 12)] {
			names = append(names, quote(c))
		}
	}
	if !slices.ContainsFunc(head[min(1, len(head)):], func(r record) bool { return len(r.cells) > 1 }) {
		return header{}, refuse("intake.unknown_format")
	}
	return header{}, refuse("intake.columns_unknown", "columns", strings.Join(names, " | "))
}

// headerOf reads a line as column names; of is empty when it is not one.
func headerOf(r record) header {
	h := header{line: r.line, names: slices.Clone(r.cells), columns: make([]column, len(r.cells))}
	known := 0
	has := map[column]bool{}
	for i, name := range r.cells {
		c := columnFor(name)
		if c != colNone && c != colIgnored && c != colTags && has[c] && c != colNarrative && c != colSkill {
			c = colNone // the second column of a name goes to the narrative
		}
		h.columns[i] = c
		has[c] = true
		if c != colNone && c != colIgnored {
			known++
		}
		if hint := kindHint[Fold(name)]; hint != "" && h.hint == "" {
			h.hint = hint
		}
		if c == colStart {
			h.english = slices.Contains(englishDates, Fold(name))
			h.oneDate = slices.Contains(oneDates, Fold(name))
		}
	}
	h.oneDate = h.oneDate && !has[colEnd] && !has[colPeriod]
	switch {
	case known == 0 || known == 1 && !has[colTitle] && !has[colSkill]:
		return h
	case (has[colEmail] || has[colPhone]) && (has[colName] || has[colFirstName]) && !has[colStart] && !has[colPeriod]:
		h.of = KindContact
	case has[colTitle] || has[colName] || has[colOrganisation] && (has[colStart] || has[colPeriod]):
		h.of = KindActivity
	case has[colSkill]:
		h.of = KindSkill
	}
	return h
}

var (
	englishDates = []string{"start", "start date", "started", "started on", "from", "date from", "begin", "beginning", "when", "day"}
	oneDates     = []string{"date", "jour", "quand", "annee", "year", "when", "day"}
)

// tableRows reads the lines below the header.
func (s *sink) tableRows(all rows, h header) error {
	order, doubt, err := s.dayOrderOf(all, h)
	if err != nil {
		return err
	}
	switch {
	case order == monthFirst:
		s.warn(s.at(h.line), "intake.dates_month_first")
	case doubt && h.english:
		s.warn(s.at(h.line), "intake.dates_day_first")
	}
	err = all(func(r record) error {
		if r.line <= h.line {
			return nil
		}
		if s.full {
			return errEnough
		}
		if r.line%1024 == 0 && s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		s.tableRow(r, h, order)
		return nil
	})
	return unlessEnough(err)
}

// dayOrderOf looks at every date of three numbers: when at least one can only be
// read month first, and none only day first, all are. doubt says that some could
// be read both ways.
func (s *sink) dayOrderOf(all rows, h header) (order dayOrder, doubt bool, err error) {
	var dayOnly, monthOnly, lines int
	err = all(func(r record) error {
		if r.line <= h.line {
			return nil
		}
		if lines++; lines > maxTries {
			return errEnough
		}
		for i, c := range h.columns {
			if (c != colStart && c != colEnd && c != colPeriod) || i >= len(r.cells) || len(r.cells[i]) < 6 {
				continue
			}
			if _, plain := plainDate(strings.TrimSpace(r.cells[i])); plain {
				continue
			}
			switch d, ok := readDate(r.cells[i], dayFirst, s.opt.Zone); {
			case !ok:
			case d.swapped:
				monthOnly++
			case d.ambiguous:
				doubt = true
			case isThreeNumbers(r.cells[i]):
				dayOnly++
			}
		}
		return nil
	})
	if monthOnly > 0 && dayOnly == 0 {
		order = monthFirst
	}
	var no *refusal
	if errors.As(err, &no) {
		err = nil // said when the lines themselves are read
	}
	return order, doubt, unlessEnough(err)
}

// isThreeNumbers reports whether the date is day, month and year in figures, the
// year not first, with a day above 12.
func isThreeNumbers(t string) bool {
	f := strings.Fields(fold(t))
	return len(f) >= 3 && len(f[0]) <= 2 && isDigits(f[0]) && isDigits(f[1]) && f[0] > "12"
}

func (s *sink) tableRow(r record, h header, order dayOrder) {
	w := s.at(r.line)
	if r.broken {
		s.warn(w, "intake.quote_open")
	}
	if r.tooWide {
		s.warn(w, "intake.line_cut", "max", maxColumns)
	}
	if h.of == KindContact {
		s.contactRow(r, h)
		return
	}
	e := Entry{Kind: h.of, Where: w}
	if h.of == KindActivity {
		e.Type = h.hint
	}
	var name, first string
	var more []string
	for i, cell := range r.cells {
		cell = UnsafeCell(cell)
		if strings.TrimSpace(cell) == "" {
			continue
		}
		if i >= len(h.columns) {
			more = append(more, cell)
			continue
		}
		switch h.columns[i] {
		case colName:
			name = cell
		case colFirstName:
			first = cell
		case colNone:
			more = append(more, strings.TrimSpace(h.names[i])+" : "+cell)
		default:
			s.cell(&e, h.columns[i], cell, order)
		}
	}
	if e.Title == "" {
		e.Title = joined(" ", first, name)
	}
	if e.Title == "" {
		e.Title = e.Organisation
	}
	if len(more) > 0 {
		e.Narrative = joined("\n", e.Narrative, strings.Join(more, "\n"))
	}
	if h.of == KindSkill {
		s.skillsOf(e)
		return
	}
	if e.Type == "" {
		e.Type = TypeOther
	}
	if h.oneDate && e.End == "" {
		e.End = e.Start
	}
	s.add(e)
}

// skillsOf makes one entry of each skill a line names.
func (s *sink) skillsOf(e Entry) {
	for _, t := range e.Tags {
		s.add(Entry{Kind: KindSkill, Title: t, Narrative: e.Narrative, Where: e.Where})
	}
}

// cell puts a cell where its column says.
func (s *sink) cell(e *Entry, c column, cell string, order dayOrder) {
	switch c {
	case colTitle:
		e.Title = cell
	case colKind:
		s.kindCell(e, cell)
	case colStart:
		s.startCell(e, cell, order)
	case colEnd:
		e.End = s.dateText(e.Where, cell, order)
	case colPeriod:
		from, to, ok := readPeriod(cell, order, s.opt.Zone)
		if !ok {
			s.warn(e.Where, "intake.date_unreadable", "text", quote(cell))
		}
		e.Start, e.End = from.text, to.text
	case colOrganisation:
		e.Organisation = cell
	case colPlace:
		e.Place = joined(", ", e.Place, cell)
	case colWithWhom:
		e.WithWhom = cell
	case colPurpose:
		e.Purpose = cell
	case colPaid:
		if e.Paid = readPaid(cell); e.Paid == nil {
			s.warn(e.Where, "intake.paid_unreadable", "text", quote(cell))
		}
	case colStatus:
		e.Status = cell
	case colHours:
		h, ok := readNumber(cell)
		if !ok || h < 0 || h > 168 {
			s.warn(e.Where, "intake.hours_unreadable", "text", quote(cell))
			return
		}
		e.HoursPerWeek = h
	case colNarrative:
		e.Narrative = joined("\n", e.Narrative, cell)
	case colTools:
		e.Tools = append(e.Tools, SplitCell(cell)...)
	case colMethods:
		e.Methods = append(e.Methods, SplitCell(cell)...)
	case colTags, colSkill:
		e.Tags = append(e.Tags, SplitCell(cell)...)
	case colURL:
		if e.URL = webAddress(strings.TrimSpace(cell)); e.URL == "" {
			e.Narrative = joined("\n", e.Narrative, cell)
		}
	case colFacts:
		for _, f := range SplitCell(cell) {
			if name, value, ok := strings.Cut(f, "="); ok && slices.Contains(FactNames, name) {
				e.fact(name, value)
			} else {
				e.Narrative = joined("\n", e.Narrative, f)
			}
		}
	case colEmail, colPhone, colAddress, colRole:
		e.Narrative = joined("\n", e.Narrative, cell)
	case colNone, colIgnored, colName, colFirstName:
	}
}

// startCell reads a beginning, or a whole period people write in its place.
func (s *sink) startCell(e *Entry, cell string, order dayOrder) {
	from, to, ok := readPeriod(cell, order, s.opt.Zone)
	if !ok {
		s.warn(e.Where, "intake.date_unreadable", "text", quote(cell))
		return
	}
	e.Start = from.text
	if e.End == "" {
		e.End = to.text
	}
}

func (s *sink) kindCell(e *Entry, cell string) {
	if typ, ok := kindWords[Fold(cell)]; ok {
		e.Type = typ
		return
	}
	e.Type = ""
	for _, w := range strings.Fields(Fold(cell)) {
		if typ, ok := kindWords[w]; ok {
			e.Type = typ
			break
		}
	}
	if e.Type == "" {
		s.warn(e.Where, "intake.kind_unknown", "text", quote(cell))
	}
	e.Tags = append(e.Tags, cell)
}

func (s *sink) contactRow(r record, h header) {
	e := Entry{Kind: KindContact, Card: &Card{}, Where: s.at(r.line)}
	var last, first string
	var more []string
	for i, cell := range r.cells {
		cell = UnsafeCell(cell)
		if strings.TrimSpace(cell) == "" || i >= len(h.columns) {
			continue
		}
		switch h.columns[i] {
		case colName:
			last = cell
		case colFirstName:
			first = cell
		case colEmail:
			e.Card.Emails = append(e.Card.Emails, SplitCell(cell)...)
		case colPhone:
			e.Card.Phones = append(e.Card.Phones, SplitCell(cell)...)
		case colAddress:
			e.Card.Address = cell
		case colOrganisation:
			e.Organisation = cell
		case colTitle, colRole:
			e.Card.Role = cell
		case colPlace:
			e.Place = cell
		case colURL:
			e.URL = cell
		case colIgnored:
		default:
			more = append(more, strings.TrimSpace(h.names[i])+" : "+cell)
		}
	}
	e.Card.Name = joined(" ", first, last)
	e.Title, e.Narrative = e.Card.Name, strings.Join(more, "\n")
	s.add(e)
}

// readPaid reads yes and no in both languages, and the words for them.
func readPaid(t string) *bool {
	yes, no := true, false
	switch fold(t) {
	case "oui", "yes", "true", "vrai", "1", "x", "o", "y", "remunere", "remuneree", "paye", "payee", "paid", "salarie", "salariee":
		return &yes
	case "non", "no", "false", "faux", "0", "n", "benevole", "non remunere", "non remuneree", "unpaid", "gratuit", "volunteer", "non paye":
		return &no
	}
	if n, ok := readNumber(t); ok && n > 0 {
		return &yes
	}
	return nil
}

// readNumber reads a number as people write it: 1 234,56 €, 12.5, 17h30, 35 h.
func readNumber(t string) (float64, bool) {
	t = strings.ToLower(strings.TrimSpace(t))
	if h, m, ok := strings.Cut(t, "h"); ok && isDigits(strings.TrimSpace(h)) {
		hours, err := strconv.ParseFloat(strings.TrimSpace(h), 64)
		m = strings.TrimSpace(m)
		if len(m) == 2 && isDigits(m) && err == nil {
			minutes, err := strconv.ParseFloat(m, 64)
			return hours + minutes/60, err == nil && minutes < 60
		}
	}
	t = strings.TrimRight(strings.TrimFunc(t, func(r rune) bool { return !isDigit(r) && r != '-' && r != '.' && r != ',' }), ".,-")
	var b strings.Builder
	for _, r := range t {
		switch {
		case isDigit(r) || r == '-' && b.Len() == 0:
			b.WriteRune(r)
		case r == '.' || r == ',':
			b.WriteRune(r)
		case r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\u2009' || r == '\'' || r == '’':
		default:
			return 0, false
		}
	}
	n, err := strconv.ParseFloat(decimalPoint(b.String()), 64)
	return n, err == nil
}

// decimalPoint makes 1.234,56 and 1,234.56 both 1234.56: the last sign of two
// different ones is the decimal one; a sign that occurs twice groups thousands.
func decimalPoint(t string) string {
	dot, comma := strings.LastIndexByte(t, '.'), strings.LastIndexByte(t, ',')
	switch {
	case dot >= 0 && comma > dot:
		return strings.ReplaceAll(strings.ReplaceAll(t, ".", ""), ",", ".")
	case comma >= 0 && dot > comma:
		return strings.ReplaceAll(t, ",", "")
	case strings.Count(t, ",") > 1:
		return strings.ReplaceAll(t, ",", "")
	case strings.Count(t, ".") > 1:
		return strings.ReplaceAll(t, ".", "")
	}
	return strings.ReplaceAll(t, ",", ".")
}
