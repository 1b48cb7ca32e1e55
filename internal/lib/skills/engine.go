package skills

import (
	"sync"

	"digiwork/internal/lib/french"
	"digiwork/internal/lib/taxonomy"
)

// Engine suggests. It is made once, read-only, and serves any number of
// goroutines.
type Engine struct {
	digest   string // of the books it was made from
	concepts []concept
	needs    csr // trade → essential competences
	may      csr // trade → optional competences
	bridge   bridge
	sides    map[string]*side
	pool     sync.Pool
}

// concept is a competence or a trade.
type concept struct {
	uri, code string
	scheme    taxonomy.Scheme
	kind      taxonomy.Kind
	labels    [2]string // to show, in French and in English
	usual     float32   // how many trades need it, 0 to about 1.5, on a log scale
}

func (c *concept) label(lang string) string {
	if lang == french.English {
		return c.labels[1]
	}
	return c.labels[0]
}

// csr is rows of numbers, one after the other: row i is to[at[i]:at[i+1]].
type csr struct{ at, to []uint32 }

func (c *csr) row(i uint32) []uint32 { return c.to[c.at[i]:c.at[i+1]] }

// newCSR flattens rows.
func newCSR(rows [][]uint32) csr {
	n := 0
	for _, r := range rows {
		n += len(r)
	}
	c := csr{at: make([]uint32, 1, len(rows)+1), to: make([]uint32, 0, n)}
	for _, r := range rows {
		c.to = append(c.to, r...)
		c.at = append(c.at, uint32(len(c.to))) //nolint:gosec // bounded by what a book may hold
	}
	return c
}

// side is what is known in one language.
type side struct {
	lang  string
	words []string // term of each number
	vocab map[string]uint32
	idf   [2][]float32 // by term: among all concepts, among trades (inText, inTitle)

	labels csr      // label → its terms, in the order of the words
	owner  []uint32 // label → concept
	role   []uint8  // label → taxonomy.Role

	anchors csr // term → labels it is one of the rarest words of
	mates   csr // term → other terms of the same root

	notes  field   // descriptions
	bag    field   // all labels of a trade together
	told   csr     // term → trades whose description has it
	levels []uint8 // concept → bits of the levels its labels begin with
}

// field is the terms of one text of each concept, with how often each.
type field struct {
	rows  csr
	count []uint8 // beside rows.to
	size  []uint16
	mean  [2]float32 // size, of competences and of trades
}

// The two uses of rarity.
const (
	inText  = 0
	inTitle = 1
)

// anchorsPerLabel is by how many of its rarest words a label can be found. A
// label found by none of them is covered too little to matter.
const anchorsPerLabel = 3

// Size is how many concepts the engine suggests from, by scheme.
func (e *Engine) Size() map[taxonomy.Scheme]int {
	n := map[taxonomy.Scheme]int{}
	for i := range e.concepts {
		n[e.concepts[i].scheme]++
	}
	return n
}

// work is the memory of one request on one side, used again by the next.
type work struct {
	turn  uint32
	term  []uint32 // turn in which a term was last met
	slot  []uint32 // where it stands in hits
	label []uint32 // turn in which a label was last looked at
	hits  []hit
	found map[uint32]*evidence
}

// hit is a term of the index that a word of the request answers.
type hit struct {
	word                int     // of the request, in a title
	like                float32 // 1: the term itself; less: one of its root, or typed nearly so
	first, second, last int32   // places in the sentence
}

func (e *Engine) borrow(s *side) *work {
	w, _ := e.pool.Get().(*work)
	if w == nil {
		w = &work{found: map[uint32]*evidence{}}
	}
	if len(w.term) < len(s.words) || len(w.label) < len(s.owner) || w.turn > 1<<31 {
		w.term, w.slot = make([]uint32, len(s.words)), make([]uint32, len(s.words))
		w.label, w.turn = make([]uint32, len(s.owner)), 0
	}
	return w
}

func (e *Engine) giveBack(w *work) {
	clear(w.found)
	w.hits = w.hits[:0]
	e.pool.Put(w)
}
