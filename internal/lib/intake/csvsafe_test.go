package intake

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/testkit/shared"

	"pgregory.net/rapid"
)

func TestNoCellStartsAFormulaAndNothingIsLost(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, typed string) {
		safe := SafeCell(typed)
		if safe != "" && strings.ContainsAny(string([]rune(safe)[:1]), "=+-@\t\r\n＝＋－＠") {
			t.Fatalf("%q starts a formula", safe)
		}
		if back := UnsafeCell(safe); back != typed {
			t.Fatalf("%q came back as %q", typed, back)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.StringOf(rapid.SampledFrom([]rune("'=+-@\t\r\n＝a é"))).Draw(t, "cell"))
		check(t, rapid.String().Draw(t, "any"))
	})
	for typed, safe := range map[string]string{
		"=1+1": "'=1+1", "+33 6": "'+33 6", "-2+3": "'-2+3", "@SUM(1)": "'@SUM(1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "＝1": "'＝1",
		"'=1": "''=1", "1=1": "1=1", "": "", "'t Hoff": "'t Hoff", "a-b": "a-b", " =1": " =1",
	} {
		if got := SafeCell(typed); got != safe {
			t.Errorf("%q became %q, want %q", typed, got, safe)
		}
	}
	var all []string
	if err := json.Unmarshal(shared.Read(t, "robustness/blns.json"), &all); err != nil {
		t.Fatal(err)
	}
	for _, typed := range all {
		check(t, typed)
	}
}

func TestListsInACellComeBack(t *testing.T) {
	word := rapid.Map(rapid.StringOf(rapid.SampledFrom([]rune(`ab|\,; é'=`))), strings.TrimSpace).Filter(func(s string) bool { return s != "" })
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(word, 0, 4).Draw(t, "list")
		if got := SplitCell(UnsafeCell(SafeCell(JoinCell(list)))); !slices.Equal(got, list) {
			t.Fatalf("%q came back as %q through %q", list, got, JoinCell(list))
		}
	})
	for cell, want := range map[string][]string{
		"Python, Java":         {"Python", "Java"},
		"Python; C, C++":       {"Python", "C, C++"},
		"a\nb, c":              {"a", "b, c"},
		"un | deux, trois |":   {"un", "deux, trois"},
		"seul":                 {"seul"},
		" ; ,":                 {","},
		`C:\outils | a\|b | \`: {`C:\outils`, "a|b", `\`},
	} {
		if got := SplitCell(cell); !slices.Equal(got, want) {
			t.Errorf("%q is %q", cell, got)
		}
	}
}
