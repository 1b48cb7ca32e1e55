package foresight

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"digiwork/internal/testkit/shared"
)

// golden reads a worked example of the shared test data.
func golden(t *testing.T, name string, into any) {
	t.Helper()
	if err := json.Unmarshal(shared.Read(t, "foresight/"+name), into); err != nil {
		t.Fatal(err)
	}
}

// document runs a method as the command line does and reads its JSON back.
func document(t *testing.T, method string, input any, o Options, into any) {
	t.Helper()
	raw, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	documentOf(t, method, "x.json", raw, o, into)
}

func documentOf(t *testing.T, method, name string, raw []byte, o Options, into any) {
	t.Helper()
	r, err := Command(t.Context(), method, name, raw, o)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	out, err := JSON(r, English)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%s: %v in %s", method, err, out)
	}
}

// same compares numbers, lists and matrices.
func same(t *testing.T, what string, got, want any, tolerance float64) {
	t.Helper()
	if d := distance(got, want); d > tolerance {
		t.Errorf("%s = %v, want %v (distance %g)", what, got, want, d)
	}
}

func distance(a, b any) float64 {
	x, y := flat(a), flat(b)
	if len(x) != len(y) {
		return math.Inf(1)
	}
	d := 0.0
	for i := range x {
		if math.IsNaN(x[i]) != math.IsNaN(y[i]) {
			return math.Inf(1)
		}
		if !math.IsNaN(x[i]) {
			d = max(d, math.Abs(x[i]-y[i]))
		}
	}
	return d
}

func flat(v any) []float64 {
	switch v := v.(type) {
	case float64:
		return []float64{v}
	case *float64:
		if v == nil {
			return []float64{math.NaN()}
		}
		return []float64{*v}
	case []float64:
		return v
	case []int:
		return mapped(v, func(n int) float64 { return float64(n) })
	case [][]float64:
		var all []float64
		for _, row := range v {
			all = append(all, row...)
		}
		return all
	case [][]*float64:
		var all []float64
		for _, row := range v {
			for _, p := range row {
				all = append(all, flat(p)...)
			}
		}
		return all
	}
	panic(fmt.Sprintf("flat: %T", v))
}

func TestPublishedMicmacExamplesAreReproduced(t *testing.T) {
	for _, name := range []string{"micmac_doc3_slow", "micmac_cycle3_never_stable", "micmac_dag4_nilpotent"} {
		t.Run(name, func(t *testing.T) {
			var g struct {
				MDI      [][]float64
				Expected struct {
					Direct     struct{ Influence, Dependence []float64 }
					Powers     []struct{ Influence, Dependence []float64 }
					Perron     *struct{ Influence, Dependence []float64 }
					Influence  *int `json:"influence_stable_from_k"`
					Dependence *int `json:"dependence_stable_from_k"`
				}
			}
			golden(t, name+".json", &g)
			var got micmacBody
			document(t, "micmac", map[string]any{"matrix": g.MDI}, Options{}, &got)
			same(t, "direct influence", got.Direct.Influence, g.Expected.Direct.Influence, 0)
			same(t, "direct dependence", got.Direct.Dependence, g.Expected.Direct.Dependence, 0)
			if len(got.Powers) < len(g.Expected.Powers) {
				t.Fatalf("%d powers", len(got.Powers))
			}
			for k, p := range g.Expected.Powers {
				same(t, fmt.Sprintf("influence of power %d", k+1), got.Powers[k].Influence, p.Influence, 0)
				same(t, fmt.Sprintf("dependence of power %d", k+1), got.Powers[k].Dependence, p.Dependence, 0)
			}
			if g.Expected.Perron == nil {
				if got.Indirect.Method != ByPaths || got.StableAt != nil || len(got.Notes) == 0 {
					t.Errorf("loop-free: %+v, stable at %v, notes %v", got.Indirect, got.StableAt, got.Notes)
				}
				return
			}
			same(t, "indirect influence", got.Indirect.Influence, g.Expected.Perron.Influence, 1e-9)
			same(t, "indirect dependence", got.Indirect.Dependence, g.Expected.Perron.Dependence, 1e-9)
			switch want := g.Expected; {
			case want.Influence == nil && got.StableAt != nil:
				t.Errorf("stable at %d, want never", *got.StableAt)
			case want.Influence != nil && (got.StableAt == nil || *got.StableAt != max(*want.Influence, *want.Dependence)):
				t.Errorf("stable at %v, want %d", got.StableAt, max(*want.Influence, *want.Dependence))
			}
		})
	}
}

func TestMactorRolesAreReproduced(t *testing.T) {
	var g struct {
		Actors, Objectives []string
		MID, MAO2          [][]float64
		Expected           map[string]json.RawMessage
		Other              struct {
			Single   []float64 `json:"single_removal_of_diagonal"`
			Included []float64 `json:"diagonal_included_in_Ii_Di"`
		} `json:"other_Ri_star_conventions"`
	}
	golden(t, "mactor_digiwork_roles.json", &g)
	input := map[string]any{"actors": g.Actors, "objectives": g.Objectives, "mid": g.MID, "mao": g.MAO2}
	var got mactorBody
	document(t, "mactor", input, Options{}, &got)
	list := func(key string) (v []float64) { decodeInto(t, g.Expected[key], &v); return v }
	matrix := func(key string) (v [][]float64) { decodeInto(t, g.Expected[key], &v); return v }
	number := func(key string) (v float64) { decodeInto(t, g.Expected[key], &v); return v }
	const printed = 6e-7 // the example prints six decimals
	same(t, "MIDI", got.MIDI, matrix("MIDI"), 0)
	same(t, "MMIDI", got.MMIDI, matrix("MMIDI"), 0)
	same(t, "I", got.I, list("Ii"), 0)
	same(t, "D", got.D, list("Di"), 0)
	same(t, "IMAX", got.IMax, list("IMAXi"), 0)
	same(t, "DMAX", got.DMax, list("DMAXi"), 0)
	same(t, "raw R", got.RawR, list("Ri"), printed)
	same(t, "R", got.R, list("Ri_star"), printed)
	same(t, "raw Q", got.RawQ, list("Qi"), printed)
	same(t, "Q", got.Q, list("Qi_star"), printed)
	same(t, "net", got.Net, matrix("BN"), 0)
	same(t, "net total", got.NetTotal, list("BN_sum"), 0)
	for q, m := range [][]any{
		{got.MAO1, got.Mobilisation1, got.For1, got.Against1, got.Implication1, got.CAA1, got.DAA1, got.Convergence1, got.Ambivalence1},
		{got.MAO2, got.Mobilisation2, got.For2, got.Against2, got.Implication2, got.CAA2, got.DAA2, got.Convergence2, got.Ambivalence2},
		{got.MAO3, got.Mobilisation3, got.For3, got.Against3, got.Implication3, got.CAA3, got.DAA3, got.Convergence3, got.Ambivalence3},
	} {
		n := string(rune('1' + q))
		same(t, n+"MAO", m[0], matrix(n+"MAO"), printed)
		same(t, n+"MAO mobilisation", m[1], list(n+"MAO_mobilisation"), 1e-6)
		same(t, n+"MAO for", m[2], list(n+"MAO_plus"), 1e-6)
		same(t, n+"MAO against", m[3], list(n+"MAO_minus"), 1e-6)
		same(t, n+"MAO implication", m[4], list(n+"MAO_implication"), 1e-6)
		same(t, n+"CAA", m[5], matrix(n+"CAA"), 1e-6)
		same(t, n+"DAA", m[6], matrix(n+"DAA"), 1e-6)
		same(t, n+" convergence", m[7], number(n+"degree_convergence_pct"), 1e-6)
		same(t, n+" ambivalence", m[8], list(n+"EQ_ambivalence"), printed)
	}
	for convention, want := range map[string][]float64{"single": g.Other.Single, "included": g.Other.Included} {
		input["r"] = convention
		document(t, "mactor", input, Options{}, &got)
		same(t, "R "+convention, got.R, want, printed)
		if string(got.Ratio) != convention {
			t.Errorf("convention %q is told as %q", convention, got.Ratio)
		}
	}
}

func decodeInto(t *testing.T, raw json.RawMessage, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
}

func TestSomewherelandIsReproduced(t *testing.T) {
	var g struct {
		Consistent []struct {
			Variants    []int   `json:"variants_1based"`
			Impact      float64 `json:"total_impact_score"`
			Consistency float64 `json:"consistency_value"`
			Basin       json.Number
			BasinGlobal json.Number `json:"basin_global_succession"`
		} `json:"consistent_scenarios"`
		Balance struct {
			Balances      []float64
			Inconsistency float64 `json:"inconsistency_of_scenario"`
		} `json:"worked_impact_balance"`
		Counts map[string]int `json:"count_with_max_inconsistency"`
	}
	golden(t, "cib_somewhereland.json", &g)
	for _, file := range []string{"cib_somewhereland.json", "cib_somewhereland.scw"} {
		raw := shared.Read(t, "foresight/"+file)
		var got cibBody
		documentOf(t, "cib", file, raw, Options{Basins: true, Explain: []int{2, 1, 3, 1, 1, 1}}, &got)
		if got.Space != "486" || !got.Complete || got.Cycles == nil || *got.Cycles != "0" {
			t.Errorf("%s: space %s, complete %v, cycles %v", file, got.Space, got.Complete, got.Cycles)
		}
		if len(got.Scenarios) != len(g.Consistent) {
			t.Fatalf("%s: %d scenarios", file, len(got.Scenarios))
		}
		for i, want := range g.Consistent {
			s := got.Scenarios[i]
			same(t, "variants", s.Variants, want.Variants, 0)
			if s.TotalImpact != want.Impact || s.ConsistencyValue != want.Consistency || *s.Basin != want.BasinGlobal || s.Inconsistency != 0 {
				t.Errorf("%s: scenario %v is %+v", file, want.Variants, s)
			}
		}
		same(t, "balances", got.Explain.Balances, g.Balance.Balances, 0)
		same(t, "inconsistency", got.Explain.Inconsistency, g.Balance.Inconsistency, 0)
		if got.Explain.Descriptors[3].Inconsistency != 14 {
			t.Errorf("%s: distribution of wealth is explained as %+v", file, got.Explain.Descriptors[3])
		}
		for most, want := range g.Counts {
			documentOf(t, "cib", file, raw, Options{MaxInconsistency: float64(most[0] - '0')}, &got)
			if len(got.Scenarios) != want {
				t.Errorf("%s: %d scenarios of inconsistency %s at most, want %d", file, len(got.Scenarios), most, want)
			}
		}
	}
}

func TestDigiworkAxesAreCounted(t *testing.T) {
	var g struct {
		Parameters []struct {
			Name   string   `json:"name"`
			Values []string `json:"values"`
		}
		Excluded [][][]int `json:"excluded_pairs_param_value_1based"`
		Expected struct {
			Total, Consistent uint64
			First             []uint64 `json:"consistent_with_value_of_param1"`
			First5, Last5     [][]int
		}
	}
	golden(t, "morphol_digiwork_axes.json", &g)
	var got boxBody
	document(t, "morphol", map[string]any{"parameters": g.Parameters, "excluded": g.Excluded}, Options{}, &got)
	if got.Total != g.Expected.Total || got.Consistent != g.Expected.Consistent {
		t.Errorf("total %d, consistent %d", got.Total, got.Consistent)
	}
	if fmt.Sprint(got.Counts[0]) != fmt.Sprint(g.Expected.First) {
		t.Errorf("counts of the first parameter = %v", got.Counts[0])
	}
	if fmt.Sprint(got.First[:5]) != fmt.Sprint(g.Expected.First5) {
		t.Errorf("first = %v", got.First[:5])
	}
	if fmt.Sprint(got.First[len(got.First)-5:]) != fmt.Sprint(g.Expected.Last5) {
		t.Errorf("last = %v", got.First[len(got.First)-5:])
	}
}

func TestCoherentSmicIsReproduced(t *testing.T) {
	var g struct {
		P        []float64
		Given    [][]*float64 `json:"C_i_given_j"`
		GivenNot [][]*float64 `json:"N_i_given_not_j"`
		Expected struct {
			Scenarios []string
			Objective float64
			P         []float64    `json:"P_net"`
			Given     [][]*float64 `json:"C_net"`
			GivenNot  [][]*float64 `json:"N_net"`
			Min       []float64    `json:"pi_min"`
			Max       []float64    `json:"pi_max"`
			Even      []float64    `json:"pi_max_entropy"`
		}
	}
	golden(t, "smic_coherent3.json", &g)
	var got smicBody
	document(t, "smic", map[string]any{"p": g.P, "given": g.Given, "given_not": g.GivenNot}, Options{}, &got)
	same(t, "objective", got.Objective, 0.0, 1e-11)
	same(t, "net", got.P, g.Expected.P, 1e-6)
	same(t, "given", got.Given, g.Expected.Given, 1e-6)
	same(t, "given not", got.GivenNot, g.Expected.GivenNot, 1e-6)
	for i, s := range got.Scenarios {
		if s.Image != g.Expected.Scenarios[i] {
			t.Fatalf("image %d is %s", i, s.Image)
		}
		same(t, s.Image+" min", s.Min, g.Expected.Min[i], 1e-6)
		same(t, s.Image+" max", s.Max, g.Expected.Max[i], 1e-6)
		same(t, s.Image+" even", s.MaxEntropy, g.Expected.Even[i], 2e-6)
	}
}

func TestDelphiStatisticsAreReproduced(t *testing.T) {
	var g struct {
		Data     []float64
		Expected struct {
			Edelphi, Type7 struct{ Q1, Median, Q3 float64 }
			Mean           float64
			SD             float64 `json:"sd_population"`
		}
		Ranks   [][]float64
		Kendall struct{ W float64 } `json:"kendall_W"`
	}
	golden(t, "delphi_stats.json", &g)
	for rule, want := range map[QuartileRule]struct{ Q1, Median, Q3 float64 }{
		QuartilesOfAnswers: g.Expected.Edelphi, QuartilesType7: g.Expected.Type7,
	} {
		r, err := Delphi(g.Data, rule)
		if err != nil {
			t.Fatal(err)
		}
		same(t, string(rule), []float64{r.Q1, r.Median, r.Q3}, []float64{want.Q1, want.Median, want.Q3}, 0)
		same(t, "mean and deviation", []float64{r.Mean, r.Deviation}, []float64{g.Expected.Mean, g.Expected.SD}, 6e-7)
	}
	w, err := KendallW(g.Ranks)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "W", w, g.Kendall.W, 6e-7)
}
