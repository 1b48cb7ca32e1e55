package intake

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/testkit/shared"
)

// read reads bytes as a file of the name, and checks what every report promises.
func read(t testing.TB, name string, raw []byte) *Report {
	t.Helper()
	r, err := Read(t.Context(), name, bytes.NewReader(raw), int64(len(raw)), Options{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	checkReport(t, r)
	return r
}

// checkReport checks what holds for every report: something is said, keys are
// unique, texts are clean and within the limits, dates are dates.
func checkReport(t testing.TB, r *Report) {
	t.Helper()
	if len(r.Entries) == 0 && len(r.Skipped) == 0 && r.Format != FormatMusette {
		t.Errorf("%s: neither an entry nor a reason", r.Name)
	}
	keys := map[string]bool{}
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Key == "" || keys[e.Key] {
			t.Errorf("%s: key %q of %q comes twice", r.Name, e.Key, e.Title)
		}
		keys[e.Key] = true
		if e.Title == "" && e.Kind != KindProfile {
			t.Errorf("%s: %s without a title", r.Name, e.Where)
		}
		for _, text := range append([]string{e.Title, e.Organisation, e.Place, e.WithWhom, e.Purpose, e.Status}, e.Tags...) {
			if !clean(text) || strings.ContainsAny(text, "\n\t") || strings.TrimSpace(text) != text {
				t.Errorf("%s: %q is not one clean line", r.Name, text)
			}
		}
		if !clean(e.Narrative) {
			t.Errorf("%s: %q is not clean", r.Name, e.Narrative)
		}
		for _, d := range []string{e.Start, e.End} {
			if _, ok := plainDate(d); d != "" && !ok {
				t.Errorf("%s: %q is no date", r.Name, d)
			}
		}
		if (e.Kind == KindPiece) != (e.Piece != nil) {
			t.Errorf("%s: a piece without bytes, or bytes without a piece", r.Name)
		}
	}
	if tt, ok := t.(*testing.T); ok {
		checkNotes(tt, r)
	}
}

// files gives every file of a folder of the test data.
func files(t *testing.T, folder string, visit func(name string, raw []byte)) {
	t.Helper()
	root := shared.Path(t, folder)
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, p)
		visit(filepath.ToSlash(name), raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var update = flag.Bool("update", false, "write what the public files give now into testdata")

// What each public file gives is written in testdata/corpus.txt, one line a file: a file
// that is not there, or gives something else, fails. So does reading it twice with
// another outcome.
func TestEveryPublicFileGivesWhatIsExpected(t *testing.T) {
	var got []string
	for _, folder := range []string{"imports", "robustness", "open-badges"} {
		files(t, folder, func(name string, raw []byte) {
			once := read(t, name, raw)
			twice := read(t, name, raw)
			if len(once.Entries) != len(twice.Entries) {
				t.Fatalf("%s: %d then %d entries", name, len(once.Entries), len(twice.Entries))
			}
			for i := range once.Entries {
				if once.Entries[i].Key != twice.Entries[i].Key {
					t.Errorf("%s: another key the second time", name)
				}
			}
			got = append(got, folder+"/"+name+": "+outcome(once))
		})
	}
	const golden = "testdata/corpus.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(strings.Join(got, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(raw)), "\n")
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("not expected (if it is meant, -update): %s", line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files, %d expected", len(got), len(want))
	}
}

// outcome says a report in one line: the format, how many entries of each kind, and
// why how many others were not taken.
func outcome(r *Report) string {
	count := map[string]int{}
	for i := range r.Entries {
		count[string(r.Entries[i].Kind)]++
	}
	for _, s := range r.Skipped {
		count["not: "+s.Why.Key]++
	}
	for _, w := range r.Warnings {
		count["but: "+w.What.Key]++
	}
	said := string(r.Format)
	for _, what := range slices.Sorted(maps.Keys(count)) {
		said += fmt.Sprintf(", %d %s", count[what], what)
	}
	return said
}

func first3(s []Skip) []Skip { return s[:min(3, len(s))] }
