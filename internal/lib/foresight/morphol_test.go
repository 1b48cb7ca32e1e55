package foresight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// box draws a small box.
func box(t *rapid.T) Box {
	var b Box
	for i := range rapid.IntRange(1, 5).Draw(t, "parameters") {
		p := Parameter{Name: fmt.Sprint("P", i+1)}
		for v := range rapid.IntRange(1, 4).Draw(t, "values") {
			p.Values = append(p.Values, fmt.Sprint(v+1))
		}
		b.Parameters = append(b.Parameters, p)
	}
	if len(b.Parameters) == 1 {
		return b
	}
	choice := func(i int) Choice {
		return Choice{i, rapid.IntRange(0, len(b.Parameters[i].Values)-1).Draw(t, "value")}
	}
	for range rapid.IntRange(0, 12).Draw(t, "exclusions") {
		i := rapid.IntRange(0, len(b.Parameters)-2).Draw(t, "first")
		j := rapid.IntRange(i+1, len(b.Parameters)-1).Draw(t, "second")
		e := Exclusion{A: choice(i), B: choice(j)}
		if rapid.Bool().Draw(t, "turned") {
			e.A, e.B = e.B, e.A
		}
		b.Excluded = append(b.Excluded, e)
	}
	return b
}

// allows says whether a whole configuration holds the choices and no excluded
// pair.
func (b Box) allows(z []int, chosen []Choice) bool {
	for _, e := range b.Excluded {
		if z[e.A.Parameter] == e.A.Value && z[e.B.Parameter] == e.B.Value {
			return false
		}
	}
	for _, c := range chosen {
		if z[c.Parameter] != c.Value {
			return false
		}
	}
	return true
}

func TestCountsAreThoseOfAList(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := box(rt)
		var chosen []Choice
		if rapid.Bool().Draw(rt, "click") {
			i := rapid.IntRange(0, len(b.Parameters)-1).Draw(rt, "clicked")
			chosen = []Choice{{i, rapid.IntRange(0, len(b.Parameters[i].Values)-1).Draw(rt, "on")}}
		}
		var list [][]int
		total := uint64(0)
		counts := mapped(b.Parameters, func(p Parameter) []uint64 { return make([]uint64, len(p.Values)) })
		z := make([]int, len(b.Parameters))
		var visit func(i int)
		visit = func(i int) {
			if i < len(z) {
				for z[i] = range b.Parameters[i].Values {
					visit(i + 1)
				}
				return
			}
			total++
			if b.allows(z, chosen) {
				list = append(list, slices.Clone(z))
				for i, v := range z {
					counts[i][v]++
				}
			}
		}
		visit(0)
		r, err := b.Analyse(context.Background(), chosen)
		if err != nil {
			rt.Fatal(err)
		}
		if r.Total != total || r.Consistent != uint64(len(list)) || fmt.Sprint(r.Counts) != fmt.Sprint(counts) {
			rt.Fatalf("total %d, consistent %d, counts %v; want %d, %d, %v", r.Total, r.Consistent, r.Counts, total, len(list), counts)
		}
		if fmt.Sprint(r.First) != fmt.Sprint(list[:min(len(list), boxListed)]) {
			rt.Fatalf("first %v, want %v", r.First, list)
		}
		for _, f := range r.Forced() {
			if !r.Open()[f.Parameter][f.Value] || counts[f.Parameter][f.Value] != r.Consistent {
				rt.Fatalf("forced %v, counts %v", f, counts)
			}
		}
	})
}

func TestLargeBoxesAreCountedWithoutListing(t *testing.T) {
	// 24 parameters of 6 values, each excluding the same value of the next: the
	// number of colourings of a path, 6·5^23.
	var b Box
	for i := range 24 {
		b.Parameters = append(b.Parameters, Parameter{Name: fmt.Sprint(i), Values: make([]string, 6)})
		for v := range 6 {
			if i > 0 {
				b.Excluded = append(b.Excluded, Exclusion{A: Choice{i - 1, v}, B: Choice{i, v}})
			}
		}
	}
	r, err := b.Analyse(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := uint64(6)
	for range 23 {
		want *= 5
	}
	if r.Consistent != want || r.Counts[11][3] != want/6 {
		t.Errorf("consistent %d, want %d", r.Consistent, want)
	}
	if len(r.First) != boxListed || !hasNote(r.Notes, "foresight.morphol.note.listed") {
		t.Errorf("%d listed, notes %v", len(r.First), r.Notes)
	}
}

func TestBoxesBeyondTheBoundsAreRefused(t *testing.T) {
	var wide Box
	for range 30 {
		wide.Parameters = append(wide.Parameters, Parameter{Values: make([]string, 5)})
	}
	var tangled Box
	for i := range 36 {
		tangled.Parameters = append(tangled.Parameters, Parameter{Values: make([]string, 3)})
		if i >= 18 {
			for v := range 3 {
				tangled.Excluded = append(tangled.Excluded, Exclusion{A: Choice{i - 18, v}, B: Choice{i, v}})
			}
		}
	}
	for key, b := range map[string]Box{"foresight.morphol.large": wide, "foresight.morphol.entangled": tangled} {
		_, err := b.Analyse(t.Context(), nil)
		if got, ok := errors.AsType[*InputError](err); !ok || got.Key != key {
			t.Errorf("%s: %v", key, err)
		}
	}
	pair := `"parameters": [{"name": "a", "values": ["1", "2"]}, {"name": "b", "values": ["1"]}]`
	for text, want := range map[string]InputError{
		`{` + pair + `, "excluded": [[[1, 1], [2, 2]]]}`:           {Key: "foresight.morphol.unknown", Row: 1},
		`{` + pair + `, "excluded": [[[1, 1], [2, 1]], [[1, 1]]]}`: {Key: "foresight.morphol.pair", Row: 2},
		`{` + pair + `, "excluded": [[[1, 1], [1, 2]]]}`:           {Key: "foresight.morphol.same", Row: 1},
		`{` + pair + `, "excluded": [[[0, 1], [1, 2]]]}`:           {Key: "foresight.morphol.unknown", Row: 1},
		`{"parameters": [{"name": "a", "values": []}]}`:            {Key: "foresight.morphol.values", Row: 1},
		`{}`: {Key: "foresight.names.none"},
	} {
		_, err := ReadBox([]byte(text))
		if got, ok := errors.AsType[*InputError](err); !ok || got.Key != want.Key || got.Row != want.Row {
			t.Errorf("%s: %+v", text, err)
		}
	}
	b, err := ReadBox([]byte(`{` + pair + `, "excluded": [[[1, 1], [2, 1], "empirical"]]}`))
	if err != nil || b.Excluded[0].Reason != "empirical" {
		t.Errorf("reason %+v, %v", b.Excluded, err)
	}
}
