package foresight

import (
	"math"
	"sort"
)

// Bounds of MULTIPOL.
const (
	maxCriteria = 100
	maxActions  = 200
	maxPolicies = 100
	usualScore  = 20
	maxScore    = 1e6
)

// Weights are what a policy, or a scenario, finds important: one non-negative
// weight per criterion, not all zero.
type Weights struct {
	Name    string
	Weights []float64
}

// MultipolInput are scores of actions on criteria, usually 0 to 20, and the
// weights of policies; scenarios may weigh the criteria too.
type MultipolInput struct {
	Criteria, Actions []string
	Scores            [][]float64 // [action][criterion]
	Policies          []Weights
	Scenarios         []Weights // may be empty
}

// Ranking is how actions fare under one set of weights.
type Ranking struct {
	Name       string
	Mean       []float64 // weighted mean per action
	Deviation  []float64 // weighted standard deviation per action, population form
	Place      []int     // per action, from 1; ties share a place
	Order      []int     // actions, best first; ties in the given order
	Robustness []Robustness
}

// Robustness says between which shares of one criterion the first action stays
// first, the other criteria keeping their proportions.
type Robustness struct {
	Criterion      int
	Share          float64 // at present
	From, To       float64
	Below, Above   int // the action that takes over outside; -1 when none does
	OnlyOneMatters bool
}

// Reversal is a pair of actions that change places between policies.
type Reversal struct {
	A, B   int
	ForA   []int // policies under which A is ahead
	ForB   []int // policies under which B is ahead
	Margin float64
}

// MultipolResult compares actions under policies.
type MultipolResult struct {
	Criteria, Actions []string

	Policies  []Ranking
	Overall   []float64  // per action: mean over policies
	Spread    []float64  // per action: standard deviation over policies, population form
	Reversals []Reversal // the widest first
	Scenarios []Ranking  // policies ranked under each scenario; empty without scenarios
	Notes     []Note
}

// MULTIPOL scores actions under each policy,
//
//	M_ap = Σ_k w_pk e_ak / Σ_k w_pk
//
// with the weighted standard deviation beside it, and says what the choice of
// weights changes: pairs of actions that change places between policies, and how
// far each weight may move before another action comes first. Policies are scored
// under scenarios in the same way, their weights taken as their scores.
//
// Source: M. Godet, Manuel de prospective stratégique, vol. 2 (MULTIPOL, LIPSOR).
func MULTIPOL(in MultipolInput) (*MultipolResult, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	r := &MultipolResult{Criteria: in.Criteria, Actions: in.Actions}
	for _, p := range in.Policies {
		ranking := rank(p, in.Scores)
		ranking.Robustness = robustness(p.Weights, in.Scores, ranking.Order)
		r.Policies = append(r.Policies, ranking)
	}
	for a := range in.Actions {
		means := mapped(r.Policies, func(p Ranking) float64 { return p.Mean[a] })
		m, d := weighted(ones(len(means)), means)
		r.Overall, r.Spread = append(r.Overall, m), append(r.Spread, d)
	}
	r.reversals()
	of := mapped(in.Policies, func(p Weights) []float64 { return p.Weights })
	for _, s := range in.Scenarios {
		r.Scenarios = append(r.Scenarios, rank(s, of))
	}
	if len(r.Reversals) > 0 {
		first := r.Reversals[0]
		r.Notes = append(r.Notes, note("foresight.multipol.note.reversals", "n", len(r.Reversals),
			"a", in.Actions[first.A], "b", in.Actions[first.B]))
	}
	return r, nil
}

func (in MultipolInput) check() error {
	if _, err := names("criteria", in.Criteria, 0, maxCriteria, ""); err != nil {
		return err
	}
	if _, err := names("actions", in.Actions, 0, maxActions, ""); err != nil {
		return err
	}
	g := grid{field: "scores", rows: in.Actions, columns: in.Criteria, least: -maxScore, most: maxScore}
	if _, _, _, err := g.read(cellsOf(in.Scores)); err != nil {
		return err
	}
	if len(in.Policies) == 0 {
		return refuse("policies", "foresight.names.none")
	}
	for field, all := range [][]Weights{in.Policies, in.Scenarios} {
		name := []string{"policies", "scenarios"}[field]
		if len(all) > maxPolicies {
			return refuse(name, "foresight.names.many", "got", len(all), "max", maxPolicies)
		}
		for _, w := range all {
			if _, err := list(name+"."+w.Name, cellsOf([][]float64{w.Weights})[0], in.Criteria, 0, maxScore); err != nil {
				return err
			}
			if sum(w.Weights) == 0 {
				return refuse(name+"."+w.Name, "foresight.multipol.weightless")
			}
		}
	}
	return nil
}

func rank(w Weights, scores [][]float64) Ranking {
	r := Ranking{Name: w.Name}
	for _, e := range scores {
		m, d := weighted(w.Weights, e)
		r.Mean, r.Deviation = append(r.Mean, m), append(r.Deviation, d)
	}
	r.Order, r.Place = descending(r.Mean), ranks(r.Mean)
	return r
}

// weighted is the mean and the standard deviation, population form.
func weighted(w, e []float64) (mean, deviation float64) {
	total := sum(w)
	for k, v := range e {
		mean += w[k] * v / total
	}
	for k, v := range e {
		deviation += w[k] * (v - mean) * (v - mean) / total
	}
	return mean, math.Sqrt(deviation)
}

// reversals are the pairs whose order depends on the policy; the margin is the
// smaller of the greatest lead of one and the greatest lead of the other.
func (r *MultipolResult) reversals() {
	for a := range r.Actions {
		for b := a + 1; b < len(r.Actions); b++ {
			v := Reversal{A: a, B: b}
			var leadA, leadB float64
			for p, q := range r.Policies {
				switch lead := q.Mean[a] - q.Mean[b]; {
				case near(q.Mean[a], q.Mean[b]):
				case lead > 0:
					v.ForA, leadA = append(v.ForA, p), max(leadA, lead)
				default:
					v.ForB, leadB = append(v.ForB, p), max(leadB, -lead)
				}
			}
			if v.ForA != nil && v.ForB != nil {
				v.Margin = min(leadA, leadB)
				r.Reversals = append(r.Reversals, v)
			}
		}
	}
	sort.SliceStable(r.Reversals, func(i, j int) bool { return r.Reversals[i].Margin > r.Reversals[j].Margin })
}

// robustness finds, for each criterion, the shares between which the first action
// stays first. With share t the score of an action is t·e_k + (1-t)·rest, a
// straight line, so each rival gives one bound.
func robustness(weights []float64, scores [][]float64, order []int) []Robustness {
	total, first := sum(weights), order[0]
	var all []Robustness
	for k, w := range weights {
		r := Robustness{Criterion: k, Share: w / total, To: 1, Below: -1, Above: -1}
		if w == total {
			// The others have no proportions to keep.
			r.From, r.OnlyOneMatters = 1, true
			all = append(all, r)
			continue
		}
		rest := func(a int) float64 {
			var s float64
			for j, v := range scores[a] {
				if j != k {
					s += weights[j] * v
				}
			}
			return s / (total - w)
		}
		base := rest(first)
		for _, b := range order[1:] {
			// lead(t) = t·slope + (1-t)·level
			slope, level := scores[first][k]-scores[b][k], base-rest(b)
			if near(slope, level) {
				continue
			}
			switch t := level / (level - slope); {
			case slope < level && t < r.To && t >= r.Share-tieWithin:
				r.To, r.Above = max(t, r.Share), b
			case slope > level && t > r.From && t <= r.Share+tieWithin:
				r.From, r.Below = min(t, r.Share), b
			}
		}
		all = append(all, r)
	}
	return all
}
