package skills

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"sync"

	"digiwork/internal/lib/french"
	"digiwork/internal/lib/taxonomy"
)

// Build makes an engine from books: ESCO, ROME, their crosswalk, the starter
// list; the others hold nothing to suggest and are passed over. It takes a few
// seconds for all of ESCO and ROME; see Open for keeping what it made.
func Build(books ...*taxonomy.Book) *Engine {
	e := &Engine{sides: map[string]*side{}, digest: digestOf(books)}
	place := map[string]uint32{}
	var rome, walk *taxonomy.Book
	for _, b := range books {
		switch b.Scheme {
		case taxonomy.RomeESCO:
			walk = b
			continue
		case taxonomy.ROME:
			rome = b
		case taxonomy.RNCP, taxonomy.Formacode:
			continue
		}
		for i := range b.Concepts {
			c := &b.Concepts[i]
			if c.Kind != taxonomy.Skill && c.Kind != taxonomy.Occupation || c.Closed {
				continue
			}
			place[c.URI] = uint32(len(e.concepts)) //nolint:gosec // bounded by what a book may hold
			e.concepts = append(e.concepts, concept{uri: c.URI, code: c.Code, scheme: b.Scheme, kind: c.Kind,
				labels: [2]string{c.Label(french.French), c.Label(french.English)}})
		}
	}
	e.graph(books, place)
	sides := []*sideBuilder{e.names(french.French, books, place), e.names(french.English, books, place)}
	lendEveryday(everyday(), e.concepts, sides)
	for _, sb := range sides {
		sb.lend(books, place)
		e.sides[sb.lang] = sb.freeze(e.concepts)
	}
	e.learn(rome, walk, place)
	return e
}

// everyday is our own list, which lends its names to the referentials.
var everyday = sync.OnceValue(func() *taxonomy.Book {
	b, err := taxonomy.StarterList()
	if err != nil {
		panic(err) // it is in the program, and tested
	}
	return b
})

// digestOf stands for all that an index is made from.
func digestOf(books []*taxonomy.Book) string {
	h := sha256.New()
	h.Write([]byte(format + everyday().Digest + "\n"))
	for _, b := range books {
		h.Write([]byte(string(b.Scheme) + " " + b.Digest + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// graph reads which competences each trade needs, and how usual each is.
func (e *Engine) graph(books []*taxonomy.Book, place map[string]uint32) {
	needs, may := make([][]uint32, len(e.concepts)), make([][]uint32, len(e.concepts))
	usual := make([]float64, len(e.concepts))
	for _, b := range books {
		for i := range b.Concepts {
			from, ok := place[b.Concepts[i].URI]
			if !ok {
				continue
			}
			for _, l := range b.Concepts[i].Links {
				to, ok := place[b.Concepts[l.To].URI]
				switch {
				case !ok:
					continue
				case l.Relation == taxonomy.Essential:
					needs[from] = append(needs[from], to)
				case l.Relation == taxonomy.Optional:
					may[from] = append(may[from], to)
				default:
					continue
				}
				usual[to]++
			}
		}
	}
	for c, n := range usual {
		e.concepts[c].usual = float32(math.Log(1+n) / 5)
	}
	e.needs, e.may = newCSR(needs), newCSR(may)
}

// names gathers what concepts are called in a language, and their descriptions.
func (e *Engine) names(lang string, books []*taxonomy.Book, place map[string]uint32) *sideBuilder {
	sb := newSideBuilder(lang, len(e.concepts))
	for _, b := range books {
		for i := range b.Concepts {
			c := &b.Concepts[i]
			if at, ok := place[c.URI]; ok {
				sb.concept(at, c)
			}
		}
	}
	for _, b := range books { // after all trades, since labels of one concept stay together above
		for i := range b.Concepts {
			if b.Concepts[i].Kind != taxonomy.Title {
				continue
			}
			b.Linked(i, taxonomy.TitleOf, func(to int) bool {
				if at, ok := place[b.Concepts[to].URI]; ok {
					sb.names(at, &b.Concepts[i], taxonomy.Alternative)
				}
				return true
			})
		}
	}
	return sb
}

// concept adds the labels and the description of a concept.
func (b *sideBuilder) concept(at uint32, c *taxonomy.Concept) {
	b.names(at, c, 0)
	b.note(at, c.Note(b.lang))
}

// names adds the labels of c in this language to the concept at, at best as role.
func (b *sideBuilder) names(at uint32, c *taxonomy.Concept, role taxonomy.Role) {
	for _, l := range c.Labels {
		if l.Lang == b.lang {
			b.label(at, cmp.Or(role, l.Role), l.Text)
		}
	}
}
