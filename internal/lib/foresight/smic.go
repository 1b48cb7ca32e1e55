package foresight

import (
	"errors"
	"fmt"
	"math"

	"digiwork/internal/lib/foresight/convex"
)

// Bounds of SMIC.
const (
	leastHypotheses = 2
	maxHypotheses   = 8
	// nearBound is how far outside the coherent interval a judgement may lie
	// before it is called incoherent: answers are given to two decimals.
	nearBound = 0.005
	// possible is the probability under which an image counts as excluded.
	possible = 1e-9
)

// SmicInput are the raw probabilities of one expert, or the means of several.
//
// P[i] is P(i); Given[i][j] is P(i|j); GivenNot[i][j] is P(i|not j). All between
// 0 and 1; the diagonals are not read.
type SmicInput struct {
	Hypotheses      []string
	P               []float64
	Given, GivenNot [][]float64
}

// Image is one final image: for each hypothesis whether it holds.
type Image struct {
	Holds      []bool
	MaxEntropy float64 // its probability in the most even of the best answers
	Min, Max   float64 // its least and greatest probability over all best answers
	BestRank   int     // 1 + number of images that are surely more probable
	WorstRank  int     // 1 + number of images that may be more probable
}

// Incoherence is a judgement that no joint distribution allows.
type Incoherence struct {
	I, J     int
	Not      bool // it is P(i|not j), not P(i|j)
	Value    float64
	Low, Top float64 // what the other judgements allow
}

// SmicResult is a set of net probabilities.
type SmicResult struct {
	Hypotheses  []string
	Objective   float64 // sum of squared gaps between net and raw
	P           []float64
	Given       [][]float64 // NaN where undefined, and on the diagonal
	GivenNot    [][]float64
	Images      []Image // all hold first, none last
	Elasticity  [][]float64
	Driving     []float64 // row sums of |elasticity|: what a hypothesis moves
	Driven      []float64 // column sums: how much it is moved
	Incoherence []Incoherence
	Notes       []Note
}

// SMIC turns raw probabilities into net, coherent ones.
//
// Over distributions π on the 2^n images it minimises
//
//	Σ over i≠j of (P(i|j)P(j) - π(i and j))² + (P(i|not j)(1-P(j)) - π(i and not j))²
//
// The net probabilities of hypotheses and pairs are unique, π is not: 2^n
// unknowns meet about n² equations. So each image has an interval, its least and
// greatest probability over all best answers, and one canonical value, that of
// the answer of greatest entropy. Only images whose intervals do not overlap are
// ranked for sure.
//
// Sources: J.-C. Duperrin and M. Godet, SMIC 74, a method for constructing and
// ranking scenarios, Futures 7 (1975) 302-312; R. B. Mitchell, J. Tydeman and
// R. Curnow, Scenario generation: limitations and developments in cross-impact
// analysis, Futures 9 (1977) 205-215, on why the ranking is not unique.
func SMIC(in SmicInput) (*SmicResult, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	f, err := in.fit()
	if err != nil {
		return nil, fmt.Errorf("fit probabilities: %w", err)
	}
	r := &SmicResult{Hypotheses: in.Hypotheses, Objective: f.objective, P: f.p}
	r.Given, r.GivenNot = f.conditionals()
	if r.Images, err = f.images(); err != nil {
		return nil, fmt.Errorf("bound the images: %w", err)
	}
	if err := r.elasticities(in); err != nil {
		return nil, fmt.Errorf("move probabilities: %w", err)
	}
	r.Incoherence = in.Incoherences()
	r.remark()
	return r, nil
}

func (in SmicInput) check() error {
	n := len(in.Hypotheses)
	if n < leastHypotheses || n > maxHypotheses {
		return refuse("hypotheses", "foresight.smic.count", "got", n, "min", leastHypotheses, "max", maxHypotheses)
	}
	if _, err := list("p", cellsOf([][]float64{in.P})[0], in.Hypotheses, 0, 1); err != nil {
		return err
	}
	return errors.Join(in.checkMatrix("given", in.Given), in.checkMatrix("given_not", in.GivenNot))
}

func (in SmicInput) checkMatrix(field string, m [][]float64) error {
	cells := cellsOf(m)
	for i := range min(len(cells), len(in.Hypotheses)) {
		if i < len(cells[i]) {
			cells[i][i] = cell{hole: true}
		}
	}
	g := grid{field: field, rows: in.Hypotheses, columns: in.Hypotheses, freeDiagonal: true, most: 1, high: 1}
	_, _, _, err := g.read(cells)
	return err
}

// Incoherences are the judgements outside what the others allow:
// max(0, P(i)+P(j)-1) ≤ P(i and j) ≤ min(P(i), P(j)), and the same with not j.
// It answers while experts type, before anything is computed.
func (in SmicInput) Incoherences() []Incoherence {
	var all []Incoherence
	for i, pi := range in.P {
		for j, pj := range in.P {
			if i == j {
				continue
			}
			for _, not := range []bool{false, true} {
				value, weight := in.Given[i][j], pj
				if not {
					value, weight = in.GivenNot[i][j], 1-pj
				}
				if weight == 0 {
					continue
				}
				low := max(0, pi+weight-1) / weight
				top := min(pi, weight) / weight
				if value < low-nearBound || value > top+nearBound {
					all = append(all, Incoherence{i, j, not, value, low, top})
				}
			}
		}
	}
	return all
}

// smicFit is a best distribution and what is unique about it.
type smicFit struct {
	n         int
	objective float64
	joint     []float64 // one best distribution over images
	active    []bool    // images some best distribution may use
	p         []float64
	both      [][]float64 // π(i and j)
}

// holds says whether hypothesis i holds in image k; image 0 is the one in which
// all hold.
func holds(n, k, i int) bool { return k>>(n-1-i)&1 == 0 }

// fit finds the best distribution: the point of the polytope of pair sums
// nearest to the raw products.
func (in SmicInput) fit() (*smicFit, error) {
	n := len(in.P)
	var target []float64
	for i := range n {
		for j := range n {
			if i != j {
				target = append(target, in.Given[i][j]*in.P[j], in.GivenNot[i][j]*(1-in.P[j]))
			}
		}
	}
	points := make([][]float64, 1<<n)
	for k := range points {
		for i := range n {
			for j := range n {
				if i == j {
					continue
				}
				both, alone := 0.0, 0.0
				if holds(n, k, i) {
					if holds(n, k, j) {
						both = 1
					} else {
						alone = 1
					}
				}
				points[k] = append(points[k], both, alone)
			}
		}
	}
	nearest, err := convex.NearestPoint(points, target)
	if err != nil {
		return nil, err
	}
	f := &smicFit{n: n, joint: nearest.Weights, active: nearest.Active, p: make([]float64, n), both: numbers(n, n)}
	for _, v := range nearest.Residual {
		f.objective += v * v
	}
	for k, w := range f.joint {
		for i := range n {
			if !holds(n, k, i) {
				continue
			}
			f.p[i] += w
			for j := range n {
				if holds(n, k, j) {
					f.both[i][j] += w
				}
			}
		}
	}
	return f, nil
}

func (f *smicFit) conditionals() (given, givenNot [][]float64) {
	given, givenNot = numbers(f.n, f.n), numbers(f.n, f.n)
	for i := range f.n {
		for j := range f.n {
			given[i][j], givenNot[i][j] = math.NaN(), math.NaN()
			if i == j {
				continue
			}
			if f.p[j] > possible {
				given[i][j] = f.both[i][j] / f.p[j]
			}
			if f.p[j] < 1-possible {
				givenNot[i][j] = max(f.p[i]-f.both[i][j], 0) / (1 - f.p[j])
			}
		}
	}
	return given, givenNot
}

// images bounds the probability of each image over all best distributions, which
// are those with the same sums for hypotheses and pairs, and finds the one of
// greatest entropy.
func (f *smicFit) images() ([]Image, error) {
	var column []int
	for k, a := range f.active {
		if a || f.joint[k] > 0 {
			column = append(column, k)
		}
	}
	rows, target := f.moments(column)
	polytope, err := convex.NewPolytope(rows, target)
	if err != nil {
		return nil, err
	}
	low, high, err := polytope.Bounds()
	if err != nil {
		return nil, err
	}
	support := make([]bool, len(column))
	for t := range column {
		support[t] = high[t] > possible
	}
	even, err := convex.MaxEntropy(rows[1:], target[1:], support)
	if err != nil {
		return nil, err
	}
	images := make([]Image, len(f.joint))
	for t, k := range column {
		low[t], high[t] = tidy(min(low[t], high[t])), tidy(max(low[t], high[t]))
		images[k] = Image{MaxEntropy: min(max(even[t], low[t]), high[t]), Min: low[t], Max: high[t]}
	}
	for k := range images {
		for i := range f.n {
			images[k].Holds = append(images[k].Holds, holds(f.n, k, i))
		}
		images[k].BestRank, images[k].WorstRank = 1, 1
		for other := range images {
			if images[other].Min > images[k].Max+possible {
				images[k].BestRank++
			}
			if other != k && images[other].Max > images[k].Min+possible {
				images[k].WorstRank++
			}
		}
	}
	return images, nil
}

// tidy removes what rounding leaves at the ends of the scale.
func tidy(v float64) float64 {
	switch {
	case v < 1e-13:
		return 0
	case v > 1-1e-13:
		return 1
	}
	return v
}

// moments are the equations a best distribution satisfies: it sums to one, and
// gives each hypothesis and each pair its unique probability.
func (f *smicFit) moments(column []int) (rows [][]float64, target []float64) {
	add := func(value float64, in func(k int) bool) {
		row := make([]float64, len(column))
		for t, k := range column {
			if in(k) {
				row[t] = 1
			}
		}
		rows, target = append(rows, row), append(target, value)
	}
	add(1, func(int) bool { return true })
	for i := range f.n {
		add(f.p[i], func(k int) bool { return holds(f.n, k, i) })
		for j := range i {
			add(f.both[i][j], func(k int) bool { return holds(f.n, k, i) && holds(f.n, k, j) })
		}
	}
	return rows, target
}
