package musette

import (
	"context"
	"io"
	"strconv"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// speech says what activities hold in the reader's language and with her pack. It
// says each word once and remembers it: a page says the same few words two hundred
// times.
type speech struct {
	ctx  context.Context
	pack *Pack
	lang string

	kinds    map[Kind]string
	statuses map[string]string
	marks    map[string]templ.Component

	paid, unpaid, since string
}

func newSpeech(ctx context.Context, pack *Pack) *speech {
	return &speech{
		ctx: ctx, pack: pack, lang: i18n.Lang(ctx),
		kinds: map[Kind]string{}, statuses: map[string]string{}, marks: map[string]templ.Component{},
		paid: i18n.T(ctx, "musette.paid.yes"), unpaid: i18n.T(ctx, "musette.paid.no"), since: i18n.T(ctx, "musette.since"),
	}
}

// kindKeys are the names of the kinds where a pack has none of its own.
var kindKeys = map[Kind]string{
	Job: "musette.kind.job", Mission: "musette.kind.mission", Volunteering: "musette.kind.volunteering", Care: "musette.kind.care",
	Learning: "musette.kind.learning", Mandate: "musette.kind.mandate", Project: "musette.kind.project", Other: "musette.kind.anything",
}

func (say *speech) kind(k Kind) string {
	if said, ok := say.kinds[k]; ok {
		return said
	}
	said := i18n.T(say.ctx, kindKeys[k])
	if w, ok := say.pack.Kinds[k]; ok {
		said = w.In(say.lang)
	}
	say.kinds[k] = said
	return said
}

func (say *speech) status(id string) string {
	if said, ok := say.statuses[id]; ok {
		return said
	}
	said := say.pack.term(vocStatuses, id, say.lang)
	say.statuses[id] = said
	return said
}

// label is the name of a field: the pack's own, or the message's.
func (say *speech) label(field, key string) string {
	if w, ok := say.pack.Labels[field]; ok {
		return w.In(say.lang)
	}
	return i18n.T(say.ctx, key)
}

// mark is the mark of a provenance, drawn once a page.
func (say *speech) mark(p gate.Provenance) templ.Component {
	m, ok := say.marks[p.Source]
	if !ok {
		var b strings.Builder
		if err := web.Mark(provenance(p)).Render(say.ctx, &b); err != nil {
			return web.Mark(provenance(p))
		}
		drawn := b.String()
		m = templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, drawn)
			return err
		})
		say.marks[p.Source] = m
	}
	return m
}

func (say *speech) paidOrNot(paid *bool) string {
	switch {
	case paid == nil:
		return ""
	case *paid:
		return say.paid
	}
	return say.unpaid
}

func (say *speech) hours(h float64) string {
	if h == 0 {
		return ""
	}
	return i18n.T(say.ctx, "musette.hours.week", "hours", i18n.Decimal(say.ctx, h, 1))
}

// note is what a bar of the timeline says besides its label: "2003–2009, payé".
func (say *speech) note(a *Activity) string {
	from, to := a.start/10000, a.end/10000
	b := make([]byte, 0, 32)
	if to == 0 {
		b = append(b, say.since...)
		b = append(b, ' ')
	}
	b = strconv.AppendInt(b, int64(from), 10)
	if to > from {
		b = append(b, "–"...)
		b = strconv.AppendInt(b, int64(to), 10)
	}
	if paid := say.paidOrNot(a.Paid); paid != "" {
		b = append(b, ", "...)
		b = append(b, paid...)
	}
	return string(b)
}

// rows says a page of activities.
func (say *speech) rows(page []*Activity, pieces map[kernel.ItemID]int) []row {
	rows := make([]row, len(page))
	for i, a := range page {
		rows[i] = row{
			Anchor: "i" + strconv.Itoa(i+1), Path: itemPath(a.ID), When: i18n.Period(say.ctx, a.Start, a.End), Title: a.Title,
			Facts: say.facts(a), Mark: say.mark(a.Provenance), Paid: say.paidOrNot(a.Paid),
		}
		if n := pieces[a.ID]; n > 0 {
			rows[i].Pieces = i18n.N(say.ctx, "musette.pieces.count", n)
		}
	}
	return rows
}

// facts is the one line under a title: what it was, where, how much.
func (say *speech) facts(a *Activity) string {
	first := say.kind(a.Kind)
	if a.Status != "" {
		first = say.status(a.Status)
	}
	b := make([]byte, 0, 96)
	b = append(b, first...)
	for _, more := range [...]string{a.Organisation, a.Place, say.hours(a.HoursPerWeek)} {
		if more != "" {
			b = append(append(b, ", "...), more...)
		}
	}
	return string(b)
}

// shortMonths are the names of months under the timeline of a year.
func shortMonths(ctx context.Context) (names [12]string) {
	copy(names[:], strings.Fields(i18n.T(ctx, "musette.months")))
	return names
}
