package expedition

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/foresight"
	"digiwork/internal/platform/db"
)

const (
	mostCriteria = 20
	mostPolicies = 12
	topScore     = 20
	topWeight    = 100
)

// Choosing is a comparison of tracks by criteria: scores from 0 to 20, and the weights
// that each policy, a way of seeing, gives to the criteria. NaN is not given yet.
type Choosing struct {
	Criteria []string
	Policies []Policy
	Scores   map[string][]float64 // by the id of the track
}

// Policy is a way of seeing: a weight for each criterion.
type Policy struct {
	Name    string
	Weights []float64
}

var (
	errCriteria  = kernel.NewFault(kernel.Invalid, "expedition.choose.criteria").On("criteria").With("max", mostCriteria)
	errPolicies  = kernel.NewFault(kernel.Invalid, "expedition.choose.policies").On("policies").With("max", mostPolicies)
	errAmong     = kernel.NewFault(kernel.Invalid, "expedition.choose.among").On("among")
	errScore     = kernel.NewFault(kernel.Invalid, "expedition.choose.score").With("max", topScore)
	errWeight    = kernel.NewFault(kernel.Invalid, "expedition.choose.weight").With("max", topWeight)
	errChoiceOld = kernel.NewFault(kernel.Conflict, "expedition.stale")
)

// Compare is what a choice begins with: criteria and policies by name, and tracks.
func (s *Service) Compare(ctx context.Context, id kernel.ExpeditionID, title string, criteria, policies, among []string) (string, error) {
	var wrong []error
	if criteria = distinct(criteria); len(criteria) == 0 || len(criteria) > mostCriteria {
		wrong = append(wrong, errCriteria)
	}
	if policies = distinct(policies); len(policies) == 0 || len(policies) > mostPolicies {
		wrong = append(wrong, errPolicies)
	}
	if among = distinct(among); len(among) < 2 {
		wrong = append(wrong, errAmong)
	}
	if err := errors.Join(wrong...); err != nil {
		if may := s.May(ctx, id, Edit); may != nil {
			return "", may
		}
		return "", err
	}
	c := Choosing{Criteria: criteria, Scores: map[string][]float64{}}
	for _, p := range policies {
		c.Policies = append(c.Policies, Policy{p, filled(len(criteria), 1)})
	}
	e := Entry{Title: title, Ties: map[string][]string{"among": among}}
	var err error
	if e.Fields, err = c.fields(); err != nil {
		return "", err
	}
	return s.Add(ctx, id, "choice", e)
}

func filled(n int, v float64) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = v
	}
	return all
}

// number is a score in JSON; null is not given.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		*n = number(math.NaN())
		return nil
	}
	return json.Unmarshal(raw, (*float64)(n))
}

// fields is the comparison as a card keeps it.
func (c Choosing) fields() (map[string]string, error) {
	scores := map[string][]number{}
	for id, row := range c.Scores {
		for _, v := range row {
			scores[id] = append(scores[id], number(v))
		}
	}
	criteria, err1 := json.Marshal(c.Criteria)
	policies, err2 := json.Marshal(c.Policies)
	given, err3 := json.Marshal(scores)
	return map[string]string{"criteria": string(criteria), "policies": string(policies), "scores": string(given)}, errors.Join(err1, err2, err3)
}

// Choosing reads the comparison that a card keeps.
func (c *Card) Choosing() (Choosing, error) {
	v := Choosing{Scores: map[string][]float64{}}
	scores := map[string][]number{}
	err := errors.Join(json.Unmarshal([]byte(c.Fields["criteria"]), &v.Criteria),
		json.Unmarshal([]byte(c.Fields["policies"]), &v.Policies), json.Unmarshal([]byte(c.Fields["scores"]), &scores))
	if err != nil {
		return v, fmt.Errorf("choice %s: %w", c.ID, err)
	}
	for id, row := range scores {
		for _, n := range row {
			v.Scores[id] = append(v.Scores[id], float64(n))
		}
	}
	for _, p := range v.Policies {
		if len(p.Weights) != len(v.Criteria) {
			return v, fmt.Errorf("choice %s: policy %q has %d weights", c.ID, p.Name, len(p.Weights))
		}
	}
	return v, nil
}

// score is what a track was given, NaN where nothing was.
func (c Choosing) score(track string, criterion int) float64 {
	if row := c.Scores[track]; criterion < len(row) {
		return row[criterion]
	}
	return math.NaN()
}

// Judge compares the tracks under each policy (MULTIPOL); nil as long as a score is
// missing.
func (c Choosing) Judge(tracks []*Card) (*foresight.MultipolResult, error) {
	in := foresight.MultipolInput{Criteria: c.Criteria}
	seen := map[string]int{}
	for _, t := range tracks {
		name := t.Title
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s (%d)", name, seen[name])
		}
		row := make([]float64, len(c.Criteria))
		for k := range row {
			if row[k] = c.score(t.ID, k); math.IsNaN(row[k]) {
				return nil, nil //nolint:nilnil // nothing to compare yet
			}
		}
		in.Actions, in.Scores = append(in.Actions, name), append(in.Scores, row)
	}
	for _, p := range c.Policies {
		in.Policies = append(in.Policies, foresight.Weights{Name: p.Name, Weights: p.Weights})
	}
	if len(in.Actions) == 0 {
		return nil, nil //nolint:nilnil // every track compared has gone
	}
	return foresight.MULTIPOL(in)
}

// Weigh keeps scores, weights, what was kept and why, if nobody changed the
// comparison meanwhile. Invalid on "score.TRACK.K" or "weight.P.K".
func (s *Service) Weigh(ctx context.Context, id kernel.ExpeditionID, card string, version int64, given Choosing, kept []string, why string) error {
	b, err := s.Open(ctx, id)
	if err != nil {
		return err
	}
	c := b.Card(card)
	if c == nil || c.Kind != "choice" {
		return errNoCard
	}
	now, err := c.Choosing()
	if err != nil {
		return err
	}
	if err := now.accept(given, c.Ties["among"]); err != nil {
		return err
	}
	e := Entry{Title: c.Title, Ties: map[string][]string{"among": c.Ties["among"]}}
	for _, k := range kept {
		if slices.Contains(c.Ties["among"], k) {
			e.Ties["kept"] = append(e.Ties["kept"], k)
		}
	}
	if e.Fields, err = now.fields(); err != nil {
		return err
	}
	e.Fields["text"] = strings.TrimSpace(why)
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) { return card, s.changeIn(ctx, tx, id, card, version, e, true) })
	if errors.Is(err, errMoved) {
		err = errChoiceOld
	}
	return err
}

// accept takes over scores and weights that are in range.
func (c *Choosing) accept(given Choosing, among []string) error {
	var wrong []error
	for _, track := range among {
		row := given.Scores[track]
		if len(row) != len(c.Criteria) {
			row = filled(len(c.Criteria), math.NaN())
		}
		for k, v := range row {
			if v < 0 || v > topScore || math.IsInf(v, 0) {
				wrong = append(wrong, errScore.On(fmt.Sprintf("score.%s.%d", track, k)))
			}
		}
		c.Scores[track] = row
	}
	for p := range c.Policies {
		if p >= len(given.Policies) || len(given.Policies[p].Weights) != len(c.Criteria) {
			continue
		}
		sum := 0.0
		for k, v := range given.Policies[p].Weights {
			if math.IsNaN(v) || v < 0 || v > topWeight {
				wrong = append(wrong, errWeight.On(fmt.Sprintf("weight.%d.%d", p, k)))
			}
			sum += v
		}
		if sum == 0 {
			wrong = append(wrong, errWeight.On(fmt.Sprintf("weight.%d.0", p)))
		}
		c.Policies[p].Weights = given.Policies[p].Weights
	}
	return errors.Join(wrong...)
}
