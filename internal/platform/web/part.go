package web

import (
	"context"
	"io"
	"net/url"
	"strings"
	"time"

	"digiwork/internal/platform/i18n"

	"github.com/a-h/templ"
)

// Provenance is where an item comes from. It names a source, never a rank.
type Provenance string

// The sources.
const (
	Told     Provenance = "told"     // the person says so
	Imported Provenance = "imported" // a file of hers says so
	Peers    Provenance = "peers"    // people who saw it signed
	Seal     Provenance = "seal"     // an organisation signed, and it can be verified
)

var provenances = map[Provenance]struct{ class, icon, key string }{
	Told:     {"mark-told", "told", "web.mark.told"},
	Imported: {"mark-told", "down", "web.mark.imported"},
	Peers:    {"mark-peers", "peers", "web.mark.peers"},
	Seal:     {"mark-seal", "seal", "web.mark.seal"},
}

// known is p, or Told: what we do not know is what the person says.
func (p Provenance) known() Provenance {
	if _, ok := provenances[p]; ok {
		return p
	}
	return Told
}

// Mark says where an item comes from: a shape, a word, then a colour. It names a
// source and never a rank.
func Mark(p Provenance) templ.Component {
	m := provenances[p.known()]
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return write(w, `<span class="mark `, m.class, `">`, icons()[false][m.icon], templ.EscapeString(i18n.T(ctx, m.key)), `</span>`)
	})
}

// Tag is a word beside a thing.
func Tag(word string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		return write(w, `<span class="tag">`, templ.EscapeString(word), `</span>`)
	})
}

// write is for what a page holds hundreds of, where a template would cost more than
// what it writes.
func write(w io.Writer, pieces ...string) error {
	for _, s := range pieces {
		if _, err := io.WriteString(w, s); err != nil {
			return err
		}
	}
	return nil
}

// Fact is a term and what it is: Text, or Body where it holds a link or a mark. A
// Fact with neither is left out.
type Fact struct {
	Term, Text string
	Body       templ.Component
}

// Ticket is a pass as its owner sees it.
type Ticket struct {
	ID      string // of its title, unique in the page
	Icon    string // "link", "person", "people"
	Via     string // "Par un lien"
	Title   string
	Purpose string // in her words; quotes are added
	Note    string // what it shows and does not
	Opened  string
	Ends    string // the date, first
	Left    string // the days left, second
	Looks   string
	Action  templ.Component // the form that withdraws it
	Spent   bool
}

func (t Ticket) hasStub() bool {
	return t.Opened != "" || t.Ends != "" || t.Looks != "" || t.Action != nil
}

// Day is a day of a journal.
type Day struct {
	Date  time.Time
	Lines []Line
}

// Line is one line of it.
type Line struct {
	At      time.Time
	Said    templ.Component // often Strong
	Refused bool
}

// Days groups lines, newest first, by the reader's calendar days.
func Days(ctx context.Context, lines []Line) []Day {
	var days []Day
	last := ""
	for _, l := range lines {
		day := l.At.In(i18n.Zone(ctx)).Format(time.DateOnly)
		if day != last {
			days, last = append(days, Day{Date: l.At}), day
		}
		d := &days[len(days)-1]
		d.Lines = append(d.Lines, l)
	}
	return days
}

// Strong says key with one hole in strong letters: the name in a line of the
// journal. It says it in the language of the page it stands on.
func Strong(key, hole, value string, pairs ...any) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		const mark = "\x00"
		said := i18n.T(ctx, key, append([]any{hole, mark}, pairs...)...)
		before, after, _ := strings.Cut(said, mark)
		return write(w, templ.EscapeString(before), "<strong>", templ.EscapeString(value), "</strong>", templ.EscapeString(after))
	})
}

// Text is a component of plain words.
func Text(words string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		return write(w, templ.EscapeString(words))
	})
}

// withCursor puts the cursor into the query of path.
func withCursor(path, cursor string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	q := u.Query()
	q.Set("cursor", cursor)
	u.RawQuery = q.Encode()
	return u.String()
}

// Confirmation is a question before an act.
type Confirmation struct {
	DoesIcon, DoesTitle   string
	Does                  []string // what will be
	KeepsIcon, KeepsTitle string
	Keeps                 []string // what will not
	Fields                templ.Component
	Action                string // where the form is posted
	Do                    string // the button: what it does, in full
	Instead               Link   // the other way out
	Stop                  bool   // the act destroys or withdraws
	Note                  string // limits: what cannot be taken back
}

// Chart is a drawing at two or three widths with its table.
type Chart struct {
	ID        string // of the caption
	Caption   string
	Class     string // "sheet" where it lies on a sheet
	Narrow    templ.Component
	Mid, Wide templ.Component // may be nil
	TableName string
	Table     templ.Component // may be nil when the table stands beside
}
