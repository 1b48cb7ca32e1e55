package fold_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"digiwork/internal/lib/fold"

	"pgregory.net/rapid"
)

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"HTTP://Example.ORG:80/a/./b/../c/?utm_source=x&b=2&a=1&fbclid=9#top": "https://example.org/a/c?a=1&b=2",
		"https://example.org":                       "https://example.org",
		"https://example.org/":                      "https://example.org",
		"https://example.org./index.html":           "https://example.org",
		"https://example.org:8443/":                 "https://example.org:8443",
		" https://exämple.org/É?q=été ":             "https://xn--exmple-cua.org/%C3%89?q=%C3%A9t%C3%A9",
		"https://[::1]:443/x":                       "https://[::1]/x",
		"https://example.org/a%2Fb?id=1&id=2":       "https://example.org/a/b?id=1&id=2",
		"https://example.org/article?xtor=RSS-16":   "https://example.org/article",
		"https://example.org/utm_source?UTM_Medium": "https://example.org/utm_source",
	} {
		got, err := fold.Canonical(in)
		if err != nil || got != want {
			t.Errorf("%s = %s, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "mailto:a@b.fr", "/a", "javascript:alert(1)", "ftp://a/b", "https://", "https://user:pw@example.org/", "http://%zz/"} {
		if got, err := fold.Canonical(in); !errors.Is(err, fold.ErrAddress) {
			t.Errorf("%q = %q, %v", in, got, err)
		}
	}
}

func FuzzCanonicalIsStable(f *testing.F) {
	f.Add("https://Example.org/a?b=1&utm_source=x#y")
	f.Fuzz(func(t *testing.T, s string) {
		once, err := fold.Canonical(s)
		if err != nil {
			return
		}
		twice, err := fold.Canonical(once)
		if err != nil || twice != once {
			t.Errorf("%q: %q, then %q, %v", s, once, twice, err)
		}
	})
}

const article = `Dans les entrepôts du canton, les préparatrices de commandes travaillent désormais sous la dictée d'un casque.
La voix dit l'allée, le numéro, la quantité ; elles répondent par un mot de contrôle. La direction parle de confort et de
précision, le syndicat de cadences et de solitude. Une expertise a été demandée par les élus du personnel, qui veulent savoir
ce que deviennent les temps de réponse enregistrés seconde par seconde.`

func TestPrintsOfNearTextsAreNear(t *testing.T) {
	p := fold.PrintOf(article)
	if p == 0 {
		t.Fatal("no print")
	}
	for name, same := range map[string]string{
		"case and accents": strings.ToUpper(article),
		"other spaces":     strings.Join(strings.Fields(article), "\n\n"),
		"other signs":      strings.NewReplacer(",", " ", ".", " !", ";", "–").Replace(article),
	} {
		if d := p.Distance(fold.PrintOf(same)); d != 0 {
			t.Errorf("%s: %d bits", name, d)
		}
	}
	other := `Le conseil communautaire a voté hier soir l'ouverture de trois lieux de travail partagés dans les anciennes gares.
Les travaux commenceront au printemps ; les loyers seront fixés avec les habitants, les artisans et les associations qui
s'y installeront. Une seule condition a été posée : que les salles restent ouvertes le dimanche à qui n'a pas de bureau.`
	if d := p.Distance(fold.PrintOf(other)); d <= 10 {
		t.Errorf("another text is at %d bits", d)
	}
	if fold.PrintOf("Trop court pour être comparé") != 0 {
		t.Error("a short text has a print")
	}
}

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{
		"Le travail à l’ère du numérique | Le Journal d'Ysole":    "le travail a l ere du numerique",
		"LE TRAVAIL À L'ÈRE DU NUMÉRIQUE":                         "le travail a l ere du numerique",
		"Éditorial":                                               "",
		"Revue de presse":                                         "",
		"Travailler moins, vivre mieux – une enquête de cinq ans": "travailler moins vivre mieux une enquete de cinq ans",
	} {
		if got := fold.Title(in); got != want {
			t.Errorf("%s = %q, want %q", in, got, want)
		}
	}
}

func TestIndexFoldsAcrossFeeds(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var x fold.Index
	x.Apart("f", "a")
	for _, c := range []struct {
		e   fold.Entry
		of  string
		why fold.Why
	}{
		{fold.Entry{ID: "a", Addresses: []string{"https://a.example/1?utm_source=rss"}, Title: "Sous la dictée d'un casque au travail", Text: article, At: day}, "", ""},
		{fold.Entry{ID: "b", Addresses: []string{"http://A.example/1"}, Title: "Autre chose"}, "a", fold.ByAddress},
		{fold.Entry{ID: "c", Addresses: []string{"https://b.example/9", "https://a.example/1"}}, "a", fold.ByAddress},
		{fold.Entry{ID: "d", Addresses: []string{"https://c.example/"}, Title: "Sous la dictée d’un casque au travail - La Gazette", At: day.Add(48 * time.Hour)}, "a", fold.ByTitle},
		{fold.Entry{ID: "e", Addresses: []string{"https://d.example/"}, Title: "Sous la dictée d’un casque au travail", At: day.AddDate(0, 1, 0)}, "", ""},
		{fold.Entry{ID: "f", Addresses: []string{"https://e.example/"}, Text: article}, "", ""},
		{fold.Entry{ID: "g", Addresses: []string{"https://f.example/"}, Text: strings.ToUpper(article)}, "a", fold.ByText},
		{fold.Entry{ID: "h", Title: "Éditorial"}, "", ""},
		{fold.Entry{ID: "i", Title: "Éditorial"}, "", ""},
	} {
		if of, why := x.Add(c.e); of != c.of || why != c.why {
			t.Errorf("%s repeats %q by %q, want %q by %q", c.e.ID, of, why, c.of, c.why)
		}
	}
}

// Whatever three bits differ, the tables find the entry that a comparison with
// everything would find.
func TestTheTablesMissNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-z]{3,8}`), 30, 60).Draw(t, "words")
		change := rapid.IntRange(0, len(words)-1).Draw(t, "change")
		first := strings.Join(words, " ")
		words[change] = rapid.StringMatching(`[a-z]{3,8}`).Draw(t, "word")
		second := strings.Join(words, " ")
		var x fold.Index
		x.Add(fold.Entry{ID: "1", Text: first})
		of, _ := x.Add(fold.Entry{ID: "2", Text: second})
		if near := fold.PrintOf(first).Distance(fold.PrintOf(second)) <= 3; near != (of == "1") {
			t.Fatalf("near %v, found %q", near, of)
		}
	})
}

func BenchmarkFoldABatchOf1000Among10000(b *testing.B) {
	entry := func(i int) fold.Entry {
		return fold.Entry{ID: fmt.Sprint(i), Addresses: []string{fmt.Sprintf("https://example.org/%d", i)}, Title: fmt.Sprintf("Un titre de plusieurs mots numéro %d", i), Text: fmt.Sprintf("%d %s %d", i*7919, article, i*104729)}
	}
	var x fold.Index
	for i := range 10_000 {
		x.Add(entry(i))
	}
	for b.Loop() {
		for i := range 1000 {
			x.Add(entry(20_000 + i))
		}
	}
}
