package app

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
)

// limitHole is {gate.itemMost|bytes}, {mail.Usual.OwnHour}, {--person-items}: a
// constant or the default of a setting, and how to say it.
var limitHole = regexp.MustCompile(`\{([^}|]+)(\|[a-z]+)?\}`)

// docs/limits.md says every bound of the program as its constants have it.
func TestTheLimitsPageIsInStep(t *testing.T) {
	raw, err := os.ReadFile("testdata/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]values{}
	page := limitHole.ReplaceAllStringFunc(string(raw), func(hole string) string {
		m := limitHole.FindStringSubmatch(hole)
		n, isTime, err := limitOf(known, m[1])
		if err != nil {
			t.Errorf("%s: %v", hole, err)
		}
		return limitText(t, n, isTime, strings.TrimPrefix(m[2], "|"))
	})
	golden(t, "../../docs/limits.md", []byte(page))
}

// limitText says a bound: 5,000, 25 MiB, 14 days.
func limitText(t *testing.T, n int64, isTime bool, as string) string {
	t.Helper()
	grouped := func(n int64) string {
		ctx := i18n.In(kernel.WithActor(t.Context(), kernel.Actor{}), "en")
		return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(i18n.Number(ctx, n))
	}
	units := func(names ...string) string {
		i, size := 0, n
		for ; i < len(names)-1 && size%1024 == 0; i++ {
			size /= 1024
		}
		return grouped(size) + " " + names[i]
	}
	span := func(unit time.Duration, name string) string {
		if count := n / int64(unit); count != 1 {
			name += "s"
		}
		return grouped(n/int64(unit)) + " " + name
	}
	switch d := time.Duration(n); {
	case as == "bytes":
		return units("bytes", "KiB", "MiB", "GiB")
	case as == "millions":
		return grouped(n / 1_000_000)
	case !isTime:
		return grouped(n)
	case as == "hours" || d < 24*time.Hour && d%time.Hour == 0:
		return span(time.Hour, "hour")
	case d%(24*time.Hour) == 0:
		return span(24*time.Hour, "day")
	case d%time.Minute == 0:
		return span(time.Minute, "minute")
	default:
		return span(time.Second, "second")
	}
}

// values are the constants of a package, and the fields of its literals as Name.Field.
type values map[string]ast.Expr

// limitOf finds what a hole names, and whether it is a time.
func limitOf(known map[string]values, name string) (n int64, isTime bool, err error) {
	if flag, ok := strings.CutPrefix(name, "--"); ok {
		for f := range reflect.TypeFor[Config]().Fields() {
			if kebab(f.Name) == flag {
				n, err = strconv.ParseInt(f.Tag.Get("default"), 10, 64)
				return n, false, err
			}
		}
		return 0, false, fmt.Errorf("no such setting")
	}
	folder, base := filepath.Split(name)
	pkg, name, _ := strings.Cut(base, ".")
	dir := folder + pkg
	if known[dir] == nil {
		if known[dir], err = constantsOf(filepath.Join("..", dir)); err != nil {
			return 0, false, err
		}
	}
	return known[dir].eval(&ast.Ident{Name: name})
}

func constantsOf(dir string) (values, error) {
	all := values{}
	set := token.NewFileSet()
	files, err := fs.Glob(os.DirFS(dir), "*.go")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				all.take(g)
			}
		}
	}
	return all, nil
}

func (v values) take(g *ast.GenDecl) {
	for _, spec := range g.Specs {
		s, ok := spec.(*ast.ValueSpec)
		if !ok || len(s.Values) != len(s.Names) {
			continue
		}
		for i, name := range s.Names {
			v[name.Name] = s.Values[i]
			if lit, ok := s.Values[i].(*ast.CompositeLit); ok {
				for _, e := range lit.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						if field, ok := kv.Key.(*ast.Ident); ok {
							v[name.Name+"."+field.Name] = kv.Value
						}
					}
				}
			}
		}
	}
}

var times = map[string]time.Duration{"Second": time.Second, "Minute": time.Minute, "Hour": time.Hour, "Millisecond": time.Millisecond}

// eval computes a whole number, or a time in nanoseconds.
func (v values) eval(e ast.Expr) (n int64, isTime bool, err error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		n, err = strconv.ParseInt(e.Value, 0, 64)
		return n, false, err
	case *ast.ParenExpr:
		return v.eval(e.X)
	case *ast.Ident:
		if next, ok := v[e.Name]; ok {
			return v.eval(next)
		}
		return 0, false, fmt.Errorf("no constant %s", e.Name)
	case *ast.SelectorExpr:
		if unit, ok := times[e.Sel.Name]; ok {
			return int64(unit), true, nil
		}
	case *ast.BinaryExpr:
		x, xt, err := v.eval(e.X)
		if err != nil {
			return 0, false, err
		}
		y, yt, err := v.eval(e.Y)
		if err != nil {
			return 0, false, err
		}
		switch e.Op {
		case token.MUL:
			return x * y, xt || yt, nil
		case token.ADD:
			return x + y, xt || yt, nil
		case token.SHL:
			return x << y, xt, nil
		}
	}
	return 0, false, fmt.Errorf("%T is no whole number", e)
}
