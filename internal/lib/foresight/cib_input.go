package foresight

import (
	"bytes"
	"context"
	"math"
	"path"
	"strings"
)

// ReadCIB reads a model from a ScenarioWizard project (see ReadSCW) or from JSON:
//
//	{"descriptors": [{"name": "…", "variants": ["…", …]}, …], "matrix": [[…]]}
func ReadCIB(fileName string, data []byte) (*CIB, []Note, error) {
	start := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " \t\r\n")
	project := strings.EqualFold(path.Ext(fileName), ".scw")
	if project || !bytes.HasPrefix(start, []byte("{")) {
		return ReadSCW(data)
	}
	var doc struct {
		Title       string `json:"title"`
		Descriptors []struct {
			Name     string   `json:"name"`
			Variants []string `json:"variants"`
		} `json:"descriptors"`
		Matrix [][]cell `json:"matrix"`
	}
	if err := decode(data, &doc); err != nil {
		return nil, nil, err
	}
	m := &CIB{Title: cut(doc.Title, maxName)}
	for _, d := range doc.Descriptors {
		m.Descriptors = append(m.Descriptors, Descriptor{
			Name:     cut(d.Name, maxName),
			Variants: mapped(d.Variants, func(v string) string { return cut(v, maxName) }),
		})
	}
	if err := m.lay(); err != nil {
		return nil, nil, err
	}
	notes, err := m.readImpacts(doc.Matrix)
	if err != nil {
		return nil, nil, err
	}
	return m, notes, nil
}

// smallSpace is the number of scenarios up to which basins are counted without
// being asked for.
const smallSpace = 200_000

// CIBResult is the answer of the command.
type CIBResult struct {
	Model            *CIB
	MaxInconsistency float64
	Found            *Found
	Basins           *Basins      // nil when they were not counted
	Explanation      *Explanation // nil when none was asked for
	Notes            []Note
}

func commandCIB(ctx context.Context, fileName string, data []byte, o Options) (Result, error) {
	m, notes, err := ReadCIB(fileName, data)
	if err != nil {
		return nil, err
	}
	if o.MaxInconsistency < 0 || math.IsNaN(o.MaxInconsistency) {
		return nil, refuse("max-inconsistency", "foresight.cib.max_inconsistency")
	}
	r := &CIBResult{Model: m, MaxInconsistency: o.MaxInconsistency, Notes: notes}
	if len(o.Explain) > 0 {
		z, err := m.scenario(o.Explain)
		if err != nil {
			return nil, err
		}
		r.Explanation = m.Explain(z)
	}
	r.Found, err = m.Search(ctx, SearchLimits{MaxInconsistency: o.MaxInconsistency, Nodes: o.WorkLimit})
	if err != nil {
		return nil, err
	}
	if space := m.Space(); o.Basins || space.IsInt64() && space.Int64() <= smallSpace {
		if r.Basins, err = m.Basins(ctx, BasinLimits{Starts: o.WorkLimit}); err != nil {
			return nil, err
		}
	}
	r.remark()
	return r, nil
}

func (r *CIBResult) remark() {
	add := func(key string, args ...any) { r.Notes = append(r.Notes, note(key, args...)) }
	switch {
	case r.Found.Count == nil:
		add("foresight.cib.note.stopped", "nodes", int(r.Found.Nodes))
	case !r.Found.Complete:
		add("foresight.cib.note.cut", "count", r.Found.Count.String(), "listed", len(r.Found.Scenarios))
	case len(r.Found.Scenarios) == 0:
		add("foresight.cib.note.none")
	}
	if r.Basins == nil {
		add("foresight.cib.note.no_basins")
		return
	}
	if !r.Basins.Exact {
		add("foresight.cib.note.sampled", "n", r.Basins.Samples)
	}
	if r.Basins.CycleStarts.Sign() > 0 {
		add("foresight.cib.note.cycles", "count", r.Basins.CycleStarts.String(), "space", r.Basins.Space.String())
	}
}
