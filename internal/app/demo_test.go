package app

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"digiwork/internal/account"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/web"
	"digiwork/internal/testkit"
)

// demoAt opens an instance of the demonstration.
func demoAt(t *testing.T, where string, demo bool) *App {
	t.Helper()
	dir := t.TempDir()
	p := place{database: where, dir: dir, key: filepath.Join(dir, "demo.key")}
	a, err := New(t.Context(), p, options{base: "http://localhost:8080", demo: demo, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// countDemo is what somebody who looks around the demonstration finds, by name.
func countDemo(t *testing.T, a *App) map[string]int {
	t.Helper()
	found := map[string]int{}
	people, err := a.Account.DemoPeople(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		ctx, leave, err := a.enterAs(t.Context(), p.Handle)
		if err != nil {
			t.Fatal(err)
		}
		pass, err := a.Gate.Own(ctx)
		if err != nil {
			t.Fatal(err)
		}
		items, err := a.Gate.Everything(ctx, pass)
		if err != nil {
			t.Fatal(err)
		}
		grants, err := a.Gate.Grants(ctx)
		if err != nil {
			t.Fatal(err)
		}
		lines, _, err := a.Gate.Journal(ctx, "", 500)
		if err != nil {
			t.Fatal(err)
		}
		circles, _, err := a.Circle.Mine(ctx, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		found[p.Handle+" items"], found[p.Handle+" grants"] = len(items), len(grants)
		found[p.Handle+" lines"], found[p.Handle+" circles"] = len(lines), len(circles)
		if err := leave(); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func TestTheDemonstrationFillsOnce(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		a := demoAt(t, where, true)
		if err := a.fillDemo(t.Context()); err != nil {
			t.Fatal(err)
		}
		s, err := readScene(sceneFiles, a.DB.Now())
		if err != nil {
			t.Fatal(err)
		}
		first := countDemo(t, a)
		for _, p := range s.People {
			if n := first[p.Handle+" items"]; n < len(p.Activities)+len(p.Entries) {
				t.Errorf("%s keeps %d items", p.Handle, n)
			}
			if first[p.Handle+" grants"] == 0 || first[p.Handle+" lines"] == 0 {
				t.Errorf("%s shows nothing to anybody, or nobody looked", p.Handle)
			}
		}
		before, err := a.demoPeople(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := a.fillDemo(t.Context()); err != nil {
			t.Fatal(err)
		}
		after, err := a.demoPeople(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(texts(before), " ") != strings.Join(texts(after), " ") || !maps.Equal(first, countDemo(t, a)) {
			t.Error("filling twice changed something")
		}
	})
}

func texts(ids []kernel.PersonID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return all
}

// What was interrupted before its end is made again, whole.
func TestAHalfFilledDemonstrationIsMadeAgain(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		a := demoAt(t, where, true)
		s, err := readScene(sceneFiles, a.DB.Now())
		if err != nil {
			t.Fatal(err)
		}
		half := &stage{App: a, scene: s}
		if err := errors.Join(half.enter(t.Context()), half.each(half.live)); err != nil {
			t.Fatal(err)
		}
		if whole, err := a.demoIsWhole(t.Context(), s); whole || err != nil {
			t.Fatalf("half a demonstration is taken for whole: %v", err)
		}
		if err := a.fillDemo(t.Context()); err != nil {
			t.Fatal(err)
		}
		ids, err := a.demoPeople(t.Context())
		if err != nil || len(ids) != len(s.People) {
			t.Errorf("%d people, want %d (%v)", len(ids), len(s.People), err)
		}
		for what, n := range countDemo(t, a) {
			if n == 0 && !strings.HasSuffix(what, "circles") {
				t.Errorf("%s: none", what)
			}
		}
	})
}

func TestADemonstrationLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		p := place{database: where}
		if err := demoOnly(t.Context(), p); err != nil {
			t.Fatalf("a database that is not there: %v", err)
		}
		theirs := demoAt(t, where, false)
		if err := demoOnly(t.Context(), p); err != nil {
			t.Fatalf("an empty database: %v", err)
		}
		id, _, err := theirs.Account.AddPerson(t.Context(), account.NewPerson{Handle: "ada", Name: "Ada"})
		if err != nil {
			t.Fatal(err)
		}
		if err := demoOnly(t.Context(), p); !errors.Is(err, errForeign) {
			t.Fatalf("somebody lives there: %v", err)
		}
		if _, err := theirs.Account.PersonByHandle(t.Context(), "ada"); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	})
}

func TestADemonstrationOpensItsOwnDatabase(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		a := demoAt(t, where, true)
		if _, _, err := a.Account.AddPerson(t.Context(), account.NewPerson{Handle: "ada", Name: "Ada"}); err != nil {
			t.Fatal(err)
		}
		if err := demoOnly(t.Context(), place{database: where}); err != nil {
			t.Error(err)
		}
	})
}

func TestResetPutsTheDemonstrationBack(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		a := demoAt(t, where, true)
		if err := a.fillDemo(t.Context()); err != nil {
			t.Fatal(err)
		}
		first := countDemo(t, a)
		if _, _, err := a.Account.AddPerson(t.Context(), account.NewPerson{Handle: "visitor", Name: "Visitor", Password: "a long and quiet river"}); err != nil {
			t.Fatal(err)
		}
		s, err := readScene(sceneFiles, a.DB.Now())
		if err != nil {
			t.Fatal(err)
		}
		away, err := a.Account.PersonByHandle(t.Context(), s.People[0].Handle)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Account.Erase(t.Context(), away); err != nil {
			t.Fatal(err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel() // whoever asked has hung up: it is done all the same
		if err := a.resetDemo(gone); err != nil {
			t.Fatal(err)
		}
		if again := countDemo(t, a); !maps.Equal(first, again) {
			t.Errorf("it was %v, it is %v", first, again)
		}
		if _, err := a.Account.PersonByHandle(t.Context(), "visitor"); kernel.KindOf(err) == kernel.Internal || err == nil {
			t.Errorf("who registered in the demonstration is still there: %v", err)
		}
	})
}

// The invented lives never lie in the future, nor grow old.
func TestTheSceneMovesWithTheCalendar(t *testing.T) {
	t.Parallel()
	for _, day := range []string{"2025-03-01", "2026-11-24", "2027-01-15", "2028-02-29", "2031-12-31"} {
		now, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		s, err := readScene(sceneFiles, now.Add(12*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		newest := time.Time{}
		for i := range s.People {
			p := &s.People[i]
			for j := range p.Activities {
				c := p.Activities[j].content(s)
				if err := c.Check(false); err != nil {
					t.Errorf("%s: %s, %s: %v", day, p.Handle, c.Title, err)
				}
				start := c.Start.First()
				if start.After(now) {
					t.Errorf("%s: %s, %s begins on %s", day, p.Handle, c.Title, c.Start)
				}
				if start.After(newest) {
					newest = start
				}
			}
			for j := range p.Letters {
				q := p.Letters[j].request(s)
				if err := q.Check(); err != nil {
					t.Errorf("%s: %s, letter to %s: %v", day, p.Handle, q.To, err)
				}
			}
		}
		if now.Sub(newest) > 2*366*24*time.Hour {
			t.Errorf("%s: nothing is younger than %s", day, newest.Format(time.DateOnly))
		}
	}
}

func TestResetAsksThenSendsToTheDoor(t *testing.T) {
	t.Parallel()
	a := demoAt(t, filepath.Join(t.TempDir(), "demo.db"), true)
	if err := a.fillDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, err := a.demoPeople(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.frame = &web.Site{Base: a.base, Demo: true, Catalog: a.Messages, Log: a.Log}
	mux := web.NewMux(a.frame)
	a.demoPages(mux)
	site, err := a.frame.Wrap(a.onceOnly(mux), a.actor)
	if err != nil {
		t.Fatal(err)
	}
	asked := httptest.NewRecorder()
	site.ServeHTTP(asked, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost:8080/demo/reset", nil))
	if asked.Code != http.StatusOK || !strings.Contains(asked.Body.String(), `action="/demo/reset"`) {
		t.Fatalf("%d, %s", asked.Code, asked.Body)
	}
	if still, err := a.demoPeople(t.Context()); err != nil || still[0] != before[0] {
		t.Fatalf("asking has reset: %v", err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost:8080/demo/reset", strings.NewReader("idempotency_key=abcdefgh"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	site.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/sign-in" {
		t.Fatalf("%d, %s", w.Code, w.Body)
	}
	after, err := a.demoPeople(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != len(before) || after[0] == before[0] {
		t.Errorf("%v became %v", before, after)
	}
	if n, err := db.One(t.Context(), a.DB.Read(), db.Scan[int], `select count(*) from account_session`); err != nil || n != 0 {
		t.Errorf("%d sessions are left open (%v)", n, err)
	}
}
