package skills

import (
	"math"
	"slices"

	"digiwork/internal/lib/french"
	"digiwork/internal/lib/taxonomy"
)

// bridge says how trades of ROME and of ESCO correspond: from each trade to some
// of the other scheme, with how strongly (thousandths).
type bridge struct {
	to     csr
	weight []uint16
}

// How the bridge is made and crossed: from how many trades, to how many at most,
// and how fast doubt grows with distance.
const (
	bridgeTrades = 5
	bridgeWidth  = 12
	bridgeNear   = 10 // trades a job title may speak for
	surePower    = 5
	nearPower    = 3
	nearCount    = 2 // smooths trades with few titles
)

// cross is what the trades found speak for in the other scheme, 0 to about 1.
func (b *bridge) cross(e *Engine, found []scored) map[uint32]float32 {
	over := map[uint32]float32{}
	taken := map[taxonomy.Scheme]int{}
	for _, f := range found {
		scheme := e.concepts[f.concept].scheme
		if taken[scheme] == bridgeTrades {
			continue
		}
		taken[scheme]++
		sure := math.Pow(float64(f.sure), surePower)
		for i := b.to.at[f.concept]; i < b.to.at[f.concept+1]; i++ {
			over[b.to.to[i]] += float32(sure * float64(b.weight[i]) / 1000)
		}
	}
	for c, v := range over {
		over[c] = float32(math.Sqrt(float64(v)))
	}
	return over
}

// learn makes the bridge. Each job title of ROME is looked for among the trades
// of ESCO; what the titles of one trade agree on is how it corresponds. A
// crosswalk, where there is one, is added as certain.
func (e *Engine) learn(rome, walk *taxonomy.Book, place map[string]uint32) {
	rows := make([]map[uint32]float64, len(e.concepts))
	add := func(a, b uint32, v float64) {
		for _, p := range [2][2]uint32{{a, b}, {b, a}} {
			if rows[p[0]] == nil {
				rows[p[0]] = map[uint32]float64{}
			}
			rows[p[0]][p[1]] += v
		}
	}
	if rome != nil {
		e.learnTitles(rome, place, add)
	}
	if rome != nil && walk != nil {
		readCrosswalk(rome, walk, place, add)
	}
	to := make([][]uint32, len(rows))
	for c, row := range rows {
		for t := range row {
			to[c] = append(to[c], t)
		}
		slices.SortFunc(to[c], func(x, y uint32) int {
			if row[x] != row[y] {
				if row[x] > row[y] {
					return -1
				}
				return 1
			}
			return int(x) - int(y)
		})
		to[c] = to[c][:min(len(to[c]), bridgeWidth)]
		for _, t := range to[c] {
			e.bridge.weight = append(e.bridge.weight, uint16(min(math.MaxUint16, 1000*row[t])))
		}
	}
	e.bridge.to = newCSR(to)
}

func (e *Engine) learnTitles(rome *taxonomy.Book, place map[string]uint32, add func(a, b uint32, v float64)) {
	s := e.sides[french.French]
	w := e.borrow(s)
	defer e.giveBack(w)
	r := newReader(french.French)
	sums := map[uint32]map[uint32]float64{}
	count := map[uint32]float64{}
	var tokens []token
	for i := range rome.Concepts {
		c := &rome.Concepts[i]
		if c.Kind != taxonomy.Title {
			continue
		}
		tokens = r.tokens(tokens[:0], c.Label(french.French))
		var near []scored
		for _, f := range e.titles(s, w, tokens) {
			if e.concepts[f.concept].scheme != taxonomy.ROME {
				if near = append(near, f); len(near) == bridgeNear {
					break
				}
			}
		}
		rome.Linked(i, taxonomy.TitleOf, func(to int) bool {
			trade := place[rome.Concepts[to].URI]
			count[trade]++
			if sums[trade] == nil {
				sums[trade] = map[uint32]float64{}
			}
			for _, f := range near {
				v := float64(f.score / titleFull)
				sums[trade][f.concept] += math.Pow(v, nearPower)
			}
			return true
		})
	}
	for trade, row := range sums {
		for c, v := range row {
			add(trade, c, v/math.Sqrt(count[trade]+nearCount))
		}
	}
}

// readCrosswalk adds the pairs of a crosswalk, from trades of ESCO to job titles
// of ROME, hence to their trades.
func readCrosswalk(rome, walk *taxonomy.Book, place map[string]uint32, add func(a, b uint32, v float64)) {
	sure := map[taxonomy.Relation]float64{taxonomy.Exact: 1, taxonomy.Close: 0.6, taxonomy.NarrowMatch: 0.3, taxonomy.BroadMatch: 0.3}
	for i := range walk.Concepts {
		c := &walk.Concepts[i]
		from, ok := place[c.URI]
		if !ok {
			continue
		}
		for _, ref := range c.Refs {
			t, ok := rome.Find(ref.URI)
			if !ok {
				continue
			}
			if to, ok := place[rome.Concepts[t].URI]; ok {
				add(from, to, sure[ref.Relation])
			}
			rome.Linked(t, taxonomy.TitleOf, func(trade int) bool {
				add(from, place[rome.Concepts[trade].URI], sure[ref.Relation])
				return true
			})
		}
	}
}
