package archtest

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// makers are the functions that may make a pass, all in the gate: for the owner's own
// session, for a grant that is open, for a frozen copy that stays with a circle.
var makers = []string{"Own", "passFor", "passKept"}

// The gate alone makes passes, in the functions that prove a right; nobody puts an
// actor or an admission into a context but the gate.
func TestOnlyTheGateMakesPasses(t *testing.T) {
	each(t, func(p *packages.Package, rel, _ string) {
		for _, f := range p.Syntax {
			for _, complaint := range secondDoors(p.TypesInfo, p.Fset, f, rel) {
				t.Error(complaint)
			}
		}
	})
}

// secondDoors lists what in a file would open a musette without the gate.
func secondDoors(info *types.Info, fset *token.FileSet, f *ast.File, rel string) []string {
	var all []string
	complain := func(n ast.Node, why string) { all = append(all, fmt.Sprintf("%s: %s", fset.Position(n.Pos()), why)) }
	test := strings.HasSuffix(fset.Position(f.Pos()).Filename, "_test.go")
	for _, d := range f.Decls {
		fn, _ := d.(*ast.FuncDecl)
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				made := named(info.Types[n].Type)
				if (made == module+"internal/gate.Pass" && len(n.Elts) > 0 || made == module+"internal/gate.pass") && (fn == nil || !slices.Contains(makers, fn.Name.Name)) {
					complain(n, "a pass is made outside the gate's doors")
				}
			case *ast.AssignStmt:
				for _, left := range n.Lhs {
					if f, ok := left.(*ast.SelectorExpr); ok && ofPass(info.Types[f.X].Type) {
						complain(n, "a pass is changed after it was made")
					}
				}
			case *ast.SelectorExpr:
				o, ok := info.Uses[n.Sel].(*types.Func)
				if !ok || o.Pkg() == nil || test {
					break
				}
				switch {
				case o.FullName() == module+"internal/kernel.WithActor" && rel != "internal/gate" && rel != "internal/app" && rel != "internal/platform/i18n":
					complain(n, "an actor is put into a context outside the gate")
				case o.FullName() == "(*"+module+"internal/gate.Service).Enter" && rel != "internal/app" && rel != "internal/testkit/house":
					complain(n, "somebody is let in outside app's middleware")
				}
			}
			return true
		})
	}
	if rel != "internal/gate" && !strings.HasPrefix(rel, "internal/platform/db") && !test {
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.BasicLit); ok && s.Kind == token.STRING && vaultTable.MatchString(s.Value) {
				complain(n, "a table of the vault is named outside the gate")
			}
			return true
		})
	}
	return all
}

var vaultTable = regexp.MustCompile(`\bgate_(item|version|chunk|blob|grant|door|journal|owner|frozen|frozen_chunk|contribution|counted)\b`)

// ofPass reports whether t is a pass, or what a pass is made of.
func ofPass(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	return slices.Contains([]string{module + "internal/gate.Pass", module + "internal/gate.pass"}, named(t))
}

func named(t types.Type) string {
	n, ok := t.(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return ""
	}
	return n.Obj().Pkg().Path() + "." + n.Obj().Name()
}

// Nothing outside the gate can even name what a pass is made of.
func TestAPassIsOpaque(t *testing.T) {
	each(t, func(p *packages.Package, rel, _ string) {
		if rel != "internal/gate" {
			return
		}
		st, ok := p.Types.Scope().Lookup("Pass").Type().Underlying().(*types.Struct)
		if !ok {
			t.Fatal("gate.Pass is no struct")
		}
		for i := range st.NumFields() {
			if st.Field(i).Exported() {
				t.Errorf("gate.Pass.%s is exported", st.Field(i).Name())
			}
		}
		for _, name := range p.Types.Scope().Names() {
			fn, ok := p.Types.Scope().Lookup(name).(*types.Func)
			if !ok || !fn.Exported() {
				continue
			}
			res := fn.Signature().Results()
			for i := range res.Len() {
				if named(res.At(i).Type()) == module+"internal/gate.Pass" {
					t.Errorf("gate.%s makes a pass without a Service: a constructor", name)
				}
			}
		}
	})
}

// A second door is seen: what the rule forbids is planted, and found.
func TestASecondDoorIsSeen(t *testing.T) {
	var gateTypes, kernelTypes *types.Package
	each(t, func(p *packages.Package, rel, _ string) {
		switch rel {
		case "internal/gate":
			gateTypes = p.Types
		case "internal/kernel":
			kernelTypes = p.Types
		}
	})
	plants := map[string]string{
		"an actor is put": `package thief
import ("context"; "digiwork/internal/kernel")
func Steal(ctx context.Context) context.Context { return kernel.WithActor(ctx, kernel.Actor{Person: "ada"}) }`,
		"somebody is let in": `package thief
import ("context"; "digiwork/internal/gate")
func Steal(ctx context.Context, s *gate.Service) (context.Context, error) { return s.Enter(ctx, gate.Credential{Bearer: "x"}) }`,
		"a table of the vault": "package thief\nconst q = `select sealed from gate_item where owner = $1`",
	}
	for want, source := range plants {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "thief.go", source, 0)
		if err != nil {
			t.Fatal(err)
		}
		info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
		conf := types.Config{Importer: found{gateTypes, kernelTypes, importer.ForCompiler(fset, "source", nil)}, Error: func(error) {}}
		_, _ = conf.Check("digiwork/internal/thief", fset, []*ast.File{f}, info) //nolint:errcheck // what is planted need not compile whole
		if got := secondDoors(info, fset, f, "internal/thief"); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%s: planted, found %q", want, got)
		}
	}
	// And inside the gate itself: a new function that makes a pass, whole or in two
	// steps, and one that makes a borrowed pass the owner's.
	for _, plant := range []struct {
		body string
		want int
	}{
		{`func Backdoor() Pass { return Pass{&pass{}} }`, 2},
		{`func Backdoor() (p Pass) { q := pass{owner: "ada"}; p.p = &q; return p }`, 2},
		{`func (p Pass) Widen() { p.p.hers = true }`, 1},
		{`func (p Pass) Widen() { q := p.p; q.owner, q.grant = "ada", nil }`, 2},
		{`func Own() Pass { return Pass{&pass{owner: "ada"}} }`, 0},
	} {
		source := "package gate\ntype pass struct{ owner string; hers bool; grant *int }\ntype Pass struct{ p *pass }\n" + plant.body
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "backdoor.go", source, 0)
		if err != nil {
			t.Fatal(err)
		}
		info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
		if _, err := (&types.Config{}).Check("digiwork/internal/gate", fset, []*ast.File{f}, info); err != nil {
			t.Fatal(err)
		}
		if got := secondDoors(info, fset, f, "internal/gate"); len(got) != plant.want {
			t.Errorf("%s inside the gate: found %q", plant.body, got)
		}
	}
}

// Each maker of passes is there, and a rule that guards nothing is taken away.
func TestEveryMakerOfPassesIsThere(t *testing.T) {
	each(t, func(p *packages.Package, rel, _ string) {
		if rel != "internal/gate" {
			return
		}
		there := map[string]int{}
		for _, f := range p.Syntax {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					there[fn.Name.Name]++
				}
			}
		}
		for _, m := range makers {
			if there[m] != 1 {
				t.Errorf("%s is declared %d times in the gate", m, there[m])
			}
		}
	})
}

// found imports the packages that are loaded already.
type found struct {
	gate, kernel *types.Package
	others       types.Importer
}

// Import implements types.Importer.
func (f found) Import(path string) (*types.Package, error) {
	switch path {
	case module + "internal/gate":
		return f.gate, nil
	case module + "internal/kernel":
		return f.kernel, nil
	}
	return f.others.Import(path)
}

// classes say what each table holds. A table that is not here may not exist:
// personal content lives in the vault, sealed.
var classes = map[string]string{
	"gate_owner": "technical", "gate_item": "vault", "gate_version": "vault", "gate_chunk": "vault", "gate_blob": "technical",
	"gate_grant": "vault", "gate_door": "technical", "gate_journal": "technical",
	"account_person": "shared; mail address sealed by the instance", "account_session": "technical", "account_token": "technical; name sealed by the instance",
	"account_passkey": "technical", "account_ceremony": "technical", "account_code": "technical", "account_link": "technical; address sealed by the instance",
	"account_setting": "technical", "account_openid": "technical; whom a provider vouches for, digested", "account_departure": "technical",
	"circle_circle": "shared", "circle_member": "shared", "circle_invitation": "technical; link sealed by the instance",
	"jobs_job": "technical", "mail_letter": "sealed by the instance", "mail_trace": "technical",
	"once_key": "technical", "seal_key": "keys", "seal_tombstone": "technical",
}

// classify adds the tables of a part of the house.
func classify(tables map[string]string) { maps.Copy(classes, tables) }

var createTable = regexp.MustCompile(`(?i)create\s+table\s+(?:if\s+not\s+exists\s+)?([a-z_]+)`)

func migrationFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"../*/migrations/*.sql", "../platform/*/migrations/*.sql"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 5 {
		t.Fatalf("only %d migrations were found", len(files))
	}
	return files
}

// Every table has a class, and only the vault holds what people say.
func TestEveryTableHasAClass(t *testing.T) {
	seen := map[string]bool{}
	for _, file := range migrationFiles(t) {
		raw, err := os.ReadFile(file) //nolint:gosec // our own files
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range createTable.FindAllStringSubmatch(string(raw), -1) {
			seen[m[1]] = true
			if classes[m[1]] == "" {
				t.Errorf("%s: table %s has no class: is it technical, shared, sealed by the instance, or does it belong in the vault?", file, m[1])
			}
		}
	}
	for name := range classes {
		if !seen[name] {
			t.Errorf("table %s has a class and is made by no migration", name)
		}
	}
}
