package skills

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"digiwork/internal/lib/taxonomy"
)

// scored is a concept with how well it answers.
type scored struct {
	concept uint32
	score   float32
	sure    float32 // of the words alone, 0 to 1
	exact   bool
	label   uint32 // that led there
}

// evidence is what speaks for a trade or a competence.
type evidence struct {
	cosine, cover, whole, name, near float32
	exact                            bool
	label                            uint32
}

// What job advertisements put into a title that is not the trade: contract,
// hours, sexes, places in brackets, levels of experience.
var (
	adNoise = regexp.MustCompile(`(?i)\b(?:[hfmxd] ?/ ?[hfmxd](?: ?/ ?[hfmxd])?|cdi|cdd|int[ée]rim|alternance|en alternance|contrat (?:d['’]apprentissage|de professionnalisation|pro)|apprentissage|apprentie?|stage|stagiaire|temps (?:plein|partiel)|full[- ]time|part[- ]time|recrute|urgent|d[ée]butant(?:e|s|\(e\))? accept[ée]s?)\b`)
	adCode  = regexp.MustCompile(`\(\s*\d{2,5}\s*\)|\[[^\]]{0,60}\]`)
)

// bare is a title with spaces in place of what advertisements add; the title
// itself when nothing else is left.
func bare(title string) string {
	blank := func(s string) string { return strings.Repeat(" ", len(s)) }
	s := adCode.ReplaceAllStringFunc(adNoise.ReplaceAllStringFunc(title, blank), blank)
	if strings.ContainsFunc(s, func(r rune) bool { return r > ' ' && !strings.ContainsRune("()-–/.,:|", r) }) {
		return s
	}
	return title
}

// ask notes which terms answer the words of a title; it gives the rarity of
// each word, the terms to look under and the level.
func (s *side) ask(w *work, tokens []token) (rarity []float32, under []uint32, level uint8) {
	w.turn++
	w.hits = w.hits[:0]
	seen := map[string]bool{}
	for _, t := range tokens {
		if seen[t.term] || len(rarity) >= maxTitleWords {
			continue
		}
		if seen[t.term] = true; len(seen) == 1 {
			level = levelOf(s.lang, t.term)
		}
		n, known := s.vocab[t.term]
		like := float32(1)
		if !known {
			if n, known = s.typedLike(t.term); known {
				like = softTyped
			}
		}
		idf := float32(unknownWord)
		if known {
			idf = s.idf[inTitle][n]
			under = s.answer(w, under, n, len(rarity), like)
			for _, m := range s.mates.row(n) {
				under = s.answer(w, under, m, len(rarity), softRoot)
			}
		}
		rarity = append(rarity, idf)
	}
	return rarity, under, level
}

const maxTitleWords = 32

func (s *side) answer(w *work, under []uint32, term uint32, word int, like float32) []uint32 {
	if w.term[term] == w.turn {
		if h := &w.hits[w.slot[term]]; h.like < like {
			h.word, h.like = word, like
		}
		return under
	}
	w.term[term], w.slot[term] = w.turn, uint32(len(w.hits)) //nolint:gosec // a few words
	w.hits = append(w.hits, hit{word: word, like: like})
	return append(under, term)
}

// titles finds the trades a title names, by its words alone, best first.
func (e *Engine) titles(s *side, w *work, tokens []token) []scored {
	rarity, under, level := s.ask(w, tokens)
	if len(under) == 0 {
		return nil
	}
	clear(w.found)
	var mass float32
	for _, r := range rarity {
		mass += r * r
	}
	for _, t := range under {
		for _, l := range s.anchors.row(t) {
			if w.label[l] == w.turn || e.concepts[s.owner[l]].kind != taxonomy.Occupation {
				continue
			}
			w.label[l] = w.turn
			e.compare(s, w, l, rarity, mass)
		}
		if row := s.told.row(t); len(row) <= maxTold && w.hits[w.slot[t]].like == 1 {
			for _, c := range row {
				if w.found[c] == nil {
					w.found[c] = &evidence{label: noLabel}
				}
			}
		}
	}
	var all float32
	for i := range w.hits {
		if h := &w.hits[i]; h.like == 1 {
			all += rarity[h.word]
		}
	}
	var top float32
	out := make([]scored, 0, len(w.found))
	for c, v := range w.found {
		score := titleCosine*v.cosine + titleNote*s.notes.like(s, w, c, inTitle, all) + titleLevel*levelLike(level, s.levels[c]) +
			titleBag*s.bag.like(s, w, c, inTitle, all)
		if v.exact {
			score += titleExact
		}
		top = max(top, score)
		out = append(out, scored{c, score, min(1, v.cosine), v.exact, v.label})
	}
	out = slices.DeleteFunc(out, func(f scored) bool { return f.score < top*farBehind })
	sortScored(e, out)
	return out
}

// farBehind is the part of the best score below which a trade is not looked at.
const farBehind = 0.2

// maxTold leaves out words that too many descriptions have.
const maxTold = 200

const noLabel = math.MaxUint32

// compare is the soft cosine of a title with one label.
func (e *Engine) compare(s *side, w *work, l uint32, rarity []float32, mass float32) {
	var best [maxTitleWords]float32
	var own float32
	same := 0
	row := s.labels.row(l)
	for _, t := range row {
		idf := s.idf[inTitle][t]
		own += idf * idf
		if w.term[t] != w.turn {
			continue
		}
		h := &w.hits[w.slot[t]]
		if h.like == 1 {
			same++
		}
		best[h.word] = max(best[h.word], h.like*idf*rarity[h.word])
	}
	var sum float32
	for i := range rarity {
		sum += best[i]
	}
	cosine := sum / float32(math.Sqrt(float64(mass*own)))
	if t := row[0]; w.term[t] == w.turn && w.hits[w.slot[t]].word == 0 {
		cosine *= 1 + headBonus
	}
	exact := false
	if taxonomy.Role(s.role[l]) == taxonomy.Preferred {
		cosine *= nameBonus
		exact = same == len(row) && same == len(rarity)
	}
	v := w.found[s.owner[l]]
	if v == nil {
		v = &evidence{label: l}
		w.found[s.owner[l]] = v
	}
	v.exact = v.exact || exact
	if cosine > v.cosine {
		v.cosine, v.label = cosine, l
	}
}

// sortScored puts the best first; equals by URI, so that the order is always the same.
func sortScored(e *Engine, all []scored) {
	slices.SortFunc(all, func(a, b scored) int {
		if a.score != b.score {
			return cmp.Compare(b.score, a.score)
		}
		return cmp.Compare(e.concepts[a.concept].uri, e.concepts[b.concept].uri)
	})
}

// trades finds the trades of every scheme that a title names: by its words, then
// over the bridge, where a trade of one scheme speaks for those of the other.
func (e *Engine) trades(s *side, w *work, tokens []token) []scored {
	direct := e.titles(s, w, tokens)
	over := e.bridge.cross(e, direct)
	at := make(map[uint32]int, len(direct))
	for i := range direct {
		at[direct[i].concept] = i
	}
	for c, v := range over {
		if i, ok := at[c]; ok {
			direct[i].score += titleBridge * v
		} else {
			direct = append(direct, scored{concept: c, score: titleBridge * v, label: noLabel})
		}
	}
	sortScored(e, direct)
	return direct
}

// readTitle splits a title, which the analyser of the side knows.
func (s *side) readTitle(title string) []token {
	r := newReader(s.lang)
	tokens := r.tokens(nil, bare(title))
	if len(tokens) == 0 {
		tokens = r.tokens(nil, title)
	}
	return tokens
}
