package jsonld_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/piprate/json-gold/ld"

	"digiwork/internal/lib/jsonld"
	"digiwork/internal/lib/rdfc"
)

// The toRdf tests of the JSON-LD community ship inside the json-gold module.
func toRDFTests(t *testing.T) (dir string) {
	t.Helper()
	_ = ld.JsonLd_1_1 // the module is the oracle of other tests; here we want its files
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/piprate/json-gold").Output()
	if err != nil {
		t.Fatalf("where is json-gold: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "ld", "testdata")
}

type toRDFCase struct {
	ID      string `json:"@id"`
	Name    string
	Input   string
	Expect  string
	Fails   string         `json:"expectErrorCode"`
	Options map[string]any `json:"option"`
}

// ours says whether a case is about what we do: JSON-LD 1.1 from JSON, without the
// options that nobody signing credentials uses.
func (c toRDFCase) ours() bool {
	o := c.Options
	return o["specVersion"] != "json-ld-1.0" && o["processingMode"] != "json-ld-1.0" &&
		o["produceGeneralizedRdf"] != true && o["rdfDirection"] == nil && o["expandContext"] == nil &&
		!strings.HasSuffix(c.Input, ".html")
}

func TestToRDF(t *testing.T) {
	dir := toRDFTests(t)
	raw, err := os.ReadFile(filepath.Join(dir, "toRdf-manifest.jsonld"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		BaseIRI  string `json:"baseIri"`
		Sequence []toRDFCase
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	// What we do otherwise: a scoped context is read when it is used, not before (c033);
	// a list whose item is lost is refused whole, where RDF keeps an empty cell (li12, li14).
	otherwise := map[string]bool{"#tc033": true, "#tli12": true, "#tli14": true}
	applies, passed := 0, 0
	for _, c := range manifest.Sequence {
		if !c.ours() {
			continue
		}
		applies++
		if err := runToRDF(dir, manifest.BaseIRI, c); err != nil {
			if !otherwise[c.ID] {
				t.Errorf("%s %s: %v", c.ID, c.Name, err)
			}
			continue
		}
		passed++
	}
	if applies != 443 || passed != 440 {
		t.Errorf("%d of %d cases pass", passed, applies)
	}
}

func runToRDF(dir, baseIRI string, c toRDFCase) error {
	base := baseIRI + c.Input
	if s, ok := c.Options["base"].(string); ok {
		base = s
	}
	p := &jsonld.Processor{Base: base, Load: func(address string) (any, error) {
		raw, err := os.ReadFile(filepath.Join(dir, strings.TrimPrefix(address, baseIRI)))
		if err != nil {
			return nil, err
		}
		var v any
		err = json.Unmarshal(raw, &v)
		return v, err
	}}
	p.Tolerate()
	raw, err := os.ReadFile(filepath.Join(dir, c.Input))
	if err != nil {
		return err
	}
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return err
	}
	quads, err := p.Quads(doc)
	if c.Expect == "" {
		if c.Fails != "" && err == nil {
			return errors.New("accepted, want " + c.Fails)
		}
		if c.Fails == "" {
			return err
		}
		return nil
	}
	if err != nil {
		return err
	}
	want, err := os.ReadFile(filepath.Join(dir, c.Expect))
	if err != nil {
		return err
	}
	wantQuads, err := rdfc.Parse(string(want), 10_000)
	if err != nil {
		return err
	}
	gotText, _, err := rdfc.Canonicalize(quads, rdfc.Options{})
	if err != nil {
		return err
	}
	wantText, _, err := rdfc.Canonicalize(wantQuads, rdfc.Options{})
	if err != nil {
		return err
	}
	if string(gotText) != string(wantText) {
		return errors.New("got\n" + string(gotText) + "want\n" + string(wantText))
	}
	return nil
}
