package rdfc_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"digiwork/internal/lib/rdfc"
	"digiwork/internal/testkit/shared"
)

// The test suite of RDFC-1.0: 64 results, 21 maps of labels, 1 poison.
func TestTheSuiteOfRDFC10(t *testing.T) {
	dir := shared.Path(t, "credentials-conformance/rdf-canon")
	var manifest struct {
		Entries []struct{ ID, Type, Action, Result, HashAlgorithm string }
	}
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.jsonld"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest.Entries) != 86 {
		t.Fatalf("%d cases, want 86", len(manifest.Entries))
	}
	for _, e := range manifest.Entries {
		t.Run(e.ID, func(t *testing.T) {
			in, err := os.ReadFile(filepath.Join(dir, e.Action))
			if err != nil {
				t.Fatal(err)
			}
			quads, err := rdfc.Parse(string(in), 10_000)
			if err != nil {
				t.Fatal(err)
			}
			o := rdfc.Options{Hash: sha256.New}
			if e.HashAlgorithm == "SHA384" {
				o.Hash = sha512.New384
			}
			got, labels, err := rdfc.Canonicalize(quads, o)
			if strings.HasSuffix(e.Type, "NegativeEvalTest") {
				if !errors.Is(err, rdfc.ErrWork) {
					t.Errorf("the poison graph: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(filepath.Join(dir, e.Result))
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(e.Type, "EvalTest") {
				if string(got) != string(want) {
					t.Errorf("got\n%swant\n%s", got, want)
				}
				return
			}
			var wantLabels map[string]string
			if err := json.Unmarshal(want, &wantLabels); err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(labels, wantLabels) {
				t.Errorf("got %v, want %v", labels, wantLabels)
			}
		})
	}
}

// The example of RDFC-1.0, A.1: unique hashes.
func TestUniqueHashes(t *testing.T) {
	quads, err := rdfc.Parse(`
<http://example.com/#p> <http://example.com/#q> _:e0 . # a comment
<http://example.com/#p> <http://example.com/#r> _:e1 .
_:e0 <http://example.com/#s> <http://example.com/#u> .
_:e1 <http://example.com/#t> <http://example.com/#u> .
`, 10)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := rdfc.Canonicalize(quads, rdfc.Options{})
	want := `<http://example.com/#p> <http://example.com/#q> _:c14n0 .
<http://example.com/#p> <http://example.com/#r> _:c14n1 .
_:c14n0 <http://example.com/#s> <http://example.com/#u> .
_:c14n1 <http://example.com/#t> <http://example.com/#u> .
`
	if err != nil || string(got) != want {
		t.Errorf("got\n%s(%v)\nwant\n%s", got, err, want)
	}
}

// poison is a complete graph without names: every node looks like every other.
func poison(n int) []rdfc.Quad {
	var quads []rdfc.Quad
	for i := range n {
		for j := range n {
			if i != j {
				quads = append(quads, link(i, j))
			}
		}
	}
	return quads
}

func link(i, j int) rdfc.Quad {
	return rdfc.Quad{S: blank(i), P: rdfc.Term{Kind: rdfc.IRI, Value: "urn:p"}, O: blank(j)}
}

func blank(i int) rdfc.Term {
	return rdfc.Term{Kind: rdfc.Blank, Value: fmt.Sprint("e", i)}
}

func TestPoisonIsRefused(t *testing.T) {
	var rings []rdfc.Quad // two rings through the same nodes: alike, but no twins
	for i := range 60 {
		rings = append(rings, link(i, (i+1)%60), link(i, (i+7)%60), link(i, (i+23)%60), link((i+31)%60, i))
	}
	start := time.Now()
	if _, _, err := rdfc.Canonicalize(rings, rdfc.Options{}); !errors.Is(err, rdfc.ErrWork) {
		t.Errorf("got %v", err)
	}
	t.Logf("refused in %v", time.Since(start))
	if _, _, err := rdfc.Canonicalize(poison(4), rdfc.Options{}); err != nil {
		t.Errorf("its small twin: %v", err)
	}
}

// Equal anonymous nodes are common in badges; they may not look like an attack.
func TestTwinsCostLittle(t *testing.T) {
	var quads []rdfc.Quad
	for i := 1; i <= 300; i++ {
		quads = append(quads, link(0, i), rdfc.Quad{
			S: blank(i), P: rdfc.Term{Kind: rdfc.IRI, Value: "urn:name"}, O: rdfc.Term{Kind: rdfc.Literal, Value: "same"},
		})
	}
	if _, _, err := rdfc.Canonicalize(quads, rdfc.Options{}); err != nil {
		t.Error(err)
	}
}

// Neither the labels nor the order of the quads leave a trace.
func TestLabelsAndOrderDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "nodes")
		var quads []rdfc.Quad
		for range rapid.IntRange(1, 12).Draw(t, "quads") {
			q := link(rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to"))
			q.P.Value = rapid.SampledFrom([]string{"urn:p", "urn:q"}).Draw(t, "predicate")
			switch rapid.IntRange(0, 5).Draw(t, "shape") {
			case 0:
				q.O = rdfc.Term{Kind: rdfc.Literal, Value: rapid.SampledFrom([]string{"a", "b\n"}).Draw(t, "text")}
			case 1:
				q.G = blank(rapid.IntRange(0, n-1).Draw(t, "graph"))
			}
			quads = append(quads, q)
		}
		want, _, err := rdfc.Canonicalize(quads, rdfc.Options{})
		if err != nil {
			t.Fatal(err)
		}
		names := rand.Perm(n)
		other := make([]rdfc.Quad, len(quads))
		for to, from := range rand.Perm(len(quads)) {
			q := quads[from]
			for _, term := range []*rdfc.Term{&q.S, &q.O, &q.G} {
				if term.Kind == rdfc.Blank {
					var i int
					if _, err := fmt.Sscanf(term.Value, "e%d", &i); err != nil {
						t.Fatal(err)
					}
					term.Value = fmt.Sprint("other", names[i])
				}
			}
			other[to] = q
		}
		got, _, err := rdfc.Canonicalize(other, rdfc.Options{})
		if err != nil || string(got) != string(want) {
			t.Fatalf("got\n%s(%v)\nwant\n%s", got, err, want)
		}
		back, err := rdfc.Parse(string(got), 100)
		if err != nil {
			t.Fatal(err)
		}
		again, _, err := rdfc.Canonicalize(back, rdfc.Options{})
		if err != nil || string(again) != string(want) {
			t.Fatalf("not a fixed point: %s", again)
		}
	})
}

func TestWhatIsNotNQuadsIsRefused(t *testing.T) {
	for bad, good := range map[string]string{
		`<urn:a> <urn:b> <urn:c>`:                  `<urn:a> <urn:b> <urn:c> .`,
		`<urn:a> <urn:b> <urn:c .`:                 `<urn:a> <urn:b> <urn:c> . # end`,
		`<urn:a> <urn:b> .`:                        `<urn:a> <urn:b> _:c .`,
		`<urn:a> _:b <urn:c> .`:                    `_:a <urn:b> <urn:c> .`,
		`"a" <urn:b> <urn:c> .`:                    `<urn:a> <urn:b> "c" .`,
		`<urn:a> <urn:b> <urn:c> "g" .`:            `<urn:a> <urn:b> <urn:c> <urn:g> .`,
		`<urn:a> <urn:b> "c .`:                     `<urn:a> <urn:b> "c"@fr .`,
		`<urn:a> <urn:b> "c"@ .`:                   `<urn:a> <urn:b> "c"^^<urn:t> .`,
		`<urn:a> <urn:b> "\x" .`:                   `<urn:a> <urn:b> "\t\"\u00e9\U0001F600" .`,
		`<urn:a> <urn:b> "\ud800" .`:               `<urn:a> <urn:b> "\u00ff" .`,
		`<urn:a> <urn:b> "\u00" .`:                 `<urn:a> <urn:b> "\\" .`,
		`<urn:\t> <urn:b> "" .`:                    `<urn:\u0061> <urn:b> "" .`,
		`_: <urn:b> "" .`:                          `_:a.b <urn:b> "" .`,
		`<urn:a> <urn:b> <urn:c> . <urn:d>`:        `<urn:a> <urn:b> _:c.`,
		"<urn:a> <urn:b> \"\" .\n?":                "<urn:a> <urn:b> \"\" .\r\n\r\n",
		strings.Repeat("<a:a> <a:a> <a:a> .\n", 3): strings.Repeat("<a:a> <a:a> <a:a> .\n", 2),
	} {
		if _, err := rdfc.Parse(bad, 2); !errors.Is(err, rdfc.ErrSyntax) {
			t.Errorf("%s: %v", bad, err)
		}
		if _, err := rdfc.Parse(good, 2); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`_:a <urn:b> "c\n"@fr <urn:g> .`)
	f.Add(`<urn:a> <urn:b> "\u00e9"^^<urn:t> .`)
	f.Fuzz(func(t *testing.T, text string) {
		quads, err := rdfc.Parse(text, 50)
		if err != nil {
			return
		}
		if _, _, err := rdfc.Canonicalize(quads, rdfc.Options{Limit: 5000}); err != nil && !errors.Is(err, rdfc.ErrWork) {
			t.Fatal(err)
		}
	})
}
