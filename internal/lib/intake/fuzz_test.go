package intake

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever the bytes, a file is read or refused with reasons, and every promise of
// a report holds. The seeds lead to every reader.
func FuzzRead(f *testing.F) {
	all, err := filepath.Glob("testdata/*.*")
	if err != nil || len(all) == 0 {
		f.Fatal("no samples", err)
	}
	for _, name := range all {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"type":["VerifiableCredential"],"issuer":{"name":"x"},"credentialSubject":{"achievement":{"name":[{"@value":"y","@language":"fr"}]}},"validFrom":"2020"}`))
	f.Add([]byte("eyJhbGciOiJub25lIn0.eyJ0eXBlIjoiQXNzZXJ0aW9uIiwiYmFkZ2UiOiJodHRwczovL3gvYSJ9.c2ln~"))
	f.Add([]byte(`<svg xmlns:openbadges="x"><openbadges:assertion verify="https://exemple.invalid/a.json"/></svg>`))
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0eiTXtopenbadges\x00\x01\x00\x00\x00\x00\x00\x00\x00"))
	f.Add(zipOf(f, "Positions.csv", "Company Name,Title,Started On\nQuai,Docker,Mar 2019\n", "Skills.csv", "Name\nx\n"))
	f.Fuzz(func(t *testing.T, raw []byte) { read(t, "x", raw) })
}

func FuzzContentLines(f *testing.F) {
	f.Add("N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=\n=92;a\\;b;;\n x")
	f.Add("DTSTART;TZID=\"a:b;c\";X=y,z:2019")
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		err := eachContentLine(text, func(c contentLine, _ bool) error {
			if c.line <= last || c.line > 1+strings.Count(text, "\n") {
				t.Fatalf("line %d after %d", c.line, last)
			}
			last = c.line
			_, _, _ = c.text(), c.fields(), c.list()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// What the guard lets through is what the XML library sees.
func FuzzTagGuard(f *testing.F) {
	f.Add(`<a b="1" c='>'><!-- <x = = > --><![CDATA[<y =]]></a>`, 3)
	f.Add(`<!DOCTYPE a [<!ELEMENT a (b)>]><?p <x ?><a/>`, 1)
	f.Fuzz(func(t *testing.T, before string, n int) {
		if len(before) > 200 {
			return
		}
		n = n&0xff + 1
		tag := "<t" + strings.Repeat(` a="1"`, maxAttributes+n) + ">"
		if _, _, err := parseXML("<r>" + tag); err == nil {
			t.Fatal("a tag with too many attributes was built")
		}
		// Whatever stands before, the library never builds the tag.
		d := newDecoder(strings.NewReader("<r>" + before + tag))
		for {
			token, err := d.RawToken()
			if err != nil {
				return
			}
			if e, ok := startOf(token); ok && len(e.Attr) > maxAttributes {
				t.Fatalf("%q hides %d attributes", before, len(e.Attr))
			}
		}
	})
}

func startOf(t xml.Token) (xml.StartElement, bool) {
	e, ok := t.(xml.StartElement)
	return e, ok
}
