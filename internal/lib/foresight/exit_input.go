package foresight

import (
	"context"
	"math"
)

// ReadEXIT reads a matrix of impacts from JSON:
//
//	{"variables": […], "matrix": [[…]], "max": 5, "threshold": 0.01}
//
// Without max the greatest impact of the matrix is taken, without threshold 0.01.
func ReadEXIT(data []byte) (ExitInput, []Note, error) {
	var doc struct {
		Variables []string `json:"variables"`
		Matrix    [][]cell `json:"matrix"`
		Max       *cell    `json:"max"`
		Threshold *cell    `json:"threshold"`
	}
	in := ExitInput{Threshold: exitThreshold}
	if err := decode(data, &doc); err != nil {
		return in, nil, err
	}
	var err error
	if in.Variables, err = names("variables", doc.Variables, len(doc.Matrix), exitVariables, "V"); err != nil {
		return in, nil, err
	}
	g := grid{
		field: "matrix", rows: in.Variables, columns: in.Variables, zeroDiagonal: true,
		least: -exitMax, most: exitMax, low: -exitMax, high: exitMax,
	}
	if in.Matrix, _, _, err = g.read(doc.Matrix); err != nil {
		return in, nil, err
	}
	if doc.Threshold != nil && !doc.Threshold.hole {
		if !doc.Threshold.ok {
			return in, nil, refuse("threshold", "foresight.exit.threshold")
		}
		in.Threshold = doc.Threshold.number
	}
	if doc.Max != nil && !doc.Max.hole {
		if !doc.Max.ok {
			return in, nil, refuse("max", "foresight.exit.max")
		}
		in.Max = doc.Max.number
		return in, nil, nil
	}
	for _, row := range in.Matrix {
		for _, v := range row {
			in.Max = max(in.Max, math.Abs(v))
		}
	}
	if in.Max == 0 {
		in.Max = 1 // nothing acts on anything: any scale will do
	}
	return in, []Note{note("foresight.exit.note.max", "max", in.Max)}, nil
}

func commandEXIT(ctx context.Context, _ string, data []byte, o Options) (Result, error) {
	in, notes, err := ReadEXIT(data)
	if err != nil {
		return nil, err
	}
	in.Limit = o.WorkLimit
	r, err := EXIT(ctx, in)
	if err != nil {
		return nil, err
	}
	r.Notes = append(notes, r.Notes...)
	return r, nil
}
