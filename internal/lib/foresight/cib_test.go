package foresight

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// model draws a small model, with sections on the diagonal now and then.
func model(t *rapid.T) *CIB {
	n := rapid.IntRange(1, 5).Draw(t, "descriptors")
	var descriptors []Descriptor
	width := 0
	for i := range n {
		d := Descriptor{Name: fmt.Sprint("D", i+1)}
		for v := range rapid.IntRange(1, 5).Draw(t, "variants") {
			d.Variants = append(d.Variants, fmt.Sprintf("%d.%d", i+1, v+1))
		}
		width += len(d.Variants)
		descriptors = append(descriptors, d)
	}
	density := rapid.IntRange(1, 10).Draw(t, "density")
	own := rapid.Bool().Draw(t, "own sections")
	divide := rapid.SampledFrom([]float64{1, 1, 1, 10, 2}).Draw(t, "decimals")
	m := numbers(width, width)
	row := 0
	for i, source := range descriptors {
		column := 0
		for j, target := range descriptors {
			filled := rapid.IntRange(0, 9).Draw(t, "section") < density && (i != j || own)
			for a := range source.Variants {
				for b := range target.Variants {
					if filled {
						m[row+a][column+b] = float64(rapid.IntRange(-3, 3).Draw(t, "impact")) / divide
					}
				}
			}
			column += len(target.Variants)
		}
		row += len(source.Variants)
	}
	c, err := NewCIB("drawn", descriptors, m)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// everyScenario visits the whole space in the order of signatures.
func everyScenario(m *CIB, visit func(z []int)) {
	z := make([]int, len(m.Descriptors))
	for {
		visit(z)
		i := 0
		for ; i < len(z); i++ {
			if z[i]++; z[i] < len(m.Descriptors[i].Variants) {
				break
			}
			z[i] = 0
		}
		if i == len(z) {
			return
		}
	}
}

// naiveInconsistency is written from the definition, on the impacts as given.
func naiveInconsistency(m *CIB, impacts [][]float64, z []int) float64 {
	worst := 0.0
	theta := func(j, b int) float64 {
		total := 0.0
		for i, a := range z {
			total += impacts[m.offset[i]+a][m.offset[j]+b]
		}
		return total
	}
	for j, x := range z {
		for b := range m.Descriptors[j].Variants {
			worst = max(worst, theta(j, b)-theta(j, x))
		}
	}
	return worst
}

func TestSearchFindsWhatASweepFinds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := model(rt)
		most := float64(rapid.IntRange(0, 4).Draw(rt, "inconsistency"))
		impacts := m.Impacts()
		var want []string
		everyScenario(m, func(z []int) {
			if naiveInconsistency(m, impacts, z) <= most+1e-9 {
				want = append(want, fmt.Sprint(z))
			}
		})
		found, err := m.Search(context.Background(), SearchLimits{MaxInconsistency: most})
		if err != nil {
			rt.Fatal(err)
		}
		var got []string
		for _, s := range found.Scenarios {
			got = append(got, fmt.Sprint(s.Variants))
			if math.Abs(s.Inconsistency-naiveInconsistency(m, impacts, s.Variants)) > 1e-9 {
				rt.Fatalf("%v: inconsistency %v", s.Variants, s.Inconsistency)
			}
		}
		if !slices.Equal(got, want) || !found.Complete || found.Count.Cmp(big.NewInt(int64(len(want)))) != 0 {
			rt.Fatalf("found %v (%v, %v), want %v", got, found.Complete, found.Count, want)
		}
	})
}

func TestBasinsAreThoseOfEveryWalk(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := model(rt)
		ends := map[string]int64{}
		turning := int64(0)
		everyScenario(m, func(z []int) {
			seen := map[string]bool{}
			at := append([]int(nil), z...)
			for !seen[fmt.Sprint(at)] {
				seen[fmt.Sprint(at)] = true
				at = m.Succeed(at)
			}
			if fmt.Sprint(m.Succeed(at)) == fmt.Sprint(at) {
				ends[fmt.Sprint(at)]++
			} else {
				turning++
			}
		})
		space, _ := m.whole().size()
		for name, limits := range map[string]BasinLimits{"whole": {}, "islands": {Starts: max(space-1, 1)}} {
			b, err := m.Basins(context.Background(), limits)
			if err != nil {
				rt.Fatal(err)
			}
			if !b.Exact {
				continue // one island as large as the space: drawn instead
			}
			if b.CycleStarts.Cmp(big.NewInt(turning)) != 0 {
				rt.Fatalf("%s: %v starts turn, want %d", name, b.CycleStarts, turning)
			}
			listed := int64(0)
			for _, c := range b.Cycles {
				listed += c.Starts
				if len(c.Scenarios) != min(c.Length, 32) || fmt.Sprint(m.Succeed(c.Scenarios[0])) != fmt.Sprint(c.Scenarios[1%c.Length]) {
					rt.Fatalf("cycle %+v", c)
				}
			}
			if b.Cycles != nil && listed != turning {
				rt.Fatalf("cycles hold %d starts, want %d", listed, turning)
			}
			everyScenario(m, func(z []int) {
				if size, _, _ := b.Of(z); size.Cmp(big.NewInt(ends[fmt.Sprint(z)])) != 0 {
					rt.Fatalf("%s: basin of %v is %v, want %d", name, z, size, ends[fmt.Sprint(z)])
				}
			})
		}
	})
}

func TestDrawnBasinsAreNearTheTruth(t *testing.T) {
	m := ownModel(t)
	exact, err := m.Basins(t.Context(), BasinLimits{})
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := m.Basins(t.Context(), BasinLimits{Starts: 2})
	if err != nil {
		t.Fatal(err)
	}
	if !exact.Exact || drawn.Exact || drawn.Samples == 0 {
		t.Fatalf("exact %v, drawn %v", exact.Exact, drawn.Exact)
	}
	found, err := m.Search(t.Context(), SearchLimits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range found.Scenarios {
		size, _, _ := exact.Of(s.Variants)
		estimate, low, high := drawn.Of(s.Variants)
		if size.Cmp(low) < 0 || size.Cmp(high) > 0 || estimate.Sign() == 0 {
			t.Errorf("basin of %v is %v, drawn as %v in [%v, %v]", s.Variants, size, estimate, low, high)
		}
	}
}

func TestExplanationAddsUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := model(rt)
		z := make([]int, len(m.Descriptors))
		for i, d := range m.Descriptors {
			z[i] = rapid.IntRange(0, len(d.Variants)-1).Draw(rt, "variant")
		}
		e := m.Explain(z)
		worst := 0.0
		for _, v := range e.Verdicts {
			total := 0.0
			for _, a := range v.Arguments {
				total += a.Against()
			}
			if math.Abs(total-v.Lead) > 1e-9 {
				rt.Fatalf("descriptor %d: arguments add up to %v, lead %v", v.Descriptor, total, v.Lead)
			}
			worst = max(worst, v.Lead)
		}
		if math.Abs(worst-e.Inconsistency) > 1e-9 {
			rt.Fatalf("inconsistency %v, worst lead %v", e.Inconsistency, worst)
		}
		at := append([]int(nil), z...)
		for range e.Steps {
			at = m.Succeed(at)
		}
		if e.Turns == 0 {
			if fmt.Sprint(at) != fmt.Sprint(e.Ends) || fmt.Sprint(m.Succeed(at)) != fmt.Sprint(at) {
				rt.Fatalf("after %d steps %v, said to end in %v", e.Steps, at, e.Ends)
			}
			return
		}
		met, start := false, fmt.Sprint(at)
		for turn := range e.Turns {
			met = met || fmt.Sprint(at) == fmt.Sprint(e.Ends)
			if at = m.Succeed(at); fmt.Sprint(at) == start && turn != e.Turns-1 {
				rt.Fatalf("the cycle is shorter than %d", e.Turns)
			}
		}
		if !met || fmt.Sprint(at) != start {
			rt.Fatalf("%v is not in the cycle of %d", e.Ends, e.Turns)
		}
	})
}

// ownModel is a model of our own: 27 scenarios, a cycle of two, a descriptor
// pinned by its own section.
func ownModel(t testing.TB) *CIB {
	t.Helper()
	m, _, err := ReadSCW([]byte(sample(t, "nurses.scw")))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSectionsOnTheDiagonalCount(t *testing.T) {
	m := ownModel(t)
	found, err := m.Search(t.Context(), SearchLimits{})
	if err != nil {
		t.Fatal(err)
	}
	impacts := m.Impacts()
	for i := range m.Descriptors {
		for a := m.offset[i]; a < m.offset[i+1]; a++ {
			clear(impacts[a][m.offset[i]:m.offset[i+1]])
		}
	}
	without, err := NewCIB("", m.Descriptors, impacts)
	if err != nil {
		t.Fatal(err)
	}
	fewer, err := without.Search(t.Context(), SearchLimits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Scenarios) <= len(fewer.Scenarios) {
		t.Errorf("%d scenarios with the diagonal, %d without", len(found.Scenarios), len(fewer.Scenarios))
	}
}

func TestSpacesTooLargeToSweepAreSearched(t *testing.T) {
	// A chain of 200 binary descriptors, each pushing the next to its own side:
	// 2^200 scenarios, of which two are consistent.
	n := 200
	impacts := numbers(2*n, 2*n)
	var descriptors []Descriptor
	for i := range n {
		descriptors = append(descriptors, Descriptor{Variants: []string{"", ""}})
		for v := range 2 {
			impacts[2*i+v][2*((i+1)%n)+v] = 1
		}
	}
	m, err := NewCIB("", descriptors, impacts)
	if err != nil {
		t.Fatal(err)
	}
	found, err := m.Search(t.Context(), SearchLimits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Scenarios) != 2 || !found.Complete || m.Space().BitLen() != n+1 {
		t.Errorf("%d of 2^%d scenarios, complete %v", len(found.Scenarios), m.Space().BitLen()-1, found.Complete)
	}
	// Nothing influences anything: every scenario is consistent. The count is
	// exact, the list is not.
	silent, err := NewCIB("", descriptors, numbers(2*n, 2*n))
	if err != nil {
		t.Fatal(err)
	}
	found, err = silent.Search(t.Context(), SearchLimits{Scenarios: 50})
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Scenarios) != 50 || found.Complete || found.Count.Cmp(silent.Space()) != 0 {
		t.Errorf("%d listed, complete %v, count %v", len(found.Scenarios), found.Complete, found.Count)
	}
	b, err := silent.Basins(t.Context(), BasinLimits{})
	if err != nil {
		t.Fatal(err)
	}
	if size, _, _ := b.Of(make([]int, n)); !b.Exact || size.Cmp(big.NewInt(1)) != 0 {
		t.Errorf("basin %v of 1, exact %v", size, b.Exact)
	}
}

func TestWorkLimitIsTold(t *testing.T) {
	m := denseModel(t)
	found, err := m.Search(t.Context(), SearchLimits{Nodes: 100})
	if err != nil {
		t.Fatal(err)
	}
	if found.Complete || found.Count != nil {
		t.Errorf("complete after 100 nodes: %+v", found)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Search(stopped, SearchLimits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("search goes on: %v", err)
	}
	if _, err := m.Basins(stopped, BasinLimits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("basins go on: %v", err)
	}
	if _, err := m.Basins(stopped, BasinLimits{Starts: 10}); !errors.Is(err, context.Canceled) {
		t.Errorf("draws go on: %v", err)
	}
}

func TestProjectsComeBackAsTheyWere(t *testing.T) {
	raw := []byte(sample(t, "nurses.scw"))
	m := ownModel(t)
	back, err := WriteSCW(m)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(back, raw) {
		t.Errorf("written:\n%s", back)
	}
	rapid.Check(t, func(rt *rapid.T) {
		m := model(rt)
		raw, err := WriteSCW(m)
		if m.scale != 1 {
			if err == nil {
				rt.Fatal("decimals were written")
			}
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		windows := strings.ReplaceAll(string(raw), "\n", "\r\n")
		back, _, err := ReadSCW([]byte(windows))
		if err != nil {
			rt.Fatal(err)
		}
		if fmt.Sprint(back.Descriptors) != fmt.Sprint(m.Descriptors) || fmt.Sprint(back.impact) != fmt.Sprint(m.impact) || back.Title != m.Title {
			rt.Fatalf("%v became %v", m, back)
		}
	})
}

func TestSolutionsComeBackAsTheyWere(t *testing.T) {
	m := ownModel(t)
	found, err := m.Search(t.Context(), SearchLimits{})
	if err != nil {
		t.Fatal(err)
	}
	var solutions []Solution
	for _, s := range found.Scenarios {
		solutions = append(solutions, Solution{s.Variants, 3, s.Consistency, s.Impact})
	}
	back, err := ReadSL(m, WriteSL(solutions))
	if err != nil || fmt.Sprint(back) != fmt.Sprint(solutions) {
		t.Errorf("%v became %v (%v)", solutions, back, err)
	}
	if stale := Stale(m, back); len(stale) > 0 {
		t.Errorf("stale: %v", stale)
	}
	large := "$ ScenarioWizard 3.0\r\nSolution set\r\n 1 \r\n\r\n\" 1 1 2\",1.677722E+07,0,0,9,\"\"\r\n"
	read, err := ReadSL(m, []byte(large))
	if err != nil || len(read) != 1 || read[0].Weight != 16777220 {
		t.Errorf("weight in exponent form: %v, %v", read, err)
	}
	if stale := Stale(m, read); len(stale) != 1 {
		t.Errorf("%v is not consistent, and is not told", read)
	}
	for _, bad := range []string{`" 1 1",0,0,0,0,""`, `" 1 1 9",0,0,0,0,""`, `" 1 1 1",x,0,0,0,""`, `" 1 1 1`, `" 1 1 1",0`} {
		if _, err := ReadSL(m, []byte(bad)); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func TestBadModelsAreNamed(t *testing.T) {
	two := `"descriptors": [{"name": "a", "variants": ["x", "y"]}, {"name": "b", "variants": ["u", "v"]}]`
	project := "$ ScenarioWizard 4.0\ntitle\n&a\n -x\n -y\n#\n#\n#\n#\n#\n"
	for text, want := range map[string]InputError{
		`{` + two + `, "matrix": [[null,0,1,0],[0,0,0,0],[0,0,0,0],[0,null,0,0]]}`: {Key: "foresight.cell.hole", Row: 4, Column: 2},
		`{` + two + `, "matrix": [[0,0,1,0],[0,0,"P",0],[0,0,0,0],[0,0,0,0]]}`:     {Key: "foresight.cell.letter", Row: 2, Column: 3},
		`{` + two + `, "matrix": [[0,0,1,0],[0,0,0,0],[0,0,0,0],[0,0,0]]}`:         {Key: "foresight.grid.columns", Row: 4},
		`{` + two + `, "matrix": [[0,0,1.00001,0],[0,0,0,0],[0,0,0,0],[0,0,0,0]]}`: {Key: "foresight.cib.decimals", Row: 1, Column: 3},
		`{` + two + `, "matrix": [[0,0,1e7,0],[0,0,0,0],[0,0,0,0],[0,0,0,0]]}`:     {Key: "foresight.cell.range", Row: 1, Column: 3},
		`{"descriptors": [{"name": "a", "variants": []}], "matrix": []}`:           {Key: "foresight.cib.variants", Row: 1},
		`{"matrix": []}`:                        {Key: "foresight.names.none"},
		project + " 1, 2\n 3\n#\n":              {Key: "foresight.grid.columns", Row: 2},
		project + " 1, 2\n#\n":                  {Key: "foresight.grid.rows"},
		project + " 1, 2\n 3, q\n#\n":           {Key: "foresight.cell.letter", Row: 2, Column: 2},
		project + "#\n":                         {Key: "foresight.scw.no_matrix"},
		"$ ScenarioWizard 4.0\nt\n -x\n":        {Key: "foresight.scw.orphan", Row: 3},
		"$ ScenarioWizard 4.0\nt\n&a\n -x\n#\n": {Key: "foresight.scw.marks", Row: 6},
		"":                                      {Key: "foresight.scw.marks", Row: 1},
	} {
		_, _, err := ReadCIB("x", []byte(text))
		got, ok := errors.AsType[*InputError](err)
		if !ok || got.Key != want.Key || got.Row != want.Row || got.Column != want.Column {
			t.Errorf("%q: %+v", text, err)
		}
	}
	for _, o := range []Options{{Explain: []int{1}}, {Explain: []int{1, 1, 9}}, {MaxInconsistency: -1}} {
		if _, err := Command(t.Context(), "cib", "x.scw", []byte(sample(t, "nurses.scw")), o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

func TestOldEncodingsAreRead(t *testing.T) {
	raw := "$ ScenarioWizard 4.0\r\ntitre\r\n&Soci\xe9t\xe9\r\n -\r\n -b\r\n#\r\n&\r\n#\r\n#\r\n#\r\n#\r\n 0 , 0 \r\n 0 , 0 \r\n#\r\n"
	m, _, err := ReadSCW([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if m.Descriptors[0].Name != "Société" || m.Descriptors[0].Variants[0] != "" {
		t.Errorf("descriptors %q", m.Descriptors)
	}
}
