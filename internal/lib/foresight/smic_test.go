package foresight

import (
	"fmt"
	"math"
	"math/bits"
	"testing"

	"pgregory.net/rapid"
)

// judgements draws raw probabilities that need not be coherent.
func judgements(t *rapid.T) SmicInput {
	n := rapid.IntRange(2, 4).Draw(t, "hypotheses")
	probability := rapid.Custom(func(t *rapid.T) float64 {
		return float64(rapid.IntRange(0, 20).Draw(t, "twentieths")) / 20
	})
	in := SmicInput{Given: numbers(n, n), GivenNot: numbers(n, n)}
	for i := range n {
		in.Hypotheses = append(in.Hypotheses, fmt.Sprint("H", i+1))
		in.P = append(in.P, probability.Draw(t, "p"))
		for j := range n {
			in.Given[i][j] = probability.Draw(t, "given")
			in.GivenNot[i][j] = probability.Draw(t, "given not")
		}
	}
	return in
}

// fromJoint makes the judgements an expert with this joint distribution gives.
func fromJoint(joint []float64) SmicInput {
	n := bits.Len(uint(len(joint))) - 1
	in := SmicInput{P: make([]float64, n), Given: numbers(n, n), GivenNot: numbers(n, n)}
	for i := range n {
		in.Hypotheses = append(in.Hypotheses, fmt.Sprint("H", i+1))
		for k, w := range joint {
			if holds(n, k, i) {
				in.P[i] += w
			}
		}
	}
	for i := range n {
		for j := range n {
			var both float64
			for k, w := range joint {
				if holds(n, k, i) && holds(n, k, j) {
					both += w
				}
			}
			in.Given[i][j] = ratio(both, in.P[j])
			in.GivenNot[i][j] = ratio(in.P[i]-both, 1-in.P[j])
		}
	}
	for _, m := range [][][]float64{in.Given, in.GivenNot, {in.P}} {
		for _, row := range m {
			for j := range row {
				row[j] = min(max(row[j], 0), 1)
			}
		}
	}
	return in
}

// objective is the sum SMIC minimises, written out as in the paper.
func (in SmicInput) objective(joint []float64) float64 {
	n, total := len(in.P), 0.0
	for i := range n {
		for j := range n {
			if i == j {
				continue
			}
			var both, alone float64
			for k, w := range joint {
				if holds(n, k, i) && holds(n, k, j) {
					both += w
				}
				if holds(n, k, i) && !holds(n, k, j) {
					alone += w
				}
			}
			total += math.Pow(in.Given[i][j]*in.P[j]-both, 2) + math.Pow(in.GivenNot[i][j]*(1-in.P[j])-alone, 2)
		}
	}
	return total
}

func TestNoOtherDistributionFitsBetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := judgements(t)
		r, err := SMIC(in)
		if err != nil {
			t.Fatal(err)
		}
		even := mapped(r.Images, func(i Image) float64 { return i.MaxEntropy })
		if math.Abs(sum(even)-1) > 1e-9 {
			t.Fatalf("probabilities add up to %v", sum(even))
		}
		// What is called canonical is one of the best.
		if got := in.objective(even); math.Abs(got-r.Objective) > 1e-9 {
			t.Fatalf("objective %v, of the canonical answer %v", r.Objective, got)
		}
		// The objective is convex: no step towards any image improves it.
		for k := range even {
			step := append([]float64(nil), even...)
			const by = 1e-4
			for i := range step {
				step[i] *= 1 - by
			}
			step[k] += by
			if got := in.objective(step); got < r.Objective-1e-11 {
				t.Fatalf("a step towards image %d improves %v to %v", k, r.Objective, got)
			}
		}
		for _, i := range r.Images {
			if !(i.Min >= 0 && i.Min <= i.MaxEntropy && i.MaxEntropy <= i.Max && i.Max <= 1) || i.BestRank > i.WorstRank {
				t.Fatalf("image %+v", i)
			}
		}
	})
}

func TestCoherentJudgementsAreKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 4).Draw(t, "hypotheses")
		joint := make([]float64, 1<<n)
		for k := range joint {
			joint[k] = float64(rapid.IntRange(0, 9).Draw(t, "weight"))
		}
		if joint = shares(joint); sum(joint) == 0 {
			t.Skip("no weight at all")
		}
		in := fromJoint(joint)
		r, err := SMIC(in)
		if err != nil {
			t.Fatal(err)
		}
		if r.Objective > 1e-18 || len(r.Incoherence) > 0 {
			t.Fatalf("objective %v, incoherences %v", r.Objective, r.Incoherence)
		}
		if d := distance(r.P, in.P); d > 1e-9 {
			t.Fatalf("net %v, want %v", r.P, in.P)
		}
		for k, i := range r.Images {
			if joint[k] < i.Min-1e-7 || joint[k] > i.Max+1e-7 {
				t.Fatalf("image %s: %v is outside [%v, %v]", i.name(), joint[k], i.Min, i.Max)
			}
		}
		// Among the answers that agree, none is more even than the canonical one.
		entropy := func(w []float64) (h float64) {
			for _, v := range w {
				if v > 0 {
					h -= v * math.Log(v)
				}
			}
			return h
		}
		even := mapped(r.Images, func(i Image) float64 { return i.MaxEntropy })
		if entropy(even) < entropy(joint)-1e-7 {
			t.Fatalf("entropy %v is below that of the truth %v", entropy(even), entropy(joint))
		}
	})
}

func TestBoundsOfThreeHypothesesAreThoseOfTheLine(t *testing.T) {
	// With three hypotheses the answers that agree form a line: the joint plus a
	// multiple of the sign of parity. Its ends are where an entry meets zero.
	joint := []float64{0.2, 0.1, 0.05, 0.15, 0.1, 0.05, 0.05, 0.3}
	r, err := SMIC(fromJoint(joint))
	if err != nil {
		t.Fatal(err)
	}
	up, down := math.Inf(1), math.Inf(1)
	for k, w := range joint {
		if bits.OnesCount(uint(k))%2 == 0 {
			down = min(down, w)
		} else {
			up = min(up, w)
		}
	}
	for k, w := range joint {
		low, high := w-down, w+up
		if bits.OnesCount(uint(k))%2 == 1 {
			low, high = w-up, w+down
		}
		same(t, r.Images[k].name()+" min", r.Images[k].Min, low, 1e-12)
		same(t, r.Images[k].name()+" max", r.Images[k].Max, high, 1e-12)
	}
	if r.Images[7].BestRank != 1 || r.Images[7].WorstRank != 1 || r.Images[0].BestRank == r.Images[0].WorstRank {
		t.Errorf("ranks: none holds %+v, all hold %+v", r.Images[7], r.Images[0])
	}
}

func TestIncoherentJudgementsAreNamed(t *testing.T) {
	in := fromJoint([]float64{0.25, 0.25, 0.25, 0.25})
	in.P = []float64{0.9, 0.9}
	in.Given[0][1] = 0.5 // at least 0.8/0.9
	all := in.Incoherences()
	if len(all) != 1 || all[0].I != 0 || all[0].J != 1 || all[0].Not {
		// P(1|2) = 0.5 and P(2|1) = 0.5: both are too low.
		if len(all) != 2 || all[0].J != 1 || all[1].J != 0 {
			t.Fatalf("incoherences %+v", all)
		}
	}
	same(t, "low", all[0].Low, 0.8/0.9, 1e-12)
}

func TestEightHypothesesAreBounded(t *testing.T) {
	r, err := SMIC(manyJudgements(8))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Images) != 256 || math.Abs(sum(mapped(r.Images, func(i Image) float64 { return i.MaxEntropy }))-1) > 1e-9 {
		t.Errorf("%d images", len(r.Images))
	}
}

// manyJudgements are coherent but for a rounding to two decimals, as experts
// give them.
func manyJudgements(n int) SmicInput {
	joint := make([]float64, 1<<n)
	state := uint64(7)
	for k := range joint {
		state = state*6364136223846793005 + 1442695040888963407
		joint[k] = float64(1 + state>>60)
	}
	in := fromJoint(shares(joint))
	for _, m := range [][][]float64{in.Given, in.GivenNot, {in.P}} {
		for _, row := range m {
			for j := range row {
				row[j] = math.Round(row[j]*100) / 100
			}
		}
	}
	return in
}
