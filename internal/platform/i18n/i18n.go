// Package i18n turns message keys into sentences, and dates, counts and sizes into
// words, in the reader's language.
//
// French is written first, English equal. Messages are typed with ordinary spaces
// and straight or curly apostrophes; the catalog sets them once, when it is read
// (see lib/typography). What fills a hole is left as it is: it may be a person's
// own word.
//
// The language comes from the context of the request, never from a variable that
// requests share: With chooses it from the actor, In changes it for one text (a
// mail to somebody else).
package i18n

import (
	"context"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/kernel"
)

// Langs are the languages every key must have; the first is the default.
var Langs = []string{"fr", "en"}

// Known returns lang if the program speaks it, and French otherwise.
func Known(lang string) string {
	if lang == "en" {
		return "en"
	}
	return "fr"
}

// voice is the one context value that a sentence needs.
type voice struct {
	catalog *Catalog
	lexicon *lexicon
	lang    string
	french  bool
	zone    *time.Location
}

type voiceKey struct{}

// mute speaks when a context has no catalog: it says keys, and dates in French.
var mute = &voice{catalog: &Catalog{}, lexicon: &lexicon{}, lang: "fr", french: true, zone: time.UTC}

// With lets the program speak in the actor's language and time zone. The actor
// must already be in ctx.
func With(ctx context.Context, c *Catalog) context.Context {
	a := kernel.ActorFrom(ctx)
	lang := Known(a.Lang)
	return context.WithValue(ctx, voiceKey{}, &voice{catalog: c, lexicon: c.lexicon(lang), lang: lang, french: lang == "fr", zone: location(a)})
}

// In speaks lang from here on, with the same catalog and time zone.
func In(ctx context.Context, lang string) context.Context {
	v := *from(ctx)
	v.lang = Known(lang)
	v.french = v.lang == "fr"
	v.lexicon = v.catalog.lexicon(v.lang)
	return context.WithValue(ctx, voiceKey{}, &v)
}

// At tells times in another zone from here on.
func At(ctx context.Context, zone *time.Location) context.Context {
	v := *from(ctx)
	v.zone = zone
	return context.WithValue(ctx, voiceKey{}, &v)
}

// Lang is the language spoken: "fr" or "en".
func Lang(ctx context.Context) string { return from(ctx).lang }

// Zone is the time zone in which times are told.
func Zone(ctx context.Context) *time.Location { return from(ctx).zone }

func from(ctx context.Context) *voice {
	if v, ok := ctx.Value(voiceKey{}).(*voice); ok {
		return v
	}
	return mute
}

// T says key; pairs fill its holes: T(ctx, "circle.welcome", "name", c.Name).
// A key that does not exist is said as it is and remembered by Catalog.Missing.
func T(ctx context.Context, key string, pairs ...any) string {
	v := from(ctx)
	m, ok := v.lexicon.messages[key]
	if !ok {
		v.catalog.miss(key)
		return key
	}
	return m.fill(v, pairs)
}

// Has reports whether key exists.
func Has(ctx context.Context, key string) bool {
	_, ok := from(ctx).lexicon.messages[key]
	return ok
}

// N says key+".one" or key+".other" by the rule of the language: French counts
// zero as singular, English as plural. key+".zero", where it exists, is said for
// none. The hole {n} holds the count, grouped by thousands.
func N(ctx context.Context, key string, n int, pairs ...any) string {
	v := from(ctx)
	p, ok := v.lexicon.counted[key]
	if !ok {
		v.catalog.miss(key + ".other")
		return key
	}
	m := p.other
	switch {
	case n == 0 && p.zero != nil:
		m = p.zero
	case n == 1 || n == 0 && v.french:
		m = p.one
	}
	if len(m.holes) == 0 {
		return m.text
	}
	return m.fill(v, append([]any{"n", number(v, int64(n))}, pairs...))
}

// fill puts the pairs into the holes.
func (m *message) fill(v *voice, pairs []any) string {
	if len(m.holes) == 0 {
		return m.text
	}
	var small [256]byte
	b := small[:0]
	for i, hole := range m.holes {
		b = append(b, m.pieces[i]...)
		b = hole.from(b, v, pairs)
	}
	b = append(b, m.pieces[len(m.holes)]...)
	return string(b)
}

// from writes the value of the hole; an unfilled hole is shown as typed.
func (h hole) from(b []byte, v *voice, pairs []any) []byte {
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, _ := pairs[i].(string); name != string(h) {
			continue
		}
		switch x := pairs[i+1].(type) {
		case string:
			return append(b, x...)
		case int:
			return strconv.AppendInt(b, int64(x), 10)
		case int64:
			return strconv.AppendInt(b, x, 10)
		case kernel.Date:
			return append(b, date(v, x)...)
		default:
			return append(b, sprint(x)...)
		}
	}
	return append(append(append(b, '{'), h...), '}')
}

// List joins things: "a, b et c", "a, b and c".
func List(ctx context.Context, things ...string) string {
	and := " and "
	if from(ctx).french {
		and = " et "
	}
	switch n := len(things); n {
	case 0:
		return ""
	case 1:
		return things[0]
	default:
		return strings.Join(things[:n-1], ", ") + and + things[n-1]
	}
}
