package foresight

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// influences draws a square matrix of whole influences.
func influences(t *rapid.T, most int) [][]float64 {
	n := rapid.IntRange(1, most).Draw(t, "variables")
	density := rapid.IntRange(1, 10).Draw(t, "density")
	m := numbers(n, n)
	for i := range n {
		for j := range n {
			if i != j && rapid.IntRange(0, 9).Draw(t, "there") < density {
				m[i][j] = float64(rapid.IntRange(0, 3).Draw(t, "influence"))
			}
		}
	}
	return m
}

func named(n int) []string {
	all, err := names("variables", nil, n, n, "V")
	if err != nil {
		panic(err)
	}
	return all
}

func micmac(t testing.TB, m [][]float64) *MicmacResult {
	t.Helper()
	r, err := MICMAC(MicmacInput{Variables: named(len(m)), Matrix: m})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// exactPowers are the row and column sums of M^k by full matrix products in
// exact arithmetic: an independent, naive implementation.
func exactPowers(m [][]float64, k int) (influence, dependence [][]*big.Int) {
	n := len(m)
	base := make([][]*big.Int, n)
	for i := range m {
		for _, v := range m[i] {
			base[i] = append(base[i], big.NewInt(int64(v)))
		}
	}
	power := base
	for step := range k {
		if step > 0 {
			next := make([][]*big.Int, n)
			for i := range n {
				for j := range n {
					cell := new(big.Int)
					for l := range n {
						cell.Add(cell, new(big.Int).Mul(power[i][l], base[l][j]))
					}
					next[i] = append(next[i], cell)
				}
			}
			power = next
		}
		rows, columns := make([]*big.Int, n), make([]*big.Int, n)
		for i := range n {
			rows[i], columns[i] = new(big.Int), new(big.Int)
		}
		for i := range n {
			for j := range n {
				rows[i].Add(rows[i], power[i][j])
				columns[j].Add(columns[j], power[i][j])
			}
		}
		influence, dependence = append(influence, rows), append(dependence, columns)
	}
	return influence, dependence
}

// exactRanks ranks without rounding.
func exactRanks(values []*big.Int) []int {
	places := make([]int, len(values))
	for i, v := range values {
		places[i] = 1
		for _, w := range values {
			if w.Cmp(v) > 0 {
				places[i]++
			}
		}
	}
	return places
}

func TestPowersAreThoseOfAnExactProduct(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := influences(rt, 6)
		r := micmac(t, m)
		influence, dependence := exactPowers(m, max(len(m), leastPowers))
		for k, p := range r.Powers {
			for i := range m {
				for _, side := range []struct {
					got  float64
					want *big.Int
				}{{p.Influence[i], influence[k][i]}, {p.Dependence[i], dependence[k][i]}} {
					if want, _ := new(big.Float).SetInt(side.want).Float64(); side.got != want {
						rt.Fatalf("power %d, variable %d: %v, want %v", k+1, i, side.got, side.want)
					}
				}
			}
		}
	})
}

func TestIndirectIsAnEigenvector(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := influences(rt, 7)
		r := micmac(t, m)
		if r.Indirect.Method == ByPaths {
			if r.StableAt != 0 || r.Period != 0 {
				rt.Fatalf("loop-free, but stable at %d", r.StableAt)
			}
			return
		}
		if r.Indirect.Precision > 1e-9 {
			return // two equal loops in a row: told by a note
		}
		s := sparseOf(m)
		for side, x := range map[string][]float64{"influence": r.Indirect.Influence, "dependence": r.Indirect.Dependence} {
			y := s.times(x)
			if side == "dependence" {
				y = s.timesTransposed(x)
			}
			if d := distance(shares(y), x); d > 1e-9 || math.Abs(sum(x)-1) > 1e-12 {
				rt.Fatalf("%s %v becomes %v", side, x, shares(y))
			}
		}
	})
}

func TestStableRankingIsTheOneOfExactPowers(t *testing.T) {
	const far = 80
	rapid.Check(t, func(rt *rapid.T) {
		m := influences(rt, 5)
		r := micmac(t, m)
		if r.Period == 0 {
			return
		}
		influence, dependence := exactPowers(m, far)
		at := func(k int) []int {
			return append(exactRanks(influence[k-1]), exactRanks(dependence[k-1])...)
		}
		first := far
		for first > 1 && slices.Equal(at(first-1), at(far)) {
			first--
		}
		switch {
		case r.StableAt == 0:
			// The exact rankings must still be moving late.
			if first < far/2 {
				rt.Fatalf("said never to settle, settled at %d", first)
			}
		case r.StableAt < far/2 && r.StableAt != first:
			rt.Fatalf("stable at %d, exactly at %d", r.StableAt, first)
		}
	})
}

func TestRenamingVariablesChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := influences(rt, 6)
		order := rapid.Permutation(indexes(len(m))).Draw(rt, "order")
		shuffled := numbers(len(m), len(m))
		for i, a := range order {
			for j, b := range order {
				shuffled[i][j] = m[a][b]
			}
		}
		one, other := micmac(t, m), micmac(t, shuffled)
		if one.StableAt != other.StableAt {
			rt.Fatalf("stable at %d, then at %d", one.StableAt, other.StableAt)
		}
		for i, a := range order {
			if math.Abs(one.Indirect.Influence[a]-other.Indirect.Influence[i]) > 1e-7 {
				rt.Fatalf("%v, then %v", one.Indirect.Influence, other.Indirect.Influence)
			}
			if !slices.Equal(one.Planes.Direct.Classes[a], other.Planes.Direct.Classes[i]) {
				rt.Fatalf("%v, then %v", one.Planes.Direct.Classes, other.Planes.Direct.Classes)
			}
		}
	})
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestSlowAndLargeGraphsReachTheirLimit(t *testing.T) {
	// A ring of a hundred: powers never settle, and every variable has the same part.
	n := 100
	ring := numbers(n, n)
	for i := range n {
		ring[i][(i+1)%n] = 2
	}
	r := micmac(t, ring)
	same(t, "influence in a ring", r.Indirect.Influence, shares(ones(n)), 1e-12)
	if r.Period != n || r.StableAt != 1 {
		t.Errorf("period %d, stable at %d: all are equal at every power", r.Period, r.StableAt)
	}
	// One heavier link breaks the symmetry; the limit is v_i = v_{i+1} w_i / ρ.
	ring[0][1] = 3
	r = micmac(t, ring)
	rho := 2 * math.Pow(1.5, 1/float64(n))
	want := ones(n)
	for i := n - 1; i > 0; i-- {
		want[i] = want[(i+1)%n] * 2 / rho
	}
	same(t, "influence in an uneven ring", r.Indirect.Influence, shares(want), 1e-10)
	if r.StableAt != 0 {
		t.Errorf("stable at %d", r.StableAt)
	}
}

func TestEqualLoopsInARowAreTold(t *testing.T) {
	// Two loops of the same strength, 2, the first leading to the second: the limit
	// is approached as 1/k. Only the first has influence, only the second depends.
	m := [][]float64{{0, 1, 0, 0}, {4, 0, 1, 0}, {0, 0, 0, 2}, {0, 0, 2, 0}}
	r := micmac(t, m)
	same(t, "influence", r.Indirect.Influence, []float64{1. / 3, 2. / 3, 0, 0}, 1e-6)
	same(t, "dependence", r.Indirect.Dependence, []float64{0, 0, 0.5, 0.5}, 1e-6)
	if !hasNote(r.Notes, "foresight.micmac.note.groups") || !hasNote(r.Notes, "foresight.micmac.note.outside_influence") {
		t.Errorf("notes %v", r.Notes)
	}
	if hasNote(r.Notes, "foresight.micmac.note.slow") != (r.Indirect.Precision > 1e-9) {
		t.Errorf("precision %v, notes %v", r.Indirect.Precision, r.Notes)
	}
}

func hasNote(notes []Note, key string) bool {
	return slices.ContainsFunc(notes, func(n Note) bool { return n.Key == key })
}

func TestPotentialCountsAtItsStrength(t *testing.T) {
	in, notes, err := ReadMICMAC("x.json", []byte(`{"matrix": [[null, "P", 1], [2, 0, "p"], [0, 1, 0]], "potential": 2}`))
	if err != nil || len(notes) > 0 {
		t.Fatal(err, notes)
	}
	r, err := MICMAC(in)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "direct", r.Direct.Influence, []float64{1, 2, 1}, 0)
	same(t, "potential", r.Potential.Direct.Influence, []float64{3, 4, 1}, 0)
	if r.Cells != 2 {
		t.Errorf("%d potential cells", r.Cells)
	}
}

func TestTablesReadLikeJSON(t *testing.T) {
	for name, text := range map[string]string{
		"comma":     ",Nurses,Doctors\nNurses,0,P\nDoctors,1.5,\n",
		"semicolon": "\ufeff;Nurses;Doctors;\r\nNurses;;P;\r\n\r\nDoctors;1,5;0;\r\n",
		"names":     ";\"Nurses, and all\";Doctors\n\"Nurses, and all\";0;P\nDoctors;1,5;0\n",
		"tab":       "x\tNurses\tDoctors\nNurses\t\tp\nDoctors\t1,5\t0\n",
	} {
		in, _, err := ReadMICMAC("m.csv", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if in.Matrix[1][0] != 1.5 || !in.Potential[0][1] || in.Variables[1] != "Doctors" {
			t.Errorf("%s: %+v", name, in)
		}
	}
}

func TestBadCellsAreNamed(t *testing.T) {
	for text, want := range map[string]InputError{
		`{"variables": ["a", "b"], "matrix": [[0, null], [1, 0]]}`:  {Key: "foresight.cell.hole", Row: 1, Column: 2},
		`{"variables": ["a", "b"], "matrix": [[0, 1], ["x", 0]]}`:   {Key: "foresight.cell.letter_p", Row: 2, Column: 1},
		`{"variables": ["a", "b"], "matrix": [[0, 1], [-1, 0]]}`:    {Key: "foresight.cell.range", Row: 2, Column: 1},
		`{"variables": ["a", "b"], "matrix": [[0, 1], [1, 5]]}`:     {Key: "foresight.cell.diagonal", Row: 2, Column: 2},
		`{"variables": ["a", "b"], "matrix": [[0, 1], [1]]}`:        {Key: "foresight.grid.columns", Row: 2},
		`{"variables": ["a", "b"], "matrix": [[0, 1]]}`:             {Key: "foresight.grid.rows"},
		`{"variables": ["a", "b"], "matrix": [[0, 1], [[1], 0]]}`:   {Key: "foresight.cell.letter_p", Row: 2, Column: 1},
		`{"variables": ["a", "b"], "matrix": [[0, 1e400], [1, 0]]}`: {Key: "foresight.cell.letter_p", Row: 1, Column: 2},
		`{"variables": ["a", "b"]}`:                                 {Key: "foresight.field.missing"},
		`{"variables": [], "matrix": []}`:                           {Key: "foresight.names.none"},
		`{"variables": ["a"], "matrix": [[0]], "potential": -1}`:    {Key: "foresight.micmac.strength"},
		`[1, 2]`:                             {Key: "foresight.input.object", Row: 1, Column: 1},
		`{"variables": 3}`:                   {Key: "foresight.input.shape", Row: 1, Column: 15},
		"{\n \"matrix\": [[0, 1],, [1, 0]]}": {Key: "foresight.input.json", Row: 2, Column: 20},
		`{"matrix": [[0]]} []`:               {Key: "foresight.input.more", Row: 1, Column: 19},
		strings.Repeat("[", 40):              {Key: "foresight.input.deep"},
		`{"matrix": [[0, 1], [1, 0]`:         {Key: "foresight.input.json", Row: 1, Column: 26},
		"{\"variables\": [\"" + strings.Repeat("a", 500) + "\"], \"matrix\": [[0]]}": {Key: "foresight.names.long", Row: 1},
	} {
		_, _, err := ReadMICMAC("x.json", []byte(text))
		got, ok := errors.AsType[*InputError](err)
		if !ok || got.Key != want.Key || got.Row != want.Row || got.Column != want.Column {
			t.Errorf("%.60s: %+v", text, err)
		}
	}
	for text, want := range map[string]InputError{
		",a,b\na,0,1\nc,1,0\n": {Key: "foresight.table.names", Row: 2},
		",a,b\na,0,1\nb,,0\n":  {Key: "foresight.cell.hole", Row: 2, Column: 1},
		",a,b\na,0,\"1\nb,1,0": {Key: "foresight.table.quote", Row: 3, Column: 6},
		",a\na,0\nb,1\n":       {Key: "foresight.grid.rows"},
		"":                     {Key: "foresight.names.none"},
		"x\n":                  {Key: "foresight.table.heading"},
	} {
		_, _, err := ReadMICMAC("x.csv", []byte(text))
		got, ok := errors.AsType[*InputError](err)
		if !ok || got.Key != want.Key || got.Row != want.Row || got.Column != want.Column {
			t.Errorf("%q: %+v", text, err)
		}
	}
}

func TestUnusualInfluencesAreNoted(t *testing.T) {
	_, notes, err := ReadMICMAC("x.json", []byte(`{"variables": ["a", "b"], "matrix": [[0, 7], [1, 0]]}`))
	if err != nil || len(notes) != 1 {
		t.Fatal(err, notes)
	}
	if got := notes[0].In(English); !strings.Contains(got, "7, row a, column b") {
		t.Errorf("note = %q", got)
	}
}

func TestPlaneNamesTheQuadrants(t *testing.T) {
	m := Margins{Influence: []float64{9, 9, 1, 1, 5}, Dependence: []float64{1, 9, 9, 1, 5}}
	want := [][]string{{Driving}, {Relay}, {Dependent}, {Autonomous}, {Autonomous, Regulating}}
	for _, medians := range []bool{false, true} {
		p := planeOf(m, medians)
		for i := range want {
			if !slices.Equal(p.Classes[i], want[i]) {
				t.Errorf("medians %v: variable %d is %v, want %v", medians, i, p.Classes[i], want[i])
			}
		}
	}
}

func TestExtremeInfluencesStayFinite(t *testing.T) {
	for name, m := range map[string][][]float64{
		"tiny":  {{0, 1e-300}, {2e-300, 0}},
		"mixed": {{0, 1e6, 0}, {1e-300, 0, 1}, {0, 1, 0}},
		"huge":  {{0, 1e6}, {1e6, 0}},
	} {
		r := micmac(t, m)
		if _, err := JSON(r, French); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, v := range append(r.Indirect.Influence, r.Indirect.Dependence...) {
			if !(v >= 0 && v <= 1) {
				t.Errorf("%s: indirect %+v", name, r.Indirect)
			}
		}
	}
	same(t, "tiny", micmac(t, [][]float64{{0, 1e-300}, {4e-300, 0}}).Indirect.Influence, []float64{1. / 3, 2. / 3}, 1e-12)
}

func TestRawPowersStopBeforeTheyOverflow(t *testing.T) {
	n := 60
	m := numbers(n, n)
	for i := range n {
		for j := range n {
			if i != j {
				m[i][j] = 1e6
			}
		}
	}
	r := micmac(t, m)
	if len(r.Powers) < leastPowers || len(r.Powers) == n || !hasNote(r.Notes, "foresight.micmac.note.overflow") {
		t.Errorf("%d powers, notes %v", len(r.Powers), r.Notes)
	}
	if _, err := JSON(r, French); err != nil {
		t.Error(err)
	}
}

func TestNamesCannotCommandATerminal(t *testing.T) {
	in, _, err := ReadMICMAC("x.json", []byte(`{"variables": ["a\u001b[2J\n\tb", "c"], "matrix": [[0, 1], [1, 0]]}`))
	if err != nil {
		t.Fatal(err)
	}
	if in.Variables[0] != "a [2J b" {
		t.Errorf("name %q", in.Variables[0])
	}
}

func TestTablesComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := influences(rt, 5)
		in := MicmacInput{Matrix: m, Strength: usualStrength, Potential: mapped(m, func(row []float64) []bool { return make([]bool, len(row)) })}
		for i := range m {
			in.Variables = append(in.Variables, oneLine(rapid.StringN(1, 6, -1).Draw(rt, "name"))+"x")
			for j := range m {
				if i != j && rapid.IntRange(0, 5).Draw(rt, "kind") == 0 {
					in.Matrix[i][j], in.Potential[i][j] = 0, true
				} else {
					in.Matrix[i][j] /= 2
				}
			}
		}
		raw, err := WriteTable(in)
		if err != nil {
			rt.Fatal(err)
		}
		back, _, err := ReadMICMAC("x.csv", raw)
		if err != nil || !slices.Equal(back.Variables, in.Variables) {
			rt.Fatalf("%q became %q (%v)", in.Variables, back.Variables, err)
		}
		for i := range m {
			if !slices.Equal(back.Matrix[i], in.Matrix[i]) || !slices.Equal(back.Potential[i], in.Potential[i]) {
				rt.Fatalf("%v became %v", in.Matrix, back.Matrix)
			}
		}
	})
}
