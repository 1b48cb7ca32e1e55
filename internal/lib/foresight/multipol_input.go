package foresight

import (
	"bytes"
	"context"
	"encoding/json"
)

// ReadMULTIPOL reads scores and weights from JSON:
//
//	{"criteria": […], "actions": […], "scores": [[…]],
//	 "policies": {"name": [weights], …}, "scenarios": {"name": [weights], …}}
//
// Policies keep the order of the file. Scenarios may be left out.
func ReadMULTIPOL(data []byte) (MultipolInput, []Note, error) {
	var doc struct {
		Criteria  []string     `json:"criteria"`
		Actions   []string     `json:"actions"`
		Scores    [][]cell     `json:"scores"`
		Policies  namedWeights `json:"policies"`
		Scenarios namedWeights `json:"scenarios"`
	}
	var in MultipolInput
	if err := decode(data, &doc); err != nil {
		return in, nil, err
	}
	width := 0
	if len(doc.Scores) > 0 {
		width = len(doc.Scores[0])
	}
	var err error
	if in.Criteria, err = names("criteria", doc.Criteria, width, maxCriteria, "C"); err != nil {
		return in, nil, err
	}
	if in.Actions, err = names("actions", doc.Actions, len(doc.Scores), maxActions, "A"); err != nil {
		return in, nil, err
	}
	g := grid{
		field: "scores", rows: in.Actions, columns: in.Criteria,
		least: -maxScore, most: maxScore, high: usualScore,
	}
	var notes []Note
	if in.Scores, _, notes, err = g.read(doc.Scores); err != nil {
		return in, nil, err
	}
	if doc.Policies == nil {
		return in, nil, refuse("policies", "foresight.field.missing")
	}
	if in.Policies, err = doc.Policies.read("policies", in.Criteria); err != nil {
		return in, nil, err
	}
	in.Scenarios, err = doc.Scenarios.read("scenarios", in.Criteria)
	return in, notes, err
}

// namedWeights keeps the members of an object in the order of the file.
type namedWeights []struct {
	name  string
	cells []cell
}

// UnmarshalJSON reads an object whose members are lists of cells.
func (n *namedWeights) UnmarshalJSON(raw []byte) error {
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	open, err := d.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('{') {
		return refuse("policies", "foresight.multipol.object")
	}
	*n = namedWeights{}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name := cut(token.(string), maxName) // inside an object a key is always a string
		var cells []cell
		if err := d.Decode(&cells); err != nil {
			return refuse(name, "foresight.multipol.object")
		}
		if seen[name] {
			return refuse(name, "foresight.multipol.twice")
		}
		seen[name] = true
		if len(*n) == maxPolicies {
			return refuse("policies", "foresight.names.many", "got", len(*n)+1, "max", maxPolicies)
		}
		*n = append(*n, struct {
			name  string
			cells []cell
		}{name, cells})
	}
	return nil
}

func (n namedWeights) read(field string, criteria []string) ([]Weights, error) {
	var all []Weights
	for _, w := range n {
		values, err := list(field+"."+w.name, w.cells, criteria, 0, maxScore)
		if err != nil {
			return nil, err
		}
		all = append(all, Weights{w.name, values})
	}
	return all, nil
}

func commandMULTIPOL(_ context.Context, _ string, data []byte, _ Options) (Result, error) {
	in, notes, err := ReadMULTIPOL(data)
	if err != nil {
		return nil, err
	}
	r, err := MULTIPOL(in)
	if err != nil {
		return nil, err
	}
	r.Notes = append(notes, r.Notes...)
	return r, nil
}
