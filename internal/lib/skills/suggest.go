package skills

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"digiwork/internal/lib/french"
	"digiwork/internal/lib/taxonomy"
)

// Query is what a person wrote.
type Query struct {
	Title  string          // of a post or an activity, if there is one
	Text   string          // what was done, in her words
	Lang   string          // "fr" or "en"; guessed when empty
	Want   taxonomy.Kind   // Skill, Occupation, or 0 for both
	Scheme taxonomy.Scheme // or "" for all
	Limit  int             // 10 when 0
}

// DefaultLimit is how many suggestions are given when nothing is said.
const DefaultLimit = 10

// Bounds on a query. Beyond them the rest is not read.
const (
	maxText  = 200_000 // bytes
	maxTitle = 1_000
	maxLimit = 200
)

// Suggestion is a competence or a trade, and why it is proposed.
type Suggestion struct {
	URI    string          `json:"uri"`
	Label  string          `json:"label"`
	Scheme taxonomy.Scheme `json:"scheme"`
	Kind   string          `json:"kind"`
	Code   string          `json:"code,omitempty"`
	// Score orders the suggestions of one text, between 0 and 1. It says nothing
	// of the person, and two texts do not compare.
	Score   float64  `json:"score"`
	Because []string `json:"because"`
	// Words are those of Text that led there, in bytes.
	Words []french.Span `json:"-"`
	rank  float64       // Score before it is rounded
}

// Suggest proposes competences and trades, best first; none is an empty list.
func (e *Engine) Suggest(q Query) []Suggestion {
	r := e.read(q)
	defer e.giveBack(r.w)
	all := []Suggestion{}
	if q.Want != taxonomy.Occupation {
		for i, f := range r.skills() {
			if i < q.Limit || q.Limit == 0 {
				all = append(all, r.skill(f))
			}
		}
	}
	if q.Want != taxonomy.Skill {
		all = append(all, r.named(q.Want == taxonomy.Occupation)...)
	}
	slices.SortStableFunc(all, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), strings.Compare(a.URI, b.URI))
	})
	limit := min(q.Limit, maxLimit)
	if limit <= 0 {
		limit = DefaultLimit
	}
	return slices.Clip(all[:min(len(all), limit)])
}

// reading is a query as it is worked through.
type reading struct {
	e      *Engine
	s      *side
	w      *work
	q      Query
	text   string
	title  []token
	parts  [][]mention
	all    []mention
	best   map[uint32]proof
	trades []led
	byName bool // the trades come from the title
}

// led is a trade that may be the person's, with the share of belief it has.
type led struct {
	scored
	share float32
}

func (e *Engine) read(q Query) *reading {
	q.Title, q.Text = upTo(q.Title, maxTitle), upTo(q.Text, maxText)
	r := &reading{e: e, q: q, best: map[uint32]proof{}}
	r.s = e.speaks(q)
	r.w = e.borrow(r.s)
	r.text = blanks.ReplaceAllStringFunc(q.Text, func(b string) string { return strings.Repeat(" ", len(b)) })
	rd := newReader(r.s.lang)
	for i, p := range theTalk().work(r.text, parts(r.text)) {
		tokens := rd.tokens(nil, r.text[p.start:p.end])
		for k := range tokens {
			tokens[k].start += p.start
			tokens[k].end += p.start
		}
		words := r.s.known(nil, tokens)
		for k := range words {
			words[k].part = p.start
		}
		r.parts = append(r.parts, words)
		r.all = append(r.all, words...)
		if q.Want != taxonomy.Occupation {
			e.competences(r.s, r.w, words, i, r.best)
		}
	}
	r.findTrades()
	return r
}

// fewWords is up to how many words a language is told by those that labels have;
// beyond, by its small words.
const fewWords = 8

// speaks is the side of the language of a query; the other one when nothing has
// a name in it.
func (e *Engine) speaks(q Query) *side {
	fr, en := e.sides[french.French], e.sides[french.English]
	lang := q.Lang
	if lang != french.French && lang != french.English {
		said := q.Title + " " + q.Text
		lang = french.Guess(said)
		if len(strings.Fields(said)) <= fewWords && len(fr.owner) > 0 && len(en.owner) > 0 {
			lang = french.French
			if !strings.ContainsAny(said, "éèêàâùûçîïôœÉÈÊÀÇŒ") && en.knows(said) > muchMore*fr.knows(said) {
				lang = french.English
			}
		}
	}
	if lang == french.English && len(en.owner) > 0 || len(fr.owner) == 0 {
		return en
	}
	return fr
}

// knows is how usual the words are in the labels of this language; a small word
// of the language is as usual as can be.
func (s *side) knows(said string) float32 {
	var sum float32
	for w := range strings.FieldsSeq(onlyWords(said)) {
		if n, ok := s.vocab[french.Stem(w, s.lang)]; ok {
			sum += max(0, rarest-s.idf[inText][n])
		} else if len(w) > 1 && french.Stop(w, s.lang) {
			sum += rarest
		}
	}
	return sum
}

// muchMore is how much more usual words must be in English to be English: the
// house speaks French first.
const muchMore = 1.1

// rarest is about the rarity of a word of one concept among all of ESCO.
const rarest = 10

// upTo cuts s at a limit, between characters.
func upTo(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}

// findTrades asks the title, or the text when there is none.
func (r *reading) findTrades() {
	var found []scored
	if strings.TrimSpace(r.q.Title) != "" {
		r.title = r.s.readTitle(r.q.Title)
		found = r.e.trades(r.s, r.w, r.title)
		r.byName = true
	}
	if len(found) == 0 && len(r.all) > 0 {
		found = r.e.told(r.s, r.w, r.text, r.all)
		r.byName = false
	}
	taken := map[taxonomy.Scheme][]int{}
	for _, f := range found {
		scheme := r.e.concepts[f.concept].scheme
		if len(taken[scheme]) < max(DefaultLimit, min(r.q.Limit, maxLimit)) {
			taken[scheme] = append(taken[scheme], len(r.trades))
			r.trades = append(r.trades, led{scored: f})
		}
	}
	for _, places := range taken {
		r.share(places[:min(len(places), sharedTrades)])
	}
}

// sharedTrades is among how many trades of a scheme belief is shared.
const sharedTrades = 5

// share gives each of the best trades of one scheme its part of belief: all of
// it when the words say it plainly, none when they hardly do.
func (r *reading) share(places []int) {
	top := r.trades[places[0]]
	sure := min(1, max(0, top.sure-toldDoubt))
	if r.byName {
		sure = min(1, top.score/titleFull)
		sure *= sure
	}
	var sum float64
	for _, i := range places {
		sum += math.Exp(shareHeat * float64(r.trades[i].score-top.score))
	}
	for _, i := range places {
		r.trades[i].share = sure * float32(math.Exp(shareHeat*float64(r.trades[i].score-top.score))/sum)
	}
}

const (
	shareHeat = 6
	toldDoubt = 0.6 // a trade that a text names less than this is not believed
)

// ranked is a competence with what speaks for it.
type ranked struct {
	scored
	proof
	trade uint32 // that needs it most, noTrade if none
}

const noTrade = math.MaxUint32

// skills ranks the competences of the text together with those that the trades need.
func (r *reading) skills() []ranked {
	all := make(map[uint32]*ranked, len(r.best))
	for c, p := range r.best {
		all[c] = &ranked{scored: scored{concept: c, score: p.score}, proof: p, trade: noTrade}
	}
	for _, t := range r.trades {
		if t.share == 0 {
			continue
		}
		r.need(all, t, r.e.needs.row(t.concept), textGraph*t.share)
		r.need(all, t, r.e.may.row(t.concept), textGraph*t.share*graphMay)
	}
	list := make([]scored, 0, len(all))
	for c, v := range all {
		if v.scored.score >= minNeeded && r.wanted(c) {
			list = append(list, v.scored)
		}
	}
	sortScored(r.e, list)
	out := make([]ranked, 0, min(len(list), maxLimit))
	for _, f := range list[:min(len(list), maxLimit)] {
		out = append(out, *all[f.concept])
	}
	return out
}

// minNeeded is the least that a competence led by a trade alone must have.
const minNeeded = 0.15

func (r *reading) need(all map[uint32]*ranked, t led, row []uint32, weight float32) {
	for _, c := range row {
		v := all[c]
		if v == nil {
			v = &ranked{scored: scored{concept: c, score: 0}, proof: proof{label: noLabel}, trade: t.concept}
			all[c] = v
		}
		if v.trade == noTrade {
			v.trade = t.concept
		}
		v.scored.score += weight
	}
}

func (r *reading) wanted(c uint32) bool {
	return r.q.Scheme == "" || r.e.concepts[c].scheme == r.q.Scheme
}

// skill words a competence: the words of the text that led there, then the trade.
func (r *reading) skill(v ranked) Suggestion {
	s := r.suggestion(v.concept, float64(v.scored.score))
	if v.proof.label != noLabel {
		row := r.s.labels.row(v.proof.label)
		for _, m := range r.parts[v.segment] {
			if slices.Contains(row, m.term) {
				s.Words = append(s.Words, french.Span{Start: m.start, End: m.end})
				s.Because = addOnce(s.Because, r.text[m.start:m.end])
			}
		}
	}
	if v.trade != noTrade {
		s.Because = addOnce(s.Because, r.e.concepts[v.trade].label(r.s.lang))
	}
	return s
}

// suggestion words a concept; what speaks for it, without bound, becomes a score
// between 0 and 1.
func (r *reading) suggestion(c uint32, evidence float64) Suggestion {
	v := &r.e.concepts[c]
	score := evidence / (evidence + half)
	return Suggestion{URI: v.uri, Label: v.label(r.s.lang), Scheme: v.scheme, Kind: v.kind.String(), Code: v.code,
		Score: math.Round(score*1000) / 1000, rank: score, Because: []string{}}
}

// half is the evidence that makes a score of one half.
const half = 2

func addOnce(list []string, s string) []string {
	if s == "" || slices.ContainsFunc(list, func(t string) bool { return strings.EqualFold(t, s) }) {
		return list
	}
	return append(list, s)
}

// named words the trades. Unless trades are all that is wanted, only those that
// are believed are given, and they take three places in ten.
func (r *reading) named(all bool) []Suggestion {
	var out []Suggestion
	limit := len(r.trades)
	if !all {
		limit = max(1, 3*cmp.Or(min(max(r.q.Limit, 0), maxLimit), DefaultLimit)/10)
	}
	for _, t := range r.trades {
		if len(out) == limit {
			break
		}
		if !r.wanted(t.concept) || !all && t.share < minShare || all && t.score < minTrade {
			continue
		}
		s := r.suggestion(t.concept, float64(t.score))
		r.why(&s, t)
		out = append(out, s)
	}
	return out
}

const (
	minShare = 0.1
	minTrade = 0.35
)

// why gives the words of the title or text that name a trade, or are in its
// description; failing these, the trade of another scheme that led there.
func (r *reading) why(s *Suggestion, t led) {
	c := t.concept
	if r.byName {
		for _, m := range r.title {
			if n, ok := r.s.vocab[m.term]; ok && r.speaks(c, t.label, n) {
				s.Because = addOnce(s.Because, r.q.Title[m.start:m.end])
			}
		}
	} else {
		for _, m := range r.all {
			if r.speaks(c, t.label, m.term) && len(s.Because) < maxBecause {
				s.Words = append(s.Words, french.Span{Start: m.start, End: m.end})
				s.Because = addOnce(s.Because, r.text[m.start:m.end])
			}
		}
	}
	for i := r.e.bridge.to.at[c]; i < r.e.bridge.to.at[c+1] && len(s.Because) == 0; i++ {
		for _, o := range r.trades {
			if o.concept == r.e.bridge.to.to[i] {
				s.Because = addOnce(s.Because, r.e.concepts[o.concept].label(r.s.lang))
				break
			}
		}
	}
	if len(s.Because) == 0 { // a word typed nearly so
		s.Because = addOnce(s.Because, strings.TrimSpace(bare(r.q.Title)))
	}
}

const maxBecause = 8

// speaks says whether a term is in a label, or in the description, of a concept.
func (r *reading) speaks(c, label, term uint32) bool {
	if label != noLabel {
		row := r.s.labels.row(label)
		if slices.Contains(row, term) {
			return true
		}
		return slices.ContainsFunc(r.s.mates.row(term), func(m uint32) bool { return slices.Contains(row, m) })
	}
	_, in := slices.BinarySearch(r.s.notes.rows.row(c), term)
	return in
}
