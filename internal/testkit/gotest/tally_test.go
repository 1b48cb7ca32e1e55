package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// module writes a small module of its own and runs its tests.
func module(t *testing.T, files map[string]string) (string, int) {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example\n\ngo 1.26\n"
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var out, complaints bytes.Buffer
	code := run([]string{"./..."}, &out, &complaints)
	return out.String(), code
}

func test(body string) string {
	return "package a\n\nimport \"testing\"\n\nvar _ = testing.Short\n\n" + body
}

func last(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

func TestTheLastLineIsTheTally(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		last  string
		code  int
		says  string
	}{
		"all pass": {map[string]string{"a/a_test.go": test("func TestA(t *testing.T) {}\nfunc TestB(t *testing.T) { for _, n := range []string{\"x\", \"y\"} { t.Run(n, func(*testing.T) {}) } }")},
			"3 passed, 0 failed", 0, "ok    example/a"},
		"one fails, its neighbour is quiet": {map[string]string{"a/a_test.go": test("func TestA(t *testing.T) { t.Log(\"quiet words\") }\nfunc TestB(t *testing.T) { t.Run(\"x\", func(t *testing.T) { t.Error(\"broken words\") }) }")},
			"1 passed, 1 failed", 1, "broken words"},
		"one is skipped and says why": {map[string]string{"a/a_test.go": test("func TestA(t *testing.T) {}\nfunc TestB(t *testing.T) { t.Skip(\"Chromium is not installed\") }")},
			"1 passed, 0 failed, 1 skipped", 0, "skipped: example/a TestB: Chromium is not installed"},
		"nothing ran":                 {map[string]string{"a/a.go": "package a\n"}, "0 passed, 0 failed", 1, "no test ran"},
		"only skipped":                {map[string]string{"a/a_test.go": test("func TestB(t *testing.T) { t.Skip(\"no\") }")}, "0 passed, 0 failed, 1 skipped", 1, "no test ran"},
		"a package does not build":    {map[string]string{"a/a_test.go": test("func TestA(t *testing.T) { undefined() }")}, "0 passed, 1 failed", 1, "undefined: undefined"},
		"a library does not build":    {map[string]string{"b/b.go": "package b\n\nfunc F() { x }\n", "a/a_test.go": test("func TestA(t *testing.T) {}")}, "1 passed, 1 failed", 1, "b/b.go"},
		"a panic ends the package":    {map[string]string{"a/a_test.go": test("func TestA(t *testing.T) { panic(\"late words\") }")}, "0 passed, 1 failed", 1, "late words"},
		"TestMain fails":              {map[string]string{"a/a_test.go": "package a\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestMain(m *testing.M) { m.Run(); println(\"main words\"); os.Exit(3) }\n\nfunc TestA(t *testing.T) {}\n"}, "1 passed, 1 failed", 1, "FAIL  example/a"},
		"a parent fails by itself":    {map[string]string{"a/a_test.go": test("func TestA(t *testing.T) { t.Run(\"x\", func(*testing.T) {}); t.Error(\"after\") }")}, "1 passed, 1 failed", 1, "after"},
		"a test leaves the program":   {map[string]string{"a/a_test.go": "package a\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestA(t *testing.T) { os.Exit(1) }\n"}, "0 passed, 1 failed", 1, "FAIL  example/a"},
		"a test prints what it likes": {map[string]string{"a/a_test.go": test("func TestA(t *testing.T) { print(\"{\\\"Action\\\":\\\"fail\\\"}\\n\") }")}, "1 passed, 0 failed", 0, "ok    example/a"},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := module(t, c.files)
			if got := last(out); got != c.last || code != c.code || !strings.Contains(out, c.says) {
				t.Errorf("exit %d, want %d; last line %q, want %q; it does not say %q:\n%s", code, c.code, got, c.last, c.says, out)
			}
			if strings.Contains(out, "quiet words") {
				t.Errorf("a test that passed speaks: %s", out)
			}
		})
	}
}

func TestATruncatedStreamIsAFailure(t *testing.T) {
	var out bytes.Buffer
	tally := newTally(&out)
	for _, line := range []string{`{"Action":"start","Package":"p"}`, `{"Action":"pass","Package":"p","Test":"TestA"}`, `{"Action":"output","Package":"p","Test":"TestB","Output":"half`} {
		tally.read([]byte(line))
	}
	if code := tally.close(true); code != 1 || last(out.String()) != "1 passed, 1 failed" {
		t.Errorf("%d %s", code, out.String())
	}
}
