package foresight

import (
	"context"
	"encoding/json"
)

// ReadBox reads a morphological box from JSON. Pairs are [parameter, value], both
// from 1; a reason may follow a pair of pairs.
//
//	{"parameters": [{"name": "…", "values": ["…", …]}, …],
//	 "excluded": [[[1, 1], [2, 3]], [[1, 1], [4, 3], "empirical"], …]}
func ReadBox(data []byte) (Box, error) {
	var doc struct {
		Parameters []struct {
			Name   string   `json:"name"`
			Values []string `json:"values"`
		} `json:"parameters"`
		Excluded []exclusionText `json:"excluded"`
	}
	var b Box
	if err := decode(data, &doc); err != nil {
		return b, err
	}
	for _, p := range doc.Parameters {
		b.Parameters = append(b.Parameters, Parameter{
			Name:   cut(p.Name, maxName),
			Values: mapped(p.Values, func(v string) string { return cut(v, maxName) }),
		})
	}
	for at, e := range doc.Excluded {
		if e.wrong {
			return b, &InputError{Key: "foresight.morphol.pair", Field: "excluded", Row: at + 1}
		}
		b.Excluded = append(b.Excluded, e.Exclusion)
	}
	return b, b.check(nil)
}

// exclusionText reads [[p, v], [p, v], reason?].
type exclusionText struct {
	Exclusion
	wrong bool
}

// UnmarshalJSON never fails, so that the refusal can name the pair.
func (e *exclusionText) UnmarshalJSON(raw []byte) error {
	var parts []json.RawMessage
	e.wrong = json.Unmarshal(raw, &parts) != nil || len(parts) < 2 || len(parts) > 3
	if e.wrong {
		return nil
	}
	for at, into := range []*Choice{&e.A, &e.B} {
		var pair []int
		if json.Unmarshal(parts[at], &pair) != nil || len(pair) != 2 {
			e.wrong = true
			return nil
		}
		*into = Choice{pair[0] - 1, pair[1] - 1}
	}
	if len(parts) == 3 {
		e.wrong = json.Unmarshal(parts[2], &e.Reason) != nil
		e.Reason = cut(e.Reason, maxName)
	}
	return nil
}

func commandMorphol(ctx context.Context, _ string, data []byte, o Options) (Result, error) {
	b, err := ReadBox(data)
	if err != nil {
		return nil, err
	}
	var chosen []Choice
	for _, c := range o.Choose {
		chosen = append(chosen, Choice{c[0] - 1, c[1] - 1})
	}
	r, err := b.Analyse(ctx, chosen)
	if err != nil {
		return nil, err
	}
	return r, nil
}
