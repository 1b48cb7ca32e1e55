package foresight

import "math"

type mactorBody struct {
	Actors     []string    `json:"actors"`
	Objectives []string    `json:"objectives"`
	MIDI       [][]float64 `json:"midi"`
	MMIDI      [][]float64 `json:"mmidi"`
	I          []float64   `json:"I"`
	D          []float64   `json:"D"`
	IMax       []float64   `json:"I_max"`
	DMax       []float64   `json:"D_max"`
	R          []float64   `json:"R"`
	Q          []float64   `json:"Q"`
	RawR       []float64   `json:"R_raw"`
	RawQ       []float64   `json:"Q_raw"`
	Net        [][]float64 `json:"net"`
	NetTotal   []float64   `json:"net_total"`

	MAO1 [][]float64 `json:"mao1"`
	MAO2 [][]float64 `json:"mao2"`
	MAO3 [][]float64 `json:"mao3"`

	Mobilisation1 []float64 `json:"mobilisation1"`
	Mobilisation2 []float64 `json:"mobilisation2"`
	Mobilisation3 []float64 `json:"mobilisation3"`
	For1          []float64 `json:"for1"`
	For2          []float64 `json:"for2"`
	For3          []float64 `json:"for3"`
	Against1      []float64 `json:"against1"`
	Against2      []float64 `json:"against2"`
	Against3      []float64 `json:"against3"`
	Implication1  []float64 `json:"implication1"`
	Implication2  []float64 `json:"implication2"`
	Implication3  []float64 `json:"implication3"`

	CAA1 [][]float64 `json:"caa1"`
	CAA2 [][]float64 `json:"caa2"`
	CAA3 [][]float64 `json:"caa3"`
	DAA1 [][]float64 `json:"daa1"`
	DAA2 [][]float64 `json:"daa2"`
	DAA3 [][]float64 `json:"daa3"`
	COO1 [][]float64 `json:"coo1"`
	COO2 [][]float64 `json:"coo2"`
	COO3 [][]float64 `json:"coo3"`
	DOO1 [][]float64 `json:"doo1"`
	DOO2 [][]float64 `json:"doo2"`
	DOO3 [][]float64 `json:"doo3"`

	Convergence1 *float64  `json:"convergence1"`
	Convergence2 *float64  `json:"convergence2"`
	Convergence3 *float64  `json:"convergence3"`
	Ambivalence1 []float64 `json:"ambivalence1"`
	Ambivalence2 []float64 `json:"ambivalence2"`
	Ambivalence3 []float64 `json:"ambivalence3"`

	Ratio RatioConvention `json:"r"`
	Notes []string        `json:"notes"`
}

// Document is the answer of `foresight mactor --json`. A convergence that no
// common objective allows to compute is null.
func (r *MactorResult) Document(l Language) any {
	a, b, c := &r.Positions[0], &r.Positions[1], &r.Positions[2]
	return mactorBody{
		Actors: r.Actors, Objectives: r.Objectives,
		MIDI: r.MIDI, MMIDI: r.MMIDI, I: r.I, D: r.D, IMax: r.IMax, DMax: r.DMax,
		R: r.R, Q: r.Q, RawR: r.RawR, RawQ: r.RawQ, Net: r.Net, NetTotal: r.NetTotal,
		MAO1: a.MAO, MAO2: b.MAO, MAO3: c.MAO,
		Mobilisation1: a.Mobilisation, Mobilisation2: b.Mobilisation, Mobilisation3: c.Mobilisation,
		For1: a.For, For2: b.For, For3: c.For,
		Against1: a.Against, Against2: b.Against, Against3: c.Against,
		Implication1: a.Implication, Implication2: b.Implication, Implication3: c.Implication,
		CAA1: a.CAA, CAA2: b.CAA, CAA3: c.CAA, DAA1: a.DAA, DAA2: b.DAA, DAA3: c.DAA,
		COO1: a.COO, COO2: b.COO, COO3: c.COO, DOO1: a.DOO, DOO2: b.DOO, DOO3: c.DOO,
		Convergence1: defined(a.Convergence), Convergence2: defined(b.Convergence), Convergence3: defined(c.Convergence),
		Ambivalence1: a.Ambivalence, Ambivalence2: b.Ambivalence, Ambivalence3: c.Ambivalence,
		Ratio: r.Ratio, Notes: notesIn(l, r.Notes),
	}
}

// defined is nil for what could not be computed.
func defined(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}

// Text is the answer for a person.
func (r *MactorResult) Text(l Language) string {
	p := newPage(l, "foresight.mactor.title", "actors", len(r.Actors), "objectives", len(r.Objectives))
	p.head("foresight.mactor.power")
	var rows [][]string
	for i, name := range r.Actors {
		rows = append(rows, append([]string{name}, p.numbers([]float64{
			r.I[i], r.D[i], r.R[i], r.Q[i], r.NetTotal[i], r.Positions[2].Mobilisation[i], r.Positions[2].Ambivalence[i],
		})...))
	}
	p.table(p.words("foresight.mactor.column.actor", "foresight.mactor.column.i", "foresight.mactor.column.d",
		"foresight.mactor.column.r", "foresight.mactor.column.q", "foresight.mactor.column.net",
		"foresight.mactor.column.mobilisation", "foresight.mactor.column.ambivalence"), rows)
	p.head("foresight.mactor.objectives")
	rows = nil
	for k, name := range r.Objectives {
		q := r.Positions[2]
		rows = append(rows, append([]string{name}, p.numbers([]float64{q.For[k], q.Against[k], q.Implication[k]})...))
	}
	p.table(p.words("foresight.mactor.column.objective", "foresight.mactor.column.for",
		"foresight.mactor.column.against", "foresight.mactor.column.implication"), rows)
	net := numbers(len(r.Actors), len(r.Actors))
	for i := range net {
		for j := range net[i] {
			net[i][j] = r.Positions[2].CAA[i][j] - r.Positions[2].DAA[i][j]
		}
	}
	p.head("foresight.mactor.alliances")
	p.matrix(r.Actors, r.Actors, net)
	if c := r.Positions[2].Convergence; !math.IsNaN(c) {
		p.head("foresight.mactor.convergence", "value", percent(c/100))
	}
	return p.end("mactor", r.Notes)
}
