package jsonld_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"digiwork/internal/lib/jsonld"
	"digiwork/internal/lib/rdfc"
)

// pinned are the contexts of these tests. Protected terms, scoped contexts and an
// import, as in the contexts of credentials.
var pinned = map[string]string{
	"https://ctx.example/base": `{"@context": {
		"@version": 1.1, "@protected": true, "id": "@id", "type": "@type",
		"name": "https://schema.org/name",
		"count": "https://ctx.example/#count",
		"label": {"@id": "https://ctx.example/#label", "@container": "@language"},
		"data": {"@id": "https://ctx.example/#data", "@type": "@json"},
		"knows": {"@id": "https://schema.org/knows", "@type": "@id"},
		"steps": {"@id": "https://ctx.example/#steps", "@container": "@list"},
		"byKey": {"@id": "https://ctx.example/#byKey", "@container": "@index"},
		"proof": {"@id": "https://ctx.example/#proof", "@type": "@id", "@container": "@graph"},
		"Badge": {"@id": "https://ctx.example/#Badge", "@context": {
			"@protected": true, "level": "https://ctx.example/#level"}},
		"inner": {"@id": "https://ctx.example/#inner", "@context": {"deep": "https://ctx.example/#deep"}}
	}}`,
	"https://ctx.example/open":  `{"@context": {"color": "https://ctx.example/#color"}}`,
	"https://ctx.example/clash": `{"@context": {"name": "https://evil.example/#name"}}`,
	"https://ctx.example/same":  `{"@context": {"name": "https://schema.org/name"}}`,
	"https://ctx.example/round": `{"@context": ["https://ctx.example/round"]}`,
	"https://ctx.example/array": `[]`,
	"https://ctx.example/none":  `{}`,
}

func processor() *jsonld.Processor {
	docs := map[string]any{}
	for address, text := range pinned {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			panic(err)
		}
		docs[address] = v
	}
	return &jsonld.Processor{Load: func(address string) (any, error) {
		if d, ok := docs[address]; ok {
			return d, nil
		}
		return nil, errors.New("not pinned")
	}}
}

func quads(t testing.TB, p *jsonld.Processor, text string) (string, error) {
	t.Helper()
	var doc any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	q, err := p.Quads(doc)
	if err != nil {
		return "", err
	}
	out, _, err := rdfc.Canonicalize(q, rdfc.Options{})
	return string(out), err
}

const base = `"@context": "https://ctx.example/base", "id": "urn:x:1", "type": "Badge"`

// Each refusal has a twin that is accepted and differs as little as can be.
func TestNothingIsLostSilently(t *testing.T) {
	p := processor()
	for _, c := range []struct {
		name, bad string
		kind      error
		where     string
		good      string
	}{
		{"a property without meaning", `{` + base + `, "nam": "a"}`, jsonld.ErrDropped, "/nam", `{` + base + `, "name": "a"}`},
		{"a property deep inside", `{` + base + `, "knows": {"id": "urn:x:2", "nam": "a"}}`, jsonld.ErrDropped, "/knows/nam",
			`{` + base + `, "knows": {"id": "urn:x:2", "name": "a"}}`},
		{"a type without meaning", `{` + base[:len(base)-2] + `x"}`, jsonld.ErrDropped, "/type", `{` + base + `}`},
		{"a term outside its type", `{"@context": "https://ctx.example/base", "id": "urn:x:1", "level": "a"}`, jsonld.ErrDropped, "/level",
			`{` + base + `, "level": "a"}`},
		{"a term outside its property", `{` + base + `, "knows": {"deep": "a"}}`, jsonld.ErrDropped, "/knows/deep",
			`{` + base + `, "inner": {"deep": "a"}}`},
		{"a relative identifier", `{"@context": "https://ctx.example/base", "id": "x"}`, jsonld.ErrRelative, "/id",
			`{"@context": "https://ctx.example/base", "id": "x:"}`},
		{"a relative reference", `{` + base + `, "knows": "someone"}`, jsonld.ErrRelative, "/knows", `{` + base + `, "knows": "some:one"}`},
		{"an identifier with a space", `{` + base + `, "knows": "urn:a b"}`, jsonld.ErrInvalid, "/knows", `{` + base + `, "knows": "urn:a-b"}`},
		{"an identifier with two fragments", `{` + base + `, "knows": "urn:a#b#"}`, jsonld.ErrInvalid, "/knows", `{` + base + `, "knows": "urn:a#b-"}`},
		{"an identifier that is no text", `{"@context": "https://ctx.example/base", "id": 1}`, jsonld.ErrInvalid, "/id", `{"@context": "https://ctx.example/base", "id": "a:1"}`},
		{"an identifier that is null", `{"@context": "https://ctx.example/base", "id": null}`, jsonld.ErrInvalid, "/id", `{"@context": "https://ctx.example/base"}`},
		{"two identifiers", `{` + base + `, "@id": "urn:x:1"}`, jsonld.ErrInvalid, "", `{` + base + `, "@type": "Badge"}`},
		{"a keyword nobody knows", `{` + base + `, "@ignore": "a"}`, jsonld.ErrDropped, "/@ignore", `{` + base + `, "@type": "urn:a"}`},
		{"an index", `{` + base + `, "@index": "a"}`, jsonld.ErrDropped, "/@index", `{` + base + `}`},
		{"a key of an index", `{` + base + `, "byKey": {"a": "b"}}`, jsonld.ErrDropped, "/byKey/a", `{` + base + `, "byKey": {"@none": "b"}}`},
		{"the last digits of a number", `{` + base + `, "count": 0.30000000000000004}`, jsonld.ErrDropped, "/count", `{` + base + `, "count": 0.3000000000000001}`},
		{"a language that is none", `{` + base + `, "label": {"fr_FR": "a"}}`, jsonld.ErrDropped, "/label/fr_FR", `{` + base + `, "label": {"fr-FR": "a"}}`},
		{"a value that is null", `{` + base + `, "name": {"@value": null}}`, jsonld.ErrDropped, "/name", `{` + base + `, "name": {"@value": ""}}`},
		{"a value with a property", `{` + base + `, "name": {"@value": "a", "name": "b"}}`, jsonld.ErrInvalid, "/name/name", `{` + base + `, "name": {"@value": "a", "@language": "b"}}`},
		{"a value with type and language", `{` + base + `, "name": {"@value": "a", "@type": "urn:t", "@language": "fr"}}`, jsonld.ErrInvalid, "/name",
			`{` + base + `, "name": {"@value": "a", "@type": "urn:t"}}`},
		{"a value of a relative type", `{` + base + `, "name": {"@value": "a", "@type": "t"}}`, jsonld.ErrInvalid, "/name/@type",
			`{` + base + `, "name": {"@value": "a", "@type": "t:t"}}`},
		{"a number with a language", `{` + base + `, "name": {"@value": 1, "@language": "fr"}}`, jsonld.ErrInvalid, "/name",
			`{` + base + `, "name": {"@value": "1", "@language": "fr"}}`},
		{"a language alone", `{` + base + `, "name": {"@language": "fr"}}`, jsonld.ErrDropped, "/name", `{` + base + `, "name": {"@value": "a"}}`},
		{"a set beside something", `{` + base + `, "name": {"@set": ["a"], "id": "urn:b"}}`, jsonld.ErrInvalid, "/name", `{` + base + `, "name": {"@set": ["a"]}}`},
		{"a list beside something", `{` + base + `, "name": {"@list": ["a"], "id": "urn:b"}}`, jsonld.ErrInvalid, "/name", `{` + base + `, "name": {"@list": ["a"]}}`},
		{"a text that belongs to nothing", `["a"]`, jsonld.ErrDropped, "", `[]`},
		{"a blank property", `{` + base + `, "_:p": "a"}`, jsonld.ErrDropped, "/_:p", `{` + base + `, "x:p": "a"}`},
		{"a reversed text", `{` + base + `, "@reverse": {"name": "a"}}`, jsonld.ErrInvalid, "/@reverse/name", `{` + base + `, "@reverse": {"name": {"id": "urn:a"}}}`},

		{"an unknown context", `{"@context": "https://ctx.example/other", "@id": "urn:x:1"}`, jsonld.ErrUnknownContext, "/@context",
			`{"@context": "https://ctx.example/open", "@id": "urn:x:1"}`},
		{"a relative context", `{"@context": "base", "@id": "urn:x:1"}`, jsonld.ErrUnknownContext, "/@context", `{"@id": "urn:x:1"}`},
		{"a context that is none", `{"@context": "https://ctx.example/none"}`, jsonld.ErrContext, "/@context", `{"@context": "https://ctx.example/open"}`},
		{"a context that is a list", `{"@context": "https://ctx.example/array"}`, jsonld.ErrContext, "/@context", `{"@context": "https://ctx.example/open"}`},
		{"a context without end", `{"@context": "https://ctx.example/round"}`, jsonld.ErrLimit, "/@context", `{"@context": "https://ctx.example/open"}`},
		{"a context that is a number", `{"@context": 1}`, jsonld.ErrContext, "/@context", `{"@context": null}`},
		{"a protected term", `{"@context": ["https://ctx.example/base", "https://ctx.example/clash"], "id": "urn:x:1"}`, jsonld.ErrProtected, "/@context",
			`{"@context": ["https://ctx.example/base", "https://ctx.example/same"], "id": "urn:x:1"}`},
		{"a protected term, in place", `{"@context": ["https://ctx.example/base", {"name": "https://schema.org/nam"}], "id": "urn:x:1"}`, jsonld.ErrProtected, "/@context",
			`{"@context": ["https://ctx.example/base", {"name": "https://schema.org/name"}], "id": "urn:x:1"}`},
		{"a protected term of a type", `{` + base + `, "knows": {"type": "Badge", "@context": {"name": "urn:n"}}}`, jsonld.ErrProtected, "/knows/@context",
			`{` + base + `, "knows": {"type": "Badge", "@context": {"nam": "urn:n"}}}`},
		{"the end of protection", `{"@context": ["https://ctx.example/base", null], "@id": "urn:x:1"}`, jsonld.ErrProtected, "/@context",
			`{"@context": ["https://ctx.example/open", null], "@id": "urn:x:1"}`},
		{"a keyword redefined", `{"@context": {"@id": "urn:x"}}`, jsonld.ErrContext, "/@context", `{"@context": {"id": "urn:x"}}`},
		{"a term defined by itself", `{"@context": {"a": "b:x", "b": "a:x"}}`, jsonld.ErrContext, "/@context", `{"@context": {"a": "b:x", "b": "c:x"}}`},
		{"a term without meaning", `{"@context": {"a": {"@type": "@id"}}}`, jsonld.ErrContext, "/@context", `{"@context": {"a": {"@id": "urn:a", "@type": "@id"}}}`},
		{"an unknown container", `{"@context": {"a": {"@id": "urn:a", "@container": "@bag"}}}`, jsonld.ErrContext, "/@context", `{"@context": {"a": {"@id": "urn:a", "@container": "@set"}}}`},
	} {
		_, err := quads(t, p, c.bad)
		e, ok := errors.AsType[*jsonld.Error](err)
		if !errors.Is(err, c.kind) || !ok || e.Where() != c.where {
			t.Errorf("%s: %v, want %v in %s", c.name, err, c.kind, c.where)
		}
		if _, err := quads(t, p, c.good); err != nil {
			t.Errorf("the twin of %s: %v", c.name, err)
		}
	}
}

func TestWhatIsSaid(t *testing.T) {
	p := processor()
	for text, want := range map[string]string{
		`{` + base + `, "name": [], "knows": null}`: ``,
		`{` + base + `, "count": [1, -0.0, 1.5, 1e21, true]}`: `<urn:x:1> <https://ctx.example/#count> "0"^^<http://www.w3.org/2001/XMLSchema#integer> .
<urn:x:1> <https://ctx.example/#count> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
<urn:x:1> <https://ctx.example/#count> "1.0E21"^^<http://www.w3.org/2001/XMLSchema#double> .
<urn:x:1> <https://ctx.example/#count> "1.5E0"^^<http://www.w3.org/2001/XMLSchema#double> .
<urn:x:1> <https://ctx.example/#count> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> .
`,
		`{` + base + `, "data": {"b": [1, null], "a": "é"}}`: `<urn:x:1> <https://ctx.example/#data> "{\"a\":\"é\",\"b\":[1,null]}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON> .
`,
		`{` + base + `, "label": {"FR": ["a", "b"], "@none": "c"}}`: `<urn:x:1> <https://ctx.example/#label> "a"@fr .
<urn:x:1> <https://ctx.example/#label> "b"@fr .
<urn:x:1> <https://ctx.example/#label> "c" .
`,
		`{` + base + `, "proof": {"name": "p"}}`: `<urn:x:1> <https://ctx.example/#proof> _:c14n1 .
_:c14n0 <https://schema.org/name> "p" _:c14n1 .
`,
		`{` + base + `, "name": {"@value": "a", "@language": "ar", "@direction": "rtl"}}`: `<urn:x:1> <https://schema.org/name> "a"@ar .
`,
	} {
		got, err := quads(t, p, text)
		got = strings.Replace(got, "<urn:x:1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://ctx.example/#Badge> .\n", "", 1)
		if err != nil || got != want {
			t.Errorf("%s\ngot\n%s(%v)\nwant\n%s", text, got, err, want)
		}
	}
}

// One document's own context may not reach the next document, nor the pinned ones.
func TestADocumentLeavesNoTrace(t *testing.T) {
	p := processor()
	var before any
	if err := json.Unmarshal([]byte(pinned["https://ctx.example/open"]), &before); err != nil {
		t.Fatal(err)
	}
	evil := `{"@context": {"@version": 1.1, "@import": "https://ctx.example/open", "color": "https://evil.example/"}, "@id": "urn:x", "color": "red"}`
	if out, err := quads(t, p, evil); err != nil || !strings.Contains(out, "<https://evil.example/>") {
		t.Fatalf("got %s %v", out, err)
	}
	after, err := p.Load("https://ctx.example/open")
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("the pinned context has become %v", after)
	}
	out, err := quads(t, p, `{"@context": "https://ctx.example/open", "@id": "urn:x", "color": "red"}`)
	if err != nil || !strings.Contains(out, "<https://ctx.example/#color>") {
		t.Errorf("the next document: %s %v", out, err)
	}
	// A scoped context of the document's own stays its own, too.
	for i := range 50 {
		text := fmt.Sprintf(`{"@context": ["https://ctx.example/base", {"own": {"@id": "urn:own", "@context": {"v": "urn:v:%d"}}}], "id": "urn:x", "own": {"v": "a"}}`, i)
		if out, err := quads(t, p, text); err != nil || !strings.Contains(out, fmt.Sprintf("<urn:v:%d>", i)) {
			t.Fatalf("document %d: %s %v", i, out, err)
		}
	}
}

func TestGoroutinesMayShareAProcessor(t *testing.T) {
	p := processor()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				out, err := quads(t, p, fmt.Sprintf(`{`+base+`, "level": "%d", "inner": {"deep": "a"}}`, i))
				if err != nil || !strings.Contains(out, fmt.Sprintf(`"%d"`, i)) {
					t.Errorf("got %s %v", out, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestHostileDocumentsAreRefused(t *testing.T) {
	p := processor()
	deep := strings.Repeat(`{"@id":"urn:a","urn:p":`, 70) + `"x"` + strings.Repeat(`}`, 70)
	lists := `{"@id":"urn:a","urn:p":{"@list":` + strings.Repeat(`[`, 70) + strings.Repeat(`]`, 70) + `}}`
	nest := `{"@id":"urn:a",` + strings.Repeat(`"@nest":{`, 70) + strings.Repeat(`}`, 70) + `}`
	many := `{"@context":[` + strings.Repeat(`"https://ctx.example/open",`, 70) + `null]}`
	var terms, nodes strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&terms, `"t%d":"urn:t:%d",`, i, i)
		nodes.WriteString(`{"@context":{},"@id":"urn:a"},`)
	}
	heavy := `{"@context":{` + terms.String() + `"u":"urn:u"},"@id":"urn:a","u":[` + nodes.String() + `"x"]}`
	long := `{"@id":"urn:a","urn:p":[` + strings.Repeat(`"x",`, 60_000) + `"x"]}`
	for name, text := range map[string]string{"deep": deep, "lists": lists, "nest": nest, "many contexts": many, "heavy contexts": heavy, "long": long} {
		if _, err := quads(t, p, text); !errors.Is(err, jsonld.ErrLimit) {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}

func TestTheSameReasonEachTime(t *testing.T) {
	p := processor()
	for range 20 {
		_, err := quads(t, p, `{`+base+`, "z": 1, "y": 1, "x": 1, "knows": {"w": 1}}`)
		if e, ok := errors.AsType[*jsonld.Error](err); !ok || e.Where() != "/knows/w" {
			t.Fatalf("got %v", err)
		}
	}
}

func FuzzQuads(f *testing.F) {
	f.Add(`{` + base + `, "knows": {"name": ["a", {"@value": 1}]}, "steps": [[1], {"@list": []}]}`)
	f.Add(`{"@context": {"@vocab": "urn:v:", "a": {"@container": ["@graph", "@id"]}}, "a": {"urn:g": {"b": {"@set": []}}}}`)
	f.Add(`{"@context": [{"a:b": {"@id": "a:b", "@context": {"@propagate": false}}}], "a:b": {"@nest": [], "@included": {}, "@reverse": {"urn:p": {}}}}`)
	p := processor()
	p.Limits = jsonld.Limits{Depth: 16, Quads: 200, Work: 20_000}
	f.Fuzz(func(t *testing.T, text string) {
		var doc any
		if json.Unmarshal([]byte(text), &doc) != nil {
			return
		}
		q, err := p.Quads(doc)
		if err != nil {
			return
		}
		out, _, err := rdfc.Canonicalize(q, rdfc.Options{Limit: 5000})
		if err != nil {
			return
		}
		if _, err := rdfc.Parse(string(out), 1000); err != nil {
			t.Fatalf("%q says %q: %v", text, out, err)
		}
	})
}
