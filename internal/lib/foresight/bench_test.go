package foresight

import (
	"fmt"
	"slices"
	"testing"
)

// mersenne is the generator MT19937 (Matsumoto and Nishimura 1998), seeded as
// NumPy's legacy generator is, so that the model below is the one others have
// measured.
type mersenne struct {
	state [624]uint32
	at    int
}

func newMersenne(seed uint32) *mersenne {
	m := &mersenne{at: 624}
	m.state[0] = seed
	for i := 1; i < 624; i++ {
		m.state[i] = 1812433253*(m.state[i-1]^m.state[i-1]>>30) + uint32(i)
	}
	return m
}

func (m *mersenne) next() uint32 {
	if m.at == 624 {
		for i := range m.state {
			y := m.state[i]&0x80000000 | m.state[(i+1)%624]&0x7fffffff
			m.state[i] = m.state[(i+397)%624] ^ y>>1 ^ y&1*0x9908b0df
		}
		m.at = 0
	}
	y := m.state[m.at]
	m.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// between draws from -most to most by rejection.
func (m *mersenne) between(most int) int {
	mask := uint32(1)
	for mask < uint32(2*most) {
		mask = mask<<1 | 1
	}
	for {
		if v := m.next() & mask; v <= uint32(2*most) {
			return int(v) - most
		}
	}
}

// denseModel is the benchmark "50x50" of JuCIB: 15 descriptors, 50 variants,
// 60,466,176 scenarios, every impact drawn from -2 to 2. ScenarioWizard finds five
// consistent scenarios in it.
func denseModel(t testing.TB) *CIB {
	t.Helper()
	return drawnModel(t, 0, []int{4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, 2, func(int, int) bool { return true })
}

// nestedModel has the shape of a model of places inside a region inside the
// world: 17 descriptors, 408,146,688 scenarios; inner ones depend on outer ones,
// few the other way.
func nestedModel(t testing.TB) *CIB {
	t.Helper()
	level := func(i int) int { return min(i/8, 2) + min(i/14, 1) }
	return drawnModel(t, 48, []int{3, 3, 3, 3, 4, 3, 3, 3, 3, 3, 3, 4, 4, 3, 3, 3, 4}, 3, func(from, to int) bool {
		return level(from) == level(to) || (level(from) == level(to)+1 && (from+to)%2 == 0) || (level(from) < level(to) && (from*to)%7 == 3)
	})
}

func drawnModel(t testing.TB, seed uint32, counts []int, most int, linked func(from, to int) bool) *CIB {
	t.Helper()
	var descriptors []Descriptor
	var of []int
	for i, n := range counts {
		descriptors = append(descriptors, Descriptor{Name: fmt.Sprint("D", i+1), Variants: make([]string, n)})
		for range n {
			of = append(of, i)
		}
	}
	draw := newMersenne(seed)
	impacts := numbers(len(of), len(of))
	for a := range impacts {
		for b := range impacts {
			if v := draw.between(most); of[a] != of[b] && linked(of[a], of[b]) {
				impacts[a][b] = float64(v)
			}
		}
	}
	m, err := NewCIB("drawn", descriptors, impacts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDenseModelGivesTheScenariosOfScenarioWizard(t *testing.T) {
	found, err := denseModel(t).Search(t.Context(), SearchLimits{})
	if err != nil {
		t.Fatal(err)
	}
	// The list ScenarioWizard saved, with its total impact scores.
	want := []Scenario{
		{Variants: []int{3, 3, 3, 1, 4, 3, 1, 3, 3, 3, 2, 3, 1, 1, 1}, Impact: 61},
		{Variants: []int{3, 3, 3, 1, 4, 3, 1, 2, 3, 3, 2, 3, 1, 2, 1}, Impact: 68},
		{Variants: []int{3, 3, 3, 1, 1, 3, 1, 2, 1, 2, 2, 1, 3, 2, 1}, Impact: 74},
		{Variants: []int{3, 3, 4, 1, 1, 3, 1, 2, 3, 2, 2, 3, 3, 3, 1}, Impact: 85},
		{Variants: []int{4, 3, 4, 1, 3, 1, 1, 2, 1, 3, 2, 3, 2, 2, 2}, Impact: 64},
	}
	if len(found.Scenarios) != len(want) {
		t.Fatalf("%d scenarios", len(found.Scenarios))
	}
	for i, s := range found.Scenarios {
		if !slices.Equal(from1(s.Variants), want[i].Variants) || s.Impact != want[i].Impact {
			t.Errorf("scenario %d is %v with %v", i, from1(s.Variants), s.Impact)
		}
	}
}

// sweep visits every scenario, turning the first descriptor fastest and keeping
// the balance in step: the fastest simple program, and the limit others are held
// against.
func sweep(m *CIB) int {
	p := m.whole()
	size, _ := p.size()
	w := newWalker(p)
	w.place(w.z)
	count := 0
	for range size {
		if !w.look() {
			count++
		}
		w.tick()
	}
	return count
}

func TestSweepAgreesWithSearch(t *testing.T) {
	m := drawnModel(t, 0, []int{3, 3, 2, 4, 3, 3, 2, 3}, 2, func(int, int) bool { return true })
	found, err := m.Search(t.Context(), SearchLimits{})
	if err != nil {
		t.Fatal(err)
	}
	if n := sweep(m); n != len(found.Scenarios) {
		t.Errorf("sweep finds %d, search %d", n, len(found.Scenarios))
	}
}

// Figures of the prototype on the machine these were first run on (2 cores, one
// thread): dense 27 ms and 175,047 nodes; a real nested model of 4e8 scenarios
// 1.1 ms and 3,629 nodes.

func BenchmarkSearchDense(b *testing.B)  { benchmarkSearch(b, denseModel(b), 0) }
func BenchmarkSearchNested(b *testing.B) { benchmarkSearch(b, nestedModel(b), 0) }

// BenchmarkSearchNearly lists nearly consistent scenarios.
func BenchmarkSearchNearly(b *testing.B) { benchmarkSearch(b, denseModel(b), 2) }

func benchmarkSearch(b *testing.B, m *CIB, most float64) {
	var found *Found
	for b.Loop() {
		var err error
		if found, err = m.Search(b.Context(), SearchLimits{MaxInconsistency: most}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(found.Nodes), "nodes")
	b.ReportMetric(float64(len(found.Scenarios)), "scenarios")
}

// basinModel has 4,251,528 scenarios.
func basinModel(b *testing.B) *CIB {
	return drawnModel(b, 0, []int{3, 3, 3, 3, 2, 3, 3, 3, 3, 2, 3, 3, 3, 3, 2}, 2, func(int, int) bool { return true })
}

func BenchmarkBasins(b *testing.B) {
	m := basinModel(b)
	size, _ := m.whole().size()
	for b.Loop() {
		if _, err := m.Basins(b.Context(), BasinLimits{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/scenario")
}

func BenchmarkSweep(b *testing.B) {
	m := basinModel(b)
	size, _ := m.whole().size()
	for b.Loop() {
		sweep(m)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/scenario")
}

func BenchmarkMICMAC100(b *testing.B) {
	draw := newMersenne(1)
	m := numbers(100, 100)
	for i := range m {
		for j := range m {
			if i != j {
				m[i][j] = float64(draw.next() % 4)
			}
		}
	}
	in := MicmacInput{Variables: named(100), Matrix: m}
	for b.Loop() {
		if _, err := MICMAC(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMACTOR30(b *testing.B) {
	draw := newMersenne(1)
	in := MactorInput{Actors: named(30), Objectives: named(30), MID: numbers(30, 30), MAO: numbers(30, 30)}
	for i := range 30 {
		for j := range 30 {
			if i != j {
				in.MID[i][j] = float64(draw.next() % 5)
			}
			in.MAO[i][j] = float64(draw.next()%9) - 4
		}
	}
	for b.Loop() {
		if _, err := MACTOR(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSMIC8(b *testing.B) {
	in := manyJudgements(8)
	for b.Loop() {
		if _, err := SMIC(in); err != nil {
			b.Fatal(err)
		}
	}
}
