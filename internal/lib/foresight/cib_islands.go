package foresight

import "slices"

// part is an island of a model: descriptors that no variable influence links to
// the rest. What the others contribute to it is the same whatever they choose,
// and is kept in base.
type part struct {
	descriptors []int // in the model
	count       []int // variants of each
	offset      []int
	impact      [][]int32
	base        []int32
}

// parts splits a model into islands. Consistency is decided island by island,
// and succession runs island by island: scenarios of the whole are products.
//
// An influence links two descriptors only if it depends on the variant of the
// first in a way that can change which variant of the second is best.
func (m *CIB) parts() []*part {
	n := len(m.Descriptors)
	leader := make([]int, n)
	for i := range leader {
		leader[i] = i
	}
	var find func(int) int
	find = func(i int) int {
		if leader[i] != i {
			leader[i] = find(leader[i])
		}
		return leader[i]
	}
	for j := range n {
		for i := range n {
			if i != j && m.varies(j, i) {
				leader[find(i)] = find(j)
			}
		}
	}
	var order []int
	members := map[int][]int{}
	for i := range n {
		l := find(i)
		if members[l] == nil {
			order = append(order, l)
		}
		members[l] = append(members[l], i)
	}
	var all []*part
	for _, l := range order {
		all = append(all, m.part(members[l]))
	}
	return all
}

// varies says whether the choice of j can change the order of the variants of i.
func (m *CIB) varies(j, i int) bool {
	first := m.impact[m.offset[j]][m.offset[i]:m.offset[i+1]]
	for a := m.offset[j] + 1; a < m.offset[j+1]; a++ {
		row := m.impact[a][m.offset[i]:m.offset[i+1]]
		for b := range row {
			if row[b]-first[b] != row[0]-first[0] {
				return true
			}
		}
	}
	return false
}

// whole is the model as one part.
func (m *CIB) whole() *part {
	all := make([]int, len(m.Descriptors))
	for i := range all {
		all[i] = i
	}
	return m.part(all)
}

func (m *CIB) part(descriptors []int) *part {
	p := &part{descriptors: descriptors, offset: []int{0}}
	var columns []int
	for at, i := range descriptors {
		p.count = append(p.count, len(m.Descriptors[i].Variants))
		p.offset = append(p.offset, p.offset[at]+p.count[at])
		for c := m.offset[i]; c < m.offset[i+1]; c++ {
			columns = append(columns, c)
		}
	}
	pick := func(row []int32) []int32 {
		out := make([]int32, len(columns))
		for t, c := range columns {
			out[t] = row[c]
		}
		return out
	}
	for _, c := range columns {
		p.impact = append(p.impact, pick(m.impact[c]))
	}
	p.base = make([]int32, len(columns))
	for j := range m.Descriptors {
		if !slices.Contains(descriptors, j) {
			for t, v := range pick(m.impact[m.offset[j]]) {
				p.base[t] += v
			}
		}
	}
	return p
}

// size is the number of scenarios of a part; false beyond 2^62.
func (p *part) size() (int64, bool) {
	n := int64(1)
	for _, c := range p.count {
		if n > (1<<62)/int64(c) {
			return 0, false
		}
		n *= int64(c)
	}
	return n, true
}
