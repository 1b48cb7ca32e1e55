package taxonomy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// draft is a book being made.
type draft struct {
	scheme   Scheme
	version  string
	at       map[string]*entry
	order    []*entry
	links    int
	sources  map[string]int
	interned map[string]string
}

// entry is a concept of a draft; its links name URIs, some of which may never come.
type entry struct {
	Concept
	to   map[namedLink]bool
	from *draft
}

type namedLink struct {
	uri      string
	relation Relation
}

func newDraft(s Scheme, version string) *draft {
	return &draft{scheme: s, version: version, at: map[string]*entry{}, sources: map[string]int{}, interned: map[string]string{}}
}

// reopen continues a book.
func reopen(b *Book) *draft {
	d := newDraft(b.Scheme, b.Version)
	for i := range b.Concepts {
		c := b.Concepts[i]
		e := &entry{Concept: c, from: d, to: map[namedLink]bool{}}
		for _, l := range c.Links {
			e.to[namedLink{b.Concepts[l.To].URI, l.Relation}] = true
			d.links++
		}
		e.Links = nil
		e.Labels, e.Notes, e.Facts, e.Refs = slices.Clone(c.Labels), slices.Clone(c.Notes), slices.Clone(c.Facts), slices.Clone(c.Refs)
		d.at[c.URI] = e
		d.order = append(d.order, e)
	}
	for _, s := range b.Sources {
		d.sources[s.Name] = s.Rows
	}
	return d
}

// entry is the concept of that URI, made when it is new; nil when there are too many.
func (d *draft) entry(uri string, k Kind) (*entry, error) {
	e, ok := d.at[uri]
	if !ok {
		if len(d.order) >= maxConcepts {
			return nil, &Refusal{Reason: TooLarge, Detail: fmt.Sprintf("more than %d concepts", maxConcepts)}
		}
		e = &entry{Concept: Concept{URI: uri}, from: d}
		d.at[uri] = e
		d.order = append(d.order, e)
	}
	if e.Kind == 0 {
		e.Kind = k
	}
	return e, nil
}

// intern keeps one copy of words that come back thousands of times.
func (d *draft) intern(s string) string {
	if t, ok := d.interned[s]; ok {
		return t
	}
	d.interned[s] = s
	return s
}

// name adds a label. A preferred label takes the place of the one before in its
// language, which stays as an alternative.
func (e *entry) name(lang string, role Role, text string) {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return
	}
	for i, l := range e.Labels {
		if l.Lang == lang && l.Text == text {
			if role < l.Role {
				e.demote(lang, role)
				e.Labels[i].Role = role
			}
			return
		}
	}
	if len(e.Labels) >= maxLabels {
		return // what is this long is no list of names
	}
	e.demote(lang, role)
	e.Labels = append(e.Labels, Label{Lang: e.from.intern(lang), Role: role, Text: text})
}

func (e *entry) demote(lang string, role Role) {
	if role != Preferred {
		return
	}
	for i, l := range e.Labels {
		if l.Lang == lang && l.Role == Preferred {
			e.Labels[i].Role = Alternative
		}
	}
}

// names adds a cell that lists labels, by lines or by vertical bars.
func (e *entry) names(lang string, role Role, cell string) {
	for text := range strings.FieldsFuncSeq(cell, func(r rune) bool { return r == '\n' || r == '|' || r == '\r' }) {
		e.name(lang, role, text)
	}
}

// note sets the description in a language; the longest known stays.
func (e *entry) note(lang, text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	for i, n := range e.Notes {
		if n.Lang == lang {
			if len(text) > len(n.Text) {
				e.Notes[i].Text = text
			}
			return
		}
	}
	e.Notes = append(e.Notes, Note{Lang: e.from.intern(lang), Text: text})
}

func (e *entry) fact(name, value string) {
	f := Fact{Name: name, Value: strings.TrimSpace(value)}
	if f.Value != "" && !slices.Contains(e.Facts, f) && len(e.Facts) < maxLabels {
		f.Value = e.from.intern(f.Value)
		e.Facts = append(e.Facts, f)
	}
}

func (e *entry) nature(s string) {
	if s != "" {
		e.Nature = e.from.intern(s)
	}
}

func (e *entry) link(uri string, r Relation) error {
	if uri == "" || uri == e.URI {
		return nil
	}
	if e.to == nil {
		e.to = map[namedLink]bool{}
	}
	l := namedLink{uri, r}
	if !e.to[l] {
		if e.from.links++; e.from.links > maxLinks {
			return &Refusal{Reason: TooLarge, Detail: fmt.Sprintf("more than %d links", maxLinks)}
		}
		e.to[l] = true
	}
	return nil
}

func (e *entry) ref(uri string, r Relation) {
	f := Ref{URI: uri, Relation: r}
	if uri != "" && !slices.Contains(e.Refs, f) && len(e.Refs) < maxLabels {
		e.Refs = append(e.Refs, f)
	}
}

// book freezes the draft: concepts sorted by URI, links to what never came left
// out, and concepts without any name left out too.
func (d *draft) book() *Book {
	b := &Book{Scheme: d.scheme, Version: d.version}
	kept := d.order[:0:0]
	for _, e := range d.order {
		if len(e.Labels) > 0 {
			kept = append(kept, e)
		}
	}
	slices.SortFunc(kept, func(x, y *entry) int { return cmp.Compare(x.URI, y.URI) })
	place := make(map[string]int32, len(kept))
	for i, e := range kept {
		place[e.URI] = int32(i) //nolint:gosec // at most maxConcepts
	}
	langs := map[string]bool{}
	b.Concepts = make([]Concept, len(kept))
	for i, e := range kept {
		c := e.Concept
		for l := range e.to {
			if to, ok := place[l.uri]; ok {
				c.Links = append(c.Links, Link{To: to, Relation: l.relation})
			}
		}
		slices.SortFunc(c.Links, func(x, y Link) int {
			return cmp.Or(cmp.Compare(x.Relation, y.Relation), cmp.Compare(x.To, y.To))
		})
		slices.SortStableFunc(c.Labels, func(x, y Label) int {
			return cmp.Or(cmp.Compare(x.Lang, y.Lang), cmp.Compare(x.Role, y.Role))
		})
		for _, l := range c.Labels {
			langs[l.Lang] = true
		}
		b.Concepts[i] = c
	}
	b.Langs = slices.Sorted(maps.Keys(langs))
	for _, name := range slices.Sorted(maps.Keys(d.sources)) {
		b.Sources = append(b.Sources, Source{Name: name, Rows: d.sources[name]})
	}
	return b
}
