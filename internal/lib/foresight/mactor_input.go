package foresight

import "context"

// ReadMACTOR reads the two matrices of MACTOR from JSON:
//
//	{"actors": […], "objectives": […], "mid": [[…]], "mao": [[…]], "r": "double"}
func ReadMACTOR(data []byte) (MactorInput, []Note, error) {
	var doc struct {
		Actors     []string `json:"actors"`
		Objectives []string `json:"objectives"`
		MID        [][]cell `json:"mid"`
		MAO        [][]cell `json:"mao"`
		R          string   `json:"r"`
	}
	in := MactorInput{}
	if err := decode(data, &doc); err != nil {
		return in, nil, err
	}
	actors, err := names("actors", doc.Actors, len(doc.MID), maxActors, "A")
	if err != nil {
		return in, nil, err
	}
	width := 0
	if len(doc.MAO) > 0 {
		width = len(doc.MAO[0])
	}
	objectives, err := names("objectives", doc.Objectives, width, maxObjectives, "O")
	if err != nil {
		return in, nil, err
	}
	mid := grid{field: "mid", rows: actors, columns: actors, zeroDiagonal: true, most: maxMactor, high: usualMID}
	midValues, _, notes, err := mid.read(doc.MID)
	if err != nil {
		return in, nil, err
	}
	mao := grid{
		field: "mao", rows: actors, columns: objectives,
		least: -maxMactor, most: maxMactor, low: -usualMAO, high: usualMAO,
	}
	maoValues, _, more, err := mao.read(doc.MAO)
	if err != nil {
		return in, nil, err
	}
	in = MactorInput{Actors: actors, Objectives: objectives, MID: midValues, MAO: maoValues, Ratio: RatioConvention(doc.R)}
	return in, append(notes, more...), nil
}

func commandMACTOR(_ context.Context, _ string, data []byte, _ Options) (Result, error) {
	in, notes, err := ReadMACTOR(data)
	if err != nil {
		return nil, err
	}
	r, err := MACTOR(in)
	if err != nil {
		return nil, err
	}
	r.Notes = append(notes, r.Notes...)
	return r, nil
}
