package foresight

import (
	"context"
	"encoding/binary"
	"math/bits"
)

// Bounds of morphological analysis.
const (
	maxParameters = 64
	maxValues     = 64
	maxExclusions = 20_000
	boxWork       = 8_000_000 // words kept for partial configurations while counting
	boxListed     = 1000
)

// Parameter is one dimension of a morphological box.
type Parameter struct {
	Name   string
	Values []string
}

// Choice is a value of a parameter, both from 0.
type Choice struct{ Parameter, Value int }

// Exclusion is a pair of values that cannot stand together.
type Exclusion struct {
	A, B   Choice
	Reason string // logical, empirical or normative; free text
}

// Box is a morphological box with its cross-consistency judgements.
type Box struct {
	Parameters []Parameter
	Excluded   []Exclusion
}

// BoxResult is what remains of a box.
type BoxResult struct {
	Box        Box
	Chosen     []Choice
	Total      uint64     // configurations of the whole box
	Consistent uint64     // those without an excluded pair that hold the choices
	Counts     [][]uint64 // per parameter and value: how many of those have it
	First      [][]int    // the first of them, values from 0, in rising order
	Judgements int        // pairs of values to be judged in a full cross-consistency matrix
	Notes      []Note
}

// Analyse counts the configurations in which no pair is excluded, given choices
// already made, and how many of them have each value: after a click on some
// values, a count of zero means that a value is no longer possible, and a
// parameter with one count above zero is forced.
//
// The count is exact and lists nothing: parameters are decided one after the
// other, and partial configurations that leave the same values open are merged
// (a layered decision diagram), so its cost is the number of different states and
// not the number of configurations. A box so entangled that they would fill the
// memory is refused.
//
// Sources: F. Zwicky, Discovery, Invention, Research through the Morphological
// Approach (1969); T. Ritchey, General morphological analysis (1998, 2011).
func (b Box) Analyse(ctx context.Context, chosen []Choice) (*BoxResult, error) {
	if err := b.check(chosen); err != nil {
		return nil, err
	}
	r := &BoxResult{Box: b, Chosen: chosen, Total: 1}
	for i, p := range b.Parameters {
		high, low := bits.Mul64(r.Total, uint64(len(p.Values)))
		if high != 0 || low >= 1<<63 {
			return nil, refuse("parameters", "foresight.morphol.large")
		}
		r.Total = low
		for _, q := range b.Parameters[:i] {
			r.Judgements += len(p.Values) * len(q.Values)
		}
	}
	d, err := b.diagram(ctx, chosen)
	if err != nil {
		return nil, err
	}
	r.Consistent = d.layers[0].completions[0]
	r.Counts = d.counts()
	r.First = d.first(boxListed)
	r.remark()
	return r, nil
}

// Open is, for each parameter, which values remain possible.
func (r *BoxResult) Open() [][]bool {
	return mapped(r.Counts, func(row []uint64) []bool {
		return mapped(row, func(n uint64) bool { return n > 0 })
	})
}

// Forced are the values that the choices impose on parameters left open.
func (r *BoxResult) Forced() []Choice {
	made := map[int]bool{}
	for _, c := range r.Chosen {
		made[c.Parameter] = true
	}
	var all []Choice
	for i, row := range r.Counts {
		value, open := 0, 0
		for v, n := range row {
			if n > 0 {
				value, open = v, open+1
			}
		}
		if open == 1 && !made[i] && len(row) > 1 {
			all = append(all, Choice{i, value})
		}
	}
	return all
}

func (b Box) check(chosen []Choice) error {
	if len(b.Parameters) == 0 {
		return refuse("parameters", "foresight.names.none")
	}
	if len(b.Parameters) > maxParameters {
		return refuse("parameters", "foresight.names.many", "got", len(b.Parameters), "max", maxParameters)
	}
	for i, p := range b.Parameters {
		if len(p.Values) == 0 || len(p.Values) > maxValues {
			return &InputError{Key: "foresight.morphol.values", Field: "parameters", Row: i + 1,
				Args: []any{"row_name", p.Name, "got", len(p.Values), "max", maxValues}}
		}
	}
	if len(b.Excluded) > maxExclusions {
		return refuse("excluded", "foresight.names.many", "got", len(b.Excluded), "max", maxExclusions)
	}
	for at, e := range b.Excluded {
		for _, c := range []Choice{e.A, e.B} {
			if !b.has(c) {
				return &InputError{Key: "foresight.morphol.unknown", Field: "excluded", Row: at + 1,
					Args: []any{"parameter", c.Parameter + 1, "value", c.Value + 1}}
			}
		}
		if e.A.Parameter == e.B.Parameter {
			return &InputError{Key: "foresight.morphol.same", Field: "excluded", Row: at + 1,
				Args: []any{"name", b.Parameters[e.A.Parameter].Name}}
		}
	}
	for at, c := range chosen {
		if !b.has(c) {
			return &InputError{Key: "foresight.morphol.unknown", Field: "choose", Row: at + 1,
				Args: []any{"parameter", c.Parameter + 1, "value", c.Value + 1}}
		}
	}
	return nil
}

func (b Box) has(c Choice) bool {
	return c.Parameter >= 0 && c.Parameter < len(b.Parameters) &&
		c.Value >= 0 && c.Value < len(b.Parameters[c.Parameter].Values)
}

func (r *BoxResult) remark() {
	if r.Consistent == 0 {
		r.Notes = append(r.Notes, note("foresight.morphol.note.none"))
		return
	}
	var dead []string
	for i, row := range r.Counts {
		for v, n := range row {
			if n == 0 && len(r.Chosen) == 0 {
				dead = append(dead, r.Box.Parameters[i].Name+" : "+r.Box.Parameters[i].Values[v])
			}
		}
	}
	if len(dead) > 0 {
		r.Notes = append(r.Notes, note("foresight.morphol.note.dead", "names", dead))
	}
	if r.Consistent > boxListed {
		r.Notes = append(r.Notes, note("foresight.morphol.note.listed", "n", boxListed))
	}
}

// diagram is the layered decision diagram of a box: layer d holds the different
// ways in which the first d parameters leave the others open.
type diagram struct {
	layers []layer
}

type layer struct {
	open        [][]uint64 // per state: the values open for each remaining parameter; dropped once used
	next        [][]int32  // per state and value of this parameter: state of the next layer, -1 if excluded
	prefixes    []uint64   // per state: how many beginnings lead to it
	completions []uint64   // per state: how many ways there are to finish
}

func (b Box) diagram(ctx context.Context, chosen []Choice) (*diagram, error) {
	n := len(b.Parameters)
	start := make([]uint64, n)
	for i, p := range b.Parameters {
		start[i] = ^uint64(0) >> (64 - len(p.Values))
	}
	for _, c := range chosen {
		start[c.Parameter] &= 1 << c.Value
	}
	// bars[i][v][j] are the values of j that value v of i excludes.
	bars := make([][][]uint64, n)
	for i, p := range b.Parameters {
		bars[i] = make([][]uint64, len(p.Values))
		for v := range bars[i] {
			bars[i][v] = make([]uint64, n)
		}
	}
	for _, e := range b.Excluded {
		bars[e.A.Parameter][e.A.Value][e.B.Parameter] |= 1 << e.B.Value
		bars[e.B.Parameter][e.B.Value][e.A.Parameter] |= 1 << e.A.Value
	}
	d := &diagram{layers: make([]layer, n+1)}
	d.layers[0] = layer{open: [][]uint64{start}, prefixes: []uint64{1}}
	work := 0
	for at := range n {
		if err := d.extend(ctx, at, bars[at], &work); err != nil {
			return nil, err
		}
	}
	d.complete()
	return d, nil
}

// extend decides one parameter in every state of its layer.
func (d *diagram) extend(ctx context.Context, at int, bars [][]uint64, work *int) error {
	here, there := &d.layers[at], &d.layers[at+1]
	index := map[string]int32{}
	key := []byte{}
	rest := make([]uint64, len(here.open[0])-1)
	for s, open := range here.open {
		if s&4095 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		next := make([]int32, len(bars))
		for v := range bars {
			next[v] = -1
			if open[0]>>v&1 == 0 {
				continue
			}
			key = key[:0]
			alive := true
			for t := range rest {
				rest[t] = open[t+1] &^ bars[v][at+1+t]
				alive = alive && rest[t] != 0
				key = binary.LittleEndian.AppendUint64(key, rest[t])
			}
			if !alive {
				continue
			}
			id, seen := index[string(key)]
			if !seen {
				if *work += len(rest) + len(bars) + 4; *work > boxWork {
					return refuse("excluded", "foresight.morphol.entangled")
				}
				id = int32(len(there.open))
				index[string(key)] = id
				there.open = append(there.open, append([]uint64(nil), rest...))
				there.prefixes = append(there.prefixes, 0)
			}
			there.prefixes[id] += here.prefixes[s]
			next[v] = id
		}
		here.next = append(here.next, next)
	}
	here.open = nil
	if len(there.open) == 0 {
		// Nothing is consistent: an empty state keeps the shape.
		there.open, there.prefixes = [][]uint64{make([]uint64, len(rest))}, []uint64{0}
	}
	return nil
}

// complete counts, from the last layer back, the ways to finish from each state.
func (d *diagram) complete() {
	last := len(d.layers) - 1
	d.layers[last].completions = make([]uint64, len(d.layers[last].prefixes))
	for s, n := range d.layers[last].prefixes {
		if n > 0 {
			d.layers[last].completions[s] = 1
		}
	}
	for at := last - 1; at >= 0; at-- {
		here := &d.layers[at]
		here.completions = make([]uint64, len(here.prefixes))
		for s, next := range here.next {
			for _, id := range next {
				if id >= 0 {
					here.completions[s] += d.layers[at+1].completions[id]
				}
			}
		}
	}
}

// counts are, per parameter and value, the configurations that have it.
func (d *diagram) counts() [][]uint64 {
	all := make([][]uint64, len(d.layers)-1)
	for at := range all {
		here, there := d.layers[at], d.layers[at+1]
		for s, next := range here.next {
			if all[at] == nil {
				all[at] = make([]uint64, len(next))
			}
			for v, id := range next {
				if id >= 0 {
					all[at][v] += here.prefixes[s] * there.completions[id]
				}
			}
		}
	}
	return all
}

// first lists configurations in rising order, following only states from which
// one can finish.
func (d *diagram) first(most int) [][]int {
	var all [][]int
	z := make([]int, len(d.layers)-1)
	var visit func(at int, s int32)
	visit = func(at int, s int32) {
		if at == len(z) {
			all = append(all, append([]int(nil), z...))
			return
		}
		for v, id := range d.layers[at].next[s] {
			if len(all) == most {
				return
			}
			if id >= 0 && d.layers[at+1].completions[id] > 0 {
				z[at] = v
				visit(at+1, id)
			}
		}
	}
	if d.layers[0].completions[0] > 0 {
		visit(0, 0)
	}
	return all
}
