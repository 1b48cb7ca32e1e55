package foresight

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// choices draws scores and weights.
func choices(t *rapid.T) MultipolInput {
	k, a := rapid.IntRange(1, 4).Draw(t, "criteria"), rapid.IntRange(1, 5).Draw(t, "actions")
	in := MultipolInput{Criteria: named(k), Actions: named(a), Scores: numbers(a, k)}
	for i := range a {
		for j := range k {
			in.Scores[i][j] = float64(rapid.IntRange(0, 20).Draw(t, "score"))
		}
	}
	for p := range rapid.IntRange(1, 4).Draw(t, "policies") {
		w := Weights{Name: fmt.Sprint("policy ", p+1)}
		for range k {
			w.Weights = append(w.Weights, float64(rapid.IntRange(0, 6).Draw(t, "weight")))
		}
		if sum(w.Weights) == 0 {
			w.Weights[0] = 1
		}
		in.Policies = append(in.Policies, w)
	}
	return in
}

func TestWeightedScoresAreThoseOfRepeatedOnes(t *testing.T) {
	// A weight of three is the same as writing the score three times.
	rapid.Check(t, func(rt *rapid.T) {
		in := choices(rt)
		r, err := MULTIPOL(in)
		if err != nil {
			rt.Fatal(err)
		}
		for p, q := range r.Policies {
			for a, scores := range in.Scores {
				var repeated []float64
				for k, v := range scores {
					for range int(in.Policies[p].Weights[k]) {
						repeated = append(repeated, v)
					}
				}
				m, spread := mean(repeated), 0.0
				for _, v := range repeated {
					spread += (v - m) * (v - m) / float64(len(repeated))
				}
				if math.Abs(q.Mean[a]-m) > 1e-9 || math.Abs(q.Deviation[a]-math.Sqrt(spread)) > 1e-9 {
					rt.Fatalf("action %d: %v ± %v, want %v ± %v", a, q.Mean[a], q.Deviation[a], m, math.Sqrt(spread))
				}
			}
			for at := 1; at < len(q.Order); at++ {
				if q.Mean[q.Order[at]] > q.Mean[q.Order[at-1]]+1e-9 || q.Place[q.Order[at]] < q.Place[q.Order[at-1]] {
					rt.Fatalf("order %v of %v", q.Order, q.Mean)
				}
			}
		}
	})
}

func TestReversalsAreThePairsThatChangePlaces(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := choices(rt)
		r, err := MULTIPOL(in)
		if err != nil {
			rt.Fatal(err)
		}
		want := 0
		for a := range in.Actions {
			for b := range a {
				up, down := false, false
				for _, q := range r.Policies {
					up = up || q.Mean[a] > q.Mean[b]+1e-9
					down = down || q.Mean[a] < q.Mean[b]-1e-9
				}
				if up && down {
					want++
				}
			}
		}
		if len(r.Reversals) != want {
			rt.Fatalf("%d reversals, want %d", len(r.Reversals), want)
		}
	})
}

func TestFirstActionStaysFirstBetweenTheBounds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := choices(rt)
		r, err := MULTIPOL(in)
		if err != nil {
			rt.Fatal(err)
		}
		share := float64(rapid.IntRange(0, 100).Draw(rt, "share")) / 100
		for p, q := range r.Policies {
			w := in.Policies[p].Weights
			for _, k := range q.Robustness {
				if k.OnlyOneMatters {
					continue
				}
				moved := slices.Clone(w)
				rest := sum(w) - w[k.Criterion]
				for j := range moved {
					moved[j] *= (1 - share) / rest
				}
				moved[k.Criterion] = share
				scores := rank(Weights{Weights: moved}, in.Scores).Mean
				lead := scores[q.Order[0]] - slices.Max(scores)
				inside := share >= k.From && share <= k.To
				if inside && lead < -1e-9 || !inside && lead >= 0 && math.Abs(share-k.From) > 1e-6 && math.Abs(share-k.To) > 1e-6 {
					rt.Fatalf("criterion %d at %v: lead %v, said to hold in [%v, %v]", k.Criterion, share, lead, k.From, k.To)
				}
			}
		}
	})
}

func TestPoliciesAreRankedUnderScenarios(t *testing.T) {
	in, _, err := ReadMULTIPOL([]byte(`{"criteria": ["c", "d"], "actions": ["a"], "scores": [[10, 20]],
		"policies": {"z": [1, 3], "b": [4, 0]}, "scenarios": {"s": [1, 0], "t": [1, 1]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if in.Policies[0].Name != "z" {
		t.Errorf("policies do not keep the order of the file: %v", in.Policies)
	}
	r, err := MULTIPOL(in)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "under s", r.Scenarios[0].Mean, []float64{1, 4}, 0)
	same(t, "under t", r.Scenarios[1].Mean, []float64{2, 2}, 0)
	same(t, "places under t", r.Scenarios[1].Place, []int{1, 1}, 0)
}

func TestBadChoicesAreNamed(t *testing.T) {
	start := `{"criteria": ["c", "d"], "actions": ["a"], "scores": [[1, 2]], `
	for text, want := range map[string]InputError{
		start + `"policies": {"p": [1]}}`:                                          {Key: "foresight.list.size", Field: "policies.p"},
		start + `"policies": {"p": [1, null]}}`:                                    {Key: "foresight.list.hole", Field: "policies.p", Column: 2},
		start + `"policies": {"p": [1, -1]}}`:                                      {Key: "foresight.list.range", Field: "policies.p", Column: 2},
		start + `"policies": {"p": [1, "x"]}}`:                                     {Key: "foresight.list.letter", Field: "policies.p", Column: 2},
		start + `"policies": {"p": [0, 0]}}`:                                       {Key: "foresight.multipol.weightless", Field: "policies.p"},
		start + `"policies": {"p": [1, 1], "p": [1, 2]}}`:                          {Key: "foresight.multipol.twice", Field: "p"},
		start + `"policies": [1, 2]}`:                                              {Key: "foresight.multipol.object", Field: "policies"},
		start + `"policies": {"p": 3}}`:                                            {Key: "foresight.multipol.object", Field: "p"},
		start + `"policies": {}}`:                                                  {Key: "foresight.names.none", Field: "policies"},
		start + `"other": {}}`:                                                     {Key: "foresight.field.missing", Field: "policies"},
		`{"criteria": ["c"], "actions": ["a"], "scores": [["?"]], "policies": {}}`: {Key: "foresight.cell.letter", Field: "scores", Column: 1},
	} {
		_, err := Command(t.Context(), "multipol", "x.json", []byte(text), Options{})
		got, ok := errors.AsType[*InputError](err)
		if !ok || got.Key != want.Key || got.Field != want.Field || got.Column != want.Column {
			t.Errorf("%s: %+v", text, err)
		}
	}
}
