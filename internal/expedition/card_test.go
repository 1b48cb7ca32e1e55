package expedition

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/kernel"
)

// story makes one chain from an address to a trial and gives the ids by kind.
func (w *town) story(t testing.TB, id kernel.ExpeditionID) map[string]string {
	t.Helper()
	c := map[string]string{}
	c["axis"] = w.add(t, id, "axis", "Lieux et horaires")
	c["theme"] = w.add(t, id, "theme", "Le planning choisi", "axis", c["axis"])
	c["reference"] = w.add(t, id, "reference", "Un service tire ses plannings au sort", "address", "https://example.org/plannings", "grade", "weak_signal", "place", c["theme"])
	c["scenario"] = w.add(t, id, "scenario", "L'hôpital sans horaires", "slogan", "Venez quand vous voulez", "leans", c["reference"], "place", c["axis"])
	c["effect"] = w.add(t, id, "effect", "Les nuits se vident", "of", c["scenario"])
	c["tension"] = w.add(t, id, "tension", "Repos choisi, repos dû", "seen", c["effect"])
	c["territory"] = w.add(t, id, "territory", "Écrire son temps à plusieurs", "tensions", c["tension"], "axis", c["axis"])
	c["track"] = w.add(t, id, "track", "Écrire son mois à plusieurs", "territory", c["territory"], "steps", "Réunir (7 j)\nEssayer (30 j)")
	c["trial"] = w.add(t, id, "trial", "Le planning choisi, 30 jours", "track", c["track"], "hypothesis", "On dort mieux", "begin", "2037-04-01")
	return c
}

func TestAWalkBackwardsEndsAtAnAddress(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id := w.of(t, "nurses", Public)
		c := w.story(t, id)
		b := w.book(t, "", id)
		walk := b.Walk(b.Card(c["trial"]))
		var kinds []string
		for _, layer := range walk {
			if len(layer) != 1 {
				t.Fatalf("a layer of %d", len(layer))
			}
			kinds = append(kinds, layer[0].Card.Kind)
		}
		if want := []string{"trial", "track", "territory", "tension", "effect", "scenario", "reference"}; !slices.Equal(kinds, want) {
			t.Errorf("walked %v, want %v", kinds, want)
		}
		if last := walk[6][0]; len(last.To) != 1 || last.To[0].ID != c["scenario"] {
			t.Errorf("the signal leads to %v", last.To)
		}
		if got := Addresses(walk); !slices.Equal(got, []string{"https://example.org/plannings"}) {
			t.Errorf("ended at %v", got)
		}
	})
}

func TestEveryVersionOfACardIsKept(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id, ada := w.of(t, "nurses", Private), w.as(t, "ada")
		axis, other := w.add(t, id, "axis", "A"), w.add(t, id, "axis", "B")
		ref := w.add(t, id, "reference", "Lu", "place", axis)
		move := Entry{Title: "Lu", Ties: map[string][]string{"place": {other}}}
		if err := w.Change(ada, id, ref, 1, move); err != nil {
			t.Fatal(err)
		}
		if err := w.Change(ada, id, ref, 1, move); !errors.Is(err, errMoved) {
			t.Errorf("a stale change: %v", err)
		}
		b := w.book(t, "ada", id)
		if got := b.Axis(b.Card(ref)).Title; got != "B" {
			t.Errorf("stands under %q", got)
		}
		past, err := w.Past(ada, b, ref)
		if err != nil || len(past) != 1 || past[0].Ties["place"][0] != axis {
			t.Fatalf("past %+v, %v", past, err)
		}
		if err := w.Restore(ada, id, ref, 1, 2); err != nil {
			t.Fatal(err)
		}
		b = w.book(t, "ada", id)
		if got := b.Axis(b.Card(ref)).Title; got != "A" {
			t.Errorf("restored under %q", got)
		}
	})
}

func TestWhatAPartnerKeepsIsItsOwnUntilReleased(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id := w.of(t, "nurses", Partners)
		if err := w.AddPartner(w.as(t, "ada"), id, "partner"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Add(w.as(t, "bob"), id, "reaction", Entry{Fields: map[string]string{"text": "x"}, Circle: "partner"}); !errors.Is(err, errOwnCircle) {
			t.Errorf("bob writes for a circle that is not his: %v", err)
		}
		card, err := w.Add(w.as(t, "eve"), id, "reaction", Entry{Fields: map[string]string{"text": "Chez nous, personne n'y croit"}, Circle: "partner"})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.GiveRole(w.as(t, "ada"), id, "bob", Facilitator); err != nil {
			t.Fatal(err)
		}
		bob := w.as(t, "bob")
		if w.book(t, "bob", id).Card(card) != nil {
			t.Error("bob reads what the partner keeps")
		}
		if err := w.Release(bob, id, card); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("bob releases it: %v", err)
		}
		if err := w.Change(bob, id, card, 1, Entry{Fields: map[string]string{"text": "y"}}); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("bob changes it: %v", err)
		}
		if _, err := w.Add(bob, id, "remark", Entry{Fields: map[string]string{"text": "?"}, Ties: map[string][]string{"about": {card}}}); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("bob remarks on it: %v", err)
		}
		if err := w.Release(w.as(t, "eve"), id, card); err != nil {
			t.Fatal(err)
		}
		if w.book(t, "bob", id).Card(card) == nil {
			t.Error("bob does not read what was released")
		}
	})
}

func TestACardRefusesWhatItCannotHold(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id, other := w.of(t, "nurses", Private), w.of(t, "", Private)
		ada, axis, foreign := w.as(t, "ada"), w.add(t, id, "axis", "A"), w.add(t, other, "axis", "B")
		for name, c := range map[string]struct {
			kind  string
			entry Entry
			field string
		}{
			"no title":            {"axis", Entry{}, "title"},
			"a long title":        {"axis", Entry{Title: strings.Repeat("a", 301)}, "title"},
			"a wrong day":         {"reference", Entry{Title: "x", Fields: map[string]string{"date": "hier"}}, "date"},
			"an address of code":  {"reference", Entry{Title: "x", Fields: map[string]string{"address": "javascript:alert(1)"}}, "address"},
			"an unknown grade":    {"reference", Entry{Title: "x", Fields: map[string]string{"grade": "best"}}, "grade"},
			"a tie elsewhere":     {"theme", Entry{Title: "x", Ties: map[string][]string{"axis": {foreign}}}, "axis"},
			"a tie to a wrong":    {"tension", Entry{Title: "x", Ties: map[string][]string{"seen": {axis}}}, "seen"},
			"two where one goes":  {"theme", Entry{Title: "x", Ties: map[string][]string{"axis": {axis, foreign}}}, "axis"},
			"nothing said at all": {"reaction", Entry{}, "text"},
		} {
			_, err := w.Add(ada, id, c.kind, c.entry)
			f, ok := errors.AsType[*kernel.Fault](err)
			if !ok || f.Kind != kernel.Invalid || f.Field != c.field {
				t.Errorf("%s: %v, want a fault on %s", name, err, c.field)
			}
		}
		first := w.add(t, id, "scenario", "S")
		one := w.add(t, id, "effect", "1", "of", first)
		two := w.add(t, id, "effect", "2", "of", one)
		if err := w.Change(ada, id, one, 1, Entry{Title: "1", Ties: map[string][]string{"of": {two}}}); !errors.Is(err, errLoop) {
			t.Errorf("an effect of its own effect: %v", err)
		}
	})
}

func TestAHypothesisDoesNotChangeOnceTheTrialHasBegun(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id, ada := w.of(t, "nurses", Private), w.as(t, "ada")
		trial := w.add(t, id, "trial", "Essai", "hypothesis", "H", "begin", "2037-04-01")
		change := func(version int64, fields map[string]string) error {
			return w.Change(ada, id, trial, version, Entry{Title: "Essai", Fields: fields})
		}
		if got := w.book(t, "ada", id).Card(trial).Fields["registered"]; got != "2037-03-24" {
			t.Errorf("announced on %q", got)
		}
		if err := change(1, map[string]string{"hypothesis": "H2", "begin": "2037-04-01"}); err != nil {
			t.Errorf("before it begins: %v", err)
		}
		w.now = w.now.AddDate(0, 0, 3)
		if err := change(2, map[string]string{"hypothesis": "H2 bis", "begin": "2037-04-01", "registered": "2030-01-01"}); err != nil {
			t.Fatal(err)
		}
		if got := w.book(t, "ada", id).Card(trial).Fields["registered"]; got != "2037-03-27" {
			t.Errorf("what was announced anew is dated %q", got)
		}
		w.now = w.now.AddDate(0, 1, 0)
		if err := change(3, map[string]string{"hypothesis": "H3", "begin": "2037-04-01"}); !errors.Is(err, errFrozen) {
			t.Errorf("after it has begun: %v", err)
		}
		if err := change(3, map[string]string{"hypothesis": "H2 bis", "begin": "2037-04-01", "result": "R", "decision": "keep"}); err != nil {
			t.Errorf("its result: %v", err)
		}
	})
}

func TestRemovingACardEndsItsTies(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id := w.of(t, "nurses", Private)
		c := w.story(t, id)
		if _, err := w.Add(w.as(t, "bob"), id, "remark", Entry{Fields: map[string]string{"text": "Qui ?"}, Ties: map[string][]string{"about": {c["tension"]}}}); err != nil {
			t.Fatal(err)
		}
		remark := w.book(t, "ada", id).Of("remark")[0]
		if err := w.Change(w.as(t, "ada"), id, remark.ID, 1, Entry{Fields: map[string]string{"text": "Qui ?", "answer": "Nous"}}); err != nil {
			t.Fatal(err)
		}
		if b := w.book(t, "ada", id); len(b.From(b.Card(c["tension"]), "remark", "about")) != 1 {
			t.Error("an answered remark is about nothing any more")
		}
		if err := w.Remove(w.as(t, "bob"), id, c["tension"]); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("bob removes it: %v", err)
		}
		if err := w.Remove(w.as(t, "ada"), id, c["tension"]); err != nil {
			t.Fatal(err)
		}
		b := w.book(t, "ada", id)
		if len(b.Of("remark")) > 0 || len(b.Card(c["territory"]).Ties["tensions"]) > 0 {
			t.Error("something still speaks of a card that is gone")
		}
	})
}
