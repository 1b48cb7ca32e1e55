package foresight

import (
	"context"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestImpactsAreThoseOfAllChains(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(rt, "variables")
		in := ExitInput{Variables: named(n), Matrix: numbers(n, n), Max: 5}
		in.Threshold = rapid.SampledFrom([]float64{0.001, 0.01, 0.1, 0.2, 1}).Draw(rt, "threshold")
		for i := range n {
			for j := range n {
				if i != j {
					in.Matrix[i][j] = float64(rapid.IntRange(-5, 5).Draw(rt, "impact"))
				}
			}
		}
		// Every ordered choice of different variables, longest first, is a chain; it
		// counts when its product, and so every beginning's, reaches the threshold.
		impact, chains := numbers(n, n), make([]int64, n)
		var extend func(chain []int)
		extend = func(chain []int) {
			numerator, denominator := 1.0, 1.0
			for at := 1; at < len(chain); at++ {
				numerator *= in.Matrix[chain[at-1]][chain[at]]
				denominator *= in.Max
			}
			if math.Abs(numerator) < in.Threshold*denominator*(1-1e-9) {
				return
			}
			chains[chain[0]]++
			if len(chain) > 1 {
				impact[chain[0]][chain[len(chain)-1]] += numerator / denominator
			}
		next:
			for j := range n {
				for _, i := range chain {
					if i == j {
						continue next
					}
				}
				extend(append(append([]int(nil), chain...), j))
			}
		}
		for i := range n {
			extend([]int{i})
		}
		r, err := EXIT(context.Background(), in)
		if err != nil {
			rt.Fatal(err)
		}
		if d := distance(r.Impact, impact); d > 1e-12 {
			rt.Fatalf("impact %v, want %v", r.Impact, impact)
		}
		for i := range n {
			if r.Chains[i] != chains[i] {
				rt.Fatalf("chains %v, want %v", r.Chains, chains)
			}
		}
		if !r.Complete {
			rt.Fatal("not complete")
		}
	})
}

func TestChainsThatEqualTheThresholdCount(t *testing.T) {
	// 0.7 · 0.1 is 0.07 on paper, a little less in floating point.
	r, err := EXIT(t.Context(), ExitInput{
		Variables: named(3), Matrix: [][]float64{{0, 7, 0}, {0, 0, 1}, {0, 0, 0}}, Max: 10, Threshold: 0.07,
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "impact", r.Impact[0], []float64{0, 0.7, 0.07}, 1e-12)
	if r.Chains[0] != 3 {
		t.Errorf("chains %v", r.Chains)
	}
}

func TestTooManyChainsAreTold(t *testing.T) {
	n := 14
	m := numbers(n, n)
	for i := range n {
		for j := range n {
			if i != j {
				m[i][j] = 1
			}
		}
	}
	r, err := EXIT(t.Context(), ExitInput{Variables: named(n), Matrix: m, Max: 1, Threshold: 1, Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	if r.Complete || !hasNote(r.Notes, "foresight.exit.note.stopped") {
		t.Errorf("complete %v, notes %v", r.Complete, r.Notes)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := EXIT(stopped, ExitInput{Variables: named(n), Matrix: m, Max: 1, Threshold: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("goes on: %v", err)
	}
}

func TestScaleOfImpactsIsTold(t *testing.T) {
	in, notes, err := ReadEXIT([]byte(`{"matrix": [[0, -4], [2, 0]]}`))
	if err != nil || in.Max != 4 || in.Threshold != 0.01 || !hasNote(notes, "foresight.exit.note.max") {
		t.Errorf("%+v, %v, %v", in, notes, err)
	}
	r, err := EXIT(t.Context(), ExitInput{Variables: named(2), Matrix: [][]float64{{0, 6}, {1, 0}}, Max: 5, Threshold: 0.01})
	if err != nil || !hasNote(r.Notes, "foresight.exit.note.beyond") {
		t.Errorf("%+v, %v", r, err)
	}
	big := numbers(60, 60)
	for i := range 59 {
		big[i][i+1] = 1e6
	}
	if _, err := EXIT(t.Context(), ExitInput{Variables: named(60), Matrix: big, Max: 1e-6, Threshold: 0.01}); err == nil {
		t.Error("products that overflow are accepted")
	}
	for text, key := range map[string]string{
		`{"matrix": [[0, 1], [1, 0]], "max": 0}`:                 "foresight.exit.max",
		`{"matrix": [[0, 1], [1, 0]], "max": "x"}`:               "foresight.exit.max",
		`{"matrix": [[0, 1], [1, 0]], "max": 5, "threshold": 0}`: "foresight.exit.threshold",
		`{"matrix": [[0, 1], [1, 0]], "threshold": "x"}`:         "foresight.exit.threshold",
		`{"matrix": [[0, 1], [1, 2]], "max": 5}`:                 "foresight.cell.diagonal",
		`{"max": 5}`:                                             "foresight.names.none",
	} {
		_, err := Command(t.Context(), "exit", "x.json", []byte(text), Options{})
		if got, ok := errors.AsType[*InputError](err); !ok || got.Key != key {
			t.Errorf("%s: %v", text, err)
		}
	}
}
