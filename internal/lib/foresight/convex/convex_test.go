package convex

import (
	"errors"
	"math"
	"math/bits"
	"testing"

	"pgregory.net/rapid"
)

// system draws equations of small whole numbers that a known mixture satisfies.
func system(t *rapid.T) (a [][]float64, b []float64) {
	rows := rapid.IntRange(1, 4).Draw(t, "rows")
	columns := rapid.IntRange(rows, 7).Draw(t, "columns")
	a = matrix(rows+1, columns)
	b = make([]float64, rows+1)
	for k := range columns {
		w := float64(rapid.IntRange(0, 3).Draw(t, "weight"))
		a[0][k] = 1
		b[0] += w
		for i := 1; i <= rows; i++ {
			a[i][k] = float64(rapid.IntRange(-2, 2).Draw(t, "entry"))
			b[i] += w * a[i][k]
		}
	}
	return a, b
}

// vertices lists all basic solutions with non-negative entries, by trying every
// set of columns.
func vertices(a [][]float64, b []float64) [][]float64 {
	n := len(a[0])
	var all [][]float64
	for set := range uint(1) << n {
		if bits.OnesCount(set) > len(a) {
			continue
		}
		var columns [][]float64
		var index []int
		for k := range n {
			if set>>k&1 == 1 {
				column := make([]float64, max(len(a), bits.OnesCount(set)))
				for i := range a {
					column[i] = a[i][k]
				}
				columns, index = append(columns, column), append(index, k)
			}
		}
		x := make([]float64, n)
		if len(columns) > 0 {
			r, ok := triangular(columns, 1e-9)
			if !ok {
				continue
			}
			right := make([]float64, len(columns))
			for t, c := range columns {
				right[t] = dot(c[:len(b)], b)
			}
			for t, v := range solveNormal(r, right) {
				x[index[t]] = v
			}
		}
		good := true
		for i, row := range a {
			good = good && math.Abs(dot(row, x)-b[i]) < 1e-7
		}
		for _, v := range x {
			good = good && v > -1e-7
		}
		if good {
			all = append(all, x)
		}
	}
	return all
}

func TestBoundsAreThoseOfTheVertices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := system(t)
		p, err := NewPolytope(a, b)
		if err != nil {
			t.Fatal(err)
		}
		low, high, err := p.Bounds()
		if err != nil {
			t.Fatal(err)
		}
		all := vertices(a, b)
		for k := range low {
			least, most := math.Inf(1), math.Inf(-1)
			for _, v := range all {
				least, most = min(least, v[k]), max(most, v[k])
			}
			if math.Abs(low[k]-least) > 1e-7 || math.Abs(high[k]-most) > 1e-7 {
				t.Fatalf("unknown %d: [%v, %v], the vertices say [%v, %v]", k, low[k], high[k], least, most)
			}
		}
	})
}

func TestWhatCannotBeSolvedIsAnError(t *testing.T) {
	if _, err := NewPolytope([][]float64{{1, 1}, {1, 1}}, []float64{1, 2}); !errors.Is(err, ErrInfeasible) {
		t.Errorf("contradiction: %v", err)
	}
	if _, err := NewPolytope([][]float64{{1, 1}}, []float64{-1}); !errors.Is(err, ErrInfeasible) {
		t.Errorf("negative sum: %v", err)
	}
	p, err := NewPolytope([][]float64{{1, -1}}, []float64{0})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Minimise([]float64{-1, -1}); !errors.Is(err, ErrUnbounded) {
		t.Errorf("ray: %v", err)
	}
	if _, _, err := p.Minimise([]float64{1}); !errors.Is(err, ErrShape) {
		t.Errorf("short objective: %v", err)
	}
	if _, err := NearestPoint([][]float64{{1, 2}}, []float64{1}); !errors.Is(err, ErrShape) {
		t.Errorf("short target: %v", err)
	}
	if _, err := MaxEntropy([][]float64{{0, 1}}, []float64{2}, []bool{true, true}); err == nil {
		t.Error("a mean outside the columns is accepted")
	}
	if _, err := MaxEntropy([][]float64{{0, 1}}, []float64{0}, []bool{false, false}); !errors.Is(err, ErrInfeasible) {
		t.Errorf("empty support: %v", err)
	}
}

func TestNearestPointIsNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 5).Draw(t, "dimensions")
		points := matrix(rapid.IntRange(1, 12).Draw(t, "points"), d)
		target := make([]float64, d)
		for i := range d {
			target[i] = float64(rapid.IntRange(-30, 30).Draw(t, "target")) / 10
			for k := range points {
				points[k][i] = float64(rapid.IntRange(-3, 3).Draw(t, "point"))
			}
		}
		n, err := NearestPoint(points, target)
		if err != nil {
			t.Fatal(err)
		}
		total := 0.0
		mix := make([]float64, d)
		for k, w := range n.Weights {
			if w < 0 || w > 0 && !n.Active[k] {
				t.Fatalf("weight %d = %v, active %v", k, w, n.Active[k])
			}
			total += w
			for i, v := range points[k] {
				mix[i] += w * v
			}
		}
		if math.Abs(total-1) > 1e-12 {
			t.Fatalf("weights add up to %v", total)
		}
		// Optimality of a convex program: no point lies on the near side of the
		// plane through the mixture.
		for k, p := range points {
			ahead := 0.0
			for i, r := range n.Residual {
				if math.Abs(mix[i]-target[i]-r) > 1e-9 {
					t.Fatalf("residual %v, mixture %v", n.Residual, mix)
				}
				ahead += r * (p[i] - mix[i])
			}
			if ahead < -1e-9 {
				t.Fatalf("point %d improves by %v", k, -ahead)
			}
		}
	})
}

func TestGreatestEntropyHasTheFormOfAnExponentialFamily(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := system(t)
		if b[0] == 0 {
			t.Skip("no weight")
		}
		target := make([]float64, len(b)-1)
		for i := range target {
			target[i] = b[i+1] / b[0]
		}
		scaled := append([]float64{1}, target...)
		p, err := NewPolytope(a, scaled)
		if err != nil {
			t.Fatal(err)
		}
		_, high, err := p.Bounds()
		if err != nil {
			t.Fatal(err)
		}
		support := make([]bool, len(high))
		for k, v := range high {
			support[k] = v > 1e-9
		}
		w, err := MaxEntropy(a[1:], target, support)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range a {
			if math.Abs(dot(row, w)-scaled[i]) > 1e-9 {
				t.Fatalf("row %d: mean %v, want %v", i, dot(row, w), scaled[i])
			}
		}
		// At the optimum the gradient of the entropy, 1 + ln w, is orthogonal to
		// every direction that stays in the polytope. Vertices span them.
		for _, v := range vertices(a, scaled) {
			slope := 0.0
			for k, x := range w {
				if support[k] {
					slope += (v[k] - x) * math.Log(x)
				}
			}
			if slope < -1e-6 || slope > 1e-6 && interior(w, support) {
				t.Fatalf("entropy still changes by %v towards %v from %v", slope, v, w)
			}
		}
	})
}

// interior says whether every entry of the support is far from zero.
func interior(w []float64, support []bool) bool {
	for k, x := range w {
		if support[k] && x < 1e-6 {
			return false
		}
	}
	return true
}
