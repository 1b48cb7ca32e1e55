package foresight

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestFewAnswersAreHidden(t *testing.T) {
	for n := range 8 {
		r, err := Delphi(make([]float64, n), "")
		if err != nil {
			t.Fatal(err)
		}
		if r.Count != n || r.Hidden != (n < 5) {
			t.Errorf("%d answers: %+v", n, r)
		}
	}
	r, err := Delphi([]float64{7, 8, 9, 10}, QuartilesType7)
	if err != nil {
		t.Fatal(err)
	}
	if (r.Mean != 0) || r.Median != 0 || r.Greatest != 0 || r.Outside != nil {
		t.Errorf("four answers show %+v", r)
	}
}

func TestQuartilesAreOrderedAndSaid(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		answers := rapid.SliceOfN(rapid.Float64Range(-100, 100), 5, 40).Draw(rt, "answers")
		for _, rule := range []QuartileRule{QuartilesOfAnswers, QuartilesType7} {
			r, err := Delphi(answers, rule)
			if err != nil {
				rt.Fatal(err)
			}
			if !slices.IsSorted([]float64{r.Least, r.Q1, r.Median, r.Q3, r.Greatest}) {
				rt.Fatalf("%+v", r)
			}
			sorted := slices.Sorted(slices.Values(answers))
			for k, q := range []float64{r.Q1, r.Median, r.Q3} {
				place := float64(k+1) / 4 * float64(len(answers)-1)
				want := sorted[int(math.Floor(place+0.5))]
				if rule == QuartilesType7 {
					low := int(math.Floor(place))
					want = sorted[low] + (place-float64(low))*(sorted[min(low+1, len(sorted)-1)]-sorted[low])
				}
				if math.Abs(q-want) > 1e-9 {
					rt.Fatalf("%s: quartile %d of %v is %v, want %v", rule, k+1, sorted, q, want)
				}
			}
			for i, v := range answers {
				if outside := v < r.Q1 || v > r.Q3; outside != slices.Contains(r.Outside, i) {
					rt.Fatalf("answer %d (%v) outside [%v, %v]: %v", i, v, r.Q1, r.Q3, r.Outside)
				}
			}
		}
	})
}

func TestStabilityLooksAtMedianAndSpread(t *testing.T) {
	round := func(answers ...float64) *DelphiRound {
		r, err := Delphi(answers, "")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := round(1, 2, 3, 4, 5)
	for name, c := range map[string]struct {
		later *DelphiRound
		want  bool
	}{
		"same":   {round(1, 2, 3, 4, 5), true},
		"moved":  {round(3, 4, 5, 6, 7), false},
		"spread": {round(0, 1, 3, 6, 9), false},
		"hidden": {round(1, 2, 3), false},
	} {
		if got := Stable(first, c.later, 10, 0.15); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestConcordanceIsOneForOneVoiceAndUndefinedForNone(t *testing.T) {
	if w, err := KendallW([][]float64{{1, 2, 3}, {1, 2, 3}}); err != nil || math.Abs(w-1) > 1e-12 {
		t.Errorf("one voice: %v, %v", w, err)
	}
	if w, err := KendallW([][]float64{{1, 2, 3}, {3, 2, 1}}); err != nil || w != 0 {
		t.Errorf("opposite voices: %v, %v", w, err)
	}
	if w, err := KendallW([][]float64{{2, 2, 2}, {2, 2, 2}}); err != nil || !math.IsNaN(w) {
		t.Errorf("all tied: %v, %v", w, err)
	}
	for _, bad := range [][][]float64{nil, {{1}}, {{1, 2}, {1}}, {{1, 3}}, {{math.NaN(), 1}}} {
		if _, err := KendallW(bad); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
	if _, err := Delphi([]float64{1, math.NaN()}, ""); err == nil {
		t.Error("NaN is accepted")
	}
	if _, err := Delphi(nil, "type9"); err == nil {
		t.Error("type9 is accepted")
	}
}
