package foresight

import (
	"context"
	"math/bits"
	"slices"
)

// fates are what becomes of every start in a part: the number of an attractor,
// a fixed point or a cycle, and how many starts end there.
type fates struct {
	p           *part
	size        int64
	tally       []int64       // per attractor
	fixed       map[int64]int // fixed points: signature to attractor
	cycle       map[int64]int // cycles: lowest signature to attractor
	length      map[int]int   // cycles: attractor to length
	known       memory        // fates already found
	w           *walker
	place       []int64
	path        []int64
	cycleStarts int64
}

// fates walks every scenario of a part. Starts are visited in the order of their
// signature, the first descriptor turning fastest, so that the balance of a start
// follows from the one before; a walk stops as soon as it meets a known fate.
func (p *part) fates(ctx context.Context) (*fates, error) {
	f := &fates{p: p, fixed: map[int64]int{}, cycle: map[int64]int{}, length: map[int]int{}, w: newWalker(p)}
	f.size, _ = p.size()
	f.known = newMemory(f.size)
	place := int64(1)
	for _, c := range p.count {
		f.place = append(f.place, place)
		place *= int64(c)
	}
	start := newWalker(p)
	start.place(start.z)
	for sig := int64(0); sig < f.size; sig++ {
		if sig&0xffff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		// Few scenarios follow from another: without a word for each, looking up and
		// keeping starts would only push out what others will ask for.
		id := -1
		if f.known.direct {
			id = f.known.fate(sig)
		}
		if id < 0 {
			id = f.follow(start, sig)
		}
		f.tally[id]++
		if len(f.tally) > basinAttractors || len(f.cycle) > basinCycles {
			return nil, errAttractors
		}
		start.tick()
	}
	for _, id := range f.cycle {
		f.cycleStarts += f.tally[id]
	}
	return f, nil
}

// follow finds the fate of a start nobody has met before.
func (f *fates) follow(start *walker, sig int64) int {
	if !start.look() {
		return f.attractor(f.fixed, sig)
	}
	f.path = f.path[:0]
	if f.known.direct {
		f.path = append(f.path, sig)
	}
	next := f.signature(start.next)
	id := f.known.fate(next)
	if id < 0 {
		f.w.place(start.next)
		id = f.walk(next)
	}
	for _, s := range f.path {
		f.known.learn(s, id)
	}
	return id
}

// walk goes on from a scenario until its fate is known; scenarios met on the way
// are added to the path. A cycle is recognised by Brent's method.
func (f *fates) walk(sig int64) int {
	anchor, power, steps := sig, 1, 0
	for {
		f.path = append(f.path, sig)
		if !f.w.look() {
			return f.attractor(f.fixed, sig)
		}
		f.w.advance()
		sig = f.signature(f.w.z)
		if id := f.known.fate(sig); id >= 0 {
			return id
		}
		if sig == anchor {
			return f.turn(sig)
		}
		if steps++; steps == power {
			anchor, power, steps = sig, power*2, 0
		}
	}
}

// turn goes once round a cycle to give it a name, its lowest signature.
func (f *fates) turn(sig int64) int {
	lowest, length := sig, 0
	for at := sig; length == 0 || at != sig; length++ {
		f.w.look()
		f.w.advance()
		at = f.signature(f.w.z)
		lowest = min(lowest, at)
	}
	id := f.attractor(f.cycle, lowest)
	f.length[id] = length
	return id
}

func (f *fates) attractor(of map[int64]int, sig int64) int {
	id, seen := of[sig]
	if !seen {
		id = len(f.tally)
		of[sig] = id
		f.tally = append(f.tally, 0)
	}
	return id
}

func (f *fates) signature(z []int) int64 {
	var sig int64
	for i, v := range z {
		sig += f.place[i] * int64(v)
	}
	return sig
}

// scenario is the inverse of signature.
func (f *fates) scenario(sig int64) []int {
	z := make([]int, len(f.place))
	for i, c := range f.p.count {
		z[i] = int(sig % int64(c))
		sig /= int64(c)
	}
	return z
}

// listCycles describes the cycles, the lowest first.
func (f *fates) listCycles() []Cycle {
	const shown = 32
	all := []Cycle{}
	for _, sig := range sortedKeys(f.cycle) {
		id := f.cycle[sig]
		c := Cycle{Length: f.length[id], Starts: f.tally[id]}
		f.w.place(f.scenario(sig))
		for range min(c.Length, shown) {
			c.Scenarios = append(c.Scenarios, append([]int(nil), f.w.z...))
			f.w.look()
			f.w.advance()
		}
		all = append(all, c)
	}
	return all
}

func sortedKeys(m map[int64]int) []int64 {
	var keys []int64
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// memory keeps fates by signature in a fixed number of words. When the space is
// larger, a fate may push out another: that costs time, never truth, since a word
// and its place together hold the whole signature it speaks of.
type memory struct {
	words  []uint32 // 0 is empty, else 1 + (high bits of the mixed signature, attractor)
	direct bool     // one word for each scenario
	bits   uint     // of a signature
	place  uint     // of them, how many choose the word
}

const fateBits = 18 // enough for basinAttractors and basinCycles

// largestSpace is where the high bits of a signature would no longer fit.
const largestSpace = 1 << (22 + 32 - fateBits - 2)

func newMemory(size int64) memory {
	m := memory{bits: uint(bits.Len64(uint64(size - 1)))}
	m.place = min(m.bits, basinMemory)
	m.direct = m.place == m.bits
	m.words = make([]uint32, 1<<m.place)
	return m
}

// mix shuffles a signature within its bits: it can be undone, so nothing of it is
// lost.
func (m *memory) mix(sig int64) uint64 {
	h := uint64(sig)
	if m.direct {
		return h
	}
	h = h * 0x9e3779b97f4a7c15 & (1<<m.bits - 1)
	return h ^ h>>(m.bits/2)
}

func (m *memory) fate(sig int64) int {
	h := m.mix(sig)
	w := m.words[h&uint64(len(m.words)-1)] - 1
	if uint64(w>>fateBits) != h>>m.place {
		return -1
	}
	return int(w & (1<<fateBits - 1))
}

func (m *memory) learn(sig int64, id int) {
	h := m.mix(sig)
	m.words[h&uint64(len(m.words)-1)] = (uint32(h>>m.place)<<fateBits | uint32(id)) + 1
}
