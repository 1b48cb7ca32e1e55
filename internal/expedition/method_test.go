package expedition

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/kernel"
)

func TestTensionsAreGatheredIntoATerritory(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id, ada := w.of(t, "nurses", Private), w.as(t, "ada")
		one, two := w.add(t, id, "tension", "Un"), w.add(t, id, "tension", "Deux")
		territory, err := w.Gather(ada, id, "", "Réaménager le travail", []string{one})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Gather(ada, id, territory, "", []string{two, one}); err != nil {
			t.Fatal(err)
		}
		if got := w.book(t, "bob", id).Card(territory).Ties["tensions"]; !slices.Equal(got, []string{one, two}) {
			t.Errorf("gathers %v", got)
		}
		for name, c := range map[string]struct {
			territory, title string
			tensions         []string
			want             kernel.Kind
		}{
			"none":             {territory, "", nil, kernel.Invalid},
			"no title":         {"", "", []string{one}, kernel.Invalid},
			"not a territory":  {one, "", []string{two}, kernel.NotFound},
			"not a tension":    {territory, "", []string{territory}, kernel.Invalid},
			"one from nowhere": {territory, "", []string{"crd_never"}, kernel.Invalid},
		} {
			if _, err := w.Gather(ada, id, c.territory, c.title, c.tensions); kernel.KindOf(err) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.Gather(w.as(t, "bob"), id, territory, "", []string{one}); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("bob gathers: %v", err)
		}
	})
}

func TestAPlanHasADateForEachStep(t *testing.T) {
	begin := time.Date(2037, 1, 31, 0, 0, 0, 0, time.UTC)
	got := Plan([]string{"Réunir (7 j)", "Essayer (1 mois)", "Regarder (2 semaines)", "Décider"}, begin)
	want := []string{"Réunir 2037-01-31 2037-02-06", "Essayer 2037-02-07 2037-03-06", "Regarder 2037-03-07 2037-03-20", "Décider 2037-03-21 2037-04-03"}
	var said []string
	for _, d := range got {
		said = append(said, d.What+" "+d.From.Format(time.DateOnly)+" "+d.To.Format(time.DateOnly))
	}
	if !slices.Equal(said, want) {
		t.Errorf("planned\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}

func TestATrackBecomesADatedTrial(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id := w.of(t, "nurses", Private)
		c := w.story(t, id)
		trial, err := w.AdaptTrack(w.as(t, "ada"), id, c["track"], "Service de nuit", "2037-05-01")
		if err != nil {
			t.Fatal(err)
		}
		got := w.book(t, "ada", id).Card(trial)
		if got.Title != "Écrire son mois à plusieurs, Service de nuit" || got.Fields["sunset"] != "2037-06-06" ||
			got.Fields["plan"] != "2037-05-01 : Réunir\n2037-05-08 : Essayer" || got.Ties["track"][0] != c["track"] {
			t.Errorf("%+v", got)
		}
		for day, want := range map[string]string{"2037-04-30": Announced, "2037-05-01": Running, "2037-06-06": Running, "2037-06-07": Over} {
			at, err := time.Parse(time.DateOnly, day)
			if err != nil || got.State(at) != want {
				t.Errorf("on %s it is %s, want %s (%v)", day, got.State(at), want, err)
			}
		}
		if _, err := w.AdaptTrack(w.as(t, "ada"), id, c["track"], "X", ""); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("without a day: %v", err)
		}
	})
}

func TestChoosingShowsWhatWeightsChange(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id, ada := w.of(t, "nurses", Private), w.as(t, "ada")
		a, b := w.add(t, id, "track", "A"), w.add(t, id, "track", "B")
		card, err := w.Compare(ada, id, "Laquelle ?", []string{"utile", "facile"}, []string{"prudents", "pressés"}, []string{a, b})
		if err != nil {
			t.Fatal(err)
		}
		book := w.book(t, "ada", id)
		c, err := book.Card(card).Choosing()
		if err != nil {
			t.Fatal(err)
		}
		if r, err := c.Judge(book.To(book.Card(card), "among")); r != nil || err != nil {
			t.Errorf("judged before any score: %v, %v", r, err)
		}
		given := Choosing{
			Policies: []Policy{{"", []float64{3, 1}}, {"", []float64{1, 3}}},
			Scores:   map[string][]float64{a: {18, 4}, b: {6, 15}},
		}
		if err := w.Weigh(ada, id, card, 1, given, []string{a, "x"}, "Parce que"); err != nil {
			t.Fatal(err)
		}
		book = w.book(t, "ada", id)
		if c, err = book.Card(card).Choosing(); err != nil {
			t.Fatal(err)
		}
		r, err := c.Judge(book.To(book.Card(card), "among"))
		if err != nil {
			t.Fatal(err)
		}
		if r.Policies[0].Mean[0] != 14.5 || r.Policies[1].Mean[1] != 12.75 || len(r.Reversals) != 1 {
			t.Errorf("%+v", r)
		}
		if got := book.Card(card).Ties["kept"]; !slices.Equal(got, []string{a}) {
			t.Errorf("kept %v", got)
		}
		if err := w.Weigh(ada, id, card, 1, given, nil, ""); !errors.Is(err, errChoiceOld) {
			t.Errorf("a stale comparison: %v", err)
		}
		for _, v := range []float64{-1, 21, math.Inf(1)} {
			given.Scores[a] = []float64{v, 1}
			if err := w.Weigh(ada, id, card, 2, given, nil, ""); kernel.KindOf(err) != kernel.Invalid {
				t.Errorf("score %v: %v", v, err)
			}
		}
	})
}

func TestTheGameIsWonWhenEverybodyHasAPlaceAndActs(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id := w.of(t, "nurses", Private)
		won := func(want bool, when string) {
			t.Helper()
			if g := w.book(t, "ada", id).Game(); g.Won != want {
				t.Errorf("%s: won is %v", when, g.Won)
			}
		}
		won(false, "without players")
		one, two := w.add(t, id, "player", "La direction"), w.add(t, id, "player", "Les soignantes")
		good := w.add(t, id, "future", "2047", "desirable", "yes")
		bad := w.add(t, id, "future", "2048", "desirable", "no")
		w.add(t, id, "role", "", "player", one, "future", good, "acts", "Signe ce qu'elle abandonne")
		won(false, "one without a place")
		w.add(t, id, "role", "", "player", two, "future", bad, "acts", "Subit")
		won(false, "a place in a future nobody wishes")
		w.add(t, id, "role", "", "player", two, "future", good, "acts", "Écrivent leur planning")
		won(true, "everybody placed")
		late := w.add(t, id, "moment", "Après", "date", "2040", "future", good)
		soon := w.add(t, id, "moment", "Avant", "date", "2038-05", "future", good)
		b := w.book(t, "ada", id)
		if s := b.Story(b.Card(good)); len(s) != 2 || s[0].ID != soon || s[1].ID != late {
			t.Errorf("the story is out of order: %v", s)
		}
	})
}

func TestAMapIsTakenAwayAndCompared(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id := w.of(t, "nurses", Private)
		c := w.story(t, id)
		w.add(t, id, "axis", `Vide & "cité"`)
		b := w.book(t, "ada", id)
		m := b.Lay([]Item{{ID: "s", Kind: "signal", Title: "D'ailleurs", URL: "https://example.org/s", Place: c["theme"]}, {ID: "u", Title: "Perdu", Place: "crd_never"}})
		if m.Placed != 2 || len(m.Unset) != 1 || len(m.Gaps()) != 2 {
			t.Errorf("placed %d, unset %d, gaps %v", m.Placed, len(m.Unset), m.Gaps())
		}
		before, err := b.OPML(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`<outline text="Le planning choisi">`, `url="https://example.org/plannings"`, `Vide &amp; &#34;cité&#34;`} {
			if !strings.Contains(string(before), want) {
				t.Errorf("OPML has no %s:\n%s", want, before)
			}
		}
		if got := b.Mermaid(m); !strings.Contains(got, `["Vide & #quot;cité#quot;"]`) {
			t.Errorf("Mermaid:\n%s", got)
		}
		w.add(t, id, "theme", "Nouveau", "axis", c["axis"])
		b = w.book(t, "ada", id)
		now, err := b.OPML(b.Lay(nil))
		if err != nil {
			t.Fatal(err)
		}
		changes, err := Compare(before, now)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, ch := range changes {
			said = append(said, map[bool]string{true: "-", false: "+"}[ch.Gone]+ch.Path)
		}
		want := []string{"-Lieux et horaires › Le planning choisi › D'ailleurs", "-Perdu", "+Lieux et horaires › Nouveau"}
		if !slices.Equal(said, want) {
			t.Errorf("changes %q, want %q", said, want)
		}
	})
}

func TestWhatIsWrittenIsFoundAndWhatAPartnerKeepsIsNot(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		id := w.of(t, "nurses", Partners)
		c := w.story(t, id)
		if err := w.AddPartner(w.as(t, "ada"), id, "partner"); err != nil {
			t.Fatal(err)
		}
		own, err := w.Add(w.as(t, "eve"), id, "idea", Entry{Title: "Des plannings secrets", Circle: "partner"})
		if err != nil {
			t.Fatal(err)
		}
		find := func(who kernel.PersonID, question string, want ...string) {
			t.Helper()
			hits, err := w.Find(w.as(t, who), w.book(t, who, id), question)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range hits {
				got = append(got, h.Card.ID)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s finds %v for %q, want %v", who, got, question, want)
			}
		}
		find("bob", "planning", c["theme"], c["reference"], c["trial"])
		if err := w.Release(w.as(t, "eve"), id, own); err != nil {
			t.Fatal(err)
		}
		find("bob", "planning", c["theme"], c["reference"], c["trial"], own)
		if err := w.Remove(w.as(t, "ada"), id, c["theme"]); err != nil {
			t.Fatal(err)
		}
		find("bob", "planning", c["reference"], c["trial"], own)
	})
}
