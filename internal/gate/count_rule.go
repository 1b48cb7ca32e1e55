package gate

import (
	"cmp"
	"slices"
)

// fewest is the smallest number of people a published figure may speak of, and the
// smallest difference between two counts of one circle.
const fewest = 5

// Tally is what a count publishes of one question.
type Tally struct {
	Question string `json:"question"`
	Cells    []Cell `json:"cells"`
}

// Cell is one figure. A hidden one says nothing: it is small, or it would let a small
// one be worked out.
type Cell struct {
	Name   string `json:"name"`
	People int    `json:"people"` // 0 when hidden
	Hidden bool   `json:"hidden"`
}

// silent reports whether nothing of a question may be shown.
func (t Tally) silent() bool {
	return !slices.ContainsFunc(t.Cells, func(c Cell) bool { return !c.Hidden })
}

// past is an earlier count of the same circle.
type past struct {
	who     map[string]bool // digests of who was counted
	tallies []Tally
}

// differs reports whether a count of who may stand beside the earlier one: at least
// five people in, and five out.
func (p past) differs(who map[string]bool) bool {
	in, out := p.moved(who)
	return in >= fewest && out >= fewest
}

// moved counts who is in since, and who is out.
func (p past) moved(who map[string]bool) (in, out int) {
	for d := range who {
		if !p.who[d] {
			in++
		}
	}
	for d := range p.who {
		if !who[d] {
			out++
		}
	}
	return in, out
}

// tally counts people in the cells of a question and hides what must be, on its own
// and beside the earlier counts.
func tally(q question, names []string, rows []Row, who map[string]bool, earlier []past) Tally {
	n := make([]int, len(names))
	for _, r := range rows {
		for i, name := range names {
			if slices.Contains(r[q.code], name) {
				n[i]++
			}
		}
	}
	hidden := hideSeveral(n, len(rows))
	if q.one {
		hidden = hidePartition(n)
	}
	t := Tally{Question: q.code}
	for i, name := range names {
		c := Cell{Name: name, Hidden: hidden[i]}
		if !c.Hidden {
			c.People = n[i]
		}
		t.Cells = append(t.Cells, c)
	}
	for _, p := range earlier {
		in, out := p.moved(who)
		for _, old := range p.tallies {
			if old.Question == t.Question {
				t.beside(old, q.one, in, out)
			}
		}
	}
	return t
}

// hidePartition says which cells of a partition are hidden: each person is in exactly
// one cell, so that what is hidden can be summed up from the rest. All cells below
// five are hidden, together with the next smallest, and with as many more as it takes
// for somebody who knows this rule to learn nothing more of any small cell than that
// it is below five. When that takes all cells, all are hidden.
//
// With k small cells, r others hidden with them, S people in both together and m in
// the smallest cell that is shown, a small cell may hold anything from 0 to 4 if
//
//	S - 5r >= 4 and S <= rm + 4(k-1)
//
// (the other hidden cells hold between 5 and m each).
func hidePartition(n []int) []bool {
	hidden := make([]bool, len(n))
	order := bySize(n)
	small, sum := 0, 0
	for _, i := range order {
		if n[i] < fewest {
			hidden[i] = true
			small++
			sum += n[i]
		}
	}
	if small == 0 {
		return hidden
	}
	for r, i := range order[small:] {
		hidden[i] = true
		sum += n[i]
		others, at := r+1, small+r+1
		if at == len(order) {
			break
		}
		if least := n[order[at]]; sum-fewest*others >= fewest-1 && sum <= others*least+(fewest-1)*(small-1) {
			break
		}
	}
	return hidden
}

// hideSeveral says which cells are hidden when a person may be in several: those of
// fewer than five people and those that fewer than five people are not in, together
// with the next smallest.
func hideSeveral(n []int, people int) []bool {
	hidden := make([]bool, len(n))
	some := false
	for i := range n {
		hidden[i] = n[i] < fewest || people-n[i] < fewest
		some = some || hidden[i]
	}
	for _, i := range bySize(n) {
		if some && !hidden[i] {
			hidden[i] = true
			break
		}
	}
	return hidden
}

// bySize lists the cells from the smallest to the largest, equal ones in their order.
func bySize(n []int) []int {
	order := make([]int, len(n))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(n[a], n[b]) })
	return order
}

// beside hides what an earlier tally, subtracted, would tell of the people who came in
// or went out: that all of them, or none, are in a cell.
func (t *Tally) beside(old Tally, one bool, in, out int) {
	before := map[string]Cell{}
	for _, c := range old.Cells {
		before[c.Name] = c
	}
	if !one {
		for i, c := range t.Cells {
			was, ok := before[c.Name]
			if ok && !was.Hidden && !c.Hidden && all(c.People-was.People, in, out) {
				t.Cells[i] = Cell{Name: c.Name, Hidden: true}
			}
		}
		return
	}
	// What is hidden in one of the two is known as a whole only: its difference is
	// what is left of that of all people.
	more, rest := 0, in-out
	for _, c := range t.Cells {
		if was := before[c.Name]; !c.Hidden && !was.Hidden {
			d := c.People - was.People
			more += max(d, 0)
			rest -= d
		}
	}
	if more+max(rest, 0) >= in {
		for i, c := range t.Cells {
			t.Cells[i] = Cell{Name: c.Name, Hidden: true}
		}
	}
}

// all reports whether a difference between two counts says that everybody who came in
// is in a cell and nobody who went out was, or the reverse.
func all(d, in, out int) bool { return d >= in || d <= -out }
