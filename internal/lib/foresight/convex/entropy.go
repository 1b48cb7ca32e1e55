package convex

import "math"

// MaxEntropy is the distribution of greatest entropy, -Σ w ln w, over the
// columns of a matrix whose mean column is the target: w ≥ 0, Σ w = 1,
// Σ w_k column_k = target. Columns outside the support get weight zero.
//
// The dual, min_λ ln Σ_k exp(λ·(column_k - target)), is smooth and convex; it is
// minimised by damped Newton steps (Boyd and Vandenberghe, Convex
// Optimization, 5.1.6 and 9.5). Every column of the support must carry weight in
// some solution, otherwise the dual has no minimum and ErrStalled is returned.
func MaxEntropy(rows [][]float64, target []float64, support []bool) ([]float64, error) {
	if len(rows) != len(target) || len(rows) == 0 || len(rows[0]) != len(support) {
		return nil, ErrShape
	}
	e := entropy{weights: make([]float64, len(support))}
	for k, in := range support {
		if in {
			e.index = append(e.index, k)
		}
	}
	if len(e.index) == 0 {
		return nil, ErrInfeasible
	}
	e.keepIndependent(rows, target)
	if err := e.newton(); err != nil {
		return nil, err
	}
	for t, k := range e.index {
		e.weights[k] = e.w[t]
	}
	return e.weights, nil
}

type entropy struct {
	index   []int       // columns in the support
	rows    [][]float64 // independent centred rows over the support
	w       []float64   // present distribution over the support
	weights []float64   // the same over all columns
}

// keepIndependent centres the rows at the target and keeps those that, with the
// row of ones, do not follow from earlier ones (modified Gram-Schmidt, twice).
func (e *entropy) keepIndependent(rows [][]float64, target []float64) {
	n := len(e.index)
	ones := make([]float64, n)
	for t := range ones {
		ones[t] = 1 / math.Sqrt(float64(n))
	}
	orthogonal := [][]float64{ones}
	for i, row := range rows {
		centred := make([]float64, n)
		for t, k := range e.index {
			centred[t] = row[k] - target[i]
		}
		rest := append([]float64(nil), centred...)
		before := math.Sqrt(dot(rest, rest))
		for range 2 {
			for _, q := range orthogonal {
				f := dot(q, rest)
				for t := range rest {
					rest[t] -= f * q[t]
				}
			}
		}
		after := math.Sqrt(dot(rest, rest))
		if after <= 1e-10*max(before, 1) {
			continue
		}
		for t := range rest {
			rest[t] /= after
		}
		orthogonal = append(orthogonal, rest)
		e.rows = append(e.rows, centred)
	}
}

// at computes the distribution for multipliers λ and the value of the dual.
func (e *entropy) at(lambda []float64) float64 {
	n := len(e.index)
	e.w = make([]float64, n)
	for i, l := range lambda {
		for t, v := range e.rows[i] {
			e.w[t] += l * v
		}
	}
	top := math.Inf(-1)
	for _, v := range e.w {
		top = max(top, v)
	}
	var sum float64
	for t, v := range e.w {
		e.w[t] = math.Exp(v - top)
		sum += e.w[t]
	}
	for t := range e.w {
		e.w[t] /= sum
	}
	return top + math.Log(sum)
}

// newton descends until the means agree with the target. Far away a step must
// lower the dual; near the end, where its value no longer resolves a step, full
// steps are taken as long as they bring the means closer.
func (e *entropy) newton() error {
	lambda := make([]float64, len(e.rows))
	value := e.at(lambda)
	gradient, gap := e.gradient()
	for range 500 {
		if gap <= 1e-15 {
			return nil
		}
		step := e.step(gradient)
		if step == nil {
			return ErrStalled
		}
		decrement := dot(gradient, step)
		next := along(lambda, step, 1)
		if decrement < 1e-8 {
			value = e.at(next)
			closer, nextGap := e.gradient()
			if nextGap >= gap {
				e.at(lambda)
				break
			}
			lambda, gradient, gap = next, closer, nextGap
			continue
		}
		length := 1.0
		for ; length > 1e-10; length /= 2 {
			next = along(lambda, step, length)
			if v := e.at(next); v <= value-0.25*length*decrement {
				value = v
				break
			}
		}
		if length <= 1e-10 {
			e.at(lambda)
			break
		}
		lambda = next
		gradient, gap = e.gradient()
	}
	if _, gap := e.gradient(); gap > 1e-9 {
		return ErrStalled
	}
	return nil
}

// gradient is mean minus target, row by row, and the greatest of them.
func (e *entropy) gradient() (g []float64, gap float64) {
	g = make([]float64, len(e.rows))
	for i, row := range e.rows {
		g[i] = dot(row, e.w)
		gap = max(gap, math.Abs(g[i]))
	}
	return g, gap
}

func along(from, step []float64, length float64) []float64 {
	to := make([]float64, len(from))
	for i := range to {
		to[i] = from[i] - length*step[i]
	}
	return to
}

// step solves the Newton equations; the covariance is regularised only when
// rounding has made it singular.
func (e *entropy) step(gradient []float64) []float64 {
	m := len(e.rows)
	for ridge := 0.0; ridge < 1; ridge = max(ridge*100, 1e-14) {
		h := square(m)
		for i := range m {
			for j := 0; j <= i; j++ {
				var s float64
				for t, w := range e.w {
					s += w * e.rows[i][t] * e.rows[j][t]
				}
				h[i][j] = s - gradient[i]*gradient[j]
			}
			h[i][i] += ridge
		}
		if cholesky(h, 1e-15) {
			return solveCholesky(h, gradient)
		}
	}
	return nil
}
