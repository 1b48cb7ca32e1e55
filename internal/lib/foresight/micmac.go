package foresight

import "math"

// Bounds of MICMAC.
const (
	maxVariables  = 200
	maxInfluence  = 1e6
	leastPowers   = 8
	usualStrength = 3
)

// MicmacInput is a matrix of direct influences.
//
// Matrix is n by n, non-negative, with a zero diagonal; row i, column j is the
// direct influence of variable i on variable j, usually 0 to 3. Potential tells
// the cells that are potential only: they count as zero at present and as
// Strength in the potential matrix.
type MicmacInput struct {
	Variables []string
	Matrix    [][]float64
	Potential [][]bool // nil when there are none
	Strength  float64
	Medians   bool // the cross of the plane stands at the medians, not the means
}

// Margins are the two sums of a matrix: what each variable does to the others,
// and what it receives. One entry per variable.
type Margins struct {
	Influence  []float64
	Dependence []float64
}

// Power is one power of the matrix, with its raw sums.
type Power struct {
	K int
	Margins
}

// How an indirect ranking was found.
const (
	ByPerron = "perron" // the limit of the powers
	ByPaths  = "paths"  // the sum of all paths, for a graph without loop
)

// Indirect is the indirect classification: shares that add up to one.
type Indirect struct {
	Margins
	Method    string
	Precision float64 // greatest error of a share, as seen at the last step
}

// View is one matrix with its four classifications: direct and indirect.
type View struct {
	Direct   Margins
	Indirect Indirect
}

// MicmacResult is a structural analysis.
type MicmacResult struct {
	Variables []string
	View
	Powers    []Power // raw sums of M^k, k from 1; exact below 2^53
	Potential View    // the same with potential influences at their strength
	Cells     int     // how many influences are potential
	Strength  float64
	Groups    [][]int // strongly connected groups, those that lead first
	Period    int     // 1 when powers settle, more when they turn, 0 without loop
	StableAt  int     // first power from which both rankings stay; 0 when never
	Planes    Planes
	Notes     []Note
}

// MICMAC computes the direct, indirect and potential classifications of a
// matrix of influences.
//
// Direct influence is the row sum, dependence the column sum. The indirect
// classification is the limit of the sums of M^k: the right and left Perron
// vectors. They are reached by iterating M + I, which also settles when the
// graph is cyclic and the powers of M turn for ever; StableAt is then 0 and a
// note says so. Without any loop M^n is zero: there is no limit, the sum of all
// paths ranks instead, and a note says so.
//
// Sources: J.-C. Duperrin and M. Godet, Méthode de hiérarchisation des éléments
// d'un système, CEA-R-4541 (1973); M. Godet, Manuel de prospective stratégique,
// vol. 2; D. Dema and O. Barbera (2010) on matrices whose ranking never settles.
func MICMAC(in MicmacInput) (*MicmacResult, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	r := &MicmacResult{Variables: in.Variables, Strength: in.Strength}
	r.View = viewOf(in.Matrix)
	full := in.Matrix
	if in.Potential != nil {
		full = make([][]float64, len(in.Matrix))
		for i, row := range in.Matrix {
			full[i] = append([]float64(nil), row...)
			for j, p := range in.Potential[i] {
				if p {
					full[i][j] = in.Strength
					r.Cells++
				}
			}
		}
	}
	r.Potential = r.View
	if r.Cells > 0 {
		r.Potential = viewOf(full)
	}
	g := digraphOf(in.Matrix)
	_, groups := g.strong()
	for i := len(groups) - 1; i >= 0; i-- {
		r.Groups = append(r.Groups, groups[i])
	}
	r.Period = g.period()
	r.powers(in.Matrix)
	if r.Period > 0 {
		r.StableAt = stableAt(in.Matrix, r.Period)
	}
	r.Planes = planesOf(r, in.Medians)
	r.remark(in)
	return r, nil
}

func (in MicmacInput) check() error {
	n := len(in.Variables)
	if n == 0 {
		return refuse("variables", "foresight.names.none")
	}
	if n > maxVariables {
		return refuse("variables", "foresight.names.many", "got", n, "max", maxVariables)
	}
	if in.Strength < 0 || in.Strength > maxInfluence || math.IsNaN(in.Strength) {
		return refuse("potential", "foresight.micmac.strength", "value", in.Strength)
	}
	g := grid{field: "matrix", rows: in.Variables, columns: in.Variables, zeroDiagonal: true, most: maxInfluence, high: maxInfluence}
	_, _, _, err := g.read(cellsOf(in.Matrix))
	return err
}

// cellsOf makes cells of numbers, so that typed callers meet the same checks as
// files.
func cellsOf(m [][]float64) [][]cell {
	if m == nil {
		return nil
	}
	cells := make([][]cell, len(m))
	for i, row := range m {
		cells[i] = make([]cell, len(row))
		for j, v := range row {
			cells[i][j] = cell{number: v, ok: !math.IsNaN(v) && !math.IsInf(v, 0)}
		}
	}
	return cells
}

func viewOf(m [][]float64) View {
	v := View{Direct: Margins{rowSums(m), columnSums(m, len(m))}}
	v.Indirect = indirect(m)
	return v
}

// powers lists the raw sums of M^k, as vectors: M^k·1 and (Mᵀ)^k·1.
func (r *MicmacResult) powers(m [][]float64) {
	s := sparseOf(m)
	n := len(m)
	influence, dependence := ones(n), ones(n)
	for k := 1; k <= max(n, leastPowers); k++ {
		influence, dependence = s.times(influence), s.timesTransposed(dependence)
		for i := range n {
			if math.IsInf(influence[i], 0) || math.IsInf(dependence[i], 0) {
				r.Notes = append(r.Notes, note("foresight.micmac.note.overflow", "k", k))
				return
			}
		}
		r.Powers = append(r.Powers, Power{k, Margins{influence, dependence}})
	}
}

func (r *MicmacResult) remark(in MicmacInput) {
	switch {
	case r.Period == 0:
		r.Notes = append(r.Notes, note("foresight.micmac.note.loop_free", "k", len(in.Variables)))
	case r.StableAt == 0 && r.Period > 1:
		r.Notes = append(r.Notes, note("foresight.micmac.note.cyclic", "period", r.Period))
	case r.StableAt == 0:
		r.Notes = append(r.Notes, note("foresight.micmac.note.unsettled"))
	}
	if r.Period > 0 {
		var zero []string
		for i, name := range in.Variables {
			if r.Indirect.Influence[i] == 0 && r.Direct.Influence[i] > 0 {
				zero = append(zero, name)
			}
		}
		if len(zero) > 0 {
			r.Notes = append(r.Notes, note("foresight.micmac.note.outside_influence", "names", zero))
		}
		zero = nil
		for i, name := range in.Variables {
			if r.Indirect.Dependence[i] == 0 && r.Direct.Dependence[i] > 0 {
				zero = append(zero, name)
			}
		}
		if len(zero) > 0 {
			r.Notes = append(r.Notes, note("foresight.micmac.note.outside_dependence", "names", zero))
		}
		if len(r.Groups) > 1 {
			r.Notes = append(r.Notes, note("foresight.micmac.note.groups", "n", len(r.Groups)))
		}
	}
	if p := max(r.Indirect.Precision, r.Potential.Indirect.Precision); p > 1e-9 {
		r.Notes = append(r.Notes, note("foresight.micmac.note.slow", "precision", p))
	}
	if r.Cells > 0 {
		r.Notes = append(r.Notes, note("foresight.micmac.note.potential", "n", r.Cells, "strength", r.Strength))
	}
}
