package foresight

import "math"

// sparse is a matrix by rows, zero cells left out.
type sparse struct {
	n      int
	column [][]int
	value  [][]float64
}

func sparseOf(m [][]float64) sparse {
	s := sparse{n: len(m), column: make([][]int, len(m)), value: make([][]float64, len(m))}
	for i, row := range m {
		for j, v := range row {
			if v != 0 {
				s.column[i] = append(s.column[i], j)
				s.value[i] = append(s.value[i], v)
			}
		}
	}
	return s
}

func (s sparse) times(x []float64) []float64 {
	y := make([]float64, s.n)
	for i, columns := range s.column {
		var t float64
		for c, j := range columns {
			t += s.value[i][c] * x[j]
		}
		y[i] = t
	}
	return y
}

func (s sparse) timesTransposed(x []float64) []float64 {
	y := make([]float64, s.n)
	for i, columns := range s.column {
		for c, j := range columns {
			y[j] += s.value[i][c] * x[i]
		}
	}
	return y
}

func ones(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// indirect is the limit of the normalised sums of the powers of M, or the sum of
// all paths when there is no loop.
func indirect(m [][]float64) Indirect {
	if digraphOf(m).loopFree() {
		return Indirect{Margins: allPaths(sparseOf(m)), Method: ByPaths}
	}
	m = unitScale(m)
	s := sparseOf(m)
	// M + cI has the eigenvectors of M and no other eigenvalue of greatest
	// modulus, for every c > 0. This c is of the size of the row sums, so that
	// cycles are damped whatever the scale of the matrix.
	shift := 0.0
	for _, row := range s.value {
		shift += sum(row)
	}
	shift /= float64(s.n)
	influence, a := iterate(s.times, s.n, shift)
	dependence, b := iterate(s.timesTransposed, s.n, shift)
	if a <= settled && b <= settled {
		return Indirect{Margins{influence, dependence}, ByPerron, max(a, b)}
	}
	return squared(m, shift)
}

const (
	settled     = 2e-15 // change of a step, relative to the greatest entry, that ends an iteration
	iterations  = 400
	maxSquaring = 44 // (M + cI)^(2^44)
)

// unitScale divides a matrix by its greatest entry, which changes no eigenvector
// and keeps very small and very large influences away from the ends of floats.
func unitScale(m [][]float64) [][]float64 {
	top := 0.0
	for _, row := range m {
		for _, v := range row {
			top = max(top, v)
		}
	}
	return mapped(m, func(row []float64) []float64 {
		return mapped(row, func(v float64) float64 { return v / top })
	})
}

// allPaths is the share of each variable in the sum of M + M² + … + M^(n-1).
func allPaths(s sparse) Margins {
	influence, dependence := make([]float64, s.n), make([]float64, s.n)
	x, y := ones(s.n), ones(s.n)
	for range s.n {
		x, y = s.times(x), s.timesTransposed(y)
		for i := range x {
			influence[i] += x[i]
			dependence[i] += y[i]
		}
		scaleDown(x, influence)
		scaleDown(y, dependence)
	}
	return Margins{shares(influence), shares(dependence)}
}

// scaleDown keeps a vector and the total it feeds away from overflow.
func scaleDown(x, total []float64) {
	top := 0.0
	for _, v := range total {
		top = max(top, v)
	}
	if top < 1e200 {
		return
	}
	for i := range x {
		x[i] /= top
		total[i] /= top
	}
}

// iterate applies x <- Mx + cx, divided by the sum, and gives the change of the
// last step.
func iterate(times func([]float64) []float64, n int, shift float64) ([]float64, float64) {
	x := shares(ones(n))
	change := math.Inf(1)
	for range iterations {
		y := times(x)
		for i := range y {
			y[i] += shift * x[i]
		}
		y = shares(y)
		change = difference(x, y)
		x = y
		if change <= settled {
			break
		}
	}
	return cleared(x), change
}

// difference is the greatest change of an entry, relative to the greatest entry.
func difference(x, y []float64) float64 {
	top, d := 0.0, 0.0
	for i := range x {
		top = max(top, y[i])
		d = max(d, math.Abs(x[i]-y[i]))
	}
	return d / top
}

// cleared sets to zero what only decays: entries that no power lifts any more.
func cleared(x []float64) []float64 {
	top := 0.0
	for _, v := range x {
		top = max(top, v)
	}
	for i, v := range x {
		if v < 1e-12*top {
			x[i] = 0
		}
	}
	return shares(x)
}

// squared raises M + cI to powers of two by squaring the matrix: what a plain
// iteration would need millions of steps for takes a few dozen products. It ends
// when a squaring changes nothing any more, or when rounding starts to undo what
// squaring brings, which happens when two equally strong loops follow each
// other; the precision then says how far it came.
func squared(m [][]float64, shift float64) Indirect {
	n := len(m)
	a := numbers(n, n)
	for i, row := range m {
		copy(a[i], row)
		a[i][i] += shift
	}
	best := Indirect{Method: ByPerron, Precision: math.Inf(1)}
	for range maxSquaring {
		a = product(a, a)
		top := 0.0
		for _, row := range a {
			for _, v := range row {
				top = max(top, v)
			}
		}
		for _, row := range a {
			for j := range row {
				row[j] /= top
			}
		}
		now := Margins{shares(rowSums(a)), shares(columnSums(a, n))}
		if best.Influence != nil {
			change := max(difference(best.Influence, now.Influence), difference(best.Dependence, now.Dependence))
			if change > best.Precision && best.Precision < 1e-6 {
				break
			}
			best.Precision = change
		}
		best.Margins = now
		if best.Precision <= settled {
			break
		}
	}
	best.Influence, best.Dependence = cleared(best.Influence), cleared(best.Dependence)
	return best
}

func product(a, b [][]float64) [][]float64 {
	c := numbers(len(a), len(b[0]))
	for i, row := range a {
		for k, v := range row {
			if v == 0 {
				continue
			}
			for j, w := range b[k] {
				c[i][j] += v * w
			}
		}
	}
	return c
}
