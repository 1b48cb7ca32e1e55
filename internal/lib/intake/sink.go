package intake

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sink collects what a file gives, within the limits, and remembers what it has
// already seen.
type sink struct {
	ctx  context.Context //nolint:containedctx // a sink lives as long as one Read
	rep  *Report
	opt  Options
	part string // the file of an archive being read; empty outside

	seen     map[string]Where // content of an entry, to where it first stood
	ordinal  map[string]int   // how many different entries share a natural key
	full     bool
	tried    int
	controls int // control characters removed
	firstBad Where
	archive  bool // inside an archive: no archive within
	platform *platform
}

// at is a place in the part being read.
func (s *sink) at(line int) Where { return Where{Part: s.part, Line: line} }

// on is a member in the part being read.
func (s *sink) on(n node) Where { return Where{Part: s.part, Path: n.path} }

func (s *sink) skip(w Where, key string, args ...any) {
	w.Part = s.part
	s.skipAt(w, key, args...)
}

func (s *sink) skipAt(w Where, key string, args ...any) {
	if len(s.rep.Skipped) >= maxNotes {
		s.rep.moreSkips++
		return
	}
	s.rep.Skipped = append(s.rep.Skipped, Skip{w, Note{key, args}})
}

func (s *sink) warn(w Where, key string, args ...any) {
	w.Part = s.part
	if len(s.rep.Warnings) >= maxNotes {
		s.rep.moreWarnings++
		return
	}
	s.rep.Warnings = append(s.rep.Warnings, Warning{w, Note{key, args}})
}

// finish says what was counted but not listed.
func (s *sink) finish() {
	s.platformDone()
	s.part = ""
	if s.controls > 0 {
		s.rep.Warnings = append(s.rep.Warnings,
			Warning{s.firstBad, Note{"intake.controls_removed", []any{"count", s.controls}}})
	}
	if n := s.rep.moreWarnings; n > 0 {
		s.rep.Warnings = append(s.rep.Warnings, Warning{Where{}, Note{"intake.more_not_listed", []any{"count", n}}})
	}
	if n := s.rep.moreSkips; n > 0 {
		s.rep.Skipped = append(s.rep.Skipped, Skip{Where{}, Note{"intake.more_not_listed", []any{"count", n}}})
	}
	if len(s.rep.Entries) == 0 && len(s.rep.Skipped) == 0 && s.rep.Format != FormatMusette {
		s.rep.Skipped = append(s.rep.Skipped, Skip{Where{}, Note{"intake.nothing_in_it", nil}})
	}
}

// room reports whether another entry may come; the first refusal is said.
func (s *sink) room(w Where) bool {
	if s.tried++; len(s.rep.Entries) < MaxEntries && s.tried <= maxTries {
		return true
	}
	if !s.full {
		s.full = true
		s.skip(w, "intake.too_many", "max", MaxEntries)
	}
	return false
}

// add tidies an entry, gives it its key and keeps it, unless the same stands
// already in the file.
func (s *sink) add(e Entry) {
	e.Where.Part = s.part
	if !s.room(e.Where) {
		return
	}
	s.tidy(&e)
	if e.Title == "" && e.Kind != KindProfile {
		s.skip(e.Where, "intake.no_title")
		return
	}
	base := KeyOf(&e)
	content := base + contentOf(&e)
	if first, twice := s.seen[content]; twice {
		s.skip(e.Where, "intake.twice", "first", first.String())
		return
	}
	s.seen[content] = e.Where
	s.ordinal[base]++
	e.Key = base
	if n := s.ordinal[base]; n > 1 {
		e.Key += "#" + strconv.Itoa(n)
	}
	if e.Kind == KindActivity && e.Start == "" {
		s.warn(e.Where, "intake.no_date", "title", quote(e.Title))
	}
	s.rep.Entries = append(s.rep.Entries, e)
}

// tidy brings the texts of an entry into the shapes every reader may rely on: no
// control characters, no space around, one line where there is one line, within
// the limits.
func (s *sink) tidy(e *Entry) {
	line := func(p *string) { *p = s.cut(e.Where, s.oneLine(e.Where, *p), maxLine) }
	for _, p := range []*string{&e.Organisation, &e.Place, &e.WithWhom, &e.Purpose} {
		line(p)
	}
	e.Status = s.cut(e.Where, s.oneLine(e.Where, e.Status), maxStatus)
	if e.Title = s.oneLine(e.Where, e.Title); utf8.RuneCountInString(e.Title) > maxTitle {
		e.Narrative = joined("\n\n", e.Title, e.Narrative)
		e.Title = s.cut(e.Where, e.Title, maxTitle)
	}
	e.Narrative = s.cut(e.Where, s.lines(e.Where, e.Narrative), maxText)
	e.URL = webAddress(s.oneLine(e.Where, e.URL))
	for _, p := range []*[]string{&e.Tools, &e.Methods, &e.Tags} {
		*p = s.list(e.Where, *p)
	}
	if len(e.Facts) > maxFacts {
		e.Facts = e.Facts[:maxFacts]
		s.warn(e.Where, "intake.list_cut", "max", maxFacts)
	}
	facts := e.Facts[:0]
	for _, f := range e.Facts {
		if f.Value = s.cut(e.Where, s.oneLine(e.Where, f.Value), maxLine); f.Value != "" {
			facts = append(facts, f)
		}
	}
	e.Facts = facts
	if c := e.Card; c != nil {
		for _, p := range []*string{&c.Name, &c.Role, &c.Address, &c.Country, &c.Born} {
			line(p)
		}
		for _, p := range []*[]string{&c.Emails, &c.Phones, &c.Links} {
			*p = s.list(e.Where, *p)
		}
	}
	if e.Start != "" && e.End != "" && e.End < e.Start && !strings.HasPrefix(e.Start, e.End) {
		s.warn(e.Where, "intake.dates_swapped", "start", e.Start, "end", e.End)
		e.Start, e.End = e.End, e.Start
	}
}

// list tidies a list of words: no blanks, nothing twice.
func (s *sink) list(w Where, all []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, t := range all {
		t = s.cut(w, s.oneLine(w, t), maxWord)
		if t == "" || seen[t] {
			continue
		}
		if len(out) == maxList {
			s.warn(w, "intake.list_cut", "max", maxList)
			break
		}
		seen[t] = true
		out = append(out, t)
	}
	return out
}

// cut shortens a text to limit characters, and says so.
func (s *sink) cut(w Where, t string, limit int) string {
	if len(t) <= limit || utf8.RuneCountInString(t) <= limit {
		return t
	}
	s.warn(w, "intake.text_cut", "text", quote(t), "max", limit)
	return strings.TrimSpace(firstRunes(t, limit))
}

// lines removes control characters but tabs and line ends.
func (s *sink) lines(w Where, t string) string {
	return strings.TrimSpace(s.visible(w, t))
}

// oneLine is lines, with every run of white space that holds a line end or a tab
// made one space.
func (s *sink) oneLine(w Where, t string) string {
	t = s.lines(w, t)
	if !strings.ContainsAny(t, "\n\t") {
		return t
	}
	return strings.Join(strings.FieldsFunc(t, func(r rune) bool { return r == '\n' || r == '\t' }), " ")
}

// visible removes what no page can show: control characters and bytes that are no
// text. Line ends become \n. Everything else stays as typed.
func (s *sink) visible(w Where, t string) string {
	if clean(t) {
		return t
	}
	var b strings.Builder
	b.Grow(len(t))
	for i, r := range t {
		switch {
		case r == '\r':
			if i+1 >= len(t) || t[i+1] != '\n' {
				b.WriteByte('\n')
			}
		case isControl(r):
			if s.controls == 0 {
				s.firstBad = w
			}
			s.controls++
		default:
			b.WriteRune(r) // an invalid byte arrives here as U+FFFD
		}
	}
	return b.String()
}

// isControl holds for C0 and C1 controls but tab and line feed, and for the two
// separators that break scripts and calendars.
func isControl(r rune) bool {
	return r != '\n' && r != '\t' && unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}

func clean(t string) bool {
	if !utf8.ValidString(t) {
		return false
	}
	return !strings.ContainsFunc(t, func(r rune) bool { return r == '\r' || isControl(r) })
}

// quote is the beginning of a text, for a sentence that points at it.
func quote(t string) string {
	t = strings.Join(strings.Fields(t), " ")
	if utf8.RuneCountInString(t) > maxQuote {
		return firstRunes(t, maxQuote-1) + "…"
	}
	return t
}

func firstRunes(t string, n int) string {
	for i := range t {
		if n == 0 {
			return t[:i]
		}
		n--
	}
	return t
}

// webAddress is t if it is an address a page may link to, else empty.
func webAddress(t string) string {
	if hasPrefixFold(t, "http://") || hasPrefixFold(t, "https://") {
		return firstRunes(t, 2000)
	}
	if t != "" && !strings.ContainsAny(t, " :@") && strings.Contains(t, ".") && strings.HasPrefix(t, "www.") {
		return "https://" + t
	}
	return ""
}

// errEnough ends the reading of lines early, without a fault.
var errEnough = errors.New("enough")

func unlessEnough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
