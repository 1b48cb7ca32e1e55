package foresight

import "math"

// Bounds of MACTOR.
const (
	maxActors     = 100
	maxObjectives = 200
	usualMID      = 4
	usualMAO      = 4
	maxMactor     = 1e6
)

// RatioConvention says what becomes of an actor's feedback on itself, the
// diagonal of MIDI, in the power ratio. Sources disagree.
type RatioConvention string

// The three conventions.
const (
	// RatioDouble removes the diagonal from I and D, and once more from the
	// numerator: R_i = ((I_i - MIDI_ii)/ΣI)·(I_i/(I_i + D_i)). The default.
	RatioDouble RatioConvention = "double"
	// RatioSingle removes it once: R_i = (I_i/ΣI)·(I_i/(I_i + D_i)).
	RatioSingle RatioConvention = "single"
	// RatioIncluded keeps it in I' and D':
	// R_i = ((I'_i - MIDI_ii)/ΣI')·(I'_i/(I'_i + D'_i)).
	RatioIncluded RatioConvention = "included"
)

// MactorInput holds the two matrices of the method, n actors by p objectives.
//
// MID is n by n with a zero diagonal: what actor i can do to actor j, from 0
// (nothing) by 1 (operating processes), 2 (projects), 3 (missions) to 4
// (existence). MAO is n by p, the valued positions (2MAO): sign for or against,
// size on the same scale.
type MactorInput struct {
	Actors, Objectives []string
	MID, MAO           [][]float64
	Ratio              RatioConvention // RatioDouble when empty
}

// Positions is one of the three matrices of positions with what follows from
// it: 1MAO (signs), 2MAO (valued), 3MAO (valued and weighted by power).
type Positions struct {
	MAO          [][]float64 // n by p
	Mobilisation []float64   // per actor: sum of the absolute positions
	For, Against []float64   // per objective: sums of positive and of negative positions
	Implication  []float64   // per objective: sum of the absolute positions

	CAA, DAA    [][]float64 // n by n: agreement, disagreement between actors; zero diagonal
	Convergence float64     // 100 ΣCAA/(ΣCAA + ΣDAA); NaN when nobody shares an objective
	Ambivalence []float64   // per actor, 0 (clear ally or foe) to 1 (torn)

	COO, DOO [][]float64 // p by p: the same between objectives
}

// MactorResult is an analysis of actors' strategies.
type MactorResult struct {
	Actors, Objectives []string
	MIDI, MMIDI        [][]float64
	I, D               []float64 // direct and indirect influence and dependence, without feedback
	IMax, DMax         []float64 // the same from MMIDI
	R, Q               []float64 // power ratios of MIDI and MMIDI, normalised to a sum of n
	RawR, RawQ         []float64 // before normalising
	Net                [][]float64
	NetTotal           []float64
	Positions          [3]Positions // 1MAO, 2MAO, 3MAO
	Ratio              RatioConvention
	Notes              []Note
}

// MACTOR computes power relations and alliances between actors.
//
//	MIDI_ij  = a_ij + Σ_k min(a_ik, a_kj), diagonal kept: feedback
//	MMIDI_ij = max(a_ij, max_k min(a_ik, a_kj)), diagonal 0
//
// Power ratios follow the chosen convention; a negative ratio, which RatioDouble
// gives when feedback exceeds influence, is set to 0 with a note. Agreement of
// two actors on the objectives where their signs agree is the sum of the means
// of their absolute positions; disagreement where they differ.
//
// Sources: J. Arcade, M. Godet, F. Meunier, F. Roubelat, Structural analysis
// with the MICMAC method & actors' strategy with MACTOR method (AC/UNU, 1999);
// M. Godet, Actors' moves and strategies, Futures 23 (1991) 605-622.
func MACTOR(in MactorInput) (*MactorResult, error) {
	if in.Ratio == "" {
		in.Ratio = RatioDouble
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	n := len(in.Actors)
	r := &MactorResult{Actors: in.Actors, Objectives: in.Objectives, Ratio: in.Ratio}
	r.MIDI, r.MMIDI = reach(in.MID)
	r.I, r.D = margins(r.MIDI)
	r.IMax, r.DMax = margins(r.MMIDI)
	r.power()
	r.Net, r.NetTotal = numbers(n, n), make([]float64, n)
	for i := range n {
		for j := range n {
			r.Net[i][j] = r.MIDI[i][j] - r.MIDI[j][i]
			r.NetTotal[i] += r.Net[i][j]
		}
	}
	signs, weighted := numbers(n, len(in.Objectives)), numbers(n, len(in.Objectives))
	for i, row := range in.MAO {
		for k, v := range row {
			signs[i][k] = float64(sign(v))
			weighted[i][k] = r.R[i] * v
		}
	}
	for q, m := range [][][]float64{signs, in.MAO, weighted} {
		r.Positions[q] = positionsOf(m, len(in.Objectives))
	}
	if math.IsNaN(r.Positions[1].Convergence) {
		r.Notes = append(r.Notes, note("foresight.mactor.note.no_common_objective"))
	}
	r.Notes = append(r.Notes, note("foresight.mactor.note.ratio."+string(in.Ratio)))
	return r, nil
}

func (in MactorInput) check() error {
	switch in.Ratio {
	case RatioDouble, RatioSingle, RatioIncluded:
	default:
		return refuse("r", "foresight.mactor.ratio", "value", cut(string(in.Ratio), 20))
	}
	if _, err := names("actors", in.Actors, 0, maxActors, ""); err != nil {
		return err
	}
	if _, err := names("objectives", in.Objectives, 0, maxObjectives, ""); err != nil {
		return err
	}
	mid := grid{field: "mid", rows: in.Actors, columns: in.Actors, zeroDiagonal: true, most: maxMactor}
	if _, _, _, err := mid.read(cellsOf(in.MID)); err != nil {
		return err
	}
	mao := grid{field: "mao", rows: in.Actors, columns: in.Objectives, least: -maxMactor, most: maxMactor}
	_, _, _, err := mao.read(cellsOf(in.MAO))
	return err
}

// reach is what actors can do to each other directly and through one other.
func reach(mid [][]float64) (midi, mmidi [][]float64) {
	n := len(mid)
	midi, mmidi = numbers(n, n), numbers(n, n)
	for i := range n {
		for j := range n {
			total, best := mid[i][j], mid[i][j]
			for k := range n {
				through := min(mid[i][k], mid[k][j])
				total += through
				best = max(best, through)
			}
			midi[i][j] = total
			if i != j {
				mmidi[i][j] = best
			}
		}
	}
	return midi, mmidi
}

// margins are the row and column sums without the diagonal.
func margins(m [][]float64) (out, in []float64) {
	out, in = rowSums(m), columnSums(m, len(m))
	for i := range m {
		out[i] -= m[i][i]
		in[i] -= m[i][i]
	}
	return out, in
}

// power computes R by the convention and Q, whose matrix has no diagonal.
func (r *MactorResult) power() {
	n := len(r.Actors)
	r.RawR, r.RawQ = make([]float64, n), make([]float64, n)
	influence, dependence := make([]float64, n), make([]float64, n)
	copy(influence, r.I)
	copy(dependence, r.D)
	feedback := make([]float64, n)
	for i := range n {
		switch r.Ratio {
		case RatioDouble:
			feedback[i] = r.MIDI[i][i]
		case RatioIncluded:
			feedback[i] = r.MIDI[i][i]
			influence[i] += feedback[i]
			dependence[i] += feedback[i]
		}
	}
	// ΣI is the whole influence of the system: with RatioDouble and RatioSingle
	// that of I, with RatioIncluded that of I'.
	total, totalMax := sum(influence), sum(r.IMax)
	for i := range n {
		v := ratio(influence[i]-feedback[i], total) * ratio(influence[i], influence[i]+dependence[i])
		if v < 0 {
			r.Notes = append(r.Notes, note("foresight.mactor.note.negative", "name", r.Actors[i], "value", v))
			v = 0
		}
		r.RawR[i] = v
		r.RawQ[i] = ratio(r.IMax[i], totalMax) * ratio(r.IMax[i], r.IMax[i]+r.DMax[i])
	}
	r.R, r.Q = r.normalised(r.RawR, "R"), r.normalised(r.RawQ, "Q")
}

// normalised scales to a sum of n; when there is no power at all every actor
// weighs the same.
func (r *MactorResult) normalised(raw []float64, name string) []float64 {
	out := make([]float64, len(raw))
	total := sum(raw)
	if total == 0 {
		r.Notes = append(r.Notes, note("foresight.mactor.note.no_power", "name", name))
	}
	for i, v := range raw {
		out[i] = 1
		if total != 0 {
			out[i] = float64(len(raw)) * v / total
		}
	}
	return out
}

// ratio is a/b with 0/0 taken as 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func sign(v float64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

func positionsOf(mao [][]float64, objectives int) Positions {
	p := Positions{MAO: mao, Mobilisation: make([]float64, len(mao))}
	p.For, p.Against = make([]float64, objectives), make([]float64, objectives)
	p.Implication = make([]float64, objectives)
	transposed := numbers(objectives, len(mao))
	for i, row := range mao {
		for k, v := range row {
			transposed[k][i] = v
			p.Mobilisation[i] += math.Abs(v)
			p.Implication[k] += math.Abs(v)
			p.For[k] += max(v, 0)
			p.Against[k] += min(v, 0)
		}
	}
	p.CAA, p.DAA = agreement(mao)
	p.COO, p.DOO = agreement(transposed)
	agree, differ := sum(rowSums(p.CAA)), sum(rowSums(p.DAA))
	p.Convergence = 100 * (agree / (agree + differ))
	p.Ambivalence = make([]float64, len(mao))
	for i := range mao {
		var apart, all float64
		for j := range mao {
			apart += math.Abs(p.CAA[i][j] - p.DAA[i][j])
			all += p.CAA[i][j] + p.DAA[i][j]
		}
		if all > 0 {
			p.Ambivalence[i] = max(1-apart/all, 0)
		}
	}
	return p
}

// agreement compares rows: over the columns where both take a side, the mean of
// the absolute values, summed apart for same and opposite sides.
func agreement(m [][]float64) (agree, differ [][]float64) {
	n := len(m)
	agree, differ = numbers(n, n), numbers(n, n)
	for i := range n {
		for j := range n {
			if i == j {
				continue
			}
			for k, x := range m[i] {
				y := m[j][k]
				switch sign(x) * sign(y) {
				case 1:
					agree[i][j] += (math.Abs(x) + math.Abs(y)) / 2
				case -1:
					differ[i][j] += (math.Abs(x) + math.Abs(y)) / 2
				}
			}
		}
	}
	return agree, differ
}
