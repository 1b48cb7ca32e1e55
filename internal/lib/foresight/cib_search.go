package foresight

import (
	"context"
	"math"
	"math/big"
	"math/bits"
	"slices"
)

// Limits of a search, unless others are asked for.
const (
	searchNodes     = 20_000_000
	searchScenarios = 100_000
)

// SearchLimits bound a search.
type SearchLimits struct {
	MaxInconsistency float64 // list scenarios whose inconsistency is at most this; 0 is consistent
	Nodes            int64   // most nodes of the tree, default 20 million
	Scenarios        int     // most scenarios listed, default 100 000
}

// Found is the outcome of a search.
type Found struct {
	Scenarios []Scenario // in the order of ScenarioWizard
	Complete  bool       // false when a limit stopped the search or the list
	Count     *big.Int   // how many there are; nil when the search did not finish
	Nodes     int64      // nodes visited
}

// Search lists every scenario whose inconsistency is at most the one given.
//
// It is a branch and bound over descriptors. For each descriptor i, chosen
// variant x and rival y it keeps a lower bound of the rival's lead,
//
//	Σ over decided j of C[j,z_j][i,y] - C[j,z_j][i,x]
//	+ Σ over open j of min over the variants a still possible for j of C[j,a][i,y] - C[j,a][i,x]
//
// and strikes out x when a lead exceeds the limit; a struck variant tightens the
// minima of others, until nothing changes (so decided descriptors are pruned and
// open ones checked forward by one rule). The minimum is taken over one variant
// at a time, which feeds both columns: that is tighter than bounding each column.
// At a leaf the bound is the true lead, so what is found is exact. Islands are
// searched one by one and multiplied.
//
// The error is that of the context, when it ends first.
func (m *CIB) Search(ctx context.Context, limits SearchLimits) (*Found, error) {
	if limits.Nodes <= 0 {
		limits.Nodes = searchNodes
	}
	if limits.Scenarios <= 0 {
		limits.Scenarios = searchScenarios
	}
	lead := min(math.Floor(limits.MaxInconsistency*float64(m.scale)+1e-9), math.MaxInt32/4)
	found := &Found{Complete: true, Count: big.NewInt(1)}
	var lists [][][]int
	parts := m.parts()
	for _, p := range parts {
		s := newSearch(ctx, p, int32(lead), limits.Nodes-found.Nodes, limits.Scenarios)
		s.run()
		if s.err != nil {
			return nil, s.err
		}
		found.Nodes += s.nodes
		if s.stopped {
			found.Complete, found.Count = false, nil
		}
		if found.Count != nil {
			found.Count.Mul(found.Count, big.NewInt(int64(len(s.out))))
		}
		lists = append(lists, s.out)
		if len(s.out) == 0 && !s.stopped {
			// One island without a scenario settles the matter for all.
			return &Found{Complete: true, Count: new(big.Int), Nodes: found.Nodes}, nil
		}
	}
	all, cut := multiply(parts, lists, len(m.Descriptors), limits.Scenarios)
	found.Complete = found.Complete && !cut
	for _, z := range all {
		found.Scenarios = append(found.Scenarios, m.Judge(z))
	}
	slices.SortFunc(found.Scenarios, func(a, b Scenario) int { return before(a.Variants, b.Variants) })
	return found, nil
}

// multiply combines the scenarios of the islands, at most as many as asked.
func multiply(parts []*part, lists [][][]int, descriptors, most int) (all [][]int, cut bool) {
	all = [][]int{make([]int, descriptors)}
	for t, p := range parts {
		var next [][]int
	combining:
		for _, z := range all {
			for _, own := range lists[t] {
				if len(next) >= most {
					cut = true
					break combining
				}
				w := append([]int(nil), z...)
				for at, i := range p.descriptors {
					w[i] = own[at]
				}
				next = append(next, w)
			}
		}
		all = next
	}
	return all, cut
}

// search walks the tree of one island.
type search struct {
	ctx     context.Context
	p       *part
	lead    int32 // greatest lead of a rival that is accepted
	budget  int64
	most    int
	nodes   int64
	stopped bool
	err     error
	out     [][]int

	n      int
	pair   []int      // where the pairs (x, y) of each descriptor start
	target [][]int    // descriptors whose order a descriptor can change
	width  []int      // how many pairs the targets of a descriptor have
	least  [][]int32  // least contribution to those pairs, by set of variants; nil when there are too many sets
	weight []float64  // how much deciding a descriptor tightens the bounds of others
	levels []searchAt // one state per depth
	queue  []int
	queued []bool
}

// searchAt is the state of a node.
type searchAt struct {
	bound []int32  // lower bounds of leads, by pair
	open  []uint64 // variants still possible, one bit each
}

// tableVariants is the most variants of a descriptor for which the minima of all
// sets of variants are tabled.
const tableVariants = 4

func newSearch(ctx context.Context, p *part, lead int32, budget int64, most int) *search {
	s := &search{ctx: ctx, p: p, lead: lead, budget: budget, most: most, n: len(p.count)}
	pairs := 0
	for _, c := range p.count {
		s.pair = append(s.pair, pairs)
		pairs += c * c
	}
	s.target = make([][]int, s.n)
	s.width, s.least = make([]int, s.n), make([][]int32, s.n)
	s.weight = make([]float64, s.n)
	s.queued = make([]bool, s.n)
	s.levels = make([]searchAt, s.n+1)
	for d := range s.levels {
		s.levels[d] = searchAt{make([]int32, pairs), make([]uint64, s.n)}
	}
	root := &s.levels[0]
	for j := range s.n {
		root.open[j] = ^uint64(0) >> (64 - p.count[j])
	}
	for j := range s.n {
		s.prepare(j, root)
	}
	return s
}

// prepare tables what descriptor j can contribute, and adds the least of it, its
// base and its influence on itself to the bounds.
func (s *search) prepare(j int, root *searchAt) {
	p := s.p
	for i := range s.n {
		block := s.block(j, i)
		spread := 0.0
		size := p.count[i] * p.count[i]
		for q := range size {
			lowest, highest := block[q], block[q]
			for a := 1; a < p.count[j]; a++ {
				lowest = min(lowest, block[a*size+q])
				highest = max(highest, block[a*size+q])
			}
			if i != j {
				root.bound[s.pair[i]+q] += lowest
				spread += float64(highest - lowest)
			}
		}
		if i == j {
			// When x is chosen, its own row counts, exactly.
			for x := range p.count[i] {
				for y := range p.count[i] {
					q := x*p.count[i] + y
					root.bound[s.pair[i]+q] += block[x*size+q] + p.base[p.offset[i]+y] - p.base[p.offset[i]+x]
				}
			}
			continue
		}
		if spread > 0 {
			s.target[j] = append(s.target[j], i)
			s.weight[j] += spread / float64(p.count[i])
		}
	}
	s.table(j)
}

// block is what each variant a of j adds to the lead of y over x, for all pairs
// of variants of i.
func (s *search) block(j, i int) []int32 {
	p := s.p
	var out []int32
	for a := p.offset[j]; a < p.offset[j+1]; a++ {
		row := p.impact[a][p.offset[i]:p.offset[i+1]]
		for _, x := range row {
			for _, y := range row {
				out = append(out, y-x)
			}
		}
	}
	return out
}

// table computes, for a descriptor of few variants, its least contributions
// under every set of variants.
func (s *search) table(j int) {
	for _, i := range s.target[j] {
		s.width[j] += s.p.count[i] * s.p.count[i]
	}
	if s.p.count[j] > tableVariants {
		return
	}
	width := s.width[j]
	s.least[j] = make([]int32, width<<s.p.count[j])
	for set := 1; set < 1<<s.p.count[j]; set++ {
		s.lowest(s.least[j][set*width:(set+1)*width], j, uint64(set))
	}
}

// lowest writes, for each pair of the targets of j, the least contribution of a
// set of variants of j.
func (s *search) lowest(into []int32, j int, set uint64) {
	p := s.p
	for first := true; set != 0; set &= set - 1 {
		a := p.impact[p.offset[j]+bits.TrailingZeros64(set)]
		q := 0
		for _, i := range s.target[j] {
			row := a[p.offset[i]:p.offset[i+1]]
			for _, x := range row {
				for _, y := range row {
					if v := y - x; first || v < into[q] {
						into[q] = v
					}
					q++
				}
			}
		}
		first = false
	}
}

func (s *search) run() {
	for i := range s.n {
		s.enqueue(i)
	}
	if s.settle(&s.levels[0]) {
		s.branch(0)
	}
}

func (s *search) enqueue(i int) {
	if !s.queued[i] {
		s.queued[i] = true
		s.queue = append(s.queue, i)
	}
}

// settle strikes out variants until nothing changes; false when a descriptor
// has none left.
func (s *search) settle(at *searchAt) bool {
	alive := true
	for len(s.queue) > 0 {
		i := s.queue[len(s.queue)-1]
		s.queue = s.queue[:len(s.queue)-1]
		s.queued[i] = false
		if !alive {
			continue
		}
		keep := s.viable(i, at)
		if keep == at.open[i] {
			continue
		}
		if keep == 0 {
			alive = false
			continue
		}
		s.narrow(i, keep, at)
	}
	return alive
}

// viable are the variants of i that no rival surely beats.
func (s *search) viable(i int, at *searchAt) uint64 {
	count := s.p.count[i]
	keep := at.open[i]
	for set := keep; set != 0; set &= set - 1 {
		x := bits.TrailingZeros64(set)
		start := s.pair[i] + x*count
		for _, v := range at.bound[start : start+count] {
			if v > s.lead {
				keep &^= 1 << x
				break
			}
		}
	}
	return keep
}

// narrow leaves a descriptor fewer variants and raises the bounds it feeds.
func (s *search) narrow(j int, keep uint64, at *searchAt) {
	was := at.open[j]
	at.open[j] = keep
	width := s.width[j]
	var old, now []int32
	if least := s.least[j]; least != nil {
		old, now = least[int(was)*width:int(was+1)*width], least[int(keep)*width:int(keep+1)*width]
	} else {
		old, now = make([]int32, width), make([]int32, width)
		s.lowest(old, j, was)
		s.lowest(now, j, keep)
	}
	for _, i := range s.target[j] {
		size := s.p.count[i] * s.p.count[i]
		into := at.bound[s.pair[i] : s.pair[i]+size]
		from, to := old[:size], now[:size]
		for q := range into {
			into[q] += to[q] - from[q]
		}
		old, now = old[size:], now[size:]
		s.enqueue(i)
	}
}

// branch decides one more descriptor, or keeps a scenario when all are decided.
func (s *search) branch(depth int) {
	at := &s.levels[depth]
	j := s.choose(at)
	if j < 0 {
		if len(s.out) >= s.most {
			s.stopped = true
			return
		}
		z := make([]int, s.n)
		for i, set := range at.open {
			z[i] = bits.TrailingZeros64(set)
		}
		s.out = append(s.out, z)
		return
	}
	next := &s.levels[depth+1]
	for set := at.open[j]; set != 0; set &= set - 1 {
		if s.nodes++; s.nodes > s.budget {
			s.stopped = true
		}
		if s.nodes&1023 == 0 && s.err == nil {
			s.err = s.ctx.Err()
		}
		if s.stopped || s.err != nil {
			return
		}
		copy(next.bound, at.bound)
		copy(next.open, at.open)
		s.narrow(j, set&-set, next)
		if s.settle(next) {
			s.branch(depth + 1)
		}
	}
}

// choose is the open descriptor with the fewest variants left for its weight; -1
// when all are decided.
func (s *search) choose(at *searchAt) int {
	best, fewest := -1, 0
	for i, set := range at.open {
		left := bits.OnesCount64(set)
		if left > 1 && (best < 0 || float64(left)*s.weight[best] < float64(fewest)*s.weight[i]) {
			best, fewest = i, left
		}
	}
	return best
}
