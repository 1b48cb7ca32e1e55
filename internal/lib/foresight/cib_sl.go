package foresight

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Solution is one line of a ScenarioWizard list of solutions.
type Solution struct {
	Variants    []int   // from 0
	Weight      float64 // basin of attraction; 0 when it was not counted
	Consistency float64
	Impact      float64 // total impact score
}

// ReadSL reads a ScenarioWizard list of solutions (.sl) made for a model:
//
//	$ ScenarioWizard 3.0
//	Solution set
//	 2
//
//	" 2 1 3",24,0,0,9,""
//
// The fields after the variants (from 1) are the weight, the consistency value,
// an unused one, the total impact score and a remark.
func ReadSL(m *CIB, data []byte) ([]Solution, error) {
	if len(data) > MaxInput {
		return nil, refuse("", "foresight.input.large", "max", MaxInput>>20)
	}
	var all []Solution
	for at, text := range strings.Split(string(toUTF8(data)), "\n") {
		text = strings.TrimSpace(text)
		if !strings.HasPrefix(text, `"`) {
			continue
		}
		if len(all) == searchScenarios {
			return nil, refuse("", "foresight.sl.many", "max", searchScenarios)
		}
		s, ok := m.readSolution(text)
		if !ok {
			return nil, &InputError{Key: "foresight.sl.line", Row: at + 1, Args: []any{"want", len(m.Descriptors)}}
		}
		all = append(all, s)
	}
	return all, nil
}

func (m *CIB) readSolution(text string) (Solution, bool) {
	quoted, rest, closed := strings.Cut(text[1:], `"`)
	fields := strings.Split(rest, ",")
	variants := strings.Fields(quoted)
	if !closed || len(fields) < 5 || len(variants) != len(m.Descriptors) {
		return Solution{}, false
	}
	s := Solution{Variants: make([]int, len(variants))}
	for i, v := range variants {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > len(m.Descriptors[i].Variants) {
			return Solution{}, false
		}
		s.Variants[i] = n - 1
	}
	for i, into := range []*float64{&s.Weight, &s.Consistency, nil, &s.Impact} {
		if into == nil {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(fields[i+1]), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return Solution{}, false
		}
		*into = v
	}
	return s, true
}

// WriteSL writes a list of solutions that ScenarioWizard opens.
func WriteSL(solutions []Solution) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "$ ScenarioWizard 3.0\nSolution set\n %d \n\n", len(solutions))
	for _, s := range solutions {
		b.WriteByte('"')
		for _, v := range s.Variants {
			fmt.Fprintf(&b, " %d", v+1)
		}
		fmt.Fprintf(&b, "\",%s,%s,0,%s,\"\"\n", plain(s.Weight), plain(s.Consistency), plain(s.Impact))
	}
	return []byte(b.String())
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// Stale are the solutions of a list that are not consistent in the model, as
// happens when the matrix was changed after the list was saved.
func Stale(m *CIB, solutions []Solution) []Solution {
	var stale []Solution
	for _, s := range solutions {
		if m.Judge(s.Variants).Inconsistency > 0 {
			stale = append(stale, s)
		}
	}
	return stale
}
