package foresight

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected answers of testdata again")

// sample is a file of our own test data.
func sample(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// samples are one file per method, with options that exercise what is optional.
var samples = []struct {
	method, file string
	options      Options
}{
	{"micmac", "micmac.csv", Options{}},
	{"mactor", "mactor.json", Options{}},
	{"cib", "nurses.scw", Options{MaxInconsistency: 1, Explain: []int{1, 3, 3}}},
	{"smic", "smic.json", Options{}},
	{"morphol", "morphol.json", Options{Choose: [][2]int{{1, 3}}}},
	{"multipol", "multipol.json", Options{}},
	{"exit", "exit.json", Options{}},
}

func TestAnswersAreTheExpectedOnes(t *testing.T) {
	for _, s := range samples {
		t.Run(s.method, func(t *testing.T) {
			r, err := Command(t.Context(), s.method, s.file, []byte(sample(t, s.file)), s.options)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := JSON(r, English)
			if err != nil {
				t.Fatal(err)
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, raw, "", " "); err != nil {
				t.Fatal(err)
			}
			for name, got := range map[string]string{
				s.method + ".want.json": pretty.String(),
				s.method + ".fr.txt":    r.Text(French),
				s.method + ".en.txt":    r.Text(English),
			} {
				if *update {
					if err := os.WriteFile("testdata/"+name, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want := sample(t, name)
				if !strings.HasSuffix(name, ".json") {
					if got != want {
						t.Errorf("%s is now\n%s", name, got)
					}
					continue
				}
				if where := unlike(t, got, want); where != "" {
					t.Errorf("%s differs: %s", name, where)
				}
			}
		})
	}
}

// unlike compares two documents, numbers to the ninth digit, and says where they
// differ.
func unlike(t *testing.T, got, want string) string {
	t.Helper()
	var a, b any
	decodeInto(t, []byte(got), &a)
	decodeInto(t, []byte(want), &b)
	return firstDifference("", a, b)
}

// firstDifference is where two JSON values part, empty when they do not.
func firstDifference(path string, a, b any) string {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return fmt.Sprintf("%s: %v, want %v", path, a, b)
		}
		for k, v := range a {
			if d := firstDifference(path+"/"+k, v, b[k]); d != "" {
				return d
			}
		}
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return fmt.Sprintf("%s: %v, want %v", path, a, b)
		}
		for i, v := range a {
			if d := firstDifference(fmt.Sprintf("%s/%d", path, i), v, b[i]); d != "" {
				return d
			}
		}
	case float64:
		if v, ok := b.(float64); !ok || math.Abs(a-v) > 1e-9*max(1, math.Abs(v)) {
			return fmt.Sprintf("%s: %v, want %v", path, a, b)
		}
	default:
		if a != b {
			return fmt.Sprintf("%s: %v, want %v", path, a, b)
		}
	}
	return ""
}

// contract are the members other programs rely on.
var contract = map[string][]string{
	"micmac": {"direct/influence", "direct/dependence", "powers/0/k", "powers/0/influence", "powers/7/dependence",
		"indirect/influence", "indirect/dependence", "indirect/method", "potential", "ranks", "classes/0/0", "stable_at", "notes"},
	"mactor": {"midi/0/0", "mmidi/0/0", "I/0", "D/0", "R/0", "Q/0", "net/0/0", "net_total/0", "mao1/0/0", "mao2/0/0", "mao3/0/0",
		"mobilisation1/0", "mobilisation2/0", "mobilisation3/0", "caa1/0/0", "caa2/0/0", "caa3/0/0", "daa1/0/0", "daa2/0/0",
		"daa3/0/0", "convergence1", "convergence2", "convergence3", "ambivalence1/0", "ambivalence2/0", "ambivalence3/0", "r", "notes"},
	"cib": {"space", "complete", "scenarios/0/variants/0", "scenarios/0/inconsistency", "scenarios/0/consistency_value",
		"scenarios/0/total_impact", "scenarios/0/basin", "cycles", "explain/balances/0"},
	"smic": {"objective", "p_net/0", "given_net/0/1", "given_not_net/0/1", "scenarios/0/image", "scenarios/0/max_entropy",
		"scenarios/0/min", "scenarios/0/max", "notes"},
	"morphol":  {"total", "consistent", "counts/0/0", "first/0/0"},
	"multipol": {"policies/Équilibre/mean/0", "policies/Équilibre/weighted_sd/0", "policies/Équilibre/rank/0"},
	"exit":     {"impact/0/0", "chains/0"},
}

func TestMembersOfTheContractAreThere(t *testing.T) {
	for _, s := range samples {
		var doc any
		documentOf(t, s.method, s.file, []byte(sample(t, s.file)), s.options, &doc)
		for _, path := range contract[s.method] {
			at := doc
			for _, step := range strings.Split(path, "/") {
				found := false
				switch v := at.(type) {
				case map[string]any:
					at, found = v[step]
				case []any:
					var i int
					if _, err := fmt.Sscan(step, &i); err == nil && i < len(v) {
						at, found = v[i], true
					}
				}
				if !found {
					t.Errorf("%s has no %s", s.method, path)
					break
				}
			}
		}
	}
}

func TestUnknownMethodsAndLargeFilesAreRefused(t *testing.T) {
	_, err := Command(t.Context(), "tarot", "x", nil, Options{})
	if err == nil || !strings.Contains(err.Error(), "micmac, mactor, cib") {
		t.Errorf("tarot: %v", err)
	}
	for _, m := range Methods() {
		if _, err := Command(t.Context(), m, "x", make([]byte, MaxInput+1), Options{}); err == nil {
			t.Errorf("%s reads a file of any size", m)
		}
	}
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	fr, en := Messages(French), Messages(English)
	if got, want := slices.Sorted(maps.Keys(en)), slices.Sorted(maps.Keys(fr)); !slices.Equal(got, want) {
		t.Fatalf("keys differ: %d in English, %d in French", len(got), len(want))
	}
	for key, text := range fr {
		if a, b := holesOf(text), holesOf(en[key]); !slices.Equal(a, b) {
			t.Errorf("%s: holes %v in French, %v in English", key, a, b)
		}
		if strings.ContainsAny(text+en[key], "!'") || strings.Contains(text, "\u00a0") {
			t.Errorf("%s: typography of %q, %q", key, text, en[key])
		}
	}
}

func holesOf(text string) []string {
	var all []string
	for _, part := range strings.Split(text, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		all = append(all, name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestEveryKeyIsSaidAndEveryMessageUsed(t *testing.T) {
	source := ""
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".go") && !strings.HasSuffix(f.Name(), "_test.go") {
			raw, err := os.ReadFile(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			source += string(raw)
		}
	}
	messages := Messages(English)
	for _, part := range strings.Split(source, `"foresight.`)[1:] {
		name, rest, _ := strings.Cut(part, `"`)
		key := "foresight." + name
		if strings.HasSuffix(key, ".") || strings.HasPrefix(rest, ", …") {
			continue // the beginning of a key, or an example in a comment
		}
		if messages[key] == "" && messages[key+".one"] == "" {
			t.Errorf("%s has no message", key)
		}
	}
	used := map[string]bool{}
	for _, m := range append(Methods(), "delphi", "majority", "approval") {
		for _, key := range Limits(m) {
			used[key] = true
		}
		if len(Limits(m)) == 0 {
			t.Errorf("%s has no known limit", m)
		}
	}
	for _, c := range []string{Driving, Relay, Dependent, Autonomous, Regulating} {
		used["foresight.micmac.class."+c] = true
	}
	for _, c := range []RatioConvention{RatioDouble, RatioSingle, RatioIncluded} {
		used["foresight.mactor.note.ratio."+string(c)] = true
	}
	for key := range messages {
		base := strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".other")
		if !used[key] && !strings.Contains(source, `"`+base+`"`) {
			t.Errorf("%s is never said", key)
		}
	}
}

func TestFrenchCountsZeroAsOne(t *testing.T) {
	for want, got := range map[string]string{
		"0 scénario cohérent":    say(French, "foresight.cib.consistent", "n", 0),
		"2 scénarios cohérents":  say(French, "foresight.cib.consistent", "n", 2),
		"0 consistent scenarios": say(English, "foresight.cib.consistent", "n", 0),
		"1 consistent scenario":  say(English, "foresight.cib.consistent", "n", 1),
		"1,5":                    number(French, 1.5),
		"1234567.25":             number(English, 1234567.25),
		"0":                      number(English, -0.00001),
	} {
		if got != want {
			t.Errorf("said %q, want %q", got, want)
		}
	}
	// A name that looks like a hole stays a name.
	e := &InputError{Key: "foresight.table.names", Row: 1, Args: []any{"row_name", "{column_name}", "column_name", "x"}}
	if !strings.Contains(e.Error(), `"{column_name}"`) {
		t.Errorf("said %q", e.Error())
	}
}

// fuzzed runs a method on any bytes: it answers JSON and text without leftover
// holes, or refuses with a place.
func fuzzed(f *testing.F, method, fileName string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Command(context.Background(), method, fileName, data, Options{WorkLimit: 20_000, Basins: true})
		if err != nil {
			refused, ok := err.(*InputError)
			if !ok {
				t.Fatalf("%v", err)
			}
			for _, l := range []Language{French, English} {
				if text := refused.In(l); text == refused.Key {
					t.Fatalf("nothing is said for %s", text)
				}
			}
			return
		}
		for _, l := range []Language{French, English} {
			if _, err := JSON(r, l); err != nil {
				t.Fatal(err)
			}
			if r.Text(l) == "" {
				t.Fatal("empty text")
			}
		}
	})
}

func fuzzSample(f *testing.F, name string) string {
	f.Helper()
	return sample(f, name)
}

func FuzzMICMACTable(f *testing.F) {
	fuzzed(f, "micmac", "x.csv", fuzzSample(f, "micmac.csv"), ",a\na,0\n", "\ta\tb\na\t0\t1,5\nb\tP\t\n")
}

func FuzzMICMAC(f *testing.F) {
	fuzzed(f, "micmac", "x.json", `{"variables":["a","b"],"matrix":[[0,"P"],[1.5,null]],"potential":2}`)
}

func FuzzMACTOR(f *testing.F) { fuzzed(f, "mactor", "x.json", fuzzSample(f, "mactor.json")) }

func FuzzCIBProject(f *testing.F) { fuzzed(f, "cib", "x.scw", fuzzSample(f, "nurses.scw")) }

func FuzzCIB(f *testing.F) {
	fuzzed(f, "cib", "x.json", `{"descriptors":[{"name":"a","variants":["x","y"]},{"name":"b","variants":["u"]}],"matrix":[[null,0,1.5],[0,0,-2],[1,1,0]]}`)
}

func FuzzSMIC(f *testing.F) { fuzzed(f, "smic", "x.json", fuzzSample(f, "smic.json")) }

func FuzzMorphol(f *testing.F) { fuzzed(f, "morphol", "x.json", fuzzSample(f, "morphol.json")) }

func FuzzMULTIPOL(f *testing.F) { fuzzed(f, "multipol", "x.json", fuzzSample(f, "multipol.json")) }

func FuzzEXIT(f *testing.F) { fuzzed(f, "exit", "x.json", fuzzSample(f, "exit.json")) }

func FuzzSolutions(f *testing.F) {
	f.Add([]byte("$ ScenarioWizard 3.0\nSolution set\n 1 \n\n\" 2 1 3\",24,0,0,9,\"\"\n"))
	m := ownModel(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		solutions, err := ReadSL(m, data)
		if err != nil {
			return
		}
		back, err := ReadSL(m, WriteSL(solutions))
		if err != nil || fmt.Sprint(back) != fmt.Sprint(solutions) {
			t.Fatalf("%v became %v (%v)", solutions, back, err)
		}
		Stale(m, solutions)
	})
}
