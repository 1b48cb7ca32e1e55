package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is a line of go test -json (see `go doc test2json`).
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build output
	Test        string
	Output      string
	Elapsed     float64
	FailedBuild string
}

// tally counts outcomes and keeps the output of what is not yet known to pass.
type tally struct {
	w       io.Writer
	pkgs    map[string]*pkg
	builds  map[string]*strings.Builder
	passed  int
	failed  int
	skipped []string
}

// pkg is one package's tests so far.
type pkg struct {
	outcome map[string]string           // of each test, by name
	output  map[string]*strings.Builder // of each test; "" is the package's own
}

func newTally(w io.Writer) *tally {
	return &tally{w: w, pkgs: map[string]*pkg{}, builds: map[string]*strings.Builder{}}
}

// read takes one line. What is no event is shown as it is.
func (t *tally) read(line []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		t.say("%s", line)
		return
	}
	if e.Action == "build-output" {
		if t.builds[e.ImportPath] == nil {
			t.builds[e.ImportPath] = &strings.Builder{}
		}
		t.builds[e.ImportPath].WriteString(e.Output)
		return
	}
	if e.Package == "" {
		return
	}
	p := t.pkgs[e.Package]
	if p == nil {
		p = &pkg{outcome: map[string]string{}, output: map[string]*strings.Builder{}}
		t.pkgs[e.Package] = p
	}
	switch e.Action {
	case "output":
		if p.output[e.Test] == nil {
			p.output[e.Test] = &strings.Builder{}
		}
		p.output[e.Test].WriteString(e.Output)
	case "pass", "fail", "skip":
		if e.Test != "" {
			p.outcome[e.Test] = e.Action
			if e.Action == "pass" {
				delete(p.output, e.Test)
			}
			return
		}
		t.end(e, p)
		delete(t.pkgs, e.Package)
	}
}

// end counts a package that is done. A test with subtests counts by them, unless it
// failed by itself.
func (t *tally) end(e event, p *pkg) {
	failed := 0
	for _, name := range slices.Sorted(maps.Keys(p.outcome)) {
		switch outcome := p.outcome[name]; {
		case outcome == "fail":
			if !p.any(name, "fail") {
				failed++
			}
			t.say("--- FAIL: %s %s\n%s", e.Package, name, p.text(name))
		case p.any(name, ""):
		case outcome == "skip":
			t.skipped = append(t.skipped, e.Package+" "+name+": "+reason(p.text(name)))
		default:
			t.passed++
		}
	}
	if e.Action == "fail" && failed == 0 { // a build, a panic, a timeout, TestMain
		failed = 1
		if b := t.builds[e.FailedBuild]; b != nil {
			t.say("%s", b.String())
		}
		for _, name := range slices.Sorted(maps.Keys(p.output)) {
			t.say("%s", p.text(name))
		}
	}
	t.failed += failed
	switch {
	case e.Action == "fail":
		t.say("FAIL  %s  %.1fs\n", e.Package, e.Elapsed)
	case len(p.outcome) > 0:
		t.say("ok    %s  %.1fs\n", e.Package, e.Elapsed)
	}
}

// any reports whether a test has a subtest with this outcome; "" is any outcome.
func (p *pkg) any(name, outcome string) bool {
	for other, o := range p.outcome {
		if strings.HasPrefix(other, name+"/") && (outcome == "" || o == outcome) {
			return true
		}
	}
	return false
}

func (p *pkg) text(name string) string {
	if b := p.output[name]; b != nil {
		return b.String()
	}
	return ""
}

// reason is the sentence of a skip: the line before "--- SKIP", without its place.
func reason(output string) string {
	said := ""
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "===") || strings.HasPrefix(line, "---") {
			continue
		}
		said = line
	}
	if _, after, ok := strings.Cut(said, ": "); ok && strings.Contains(said[:len(said)-len(after)], ".go:") {
		return after
	}
	return said
}

// close says the result and gives the exit code. failed is go test's own opinion.
func (t *tally) close(failed bool) int {
	for name, p := range t.pkgs { // go test died before it could say how they ended
		t.end(event{Action: "fail", Package: name}, p)
	}
	for _, s := range t.skipped {
		t.say("skipped: %s\n", s)
	}
	if failed && t.failed == 0 {
		t.failed = 1
		for _, name := range slices.Sorted(maps.Keys(t.builds)) {
			t.say("%s", t.builds[name].String())
		}
	}
	code := 0
	switch {
	case t.failed > 0:
		code = 1
	case t.passed == 0:
		t.say("no test ran\n")
		code = 1
	}
	last := fmt.Sprintf("%d passed, %d failed", t.passed, t.failed)
	if len(t.skipped) > 0 {
		last += fmt.Sprintf(", %d skipped", len(t.skipped))
	}
	t.say("%s\n", last)
	return code
}

func (t *tally) say(format string, args ...any) {
	_, _ = fmt.Fprintf(t.w, format, args...) // a closed terminal needs no answer
}
