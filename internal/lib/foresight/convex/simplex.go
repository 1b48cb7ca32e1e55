package convex

import (
	"errors"
	"math"
)

// ErrInfeasible says that no non-negative weights satisfy the equations.
var ErrInfeasible = errors.New("convex: no feasible point")

// ErrUnbounded says that the objective has no least value.
var ErrUnbounded = errors.New("convex: objective is unbounded")

const (
	pivotSmall = 1e-9  // entries below this are not pivots
	costSmall  = 1e-11 // reduced costs above minus this are not improving
	feasible   = 1e-9  // sum of violations accepted at the end of phase one
	refreshAt  = 64    // pivots between two computations of the tableau from scratch
)

// Polytope is {x ≥ 0 : A x = b}, kept as a simplex tableau of a feasible basis
// so that one objective after another starts where the last one ended.
//
// The method is the two-phase primal simplex with Dantzig's rule, falling back
// to Bland's while steps are degenerate so that it always ends
// (R. G. Bland, Mathematics of Operations Research 2 (1977) 103-107).
type Polytope struct {
	a      [][]float64 // independent rows, as given
	b      []float64
	t      [][]float64 // tableau: B⁻¹A with B⁻¹b in the last column
	basis  []int
	n      int
	pivots int
}

// NewPolytope finds a first vertex of {x ≥ 0 : A x = b}. Rows that follow from
// others are dropped. ErrInfeasible if there is none.
func NewPolytope(a [][]float64, b []float64) (*Polytope, error) {
	m := len(a)
	if m == 0 || len(b) != m {
		return nil, ErrShape
	}
	n := len(a[0])
	p := &Polytope{n: n, t: make([][]float64, m), basis: make([]int, m)}
	scale := 1.0
	for i, row := range a {
		if len(row) != n {
			return nil, ErrShape
		}
		sign := 1.0
		if b[i] < 0 {
			sign = -1
		}
		// Columns: the n unknowns, one artificial per row, the right-hand side.
		p.t[i] = make([]float64, n+m+1)
		for j, v := range row {
			p.t[i][j] = sign * v
		}
		p.t[i][n+i], p.t[i][n+m] = 1, sign*b[i]
		p.basis[i] = n + i
		scale = max(scale, math.Abs(b[i]))
	}
	cost := make([]float64, n+m)
	for i := range m {
		cost[n+i] = 1
	}
	if err := p.optimise(cost); err != nil {
		return nil, err
	}
	if p.value(cost) > feasible*scale {
		return nil, ErrInfeasible
	}
	p.dropArtificials(a, b, m)
	return p, p.refresh()
}

// dropArtificials drives the artificial unknowns out of the basis; a row in
// which that cannot be done follows from the others.
func (p *Polytope) dropArtificials(a [][]float64, b []float64, m int) {
	n := p.n
	var rows [][]float64
	var basis []int
	for i := range p.t {
		if p.basis[i] >= n {
			best := -1
			for j := range n {
				if math.Abs(p.t[i][j]) > pivotSmall && (best < 0 || math.Abs(p.t[i][j]) > math.Abs(p.t[i][best])) {
					best = j
				}
			}
			if best >= 0 {
				p.pivot(i, best)
			}
		}
	}
	// Row i of the tableau mixes all rows of A; which rows of A are redundant is
	// read from the artificial that stayed: it belongs to that row.
	stays := map[int]bool{}
	for i := range p.t {
		if p.basis[i] >= n {
			stays[p.basis[i]-n] = true
			continue
		}
		rows = append(rows, append(p.t[i][:n:n], p.t[i][n+m]))
		basis = append(basis, p.basis[i])
	}
	for i, row := range a {
		if !stays[i] {
			p.a = append(p.a, row)
			p.b = append(p.b, b[i])
		}
	}
	p.t, p.basis = rows, basis
}

// Minimise gives the least value of c·x over the polytope and a vertex at which
// it is reached.
func (p *Polytope) Minimise(c []float64) (float64, []float64, error) {
	if len(c) != p.n {
		return 0, nil, ErrShape
	}
	if p.pivots >= refreshAt {
		if err := p.refresh(); err != nil {
			return 0, nil, err
		}
	}
	if err := p.optimise(c); err != nil {
		return 0, nil, err
	}
	return p.value(c), p.vertex(), nil
}

// Bounds is, for each unknown, its least and greatest value over the polytope.
func (p *Polytope) Bounds() (low, high []float64, err error) {
	low, high = make([]float64, p.n), make([]float64, p.n)
	c := make([]float64, p.n)
	for k := range p.n {
		c[k] = 1
		if low[k], _, err = p.Minimise(c); err != nil {
			return nil, nil, err
		}
		c[k] = -1
		if high[k], _, err = p.Minimise(c); err != nil {
			return nil, nil, err
		}
		high[k] = -high[k]
		c[k] = 0
	}
	return low, high, nil
}

// optimise pivots until no reduced cost is negative.
func (p *Polytope) optimise(c []float64) error {
	width := len(p.t[0]) - 1
	reduced := make([]float64, width)
	degenerate := 0
	for range 200 * (width + len(p.t)) {
		p.price(c, reduced)
		enter := -1
		for j, r := range reduced {
			if r < -costSmall && (enter < 0 || (degenerate < 10 && r < reduced[enter])) {
				enter = j
				if degenerate >= 10 {
					break // Bland: the first one
				}
			}
		}
		if enter < 0 {
			return nil
		}
		leave, step := p.ratio(enter)
		if leave < 0 {
			return ErrUnbounded
		}
		if step > 1e-12 {
			degenerate = 0
		} else {
			degenerate++
		}
		p.pivot(leave, enter)
	}
	return ErrStalled
}

// price computes c_j - c_B B⁻¹A_j.
func (p *Polytope) price(c, reduced []float64) {
	copy(reduced, c)
	for i, row := range p.t {
		if cb := c[p.basis[i]]; cb != 0 {
			for j := range reduced {
				reduced[j] -= cb * row[j]
			}
		}
	}
	for _, j := range p.basis {
		reduced[j] = 0
	}
}

// ratio is the row that leaves when a column enters, ties going to the lowest
// unknown, and the length of the step.
func (p *Polytope) ratio(enter int) (leave int, step float64) {
	leave, step = -1, math.Inf(1)
	last := len(p.t[0]) - 1
	for i, row := range p.t {
		if row[enter] <= pivotSmall {
			continue
		}
		q := max(row[last], 0) / row[enter]
		if q < step-1e-13 || (q <= step+1e-13 && leave >= 0 && p.basis[i] < p.basis[leave]) {
			leave, step = i, min(q, step)
		}
	}
	return leave, step
}

func (p *Polytope) pivot(row, column int) {
	r := p.t[row]
	f := 1 / r[column]
	for j := range r {
		r[j] *= f
	}
	r[column] = 1
	for i, other := range p.t {
		if i == row || other[column] == 0 {
			continue
		}
		f := other[column]
		for j := range other {
			other[j] -= f * r[j]
		}
		other[column] = 0
	}
	p.basis[row] = column
	p.pivots++
}

// refresh computes the tableau again from the equations, so that rounding does
// not add up over hundreds of objectives.
func (p *Polytope) refresh() error {
	m := len(p.a)
	p.t = matrix(m, p.n+1)
	for i := range m {
		copy(p.t[i], p.a[i])
		p.t[i][p.n] = p.b[i]
	}
	want := append([]int(nil), p.basis...)
	for i := range m {
		// The largest entry of the remaining rows, among the basic columns not yet placed.
		row, at := -1, -1
		for r := i; r < m; r++ {
			for k := i; k < m; k++ {
				if row < 0 || math.Abs(p.t[r][want[k]]) > math.Abs(p.t[row][want[at]]) {
					row, at = r, k
				}
			}
		}
		if math.Abs(p.t[row][want[at]]) <= 1e-12 {
			return ErrStalled
		}
		p.t[i], p.t[row] = p.t[row], p.t[i]
		want[i], want[at] = want[at], want[i]
		p.pivot(i, want[i])
	}
	p.pivots = 0
	return nil
}

func (p *Polytope) vertex() []float64 {
	x := make([]float64, p.n)
	for i, j := range p.basis {
		x[j] = max(p.t[i][p.n], 0)
	}
	return x
}

func (p *Polytope) value(c []float64) float64 {
	var s float64
	last := len(p.t[0]) - 1
	for i, j := range p.basis {
		s += c[j] * max(p.t[i][last], 0)
	}
	return s
}
