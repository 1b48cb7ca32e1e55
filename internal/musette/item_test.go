package musette

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

func TestAMethodGoesFromOneJobToTheNext(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		ada := st.h.As(t, "ada")
		a, err := st.s.AddActivity(ada, Content{Title: "Comptes du jardin", Kind: Volunteering, Start: "2021", Methods: []string{"TRIER une caissé", "Autre façon"}, Tools: []string{"Tableur"}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := st.s.AddEntry(ada, method, []string{"Trier une caisse", "", "Ouvrir la boîte\nTrier par mois", "", "", ""})
		if err != nil {
			t.Fatal(err)
		}
		p := st.visit(t, "ada", "fr", itemPath(a.ID)).is(200).sound().says("Autre façon", "Tableur")
		back := p.click("TRIER une caissé").is(200).says("Trier par mois", "Où cela a servi", "Comptes du jardin")
		if back.path != itemPath(m.ID) {
			t.Errorf("the method leads to %s", back.path)
		}
		back.click("Comptes du jardin").is(200)
		if len(back.all("ol")) < 2 { // the steps, and the history
			t.Error("the steps are not a list")
		}
	})
}

func TestWhereAnItemComesFromIsSaid(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		ada := st.h.As(t, "ada")
		c := Content{Title: "Livraisons", Kind: Job, Start: "2018", End: "2022"}
		at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
		it, err := c.item(kernel.NewID[kernel.ItemID](activityPrefix, st.s.DB.Now()), 0, gate.Provenance{Source: gate.Imported, Format: "platform", File: "roulevite <1>.csv", At: at})
		if err != nil {
			t.Fatal(err)
		}
		made, err := st.s.put(ada, it)
		if err != nil {
			t.Fatal(err)
		}
		st.visit(t, "ada", "fr", "/musette").is(200).says("importé")
		st.visit(t, "ada", "fr", itemPath(made.ID)).is(200).says("importé", "Importé de « roulevite <1>.csv » le 20 novembre 2026.").hides("modifié depuis")
		got := st.call(t, "ada", "GET", "/activities/"+string(made.ID), "").is(200)["provenance"].(map[string]any)
		if got["source"] != "imported" || got["format"] != "platform" || got["file"] != "roulevite <1>.csv" || got["at"] != "2026-11-20T12:00:00Z" {
			t.Errorf("provenance = %v", got)
		}
		if _, err := st.s.ReviseActivity(ada, made.ID, 1, c); err != nil {
			t.Fatal(err)
		}
		st.visit(t, "ada", "en", itemPath(made.ID)).is(200).says("Imported from “roulevite <1>.csv” on 20 November 2026. You have changed it since.")
	})
}

func TestTheLimitsOfTheAPIAreThoseOfTheDomain(t *testing.T) {
	t.Parallel()
	tags := func(name string) map[string]string {
		return limitsOf[draftBody](name)
	}
	for field, want := range map[string]int{"Title": titleMost, "Organisation": lineMost, "Place": lineMost, "WithWhom": lineMost, "Purpose": lineMost, "Status": statusMost, "Narrative": storyMost} {
		if got := tags(field)["maxLength"]; got != itoa(want) {
			t.Errorf("%s takes %s, the domain %d", field, got, want)
		}
	}
	for _, field := range []string{"Tools", "Methods", "Tags"} {
		if got := tags(field)["maxItems"]; got != itoa(listMost) {
			t.Errorf("%s takes %s, the domain %d", field, got, listMost)
		}
	}
	if got := tags("HoursPerWeek")["maximum"]; got != itoa(hoursMost) {
		t.Errorf("hours take %s, the domain %d", got, hoursMost)
	}
	if got := limitsOf[linkBody]("URL")["maxLength"]; got != itoa(linkMost) {
		t.Errorf("an address takes %s, the domain %d", got, linkMost)
	}
	kinds := ""
	for i, k := range Kinds {
		if i > 0 {
			kinds += ","
		}
		kinds += string(k)
	}
	if got := tags("Kind")["enum"]; got != kinds {
		t.Errorf("kinds are %s, the domain's %s", got, kinds)
	}
}

// limitsOf are the limits written on a field of a body.
func limitsOf[T any](field string) map[string]string {
	f, ok := reflect.TypeFor[T]().FieldByName(field)
	if !ok {
		return nil
	}
	all := map[string]string{}
	for _, name := range []string{"maxLength", "maxItems", "maximum", "enum"} {
		all[name] = f.Tag.Get(name)
	}
	return all
}

func itoa(n int) string { return strconv.Itoa(n) }

// The page of an activity says which faces carry it, and to whom they are open now.
func TestWhereAnActivityShowsIsSaid(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		st.s.Doors.Faces, st.s.Doors.Grants = "/portillon/faces", "/portillon"
		ada := st.h.As(t, "ada")
		a, b := add(t, st.s, ada, "Comptes du jardin", "2021"), add(t, st.s, ada, "Vendeuse", "2003")
		face := func(name string, choice gate.Choice, hides ...string) gate.Face {
			f, err := st.s.Gate.SaveFace(ada, gate.Face{Name: name, Language: "fr", Shows: gate.Shows{Activities: choice}, Hides: hides})
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		listed := face("Pour le jury", gate.Choice{IDs: []kernel.ItemID{a.ID}})
		face("Toutes", gate.Choice{Rule: &gate.Rule{}}, string(b.ID))
		st.visit(t, "ada", "fr", itemPath(b.ID)).is(200).hides("Pour le jury", "Toutes", "Où cela se montre")
		st.visit(t, "ada", "fr", itemPath(a.ID)).is(200).sound().says("Où cela se montre", "Pour le jury", "Ouvert à personne en ce moment.", "Toutes", "choisit par une règle")
		until := st.s.DB.Now().AddDate(0, 0, 7).Format(time.DateOnly)
		g, err := st.s.Gate.Grant(ada, gate.Ask{Face: listed.ID, To: gate.To{Link: true}, Purpose: "le jury", Until: until})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.s.Gate.Grant(ada, gate.Ask{Face: listed.ID, To: gate.To{Person: "bob"}, Purpose: "le jury", Until: until}); err != nil {
			t.Fatal(err)
		}
		p := st.visit(t, "ada", "en", itemPath(a.ID)).is(200).says("To whoever has the link, until", "To Name of bob, until")
		if !strings.Contains(p.Body.String(), "/portillon/grants/"+string(g.ID)) {
			t.Error("the page does not lead to the pass")
		}
		if err := st.s.Gate.Withdraw(ada, g.ID); err != nil {
			t.Fatal(err)
		}
		st.visit(t, "ada", "en", itemPath(a.ID)).is(200).says("Name of bob").hides("whoever has the link")
	})
}
