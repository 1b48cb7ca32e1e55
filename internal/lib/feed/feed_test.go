package feed_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/lib/feed"
	"digiwork/internal/testkit/shared"
)

const rss = `<?xml version="1.0" encoding="windows-1252"?>
<rss version="2.0"><channel><title>Veille du travail ` + "\xe9" + `tendu</title><link>/</link><language>fr</language>
<item><title>Le &lt;b&gt;soin&lt;/b&gt; la nuit</title><link>articles/1</link><guid isPermaLink="false">n1</guid>
<pubDate>Tue, 07 Mar 2023 20:57:50 +0100</pubDate><category>soin</category>
<description><![CDATA[<p onclick="x()">Un <em>mot</em>.</p><script>alert(1)</script><img src="https://spy.example/p.gif"><a href="javascript:x">non</a> <a href="https://ok.example/">oui</a>]]></description></item>
<item><title>Sans date ni lien</title><pubDate>hier</pubDate></item>
</channel></rss>`

func TestParse(t *testing.T) {
	f, err := feed.Parse([]byte(rss), "https://veille.example/flux/rss.xml")
	if err != nil {
		t.Fatal(err)
	}
	if f.Title != "Veille du travail étendu" || f.Address != "https://veille.example/" || f.Language != "fr" || len(f.Entries) != 2 {
		t.Fatalf("%+v", f)
	}
	e := f.Entries[0]
	if e.Title != "Le soin la nuit" || e.Address != "https://veille.example/flux/articles/1" || e.ID != "n1" || !slices.Equal(e.Tags, []string{"soin"}) ||
		!e.Published.Equal(time.Date(2023, 3, 7, 19, 57, 50, 0, time.UTC)) {
		t.Errorf("%+v", e)
	}
	for _, bad := range []string{"script", "onclick", "img", "spy.example", "javascript"} {
		if strings.Contains(e.HTML, bad) {
			t.Errorf("%q is left in %s", bad, e.HTML)
		}
	}
	if !strings.Contains(e.HTML, "<em>mot</em>") || !strings.Contains(e.HTML, `href="https://ok.example/"`) {
		t.Errorf("too much was taken from %s", e.HTML)
	}
	if e.Text != "Un mot.\nnon oui" {
		t.Errorf("text %q", e.Text)
	}
	if second := f.Entries[1]; !second.Published.IsZero() || second.Address != "" {
		t.Errorf("%+v", second)
	}
}

func TestWhatIsNotAFeedIsRefused(t *testing.T) {
	for _, in := range []string{"", "<html><head></head></html>", "{}", `{"version":"1"`, "<rss><channel>", "nothing"} {
		if f, err := feed.Parse([]byte(in), "https://a.example/"); !errors.Is(err, feed.ErrNotFeed) {
			t.Errorf("%q: %+v, %v", in, f, err)
		}
	}
	if _, err := feed.Parse(make([]byte, feed.MostBytes+1), "https://a.example/"); !errors.Is(err, feed.ErrTooLarge) {
		t.Errorf("large: %v", err)
	}
}

// expected is what the shared cases say of a feed, in the three forms they have.
type expected struct {
	Title   string
	Entries []expectedEntry `json:"entries"` // Atom
	Items   []expectedEntry `json:"items"`
}

type expectedEntry struct {
	Title           string
	ID              string          `json:"id"`
	GUID            json.RawMessage `json:"guid"`
	PublishedParsed *time.Time      `json:"publishedParsed"`
	PubDateParsed   *time.Time      `json:"pubDateParsed"`
}

// Every real case is read as its expected file says, or refused where it says nothing.
func TestSharedCases(t *testing.T) {
	root := shared.Path(t, "feeds/gofeed-cases")
	seen := 0
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".xml" {
			return err
		}
		raw, err := os.ReadFile(path) //nolint:gosec // a case of the shared data
		if err != nil {
			return err
		}
		said, err := os.ReadFile(strings.TrimSuffix(path, ".xml") + ".json")
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		seen++
		name, _ := filepath.Rel(root, path) //nolint:errcheck // only a name
		var want expected
		if err := json.Unmarshal(said, &want); err != nil {
			t.Errorf("%s: the expected file: %v", name, err)
			return nil
		}
		got, err := feed.Parse(raw, "https://base.example/")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return nil
		}
		if title := plainLine(want.Title); got.Title != title {
			t.Errorf("%s: title %q, want %q", name, got.Title, title)
		}
		compare(t, name, got.Entries, append(want.Entries, want.Items...))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 280 {
		t.Errorf("only %d cases were seen", seen)
	}
}

func compare(t *testing.T, name string, got []feed.Entry, want []expectedEntry) {
	t.Helper()
	named := 0
	for _, w := range want {
		if plainLine(w.Title) == "" {
			continue
		}
		named++
		i := slices.IndexFunc(got, func(e feed.Entry) bool { return e.Title == plainLine(w.Title) })
		if i < 0 {
			t.Errorf("%s: no entry %q", name, w.Title)
			continue
		}
		at := w.PublishedParsed
		if at == nil {
			at = w.PubDateParsed
		}
		if at != nil && !got[i].Published.Equal(*at) {
			t.Errorf("%s: %q published %v, want %v", name, w.Title, got[i].Published, at)
		}
	}
	if len(got) > len(want) || len(got) < named {
		t.Errorf("%s: %d entries, want %d", name, len(got), len(want))
	}
}

func plainLine(s string) string { return strings.Join(strings.Fields(feed.Plain(s)), " ") }

func TestJSONFeeds(t *testing.T) {
	for name, entries := range map[string]int{
		"translator/json/json10_full.json": 1, "translator/json/json10_simple.json": 0, "translator/json/json11_full.json": 1,
		"parser/json/version_json_11.json": 1,
	} {
		raw, err := os.ReadFile(shared.Path(t, "feeds/gofeed-cases/"+name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := feed.Parse(raw, "https://base.example/")
		if err != nil || len(f.Entries) != entries {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	files, err := filepath.Glob(shared.Path(t, "feeds/gofeed-cases/parser/json/invalid") + "/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d broken feeds, %v", len(files), err)
	}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if f, err := feed.Parse(raw, "https://base.example/"); !errors.Is(err, feed.ErrNotFeed) {
			t.Errorf("%s: %+v, %v", filepath.Base(path), f, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(rss))
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"1","content_html":"<img src=x onerror=y>"}]}`))
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom"><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A</div></title><entry><id>1</id></entry></feed>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := feed.Parse(raw, "https://base.example/")
		if err != nil {
			return
		}
		for _, e := range got.Entries {
			for _, bad := range []string{"<script", "<img", "<iframe", "<style", "=\"javascript"} {
				if strings.Contains(strings.ToLower(e.HTML), bad) {
					t.Errorf("%q in %q", bad, e.HTML)
				}
			}
			if e.Address != "" && !strings.HasPrefix(e.Address, "http") {
				t.Errorf("address %q", e.Address)
			}
		}
	})
}
