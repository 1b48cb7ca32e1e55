package reference_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"digiwork/internal/lib/reference"

	"pgregory.net/rapid"
)

const bib = `% ma bibliographie
@string{jt = "Journal du " # {travail}}
@article{clot2008, author = {Clot, Yves and {Collectif du m\'etier} and Jean van der Berg},
  title = "Travail et pouvoir d'agir : l'{\oe}uvre \& le g{\'e}nie", journal = jt, year = 2008, month = mar,
  pages = {12--34}, url = {https://a.example/x_1}, keywords = {travail; sant\'e}, abstract = {Un {r\'esum\'e}.}, file = {x.pdf}}
@comment{rien}
@Book(b2, title = {Cha\^{\i}ne~et \c{c}a}, editor = {Mich\` + "`" + ` ele Dupont}, date = {2019-03-02},)
`

func TestReadBibTeX(t *testing.T) {
	works, left, err := reference.ReadBibTeX(strings.NewReader(bib))
	if err != nil {
		t.Fatal(err)
	}
	want := []reference.Work{
		{ID: "clot2008", Kind: "article-journal", Title: "Travail et pouvoir d'agir : l'œuvre & le génie", Container: "Journal du travail", Issued: "2008-03", Pages: "12-34",
			Authors: []reference.Name{{Family: "Clot", Given: "Yves"}, {Literal: "Collectif du métier"}, {Family: "van der Berg", Given: "Jean"}},
			Address: "https://a.example/x_1", Keywords: []string{"travail", "santé"}, Abstract: "Un résumé."},
		{ID: "b2", Kind: "book", Title: "Chaîne et ça", Authors: []reference.Name{{Family: "Dupont", Given: "Michèle"}}, Issued: "2019-03-02"},
	}
	if !reflect.DeepEqual(works, want) {
		t.Errorf("got  %+v\nwant %+v", works, want)
	}
	if !reflect.DeepEqual(left, map[string]int{"file": 1}) {
		t.Errorf("left %v", left)
	}
}

func TestReadBibTeXInAnOldEncoding(t *testing.T) {
	works, _, err := reference.ReadBibTeX(strings.NewReader("@book{a, title = {M\xe9tier}}"))
	if err != nil || works[0].Title != "Métier" {
		t.Errorf("%+v, %v", works, err)
	}
}

const csl = `[{"id":"a","type":"article-journal","title":"Le soin","author":[{"family":"Exemple","given":"Awa","non-dropping-particle":"de"},{"literal":"Collectif"}],
"issued":{"date-parts":[["2021",4]]},"volume":3,"URL":"https://a.example/","keyword":"soin, nuit","citation-key":"x"},
{"id":12,"type":"book","title":"Autre","issued":{"raw":"2019-03-02"},"URL":"javascript:alert(1)"}]`

func TestReadCSL(t *testing.T) {
	works, left, err := reference.ReadCSL(strings.NewReader(csl))
	if err != nil {
		t.Fatal(err)
	}
	want := []reference.Work{
		{ID: "a", Kind: "article-journal", Title: "Le soin", Authors: []reference.Name{{Family: "de Exemple", Given: "Awa"}, {Literal: "Collectif"}}, Issued: "2021-04", Volume: "3", Address: "https://a.example/", Keywords: []string{"soin", "nuit"}},
		{ID: "12", Kind: "book", Title: "Autre", Issued: "2019-03-02"},
	}
	if !reflect.DeepEqual(works, want) || left["citation-key"] != 1 {
		t.Errorf("got  %+v\nwant %+v\nleft %v", works, want, left)
	}
	one, _, err := reference.ReadCSL(strings.NewReader(`{"id":"a","type":"book","title":"T"}`))
	if err != nil || len(one) != 1 {
		t.Errorf("one work: %+v, %v", one, err)
	}
}

func TestWhatIsNotAListOfReferencesIsRefused(t *testing.T) {
	for _, in := range []string{"", "@", "@article{a, title = {x}", "@article{a, title}", "@article{a, title = }", "Bonjour"} {
		if w, _, err := reference.ReadBibTeX(strings.NewReader(in)); !errors.Is(err, reference.ErrNotBibTeX) {
			t.Errorf("%q: %+v, %v", in, w, err)
		}
	}
	for _, in := range []string{"", "1", `"a"`, `[1]`, `[{}]`, `{"items":1}`} {
		if w, _, err := reference.ReadCSL(strings.NewReader(in)); !errors.Is(err, reference.ErrNotCSL) {
			t.Errorf("%q: %+v, %v", in, w, err)
		}
	}
}

// What is written is read again as it was.
func TestRoundTrip(t *testing.T) {
	words := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(strings.Fields(rapid.StringMatching(`[A-Za-zéœ&%_$#{}\\~-][A-Za-zéœ &%_$#{}\\~-]{0,30}`).Draw(t, "words")), " ")
	})
	person := rapid.StringMatching(`[A-Z][a-zé]{1,10}`)
	work := rapid.Custom(func(t *rapid.T) reference.Work {
		w := reference.Work{
			ID: rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "id"), Title: words.Draw(t, "title"),
			Kind:     rapid.SampledFrom([]string{"article-journal", "book", "chapter", "thesis", "report", "webpage", "document"}).Draw(t, "kind"),
			Issued:   rapid.SampledFrom([]string{"", "2019", "2019-03", "2019-03-02"}).Draw(t, "issued"),
			Address:  rapid.SampledFrom([]string{"", "https://a.example/b"}).Draw(t, "address"),
			Abstract: words.Draw(t, "abstract"), Note: words.Draw(t, "note"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "authors") {
			if rapid.Bool().Draw(t, "body") {
				w.Authors = append(w.Authors, reference.Name{Literal: person.Draw(t, "literal")})
			} else {
				w.Authors = append(w.Authors, reference.Name{Family: person.Draw(t, "family"), Given: person.Draw(t, "given")})
			}
		}
		return w
	})
	rapid.Check(t, func(t *rapid.T) {
		works := rapid.SliceOfNDistinct(work, 1, 6, func(w reference.Work) string { return w.ID }).Draw(t, "works")
		var b bytes.Buffer
		if err := reference.WriteCSL(&b, works); err != nil {
			t.Fatal(err)
		}
		if got, _, err := reference.ReadCSL(&b); err != nil || !reflect.DeepEqual(got, works) {
			t.Fatalf("CSL-JSON: %v\ngot  %+v\nwant %+v", err, got, works)
		}
		if err := reference.WriteBibTeX(&b, works); err != nil {
			t.Fatal(err)
		}
		written := b.String()
		if got, _, err := reference.ReadBibTeX(&b); err != nil || !reflect.DeepEqual(got, works) {
			t.Fatalf("BibTeX: %v\ngot  %+v\nwant %+v\n%s", err, got, works, written)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(bib))
	f.Add([]byte(csl))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, read := range []func() ([]reference.Work, map[string]int, error){
			func() ([]reference.Work, map[string]int, error) { return reference.ReadBibTeX(bytes.NewReader(raw)) },
			func() ([]reference.Work, map[string]int, error) { return reference.ReadCSL(bytes.NewReader(raw)) },
		} {
			works, _, err := read()
			for _, w := range works {
				if err == nil && w.Address != "" && !strings.HasPrefix(strings.ToLower(w.Address), "http") {
					t.Errorf("%+v", w)
				}
			}
		}
	})
}
