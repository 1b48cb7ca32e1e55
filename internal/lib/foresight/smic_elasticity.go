package foresight

import "math"

// elasticityStep is how far a probability is moved, as a share of itself.
const elasticityStep = 0.1

// elasticities move each raw P(i) by a tenth up and down, with the conditional
// judgements left as they are, and see how far the net P(j) follow:
//
//	e_ij = (ΔP*(j)/P(j)) / (ΔP(i)/P(i))
//
// The row sums of |e| say what a hypothesis moves, the column sums how much it is
// moved, both without the diagonal. Entries are NaN where a probability is 0.
//
// Source: M. Godet, Manuel de prospective stratégique, vol. 2, on the
// sensitivity analysis of SMIC; the step of 10 % is the usual one.
func (r *SmicResult) elasticities(in SmicInput) error {
	n := len(in.P)
	r.Elasticity = numbers(n, n)
	r.Driving, r.Driven = make([]float64, n), make([]float64, n)
	for i, p := range in.P {
		up, down := min(p*(1+elasticityStep), 1), p*(1-elasticityStep)
		if p == 0 {
			for j := range n {
				r.Elasticity[i][j] = math.NaN()
			}
			continue
		}
		raised, err := in.moved(i, up)
		if err != nil {
			return err
		}
		lowered, err := in.moved(i, down)
		if err != nil {
			return err
		}
		for j := range n {
			if in.P[j] == 0 {
				r.Elasticity[i][j] = math.NaN()
				continue
			}
			e := ((raised.p[j] - lowered.p[j]) / in.P[j]) / ((up - down) / p)
			r.Elasticity[i][j] = e
			if i != j {
				r.Driving[i] += math.Abs(e)
				r.Driven[j] += math.Abs(e)
			}
		}
	}
	return nil
}

func (in SmicInput) moved(i int, p float64) (*smicFit, error) {
	in.P = append([]float64(nil), in.P...)
	in.P[i] = p
	return in.fit()
}

func (r *SmicResult) remark() {
	add := func(key string, args ...any) { r.Notes = append(r.Notes, note(key, args...)) }
	if n := len(r.Incoherence); n > 0 {
		first := r.Incoherence[0]
		key := "foresight.smic.note.incoherent"
		if first.Not {
			key = "foresight.smic.note.incoherent_not"
		}
		add(key, "count", n, "i", r.Hypotheses[first.I], "j", r.Hypotheses[first.J],
			"value", first.Value, "low", first.Low, "top", first.Top)
	}
	loose, sure := 0, 0
	for _, image := range r.Images {
		if image.Max-image.Min > 1e-6 {
			loose++
		}
		if image.BestRank == image.WorstRank {
			sure++
		}
	}
	if loose > 0 {
		add("foresight.smic.note.intervals", "loose", loose, "sure", sure, "all", len(r.Images))
	}
	if r.Objective > 1e-12 {
		add("foresight.smic.note.adjusted", "value", math.Sqrt(r.Objective))
	}
}
