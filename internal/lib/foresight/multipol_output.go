package foresight

import "fmt"

type rankingBody struct {
	Mean       []float64        `json:"mean"`
	Deviation  []float64        `json:"weighted_sd"`
	Rank       []string         `json:"rank"`
	Places     []int            `json:"places"`
	Robustness []robustnessBody `json:"robustness,omitempty"`
}

type robustnessBody struct {
	Criterion string  `json:"criterion"`
	Share     float64 `json:"share"`
	From      float64 `json:"from"`
	To        float64 `json:"to"`
	Below     *string `json:"below"`
	Above     *string `json:"above"`
}

type reversalBody struct {
	A      string   `json:"a"`
	B      string   `json:"b"`
	ForA   []string `json:"for_a"`
	ForB   []string `json:"for_b"`
	Margin float64  `json:"margin"`
}

type multipolBody struct {
	Criteria  []string               `json:"criteria"`
	Actions   []string               `json:"actions"`
	Policies  map[string]rankingBody `json:"policies"`
	Overall   []float64              `json:"overall_mean"`
	Spread    []float64              `json:"overall_sd"`
	Reversals []reversalBody         `json:"reversals"`
	Scenarios map[string]rankingBody `json:"scenarios,omitempty"`
	Notes     []string               `json:"notes"`
}

func (r *MultipolResult) action(a int) string { return r.Actions[a] }

func (r *MultipolResult) policy(p int) string { return r.Policies[p].Name }

// Document is the answer of `foresight multipol --json`.
func (r *MultipolResult) Document(l Language) any {
	b := multipolBody{
		Criteria: r.Criteria, Actions: r.Actions, Policies: map[string]rankingBody{},
		Overall: r.Overall, Spread: r.Spread, Reversals: []reversalBody{}, Notes: notesIn(l, r.Notes),
	}
	for _, p := range r.Policies {
		body := rankingBody{p.Mean, p.Deviation, mapped(p.Order, r.action), p.Place, nil}
		for _, k := range p.Robustness {
			body.Robustness = append(body.Robustness, robustnessBody{
				r.Criteria[k.Criterion], k.Share, k.From, k.To, r.optional(k.Below), r.optional(k.Above),
			})
		}
		b.Policies[p.Name] = body
	}
	for _, v := range r.Reversals {
		b.Reversals = append(b.Reversals, reversalBody{
			r.action(v.A), r.action(v.B), mapped(v.ForA, r.policy), mapped(v.ForB, r.policy), v.Margin,
		})
	}
	if len(r.Scenarios) > 0 {
		b.Scenarios = map[string]rankingBody{}
		for _, s := range r.Scenarios {
			b.Scenarios[s.Name] = rankingBody{s.Mean, s.Deviation, mapped(s.Order, r.policy), s.Place, nil}
		}
	}
	return b
}

func (r *MultipolResult) optional(a int) *string {
	if a < 0 {
		return nil
	}
	return &r.Actions[a]
}

// Text is the answer for a person.
func (r *MultipolResult) Text(l Language) string {
	p := newPage(l, "foresight.multipol.title", "actions", len(r.Actions), "policies", len(r.Policies))
	for _, q := range r.Policies {
		p.head("foresight.multipol.policy", "name", q.Name)
		var rows [][]string
		for _, a := range q.Order {
			rows = append(rows, []string{r.Actions[a], fmt.Sprint(q.Place[a]), p.number(q.Mean[a]), p.number(q.Deviation[a])})
		}
		p.table(p.words("foresight.multipol.column.action", "foresight.text.rank",
			"foresight.multipol.column.mean", "foresight.multipol.column.sd"), rows)
		for _, k := range q.Robustness {
			if k.Above >= 0 {
				p.say("foresight.multipol.above", "criterion", r.Criteria[k.Criterion],
					"share", percent(k.Share), "to", percent(k.To), "action", r.Actions[k.Above])
			}
			if k.Below >= 0 {
				p.say("foresight.multipol.below", "criterion", r.Criteria[k.Criterion],
					"share", percent(k.Share), "from", percent(k.From), "action", r.Actions[k.Below])
			}
		}
	}
	if len(r.Reversals) > 0 {
		p.head("foresight.multipol.reversals")
		for _, v := range r.Reversals[:min(len(r.Reversals), 20)] {
			p.say("foresight.multipol.reversal", "a", r.Actions[v.A], "b", r.Actions[v.B],
				"for_a", mapped(v.ForA, r.policy), "for_b", mapped(v.ForB, r.policy))
		}
	}
	for _, s := range r.Scenarios {
		p.head("foresight.multipol.scenario", "name", s.Name)
		var rows [][]string
		for _, a := range s.Order {
			rows = append(rows, []string{r.policy(a), fmt.Sprint(s.Place[a]), p.number(s.Mean[a]), p.number(s.Deviation[a])})
		}
		p.table(p.words("foresight.multipol.column.policy", "foresight.text.rank",
			"foresight.multipol.column.mean", "foresight.multipol.column.sd"), rows)
	}
	return p.end("multipol", r.Notes)
}
