package watch_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/outbound"
	"digiwork/internal/platform/search"
	"digiwork/internal/testkit"
	"digiwork/internal/watch"
)

const expo = kernel.ExpeditionID("exp_1")

// expeditions lets ada watch and bob read.
type expeditions struct{}

var errForbidden = kernel.NewFault(kernel.Forbidden, "test")

func (expeditions) May(ctx context.Context, _ kernel.ExpeditionID, act string) error {
	switch who := kernel.ActorFrom(ctx).Person; {
	case who == "ada", who == "bob" && act == "read":
		return nil
	}
	return errForbidden
}

func (expeditions) Names(context.Context, []kernel.ExpeditionID) (map[kernel.ExpeditionID]string, error) {
	return map[kernel.ExpeditionID]string{expo: "Le soin dans dix ans"}, nil
}

func (expeditions) Axes(context.Context, kernel.ExpeditionID) ([]watch.Axis, error) {
	return []watch.Axis{{ID: "crd_1", Title: "L’individu"}, {ID: "crd_2", Title: "Les lieux"}}, nil
}

// desk is a watch on a fresh database, its clock, and a site to follow.
type desk struct {
	*watch.Service
	t    testing.TB
	jobs *jobs.Runner
	site *site

	mu  sync.Mutex
	now time.Time
}

func open(t *testing.T, where string) *desk {
	t.Helper()
	d := testkit.Open(t, where, db.Content,
		db.Steps{Context: "once", Files: once.Migrations}, db.Steps{Context: "jobs", Files: jobs.Migrations},
		db.Steps{Context: "search", Files: search.Migrations}, db.Steps{Context: "watch", Files: watch.Migrations})
	k := &desk{t: t, now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), site: newSite(t)}
	d.SetClock(func() time.Time {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.now = k.now.Add(time.Millisecond)
		return k.now
	})
	k.jobs = jobs.New(d, slog.New(slog.DiscardHandler))
	k.Service = &watch.Service{DB: d, Expeditions: expeditions{}, Jobs: k.jobs, Base: "http://localhost:8080", Sites: watch.HTTP{Client: outbound.Client(5*time.Second, k.site.address), Agent: "DigiWork/test", Now: d.Now}}
	k.Register()
	if err := k.jobs.Arm(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *desk) as(person kernel.PersonID) context.Context {
	return kernel.WithActor(k.t.Context(), kernel.Actor{Person: person, Lang: "fr"})
}

// pass lets time go by and does what is due.
func (k *desk) pass(d time.Duration) {
	k.t.Helper()
	k.mu.Lock()
	k.now = k.now.Add(d)
	k.mu.Unlock()
	for range 4 { // a job may ask for another
		if _, err := k.jobs.RunDue(k.t.Context()); err != nil {
			k.t.Fatal(err)
		}
		k.mu.Lock()
		k.now = k.now.Add(3 * time.Second)
		k.mu.Unlock()
	}
}

// site is a site of the web, on loopback.
type site struct {
	address netip.AddrPort
	url     string

	mu    sync.Mutex
	asked []http.Header
	feed  string
	page  string
	code  int
	extra http.Header
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{code: http.StatusOK, extra: http.Header{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, r.Header.Clone())
		for k, v := range s.extra {
			w.Header()[k] = v
		}
		body := s.feed
		if strings.HasPrefix(r.URL.Path, "/page") {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			body = s.page
		}
		if s.code == http.StatusOK && r.Header.Get("If-None-Match") != "" && r.Header.Get("If-None-Match") == s.extra.Get("Etag") {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.WriteHeader(s.code)
		if _, err := io.WriteString(w, body); err != nil {
			t.Log(err)
		}
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	s.address = netip.MustParseAddrPort(strings.TrimPrefix(server.URL, "http://"))
	return s
}

func (s *site) says(feed string, code int, header ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.feed, s.code, s.extra = feed, code, http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		s.extra.Set(header[i], header[i+1])
	}
}

func (s *site) times() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

func rss(items ...string) string {
	return `<rss version="2.0"><channel><title>La Gazette</title><link>https://gazette.example/</link>` + strings.Join(items, "") + `</channel></rss>`
}

func item(n int, title string) string {
	return fmt.Sprintf(`<item><title>%s</title><link>https://gazette.example/%d</link><pubDate>Tue, 24 Nov 2026 08:00:00 GMT</pubDate></item>`, title, n)
}

func (k *desk) list(ask watch.Ask) []watch.Listed {
	k.t.Helper()
	all, _, err := k.List(k.as("bob"), expo, ask)
	if err != nil {
		k.t.Fatal(err)
	}
	return all
}

func TestAFeedBringsSignalsOnceAndIsAskedPolitely(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		k := open(t, where)
		k.site.says(rss(item(1, "Le soin la nuit en question"), item(2, "Un autre titre assez long")), http.StatusOK, "ETag", `"v1"`)
		if _, err := k.Follow(k.as("bob"), expo, k.site.url+"/rss"); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("a reader follows: %v", err)
		}
		if _, err := k.Follow(k.as("ada"), expo, k.site.url+"/rss"); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Follow(k.as("ada"), expo, k.site.url+"/rss"); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("followed twice: %v", err)
		}
		k.pass(time.Second)
		if all := k.list(watch.Ask{State: watch.New}); len(all) != 2 || all[0].Published != "2026-11-24" {
			t.Fatalf("%+v", all)
		}
		feeds, err := k.Feeds(k.as("bob"), expo)
		if err != nil || len(feeds) != 1 || feeds[0].Title != "La Gazette" || feeds[0].Problem != "" {
			t.Fatalf("%+v, %v", feeds, err)
		}
		asked := k.site.times()
		k.pass(time.Minute) // not due
		if k.site.times() != asked {
			t.Error("it was asked again within a minute")
		}
		k.pass(time.Hour)
		if k.site.times() != asked+1 || k.site.asked[asked].Get("If-None-Match") != `"v1"` || k.site.asked[asked].Get("User-Agent") != "DigiWork/test" {
			t.Errorf("asked %d times, %v", k.site.times(), k.site.asked)
		}
		k.site.says("", http.StatusTooManyRequests, "Retry-After", "7200")
		k.pass(time.Hour)
		asked = k.site.times()
		if feeds, _ = k.Feeds(k.as("bob"), expo); feeds[0].Problem != "busy" { //nolint:errcheck // read above
			t.Errorf("problem %q", feeds[0].Problem)
		}
		k.pass(time.Hour)
		if k.site.times() != asked {
			t.Error("it was asked before the time it had given")
		}
		k.site.says(rss(item(1, "Le soin la nuit en question"), item(3, "Encore un titre assez long")), http.StatusOK)
		k.pass(3 * time.Hour)
		if all := k.list(watch.Ask{}); len(all) != 3 {
			t.Errorf("%d signals, want 3", len(all))
		}
	})
}

func TestTheSameArticleFromTwoFeedsIsOneSignal(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		k := open(t, where)
		k.site.says(rss(item(1, "Le soin la nuit en question"), item(9, "Le soin la nuit en question | Le Relais")), http.StatusOK)
		if _, err := k.Follow(k.as("ada"), expo, k.site.url+"/rss"); err != nil {
			t.Fatal(err)
		}
		k.pass(time.Second)
		all := k.list(watch.Ask{})
		if len(all) != 1 || all[0].Sources != 1 {
			t.Fatalf("%+v", all)
		}
		lead := all[0].ID
		made, err := k.Add(k.as("ada"), expo, watch.Draft{Address: "http://GAZETTE.example/1?utm_source=x", Grade: watch.Weak, Tags: []string{"nuit"}})
		if err != nil || made != lead {
			t.Fatalf("added %q, %v; want %q", made, err, lead)
		}
		show, err := k.Show(k.as("bob"), expo, lead)
		if err != nil || len(show.Sources) != 2 || show.State != watch.Kept {
			t.Fatalf("%+v, %v", show, err)
		}
		if err := k.Unfold(k.as("bob"), expo, show.Sources[0].ID); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("a reader unfolds: %v", err)
		}
		if err := k.Unfold(k.as("ada"), expo, show.Sources[0].ID); err != nil {
			t.Fatal(err)
		}
		if all := k.list(watch.Ask{}); len(all) != 2 {
			t.Errorf("%d signals after they were taken apart, want 2", len(all))
		}
		k.site.says(rss(item(1, "Le soin la nuit en question"), item(10, "Le soin la nuit en question")), http.StatusOK)
		k.pass(time.Hour)
		if all := k.list(watch.Ask{}); len(all) != 2 {
			t.Errorf("%d signals: what was taken apart was folded again, or a new source was not", len(all))
		}
	})
}

func TestWordsFindSignalsInBothLanguages(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		k := open(t, where)
		for _, title := range []string{"Les infirmières de nuit s’organisent", "Nurses and their schedules"} {
			if _, err := k.Add(k.as("ada"), expo, watch.Draft{Address: "https://a.example/" + strings.ReplaceAll(title, " ", "-"), Title: title, Tags: []string{"soin", "100%"}, Axis: "crd_1"}); err != nil {
				t.Fatal(err)
			}
		}
		for ask, want := range map[watch.Ask]int{
			{Words: "infirmier"}: 1, {Words: "nurse schedule"}: 1, {Words: "boulanger"}: 0, {Tag: "soin"}: 2, {Tag: "so_n"}: 0, {Tag: "100%"}: 2, {Tag: "%"}: 0,
			{Axis: "crd_1"}: 2, {Axis: "crd_2"}: 0, {Axis: "-"}: 0, {Grade: watch.Trend}: 0, {State: watch.Kept}: 2,
		} {
			if all := k.list(ask); len(all) != want {
				t.Errorf("%+v gives %d, want %d", ask, len(all), want)
			}
		}
		if _, err := k.Add(k.as("ada"), expo, watch.Draft{Address: "https://a.example/x", Axis: "crd_9"}); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("an axis that is not on the map: %v", err)
		}
		if _, err := k.Add(k.as("ada"), expo, watch.Draft{Address: "file:///etc/passwd"}); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("not a page: %v", err)
		}
	})
}

const article = "Les infirmières de nuit tiennent un cahier que personne ne lit. Elles y notent ce que la machine ne compte pas. "

func TestAPageFillsWhatNobodyTypedAndNotesStayOnTheirWords(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		k := open(t, where)
		page := func(before string) string {
			return `<html><head><title>Le cahier de nuit</title><meta name="author" content="Awa Exemple"></head><body><article><p>` + before + strings.Repeat(article, 1) + `</p><p>` + strings.Repeat("Une seconde page du cahier raconte la garde de dimanche, avec ses appels et ses silences. ", 8) + `</p></article></body></html>`
		}
		k.site.page = page("")
		id, err := k.Add(k.as("ada"), expo, watch.Draft{Address: k.site.url + "/page"})
		if err != nil {
			t.Fatal(err)
		}
		k.pass(time.Second)
		show, err := k.Show(k.as("bob"), expo, id)
		if err != nil || show.Title != "Le cahier de nuit" || show.Author != "Awa Exemple" || !strings.Contains(show.Text, "la machine ne compte pas") {
			t.Fatalf("%+v, %v", show.Signal, err)
		}
		for quote, want := range map[string]kernel.Kind{"des mots absents de ce texte": kernel.Invalid, "seconde page": kernel.Invalid, "": kernel.Invalid} {
			if err := k.Highlight(k.as("ada"), expo, id, quote, ""); kernel.KindOf(err) != want {
				t.Errorf("%q: %v", quote, err)
			}
		}
		if err := k.Highlight(k.as("ada"), expo, id, "ce que la machine ne compte pas", "Voilà le travail réel."); err != nil {
			t.Fatal(err)
		}
		k.site.mu.Lock()
		k.site.page = page("Une phrase de plus. ")
		k.site.mu.Unlock()
		if err := k.Reread(k.as("ada"), expo, id); err != nil {
			t.Fatal(err)
		}
		k.pass(time.Minute)
		if show, err = k.Show(k.as("bob"), expo, id); err != nil || !strings.Contains(show.Text, "Une phrase de plus") || len(show.Notes) != 1 || show.Notes[0].Lost {
			t.Fatalf("%+v, %v", show.Notes, err)
		}
		marked := ""
		for _, p := range watch.Parts(show.Text, show.Notes) {
			if len(p.Notes) > 0 {
				marked += p.Text
			}
		}
		if marked != "ce que la machine ne compte pas" {
			t.Errorf("marked %q", marked)
		}
		k.site.mu.Lock()
		k.site.page = strings.ReplaceAll(page(""), "machine", "pointeuse automatique du service")
		k.site.page = strings.ReplaceAll(k.site.page, "ne compte pas", "ignore")
		k.site.mu.Unlock()
		if err := k.Reread(k.as("ada"), expo, id); err != nil {
			t.Fatal(err)
		}
		k.pass(time.Minute)
		if show, err = k.Show(k.as("bob"), expo, id); err != nil || !show.Notes[0].Lost {
			t.Errorf("%+v, %v: it should be lost", show.Notes, err)
		}
	})
}

func TestAddressesInsideAreNotAsked(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		k := open(t, where)
		k.Sites = watch.HTTP{Client: outbound.Client(5 * time.Second), Now: k.DB.Now} // as in life
		if _, err := k.Follow(k.as("ada"), expo, k.site.url+"/rss"); err != nil {
			t.Fatal(err)
		}
		k.pass(time.Second)
		feeds, err := k.Feeds(k.as("ada"), expo)
		if err != nil || feeds[0].Problem != "inside" || k.site.times() != 0 {
			t.Errorf("%+v, asked %d times, %v", feeds, k.site.times(), err)
		}
	})
}

func TestFilesComeOnceAndGoAgain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		k := open(t, where)
		bookmarks := "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>B</TITLE><DL><p><DT><H3>Soin</H3><DL><p><DT><A HREF=\"https://a.example/1\">Un</A><DT><A HREF=\"https://a.example/2\">Deux</A></DL><p></DL>"
		bib := "@book{a, title = {Le m\\'etier}, author = {Exemple, Awa}, year = 2019, url = {https://b.example/}}\n@book{b, title = {Sans adresse}}"
		opml := `<opml version="2.0"><head><title>F</title></head><body><outline text="G" xmlUrl="https://c.example/rss"/></body></opml>`
		for name, c := range map[string]struct {
			raw  string
			want watch.Arrival
		}{
			"bookmarks": {bookmarks, watch.Arrival{Format: "bookmarks", Signals: 2}},
			"BibTeX":    {bib, watch.Arrival{Format: "bibtex", Signals: 1, Skipped: 1}},
			"OPML":      {opml, watch.Arrival{Format: "opml", Feeds: 1}},
		} {
			if got, err := k.Take(k.as("ada"), expo, []byte(c.raw)); err != nil || got != c.want {
				t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
			}
			again := watch.Arrival{Format: c.want.Format, Known: c.want.Signals + c.want.Feeds, Skipped: c.want.Skipped}
			if got, err := k.Take(k.as("ada"), expo, []byte(c.raw)); err != nil || got != again {
				t.Errorf("%s again: %+v, %v; want %+v", name, got, err, again)
			}
		}
		if _, err := k.Take(k.as("ada"), expo, []byte("Bonjour")); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("not a list: %v", err)
		}
		for format, want := range map[string]string{"opml": `xmlUrl="https://c.example/rss"`, "bookmarks": `HREF="https://a.example/1"`, "csl": `"URL": "https://b.example/"`, "bibtex": "url = {https://b.example/}"} {
			var b strings.Builder
			if err := k.Give(k.as("bob"), &b, expo, format); err != nil || !strings.Contains(b.String(), want) {
				t.Errorf("%s: %v\n%s", format, err, b.String())
			}
		}
		// The whole goes into another expedition and comes out equal.
		raw, err := k.Export(k.as("ada"), expo)
		if err != nil {
			t.Fatal(err)
		}
		other := kernel.ExpeditionID("exp_2")
		if err := k.DB.Write(t.Context(), func(tx *db.Tx) error { return k.Import(k.as("ada"), tx, other, raw) }); err != nil {
			t.Fatal(err)
		}
		if again, err := k.Export(k.as("ada"), other); err != nil || string(again) != string(raw) {
			t.Errorf("%v\n%s\n%s", err, raw, again)
		}
		if err := k.DB.Write(t.Context(), func(tx *db.Tx) error { return k.Drop(t.Context(), tx, other) }); err != nil {
			t.Fatal(err)
		}
		if left, err := k.Export(k.as("ada"), other); err != nil || left != nil {
			t.Errorf("left %s, %v", left, err)
		}
	})
}

func TestAReviewGathersTheWeek(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		k := open(t, where)
		old, err := k.Add(k.as("ada"), expo, watch.Draft{Address: "https://a.example/old", Title: "Il y a longtemps"})
		if err != nil {
			t.Fatal(err)
		}
		k.pass(10 * 24 * time.Hour)
		var ids []string
		for i, axis := range []string{"crd_2", "crd_1", ""} {
			id, err := k.Add(k.as("ada"), expo, watch.Draft{Address: fmt.Sprintf("https://a.example/%d", i), Title: fmt.Sprintf("Signal [%d]", i), Axis: axis, Note: "Deux\nlignes"})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		picks, err := k.Picks(k.as("ada"), expo)
		if err != nil || len(picks) != 3 || picks[0].Title != "L’individu" || picks[2].Title != "" {
			t.Fatalf("%+v, %v", picks, err)
		}
		for _, bad := range [][]string{nil, {"sig_never"}} {
			if _, err := k.Publish(k.as("ada"), expo, "Revue", "", bad); kernel.KindOf(err) != kernel.Invalid {
				t.Errorf("%v: %v", bad, err)
			}
		}
		made, err := k.Publish(k.as("ada"), expo, "La revue *du* lundi", "Ce qui relie.", append(ids, old))
		if err != nil {
			t.Fatal(err)
		}
		r, err := k.Review(k.as("bob"), expo, made)
		if err != nil || len(r.Rubrics) != 3 || len(r.Rubrics[2].Signals) != 2 {
			t.Fatalf("%+v, %v", r, err)
		}
		md := watch.Markdown(r, "Sans axe")
		for _, want := range []string{"# La revue \\*du\\* lundi\n", "## L’individu\n", "- [Signal \\[1\\]](<https://a.example/1>)", "\n  Deux\n  lignes\n", "## Sans axe\n"} {
			if !strings.Contains(md, want) {
				t.Errorf("%q is not in\n%s", want, md)
			}
		}
		if err := k.Send(k.as("bob"), expo, made, "/x", "Sans axe"); kernel.KindOf(err) != kernel.Unavailable {
			t.Errorf("no mail: %v", err)
		}
		if err := k.Withdraw(k.as("ada"), expo, made); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Review(k.as("bob"), expo, made); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("withdrawn: %v", err)
		}
	})
}

func TestTwoWatchersAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		k := open(t, where)
		id, err := k.Add(k.as("ada"), expo, watch.Draft{Address: "https://a.example/1", Title: "Un"})
		if err != nil {
			t.Fatal(err)
		}
		d := watch.Draft{Address: "https://a.example/1", Title: "Deux", State: watch.Kept, Version: 1}
		if err := k.Mark(k.as("ada"), expo, id, d); err != nil {
			t.Fatal(err)
		}
		if err := k.Mark(k.as("ada"), expo, id, d); kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("a stale version: %v", err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := k.Add(k.as("ada"), expo, watch.Draft{Address: "https://a.example/same", Title: "La même adresse"}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if all := k.list(watch.Ask{}); len(all) != 2 || all[0].Sources != 7 {
			t.Errorf("%+v", all)
		}
		if err := k.DB.Write(t.Context(), func(tx *db.Tx) error { return k.Leave(t.Context(), tx, "ada") }); err != nil {
			t.Fatal(err)
		}
		if n, err := db.One(t.Context(), k.DB.Read(), db.Scan[int], `select count(*) from watch_signal where by_person <> ''`); err != nil || n != 0 {
			t.Errorf("%d signals still name her, %v", n, err)
		}
	})
}
