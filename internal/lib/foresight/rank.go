package foresight

import (
	"math"
	"sort"
)

// tieWithin is the relative difference under which two computed values count as
// equal when they are ranked.
const tieWithin = 1e-9

// ranks are places from 1, the greatest first; equal values share a place and
// the next ones are left out (1, 2, 2, 4).
func ranks(values []float64) []int {
	order := descending(values)
	places := make([]int, len(values))
	for at, i := range order {
		places[i] = at + 1
		if at > 0 && near(values[i], values[order[at-1]]) {
			places[i] = places[order[at-1]]
		}
	}
	return places
}

// descending are indexes in falling order of value, in the given order when
// values are equal.
func descending(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return values[order[a]] > values[order[b]] })
	// Values that differ only by rounding go back to the given order.
	for at := 0; at < len(order); {
		end := at + 1
		for end < len(order) && near(values[order[end]], values[order[end-1]]) {
			end++
		}
		sort.Ints(order[at:end])
		at = end
	}
	return order
}

// near says whether two values are equal but for rounding.
func near(a, b float64) bool {
	return a == b || math.Abs(a-b) <= tieWithin*max(math.Abs(a), math.Abs(b))
}

func sum(values []float64) float64 {
	var s float64
	for _, v := range values {
		s += v
	}
	return s
}

func mean(values []float64) float64 { return sum(values) / float64(len(values)) }

// shares are values divided by their sum; all zero when the sum is.
func shares(values []float64) []float64 {
	out := make([]float64, len(values))
	if s := sum(values); s != 0 {
		for i, v := range values {
			out[i] = v / s
		}
	}
	return out
}

// rowSums and columnSums are the margins of a matrix.
func rowSums(m [][]float64) []float64 {
	s := make([]float64, len(m))
	for i, row := range m {
		s[i] = sum(row)
	}
	return s
}

func columnSums(m [][]float64, columns int) []float64 {
	s := make([]float64, columns)
	for _, row := range m {
		for j, v := range row {
			s[j] += v
		}
	}
	return s
}

// numbers makes a zero matrix.
func numbers(rows, columns int) [][]float64 {
	m := make([][]float64, rows)
	for i := range m {
		m[i] = make([]float64, columns)
	}
	return m
}
