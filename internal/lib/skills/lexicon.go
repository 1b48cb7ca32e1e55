package skills

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"digiwork/internal/lib/french"
	"digiwork/internal/lib/taxonomy"
)

// A referential in two languages often has many more names in one than in the
// other: ESCO gives seven English names to a competence, and one French name. The
// lexicon, learnt from the names that concepts bear in both languages, lends
// these names to the other side, word for word; they find, and are never shown.

// lexicon gives the best rendering of a term of one language in another.
type lexicon map[string]rendering

type rendering struct {
	term string
	odds float64
}

// Learning: rounds of expectation and maximisation (IBM Model 1: Brown et al.,
// "The Mathematics of Statistical Machine Translation", 1993), and the least
// probability a rendering must have, seen at least so often.
const (
	lexiconRounds = 6
	lexiconOdds   = 0.2
	lexiconSeen   = 2
)

// pair is one thing said in both languages.
type pair struct{ from, to []string }

// learnLexicon learns renderings of the terms of from.
func learnLexicon(pairs []pair) lexicon {
	var froms, tos numbering
	type said struct{ from, to []uint64 }
	all := make([]said, len(pairs))
	odds := map[uint64]float64{} // from and to, 32 bits each
	var seen []int
	for i, p := range pairs {
		all[i] = said{froms.numbers(p.from), tos.numbers(p.to)}
		for _, f := range all[i].from {
			if int(f) == len(seen) { //nolint:gosec // a place
				seen = append(seen, 0)
			}
			seen[f]++
			for _, t := range all[i].to {
				odds[f<<32|t] = 1
			}
		}
	}
	for range lexiconRounds {
		count, total := make(map[uint64]float64, len(odds)), make([]float64, len(seen))
		for _, p := range all {
			for _, t := range p.to {
				var sum float64
				for _, f := range p.from {
					sum += odds[f<<32|t]
				}
				if sum == 0 {
					continue
				}
				for _, f := range p.from {
					share := odds[f<<32|t] / sum
					count[f<<32|t] += share
					total[f] += share
				}
			}
		}
		for l, n := range count {
			odds[l] = n / total[l>>32]
		}
	}
	lex := lexicon{}
	for l, p := range odds {
		from, to := froms.words[l>>32], tos.words[l&(1<<32-1)]
		best := lex[from]
		if p >= lexiconOdds && seen[l>>32] >= lexiconSeen && (p > best.odds || p == best.odds && to < best.term) {
			lex[from] = rendering{to, p}
		}
	}
	return lex
}

// numbering gives words numbers, in the order in which they come.
type numbering struct {
	at    map[string]uint64
	words []string
}

func (n *numbering) numbers(words []string) []uint64 {
	if n.at == nil {
		n.at = map[string]uint64{}
	}
	list := make([]uint64, len(words))
	for i, w := range words {
		at, ok := n.at[w]
		if !ok {
			at = uint64(len(n.words))
			n.at[w], n.words = at, append(n.words, w)
		}
		list[i] = at
	}
	return list
}

// namedTwice are the concepts named in both languages.
func namedTwice(books []*taxonomy.Book, from, to string) []pair {
	read := map[string]*reader{from: newReader(from), to: newReader(to)}
	var all []pair
	for _, b := range books {
		if !slices.Contains(b.Langs, from) || !slices.Contains(b.Langs, to) {
			continue
		}
		for i := range b.Concepts {
			said := map[string][]string{}
			for _, l := range b.Concepts[i].Labels {
				if r := read[l.Lang]; r != nil && l.Role == taxonomy.Preferred {
					said[l.Lang] = distinctTerms(r.tokens(nil, l.Text))
				}
			}
			if len(said) == 2 {
				all = append(all, pair{said[from], said[to]})
			}
		}
	}
	return all
}

func distinctTerms(tokens []token) []string {
	set := map[string]bool{}
	for _, t := range tokens {
		set[t.term] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// lend gives a side the names its concepts have in another language only.
func (b *sideBuilder) lend(books []*taxonomy.Book, place map[string]uint32) {
	other := french.English
	if b.lang == french.English {
		other = french.French
	}
	pairs := namedTwice(books, other, b.lang)
	if len(pairs) == 0 {
		return
	}
	lex := learnLexicon(pairs)
	read := newReader(other)
	for _, book := range books {
		if !slices.Contains(book.Langs, b.lang) {
			continue
		}
		for i := range book.Concepts {
			c := &book.Concepts[i]
			at, ok := place[c.URI]
			if !ok || c.Kind != taxonomy.Skill { // names of trades are many enough, and must be exact
				continue
			}
			named := slices.ContainsFunc(c.Labels, func(l taxonomy.Label) bool { return l.Lang == b.lang })
			for _, l := range c.Labels {
				if l.Lang == other && (l.Role != taxonomy.Preferred || !named) {
					b.lent(at, read, lex, l.Text, !named)
				}
			}
		}
	}
}

// lent adds one name, if all its words can be rendered; with keep, words that
// cannot are taken as they are: a concept without any name is found by them.
func (b *sideBuilder) lent(owner uint32, read *reader, lex lexicon, text string, keep bool) {
	b.tokens = read.tokens(b.tokens[:0], text)
	var row []uint32
	for _, t := range b.tokens {
		term := cmp.Or(lex[t.term].term, t.term)
		n, ok := b.vocab[term]
		if !ok && !keep {
			return
		}
		if !ok {
			n = b.number(term)
		}
		if !slices.Contains(row, n) {
			row = append(row, n)
		}
	}
	if len(row) == 0 || len(row) > maxLabelWords {
		return
	}
	b.add(owner, taxonomy.Hidden, row)
}

// lendEveryday gives competences the everyday names of our own list: an entry of
// it that bears a name of a competence, in either language, lends it all its
// others.
func lendEveryday(list *taxonomy.Book, concepts []concept, sides []*sideBuilder) {
	for i := range list.Concepts {
		entry := &list.Concepts[i]
		bearers := map[uint32]bool{}
		for _, b := range sides {
			for _, l := range entry.Labels {
				if l.Lang == b.lang && !sameInBoth(entry, l.Text) {
					b.bearers(bearers, concepts, b.row(l.Text, false))
				}
			}
		}
		if len(bearers) > maxBearers {
			continue
		}
		for _, b := range sides {
			for _, l := range entry.Labels {
				if l.Lang != b.lang {
					continue
				}
				row := b.row(l.Text, true)
				for _, c := range slices.Sorted(maps.Keys(bearers)) {
					if len(row) > 0 {
						b.add(c, taxonomy.Hidden, row)
					}
				}
			}
		}
	}
}

// sameInBoth says whether an entry has a name in both languages: a tool (Excel),
// which is not what the entry is.
func sameInBoth(entry *taxonomy.Concept, name string) bool {
	n := 0
	for _, l := range entry.Labels {
		if strings.EqualFold(l.Text, name) {
			n++
		}
	}
	return n > 1
}

// maxBearers is among how many competences an everyday entry may be shared.
const maxBearers = 6

// bearers adds the competences that have a label of just those words.
func (b *sideBuilder) bearers(into map[uint32]bool, concepts []concept, row []uint32) {
	if b.byWords == nil {
		b.byWords = map[string][]uint32{}
		for l, r := range b.rows {
			if concepts[b.owner[l]].kind == taxonomy.Skill {
				key := wordsKey(r)
				b.byWords[key] = append(b.byWords[key], b.owner[l])
			}
		}
	}
	if len(row) > 0 {
		for _, c := range b.byWords[wordsKey(row)] {
			into[c] = true
		}
	}
}

func wordsKey(row []uint32) string {
	sorted := slices.Clone(row)
	slices.Sort(sorted)
	return fmt.Sprint(sorted)
}
