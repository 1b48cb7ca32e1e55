package french

import "bytes"

// Span is a word found in a text, in bytes.
type Span struct{ Start, End int }

// Matcher finds the texts that hold every word of a query: a word of the text
// answers a word of the query if they have one term, or if it begins with it
// once both are folded. Stop words of the query are not asked for, unless it
// has nothing else. A query without words is held by every text.
//
// A Matcher remembers words of the texts it was shown; drop it with them. It is
// not for two goroutines at once.
type Matcher struct {
	words   []wanted
	all     uint64      // one bit a word of the query
	first   [256]uint64 // by first byte of a word: which words of the query it may answer
	lang    string
	stemmer stemmer
	terms   map[string]string
	room    [wordRoom]byte
}

// wanted is one word of the query.
type wanted struct {
	folded []byte // prefix to find
	term   string // or term to have
	head   string // what every word of that term begins with
}

// maxWanted is how many words of a query are asked for; the rest is ignored.
const maxWanted = 64

// rememberedTerms bounds what one Matcher remembers.
const rememberedTerms = 4096

// NewMatcher prepares a query. lang is "fr" or "en"; any other is French.
func NewMatcher(query, lang string) *Matcher {
	m := &Matcher{lang: language(lang), terms: map[string]string{}}
	m.want(query, true)
	if len(m.words) == 0 {
		m.want(query, false)
	}
	return m
}

func (m *Matcher) want(query string, skipStop bool) {
	w := split(query, m.room[:])
	for w.next() && len(m.words) < maxWanted {
		folded := string(w.buf)
		if skipStop && stopWords[m.lang][folded] || m.asks(folded) {
			continue
		}
		term := m.stemmer.stem(folded, m.lang)
		q := wanted{folded: []byte(folded), term: term, head: headOf(term, m.lang)}
		bit := uint64(1) << len(m.words)
		m.first[folded[0]] |= bit
		m.first[term[0]] |= bit
		m.all |= bit
		m.words = append(m.words, q)
	}
}

func (m *Matcher) asks(folded string) bool {
	for _, q := range m.words {
		if string(q.folded) == folded {
			return true
		}
	}
	return false
}

// Match says whether the parts of a text together hold every word of the query. A
// word does not run over from one part to the next.
func (m *Matcher) Match(parts ...string) bool {
	left := m.all
	for _, text := range parts {
		if left == 0 {
			break
		}
		left = m.without(left, text)
	}
	return left == 0
}

// without takes the words of the query that text answers out of left.
func (m *Matcher) without(left uint64, text string) uint64 {
	w := split(text, m.room[:])
	w.wanted = &m.first
	for w.next() {
		if may := m.first[w.buf[0]] & left; may != 0 {
			if left &^= m.answers(w.buf, may); left == 0 {
				return 0
			}
		}
	}
	return left
}

// Find gives the words of text that answer the query, in order; none when the
// text does not hold every word of it.
func (m *Matcher) Find(text string) []Span {
	var spans []Span
	left := m.all
	w := split(text, m.room[:])
	w.wanted = &m.first
	for w.next() {
		may := m.first[w.buf[0]]
		if may == 0 {
			continue
		}
		if hit := m.answers(w.buf, may); hit != 0 {
			left &^= hit
			spans = append(spans, Span{Start: w.start, End: w.end})
		}
	}
	if left != 0 {
		return nil
	}
	return spans
}

// answers gives, among the words of the query in may, those that a folded word answers.
func (m *Matcher) answers(folded []byte, may uint64) (hit uint64) {
	for i := range m.words {
		bit := uint64(1) << i
		if may&bit == 0 {
			continue
		}
		q := &m.words[i]
		if bytes.HasPrefix(folded, q.folded) ||
			len(folded) >= len(q.head) && string(folded[:len(q.head)]) == q.head && m.term(folded) == q.term {
			hit |= bit
		}
	}
	return hit
}

func (m *Matcher) term(folded []byte) string {
	if t, ok := m.terms[string(folded)]; ok {
		return t
	}
	if len(m.terms) >= rememberedTerms {
		clear(m.terms)
	}
	word := string(folded)
	t := m.stemmer.stem(word, m.lang)
	m.terms[word] = t
	return t
}
