package archtest

import (
	"go/ast"
	"go/constant"
	"go/types"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/packages"
)

const module = "digiwork/"

// rings says which of our packages each ring may import. A package outside all
// rings may not exist.
var rings = map[string][]string{
	"internal/kernel":         {},
	"internal/lib":            {"internal/lib"},
	"internal/event":          {"internal/kernel"},
	"internal/platform":       {"internal/kernel", "internal/lib", "internal/event", "internal/platform"},
	"internal/testkit":        {"internal/kernel", "internal/lib", "internal/event", "internal/platform", "internal/testkit"},
	"internal/testkit/house":  {"internal/kernel", "internal/platform", "internal/testkit", "internal/gate"},
	"internal/app":            {"internal/"},
	"internal/archtest":       {"internal/app"},
	"internal/browsertest":    {"internal/app", "internal/kernel", "internal/testkit", "internal/platform"},
	"internal/acceptancetest": {"internal/app", "internal/kernel", "internal/testkit", "internal/platform"},
	"cmd":                     {"internal/app", "internal/testkit"},
	"bench":                   {"internal/"},
	"scripts":                 {"internal/kernel"},
}

// contexts are the parts of the house with their own words. They never import
// each other; the gate is the one they may all ask.
var contexts = []string{
	"gate", "account", "circle", "musette", "instance",
	"signing", "recognition", "badge", "peer", "vae", "portrait",
	"expedition", "watch", "analysis", "workshop",
}

var contextMay = []string{"internal/kernel", "internal/lib", "internal/event", "internal/platform", "internal/gate"}

// roles say what the files of a context may import, by the end of their name. A
// file without a role is domain: it knows neither SQL nor HTTP.
var roles = []struct {
	suffix string
	forbid *regexp.Regexp
}{
	{"_sql.go", regexp.MustCompile(`^net/http$|/huma|/templ$|/platform/web$`)},
	{"_web.go", regexp.MustCompile(`^database/sql$`)},
	{"_api.go", regexp.MustCompile(`^database/sql$`)},
	{"_templ.go", regexp.MustCompile(`^database/sql$|^net/http$`)},
	{"web.go", regexp.MustCompile(`^database/sql$`)},
	{"api.go", regexp.MustCompile(`^database/sql$`)},
	{"_view.go", regexp.MustCompile(`^database/sql$|^net/http$`)},
	{".go", regexp.MustCompile(`^net/http$|/huma|/templ$|/platform/web$`)},
}

var load = sync.OnceValues(func() ([]*packages.Package, error) {
	return packages.Load(&packages.Config{
		Dir:  "../..",
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedDeps | packages.NeedModule,
	}, "./...")
})

// each calls f for every package of ours; context is "" outside the contexts.
func each(t *testing.T, f func(p *packages.Package, rel, context string)) {
	t.Helper()
	ps, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if len(ps) < 10 {
		t.Fatalf("only %d packages were found", len(ps))
	}
	for _, p := range ps {
		for _, e := range p.Errors {
			t.Fatal(e)
		}
		rel, context := strings.TrimPrefix(p.PkgPath, module), ""
		for _, c := range contexts {
			if rel == "internal/"+c || strings.HasPrefix(rel, "internal/"+c+"/") {
				context = c
			}
		}
		f(p, rel, context)
	}
}

func within(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(r string) bool {
		return path == r || strings.HasPrefix(path, strings.TrimSuffix(r, "/")+"/")
	})
}

func TestImports(t *testing.T) {
	each(t, func(p *packages.Package, rel, context string) {
		var may []string
		if context != "" {
			may = append([]string{"internal/" + context}, contextMay...)
		} else {
			longest := ""
			for ring := range rings {
				if within(rel, []string{ring}) && len(ring) > len(longest) {
					longest = ring
				}
			}
			if longest == "" {
				t.Errorf("%s: no ring is declared for this package", rel)
				return
			}
			may = append([]string{longest}, rings[longest]...)
		}
		for path := range p.Imports {
			own, ours := strings.CutPrefix(path, module)
			if ours && !within(own, may) {
				t.Errorf("%s may not import %s", rel, own)
			}
		}
	})
}

func TestFileRoles(t *testing.T) {
	each(t, func(p *packages.Package, rel, context string) {
		if context == "" {
			return
		}
		for _, f := range p.Syntax {
			name := filepath.Base(p.Fset.Position(f.Pos()).Filename)
			for _, role := range roles {
				if !strings.HasSuffix(name, role.suffix) {
					continue
				}
				for _, im := range f.Imports {
					if path := strings.Trim(im.Path.Value, `"`); role.forbid.MatchString(path) {
						t.Errorf("%s/%s may not import %s", rel, name, path)
					}
				}
				break
			}
		}
	})
}

// A page or an API operation asks the Service; it never calls a query itself.
func TestHandlersDoNotTouchQueries(t *testing.T) {
	each(t, func(p *packages.Package, rel, context string) {
		if context == "" {
			return
		}
		for id, o := range p.TypesInfo.Uses {
			if o.Pkg() != p.Types || o.Parent() != p.Types.Scope() {
				continue
			}
			user := filepath.Base(p.Fset.Position(id.Pos()).Filename)
			home := filepath.Base(p.Fset.Position(o.Pos()).Filename)
			handler := strings.HasSuffix(user, "web.go") || strings.HasSuffix(user, "api.go") || strings.HasSuffix(user, "_templ.go")
			if handler && strings.HasSuffix(home, "_sql.go") && o.Name() != "Migrations" {
				t.Errorf("%s/%s uses %s, a query: go through the Service", rel, user, o.Name())
			}
		}
	})
}

var table = regexp.MustCompile(`(?i)\b(?:from|join|into|update|references|table(?: if not exists)?)\s+([a-z]+)_[a-z_]+`)

// queryArg is the position of the SQL text in the methods that take one.
var queryArg = map[string]int{"QueryContext": 1, "ExecContext": 1, "One": 3, "All": 3, "Point": 3}

// constantSQL calls f for every SQL text given to the database by whoever owns
// tables: contexts and parts of the platform.
func constantSQL(t *testing.T, f func(owner, where, sql string)) {
	t.Helper()
	each(t, func(p *packages.Package, rel, context string) {
		owner := context
		if own, ok := strings.CutPrefix(rel, "internal/platform/"); ok && own != "db" {
			owner, _, _ = strings.Cut(own, "/")
		}
		if owner == "" {
			return
		}
		for _, file := range p.Syntax {
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				i, ok := queryArg[calledName(call)]
				if !ok || len(call.Args) <= i || !isQuery(p, call) {
					return true
				}
				where := p.Fset.Position(call.Pos()).String()
				if isCallOf(p, call.Args[i], "(*"+module+"internal/platform/db.Build).SQL") {
					return true // its pieces are checked where they are added
				}
				tv := p.TypesInfo.Types[call.Args[i]]
				if tv.Value == nil || tv.Value.Kind() != constant.String {
					t.Errorf("%s: the SQL must be a constant", where)
					return true
				}
				f(owner, where, constant.StringVal(tv.Value))
				return true
			})
		}
	})
}

func calledName(call *ast.CallExpr) string {
	fun := call.Fun
	if ix, ok := fun.(*ast.IndexExpr); ok {
		fun = ix.X
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		return sel.Sel.Name
	}
	return ""
}

// isQuery tells db.One from any other One.
func isQuery(p *packages.Package, call *ast.CallExpr) bool {
	fun := call.Fun
	if ix, ok := fun.(*ast.IndexExpr); ok {
		fun = ix.X
	}
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := p.TypesInfo.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil {
		return false
	}
	return fn.Pkg().Path() == module+"internal/platform/db" || fn.Pkg().Path() == "database/sql"
}

func isCallOf(p *packages.Package, e ast.Expr, full string) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := p.TypesInfo.Uses[sel.Sel].(*types.Func)
	return ok && fn.FullName() == full
}

// The pieces of a built query are constants.
func TestBuiltQueriesAreMadeOfConstants(t *testing.T) {
	each(t, func(p *packages.Package, rel, _ string) {
		if rel == "internal/platform/db" {
			return
		}
		for _, f := range p.Syntax {
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if ok && isCallOf(p, call, "(*"+module+"internal/platform/db.Build).Add") && p.TypesInfo.Types[call.Args[0]].Value == nil {
					t.Errorf("%s: the piece must be a constant", p.Fset.Position(call.Pos()))
				}
				return true
			})
		}
	})
}

// Whoever owns tables reads and writes its own only.
func TestTablesAreOwned(t *testing.T) {
	n := 0
	constantSQL(t, func(owner, where, sql string) {
		n++
		for _, m := range table.FindAllStringSubmatch(sql, -1) {
			if m[1] != owner {
				t.Errorf("%s: %s reads or writes a table of %s", where, owner, m[1])
			}
		}
	})
	if n < 50 {
		t.Errorf("only %d queries were looked at", n)
	}
}

var parameter = regexp.MustCompile(`\$(\d+)`)

// Most SQLite drivers number $n by first appearance, PostgreSQL by n. Written in
// rising order, one text means the same to both.
func TestParametersRise(t *testing.T) {
	constantSQL(t, func(_, where, sql string) {
		next := 1
		for _, m := range parameter.FindAllStringSubmatch(sql, -1) {
			switch n, err := strconv.Atoi(m[1]); {
			case err != nil:
				t.Errorf("%s: %v", where, err)
			case n == next:
				next++
			case n > next:
				t.Errorf("%s: $%d appears before $%d", where, n, next)
				return
			}
		}
	})
}
