package foresight

import (
	"math"
	"slices"
)

// LeastAnswers is the number of answers under which nothing but their count is
// shown: fewer would tell who said what.
const LeastAnswers = 5

// QuartileRule says how quartiles are read from sorted answers.
type QuartileRule string

// The two rules.
const (
	// QuartilesOfAnswers takes the answer at place round(k/4·(n-1)): a quartile is
	// always something somebody said. The default, as eDelphi does it.
	QuartilesOfAnswers QuartileRule = "answers"
	// QuartilesType7 interpolates, as R (type 7) and spreadsheets do.
	QuartilesType7 QuartileRule = "type7"
)

// DelphiRound are the statistics of one question in one round.
type DelphiRound struct {
	Count  int
	Hidden bool // too few answers: everything below is zero

	Mean, Deviation  float64 // deviation in population form
	Least, Greatest  float64
	Q1, Median, Q3   float64
	InterquartileGap float64
	Rule             QuartileRule
	// Outside are the answers below Q1 or above Q3, by their place in the input:
	// those whose reasons are asked for, and kept.
	Outside []int
}

// Delphi computes the statistics of a round, for panellists to see while they
// answer. Under LeastAnswers answers they are hidden. Answers that are not
// numbers (NaN, infinite) are refused.
//
// Source of the default rule: Metatavu eDelphi,
// QueryFieldDataStatistics.java.
func Delphi(answers []float64, rule QuartileRule) (*DelphiRound, error) {
	if rule == "" {
		rule = QuartilesOfAnswers
	}
	if rule != QuartilesOfAnswers && rule != QuartilesType7 {
		return nil, refuse("rule", "foresight.delphi.rule", "value", cut(string(rule), 20))
	}
	for i, v := range answers {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, &InputError{Key: "foresight.delphi.answer", Field: "answers", Row: i + 1}
		}
	}
	r := &DelphiRound{Count: len(answers), Rule: rule}
	if r.Hidden = r.Count < LeastAnswers; r.Hidden {
		return r, nil
	}
	sorted := slices.Sorted(slices.Values(answers))
	r.Mean, r.Deviation = weighted(ones(r.Count), answers)
	r.Least, r.Greatest = sorted[0], sorted[r.Count-1]
	r.Q1, r.Median, r.Q3 = quartile(sorted, 1, rule), quartile(sorted, 2, rule), quartile(sorted, 3, rule)
	r.InterquartileGap = r.Q3 - r.Q1
	for i, v := range answers {
		if v < r.Q1 || v > r.Q3 {
			r.Outside = append(r.Outside, i)
		}
	}
	return r, nil
}

// quartile k of sorted answers.
func quartile(sorted []float64, k int, rule QuartileRule) float64 {
	last := len(sorted) - 1
	if rule == QuartilesOfAnswers {
		// round(k/4·(n-1)), halves up, in whole numbers.
		return sorted[(2*k*last+4)/8]
	}
	at, part := k*last/4, float64(k*last%4)/4
	if part == 0 {
		return sorted[at]
	}
	return sorted[at] + part*(sorted[at+1]-sorted[at])
}

// Stable says whether a question has settled between two rounds: neither the
// median nor the interquartile gap moved by more than a share of the scale. Hidden
// rounds are never stable.
//
// A usual share is 0.15.
func Stable(earlier, later *DelphiRound, scale, share float64) bool {
	if earlier.Hidden || later.Hidden || !(scale > 0) {
		return false
	}
	most := share * scale * (1 + tieWithin)
	return math.Abs(later.Median-earlier.Median) <= most &&
		math.Abs(later.InterquartileGap-earlier.InterquartileGap) <= most
}

// KendallW is the concordance of m rankings of n objects, from 0 (none) to 1
// (all agree), corrected for ties:
//
//	W = 12 S / (m²(n³ - n) - m Σ (t³ - t))
//
// ranks[i] are the ranks judge i gives, tied objects sharing their mean rank. It
// is NaN when every judge ties everything. Fewer than LeastAnswers judges are not
// refused: rankings are the caller's to hide.
//
// Source: M. G. Kendall and B. Babington Smith, The problem of m rankings,
// Annals of Mathematical Statistics 10 (1939) 275-287.
func KendallW(ranks [][]float64) (float64, error) {
	if len(ranks) == 0 || len(ranks[0]) < 2 {
		return 0, refuse("ranks", "foresight.delphi.ranks")
	}
	m, n := float64(len(ranks)), len(ranks[0])
	ties := 0.0
	for i, row := range ranks {
		if len(row) != n {
			return 0, &InputError{Key: "foresight.delphi.ranking", Field: "ranks", Row: i + 1, Args: []any{"want", n}}
		}
		total := 0.0
		groups := map[float64]float64{}
		for _, v := range row {
			groups[v]++
			total += v
		}
		if want := float64(n*(n+1)) / 2; !(math.Abs(total-want) <= 1e-6*want) {
			return 0, &InputError{Key: "foresight.delphi.ranking", Field: "ranks", Row: i + 1, Args: []any{"want", n}}
		}
		for _, t := range groups {
			ties += t*t*t - t
		}
	}
	sums := columnSums(ranks, n)
	centre, s := mean(sums), 0.0
	for _, v := range sums {
		s += (v - centre) * (v - centre)
	}
	size := float64(n)
	below := m*m*(size*size*size-size) - m*ties
	if below <= 0 {
		return math.NaN(), nil
	}
	return 12 * s / below, nil
}
