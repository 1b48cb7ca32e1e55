package foresight

import "context"

// ReadSMIC reads probabilities from JSON:
//
//	{"hypotheses": […], "p": […], "given": [[…]], "given_not": [[…]]}
func ReadSMIC(data []byte) (SmicInput, error) {
	var doc struct {
		Hypotheses []string `json:"hypotheses"`
		P          []cell   `json:"p"`
		Given      [][]cell `json:"given"`
		GivenNot   [][]cell `json:"given_not"`
	}
	if err := decode(data, &doc); err != nil {
		return SmicInput{}, err
	}
	hypotheses, err := names("hypotheses", doc.Hypotheses, len(doc.P), maxHypotheses, "H")
	if err != nil {
		return SmicInput{}, err
	}
	in := SmicInput{Hypotheses: hypotheses}
	if in.P, err = list("p", doc.P, hypotheses, 0, 1); err != nil {
		return in, err
	}
	g := grid{rows: hypotheses, columns: hypotheses, freeDiagonal: true, most: 1, high: 1}
	g.field = "given"
	if in.Given, _, _, err = g.read(doc.Given); err != nil {
		return in, err
	}
	g.field = "given_not"
	in.GivenNot, _, _, err = g.read(doc.GivenNot)
	return in, err
}

func commandSMIC(_ context.Context, _ string, data []byte, _ Options) (Result, error) {
	in, err := ReadSMIC(data)
	if err != nil {
		return nil, err
	}
	r, err := SMIC(in)
	if err != nil {
		return nil, err
	}
	return r, nil
}
