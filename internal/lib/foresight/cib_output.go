package foresight

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
)

type scenarioBody struct {
	Variants         []int        `json:"variants"`
	Inconsistency    float64      `json:"inconsistency"`
	ConsistencyValue float64      `json:"consistency_value"`
	TotalImpact      float64      `json:"total_impact"`
	Basin            *json.Number `json:"basin"`
	BasinLow         *json.Number `json:"basin_low,omitempty"`
	BasinHigh        *json.Number `json:"basin_high,omitempty"`
}

type cycleBody struct {
	Length    int     `json:"length"`
	Starts    int64   `json:"starts"`
	Scenarios [][]int `json:"scenarios"`
}

type argumentBody struct {
	Descriptor int     `json:"descriptor"`
	Variant    int     `json:"variant"`
	Name       string  `json:"name"`
	ForChosen  float64 `json:"for_chosen"`
	ForBest    float64 `json:"for_best"`
	Against    float64 `json:"against"`
}

type verdictBody struct {
	Descriptor    int            `json:"descriptor"`
	Name          string         `json:"name"`
	Chosen        int            `json:"chosen"`
	Best          int            `json:"best"`
	Balances      []float64      `json:"balances"`
	Inconsistency float64        `json:"inconsistency"`
	Arguments     []argumentBody `json:"arguments"`
}

type explanationBody struct {
	Variants         []int         `json:"variants"`
	Consistent       bool          `json:"consistent"`
	Inconsistency    float64       `json:"inconsistency"`
	ConsistencyValue float64       `json:"consistency_value"`
	TotalImpact      float64       `json:"total_impact"`
	Balances         []float64     `json:"balances"`
	Descriptors      []verdictBody `json:"descriptors"`
	LeadsTo          []int         `json:"leads_to"`
	Steps            int           `json:"steps"`
	CycleLength      int           `json:"cycle_length"`
}

type cibBody struct {
	Space            string           `json:"space"`
	Complete         bool             `json:"complete"`
	Count            *string          `json:"count"`
	MaxInconsistency float64          `json:"max_inconsistency"`
	Scenarios        []scenarioBody   `json:"scenarios"`
	Cycles           *json.Number     `json:"cycles"`
	CycleList        []cycleBody      `json:"cycle_list,omitempty"`
	Basins           *string          `json:"basins"`
	Samples          int              `json:"samples,omitempty"`
	Nodes            int64            `json:"nodes"`
	Explain          *explanationBody `json:"explain,omitempty"`
	Notes            []string         `json:"notes"`
}

func digits(n *big.Int) *json.Number {
	s := json.Number(n.String())
	return &s
}

func from1(variants []int) []int { return mapped(variants, func(v int) int { return v + 1 }) }

// Document is the answer of `foresight cib --json`. basin and cycles (starting
// scenarios that end in a cycle) are null when basins were not counted; basins
// says "exact" or "sampled".
func (r *CIBResult) Document(l Language) any {
	b := cibBody{
		Space: r.Model.Space().String(), Complete: r.Found.Complete, MaxInconsistency: r.MaxInconsistency,
		Scenarios: []scenarioBody{}, Nodes: r.Found.Nodes, Notes: notesIn(l, r.Notes),
	}
	if r.Found.Count != nil {
		s := r.Found.Count.String()
		b.Count = &s
	}
	for _, s := range r.Found.Scenarios {
		body := scenarioBody{
			Variants: from1(s.Variants), Inconsistency: s.Inconsistency,
			ConsistencyValue: s.Consistency, TotalImpact: s.Impact,
		}
		if r.Basins != nil {
			size, low, high := r.Basins.Of(s.Variants)
			body.Basin = digits(size)
			if !r.Basins.Exact {
				body.BasinLow, body.BasinHigh = digits(low), digits(high)
			}
		}
		b.Scenarios = append(b.Scenarios, body)
	}
	if r.Basins != nil {
		how := "exact"
		if !r.Basins.Exact {
			how, b.Samples = "sampled", r.Basins.Samples
		}
		b.Basins, b.Cycles = &how, digits(r.Basins.CycleStarts)
		for _, c := range r.Basins.Cycles {
			b.CycleList = append(b.CycleList, cycleBody{c.Length, c.Starts, mapped(c.Scenarios, from1)})
		}
	}
	if r.Explanation != nil {
		b.Explain = r.explanationBody()
	}
	return b
}

func (r *CIBResult) explanationBody() *explanationBody {
	e := r.Explanation
	b := &explanationBody{
		Variants: from1(e.Variants), Consistent: e.Inconsistency == 0, Inconsistency: e.Inconsistency,
		ConsistencyValue: e.Consistency, TotalImpact: e.Impact, Balances: e.Balance,
		LeadsTo: from1(e.Ends), Steps: e.Steps, CycleLength: e.Turns,
	}
	for _, v := range e.Verdicts {
		body := verdictBody{
			Descriptor: v.Descriptor + 1, Name: r.Model.Descriptors[v.Descriptor].Name,
			Chosen: v.Chosen + 1, Best: v.Best + 1, Balances: v.Balance,
			Inconsistency: max(v.Lead, 0), Arguments: []argumentBody{},
		}
		for _, a := range v.Arguments {
			body.Arguments = append(body.Arguments, argumentBody{
				Descriptor: a.Source + 1, Variant: a.Variant + 1, Name: r.variant(a.Source, a.Variant),
				ForChosen: a.ForChosen, ForBest: a.ForBest, Against: a.Against(),
			})
		}
		b.Descriptors = append(b.Descriptors, body)
	}
	return b
}

// variant is how a variant is called: its name, or its number when it has none.
func (r *CIBResult) variant(descriptor, variant int) string {
	if name := r.Model.Descriptors[descriptor].Variants[variant]; name != "" {
		return name
	}
	return fmt.Sprintf("%d.%d", descriptor+1, variant+1)
}

// Text is the answer for a person.
func (r *CIBResult) Text(l Language) string {
	const shown = 200
	p := newPage(l, "foresight.cib.title", "descriptors", len(r.Model.Descriptors), "space", r.Model.Space().String())
	key := "foresight.cib.consistent"
	if r.MaxInconsistency > 0 {
		key = "foresight.cib.nearly"
	}
	p.head(key, "n", len(r.Found.Scenarios), "max", r.MaxInconsistency)
	var rows [][]string
	for at, s := range r.Found.Scenarios {
		if at == shown {
			break
		}
		basin := ""
		if r.Basins != nil {
			size, _, _ := r.Basins.Of(s.Variants)
			basin = size.String()
		}
		rows = append(rows, []string{
			strings.Join(mapped(from1(s.Variants), func(v int) string { return fmt.Sprint(v) }), " "),
			p.number(s.Inconsistency), p.number(s.Consistency), p.number(s.Impact), basin,
		})
	}
	p.table(p.words("foresight.cib.column.variants", "foresight.cib.column.inconsistency",
		"foresight.cib.column.consistency", "foresight.cib.column.impact", "foresight.cib.column.basin"), rows)
	if more := len(r.Found.Scenarios) - shown; more > 0 {
		p.say("foresight.cib.more", "n", more)
	}
	for at, s := range r.Found.Scenarios[:min(len(r.Found.Scenarios), 20)] {
		var names []string
		for i, v := range s.Variants {
			names = append(names, r.variant(i, v))
		}
		p.line(fmt.Sprintf("  %d. %s", at+1, strings.Join(names, " / ")))
	}
	if r.Explanation != nil {
		r.explainTo(p)
	}
	return p.end("cib", r.Notes)
}

func (r *CIBResult) explainTo(p *page) {
	e := r.Explanation
	p.head("foresight.cib.explained", "variants", strings.Trim(fmt.Sprint(from1(e.Variants)), "[]"))
	var rows [][]string
	for _, v := range e.Verdicts {
		rows = append(rows, []string{
			r.Model.Descriptors[v.Descriptor].Name, r.variant(v.Descriptor, v.Chosen),
			strings.Join(p.numbers(v.Balance), " "), p.number(max(v.Lead, 0)),
		})
	}
	p.table(p.words("foresight.cib.column.descriptor", "foresight.cib.column.chosen",
		"foresight.cib.column.balance", "foresight.cib.column.inconsistency"), rows)
	if e.Inconsistency == 0 {
		p.say("foresight.cib.is_consistent")
	}
	for _, v := range e.Verdicts {
		if v.Lead <= 0 {
			continue
		}
		p.say("foresight.cib.why_not", "descriptor", r.Model.Descriptors[v.Descriptor].Name,
			"chosen", r.variant(v.Descriptor, v.Chosen), "best", r.variant(v.Descriptor, v.Best), "lead", v.Lead)
		for _, a := range v.Arguments {
			if a.Against() > 0 {
				p.say("foresight.cib.argument", "name", r.variant(a.Source, a.Variant),
					"chosen", a.ForChosen, "best", a.ForBest, "against", a.Against())
			}
		}
	}
	switch ends := strings.Trim(fmt.Sprint(from1(e.Ends)), "[]"); {
	case e.Turns > 0:
		p.say("foresight.cib.leads_to_cycle", "n", e.Turns, "ends", ends)
	case e.Steps > 0:
		p.say("foresight.cib.leads_to", "n", e.Steps, "ends", ends)
	}
}
