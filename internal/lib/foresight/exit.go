package foresight

import (
	"context"
	"math"
	"sort"
)

// Bounds of EXIT.
const (
	exitVariables = 200
	exitMax       = 1e6
	exitChains    = 50_000_000
	exitThreshold = 0.01
)

// ExitInput is a matrix of direct impacts, n by n with a zero diagonal, row on
// column, signed. Max is the greatest impact of the scale, positive; Threshold,
// above 0 and at most 1, is the relative impact under which a chain is dropped.
type ExitInput struct {
	Variables []string
	Matrix    [][]float64
	Max       float64
	Threshold float64
	Limit     int64 // most chains to follow, default 50 million
}

// ExitResult are total impacts through chains.
type ExitResult struct {
	Variables      []string
	Max, Threshold float64

	Impact   [][]float64 // n by n: sum over the chains from row to column
	Chains   []int64     // per source: chains that count, the chain of one variable included
	Complete bool        // false when the limit of chains was met
	Notes    []Note
}

// EXIT sums, from each variable to each other, the relative impacts of all
// chains without repetition: a chain is worth the product of its impacts, each
// divided by Max. A chain is dropped, with its extensions, when the product falls
// below the threshold in absolute value; impacts are kept when they equal it.
//
// Chains counts as the authors print it: the chain that stays at its source
// counts, though it adds no impact.
//
// Source: J. Panula-Ontto and K. Piirainen, EXIT: an alternative approach for
// structural cross-impact modeling and analysis, Technological Forecasting and
// Social Change 137 (2018) 89-100.
func EXIT(ctx context.Context, in ExitInput) (*ExitResult, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if in.Limit <= 0 {
		in.Limit = exitChains
	}
	n := len(in.Variables)
	w := chainWalk{
		ctx: ctx, out: make([][]link, n), used: make([]bool, n), left: in.Limit,
		// A product that equals the threshold in exact arithmetic stays above this.
		threshold: in.Threshold * (1 - 1e-12),
	}
	beyond := 0
	for i, row := range in.Matrix {
		for j, v := range row {
			if v != 0 {
				w.out[i] = append(w.out[i], link{j, v / in.Max})
			}
			if math.Abs(v) > in.Max {
				beyond++
			}
		}
		// The strongest first: a walk turns back at the first that is too weak.
		sort.SliceStable(w.out[i], func(a, b int) bool {
			return math.Abs(w.out[i][a].share) > math.Abs(w.out[i][b].share)
		})
	}
	r := &ExitResult{Variables: in.Variables, Max: in.Max, Threshold: in.Threshold, Chains: make([]int64, n)}
	for i := range n {
		w.impact, w.count = make([]float64, n), 1
		w.used[i] = true
		w.from(i, 1)
		w.used[i] = false
		if w.err != nil {
			return nil, w.err
		}
		for _, v := range w.impact {
			if math.IsInf(v, 0) || math.IsNaN(v) {
				return nil, refuse("max", "foresight.exit.overflow")
			}
		}
		r.Impact, r.Chains[i] = append(r.Impact, w.impact), w.count
	}
	r.Complete = !w.stopped
	if w.stopped {
		r.Notes = append(r.Notes, note("foresight.exit.note.stopped", "n", int(in.Limit)))
	}
	if beyond > 0 {
		r.Notes = append(r.Notes, note("foresight.exit.note.beyond", "n", beyond, "max", in.Max))
	}
	return r, nil
}

func (in ExitInput) check() error {
	if _, err := names("variables", in.Variables, 0, exitVariables, ""); err != nil {
		return err
	}
	if !(in.Max > 0 && in.Max <= exitMax) {
		return refuse("max", "foresight.exit.max")
	}
	if !(in.Threshold > 0 && in.Threshold <= 1) {
		return refuse("threshold", "foresight.exit.threshold")
	}
	g := grid{field: "matrix", rows: in.Variables, columns: in.Variables, zeroDiagonal: true, least: -exitMax, most: exitMax}
	_, _, _, err := g.read(cellsOf(in.Matrix))
	return err
}

type link struct {
	to    int
	share float64 // impact divided by the greatest of the scale
}

// chainWalk follows the chains from one source.
type chainWalk struct {
	ctx       context.Context
	out       [][]link
	used      []bool
	threshold float64
	impact    []float64
	count     int64
	left      int64
	stopped   bool
	err       error
}

func (w *chainWalk) from(i int, product float64) {
	for _, l := range w.out[i] {
		p := product * l.share
		if math.Abs(p) < w.threshold {
			return
		}
		if w.used[l.to] {
			continue
		}
		if w.left == 0 {
			w.stopped = true
		}
		if w.left&0xffff == 0 && w.err == nil {
			w.err = w.ctx.Err()
		}
		if w.stopped || w.err != nil {
			return
		}
		w.left--
		w.count++
		w.impact[l.to] += p
		w.used[l.to] = true
		w.from(l.to, p)
		w.used[l.to] = false
	}
}
