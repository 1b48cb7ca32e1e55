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
