package foresight

import "strconv"

type marginsBody struct {
	Influence  []float64 `json:"influence"`
	Dependence []float64 `json:"dependence"`
}

type powerBody struct {
	K          int       `json:"k"`
	Influence  []float64 `json:"influence"`
	Dependence []float64 `json:"dependence"`
}

type indirectBody struct {
	Influence  []float64 `json:"influence"`
	Dependence []float64 `json:"dependence"`
	Method     string    `json:"method"`
}

type potentialBody struct {
	Direct   marginsBody  `json:"direct"`
	Indirect indirectBody `json:"indirect"`
	Cells    int          `json:"cells"`
	Strength float64      `json:"strength"`
}

type placesBody struct {
	Influence  []int `json:"influence"`
	Dependence []int `json:"dependence"`
}

type ranksBody struct {
	Direct            placesBody `json:"direct"`
	Indirect          placesBody `json:"indirect"`
	PotentialDirect   placesBody `json:"potential_direct"`
	PotentialIndirect placesBody `json:"potential_indirect"`
}

type crossBody struct {
	Threshold  string  `json:"threshold"`
	Influence  float64 `json:"influence"`
	Dependence float64 `json:"dependence"`
}

type micmacBody struct {
	Variables       []string      `json:"variables"`
	Direct          marginsBody   `json:"direct"`
	Powers          []powerBody   `json:"powers"`
	Indirect        indirectBody  `json:"indirect"`
	Potential       potentialBody `json:"potential"`
	Ranks           ranksBody     `json:"ranks"`
	Classes         [][]string    `json:"classes"`
	ClassesIndirect [][]string    `json:"classes_indirect"`
	Cross           crossBody     `json:"cross"`
	Groups          [][]string    `json:"groups"`
	Period          int           `json:"period"`
	StableAt        *int          `json:"stable_at"`
	Notes           []string      `json:"notes"`
}

func bodyOfMargins(m Margins) marginsBody { return marginsBody(m) }

func bodyOfIndirect(i Indirect) indirectBody {
	return indirectBody{i.Influence, i.Dependence, i.Method}
}

func placesOf(m Margins) placesBody {
	return placesBody{ranks(m.Influence), ranks(m.Dependence)}
}

// Document is the answer of `foresight micmac --json`. classes[i] are the
// classes of variable i on the direct plane, the quadrant first.
func (r *MicmacResult) Document(l Language) any {
	b := micmacBody{
		Variables: r.Variables,
		Direct:    bodyOfMargins(r.Direct),
		Powers:    []powerBody{},
		Indirect:  bodyOfIndirect(r.Indirect),
		Potential: potentialBody{
			bodyOfMargins(r.Potential.Direct), bodyOfIndirect(r.Potential.Indirect), r.Cells, r.Strength,
		},
		Ranks: ranksBody{
			placesOf(r.Direct), placesOf(r.Indirect.Margins),
			placesOf(r.Potential.Direct), placesOf(r.Potential.Indirect.Margins),
		},
		Classes:         r.Planes.Direct.Classes,
		ClassesIndirect: r.Planes.Indirect.Classes,
		Cross:           crossBody{"mean", r.Planes.Direct.Influence, r.Planes.Direct.Dependence},
		Groups:          [][]string{},
		Period:          r.Period,
		Notes:           notesIn(l, r.Notes),
	}
	if r.Planes.Medians {
		b.Cross.Threshold = "median"
	}
	for _, p := range r.Powers {
		b.Powers = append(b.Powers, powerBody{p.K, p.Influence, p.Dependence})
	}
	for _, g := range r.Groups {
		b.Groups = append(b.Groups, mapped(g, func(i int) string { return r.Variables[i] }))
	}
	if r.StableAt > 0 {
		b.StableAt = &r.StableAt
	}
	return b
}

// Text is the answer for a person.
func (r *MicmacResult) Text(l Language) string {
	p := newPage(l, "foresight.micmac.title", "n", len(r.Variables))
	r.classification(p, "foresight.micmac.direct", r.Direct, r.Planes.Direct)
	key := "foresight.micmac.indirect"
	if r.Indirect.Method == ByPaths {
		key = "foresight.micmac.indirect_paths"
	}
	r.classification(p, key, r.Indirect.Margins, r.Planes.Indirect)
	if r.Cells > 0 {
		r.classification(p, "foresight.micmac.potential_direct", r.Potential.Direct, r.Planes.PotentialDirect)
		r.classification(p, "foresight.micmac.potential_indirect", r.Potential.Indirect.Margins, r.Planes.PotentialIndirect)
	}
	if r.StableAt > 0 {
		p.head("foresight.micmac.stable", "k", r.StableAt)
	} else {
		p.head("foresight.micmac.never_stable")
	}
	return p.end("micmac", r.Notes)
}

func (r *MicmacResult) classification(p *page, key string, m Margins, plane Plane) {
	p.head(key)
	influence, dependence := ranks(m.Influence), ranks(m.Dependence)
	var rows [][]string
	for i, name := range r.Variables {
		classes := ""
		for at, c := range plane.Classes[i] {
			if at > 0 {
				classes += ", "
			}
			classes += p.word("foresight.micmac.class." + c)
		}
		rows = append(rows, []string{
			name, p.number(m.Influence[i]), strconv.Itoa(influence[i]),
			p.number(m.Dependence[i]), strconv.Itoa(dependence[i]), classes,
		})
	}
	p.table(p.words("foresight.micmac.column.variable", "foresight.micmac.column.influence", "foresight.text.rank",
		"foresight.micmac.column.dependence", "foresight.text.rank", "foresight.micmac.column.class"), rows)
}
