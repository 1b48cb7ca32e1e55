package foresight

import (
	"math"
	"testing"
)

func TestPoolKeepsWhatPeopleSaid(t *testing.T) {
	open := math.NaN()
	p, err := Pool([][][]float64{
		{{0, 1}, {open, 0}}, {{0, 3}, {open, 0}}, {{0, 2}, {open, 0}}, {{0, open}, {open, 0}}, {{0, 2}, {open, 0}},
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "mean", p.Mean, [][]float64{{0, 2}, {open, 0}}, 0)
	same(t, "median", p.Median, [][]float64{{0, 2}, {open, 0}}, 0)
	same(t, "deviation", p.Deviation, [][]float64{{0, math.Sqrt(0.5)}, {open, 0}}, 1e-12)
	if p.Count[0][1] != 4 || !p.Hidden[0][1] || p.Hidden[0][0] {
		t.Errorf("count %v, hidden %v", p.Count, p.Hidden)
	}
	for _, bad := range [][][][]float64{nil, {{{1}}, {{1, 2}}}, {{{1}}, {}}} {
		if _, err := Pool(bad); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}
