package office

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func sample() Document {
	d := Document{Title: "Dossier de validation", Author: "Ada", Lang: "fr", Foot: "Ada", At: time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)}
	d.Head(1, "Bloc 1 : tenir une comptabilité <associative>")
	d.Say("J’ai tenu les comptes.\nDeuxième ligne & suite.\n\nDeuxième paragraphe, avec œ, É, « » et …")
	d.Note("Une note.")
	d.List([]string{"Premier", "Second"})
	d.Table(Table{Heads: []string{"Compétence", "Où"}, Rows: [][]string{{"Saisir", "Activité 1"}, {strings.Repeat("mot ", 200), "x"}}, Widths: []int{3, 1}})
	d.Break()
	d.Say("Fin")
	return d
}

func TestAnODTHoldsTheWordsInTheirOrder(t *testing.T) {
	raw, err := ODT(sample())
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if f := z.File[0]; f.Name != "mimetype" || f.Method != zip.Store {
		t.Errorf("the first file is %s, method %d", f.Name, f.Method)
	}
	text := ""
	for _, f := range z.File[1:] {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		dec := xml.NewDecoder(r)
		for {
			tok, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if c, ok := tok.(xml.CharData); ok && f.Name == "content.xml" {
				text += string(c) + "|"
			}
		}
	}
	at := 0
	for _, want := range []string{"Dossier de validation", "Bloc 1 : tenir une comptabilité <associative>", "J’ai tenu les comptes.", "Deuxième ligne & suite.", "Deuxième paragraphe", "Une note.", "Premier", "Compétence", "Saisir", "Fin"} {
		i := strings.Index(text[at:], want)
		if i < 0 {
			t.Errorf("%q is missing after %d of %q", want, at, text)
			continue
		}
		at += i
	}
	again, err := ODT(sample())
	if err != nil || !slices.Equal(raw, again) {
		t.Errorf("the same document gives other bytes (%v)", err)
	}
}

func TestAPDFCountsItsPages(t *testing.T) {
	d := sample()
	raw, pages, err := PDF(d)
	if err != nil {
		t.Fatal(err)
	}
	if pages != 2 || !bytes.HasPrefix(raw, []byte("%PDF-")) {
		t.Errorf("%d pages, begins %q", pages, raw[:8])
	}
	again, _, err := PDF(d)
	if err != nil || !slices.Equal(raw, again) {
		t.Errorf("the same document gives other bytes (%v)", err)
	}
	for range 300 {
		d.Say(strings.Repeat("J’ai préparé les comptes de l’association pour l’assemblée. ", 8))
	}
	if _, pages, err = PDF(d); err != nil || pages < 20 {
		t.Errorf("a long file has %d pages, %v", pages, err)
	}
}

// A row longer than a page, signs without a glyph, and nothing at all: no panic.
func TestHostileDocuments(t *testing.T) {
	for name, d := range map[string]Document{
		"empty": {},
		"signs": {Title: "\x00\u202e😀\ufeff", Blocks: []Block{{Text: "中文 \u202e \x07 e\u0301"}, {List: []string{""}}, {Heading: &Heading{Level: 9, Text: ""}}}},
		"tall":  {Blocks: []Block{{Table: &Table{Heads: []string{"a"}, Rows: [][]string{{strings.Repeat("long ", 5000)}}}}}},
		"word":  {Blocks: []Block{{Text: strings.Repeat("x", 5000)}}},
	} {
		if _, _, err := PDF(d); err != nil {
			t.Errorf("%s as PDF: %v", name, err)
		}
		if _, err := ODT(d); err != nil {
			t.Errorf("%s as ODT: %v", name, err)
		}
	}
}
