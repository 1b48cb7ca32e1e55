package foresight

import "sort"

// Argument is one cell pair to argue about: what the chosen variant of Source
// says for the chosen variant of a descriptor, and for its best rival.
type Argument struct {
	Source    int // descriptor
	Variant   int // its variant in the scenario, from 0
	Row       int // row of the matrix, from 0
	ForChosen float64
	ForBest   float64
}

// Against is how much the argument speaks for the rival; negative when it
// supports the scenario.
func (a Argument) Against() float64 { return a.ForBest - a.ForChosen }

// Verdict is how one descriptor fares in a scenario.
type Verdict struct {
	Descriptor   int
	Chosen, Best int       // variants from 0; Best is the strongest rival, or Chosen when there is none
	Balance      []float64 // impact balance of each variant
	Lead         float64   // how far the rival is ahead; negative when the chosen one leads
	Arguments    []Argument
}

// Explanation says why a scenario is, or is not, consistent.
type Explanation struct {
	Scenario
	Balance  []float64 // of all variants, in the order of the matrix
	Verdicts []Verdict
	Ends     []int // where succession leads: a consistent scenario, or the lowest one of a cycle
	Steps    int   // succession steps to get there
	Turns    int   // length of the cycle; 0 when it ends
}

// Explain takes a scenario apart: for each descriptor the balance, the strongest
// rival of the chosen variant, and the cells that make the difference, the
// heaviest against the scenario first. Those are the judgements to argue about,
// since the scenario becomes consistent only if they change.
func (m *CIB) Explain(variants []int) *Explanation {
	e := &Explanation{Scenario: m.Judge(variants), Balance: m.Balance(variants)}
	for i, x := range variants {
		own := e.Balance[m.offset[i]:m.offset[i+1]]
		v := Verdict{Descriptor: i, Chosen: x, Best: x, Balance: own}
		for y := range own {
			if y != x && (v.Best == x || own[y] > own[v.Best]) {
				v.Best = y
			}
		}
		v.Lead = own[v.Best] - own[x]
		for j, z := range variants {
			row := m.offset[j] + z
			a := Argument{
				Source: j, Variant: z, Row: row,
				ForChosen: m.unscaled(m.impact[row][m.offset[i]+x]),
				ForBest:   m.unscaled(m.impact[row][m.offset[i]+v.Best]),
			}
			if a.Against() != 0 {
				v.Arguments = append(v.Arguments, a)
			}
		}
		sort.SliceStable(v.Arguments, func(a, b int) bool {
			return v.Arguments[a].Against() > v.Arguments[b].Against()
		})
		e.Verdicts = append(e.Verdicts, v)
	}
	m.end(e)
	return e
}

// end follows succession from the scenario. Brent's method finds the length of
// the cycle, then two walkers that many steps apart meet at its entrance.
func (m *CIB) end(e *Explanation) {
	w := newWalker(m.whole())
	w.place(e.Variants)
	anchor := append([]int(nil), e.Variants...)
	power, length := 1, 0
	for moved := w.look(); moved; moved = w.look() {
		w.advance()
		length++
		if before(w.z, anchor) == 0 {
			e.Turns = length
			break
		}
		e.Steps++
		if length == power {
			copy(anchor, w.z)
			power, length = power*2, 0
		}
	}
	if e.Turns == 0 {
		e.Ends = append([]int(nil), w.z...)
		return
	}
	ahead, behind := newWalker(w.p), newWalker(w.p)
	ahead.place(e.Variants)
	behind.place(e.Variants)
	for range e.Turns {
		ahead.look()
		ahead.advance()
	}
	for e.Steps = 0; before(ahead.z, behind.z) != 0; e.Steps++ {
		for _, v := range []*walker{ahead, behind} {
			v.look()
			v.advance()
		}
	}
	e.Ends = append([]int(nil), behind.z...)
	for range e.Turns {
		behind.look()
		behind.advance()
		if before(behind.z, e.Ends) < 0 {
			copy(e.Ends, behind.z)
		}
	}
}
