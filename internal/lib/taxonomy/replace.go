package taxonomy

import (
	"slices"

	"digiwork/internal/lib/french"
)

// replacements compares a book with the one before it: which concepts are gone,
// and what took their place. A place is taken if the new book declares it, else
// by the concept of the same kind that bears the old name, else, for a trade, by
// the trade that most of its titles moved to.
func replacements(old, now *Book) (all []Replace, gone int) {
	var byName map[string]int
	for i := range old.Concepts {
		c := &old.Concepts[i]
		if _, still := now.Find(c.URI); still {
			continue
		}
		gone++
		if byName == nil {
			byName = names(now)
		}
		if to, why := successor(old, now, i, byName); to >= 0 {
			all = append(all, Replace{Old: c.URI, Label: c.Label("fr"), New: now.Concepts[to].URI, Why: why})
		}
	}
	return all, gone
}

// names gives the concept that bears each preferred or alternative name, with its kind.
func names(b *Book) map[string]int {
	m := map[string]int{}
	for _, role := range []Role{Preferred, Alternative} {
		for i := range b.Concepts {
			for _, l := range b.Concepts[i].Labels {
				key := nameKey(b.Concepts[i].Kind, l)
				if _, taken := m[key]; l.Role == role && !taken {
					m[key] = i
				}
			}
		}
	}
	return m
}

func nameKey(k Kind, l Label) string {
	return k.String() + "\x00" + l.Lang + "\x00" + french.Fold(l.Text)
}

func successor(old, now *Book, i int, byName map[string]int) (int, string) {
	c := &old.Concepts[i]
	for _, l := range c.Links {
		if l.Relation == ReplacedBy {
			if to, ok := now.Find(old.Concepts[l.To].URI); ok {
				return to, "declared"
			}
		}
	}
	for _, l := range c.Labels {
		if to, ok := byName[nameKey(c.Kind, l)]; ok && l.Role == Preferred {
			return to, "same name"
		}
	}
	votes := map[int]int{}
	for t := range old.Concepts {
		if !slices.Contains(old.Concepts[t].Links, Link{To: int32(i), Relation: TitleOf}) { //nolint:gosec // a place
			continue
		}
		if to, ok := now.Find(old.Concepts[t].URI); ok {
			now.Linked(to, TitleOf, func(trade int) bool { votes[trade]++; return true })
		}
	}
	best, most := -1, 0
	for to, n := range votes {
		if n > most || n == most && to < best {
			best, most = to, n
		}
	}
	return best, "same titles"
}

// Library is the books of a shelf in memory: the newest of each scheme to work
// with, and older ones, read when a reference asks for them.
type Library struct {
	Shelf Shelf
	books map[Scheme]*Book
	older map[Scheme][]string
}

// Open reads the newest book of each scheme.
func Open(s Shelf) (*Library, error) {
	all, err := s.List()
	if err != nil {
		return nil, err
	}
	l := &Library{Shelf: s, books: map[Scheme]*Book{}, older: map[Scheme][]string{}}
	for _, e := range all {
		if !e.Current {
			l.older[e.Scheme] = append(l.older[e.Scheme], e.Version)
			continue
		}
		if l.books[e.Scheme], err = s.Open(e.Scheme, e.Version); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// Book is the newest book of a scheme, or nil.
func (l *Library) Book(s Scheme) *Book { return l.books[s] }

// Found is what a reference leads to.
type Found struct {
	Concept *Concept
	Book    *Book    // where it stands
	Current bool     // in the newest book of its scheme
	Now     *Concept // what replaced it in the newest book; nil if nothing did
	Why     string   // of that
}

// Resolve reads a reference made to a scheme, whatever version it was made to:
// in the newest book, else in the newest older one that has it.
func (l *Library) Resolve(s Scheme, uri string) (Found, bool, error) {
	now := l.books[s]
	if now == nil {
		return Found{}, false, nil
	}
	if i, ok := now.Find(uri); ok {
		f := Found{Concept: &now.Concepts[i], Book: now, Current: true}
		for to := range l.followed(now, i) {
			f.Now, f.Why = &now.Concepts[to], "declared"
		}
		return f, true, nil
	}
	for _, version := range l.older[s] {
		old, err := l.Shelf.Open(s, version)
		if err != nil {
			return Found{}, false, err
		}
		if i, ok := old.Find(uri); ok {
			f := Found{Concept: &old.Concepts[i], Book: old}
			if to, why := successor(old, now, i, names(now)); to >= 0 {
				f.Now, f.Why = &now.Concepts[to], why
			}
			return f, true, nil
		}
	}
	return Found{}, false, nil
}

// followed walks along what replaced what inside a book, to the end of the chain.
func (l *Library) followed(b *Book, i int) func(func(int) bool) {
	return func(yield func(int) bool) {
		seen := map[int]bool{i: true}
		for {
			next := -1
			b.Linked(i, ReplacedBy, func(to int) bool { next = to; return false })
			if next < 0 || seen[next] || !yield(next) {
				return
			}
			seen[next] = true
			i = next
		}
	}
}
