package convex

import (
	"errors"
	"math"
)

// ErrShape says that points, rows and target do not have one size.
var ErrShape = errors.New("convex: sizes do not agree")

// ErrStalled says that rounding kept a program from coming to an end.
var ErrStalled = errors.New("convex: no progress")

// Nearest is the mixture of points that comes nearest to a target.
type Nearest struct {
	Weights  []float64 // one per point, non-negative, adding up to one
	Residual []float64 // mixture minus target; unique, even where the weights are not
	Active   []bool    // false for points that no best mixture can use
}

// NearestPoint minimises |Σ w_k p_k - target|² over weights w ≥ 0, Σ w = 1.
//
// The method is that of P. Wolfe, "Finding the nearest point in a polytope",
// Mathematical Programming 11 (1976) 128-149: it walks over affinely
// independent subsets (corrals) and ends after finitely many, so the answer is
// as exact as one linear solve.
func NearestPoint(points [][]float64, target []float64) (*Nearest, error) {
	if len(points) == 0 {
		return nil, ErrShape
	}
	c := corral{shifted: make([][]float64, len(points)), weights: make([]float64, len(points))}
	for k, p := range points {
		if len(p) != len(target) {
			return nil, ErrShape
		}
		v := make([]float64, len(p))
		for i := range p {
			v[i] = p[i] - target[i]
		}
		c.shifted[k] = v
		c.radius = max(c.radius, math.Sqrt(dot(v, v)))
	}
	if err := c.run(); err != nil {
		return nil, err
	}
	n := &Nearest{Weights: c.weights, Residual: c.x, Active: make([]bool, len(points))}
	// Complementary slackness: a point may carry weight only where the gradient
	// is as low as it gets. Only clear cases are told; when the target is reached,
	// up to rounding, every point may.
	xx, norm := dot(c.x, c.x), math.Sqrt(dot(c.x, c.x))
	for k, v := range c.shifted {
		n.Active[k] = norm <= 1e-7*c.radius || dot(c.x, v)-xx <= 1e-6*norm*c.radius
	}
	return n, nil
}

// corral is the state of Wolfe's walk.
type corral struct {
	shifted [][]float64 // points minus target
	radius  float64     // length of the longest of them
	weights []float64   // present mixture, over all points
	set     []int       // the points in use, affinely independent
	x       []float64   // present mixture of shifted points
}

func (c *corral) run() error {
	first := 0
	for k, v := range c.shifted {
		if dot(v, v) < dot(c.shifted[first], c.shifted[first]) {
			first = k
		}
	}
	c.set, c.weights[first] = []int{first}, 1
	c.mix()
	for range 50 * (len(c.shifted) + len(c.x) + 1) {
		k := c.best()
		if k < 0 {
			return nil
		}
		before := dot(c.x, c.x)
		keep, keepWeights := append([]int(nil), c.set...), append([]float64(nil), c.weights...)
		c.set = append(c.set, k)
		ok := c.descend()
		if !ok || dot(c.x, c.x) >= before {
			// Rounding has the last word: the former corral is the answer.
			c.set, c.weights = keep, keepWeights
			c.mix()
			return nil
		}
	}
	return ErrStalled
}

// best is the point that improves most, or -1 at the optimum.
func (c *corral) best() int {
	xx := dot(c.x, c.x)
	norm := math.Sqrt(xx)
	if norm <= 1e-15*c.radius {
		return -1
	}
	best, low := -1, xx-1e-14*norm*c.radius
	for k, v := range c.shifted {
		if g := dot(c.x, v); g < low {
			best, low = k, g
		}
	}
	for _, k := range c.set {
		if k == best {
			return -1
		}
	}
	return best
}

// descend moves to the affine minimiser of the set, dropping points whose
// weight would become negative. It reports false when the set is dependent.
func (c *corral) descend() bool {
	const zero = 1e-15
	for {
		alpha, ok := c.affine()
		if !ok {
			return false
		}
		theta, inside := 1.0, true
		for t, k := range c.set {
			if alpha[t] <= zero {
				inside = false
				if w := c.weights[k]; w-alpha[t] > 0 {
					theta = min(theta, w/(w-alpha[t]))
				}
			}
		}
		var left []int
		for t, k := range c.set {
			w := alpha[t]
			if !inside {
				w = (1-theta)*c.weights[k] + theta*alpha[t]
			}
			if w > zero {
				c.weights[k] = w
				left = append(left, k)
			} else {
				c.weights[k] = 0
			}
		}
		if !inside && len(left) == len(c.set) {
			return false
		}
		c.set = left
		if inside {
			c.mix()
			return true
		}
	}
}

// affine is the combination of the set, weights adding up to one but of any
// sign, that lies nearest to the origin.
func (c *corral) affine() ([]float64, bool) {
	columns := make([][]float64, len(c.set))
	ones := make([]float64, len(c.set))
	for t, k := range c.set {
		columns[t] = append([]float64{c.radius}, c.shifted[k]...)
		ones[t] = 1
	}
	for len(columns[0]) < len(columns) {
		for t := range columns {
			columns[t] = append(columns[t], 0)
		}
	}
	r, ok := triangular(columns, 1e-13)
	if !ok {
		return nil, false
	}
	u := solveNormal(r, ones)
	var sum float64
	for _, v := range u {
		sum += v
	}
	for t := range u {
		u[t] /= sum
	}
	return u, true
}

// mix computes x from the weights of the set, after making them add up to one.
func (c *corral) mix() {
	var sum float64
	for _, k := range c.set {
		sum += c.weights[k]
	}
	c.x = make([]float64, len(c.shifted[0]))
	for _, k := range c.set {
		c.weights[k] /= sum
		for i, v := range c.shifted[k] {
			c.x[i] += c.weights[k] * v
		}
	}
}
