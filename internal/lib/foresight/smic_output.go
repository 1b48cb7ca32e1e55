package foresight

import (
	"fmt"
	"sort"
)

type imageBody struct {
	Image      string  `json:"image"`
	MaxEntropy float64 `json:"max_entropy"`
	Min        float64 `json:"min"`
	Max        float64 `json:"max"`
	BestRank   int     `json:"best_rank"`
	WorstRank  int     `json:"worst_rank"`
}

type smicBody struct {
	Hypotheses  []string     `json:"hypotheses"`
	Objective   float64      `json:"objective"`
	P           []float64    `json:"p_net"`
	Given       [][]*float64 `json:"given_net"`
	GivenNot    [][]*float64 `json:"given_not_net"`
	Scenarios   []imageBody  `json:"scenarios"`
	Elasticity  [][]*float64 `json:"elasticity"`
	Driving     []float64    `json:"driving"`
	Driven      []float64    `json:"driven"`
	Incoherence int          `json:"incoherent"`
	Notes       []string     `json:"notes"`
}

// name is the image as ones and zeros, the first hypothesis first.
func (i Image) name() string {
	s := make([]byte, len(i.Holds))
	for at, h := range i.Holds {
		s[at] = '0'
		if h {
			s[at] = '1'
		}
	}
	return string(s)
}

func definedMatrix(m [][]float64) [][]*float64 {
	return mapped(m, func(row []float64) []*float64 { return mapped(row, defined) })
}

// Document is the answer of `foresight smic --json`. Conditionals that are not
// defined are null, as are the diagonals.
func (r *SmicResult) Document(l Language) any {
	return smicBody{
		Hypotheses: r.Hypotheses, Objective: r.Objective, P: r.P,
		Given: definedMatrix(r.Given), GivenNot: definedMatrix(r.GivenNot),
		Scenarios: mapped(r.Images, func(i Image) imageBody {
			return imageBody{i.name(), i.MaxEntropy, i.Min, i.Max, i.BestRank, i.WorstRank}
		}),
		Elasticity: definedMatrix(r.Elasticity), Driving: r.Driving, Driven: r.Driven,
		Incoherence: len(r.Incoherence), Notes: notesIn(l, r.Notes),
	}
}

// Text is the answer for a person: net probabilities, then images from the most
// to the least probable.
func (r *SmicResult) Text(l Language) string {
	p := newPage(l, "foresight.smic.title", "n", len(r.Hypotheses))
	p.head("foresight.smic.net")
	var rows [][]string
	for i, name := range r.Hypotheses {
		rows = append(rows, append([]string{name}, p.numbers([]float64{r.P[i], r.Driving[i], r.Driven[i]})...))
	}
	p.table(p.words("foresight.smic.column.hypothesis", "foresight.smic.column.net",
		"foresight.smic.column.driving", "foresight.smic.column.driven"), rows)
	p.head("foresight.smic.images")
	images := append([]Image(nil), r.Images...)
	sort.SliceStable(images, func(a, b int) bool { return images[a].MaxEntropy > images[b].MaxEntropy })
	rows = nil
	for _, i := range images[:min(len(images), 64)] {
		rank := fmt.Sprint(i.BestRank)
		if i.WorstRank != i.BestRank {
			rank = fmt.Sprintf("%d-%d", i.BestRank, i.WorstRank)
		}
		rows = append(rows, []string{i.name(), p.number(i.MaxEntropy), p.number(i.Min), p.number(i.Max), rank})
	}
	p.table(p.words("foresight.smic.column.image", "foresight.smic.column.canonical",
		"foresight.smic.column.min", "foresight.smic.column.max", "foresight.text.rank"), rows)
	return p.end("smic", r.Notes)
}
