package gate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/seal"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"
)

func each(t *testing.T, f func(t *testing.T, h *house.House)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, where string) { f(t, house.Open(t, where)) })
}

func own(t *testing.T, h *house.House, ctx context.Context) gate.Pass { //nolint:revive // t first, as in all tests
	t.Helper()
	p, err := h.Gate.Own(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// keep puts an activity into the musette of ctx's person.
func keep(t *testing.T, h *house.House, ctx context.Context, it gate.Item) gate.Item { //nolint:revive // t first
	t.Helper()
	if it.ID == "" {
		it.ID = kernel.NewID[kernel.ItemID]("act", h.DB.Now())
	}
	if it.Room == "" {
		it.Room = "musette"
	}
	sealed, err := h.Gate.Seal(ctx, own(t, h, ctx), it)
	if err != nil {
		t.Fatal(err)
	}
	err = h.DB.Write(ctx, func(tx *db.Tx) (err error) {
		it, err = h.Gate.Put(ctx, tx, sealed)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return it
}

func job(title, start string) gate.Item {
	return gate.Item{View: gate.View{Kind: "job", Title: title, Start: start, Organisation: "Atelier", Provenance: gate.Provenance{Source: gate.Declared}}, Body: []byte("body of " + title)}
}

func TestOnlyTheOwnerOpensHerItems(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		it := keep(t, h, ada, job("Reliure", "2019"))
		got, err := h.Gate.Get(ada, own(t, h, ada), it.ID)
		if err != nil || got.View.Title != "Reliure" || string(got.Body) != "body of Reliure" || got.Version != 1 {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := h.Gate.Get(bob, own(t, h, bob), it.ID); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("bob: %v", err)
		}
		if _, err := h.Gate.Own(h.As(t, "")); kernel.KindOf(err) != kernel.Unauthenticated {
			t.Errorf("visitor: %v", err)
		}
	})
}

func TestAnActorAloneOpensNothing(t *testing.T) {
	t.Parallel()
	h := house.Open(t, t.TempDir()+"/a.db")
	forged := kernel.WithActor(t.Context(), kernel.Actor{Person: "ada"})
	if _, err := h.Gate.Own(forged); kernel.KindOf(err) != kernel.Unauthenticated {
		t.Errorf("a context with an actor that the gate did not recognise: %v", err)
	}
	other := kernel.WithActor(h.As(t, "bob"), kernel.Actor{Person: "ada"})
	if _, err := h.Gate.Own(other); kernel.KindOf(err) != kernel.Unauthenticated {
		t.Errorf("an admission with another actor: %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a zero pass did not panic")
		}
	}()
	var p gate.Pass
	//lint:ignore SA9005 that JSON makes no pass is what is tried
	if err := json.Unmarshal([]byte(`{"owner":"ada","p":{"owner":"ada"}}`), &p); err != nil {
		t.Fatal(err)
	}
	_, _ = h.Gate.List(t.Context(), p, "musette") //nolint:errcheck // it panics
}

func TestAPassDiesWithItsRequest(t *testing.T) {
	t.Parallel()
	h := house.Open(t, t.TempDir()+"/a.db")
	ctx, end := context.WithCancel(h.As(t, "ada"))
	p := own(t, h, ctx)
	end()
	if _, err := h.Gate.List(h.As(t, "ada"), p, "musette"); err == nil {
		t.Error("a pass outlived its request")
	}
}

func TestTheSecondOfTwoTabsIsTold(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		it := keep(t, h, ada, job("Un", "2019"))
		first, second := it, it
		first.View.Title, second.View.Title = "Deux", "Trois"
		keep(t, h, ada, first)
		sealed, err := h.Gate.Seal(ada, own(t, h, ada), second)
		if err != nil {
			t.Fatal(err)
		}
		err = h.DB.Write(ada, func(tx *db.Tx) error {
			_, err := h.Gate.Put(ada, tx, sealed)
			return err
		})
		if kernel.KindOf(err) != kernel.Conflict {
			t.Errorf("err = %v", err)
		}
		past, err := h.Gate.Versions(ada, own(t, h, ada), it.ID)
		if err != nil || len(past) != 1 || past[0].View.Title != "Un" || past[0].Version != 1 {
			t.Errorf("history: %+v, %v", past, err)
		}
	})
}

func TestSwappedRowsDoNotOpen(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		a, b, c := keep(t, h, ada, job("A", "2019")), keep(t, h, ada, job("B", "2019")), keep(t, h, bob, job("C", "2019"))
		v2 := a
		v2.View.Title = "A, again"
		keep(t, h, ada, v2)
		for name, q := range map[string]struct{ sql, x, y string }{
			"two items of one person": {`update gate_item set sealed = (select o.sealed from gate_item o where o.id = $1) where id = $2`, string(a.ID), string(b.ID)},
			"two persons":             {`update gate_item set sealed = (select o.sealed from gate_item o where o.id = $1) where id = $2`, string(a.ID), string(c.ID)},
			"two versions":            {`update gate_item set sealed = (select o.sealed from gate_version o where o.id = $1) where id = $2`, string(a.ID), string(a.ID)},
		} {
			if err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.ExecContext(t.Context(), q.sql, q.x, q.y)
				return err
			}); err != nil {
				t.Fatal(name, err)
			}
		}
		for _, x := range []struct {
			ctx context.Context
			id  kernel.ItemID
		}{{ada, b.ID}, {bob, c.ID}, {ada, a.ID}} {
			if _, err := h.Gate.Get(x.ctx, own(t, h, x.ctx), x.id); !errors.Is(err, seal.ErrSealed) {
				t.Errorf("%s opened: %v", x.id, err)
			}
		}
	})
}

func TestAListIsNeverOlderThanTheLastWrite(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		other := &gate.Service{DB: h.DB, Keys: h.Keys, Sessions: h, Circles: h, People: h} // another process
		for i := range 20 {
			keep(t, h, ada, job(fmt.Sprint(i), "2019"))
			for _, s := range []*gate.Service{h.Gate, other} {
				p, err := s.Own(ada)
				if err != nil {
					t.Fatal(err)
				}
				items, err := s.List(ada, p, "musette")
				if err != nil || len(items) != i+1 {
					t.Fatalf("%d items after %d writes, %v", len(items), i+1, err)
				}
			}
		}
	})
}

func TestTheSameRequestIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ask := func(key, title string) (kernel.ItemID, error) {
			r, err := once.New(key, "POST /faces")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Write([]byte(title)); err != nil {
				t.Fatal(err)
			}
			f, err := h.Gate.SaveFace(once.With(h.As(t, "ada"), r), gate.Face{Name: title, Language: "fr"})
			return f.ID, err
		}
		first, err := ask("k1", "Client")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ask("k1", "Client"); err != nil || again != first {
			t.Errorf("again: %s, %v; want %s", again, err, first)
		}
		if _, err := ask("k1", "Association"); !errors.Is(err, once.ErrOtherRequest) {
			t.Errorf("same key, other request: %v", err)
		}
		if other, err := ask("k2", "Client"); err != nil || other == first {
			t.Errorf("another key: %s, %v", other, err)
		}
	})
}

func TestQuotaSaysWhichLimit(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		h.Gate.Limits = gate.Limits{Items: 2, Bytes: 1 << 20}
		ada := h.As(t, "ada")
		keep(t, h, ada, job("1", "2019"))
		two := keep(t, h, ada, job("2", "2019"))
		put := func(it gate.Item) error {
			it.ID, it.Room = kernel.NewID[kernel.ItemID]("act", h.DB.Now()), "musette"
			sealed, err := h.Gate.Seal(ada, own(t, h, ada), it)
			if err != nil {
				t.Fatal(err)
			}
			return h.DB.Write(ada, func(tx *db.Tx) error {
				_, err := h.Gate.Put(ada, tx, sealed)
				return err
			})
		}
		if err := put(job("3", "2019")); kernel.KindOf(err) != kernel.TooMany || !strings.Contains(err.Error(), "items") {
			t.Errorf("a third item: %v", err)
		}
		if err := h.DB.Write(ada, func(tx *db.Tx) error { return h.Gate.Delete(ada, tx, own(t, h, ada), two.ID, 1) }); err != nil {
			t.Fatal(err)
		}
		if err := put(job("3", "2019")); err != nil {
			t.Errorf("room was made: %v", err)
		}
		if _, err := h.Gate.PutBlob(ada, own(t, h, ada), bytes.NewReader(make([]byte, 2<<20)), 25<<20); kernel.KindOf(err) != kernel.TooMany {
			t.Errorf("a file beyond the quota: %v", err)
		}
	})
}

func TestFilesComeBackByteForByte(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		for _, n := range []int{0, 1, 256<<10 - 1, 256 << 10, 256<<10 + 1, 1<<20 + 7} {
			want := make([]byte, n)
			for i := range want {
				want[i] = byte(rand.IntN(256))
			}
			b, err := h.Gate.PutBlob(ada, own(t, h, ada), bytes.NewReader(want), 25<<20)
			if err != nil {
				t.Fatal(n, err)
			}
			again, err := h.Gate.PutBlob(ada, own(t, h, ada), bytes.NewReader(want), 25<<20)
			if err != nil || again.Ref != b.Ref {
				t.Errorf("the same content has two names: %v", err)
			}
			r, err := h.Gate.Blob(ada, own(t, h, ada), b)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes: %d came back, %v", n, len(got), err)
			}
			if _, err := h.Gate.Blob(bob, own(t, h, bob), b); kernel.KindOf(err) != kernel.NotFound {
				t.Errorf("bob reads it: %v", err)
			}
		}
		if _, err := h.Gate.PutBlob(ada, own(t, h, ada), bytes.NewReader(make([]byte, 101)), 100); kernel.KindOf(err) != kernel.TooLarge {
			t.Errorf("101 bytes where 100 are allowed: %v", err)
		}
		if _, err := h.Gate.PutBlob(ada, own(t, h, ada), bytes.NewReader(make([]byte, 100)), 100); err != nil {
			t.Errorf("100 bytes where 100 are allowed: %v", err)
		}
		broken := io.MultiReader(strings.NewReader("half of it"), errReader{})
		if _, err := h.Gate.PutBlob(ada, own(t, h, ada), broken, 100); err == nil {
			t.Error("a file that broke off was kept")
		}
		n, err := db.One(t.Context(), h.DB.Read(), db.Scan[int], `
			select count(*) from gate_chunk c where not exists (select 1 from gate_blob b where b.upload = c.upload)`)
		if err != nil || n != 0 {
			t.Errorf("%d chunks are left behind, %v", n, err)
		}
	})
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// open makes a face of items and shows it to to, for a week.
func open(t *testing.T, h *house.House, ctx context.Context, shows gate.Shows, to gate.To, hides ...string) gate.Grant { //nolint:revive // t first
	t.Helper()
	f, err := h.Gate.SaveFace(ctx, gate.Face{Name: "Client", Language: "fr", Shows: shows, Hides: hides})
	if err != nil {
		t.Fatal(err)
	}
	g, err := h.Gate.Grant(ctx, gate.Ask{Face: f.ID, To: to, Purpose: "pour le comité", Until: h.DB.Now().AddDate(0, 0, 7).Format(time.DateOnly)})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func token(g gate.Grant) string { return g.URL[strings.LastIndex(g.URL, "/")+1:] }

func TestALinkShowsOneFaceUntilWithdrawn(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada, visitor := h.As(t, "ada"), h.As(t, "")
		a := keep(t, h, ada, job("Comptes du Jardin", "2021"))
		keep(t, h, ada, job("Secret", "2020"))
		g := open(t, h, ada, gate.Shows{Profile: []string{"name"}, Activities: gate.Choice{IDs: []kernel.ItemID{a.ID}}}, gate.To{Link: true}, "organisation")
		other := &gate.Service{DB: h.DB, Keys: h.Keys, Sessions: h, Circles: h, People: h} // another process
		for _, s := range []*gate.Service{h.Gate, other} {
			p, err := s.ByLink(visitor, token(g))
			if err != nil {
				t.Fatal(err)
			}
			shown, err := s.Show(visitor, p)
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := json.Marshal(shown) //nolint:errcheck // plain data
			for _, never := range []string{"Secret", "Atelier", string(a.ID), string(g.ID), "\"ada\""} {
				if strings.Contains(string(raw), never) {
					t.Errorf("the face tells %q: %s", never, raw)
				}
			}
			for _, must := range []string{"Comptes du Jardin", "pour le comité", "Name of ada"} {
				if !strings.Contains(string(raw), must) {
					t.Errorf("the face lacks %q: %s", must, raw)
				}
			}
			if _, err := s.Get(visitor, p, a.ID); kernel.KindOf(err) != kernel.Forbidden {
				t.Errorf("a grant's pass opens the vault: %v", err)
			}
		}
		lines, _, err := h.Gate.Journal(ada, "", 50)
		if err != nil || len(lines) != 1 || lines[0].Count != 2 || lines[0].Who != "link" || lines[0].Grant != g.ID {
			t.Errorf("two visits, journal = %+v, %v", lines, err)
		}
		kept, err := other.ByLink(visitor, token(g)) // opened before the withdrawal
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Gate.Withdraw(h.As(t, "bob"), g.ID); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("bob withdraws it: %v", err)
		}
		if err := h.Gate.Withdraw(ada, g.ID); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*gate.Service{h.Gate, other} {
			if _, err := s.ByLink(visitor, token(g)); !errors.Is(err, gate.ErrEnded) {
				t.Errorf("withdrawn: %v", err)
			}
		}
		if _, err := other.Show(visitor, kept); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("a visit under way after the withdrawal: %v", err)
		}
		if _, err := h.Gate.ByLink(visitor, "never"); !errors.Is(err, gate.ErrNever) {
			t.Errorf("a link that never was: %v", err)
		}
	})
}

func TestAnEndIsTheEndOfTheDayInHerZone(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		h.DB.SetClock(func() time.Time { return now })
		ada := h.As(t, "ada") // in Paris, one hour ahead in winter
		a := keep(t, h, ada, job("A", "2021"))
		g := open(t, h, ada, gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{a.ID}}}, gate.To{Link: true})
		if want := time.Date(2026, 11, 30, 22, 59, 59, 0, time.UTC); !g.Until.Equal(want) {
			t.Errorf("until %v, want %v", g.Until, want)
		}
		now = g.Until.Add(-time.Second)
		if _, err := h.Gate.ByLink(h.As(t, ""), token(g)); err != nil {
			t.Errorf("before its end: %v", err)
		}
		now = g.Until
		if _, err := h.Gate.ByLink(h.As(t, ""), token(g)); !errors.Is(err, gate.ErrEnded) {
			t.Errorf("at its end: %v", err)
		}
	})
}

func TestWhatAFaceShowsDoesNotDependOnTheRest(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		a := keep(t, h, ada, job("A", "2021"))
		g := open(t, h, ada, gate.Shows{Profile: []string{"name"}, Activities: gate.Choice{IDs: []kernel.ItemID{a.ID}}}, gate.To{Link: true})
		look := func() string {
			p, err := h.Gate.ByLink(h.As(t, ""), token(g))
			if err != nil {
				t.Fatal(err)
			}
			s, err := h.Gate.Show(h.As(t, ""), p)
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := json.Marshal(s) //nolint:errcheck // plain data
			return string(raw)
		}
		empty := look()
		for i := range 50 {
			keep(t, h, ada, job(fmt.Sprint("other ", i), "2022"))
		}
		if full := look(); full != empty {
			t.Errorf("alone: %s\nwith others: %s", empty, full)
		}
	})
}

func TestTwoGrantsGiveTwoIds(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		a := keep(t, h, ada, job("A", "2021"))
		shows := gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{a.ID}}}
		seen := map[string]bool{}
		for range 2 {
			p, err := h.Gate.ByLink(h.As(t, ""), token(open(t, h, ada, shows, gate.To{Link: true})))
			if err != nil {
				t.Fatal(err)
			}
			s, err := h.Gate.Show(h.As(t, ""), p)
			if err != nil {
				t.Fatal(err)
			}
			seen[s.Items[0].ID] = true
		}
		if len(seen) != 2 {
			t.Error("an item can be followed from one grant to another")
		}
	})
}

func TestLaterMatchesOfARuleWaitForTheOwner(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		keep(t, h, ada, job("A", "2021"))
		g := open(t, h, ada, gate.Shows{Activities: gate.Choice{Rule: &gate.Rule{Kinds: []string{"job"}}}}, gate.To{Link: true})
		count := func() int {
			p, err := h.Gate.ByLink(h.As(t, ""), token(g))
			if err != nil {
				t.Fatal(err)
			}
			s, err := h.Gate.Show(h.As(t, ""), p)
			if err != nil {
				t.Fatal(err)
			}
			return len(s.Items)
		}
		keep(t, h, ada, job("B", "2022"))
		keep(t, h, ada, gate.Item{View: gate.View{Kind: "care", Title: "C", Start: "2022"}})
		if n := count(); n != 1 {
			t.Errorf("%d shown before she agreed, want 1", n)
		}
		if g, err := h.Gate.GrantByID(ada, g.ID); err != nil || g.Waiting != 1 || g.Matched != 1 {
			t.Errorf("%+v, %v", g, err)
		}
		if err := h.Gate.Accept(ada, g.ID); err != nil {
			t.Fatal(err)
		}
		if n := count(); n != 2 {
			t.Errorf("%d shown after she agreed, want 2", n)
		}
	})
}

func TestAGrantToAPersonOrACircle(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		h.Circle("cir_jury", "ada", "bob")
		ada, bob, eve := h.As(t, "ada"), h.As(t, "bob"), h.As(t, "eve")
		a := keep(t, h, ada, job("A", "2021"))
		shows := gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{a.ID}}}
		toEve, toJury := open(t, h, ada, shows, gate.To{Person: "eve"}), open(t, h, ada, shows, gate.To{Circle: "cir_jury"})
		for _, c := range []struct {
			ctx  context.Context
			id   kernel.GrantID
			want bool
		}{{eve, toEve.ID, true}, {bob, toEve.ID, false}, {bob, toJury.ID, true}, {eve, toJury.ID, false}} {
			p, err := h.Gate.ByGrant(c.ctx, c.id)
			if (err == nil) != c.want {
				t.Errorf("%s to %s: %v, want %v", c.id, kernel.ActorFrom(c.ctx).Person, err, c.want)
			}
			if err == nil {
				if _, err := h.Gate.Show(c.ctx, p); err != nil {
					t.Error(err)
				}
			}
		}
		if got, err := h.Gate.ShownToMe(eve); err != nil || len(got) != 1 || got[0].Name != "Name of ada" || got[0].Purpose != "pour le comité" {
			t.Errorf("eve receives %+v, %v", got, err)
		}
		h.Circle("cir_jury", "ada") // bob leaves the circle
		if _, err := h.Gate.ByGrant(bob, toJury.ID); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("bob left and still reads: %v", err)
		}
		lines, _, err := h.Gate.Journal(ada, "", 10)
		names := map[string]bool{}
		for _, l := range lines {
			names[l.Name] = true
		}
		if err != nil || len(lines) != 2 || !names["Name of bob"] || !names["Name of eve"] {
			t.Errorf("journal: %+v, %v", lines, err)
		}
	})
}

func TestNotesAreNeverShared(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		note := keep(t, h, ada, gate.Item{View: gate.View{Kind: "job", Title: "usée", Start: "2021", Never: true}})
		_, err := h.Gate.SaveFace(ada, gate.Face{Name: "x", Language: "fr", Shows: gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{note.ID}}}})
		if kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("a face names a note: %v", err)
		}
		s, err := h.Gate.Preview(ada, gate.Face{Name: "x", Language: "fr", Shows: gate.Shows{Activities: gate.Choice{Rule: &gate.Rule{}}}})
		if err != nil || len(s.Items) != 0 {
			t.Errorf("a rule shows a note: %+v, %v", s.Items, err)
		}
	})
}

func TestWhoLeavesIsGone(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada, bob := h.As(t, "ada"), h.As(t, "bob")
		a := keep(t, h, ada, job("A", "2021"))
		b := keep(t, h, bob, job("B", "2021"))
		if _, err := h.Gate.PutBlob(ada, own(t, h, ada), strings.NewReader("evidence"), 100); err != nil {
			t.Fatal(err)
		}
		g := open(t, h, ada, gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{a.ID}}}, gate.To{Link: true})
		for range 2 { // an erasure that was interrupted is repeated
			if err := h.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, err := h.Gate.Leave(t.Context(), tx, "ada")
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if err := h.Gate.Forget(t.Context(), "ada"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.Gate.ByLink(h.As(t, ""), token(g)); !errors.Is(err, gate.ErrNever) {
			t.Errorf("her link: %v", err)
		}
		if _, err := h.Gate.Get(ada, own(t, h, ada), a.ID); err == nil {
			t.Error("her item opens")
		}
		later := time.Now().Add(3 * time.Hour)
		h.DB.SetClock(func() time.Time { return later })
		if err := h.Gate.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{
			`select count(*) from gate_item where owner = 'ada'`, `select count(*) from gate_chunk where owner = 'ada'`,
			`select count(*) from gate_grant where owner = 'ada'`, `select count(*) from gate_door where owner = 'ada'`,
		} {
			if n, err := db.One(t.Context(), h.DB.Read(), db.Scan[int], q); err != nil || n != 0 {
				t.Errorf("%s = %d, %v", q, n, err)
			}
		}
		if _, err := h.Gate.Get(bob, own(t, h, bob), b.ID); err != nil {
			t.Errorf("bob lost something: %v", err)
		}
	})
}

func TestTheOperatorLeavesALine(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ctx, err := h.Gate.Operator(t.Context(), "ada", gate.ActExport)
		if err != nil {
			t.Fatal(err)
		}
		if p := own(t, h, ctx); p.Owner() != "ada" {
			t.Error(p.Owner())
		}
		lines, _, err := h.Gate.Journal(h.As(t, "ada"), "", 10)
		if err != nil || len(lines) != 1 || lines[0].Who != "operator" || lines[0].What != string(gate.ActExport) {
			t.Errorf("%+v, %v", lines, err)
		}
	})
}

func TestAReceiptHasTheFieldsOfTheStandard(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		a := keep(t, h, ada, job("A", "2021"))
		g := open(t, h, ada, gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{a.ID}}}, gate.To{Link: true}, "place")
		if err := h.Gate.Withdraw(ada, g.ID); err != nil {
			t.Fatal(err)
		}
		r, err := h.Gate.Receipt(ada, g.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Events) != 2 || r.Events[1].State != "withdrawn" || r.Processing[0].Purposes[0] != "pour le comité" || len(r.Parties) != 2 {
			t.Errorf("%+v", r)
		}
		for _, pii := range r.Processing[0].PII {
			if pii.Type == "place" {
				t.Error("a hidden field is on the receipt")
			}
		}
		if _, err := h.Gate.Receipt(h.As(t, "bob"), g.ID); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("bob: %v", err)
		}
	})
}

// Whatever is read of another's, in whichever way, the journal counts it: as many
// reads as it says, no more and no fewer.
func TestEveryReadOfAnothersContentIsInTheJournal(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		h.Circle("cir_jury", "ada", "bob")
		ada := h.As(t, "ada")
		a := keep(t, h, ada, job("A", "2021"))
		blob, err := h.Gate.PutBlob(ada, own(t, h, ada), strings.NewReader("evidence"), 100)
		if err != nil {
			t.Fatal(err)
		}
		pc := keep(t, h, ada, gate.Item{View: gate.View{Kind: "piece", Title: "P", Links: []kernel.ItemID{a.ID}, Blob: &blob}})
		shows := gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{a.ID}}, Pieces: []kernel.ItemID{pc.ID}, Originals: []kernel.ItemID{pc.ID}}
		link, eve, jury := open(t, h, ada, shows, gate.To{Link: true}), open(t, h, ada, shows, gate.To{Person: "eve"}), open(t, h, ada, shows, gate.To{Circle: "cir_jury"})
		enter := []func() (context.Context, gate.Pass, error){
			func() (context.Context, gate.Pass, error) {
				ctx := h.As(t, "")
				p, err := h.Gate.ByLink(ctx, token(link))
				return ctx, p, err
			},
			func() (context.Context, gate.Pass, error) {
				ctx := h.As(t, "eve")
				p, err := h.Gate.ByGrant(ctx, eve.ID)
				return ctx, p, err
			},
			func() (context.Context, gate.Pass, error) {
				ctx := h.As(t, "bob")
				p, err := h.Gate.ByGrant(ctx, jury.ID)
				return ctx, p, err
			},
		}
		reads := int64(0)
		for range 60 {
			ctx, p, err := enter[rand.IntN(len(enter))]()
			if err != nil {
				t.Fatal(err)
			}
			s, err := h.Gate.Show(ctx, p)
			if err != nil {
				t.Fatal(err)
			}
			reads++
			if rand.IntN(2) == 0 {
				r, original, err := h.Gate.Piece(ctx, p, s.Items[0].Pieces[0].ID)
				if err != nil || !original {
					t.Fatal(original, err)
				}
				if raw, err := io.ReadAll(r); err != nil || string(raw) != "evidence" {
					t.Fatalf("%q, %v", raw, err)
				}
				reads++
			}
		}
		lines, _, err := h.Gate.Journal(ada, "", 200)
		if err != nil {
			t.Fatal(err)
		}
		said := int64(0)
		for _, l := range lines {
			said += l.Count
		}
		if said != reads {
			t.Errorf("the journal says %d reads, there were %d", said, reads)
		}
	})
}

// A face shows what other rooms keep, chosen by name, also beside a rule; what may
// never be shared stays out, whoever asks.
func TestAFaceShowsItemsOfOtherRooms(t *testing.T) {
	each(t, func(t *testing.T, h *house.House) {
		ada := h.As(t, "ada")
		keep(t, h, ada, job("A", "2021"))
		badge := keep(t, h, ada, gate.Item{Room: "badge", View: gate.View{Kind: "credential", Title: "Comptable", Provenance: gate.Provenance{Source: gate.Attested, By: "CPA"}}})
		keep(t, h, ada, gate.Item{Room: "badge", View: gate.View{Kind: "credential", Title: "Autre"}})
		word := keep(t, h, ada, gate.Item{Room: "peer", View: gate.View{Kind: "recommendation", Title: "Jamais", Never: true}})
		rule := gate.Choice{Rule: &gate.Rule{Kinds: []string{"job"}}}
		if _, err := h.Gate.SaveFace(ada, gate.Face{Name: "x", Language: "fr", Shows: gate.Shows{Items: []kernel.ItemID{word.ID}}}); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("an item that is never shared: %v", err)
		}
		f, err := h.Gate.SaveFace(ada, gate.Face{Name: "x", Language: "fr", Shows: gate.Shows{Activities: rule}})
		if err != nil {
			t.Fatal(err)
		}
		g, err := h.Gate.Grant(ada, gate.Ask{Face: f.ID, To: gate.To{Link: true}, Purpose: "x", Until: h.DB.Now().AddDate(0, 0, 7).Format(time.DateOnly)})
		if err != nil {
			t.Fatal(err)
		}
		f.Shows.Items = []kernel.ItemID{badge.ID}
		if _, err := h.Gate.SaveFace(ada, f); err != nil {
			t.Fatal(err)
		}
		p, err := h.Gate.ByLink(h.As(t, ""), token(g))
		if err != nil {
			t.Fatal(err)
		}
		s, err := h.Gate.Show(h.As(t, ""), p)
		if err != nil || len(s.Items) != 2 || s.Items[1].Title != "Comptable" || s.Items[1].By != "CPA" || s.Items[0].By != "" {
			t.Errorf("%+v, %v", s.Items, err)
		}
		if g, err := h.Gate.GrantByID(ada, g.ID); err != nil || g.Waiting != 0 || g.Matched != 2 {
			t.Errorf("%+v, %v", g, err)
		}
	})
}
