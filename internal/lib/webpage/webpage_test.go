package webpage_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"digiwork/internal/lib/feed"
	"digiwork/internal/lib/webpage"
	"digiwork/internal/testkit/shared"
)

var article = `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Le soin la nuit | La Gazette</title>
<link rel="canonical" href="/soin"><link rel="alternate" type="application/rss+xml" title="Tout" href="/rss.xml">
<link rel="alternate" hreflang="en" href="/en"><meta name="robots" content="index, NoArchive">
<meta property="article:published_time" content="2024-02-03T10:00:00+01:00"><meta name="author" content="Awa Exemple"></head>
<body><nav><a href="/">Accueil</a></nav><article><h1>Le soin la nuit</h1>` +
	strings.Repeat("<p>Les infirmières de nuit tiennent un cahier que personne ne lit, où elles notent ce que la machine ne compte pas, heure après heure.</p>", 6) +
	`<script>spy()</script><img src="https://spy.example/p.gif"></article><footer>Mentions</footer></body></html>`

func TestRead(t *testing.T) {
	p, err := webpage.Read([]byte(article), "text/html; charset=utf-8", "https://gazette.example/a/soin?utm_source=x")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(p.Title, "Le soin la nuit") || p.Canonical != "https://gazette.example/soin" || p.Author != "Awa Exemple" || !p.NoArchive || p.Language != "fr" ||
		!reflect.DeepEqual(p.Feeds, []webpage.Link{{Title: "Tout", Address: "https://gazette.example/rss.xml"}}) {
		t.Errorf("%+v", p)
	}
	if p.Published.Format("2006-01-02T15:04Z") != "2024-02-03T09:00Z" {
		t.Errorf("published %v", p.Published)
	}
	if !strings.Contains(p.Text, "infirmières de nuit") || strings.Contains(p.Text, "Accueil") || strings.Contains(p.HTML, "spy") {
		t.Errorf("text %q", p.Text)
	}
}

func TestReadRefuses(t *testing.T) {
	if _, err := webpage.Read([]byte("%PDF"), "application/pdf", "https://a.example/"); !errors.Is(err, webpage.ErrNotPage) {
		t.Errorf("a PDF: %v", err)
	}
	if _, err := webpage.Read(make([]byte, webpage.MostBytes+1), "text/html", "https://a.example/"); !errors.Is(err, webpage.ErrTooLarge) {
		t.Errorf("large: %v", err)
	}
	if p, err := webpage.Read([]byte("<html><title>Vide</title>"), "", "https://a.example/"); err != nil || p.Title != "Vide" || p.Text != "" {
		t.Errorf("empty: %+v, %v", p, err)
	}
	deep := strings.Repeat("<div>", 100_000)
	if p, err := webpage.Read([]byte(deep), "", "https://a.example/"); err != nil && !errors.Is(err, webpage.ErrTooLarge) && !errors.Is(err, webpage.ErrNotPage) {
		t.Errorf("deep: %+v, %v", p, err)
	}
}

func TestRealPages(t *testing.T) {
	for _, name := range []string{"wikipedia", "wikipedia-2"} {
		raw, want := unpacked(t, "feeds/readability/"+name+"/source.html.gz"), unpacked(t, "feeds/readability/"+name+"/expected.html.gz")
		p, err := webpage.Read(raw, "text/html", "http://fakehost/test/page.html")
		if err != nil {
			t.Fatal(err)
		}
		expected := strings.Fields(feed.Plain(string(want)))
		if got := strings.Fields(p.Text); len(got) < len(expected)*95/100 || len(got) > len(expected)*105/100 {
			t.Errorf("%s: %d words, expected %d", name, len(got), len(expected))
		}
		if p.Title == "" {
			t.Errorf("%s has no title", name)
		}
	}
}

func unpacked(t *testing.T, name string) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(shared.Read(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(article), "text/html")
	f.Fuzz(func(t *testing.T, raw []byte, kind string) {
		p, err := webpage.Read(raw, kind, "https://a.example/x")
		if err == nil && (strings.Contains(p.HTML, "<script") || strings.Contains(p.HTML, "<img")) {
			t.Errorf("%s", p.HTML)
		}
	})
}
