package archtest

import (
	"go/ast"
	"go/constant"
	"go/types"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/app"

	"golang.org/x/tools/go/packages"
)

var hole = regexp.MustCompile(`\{[a-z_]+\}`)

// Both languages say the same things, with the same holes.
func TestMessagesMatch(t *testing.T) {
	c, err := app.Messages()
	if err != nil {
		t.Fatal(err)
	}
	fr, en := c.Keys("fr"), c.Keys("en")
	if !slices.Equal(fr, en) {
		t.Errorf("keys differ between fr and en")
	}
	for _, k := range fr {
		a, b := hole.FindAllString(c.Text("fr", k), -1), hole.FindAllString(c.Text("en", k), -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%s: fr has %v, en has %v", k, a, b)
		}
	}
}

// Every key written in the code exists, and every message is said somewhere: by
// its key, or by a key that the code puts together from a beginning it writes.
func TestMessagesAreUsed(t *testing.T) {
	c, err := app.Messages()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	contexts := map[string]bool{}
	for _, k := range c.Keys("fr") {
		known[k] = true
		first, _, _ := strings.Cut(k, ".")
		contexts[first] = true
	}
	said, beginnings := map[string]bool{}, map[string]bool{}
	each(t, func(p *packages.Package, _, _ string) {
		for _, f := range p.Syntax {
			ast.Inspect(f, func(n ast.Node) bool {
				e, ok := n.(ast.Expr)
				if !ok {
					return true
				}
				v := p.TypesInfo.Types[e].Value
				if v == nil || v.Kind() != constant.String {
					return true
				}
				s := constant.StringVal(v)
				if first, _, ok := strings.Cut(s, "."); !ok || !contexts[first] {
					return true
				}
				said[s] = true
				if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "_") {
					beginnings[s] = true
				}
				return true
			})
			checkKeys(t, p, f, known)
		}
	})
	for k := range known {
		if said[k] || said[trimPlural(k)] || said[trimLetter(k)] {
			continue
		}
		if !slices.ContainsFunc(slices.Collect(keysOf(beginnings)), func(b string) bool { return strings.HasPrefix(k, b) }) {
			t.Errorf("message %q is never said", k)
		}
	}
}

func keysOf(m map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func trimPlural(k string) string {
	for _, s := range []string{".one", ".other", ".zero"} {
		if base, ok := strings.CutSuffix(k, s); ok {
			return base
		}
	}
	return k
}

// trimLetter gives the key by which a letter is sent: it has a subject and a text.
func trimLetter(k string) string {
	for _, s := range []string{".subject", ".text"} {
		if base, ok := strings.CutSuffix(k, s); ok {
			return base
		}
	}
	return k
}

// checkKeys reports constant keys given to T, N and NewFault that no catalog has.
func checkKeys(t *testing.T, p *packages.Package, f *ast.File, known map[string]bool) {
	t.Helper()
	takes := map[string]int{"i18n.T": 1, "i18n.N": 1, "kernel.NewFault": 1}
	if strings.HasSuffix(p.Fset.Position(f.Pos()).Filename, "_test.go") {
		return
	}
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		fn, ok := p.TypesInfo.Uses[sel.Sel].(*types.Func)
		if !ok || fn.Pkg() == nil {
			return true
		}
		i, ok := takes[fn.Pkg().Name()+"."+fn.Name()]
		if !ok || len(call.Args) <= i {
			return true
		}
		v := p.TypesInfo.Types[call.Args[i]].Value
		if v == nil {
			return true // put together; its parts are seen above
		}
		key := constant.StringVal(v)
		if !known[key] && !known[key+".other"] {
			t.Errorf("%s: no message %q", p.Fset.Position(call.Pos()), key)
		}
		return true
	})
}

// Generated files are those of the templates next to them.
func TestTemplatesHaveGeneratedFiles(t *testing.T) {
	n := 0
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(p, "_templ.go") {
			n++
			if m, _ := filepath.Glob(strings.TrimSuffix(p, "_templ.go") + ".templ"); len(m) == 0 { //nolint:errcheck // a constant pattern
				t.Errorf("%s has lost its template", p)
			}
		}
		return err
	})
	if err != nil || n == 0 {
		t.Fatal(n, err)
	}
}
