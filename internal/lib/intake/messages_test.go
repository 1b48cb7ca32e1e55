package intake

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func messages(t *testing.T, lang string) map[string]string {
	t.Helper()
	raw, err := Messages.ReadFile("messages/" + lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]string
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

var hole = regexp.MustCompile(`\{([a-z_]+)\}`)

func holes(sentence string) []string {
	var names []string
	for _, m := range hole.FindAllStringSubmatch(sentence, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	fr, en := messages(t, "fr"), messages(t, "en")
	if a, b := slices.Sorted(maps.Keys(fr)), slices.Sorted(maps.Keys(en)); !slices.Equal(a, b) {
		t.Fatalf("keys differ: %v, %v", a, b)
	}
	for k := range fr {
		if a, b := holes(fr[k]), holes(en[k]); !slices.Equal(a, b) {
			t.Errorf("%s: French has %v, English %v", k, a, b)
		}
		if fr[k] == "" || en[k] == "" || strings.ContainsAny(fr[k]+en[k], "!\u00a0\u202f") {
			t.Errorf("%s: %q, %q", k, fr[k], en[k])
		}
	}
}

// said is every key the code can say: written in it, or made of a list.
func said(t *testing.T) map[string]bool {
	t.Helper()
	keys := map[string]bool{}
	for _, l := range LegalItems() {
		keys[l.Key] = true
		if l.WhenKey != "" {
			keys[l.WhenKey] = true
		}
	}
	for _, f := range FactNames {
		keys["intake.fact."+f] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && strings.HasPrefix(s, "intake.") && !strings.HasSuffix(s, ".") {
					keys[s] = true
				}
			}
			return true
		})
	}
	return keys
}

func TestEveryKeyHasASentenceAndEverySentenceIsSaid(t *testing.T) {
	fr, keys := messages(t, "fr"), said(t)
	for k := range keys {
		if fr[k] == "" {
			t.Errorf("no sentence for %s", k)
		}
	}
	for k := range fr {
		if !keys[k] {
			t.Errorf("%s is never said", k)
		}
	}
}

// checkNotes checks that each note of a report fills exactly the holes of its
// sentence.
func checkNotes(t *testing.T, r *Report) {
	t.Helper()
	fr := messages(t, "fr")
	check := func(n Note) {
		var names []string
		for i := 0; i+1 < len(n.Args); i += 2 {
			names = append(names, n.Args[i].(string)) //nolint:forcetypeassert // a name is a string
		}
		slices.Sort(names)
		if want := holes(fr[n.Key]); fr[n.Key] == "" || !slices.Equal(names, want) || len(n.Args)%2 != 0 {
			t.Errorf("%s: filled %v, the sentence has %v", n.Key, names, want)
		}
	}
	for _, s := range r.Skipped {
		check(s.Why)
		check(s.Where.Note())
	}
	for _, w := range r.Warnings {
		check(w.What)
		check(w.Where.Note())
	}
	for _, l := range r.NotGiven {
		check(Note{Key: l.Key})
	}
}
