package foresight

import (
	"math"
	"slices"
)

// Pooled is what several people put into the cells of one matrix. Every matrix
// has the size of theirs.
type Pooled struct {
	Count     [][]int     // how many filled the cell
	Mean      [][]float64 // NaN where nobody did, as in the others
	Median    [][]float64
	Deviation [][]float64 // standard deviation, population form: where people disagree
	Hidden    [][]bool    // fewer than LeastAnswers: to be shown only to those who know who took part
}

// Pool gathers the matrices of participants cell by cell; NaN is a cell left
// open. The means feed an analysis, the deviations say which cells to argue
// about.
func Pool(matrices [][][]float64) (*Pooled, error) {
	if len(matrices) == 0 {
		return nil, refuse("matrices", "foresight.names.none")
	}
	p := &Pooled{}
	for i, row := range matrices[0] {
		p.Count = append(p.Count, make([]int, len(row)))
		p.Hidden = append(p.Hidden, make([]bool, len(row)))
		for _, m := range []*[][]float64{&p.Mean, &p.Median, &p.Deviation} {
			*m = append(*m, make([]float64, len(row)))
		}
		for j := range row {
			var values []float64
			for at, m := range matrices {
				if len(m) != len(matrices[0]) || len(m[i]) != len(row) {
					return nil, &InputError{Key: "foresight.pool.size", Field: "matrices", Row: at + 1}
				}
				if v := m[i][j]; !math.IsNaN(v) {
					values = append(values, v)
				}
			}
			p.Count[i][j], p.Hidden[i][j] = len(values), len(values) < LeastAnswers
			p.Mean[i][j], p.Median[i][j], p.Deviation[i][j] = math.NaN(), math.NaN(), math.NaN()
			if len(values) > 0 {
				slices.Sort(values) // so that the sum does not depend on who came first
				p.Mean[i][j], p.Deviation[i][j] = weighted(ones(len(values)), values)
				p.Median[i][j] = median(values)
			}
		}
	}
	return p, nil
}
