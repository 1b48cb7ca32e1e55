package musette

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
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
	marks    map[string]mark
	weekly   map[float64]string // hours a week

	paid, unpaid, since string
}

func newSpeech(ctx context.Context, pack *Pack) *speech {
	return &speech{
		ctx: ctx, pack: pack, lang: i18n.Lang(ctx),
		kinds: map[Kind]string{}, statuses: map[string]string{}, marks: map[string]mark{}, weekly: map[float64]string{},
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

// mark is the drawn mark of a provenance.
type mark string

// Render implements templ.Component.
func (m mark) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, string(m))
	return err
}

// mark draws the mark of a provenance, once a page.
func (say *speech) mark(p gate.Provenance) mark {
	m, ok := say.marks[p.Source]
	if !ok {
		var b strings.Builder
		if err := web.Mark(provenance(p)).Render(say.ctx, &b); err != nil {
			return "" // a builder takes everything
		}
		m = mark(b.String())
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
	said, ok := say.weekly[h]
	if !ok {
		said = i18n.T(say.ctx, "musette.hours.week", "hours", i18n.Decimal(say.ctx, h, 1))
		say.weekly[h] = said
	}
	return said
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

// rows prepares a page of activities.
func (say *speech) rows(page []*Activity, pieces map[kernel.ItemID]int) []row {
	rows := make([]row, len(page))
	for i, a := range page {
		rows[i] = row{Activity: a, say: say, n: i + 1, pieces: pieces[a.ID]}
	}
	return rows
}

func (r *row) anchor() string { return "i" + strconv.Itoa(r.n) }

func (r *row) when() string { return i18n.Period(r.say.ctx, r.Start, r.End) }

func (r *row) mark() mark { return r.say.mark(r.Provenance) }

// told is the one line under a title.
func (r *row) told() string {
	if r.facts != "" {
		return r.facts
	}
	return r.say.facts(r.Activity)
}

func (r *row) tags() (tags [2]string) {
	tags[0] = r.say.paidOrNot(r.Paid)
	if r.pieces > 0 {
		tags[1] = i18n.N(r.say.ctx, "musette.pieces.count", r.pieces)
	}
	return tags
}

// brief is what an activity was, where and how much: what is not said is empty.
func (say *speech) brief(a *Activity) [4]string {
	first := ""
	if a.Status != "" {
		first = say.status(a.Status)
	} else {
		first = say.kind(a.Kind)
	}
	return [4]string{first, a.Organisation, a.Place, say.hours(a.HoursPerWeek)}
}

// facts is brief as one line.
func (say *speech) facts(a *Activity) string {
	brief := say.brief(a)
	return strings.Join(slices.DeleteFunc(brief[:], func(s string) bool { return s == "" }), ", ")
}

// shortMonths are the names of months under the timeline of a year.
func shortMonths(ctx context.Context) (names [12]string) {
	copy(names[:], strings.Fields(i18n.T(ctx, "musette.months")))
	return names
}
