package foresight

import (
	"context"
	"errors"
	"math"
	"math/big"
	"math/bits"
	"slices"
)

// Limits of the count of basins, unless others are asked for.
const (
	basinStarts     = 1 << 29 // scenarios walked for an exact count
	basinSamples    = 20_000
	basinAttractors = 200_000
	basinCycles     = 1000    // cycles told apart
	basinWhole      = 1 << 24 // spaces up to this are walked whole, so that cycles can be listed
	basinMemory     = 22      // 2^22 words of memory for known fates
)

// errAttractors says that there are too many attractors to count one by one.
var errAttractors = errors.New("foresight: too many attractors")

// BasinLimits bound a count of basins.
type BasinLimits struct {
	Starts  int64 // most scenarios walked for an exact count; beyond, basins are sampled
	Samples int   // how many starts are drawn then
}

// Cycle is a loop of scenarios that global succession never leaves.
type Cycle struct {
	Scenarios [][]int // at most 32, from the lowest on
	Length    int
	Starts    int64 // scenarios that end in it, its own included
}

// Basins are the basins of attraction of global succession: for each consistent
// scenario, how many starting scenarios end in it.
type Basins struct {
	Exact       bool
	Space       *big.Int
	Samples     int      // starts drawn, when not exact
	CycleStarts *big.Int // starts that end in a cycle; an estimate when not exact
	Cycles      []Cycle  // nil when islands were multiplied or starts were drawn

	parts []*part
	fates []*fates
	hits  map[string]int
}

// Basins counts basins of attraction under global succession (see Succeed),
// whose tie rule gives the weights ScenarioWizard prints.
//
// The count is exact while the space, or each island of it, has at most Starts
// scenarios: every one is walked until it meets a known fate. Memory does not
// grow with the space. Beyond, starts are drawn at random from a fixed seed, and
// Exact is false.
func (m *CIB) Basins(ctx context.Context, limits BasinLimits) (*Basins, error) {
	if limits.Starts <= 0 {
		limits.Starts = basinStarts
	}
	if limits.Samples <= 0 {
		limits.Samples = basinSamples
	}
	limits.Starts = min(limits.Starts, largestSpace)
	b := &Basins{Exact: true, Space: m.Space()}
	whole := m.whole()
	if size, ok := whole.size(); ok && size <= min(limits.Starts, basinWhole) {
		b.parts = []*part{whole}
	} else {
		b.parts = m.parts()
	}
	left := limits.Starts
	for _, p := range b.parts {
		size, ok := p.size()
		if left -= size; !ok || left < 0 {
			return b.sample(ctx, whole, limits.Samples)
		}
	}
	total := big.NewInt(1)
	for _, p := range b.parts {
		f, err := p.fates(ctx)
		if errors.Is(err, errAttractors) {
			return b.sample(ctx, whole, limits.Samples)
		}
		if err != nil {
			return nil, err
		}
		b.fates = append(b.fates, f)
		total.Mul(total, big.NewInt(f.size-f.cycleStarts))
	}
	// What does not end in a fixed point on every island turns for ever.
	b.CycleStarts = new(big.Int).Sub(b.Space, total)
	if len(b.parts) == 1 {
		b.Cycles = b.fates[0].listCycles()
	}
	return b, nil
}

// Of is the size of the basin of a scenario, an estimate when the count is not
// exact, with the bounds of a 95 % interval (all equal when exact). It is 0 for
// a scenario that is not consistent.
func (b *Basins) Of(variants []int) (size, low, high *big.Int) {
	if !b.Exact {
		key := make([]byte, len(variants))
		for i, v := range variants {
			key[i] = byte(v)
		}
		share, least, most := wilson(b.hits[string(key)], b.Samples)
		return b.share(share), b.share(least), b.share(most)
	}
	size = big.NewInt(1)
	for t, p := range b.parts {
		sig := int64(0)
		for at := len(p.descriptors) - 1; at >= 0; at-- {
			sig = sig*int64(p.count[at]) + int64(variants[p.descriptors[at]])
		}
		id, known := b.fates[t].fixed[sig]
		if !known {
			return new(big.Int), new(big.Int), new(big.Int)
		}
		size.Mul(size, big.NewInt(b.fates[t].tally[id]))
	}
	return size, size, size
}

// share is a part of the space, rounded.
func (b *Basins) share(f float64) *big.Int {
	v := new(big.Float).Mul(new(big.Float).SetInt(b.Space), big.NewFloat(f))
	n, _ := v.Add(v, big.NewFloat(0.5)).Int(nil)
	return n
}

// wilson is the share of hits with its 95 % interval.
// Source: E. B. Wilson, JASA 22 (1927) 209-212.
func wilson(hits, samples int) (share, low, high float64) {
	const z = 1.959963984540054
	n := float64(samples)
	share = float64(hits) / n
	centre := (share + z*z/(2*n)) / (1 + z*z/n)
	half := z * math.Sqrt(share*(1-share)/n+z*z/(4*n*n)) / (1 + z*z/n)
	return share, max(centre-half, 0), min(centre+half, 1)
}

// sample draws starts with a fixed generator (SplitMix64), so that the estimate
// is the same each time.
func (b *Basins) sample(ctx context.Context, whole *part, samples int) (*Basins, error) {
	b.Exact, b.Samples, b.hits = false, samples, map[string]int{}
	w := newWalker(whole)
	state := uint64(0x9e3779b97f4a7c15)
	start := make([]int, len(whole.count))
	key := make([]byte, len(start))
	turning := 0
	for range samples {
		for i, c := range whole.count {
			state += 0x9e3779b97f4a7c15
			r := (state ^ state>>30) * 0xbf58476d1ce4e5b9
			r = (r ^ r>>27) * 0x94d049bb133111eb
			high, _ := bits.Mul64(r^r>>31, uint64(c))
			start[i] = int(high)
		}
		w.place(start)
		fixed, err := w.settle(ctx)
		if err != nil {
			return nil, err
		}
		if !fixed {
			turning++
			continue
		}
		for i, v := range w.z {
			key[i] = byte(v)
		}
		b.hits[string(key)]++
	}
	share, _, _ := wilson(turning, samples)
	b.CycleStarts = b.share(share)
	return b, nil
}

// settle walks to the end: true at a fixed point, false on a cycle, which is
// recognised by Brent's method.
func (w *walker) settle(ctx context.Context) (bool, error) {
	anchor := append([]int(nil), w.z...)
	for power, steps := 1, 0; w.look(); {
		w.advance()
		if slices.Equal(w.z, anchor) {
			return false, nil
		}
		if steps++; steps == power {
			copy(anchor, w.z)
			power, steps = power*2, 0
		}
		if steps&255 == 0 && ctx.Err() != nil {
			return false, ctx.Err()
		}
	}
	return true, ctx.Err()
}
