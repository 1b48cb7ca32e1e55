package musette

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/once"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"

	"pgregory.net/rapid"
)

// each runs f on both engines with a musette service in a house of four people.
func each(t *testing.T, f func(t *testing.T, h *house.House, s *Service)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, where string) {
		h := house.Open(t, where)
		f(t, h, &Service{DB: h.DB, Gate: h.Gate})
	})
}

// keyed is ctx with an idempotency key and a request.
func keyed(t testing.TB, ctx context.Context, key, body string) context.Context {
	t.Helper()
	r, err := once.New(key, "POST /test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(r, body); err != nil {
		t.Fatal(err)
	}
	return once.With(ctx, r)
}

func add(t testing.TB, s *Service, ctx context.Context, title string, start kernel.Date) *Activity {
	t.Helper()
	a, err := s.AddActivity(ctx, Content{Title: title, Kind: Job, Start: start, Tools: []string{"marteau"}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnActivityIsKeptChangedAndDeleted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house.House, s *Service) {
		ada := h.As(t, "ada")
		a := add(t, s, ada, "Vendeuse", "2003")
		if a.Version != 1 || a.CreatedAt.IsZero() || a.Provenance.Source != "declared" || !has(a.ID, activityPrefix) {
			t.Errorf("made %+v", a)
		}
		b, err := s.ReviseActivity(ada, a.ID, 1, Content{Title: "Vendeuse en boulangerie", Kind: Job, Start: "2003-09"})
		if err != nil {
			t.Fatal(err)
		}
		if b.Version != 2 || b.Title != "Vendeuse en boulangerie" || !b.CreatedAt.Equal(a.CreatedAt) || len(b.Tools) != 0 {
			t.Errorf("changed to %+v", b)
		}
		if _, err := s.ReviseActivity(ada, a.ID, 1, Content{Title: "x", Kind: Job, Start: "2003"}); !errors.Is(err, errStale) {
			t.Errorf("a stale version: %v", err)
		}
		if _, err := s.ReviseActivity(ada, a.ID, 2, Content{Title: "x", Kind: Job}); fields(err) != "start: musette.start.missing" {
			t.Errorf("the start taken away: %v", err)
		}
		if got, err := s.Activity(ada, a.ID); err != nil || got.Title != b.Title || got.Version != 2 {
			t.Errorf("after two refusals: %+v, %v", got, err)
		}
		if err := s.RemoveActivity(ada, a.ID, 1, false); !errors.Is(err, errStale) {
			t.Errorf("deleting a stale version: %v", err)
		}
		if err := s.RemoveActivity(ada, a.ID, 2, false); err != nil {
			t.Error(err)
		}
		if _, err := s.Activity(ada, a.ID); !errors.Is(err, errNoItem) {
			t.Errorf("after deleting: %v", err)
		}
		if err := s.RemoveActivity(ada, a.ID, 0, false); !errors.Is(err, errNoItem) {
			t.Errorf("deleting again: %v", err)
		}
	})
}

func TestAStrangerLearnsNothingOfAnActivity(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house.House, s *Service) {
		a := add(t, s, h.As(t, "ada"), "Vendeuse", "2003")
		add(t, s, h.As(t, "mallory"), "Autre", "2004")
		for _, who := range []kernel.PersonID{"eve", "mallory"} {
			ctx := h.As(t, who)
			if _, err := s.Activity(ctx, a.ID); !errors.Is(err, errNoItem) {
				t.Errorf("%s reads: %v", who, err)
			}
			if _, err := s.ReviseActivity(ctx, a.ID, 1, Content{Title: "x", Kind: Job, Start: "2003"}); !errors.Is(err, errNoItem) {
				t.Errorf("%s changes: %v", who, err)
			}
			if err := s.RemoveActivity(ctx, a.ID, 0, false); !errors.Is(err, errNoItem) {
				t.Errorf("%s deletes: %v", who, err)
			}
			all, _, err := s.Activities(ctx, "", 200)
			if err != nil || slices.ContainsFunc(all, func(b *Activity) bool { return b.ID == a.ID }) {
				t.Errorf("%s lists %d, %v", who, len(all), err)
			}
		}
		if _, err := s.Activity(h.As(t, ""), a.ID); kernel.KindOf(err) != kernel.Unauthenticated {
			t.Errorf("a visitor: %v", err)
		}
		for _, id := range []kernel.ItemID{"", "act_", "nte_1", "../x", "prf_me"} {
			if _, err := s.Activity(h.As(t, "ada"), id); !errors.Is(err, errNoItem) {
				t.Errorf("%q: %v", id, err)
			}
		}
	})
}

func TestARepeatedRequestHasOneEffect(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house.House, s *Service) {
		ada := h.As(t, "ada")
		c := Content{Title: "Vendeuse", Kind: Job, Start: "2003"}
		first, err := s.AddActivity(keyed(t, ada, "k1", "a"), c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.AddActivity(keyed(t, ada, "k1", "a"), c)
		if err != nil || again.ID != first.ID || again.Title != "Vendeuse" {
			t.Errorf("again: %+v, %v; want %s", again, err, first.ID)
		}
		if _, err := s.AddActivity(keyed(t, ada, "k1", "b"), c); !errors.Is(err, once.ErrOtherRequest) {
			t.Errorf("another body: %v", err)
		}
		change := Content{Title: "Boulangère", Kind: Job, Start: "2003"}
		for range 2 {
			if b, err := s.ReviseActivity(keyed(t, ada, "k2", "a"), first.ID, 1, change); err != nil || b.Version != 2 {
				t.Errorf("revised: %+v, %v", b, err)
			}
		}
		for range 2 {
			if err := s.RemoveActivity(keyed(t, ada, "k3", "a"), first.ID, 2, false); err != nil {
				t.Errorf("removed: %v", err)
			}
		}
		if all, _, err := s.Activities(ada, "", 10); err != nil || len(all) != 0 {
			t.Errorf("%d left, %v", len(all), err)
		}
	})
}

func TestSeveralAreKeptTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house.House, s *Service) {
		ada := h.As(t, "ada")
		if err := s.AddActivities(ada, []Content{{Title: "a", Kind: Job, Start: "2001"}, {Title: "b", Kind: Care, Start: "2002"}}); err != nil {
			t.Fatal(err)
		}
		err := s.AddActivities(ada, []Content{{Title: "c", Kind: Job, Start: "2001"}, {Title: "", Kind: Care, Start: "2002"}})
		if got := fields(err); got != "2.title: musette.title.missing" {
			t.Errorf("refused as %q", got)
		}
		if all, _, err := s.Activities(ada, "", 10); err != nil || len(all) != 2 {
			t.Errorf("%d kept, %v", len(all), err)
		}
	})
}

func TestWalkingThePagesMeetsEachActivityOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house.House, s *Service) {
		people := []kernel.PersonID{"ada", "bob", "eve", "mallory"}
		for n, who := range people {
			ctx := h.As(t, who)
			r := rapid.Custom(func(t *rapid.T) []kernel.Date {
				return rapid.SliceOfN(rapid.SampledFrom([]kernel.Date{"2019", "2019-01", "2019-01-01", "2019-03", "2020", "1999-12-31", "2020-02-29"}), 1, 25).Draw(t, "starts")
			}).Example(n)
			var want []string
			for i, start := range r {
				a := add(t, s, ctx, fmt.Sprint(i), start)
				want = append(want, string(a.ID))
			}
			undated := unknownStart(t, s, ctx)
			for _, limit := range []int{1, 3, 7, 200} {
				got := walk(t, s, ctx, limit, nil)
				if got[len(got)-1].ID != undated {
					t.Errorf("%s: what has no start is not last", who)
				}
				if !slices.IsSortedFunc(got, newerFirst) {
					t.Errorf("%s, %d a page: not sorted", who, limit)
				}
				ids := make([]string, 0, len(got))
				for _, a := range got[:len(got)-1] {
					ids = append(ids, string(a.ID))
				}
				slices.Sort(ids)
				slices.Sort(want)
				if !slices.Equal(ids, want) {
					t.Errorf("%s, %d a page: %d met, want %d", who, limit, len(ids), len(want))
				}
			}
		}
	})
}

// unknownStart keeps an entry as an import does when its file has no date.
func unknownStart(t testing.TB, s *Service, ctx context.Context) kernel.ItemID {
	t.Helper()
	c := Content{Title: "sans date", Kind: Other}
	it, err := c.item(kernel.NewID[kernel.ItemID](activityPrefix, s.DB.Now()), 0, declared)
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.put(ctx, it)
	if err != nil {
		t.Fatal(err)
	}
	return made.ID
}

// walk reads every page; between pages it calls between.
func walk(t testing.TB, s *Service, ctx context.Context, limit int, between func(last *Activity)) []*Activity {
	t.Helper()
	var all []*Activity
	cursor := ""
	for range 1000 {
		page, next, err := s.Activities(ctx, cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
		if next == "" {
			return all
		}
		if between != nil {
			between(page[len(page)-1])
		}
		cursor = next
	}
	t.Fatal("the list never ends")
	return nil
}

func TestTheWalkGoesOnWhenItsPlaceIsDeleted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house.House, s *Service) {
		ada := h.As(t, "ada")
		for i := range 9 {
			add(t, s, ada, fmt.Sprint(i), kernel.Date(fmt.Sprint(2010+i/3)))
		}
		seen := walk(t, s, ada, 2, func(last *Activity) {
			if err := s.RemoveActivity(ada, last.ID, 0, false); err != nil {
				t.Fatal(err)
			}
		})
		if len(seen) != 9 || !slices.IsSortedFunc(seen, newerFirst) {
			t.Errorf("met %d of 9", len(seen))
		}
	})
}

func TestACursorIsOursAndSaysNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house.House, s *Service) {
		ada := h.As(t, "ada")
		a := add(t, s, ada, "a", "2019-03-02")
		add(t, s, ada, "b", "2018")
		_, next, err := s.Activities(ada, "", 1)
		if err != nil || next == "" {
			t.Fatal(next, err)
		}
		if strings.Contains(next, "2019") || strings.Contains(next, string(a.ID)) {
			t.Errorf("the cursor tells: %s", next)
		}
		for _, bad := range []string{"x", "AAAA", next[1:], next + "A", "é"} {
			if _, _, err := s.Activities(ada, bad, 1); !errors.Is(err, errCursor) {
				t.Errorf("cursor %q: %v", bad, err)
			}
		}
	})
}

func TestAnUnknownStartMayStayUnknown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house.House, s *Service) {
		ada := h.As(t, "ada")
		id := unknownStart(t, s, ada)
		a, err := s.ReviseActivity(ada, id, 1, Content{Title: "toujours sans date", Kind: Other})
		if err != nil || a.Start != "" {
			t.Errorf("%+v, %v", a, err)
		}
		if a, err = s.ReviseActivity(ada, id, 2, Content{Title: "datée", Kind: Other, Start: "2001"}); err != nil || a.Start != "2001" {
			t.Errorf("%+v, %v", a, err)
		}
		if _, err := s.ReviseActivity(ada, id, 3, Content{Title: "redevenue sans date", Kind: Other}); fields(err) != "start: musette.start.missing" {
			t.Errorf("the date taken away: %v", err)
		}
	})
}
