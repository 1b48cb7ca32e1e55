package outline_test

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"digiwork/internal/lib/outline"
	"digiwork/internal/testkit/shared"

	"pgregory.net/rapid"
)

const opml = `<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.1"><head><title>Veille &eacute;t` + "\xe9" + `</title></head><body>
<outline text="Travail"><outline text="Droit"><outline type="rss" title="Revue" text="Revue du droit" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/></outline>
<outline text="Lien" type="link" url="https://b.example/x" created="Tue, 07 Mar 2006 20:57:50 GMT"/></outline>
<outline text="Vide" xmlUrl="javascript:alert(1)"/>
</body></opml>`

func TestReadOPML(t *testing.T) {
	l, err := outline.ReadOPML(strings.NewReader(opml))
	if err != nil {
		t.Fatal(err)
	}
	want := outline.List{Title: "Veille été", Skipped: 1, Lines: []outline.Line{
		{Title: "Revue du droit", Address: "https://a.example/", Feed: "https://a.example/feed", Folders: []string{"Travail", "Droit"}},
		{Title: "Lien", Address: "https://b.example/x", Folders: []string{"Travail"}, Added: time.Date(2006, 3, 7, 20, 57, 50, 0, time.UTC)},
	}}
	if !reflect.DeepEqual(l, want) {
		t.Errorf("got  %+v\nwant %+v", l, want)
	}
}

const netscape = `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks Menu</H1>
<DL><p>
    <DT><A HREF="https://a.example/" ADD_DATE="1700000000" TAGS="travail,santé">Le soin &amp; le temps</A>
    <DD>Ce que disent les infirmières
    de nuit.
    <DT><H3 ADD_DATE="1">Lectures</H3>
    <DL><p>
        <DT><A HREF="https://b.example/" ADD_DATE="1700000000000000">B</A>
        <DT><A HREF="javascript:void(0)">Outil</A>
    </DL><p>
    <DT><A HREF="http://c.example/">C</A>
</DL><p>`

func TestReadBookmarks(t *testing.T) {
	l, err := outline.ReadBookmarks(strings.NewReader(netscape))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1700000000, 0).UTC()
	want := outline.List{Title: "Bookmarks", Skipped: 1, Lines: []outline.Line{
		{Title: "Le soin & le temps", Address: "https://a.example/", Tags: []string{"travail", "santé"}, Note: "Ce que disent les infirmières de nuit.", Added: at},
		{Title: "B", Address: "https://b.example/", Folders: []string{"Lectures"}, Added: at},
		{Title: "C", Address: "http://c.example/"},
	}}
	if !reflect.DeepEqual(l, want) {
		t.Errorf("got  %+v\nwant %+v", l, want)
	}
}

func TestWhatIsNotAListIsRefused(t *testing.T) {
	for _, in := range []string{"", "<html><body>", "<rss/>", "<opml><body><outline", "nothing"} {
		if l, err := outline.ReadOPML(strings.NewReader(in)); !errors.Is(err, outline.ErrNotOPML) {
			t.Errorf("%q: %+v, %v", in, l, err)
		}
		if l, err := outline.ReadBookmarks(strings.NewReader(in)); !errors.Is(err, outline.ErrNotBookmarks) {
			t.Errorf("%q: %+v, %v", in, l, err)
		}
	}
	deep := "<opml><body>" + strings.Repeat(`<outline text="a">`, 5000)
	if _, err := outline.ReadOPML(strings.NewReader(deep)); !errors.Is(err, outline.ErrTooLarge) {
		t.Errorf("deep: %v", err)
	}
	many := "<opml><body>" + strings.Repeat(`<outline xmlUrl="https://a.example/"/>`, 20_001) + "</body></opml>"
	if _, err := outline.ReadOPML(strings.NewReader(many)); !errors.Is(err, outline.ErrTooLarge) {
		t.Errorf("many: %v", err)
	}
}

func TestRealFiles(t *testing.T) {
	for name, want := range map[string]int{"feeds/opml/top100.opml": 100, "feeds/opml/outline.opml": 0} {
		f, err := os.Open(shared.Path(t, name))
		if err != nil {
			t.Fatal(err)
		}
		l, err := outline.ReadOPML(f)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		feeds := 0
		for _, line := range l.Lines {
			if line.Feed != "" {
				feeds++
			}
		}
		if feeds != want {
			t.Errorf("%s: %d feeds, want %d", name, feeds, want)
		}
	}
}

// What is written is read again as it was, by both formats.
func TestRoundTrip(t *testing.T) {
	words := rapid.StringMatching(`[A-Za-zé&<>"']([A-Za-zé &<>"']{0,20}[A-Za-zé&<>"'])?`)
	line := rapid.Custom(func(t *rapid.T) outline.Line {
		l := outline.Line{Title: strings.Join(strings.Fields(words.Draw(t, "title")), " "), Address: "https://" + rapid.StringMatching(`[a-z]{1,8}\.example/[a-z?=&]{0,8}`).Draw(t, "address")}
		if rapid.Bool().Draw(t, "feed") {
			l.Feed = l.Address + "feed"
		}
		for range rapid.IntRange(0, 3).Draw(t, "depth") {
			l.Folders = append(l.Folders, rapid.SampledFrom([]string{"Travail", "Santé & soin", "Lieux"}).Draw(t, "folder"))
		}
		if rapid.Bool().Draw(t, "dated") {
			l.Added = time.Unix(rapid.Int64Range(1, 2e9).Draw(t, "at"), 0).UTC()
		}
		return l
	})
	rapid.Check(t, func(t *rapid.T) {
		l := outline.List{Title: "Veille", Lines: rapid.SliceOfN(line, 1, 20).Draw(t, "lines")}
		for name, f := range map[string]struct {
			write func(*bytes.Buffer) error
			read  func(*bytes.Buffer) (outline.List, error)
		}{
			"bookmarks": {func(b *bytes.Buffer) error { return outline.WriteBookmarks(b, l) }, func(b *bytes.Buffer) (outline.List, error) { return outline.ReadBookmarks(b) }},
			"OPML":      {func(b *bytes.Buffer) error { return outline.WriteOPML(b, l) }, func(b *bytes.Buffer) (outline.List, error) { return outline.ReadOPML(b) }},
		} {
			var b bytes.Buffer
			if err := f.write(&b); err != nil {
				t.Fatal(err)
			}
			written := b.String()
			got, err := f.read(&b)
			if err != nil || got.Title != l.Title || len(got.Lines) != len(l.Lines) {
				t.Fatalf("%s: %+v, %v\n%s", name, got, err, written)
			}
			for _, want := range l.Lines { // OPML gathers the lines of a folder
				found := false
				for _, g := range got.Lines {
					found = found || reflect.DeepEqual(g, want)
				}
				if !found {
					t.Fatalf("%s: %+v is not in\n%s", name, want, written)
				}
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(opml))
	f.Add([]byte(netscape))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, read := range []func() (outline.List, error){
			func() (outline.List, error) { return outline.ReadOPML(bytes.NewReader(raw)) },
			func() (outline.List, error) { return outline.ReadBookmarks(bytes.NewReader(raw)) },
		} {
			l, err := read()
			if err != nil {
				continue
			}
			for _, line := range l.Lines {
				if !strings.HasPrefix(strings.ToLower(line.Address+line.Feed), "http") {
					t.Errorf("%+v", line)
				}
			}
		}
	})
}
