package skills

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"digiwork/internal/lib/french"
	"digiwork/internal/lib/taxonomy"
)

// token is a word of a request or of a label, as a term.
type token struct {
	term       string
	start, end int
}

// reader splits texts; short forms are read as what they stand for.
type reader struct {
	an  french.Analyser
	buf []french.Token
}

func newReader(lang string) *reader { return &reader{an: french.Analyser{Lang: lang}} }

func (r *reader) tokens(dst []token, text string) []token {
	r.buf = r.an.Append(r.buf[:0], text)
	for i := range r.buf {
		t := r.buf[i]
		if t.End-t.Start <= 5 {
			if long := french.Expand(french.Fold(text[t.Start:t.End]), r.an.Lang); long != "" {
				for _, e := range french.Analyse(long, r.an.Lang) {
					dst = append(dst, token{e.Term, t.Start, t.End})
				}
				continue
			}
		}
		dst = append(dst, token{t.Term, t.Start, t.End})
	}
	return dst
}

// sideBuilder gathers what will be frozen into a side.
type sideBuilder struct {
	side
	read    *reader
	rows    [][]uint32 // labels
	texts   []map[uint32]int
	tokens  []token
	had     map[string]bool     // labels that are there
	byWords map[string][]uint32 // competences by the words of a label
}

func newSideBuilder(lang string, concepts int) *sideBuilder {
	return &sideBuilder{side: side{lang: lang, vocab: map[string]uint32{}}, read: newReader(lang), texts: make([]map[uint32]int, concepts), had: map[string]bool{}}
}

func (b *sideBuilder) number(term string) uint32 {
	n, ok := b.vocab[term]
	if !ok {
		term = strings.Clone(term)
		n = uint32(len(b.words)) //nolint:gosec // bounded by what a book may hold
		b.vocab[term] = n
		b.words = append(b.words, term)
	}
	return n
}

// label adds a name of a concept; the same words twice count once.
func (b *sideBuilder) label(owner uint32, role taxonomy.Role, text string) {
	if row := b.row(text, true); len(row) > 0 {
		b.add(owner, role, row)
	}
}

// row is the distinct terms of a text in order; none when it is too long for a
// name or, unless new terms may be made, has one that no label has.
func (b *sideBuilder) row(text string, make bool) []uint32 {
	b.tokens = b.read.tokens(b.tokens[:0], text)
	var row []uint32
	for _, t := range b.tokens {
		if _, known := b.vocab[t.term]; !known && !make {
			return nil
		}
		if n := b.number(t.term); !slices.Contains(row, n) {
			row = append(row, n)
		}
	}
	if len(row) > maxLabelWords {
		return nil
	}
	return row
}

// add files a label, unless the concept has those words already.
func (b *sideBuilder) add(owner uint32, role taxonomy.Role, row []uint32) {
	key := fmt.Sprint(owner, row)
	if b.had[key] {
		return
	}
	b.had[key] = true
	b.rows = append(b.rows, row)
	b.owner = append(b.owner, owner)
	b.role = append(b.role, uint8(role))
}

const maxLabelWords = 24

func (b *sideBuilder) note(owner uint32, text string) {
	b.tokens = b.read.tokens(b.tokens[:0], text)
	for _, t := range b.tokens {
		if b.texts[owner] == nil {
			b.texts[owner] = map[uint32]int{}
		}
		b.texts[owner][b.number(t.term)]++
	}
}

// freeze computes rarity and the ways in.
func (b *sideBuilder) freeze(concepts []concept) *side {
	b.labels = newCSR(b.rows)
	b.rarity(concepts)
	b.freezeFields(concepts)
	b.findAnchors(concepts)
	b.mates = rootMates(b.words)
	b.levels = make([]uint8, len(concepts))
	for l, row := range b.rows {
		if c := b.owner[l]; concepts[c].kind == taxonomy.Occupation {
			b.levels[c] |= 1 << levelOf(b.lang, b.words[row[0]])
		}
	}
	s := b.side
	return &s
}

// rarity is the idf of each term, by the concepts that have it in a label; a
// description counts for a quarter.
func (b *sideBuilder) rarity(concepts []concept) {
	df := [2][]float64{make([]float64, len(b.words)), make([]float64, len(b.words))}
	last := make([]uint32, len(b.words)) // 1 + the last concept counted
	for l, row := range b.rows {
		c := b.owner[l]
		for _, t := range row {
			if last[t] == c+1 {
				continue
			}
			last[t] = c + 1
			df[inText][t]++
			if concepts[c].kind == taxonomy.Occupation {
				df[inTitle][t]++
			}
		}
	}
	for _, note := range b.texts {
		for t := range note {
			df[inText][t] += 0.25
		}
	}
	trades := 0
	for i := range concepts {
		if concepts[i].kind == taxonomy.Occupation {
			trades++
		}
	}
	for use, n := range [2]int{len(concepts), trades} {
		b.idf[use] = make([]float32, len(b.words))
		for t, d := range df[use] {
			b.idf[use][t] = float32(math.Log(1 + (math.Max(0, float64(n)-d)+0.5)/(d+0.5)))
		}
	}
}

func (b *sideBuilder) freezeFields(concepts []concept) {
	b.notes = newField(b.texts, concepts)
	bags := make([]map[uint32]int, len(concepts))
	for l, row := range b.rows {
		c := b.owner[l]
		if concepts[c].kind != taxonomy.Occupation {
			continue
		}
		if bags[c] == nil {
			bags[c] = map[uint32]int{}
		}
		for _, t := range row {
			bags[c][t]++
		}
	}
	b.bag = newField(bags, concepts)
	told := make([][]uint32, len(b.words))
	for c := range concepts {
		if concepts[c].kind == taxonomy.Occupation {
			for _, t := range b.notes.rows.row(uint32(c)) { //nolint:gosec // a place
				told[t] = append(told[t], uint32(c)) //nolint:gosec // a place
			}
		}
	}
	b.told = newCSR(told)
}

func newField(texts []map[uint32]int, concepts []concept) field {
	f := field{size: make([]uint16, len(texts))}
	rows := make([][]uint32, len(texts))
	var sum, n [2]float64
	for c, text := range texts {
		rows[c] = slices.Sorted(maps.Keys(text))
		size := 0
		for _, t := range rows[c] {
			f.count = append(f.count, uint8(min(text[t], math.MaxUint8))) //nolint:gosec // bounded just here
			size += text[t]
		}
		f.size[c] = uint16(min(size, math.MaxUint16)) //nolint:gosec // bounded just here
		if size > 0 {
			sum[useOf(concepts[c].kind)] += float64(size)
			n[useOf(concepts[c].kind)]++
		}
	}
	for k := range sum {
		f.mean[k] = float32(sum[k] / math.Max(1, n[k]))
	}
	f.rows = newCSR(rows)
	return f
}

func useOf(k taxonomy.Kind) int {
	if k == taxonomy.Occupation {
		return inTitle
	}
	return inText
}

// findAnchors files each label under its rarest terms.
func (b *sideBuilder) findAnchors(concepts []concept) {
	rows := make([][]uint32, len(b.words))
	for l, row := range b.rows {
		idf := b.idf[useOf(concepts[b.owner[l]].kind)]
		rare := slices.Clone(row)
		slices.SortStableFunc(rare, func(x, y uint32) int { return cmp.Compare(idf[y], idf[x]) })
		for _, t := range rare[:min(len(rare), anchorsPerLabel)] {
			rows[t] = append(rows[t], uint32(l)) //nolint:gosec // a place
		}
	}
	b.anchors = newCSR(rows)
}

// rootLength is how many letters two long terms share to be of one root:
// poinçonneur and poinçonner, comptable and comptabilité.
const rootLength = 5

// maxMates leaves out the roots that too many terms share.
const maxMates = 12

func rootMates(words []string) csr {
	byRoot := map[string][]uint32{}
	for n, w := range words {
		if len(w) >= rootLength {
			byRoot[w[:rootLength]] = append(byRoot[w[:rootLength]], uint32(n)) //nolint:gosec // a place
		}
	}
	rows := make([][]uint32, len(words))
	for n, w := range words {
		if len(w) < rootLength {
			continue
		}
		family := byRoot[w[:rootLength]]
		if len(family) > maxMates {
			continue
		}
		for _, m := range family {
			if m != uint32(n) { //nolint:gosec // a place
				rows[n] = append(rows[n], m)
			}
		}
	}
	return newCSR(rows)
}

// typedLike gives the term that a word no label has may be a slip of: one letter
// more, less, other, or two exchanged; the first letter right. Longer words only.
func (s *side) typedLike(word string) (uint32, bool) {
	if len(word) < 6 {
		return 0, false
	}
	best, found := uint32(0), false
	for n, w := range s.words {
		if w[0] != word[0] || len(w)-len(word) > 1 || len(word)-len(w) > 1 || !oneSlip(w, word) {
			continue
		}
		if !found || s.idf[inText][n] < s.idf[inText][best] { // the more usual of two
			best, found = uint32(n), true //nolint:gosec // a place
		}
	}
	return best, found
}

// oneSlip says whether one letter put in, left out, replaced or exchanged with
// the next makes a of b.
func oneSlip(a, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	x, y := a[i:], b[i:]
	switch {
	case len(x) > len(y):
		return x[1:] == y
	case len(x) < len(y):
		return x == y[1:]
	case len(x) == 0:
		return false
	}
	return x[1:] == y[1:] || len(x) > 1 && x[0] == y[1] && x[1] == y[0] && x[2:] == y[2:]
}

// like is how well the text of a concept answers the terms hit in a request:
// BM25 over the rarity of the whole request, 0 to about 2.
func (f *field) like(s *side, w *work, c uint32, use int, all float32) float32 {
	size := f.size[c]
	if size == 0 || all == 0 {
		return 0
	}
	length := bm25K * (1 - bm25B + bm25B*float32(size)/f.mean[use])
	var sum float32
	for i := f.rows.at[c]; i < f.rows.at[c+1]; i++ {
		t := f.rows.to[i]
		if w.term[t] != w.turn || w.hits[w.slot[t]].like < 1 {
			continue
		}
		n := float32(f.count[i])
		sum += s.idf[use][t] * n * (bm25K + 1) / (n + length)
	}
	return sum / all
}
