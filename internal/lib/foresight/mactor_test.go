package foresight

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// strategies draws the two matrices of MACTOR.
func strategies(t *rapid.T) MactorInput {
	n, p := rapid.IntRange(1, 6).Draw(t, "actors"), rapid.IntRange(1, 6).Draw(t, "objectives")
	in := MactorInput{Actors: named(n), Objectives: named(p), MID: numbers(n, n), MAO: numbers(n, p)}
	for i := range n {
		for j := range n {
			if i != j {
				in.MID[i][j] = float64(rapid.IntRange(0, 4).Draw(t, "influence"))
			}
		}
		for k := range p {
			in.MAO[i][k] = float64(rapid.IntRange(-4, 4).Draw(t, "position"))
		}
	}
	in.Ratio = rapid.SampledFrom([]RatioConvention{RatioDouble, RatioSingle, RatioIncluded}).Draw(t, "ratio")
	return in
}

// naive is the method as the handbook writes it, formula by formula.
type naive struct {
	MactorInput
}

func (v naive) midi(i, j int) float64 {
	total := v.MID[i][j]
	for k := range v.Actors {
		total += math.Min(v.MID[i][k], v.MID[k][j])
	}
	return total
}

func (v naive) influence(i int) (out, in float64) {
	for j := range v.Actors {
		if j != i {
			out += v.midi(i, j)
			in += v.midi(j, i)
		}
	}
	return out, in
}

func (v naive) ratio(i int) float64 {
	total := 0.0
	for j := range v.Actors {
		o, _ := v.influence(j)
		if v.Ratio == RatioIncluded {
			o += v.midi(j, j)
		}
		total += o
	}
	o, d := v.influence(i)
	self := v.midi(i, i)
	top, share := o, o/(o+d)
	switch v.Ratio {
	case RatioDouble:
		top = o - self
	case RatioIncluded:
		share = (o + self) / (o + self + d + self)
	}
	r := top / total * share
	if math.IsNaN(r) || r < 0 {
		return 0
	}
	return r
}

func TestMactorAgreesWithAnotherProgram(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := strategies(rt)
		r, err := MACTOR(in)
		if err != nil {
			rt.Fatal(err)
		}
		v := naive{in}
		total := 0.0
		for i := range in.Actors {
			total += v.ratio(i)
		}
		for i := range in.Actors {
			out, into := v.influence(i)
			if r.I[i] != out || r.D[i] != into {
				rt.Fatalf("actor %d: I %v, D %v, want %v, %v", i, r.I[i], r.D[i], out, into)
			}
			if math.Abs(r.RawR[i]-v.ratio(i)) > 1e-12 {
				rt.Fatalf("actor %d: R %v, want %v", i, r.RawR[i], v.ratio(i))
			}
			if total > 0 && math.Abs(r.R[i]-v.ratio(i)*float64(len(in.Actors))/total) > 1e-9 {
				rt.Fatalf("actor %d: R* %v", i, r.R[i])
			}
			for j := range in.Actors {
				if r.MIDI[i][j] != v.midi(i, j) || r.Net[i][j] != v.midi(i, j)-v.midi(j, i) {
					rt.Fatalf("MIDI %d %d = %v", i, j, r.MIDI[i][j])
				}
				caa, daa := 0.0, 0.0
				for k := range in.Objectives {
					x, y := in.MAO[i][k]*r.R[i], in.MAO[j][k]*r.R[j]
					if i != j && x*y > 0 {
						caa += (math.Abs(x) + math.Abs(y)) / 2
					}
					if i != j && x*y < 0 {
						daa += (math.Abs(x) + math.Abs(y)) / 2
					}
				}
				p := r.Positions[2]
				if math.Abs(p.CAA[i][j]-caa) > 1e-9 || math.Abs(p.DAA[i][j]-daa) > 1e-9 {
					rt.Fatalf("3CAA, 3DAA %d %d = %v, %v, want %v, %v", i, j, p.CAA[i][j], p.DAA[i][j], caa, daa)
				}
			}
		}
		if math.Abs(sum(r.R)-float64(len(in.Actors))) > 1e-9 || math.Abs(sum(r.Q)-float64(len(in.Actors))) > 1e-9 {
			rt.Fatalf("ΣR = %v, ΣQ = %v", sum(r.R), sum(r.Q))
		}
		for _, p := range r.Positions {
			if !math.IsNaN(p.Convergence) && (p.Convergence < 0 || p.Convergence > 100) {
				rt.Fatalf("convergence %v", p.Convergence)
			}
			for i, a := range p.Ambivalence {
				if a < 0 || a > 1 || math.Abs(sum(p.MAO[i])-sumOfSigned(p, i)) > 1e-9 {
					rt.Fatalf("actor %d: ambivalence %v, positions %v", i, a, p.MAO[i])
				}
			}
			if math.Abs(sum(p.For)-sum(p.Against)-sum(p.Mobilisation)) > 1e-9 {
				rt.Fatalf("for %v, against %v, mobilisation %v", p.For, p.Against, p.Mobilisation)
			}
		}
	})
}

func sumOfSigned(p Positions, i int) float64 {
	total := 0.0
	for _, v := range p.MAO[i] {
		total += float64(sign(v)) * math.Abs(v)
	}
	return total
}

func TestPowerThatCannotBeComputedIsTold(t *testing.T) {
	r, err := MACTOR(MactorInput{
		Actors: []string{"a", "b"}, Objectives: []string{"o"},
		MID: [][]float64{{0, 0}, {0, 0}}, MAO: [][]float64{{1}, {0}},
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "R", r.R, []float64{1, 1}, 0)
	if !hasNote(r.Notes, "foresight.mactor.note.no_power") || !hasNote(r.Notes, "foresight.mactor.note.no_common_objective") {
		t.Errorf("notes %v", r.Notes)
	}
	if b := r.Document(English).(mactorBody); b.Convergence1 != nil {
		t.Errorf("convergence %v of nothing", *b.Convergence1)
	}
	// Feedback larger than influence: 0 acts on 1 only through a loop with 2.
	r, err = MACTOR(MactorInput{
		Actors: named(3), Objectives: []string{"o"},
		MID: [][]float64{{0, 1, 1}, {4, 0, 0}, {4, 0, 0}}, MAO: [][]float64{{1}, {1}, {-1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range r.RawR {
		if v < 0 {
			t.Errorf("R of %d is %v", i, v)
		}
	}
}

func TestBadMactorInputIsNamed(t *testing.T) {
	for text, want := range map[string]InputError{
		`{"actors": ["a", "b"], "objectives": ["o"], "mid": [[0, 1], [1, 0]], "mao": [[1], ["z"]]}`:              {Key: "foresight.cell.letter", Field: "mao", Row: 2, Column: 1},
		`{"actors": ["a", "b"], "objectives": ["o"], "mid": [[0, -1], [1, 0]], "mao": [[1], [2]]}`:               {Key: "foresight.cell.range", Field: "mid", Row: 1, Column: 2},
		`{"actors": ["a", "b"], "objectives": ["o"], "mid": [[0, 1], [1, 0]], "mao": [[1]]}`:                     {Key: "foresight.grid.rows", Field: "mao"},
		`{"actors": ["a", "b"], "objectives": ["o"], "mid": [[0, 1], [1, 0]]}`:                                   {Key: "foresight.field.missing", Field: "mao"},
		`{"actors": ["a", "b"], "objectives": ["o"], "mid": [[0, 1], [1, 0]], "mao": [[1], [1]], "r": "triple"}`: {Key: "foresight.mactor.ratio", Field: "r"},
	} {
		_, err := Command(t.Context(), "mactor", "x.json", []byte(text), Options{})
		got, ok := errors.AsType[*InputError](err)
		if !ok || got.Key != want.Key || got.Field != want.Field || got.Row != want.Row || got.Column != want.Column {
			t.Errorf("%s: %+v", text, err)
		}
	}
}
