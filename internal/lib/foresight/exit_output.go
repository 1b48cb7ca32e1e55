package foresight

import "fmt"

type exitBody struct {
	Variables []string    `json:"variables"`
	Impact    [][]float64 `json:"impact"`
	Chains    []int64     `json:"chains"`
	Complete  bool        `json:"complete"`
	Max       float64     `json:"max"`
	Threshold float64     `json:"threshold"`
	Notes     []string    `json:"notes"`
}

// Document is the answer of `foresight exit --json`.
func (r *ExitResult) Document(l Language) any {
	return exitBody{r.Variables, r.Impact, r.Chains, r.Complete, r.Max, r.Threshold, notesIn(l, r.Notes)}
}

// Text is the answer for a person.
func (r *ExitResult) Text(l Language) string {
	p := newPage(l, "foresight.exit.title", "n", len(r.Variables), "max", r.Max, "threshold", r.Threshold)
	p.head("foresight.exit.impacts")
	p.matrix(r.Variables, r.Variables, r.Impact)
	p.head("foresight.exit.chains")
	var rows [][]string
	for i, name := range r.Variables {
		rows = append(rows, []string{name, fmt.Sprint(r.Chains[i])})
	}
	p.table(p.words("foresight.exit.column.variable", "foresight.exit.column.chains"), rows)
	return p.end("exit", r.Notes)
}
