package foresight

import "fmt"

type boxBody struct {
	Total      uint64     `json:"total"`
	Consistent uint64     `json:"consistent"`
	Counts     [][]uint64 `json:"counts"`
	First      [][]int    `json:"first"`
	Chosen     [][2]int   `json:"chosen"`
	Forced     [][2]int   `json:"forced"`
	Judgements int        `json:"judgements"`
	Notes      []string   `json:"notes"`
}

// Document is the answer of `foresight morphol --json`; values from 1.
func (r *BoxResult) Document(l Language) any {
	pair := func(c Choice) [2]int { return [2]int{c.Parameter + 1, c.Value + 1} }
	return boxBody{
		Total: r.Total, Consistent: r.Consistent, Counts: r.Counts, First: mapped(r.First, from1),
		Chosen: mapped(r.Chosen, pair), Forced: mapped(r.Forced(), pair),
		Judgements: r.Judgements, Notes: notesIn(l, r.Notes),
	}
}

// Text is the answer for a person.
func (r *BoxResult) Text(l Language) string {
	p := newPage(l, "foresight.morphol.title", "parameters", len(r.Box.Parameters), "total", r.Total)
	p.head("foresight.morphol.remaining", "count", r.Consistent, "share", percent(float64(r.Consistent)/float64(r.Total)))
	for i, q := range r.Box.Parameters {
		p.line("\n  " + q.Name)
		var rows [][]string
		for v, name := range q.Values {
			rows = append(rows, []string{name, fmt.Sprint(r.Counts[i][v])})
		}
		p.table(p.words("foresight.morphol.column.value", "foresight.morphol.column.count"), rows)
	}
	for _, c := range r.Forced() {
		q := r.Box.Parameters[c.Parameter]
		p.say("foresight.morphol.forced", "parameter", q.Name, "value", q.Values[c.Value])
	}
	if len(r.First) > 0 {
		p.head("foresight.morphol.first")
		for _, z := range r.First[:min(len(r.First), 20)] {
			text := "  "
			for i, v := range z {
				if i > 0 {
					text += " / "
				}
				text += r.Box.Parameters[i].Values[v]
			}
			p.line(text)
		}
	}
	return p.end("morphol", r.Notes)
}
