package musette

import (
	"errors"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"

	"github.com/fxamacker/cbor/v2"
)

// Kind is what sort of activity it is. Paid and unpaid are of all kinds.
type Kind string

// The kinds.
const (
	Job          Kind = "job"
	Mission      Kind = "mission"
	Volunteering Kind = "volunteering"
	Care         Kind = "care"
	Learning     Kind = "learning"
	Mandate      Kind = "mandate"
	Project      Kind = "project"
	Other        Kind = "other"
)

// Kinds lists the kinds in the order in which they are offered.
var Kinds = []Kind{Job, Mission, Volunteering, Care, Learning, Mandate, Project, Other}

// IsActivity reports whether a view's kind is one of an activity.
func IsActivity(kind string) bool {
	switch Kind(kind) {
	case Job, Mission, Volunteering, Care, Learning, Mandate, Project, Other:
		return true
	}
	return false
}

// Limits of an activity, in characters, entries and hours.
const (
	titleMost  = 200
	lineMost   = 300
	storyMost  = 20_000
	statusMost = 80
	listMost   = 50
	wordMost   = 200
	hoursMost  = 7 * 24
)

// Content is what a person says of an activity. Title, Kind and Start are enough.
type Content struct {
	Title        string
	Kind         Kind
	Start, End   kernel.Date // an unknown End means that it goes on
	Organisation string
	Place        string
	WithWhom     string
	Purpose      string
	Paid         *bool // nil: she does not say
	Status       string
	HoursPerWeek float64 // 0: she does not say
	Narrative    string
	Tools        []string
	Methods      []string
	Tags         []string
}

// Activity is something a person did or does, as it is kept.
type Activity struct {
	ID         kernel.ItemID
	Version    int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Provenance gate.Provenance
	Returned   []gate.Fact // figures of the file it was imported from; never edited
	Content

	start, end int // as ordinal, to sort and select by
}

var (
	errNoTitle   = kernel.NewFault(kernel.Invalid, "musette.title.missing").On("title")
	errKind      = kernel.NewFault(kernel.Invalid, "musette.kind.unknown").On("kind")
	errNoStart   = kernel.NewFault(kernel.Invalid, "musette.start.missing").On("start")
	errEndBefore = kernel.NewFault(kernel.Invalid, "musette.end.before_start").On("end")
	errHours     = kernel.NewFault(kernel.Invalid, "musette.hours.range").On("hours_per_week").With("max", hoursMost)
	errDate      = kernel.NewFault(kernel.Invalid, "musette.date.form")
	errLong      = kernel.NewFault(kernel.Invalid, "musette.text.long")
	errSigns     = kernel.NewFault(kernel.Invalid, "musette.text.signs")
	errMany      = kernel.NewFault(kernel.Invalid, "musette.list.many").With("max", listMost)
)

// Check says everything that is wrong with what was said, each fault on its field.
// undated allows an unknown start: an imported entry may have none.
func (c *Content) Check(undated bool) error {
	var wrong []error
	note := func(err error) {
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	if strings.TrimSpace(c.Title) == "" {
		note(errNoTitle)
	}
	note(text("title", c.Title, titleMost))
	if !IsActivity(string(c.Kind)) {
		note(errKind)
	}
	note(c.checkPeriod(undated))
	note(text("organisation", c.Organisation, lineMost))
	note(text("place", c.Place, lineMost))
	note(text("with_whom", c.WithWhom, lineMost))
	note(text("purpose", c.Purpose, lineMost))
	note(text("status", c.Status, statusMost))
	if math.IsNaN(c.HoursPerWeek) || c.HoursPerWeek < 0 || c.HoursPerWeek > hoursMost {
		note(errHours)
	}
	note(text("narrative", c.Narrative, storyMost))
	note(words("tools", c.Tools))
	note(words("methods", c.Methods))
	note(words("tags", c.Tags))
	return errors.Join(wrong...)
}

func (c *Content) checkPeriod(undated bool) error {
	start, end := ordinal(c.Start), ordinal(c.End)
	switch {
	case start < 0:
		return errDate.On("start")
	case end < 0:
		return errDate.On("end")
	case start == 0 && !undated:
		return errNoStart
	case start > 0 && end > 0 && c.End.Last().Before(c.Start.First()):
		return errEndBefore
	}
	return nil
}

// text says what is wrong with a text: it is longer than max characters, or holds
// signs that no text holds.
func text(field, s string, most int) error {
	switch {
	case strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s):
		return errSigns.On(field)
	case len(s) > most && utf8.RuneCountInString(s) > most:
		return errLong.With("max", most).On(field)
	}
	return nil
}

func words(field string, list []string) error {
	if len(list) > listMost {
		return errMany.On(field)
	}
	for _, w := range list {
		if err := text(field, w, wordMost); err != nil {
			return err
		}
	}
	return nil
}

// ordinal places a date among others: a bare year counts as its 1 January. It is 0
// for the unknown date and negative for what is no date.
func ordinal(d kernel.Date) int {
	if d == "" {
		return 0
	}
	if len(d) != 4 && len(d) != 7 && len(d) != 10 {
		return -1
	}
	parts := [3]int{0, 1, 1} // year, month, day
	n := 0
	for i := range len(d) {
		switch c := d[i]; {
		case i == 4 || i == 7:
			if c != '-' {
				return -1
			}
			n++
			parts[n] = 0
		case c < '0' || c > '9':
			return -1
		default:
			parts[n] = parts[n]*10 + int(c-'0')
		}
	}
	year, month, day := parts[0], parts[1], parts[2]
	if year < 1000 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return -1
	}
	return year*10000 + month*100 + day
}

// daysIn is the length of a month of the Gregorian calendar.
func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// newerFirst orders activities by start, newest first, then by id; an unknown start
// comes last.
func newerFirst(a, b *Activity) int {
	if a.start != b.start {
		return b.start - a.start
	}
	return strings.Compare(string(a.ID), string(b.ID))
}

// Ongoing reports whether the activity goes on at a day: it has begun, and its end
// is unknown or not over.
func (a *Activity) Ongoing(today time.Time) bool {
	day := dayNumber(today)
	if a.start == 0 || a.start > day {
		return false
	}
	return a.end == 0 || dayNumber(a.End.Last()) >= day
}

// dayNumber is the ordinal of a calendar day.
func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return y*10000 + int(m)*100 + d
}

// IsPaid reports whether she said that it is paid.
func (c *Content) IsPaid() bool { return c.Paid != nil && *c.Paid }

// room is where the vault keeps what this context understands.
const room = "musette"

// Prefixes of the ids of what a musette holds.
const (
	activityPrefix = "act"
	piecePrefix    = "pce"
)

func has(id kernel.ItemID, prefix string) bool {
	return len(id) > len(prefix) && id[len(prefix)] == '_' && string(id[:len(prefix)]) == prefix
}

// activityRest is what the view of an activity has no place for.
type activityRest struct {
	Tools   []string `cbor:"1,keyasint,omitempty"`
	Methods []string `cbor:"2,keyasint,omitempty"`
}

// item is the activity as the vault takes it; version is the one it replaces.
func (c *Content) item(id kernel.ItemID, version int64, from gate.Provenance) (gate.Item, error) {
	it := gate.Item{ID: id, Room: room, Version: version, View: gate.View{
		Kind: string(c.Kind), Title: c.Title, Start: string(c.Start), End: string(c.End),
		Organisation: c.Organisation, Place: c.Place, WithWhom: c.WithWhom, Purpose: c.Purpose,
		Status: c.Status, Text: c.Narrative, Paid: c.Paid, Hours: c.HoursPerWeek, Tags: said(c.Tags),
		Provenance: from,
	}}
	tools, methods := said(c.Tools), said(c.Methods)
	if len(tools)+len(methods) == 0 {
		return it, nil
	}
	var err error
	it.Body, err = cbor.Marshal(activityRest{Tools: tools, Methods: methods})
	return it, err
}

// said drops the entries of a list that say nothing.
func said(list []string) []string {
	var kept []string
	for _, w := range list {
		if strings.TrimSpace(w) != "" {
			kept = append(kept, w)
		}
	}
	return kept
}

// activityOf reads an item of the vault.
func activityOf(it *gate.Item) (*Activity, error) {
	v := &it.View
	a := &Activity{
		ID: it.ID, Version: it.Version, CreatedAt: it.CreatedAt, UpdatedAt: it.UpdatedAt, Provenance: v.Provenance, Returned: v.Facts,
		Content: Content{
			Title: v.Title, Kind: Kind(v.Kind), Start: kernel.Date(v.Start), End: kernel.Date(v.End),
			Organisation: v.Organisation, Place: v.Place, WithWhom: v.WithWhom, Purpose: v.Purpose,
			Paid: v.Paid, Status: v.Status, HoursPerWeek: v.Hours, Narrative: v.Text, Tags: v.Tags,
		},
	}
	a.start, a.end = max(0, ordinal(a.Start)), max(0, ordinal(a.End))
	if len(it.Body) == 0 {
		return a, nil
	}
	var body activityRest
	if err := cbor.Unmarshal(it.Body, &body); err != nil {
		return nil, unreadable(it.ID, err)
	}
	a.Tools, a.Methods = body.Tools, body.Methods
	return a, nil
}
