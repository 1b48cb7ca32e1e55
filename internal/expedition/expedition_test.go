package expedition

import (
	"context"
	"errors"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/search"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"
)

// town is an expedition service with people who may use it: ada keeps the circle
// "nurses", bob belongs to it, eve belongs to the circle "partner".
type town struct {
	*Service
	house *house.House
	now   time.Time
}

// circles gives the circles of a house an owner: the first member.
type circles struct {
	*house.House
	owners map[kernel.CircleID]kernel.PersonID
}

// Keeps implements Circles.
func (c circles) Keeps(ctx context.Context, id kernel.CircleID) (bool, error) {
	return c.owners[id] == kernel.ActorFrom(ctx).Person, nil
}

// Members implements Circles.
func (c circles) Members(ctx context.Context, id kernel.CircleID) ([]Person, error) {
	var all []Person
	for _, p := range []kernel.PersonID{"ada", "bob", "eve", "mallory"} {
		if in, err := c.Belongs(ctx, id, p); err != nil || in {
			all = append(all, Person{p, "Name of " + string(p)})
		}
	}
	return all, nil
}

func openTown(t *testing.T, where string) *town {
	t.Helper()
	h := house.Open(t, where, db.Steps{Context: "expedition", Files: Migrations}, db.Steps{Context: "search", Files: search.Migrations})
	h.Circle("nurses", "ada", "bob")
	h.Circle("partner", "ada", "eve")
	w := &town{house: h, now: time.Date(2037, 3, 24, 9, 0, 0, 0, time.UTC)}
	h.DB.SetClock(func() time.Time { return w.now })
	w.Service = &Service{DB: h.DB, Keys: h.Keys, Circles: circles{h, map[kernel.CircleID]kernel.PersonID{"nurses": "ada", "partner": "eve"}}, People: h, Base: "http://localhost:8080"}
	return w
}

func each(t *testing.T, f func(t *testing.T, w *town)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, where string) { f(t, openTown(t, where)) })
}

// as is the context of a request of somebody, "" for a visitor.
func (w *town) as(t testing.TB, person kernel.PersonID) context.Context {
	t.Helper()
	c := &i18n.Catalog{}
	if err := c.Add("expedition", Messages); err != nil {
		t.Fatal(err)
	}
	return i18n.With(w.house.As(t, person), c)
}

// of makes an expedition of ada's circle, or her own when circle is "".
func (w *town) of(t testing.TB, circle kernel.CircleID, v Visibility) kernel.ExpeditionID {
	t.Helper()
	id, err := w.Create(w.as(t, "ada"), Draft{Name: "Le travail infirmier", Lang: "fr", Visibility: v, Circle: circle})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// add puts a card in as ada and gives its id.
func (w *town) add(t testing.TB, id kernel.ExpeditionID, kind, title string, pairs ...string) string {
	t.Helper()
	e := Entry{Title: title, Fields: map[string]string{}, Ties: map[string][]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		if k := KindOf(kind); k.field(pairs[i]) != nil {
			e.Fields[pairs[i]] = pairs[i+1]
		} else {
			e.Ties[pairs[i]] = append(e.Ties[pairs[i]], pairs[i+1])
		}
	}
	card, err := w.Add(w.as(t, "ada"), id, kind, e)
	if err != nil {
		t.Fatalf("add %s %q: %v", kind, title, err)
	}
	return card
}

func (w *town) book(t testing.TB, who kernel.PersonID, id kernel.ExpeditionID) *Book {
	t.Helper()
	b, err := w.Open(w.as(t, who), id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhoMayWhat(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		private, partners, public, own := w.of(t, "nurses", Private), w.of(t, "nurses", Partners), w.of(t, "nurses", Public), w.of(t, "", Private)
		for _, id := range []kernel.ExpeditionID{private, partners} {
			if err := w.AddPartner(w.as(t, "ada"), id, "partner"); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.GiveRole(w.as(t, "ada"), private, "bob", Watcher); err != nil {
			t.Fatal(err)
		}
		const none, in = kernel.NotFound, kernel.Unauthenticated
		ok := kernel.Kind("")
		for _, c := range []struct {
			who  kernel.PersonID
			id   kernel.ExpeditionID
			act  string
			want kernel.Kind
		}{
			{"ada", private, Lead, ok}, {"bob", private, Watch, ok}, {"bob", private, Edit, kernel.Forbidden},
			{"bob", partners, Read, ok}, {"bob", partners, Watch, kernel.Forbidden}, {"bob", own, Read, none},
			{"eve", private, Read, none}, {"eve", partners, Speak, ok}, {"eve", partners, Edit, kernel.Forbidden},
			{"mallory", partners, Read, none}, {"mallory", public, Read, ok}, {"mallory", public, Speak, ok}, {"mallory", public, Lead, kernel.Forbidden},
			{"", private, Read, in}, {"", public, Read, ok}, {"", public, Speak, in}, {"", "exp_never", Read, in}, {"mallory", "exp_never", Read, none},
			{"", SampleID, Read, ok}, {"ada", SampleID, Edit, kernel.Forbidden}, {"ada", own, Lead, ok},
		} {
			err := w.May(w.as(t, c.who), c.id, c.act)
			if got := kernel.KindOf(err); (err == nil) != (c.want == ok) || err != nil && got != c.want {
				t.Errorf("%q %s %s: %v, want %q", c.who, c.act, c.id, err, c.want)
			}
		}
		w.house.Circle("nurses", "ada") // bob leaves: his role ends at once
		if err := w.May(w.as(t, "bob"), private, Read); kernel.KindOf(err) != none {
			t.Errorf("bob reads after leaving: %v", err)
		}
	})
}

func TestTheLastOneWhoLeadsCannotStepBack(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id, err := w.Create(w.as(t, "bob"), Draft{Name: "X", Lang: "fr", Visibility: Private, Circle: "nurses"})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.GiveRole(w.as(t, "bob"), id, "bob", Reader); !errors.Is(err, errLeadNobody) {
			t.Errorf("bob stops leading: %v", err)
		}
		if err := w.GiveRole(w.as(t, "bob"), id, "eve", Editor); !errors.Is(err, errOutside) {
			t.Errorf("a role for somebody outside: %v", err)
		}
	})
}

func TestACodeLetsGuestsInUntilTheDoorCloses(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id := w.of(t, "nurses", Private)
		ada := w.as(t, "ada")
		if err := w.OpenDoor(ada, id); err != nil {
			t.Fatal(err)
		}
		v, err := w.Settings(ada, id)
		if err != nil {
			t.Fatal(err)
		}
		typed := v.Code[:4] + " - " + v.Code[4:]
		got, code, err := w.Knock(t.Context(), "a", typed)
		if err != nil || got != id {
			t.Fatalf("knock = %q, %v", got, err)
		}
		guest := WithGuest(w.as(t, ""), code)
		if err := w.May(guest, id, Play); err != nil {
			t.Errorf("a guest plays: %v", err)
		}
		if err := w.May(guest, id, Speak); kernel.KindOf(err) != kernel.Unauthenticated {
			t.Errorf("a guest speaks: %v", err)
		}
		if err := w.CloseDoor(ada, id); err != nil {
			t.Fatal(err)
		}
		if err := w.May(guest, id, Read); kernel.KindOf(err) != kernel.Unauthenticated {
			t.Errorf("a guest reads behind a closed door: %v", err)
		}
		if _, _, err := w.Knock(t.Context(), "a", typed); !errors.Is(err, errCode) {
			t.Errorf("an old code: %v", err)
		}
		if _, _, err := w.Knock(t.Context(), "a", ""); !errors.Is(err, errCode) {
			t.Errorf("no code: %v", err)
		}
	})
}

func TestALeaverTakesHerOwnAndLeavesTheRest(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		own, shared := w.of(t, "", Public), w.of(t, "nurses", Private)
		w.add(t, own, "axis", "Mien")
		card := w.add(t, shared, "axis", "Commun")
		if err := w.NameMe(w.as(t, "ada"), shared, "Ada L."); err != nil {
			t.Fatal(err)
		}
		err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
			gone, stays, err := w.Leave(t.Context(), tx, "ada")
			if gone["expedition.leaving.own"] != 1 || stays["expedition.leaving.cards"] != 1 {
				t.Errorf("gone %v, stays %v", gone, stays)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.May(w.as(t, "mallory"), own, Read); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("her own expedition is still there: %v", err)
		}
		b := w.book(t, "bob", shared)
		if c := b.Card(card); c == nil || c.By != "" {
			t.Errorf("what she wrote for others: %+v", c)
		}
		if names, _, err := w.Credits(w.as(t, "bob"), shared); err != nil || len(names) > 0 {
			t.Errorf("she is still named: %v, %v", names, err)
		}
	})
}
