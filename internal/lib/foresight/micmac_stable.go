package foresight

import (
	"math"
	"math/bits"
	"slices"
	"sort"
)

const (
	stableSteps = 3000   // powers looked at before giving up on a ranking that has not settled
	stableTie   = 1e-11  // floats this near are told apart only by their residues
	stableFloor = 1e-250 // entries below this are about to be lost
	modulus     = 1<<61 - 1
)

// stableAt is the first power from which both rankings stay what they are, or 0
// when they never do.
//
// Each power is followed twice: as floats, which order what differs, and modulo
// the prime 2^61-1, which tells a true tie from a difference too small to see
// (for matrices of whole numbers; otherwise nearness decides). The search ends
// when the growth of every entry over one period has settled, or when the floats
// cannot order two entries any more; the ranking must then have held for two
// periods at least.
func stableAt(m [][]float64, period int) int {
	if period > stableSteps/4 {
		return 0
	}
	s := sparseOf(m)
	sides := []*orbit{newOrbit(s.times, s, false), newOrbit(s.timesTransposed, s, true)}
	var history [][]int
	first, quiet := 1, 0
	for k := 1; k <= stableSteps; k++ {
		var now []int
		ordered, calm := true, true
		for _, o := range sides {
			o.step()
			places, ok := o.ranks()
			now = append(now, places...)
			ordered = ordered && ok
			calm = o.growthSettled(period) && calm
		}
		if !ordered {
			break
		}
		if k > 1 && !slices.Equal(now, history[len(history)-1]) {
			first = k
		}
		history = append(history, now)
		if !calm {
			quiet = 0
		} else if quiet++; quiet > 2*period+2 {
			break
		}
	}
	if len(history)-first < 2*period {
		return 0
	}
	return first
}

// orbit follows the sums of the powers on one side of the matrix.
type orbit struct {
	times   func([]float64) []float64
	s       sparse
	flipped bool
	x       []float64
	residue []uint64 // nil when the matrix is not of whole numbers
	logs    [][]float64
	grow    []float64 // growth over one period, as last seen
}

func newOrbit(times func([]float64) []float64, s sparse, flipped bool) *orbit {
	o := &orbit{times: times, s: s, flipped: flipped, x: ones(s.n)}
	for _, row := range s.value {
		for _, v := range row {
			if v != math.Trunc(v) {
				return o
			}
		}
	}
	o.residue = make([]uint64, s.n)
	for i := range o.residue {
		o.residue[i] = 1
	}
	return o
}

func (o *orbit) step() {
	y := o.times(o.x)
	top := 0.0
	for _, v := range y {
		top = max(top, v)
	}
	logs := make([]float64, len(y))
	for i, v := range y {
		y[i] = v / top
		logs[i] = math.Log(v / o.x[i])
	}
	o.x = y
	o.logs = append(o.logs, logs)
	if o.residue == nil {
		return
	}
	r := make([]uint64, len(y))
	for i, columns := range o.s.column {
		for c, j := range columns {
			from, to := j, i
			if o.flipped {
				from, to = i, j
			}
			r[to] = modAdd(r[to], modMul(uint64(o.s.value[i][c]), o.residue[from]))
		}
	}
	o.residue = r
}

// ranks are the places at this power; false when floats cannot tell.
func (o *orbit) ranks() ([]int, bool) {
	order := make([]int, len(o.x))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(a, b int) bool { return o.x[order[a]] > o.x[order[b]] })
	places := make([]int, len(o.x))
	for at, i := range order {
		places[i] = at + 1
		if o.x[i] > 0 && o.x[i] < stableFloor || math.IsNaN(o.x[i]) {
			return nil, false
		}
		if at == 0 {
			continue
		}
		before := order[at-1]
		tie := o.x[i] == o.x[before]
		if !tie && o.x[before]-o.x[i] <= stableTie*o.x[before] {
			if o.residue != nil && o.residue[i] != o.residue[before] {
				return nil, false
			}
			tie = true
		} else if tie && o.residue != nil && o.residue[i] != o.residue[before] {
			return nil, false
		}
		if tie {
			places[i] = places[before]
		}
	}
	return places, true
}

// growthSettled says whether every entry has grown over the last period as it
// did over the one before.
func (o *orbit) growthSettled(period int) bool {
	if len(o.logs) < period {
		return false
	}
	grow := make([]float64, len(o.x))
	for _, step := range o.logs[len(o.logs)-period:] {
		for i, v := range step {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				grow[i] += v
			}
		}
	}
	same := o.grow != nil
	for i, v := range grow {
		same = same && math.Abs(v-o.grow[i]) <= 1e-13*float64(period)*max(1, math.Abs(v))
	}
	o.grow = grow
	if len(o.logs) > period {
		o.logs = o.logs[1:]
	}
	return same
}

// modAdd and modMul compute modulo 2^61-1.
func modAdd(a, b uint64) uint64 {
	if a += b; a >= modulus {
		a -= modulus
	}
	return a
}

func modMul(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return modAdd(low&modulus, (high<<3|low>>61)%modulus)
}
