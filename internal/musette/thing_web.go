package musette

import (
	"context"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
)

// thing is anything a musette holds, said in the reader's language: what the pages
// that do not care what it is need to know.
type thing struct {
	ID         kernel.ItemID
	Version    int64
	Name       string
	Lines      []line
	UpdatedAt  time.Time
	CreatedAt  time.Time
	Provenance gate.Provenance
	Never      bool
	Up         string // path of the list it is in
	UpText     string
}

// line is one thing said of a thing.
type line struct {
	Name, Label, Text string
	Long              bool   // several lines, in her own voice
	Steps             bool   // each line is a step
	Names             *Shape // each line names a thing of this shape, which may be kept too
}

// thing reads any item of the room.
func (say *speech) thing(it *gate.Item) (thing, error) {
	t := thing{ID: it.ID, Version: it.Version, UpdatedAt: it.UpdatedAt, CreatedAt: it.CreatedAt, Provenance: it.View.Provenance, Never: it.View.Never}
	switch {
	case has(it.ID, activityPrefix):
		a, err := activityOf(it)
		if err != nil {
			return t, err
		}
		t.Name, t.Lines = a.Title, say.activityLines(a)
		t.Up, t.UpText = home, i18n.T(say.ctx, "musette.up")
		return t, nil
	case has(it.ID, piecePrefix):
		p, err := pieceOf(it)
		if err != nil {
			return t, err
		}
		t.Name, t.Lines = p.Name(), say.pieceLines(p)
		t.Up, t.UpText = piecesAt, i18n.T(say.ctx, "musette.piece.many")
		return t, nil
	case has(it.ID, letterPrefix):
		l, err := letterOf(it)
		if err != nil {
			return t, err
		}
		t.Name, t.Lines = l.Name(), say.letterLines(l)
		t.Up, t.UpText = lettersAt, i18n.T(say.ctx, "musette.letter.many")
		return t, nil
	}
	e, ok := entryOf(it)
	if !ok {
		return t, errNoItem
	}
	t.Name, t.Lines = e.Name(), say.entryLines(e)
	t.Up, t.UpText = keptPath+"/"+e.Shape.Name, i18n.T(say.ctx, e.Shape.ManyKey)
	return t, nil
}

func (say *speech) activityLines(a *Activity) []line {
	ctx := say.ctx
	return []line{
		{Name: "title", Label: i18n.T(ctx, "musette.field.title"), Text: a.Title},
		{Name: "when", Label: i18n.T(ctx, "musette.field.when"), Text: sentence(i18n.Period(ctx, a.Start, a.End))},
		{Name: "with_whom", Label: i18n.T(ctx, "musette.field.with_whom"), Text: a.WithWhom},
		{Name: "place", Label: i18n.T(ctx, "musette.field.place"), Text: a.Place},
		{Name: "purpose", Label: i18n.T(ctx, "musette.field.purpose"), Text: a.Purpose},
		{Name: "kind", Label: i18n.T(ctx, "musette.field.kind"), Text: say.kind(a.Kind)},
		{Name: "paid", Label: i18n.T(ctx, "musette.filter.paid"), Text: sentence(say.paidOrNot(a.Paid))},
		{Name: "status", Label: say.label("status", "musette.field.status"), Text: say.status(a.Status)},
		{Name: "organisation", Label: say.label("organisation", "musette.field.organisation"), Text: a.Organisation},
		{Name: "hours_per_week", Label: i18n.T(ctx, "musette.field.hours"), Text: say.hours(a.HoursPerWeek)},
		{Name: "narrative", Label: i18n.T(ctx, "musette.field.narrative"), Text: a.Narrative, Long: true},
		{Name: "tools", Label: i18n.T(ctx, "musette.field.tools"), Text: strings.Join(a.Tools, "\n"), Long: true, Names: tool},
		{Name: "methods", Label: i18n.T(ctx, "musette.field.methods"), Text: strings.Join(a.Methods, "\n"), Long: true, Names: method},
		{Name: "tags", Label: i18n.T(ctx, "musette.field.tags"), Text: strings.Join(a.Tags, ", ")},
	}
}

// sentence begins with a capital letter.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

func (say *speech) entryLines(e *Entry) []line {
	all := make([]line, len(e.Shape.Fields))
	for i, f := range e.Shape.Fields {
		all[i] = line{Name: f.Name, Label: say.label(f.Name, f.Key), Text: say.fieldText(&f, e.Values[i]), Long: f.Input == Lines || f.Input == Steps, Steps: f.Input == Steps}
	}
	return all
}

// fieldText says a value as a person reads it.
func (say *speech) fieldText(f *Field, value string) string {
	switch f.Input {
	case Day:
		return i18n.Date(say.ctx, kernel.Date(value))
	case Choice:
		return say.pack.term(f.Vocabulary, value, say.lang)
	case Week:
		return i18n.List(say.ctx, say.days(value)...)
	case Prompt:
		if key, ok := promptKeys[value]; ok {
			return i18n.T(say.ctx, key)
		}
	case Line, Lines, Steps, Link, Mail, Phone:
	}
	return value
}

// promptKeys are what a note may be about.
var promptKeys = map[string]string{"learned": "musette.prompt.learned", "wears": "musette.prompt.wears", "want": "musette.prompt.want"}

// days names the days of a week field, Monday first.
func (say *speech) days(value string) []string {
	names := strings.Fields(i18n.T(say.ctx, "musette.days"))
	var all []string
	for i, name := range names {
		if strings.Contains(value, strconv.Itoa(i)) {
			all = append(all, name)
		}
	}
	return all
}

func (say *speech) pieceLines(p *Piece) []line {
	ctx := say.ctx
	lines := []line{
		{Name: "title", Label: i18n.T(ctx, "musette.piece.title"), Text: p.Title},
		{Name: "url", Label: i18n.T(ctx, "musette.piece.url"), Text: p.URL},
		{Name: "date", Label: i18n.T(ctx, "musette.piece.date"), Text: i18n.Date(ctx, p.Date)},
		{Name: "author", Label: i18n.T(ctx, "musette.piece.author"), Text: p.Author},
	}
	if p.Blob != nil {
		lines = append(lines,
			line{Name: "file", Label: i18n.T(ctx, "musette.piece.file"), Text: p.Blob.Name},
			line{Name: "size", Label: i18n.T(ctx, "musette.piece.size"), Text: i18n.Size(ctx, p.Blob.Size)},
		)
	}
	return lines
}

// change is a line that differs between two versions.
type change struct{ Label, Was, Now string }

// changes lists what differs from one version to another.
func changes(was, now []line) []change {
	var all []change
	for _, n := range now {
		before := ""
		for _, w := range was {
			if w.Name == n.Name {
				before = w.Text
			}
		}
		if before != n.Text {
			all = append(all, change{n.Label, before, n.Text})
		}
	}
	return all
}

// tableName names the region of a table, which is not the section it stands in.
func tableName(ctx context.Context, key string) string {
	return i18n.T(ctx, "musette.table.of", "what", i18n.T(ctx, key))
}
