package vae

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"digiwork/internal/lib/french"
	"digiwork/internal/lib/taxonomy"
)

// Books lends the referentials an operator imported. taxonomy.Library is one.
type Books interface {
	Book(s taxonomy.Scheme) (*taxonomy.Book, error)
}

// Register is the certifications of the newest book of RNCP; it may be empty.
type Register struct {
	Books Books

	mu    sync.Mutex
	index *index
}

// index is one book, made ready to be searched.
type index struct {
	book  *taxonomy.Book
	named []named            // certifications
	blocs map[int][]int      // certification → its blocs, in the order of their codes
	open  []posted           // blocs of certifications in force, which are compared
	words map[string][]int32 // term → places in open of the blocs whose titles hold it
	mass  []float64          // weight of all words of the title, by place in open
	rare  map[string]float64 // term → its weight
}

type named struct {
	at     int
	text   string // code, name and certifier
	closed bool
}

type posted struct{ bloc, of int }

// Listed is a certification of the register, for a list.
type Listed struct {
	Code, Title, Level, Until string
	Certifiers                []string
	Blocs                     int
	Closed                    bool
	ReplacedBy                string // code of what took its place
	Experience                bool   // VAE is among the ways to it, as far as the register says
}

// open is the index of the newest book; nil when none was imported.
func (r *Register) open() (*index, error) {
	b, err := r.Books.Book(taxonomy.RNCP)
	if err != nil || b == nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.index == nil || r.index.book.Digest != b.Digest {
		r.index = newIndex(b)
	}
	return r.index, nil
}

func newIndex(b *taxonomy.Book) *index {
	x := &index{book: b, blocs: map[int][]int{}, words: map[string][]int32{}, rare: map[string]float64{}}
	a := french.Analyser{Lang: french.French}
	var terms [][]string
	for i := range b.Concepts {
		c := &b.Concepts[i]
		switch c.Kind {
		case taxonomy.Certification:
			x.named = append(x.named, named{at: i, closed: c.Closed, text: c.Code + " " + c.Label("fr") + " " + strings.Join(c.Fact(taxonomy.FactCertifier), " ")})
		case taxonomy.Bloc:
			b.Linked(i, taxonomy.PartOf, func(to int) bool {
				x.blocs[to] = append(x.blocs[to], i)
				if !b.Concepts[to].Closed {
					t := distinct(a.Terms(nil, c.Label("fr")))
					for _, w := range t {
						x.words[w] = append(x.words[w], int32(len(x.open))) //nolint:gosec // fewer than concepts
					}
					x.open, terms = append(x.open, posted{i, to}), append(terms, t)
				}
				return true
			})
		}
	}
	for t, at := range x.words {
		x.rare[t] = rarity(len(at), len(x.open))
	}
	x.mass = make([]float64, len(x.open))
	for i, ts := range terms {
		for _, t := range ts {
			x.mass[i] += x.rare[t]
		}
	}
	for of := range x.blocs {
		slices.SortFunc(x.blocs[of], func(p, q int) int { return cmp.Compare(b.Concepts[p].Code, b.Concepts[q].Code) })
	}
	return x
}

// Notice is what the licence of the register asks to show, "" when none is imported.
func (r *Register) Notice() (string, error) {
	x, err := r.open()
	if err != nil || x == nil {
		return "", err
	}
	return taxonomy.RNCP.Notice() + " " + x.book.Version, nil
}

// Search finds certifications by their number or by words of their names, those in
// force first, at most limit.
func (r *Register) Search(words string, limit int) ([]Listed, error) {
	x, err := r.open()
	if err != nil || x == nil || strings.TrimSpace(words) == "" {
		return nil, err
	}
	m := french.NewMatcher(codeTyped(words), french.French)
	var open, closed []Listed
	for _, n := range x.named {
		if !m.Match(n.text) {
			continue
		}
		if l := x.listed(n.at); n.closed {
			closed = append(closed, l)
		} else {
			open = append(open, l)
		}
	}
	all := append(open, closed...)
	return all[:min(limit, len(all))], nil
}

// codeTyped makes one word of a number typed as "RNCP 37191".
func codeTyped(words string) string {
	f := strings.Fields(words)
	if len(f) == 2 && ficheForm.MatchString(strings.ToUpper(f[0]+f[1])) {
		return f[0] + f[1]
	}
	return words
}

func (x *index) listed(at int) Listed {
	c := &x.book.Concepts[at]
	l := Listed{
		Code: c.Code, Title: c.Label("fr"), Certifiers: c.Fact(taxonomy.FactCertifier), Blocs: len(x.blocs[at]), Closed: c.Closed,
		Level: levelOf(c), Until: first(c.Fact(taxonomy.FactUntil)),
	}
	ways := c.Fact(taxonomy.FactAccess)
	l.Experience = len(ways) == 0 || slices.ContainsFunc(ways, func(w string) bool { return strings.Contains(french.Fold(w), "experience") })
	x.book.Linked(at, taxonomy.ReplacedBy, func(to int) bool {
		l.ReplacedBy = x.book.Concepts[to].Code
		return false
	})
	return l
}

func levelOf(c *taxonomy.Concept) string {
	return strings.TrimPrefix(strings.ToUpper(first(c.Fact(taxonomy.FactLevel))), "NIV")
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// Certification reads one by its number, with its blocs; ok is false when the register
// does not have it.
func (r *Register) Certification(code string) (c Certification, l Listed, ok bool, err error) {
	x, err := r.open()
	if err != nil || x == nil || !ficheForm.MatchString(code) {
		return c, l, false, err
	}
	at, ok := x.book.Find(code)
	if !ok || x.book.Concepts[at].Kind != taxonomy.Certification {
		return c, l, false, nil
	}
	l = x.listed(at)
	c = Certification{
		Code: l.Code, Title: l.Title, Level: l.Level, Until: l.Until, Certifier: strings.Join(l.Certifiers, ", "),
		Source: string(taxonomy.RNCP) + "@" + x.book.Version,
	}
	for _, i := range x.blocs[at] {
		b := &x.book.Concepts[i]
		c.Blocs = append(c.Blocs, Bloc{ID: b.Code, Code: b.Code, Title: b.Label("fr"), Competences: lines(b.Note("fr"))})
	}
	c.inherit(Certification{})
	return c, l, true, nil
}

// Closest is a bloc of the register whose title shares words with what a person says.
type Closest struct {
	Bloc  Bloc
	Of    Listed
	Words []string // of what she said
	Known []Known  // where she said them, the closest first
}

// Closest finds the blocs, of certifications in force, whose titles are closest to
// what she knows how to do and did: at most limit, one a certification.
func (r *Register) Closest(known []Known, limit int) ([]Closest, error) {
	x, err := r.open()
	if err != nil || x == nil {
		return nil, err
	}
	order, by := x.closest(known)
	var all []Closest
	seen := map[int]bool{}
	for _, i := range order {
		if len(all) == limit {
			break
		}
		p := x.open[i]
		if seen[p.of] {
			continue
		}
		c := &x.book.Concepts[p.bloc]
		k := known[by[i]]
		words := common(k.Title+" "+k.Text, c.Label("fr"))
		if !says(words) {
			continue
		}
		seen[p.of] = true
		all = append(all, Closest{Bloc: Bloc{ID: c.Code, Code: c.Code, Title: c.Label("fr")}, Of: x.listed(p.of), Words: words.list, Known: []Known{k}})
	}
	return all, nil
}

// closest orders the places of blocs by the thing said that is closest to each, and
// says which it is.
func (x *index) closest(known []Known) (order []int32, by []int32) {
	by = make([]int32, len(x.open))
	best, sum := make([]float64, len(x.open)), make([]float64, len(x.open))
	a := french.Analyser{Lang: french.French}
	var met []int32
	for k := range known {
		met = met[:0]
		for _, t := range distinct(a.Terms(nil, known[k].Title+" "+known[k].Text)) {
			weight := x.rare[t] * weightOf(t)
			for _, i := range x.words[t] {
				if sum[i] == 0 {
					met = append(met, i)
				}
				sum[i] += weight
			}
		}
		for _, i := range met {
			// Cover times what is covered, less and less: long titles met well come before
			// short ones met by one common word.
			if score := sum[i] * sum[i] / (x.mass[i] * (2 + sum[i])); score > best[i] {
				best[i], by[i] = score, int32(k) //nolint:gosec // a few thousand at most
			}
			sum[i] = 0
		}
	}
	for i, score := range best {
		if score > 0 {
			order = append(order, int32(i)) //nolint:gosec // a place
		}
	}
	slices.SortFunc(order, func(p, q int32) int { return cmp.Or(cmp.Compare(best[q], best[p]), cmp.Compare(p, q)) })
	return order, by
}
