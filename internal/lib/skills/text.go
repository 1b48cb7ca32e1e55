package skills

import (
	"math"
	"regexp"

	"digiwork/internal/lib/taxonomy"
)

// A text is read sentence by sentence: the words of a label must be met in one
// sentence, the closer together the better.

// proof is why a competence is proposed: the sentence and the label that led there.
type proof struct {
	score   float32
	segment int
	label   uint32
}

// mention is a word of a sentence in the index.
type mention struct {
	term       uint32
	start, end int // bytes of the text
	part       int // where its sentence begins
}

// known keeps the words of a sentence that the side has.
func (s *side) known(dst []mention, tokens []token) []mention {
	for _, t := range tokens {
		if n, ok := s.vocab[t.term]; ok {
			dst = append(dst, mention{term: n, start: t.start, end: t.end})
		}
	}
	return dst
}

// meet notes the words of a sentence; it gives the distinct ones.
func (w *work) meet(s *side, words []mention) []uint32 {
	w.turn++
	w.hits = w.hits[:0]
	var distinct []uint32
	for i, m := range words {
		place := int32(i) //nolint:gosec // a sentence
		if w.term[m.term] != w.turn {
			w.term[m.term], w.slot[m.term] = w.turn, uint32(len(w.hits)) //nolint:gosec // a sentence
			w.hits = append(w.hits, hit{like: 1, first: place, last: place, second: place})
			distinct = append(distinct, m.term)
			continue
		}
		h := &w.hits[w.slot[m.term]]
		if h.second == h.first {
			h.second = place
		}
		h.last = place
	}
	return distinct
}

// family adds to the words met those of their roots, which count for less; it
// gives them.
func (w *work) family(s *side, distinct []uint32) []uint32 {
	var more []uint32
	for _, t := range distinct {
		own := w.hits[w.slot[t]]
		for _, m := range s.mates.row(t) {
			if w.term[m] != w.turn {
				w.term[m], w.slot[m] = w.turn, uint32(len(w.hits)) //nolint:gosec // a sentence
				own.like = textRoot
				w.hits = append(w.hits, own)
				more = append(more, m)
			}
		}
	}
	return more
}

// competences finds those a sentence speaks of, into best, which keeps the
// strongest proof of each over all sentences.
func (e *Engine) competences(s *side, w *work, words []mention, segment int, best map[uint32]proof) {
	distinct := w.meet(s, words)
	clear(w.found)
	var all float32
	for _, t := range distinct {
		all += s.idf[inText][t]
	}
	for _, t := range append(distinct, w.family(s, distinct)...) {
		for _, l := range s.anchors.row(t) {
			if w.label[l] != w.turn && e.concepts[s.owner[l]].kind == taxonomy.Skill {
				w.label[l] = w.turn
				s.cover(w, l)
			}
		}
	}
	for c, v := range w.found {
		if v.cover < minCover {
			continue
		}
		score := textCover*v.cover + textWhole*v.whole + textName*v.name + textClose*v.near +
			textNote*s.notes.like(s, w, c, inText, all) + textUsual*e.concepts[c].usual
		if score >= minScore && score > best[c].score {
			best[c] = proof{score, segment, v.label}
		}
	}
}

// The least that counts.
const (
	minWhole = 0.12 // cover² of a label
	minCover = 0.15 // the same by √mass, of the best label
	minScore = 1.25 // of a competence
)

// cover weighs how much of a label the sentence at hand has.
func (s *side) cover(w *work, l uint32) {
	var mass, met float32
	n := 0
	row := s.labels.row(l)
	for _, t := range row {
		idf := s.idf[inText][t]
		mass += idf
		if w.term[t] == w.turn {
			met += idf * w.hits[w.slot[t]].like
			n++
		}
	}
	whole := met / mass
	if whole *= whole; whole < minWhole {
		return
	}
	value := whole * float32(math.Sqrt(float64(met)))
	near := float32(n) / float32(s.span(w, row))
	value *= textApart + (1-textApart)*near
	c := s.owner[l]
	v := w.found[c]
	if v == nil {
		v = &evidence{label: l}
		w.found[c] = v
	}
	v.whole = max(v.whole, whole)
	if taxonomy.Role(s.role[l]) == taxonomy.Preferred {
		v.name = max(v.name, value)
	}
	if value > v.cover {
		v.cover = value
	}
	if tight := value * (0.5 + 0.5*near); tight > v.near {
		v.near, v.label = tight, l
	}
}

// span is over how many words of the sentence the met words of a label stretch,
// at the place where they stand closest.
func (s *side) span(w *work, row []uint32) int32 {
	best := int32(math.MaxInt32)
	for _, a := range row {
		if w.term[a] != w.turn {
			continue
		}
		h := w.hits[w.slot[a]]
		for _, from := range [...]int32{h.first, h.second, h.last} {
			low, high := from, from
			for _, t := range row {
				if w.term[t] == w.turn {
					at := w.hits[w.slot[t]].nearest(from)
					low, high = min(low, at), max(high, at)
				}
			}
			best = min(best, high-low+1)
		}
	}
	return best
}

// nearest is the place nearest to another where a word was met.
func (h hit) nearest(to int32) int32 {
	best := h.first
	for _, at := range [...]int32{h.second, h.last} {
		if distance(at, to) < distance(best, to) {
			best = at
		}
	}
	return best
}

func distance(a, b int32) int32 { return max(a-b, b-a) }

// told finds the trades that a whole text is about: whose name it has, the
// nearer its beginning the better, and whose description it is like.
func (e *Engine) told(s *side, w *work, text string, words []mention) []scored {
	distinct := w.meet(s, words)
	clear(w.found)
	var all float32
	for _, t := range distinct {
		all += s.idf[inText][t]
		for _, l := range s.anchors.row(t) {
			if w.label[l] != w.turn && e.concepts[s.owner[l]].kind == taxonomy.Occupation {
				w.label[l] = w.turn
				s.named(w, text, words, l)
			}
		}
	}
	out := make([]scored, 0, len(w.found))
	for c, v := range w.found {
		note := s.notes.like(s, w, c, inText, all)
		out = append(out, scored{concept: c, score: v.cover + toldNote*note, sure: v.name, label: v.label})
	}
	sortScored(e, out)
	return out
}

// beginning is after how many words a name counts for a third of what it counts
// at the very start.
const beginning = 10

// named weighs how much a text names a trade by one label. It is only believed
// where it is said: the whole name, in one piece, of several words or where a
// text says what someone is (says).
func (s *side) named(w *work, text string, words []mention, l uint32) {
	var mass, met, early float32
	n := 0
	var at int32
	row := s.labels.row(l)
	for _, t := range row {
		idf := s.idf[inText][t]
		mass += idf
		if w.term[t] == w.turn {
			h := w.hits[w.slot[t]]
			n++
			met += idf
			early += float32(math.Exp(-float64(h.first) / beginning))
			at = h.first
		}
	}
	whole := met / mass
	value := whole * whole * float32(math.Sqrt(float64(met))) * (0.3 + 0.7*early/float32(len(row)))
	v := w.found[s.owner[l]]
	if v == nil {
		v = &evidence{label: l}
		w.found[s.owner[l]] = v
	}
	if value > v.cover {
		v.cover, v.label = value, l
	}
	if whole >= wholeName && w.said(text, words, row, n, at) && s.span(w, row) <= int32(n)+1 { //nolint:gosec // a label
		v.name = max(v.name, value)
	}
}

// said says whether n met words of a label are the name of a trade as a text
// says it: several in their order, or one, at a place, after what says that
// someone is it.
func (w *work) said(text string, words []mention, row []uint32, n int, at int32) bool {
	if n > 1 {
		return w.inOrder(row)
	}
	m := words[at]
	return says(text[m.part:m.start])
}

// inOrder says whether the met words of a label come one after the other in the
// sentence as they do in the label.
func (w *work) inOrder(row []uint32) bool {
	before := int32(-1)
	for _, t := range row {
		if w.term[t] != w.turn {
			continue
		}
		h := w.hits[w.slot[t]]
		at := h.first
		for _, later := range [...]int32{h.second, h.last} {
			if at <= before {
				at = later
			}
		}
		if at <= before {
			return false
		}
		before = at
	}
	return true
}

// wholeName is the least cover² of a name that is believed.
const wholeName = 0.6

// sayer is what stands before a trade when a text says what someone is.
var sayer = regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:comme|en tant qu[e'’]|je suis|j[e'’] ?[ée]tais|j[’']ai [ée]t[ée]|m[ée]tier d[e'’]|poste d[e'’]|emploi d[e'’]|fonctions? d[e'’]|devenue?|as|i am|i was|i[’']m|job of|role of|position of|became|become)\s*(?:une?|an?|the)?\s*$|^[\s\-–—•*]*(?:les?|la|l[’']|une?|des|the|an?)?\s*$`)

// says says whether what stands before a word in its part says that someone is it.
func says(before string) bool { return len(before) < 200 && sayer.MatchString(before) }
