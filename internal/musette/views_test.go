package musette

import (
	"strings"
	"testing"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

func TestTheDayShowsWhatGoesOnAndWhatEnds(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		onADay(t, st.h, "2026-11-24")
		furnished(t, st.h, st.s)
		p := st.visit(t, "ada", "fr", "/musette/daily").is(200)
		p.says("Vous avez noté 28,5 h par semaine. Une activité n’a pas d’heures notées.", "Accueil à la Maison du canton", "1er décembre 2026", "Une ligne title")
		p.hides("Vendeuse", "Heures de calme") // nobody keeps quiet hours here
		if got := strings.Count(p.text(), "Lundi"); got != 1 {
			t.Errorf("Monday is there %d times", got)
		}
		st.visit(t, "bob", "fr", "/musette/daily").is(200).says("Rien en cours", "Ne rien mener est permis")
	})
}

func TestQuietHoursAreARealSetting(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		kept := &clockwork{q: map[kernel.PersonID]Quiet{}}
		st.s.Quiet = kept
		p := st.visit(t, "ada", "fr", "/musette/daily").is(200).says("Heures de calme")
		if p.value("from") != "19:00" || p.value("to") != "08:00" {
			t.Errorf("from %q to %q", p.value("from"), p.value("to"))
		}
		refused := p.press("Régler mes heures de calme", "from", "tard").is(422).sound().says("Cette heure ne se lit pas")
		if refused.value("from") != "tard" {
			t.Error("what was typed is lost")
		}
		p.press("Régler mes heures de calme", "from", "18 h 30", "to", "9h", "days", "6", "silent", "1").is(200).says("Vos heures de calme sont réglées")
		want := Quiet{Silent: true, From: 18*60 + 30, To: 9 * 60, Days: [7]bool{6: true}}
		if got := kept.q["ada"]; got != want {
			t.Errorf("kept %+v, want %+v", got, want)
		}
		if _, there := kept.q["bob"]; there {
			t.Error("bob's quiet hours were changed")
		}
	})
}

func TestTheYearTellsItself(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		onADay(t, st.h, "2026-11-24")
		ids := furnished(t, st.h, st.s)
		p := st.visit(t, "ada", "fr", "/musette/reflect").is(200).says("Ce qui m’use", "Un texte")
		p.press("Garder dans le carnet", "narrative", "Dire non plus tôt", "about", "learned").is(200).says("C’est gardé", "Dire non plus tôt")
		p.press("Garder dans le carnet", "narrative", " ").is(422).says("Il manque quelque chose ici")
		st.visit(t, "ada", "fr", "/musette/reflect/2009").is(200).says("En 2009, vous avez mené 2 activités", "Vous en avez terminé une", "Vendeuse").hides("Accueil à la Maison")
		st.visit(t, "ada", "fr", "/musette/reflect/2022").is(200).says("Vous en avez commencé une", "L’une d’elles n’était pas payée")
		st.visit(t, "ada", "fr", "/musette/reflect/2026").is(200).says("Dire non plus tôt", "Vous avez noté une méthode", "Un statut a commencé ou fini")
		st.visit(t, "ada", "fr", "/musette/reflect/2025").is(200).says("Une pièce date de cette année", "Compte rendu")
		st.visit(t, "ada", "fr", "/musette/reflect/1990").is(200).says("Rien n’est gardé de 1990")
		_ = ids
	})
}

func TestWhatOthersSaidAndMaySee(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		ids := furnished(t, st.h, st.s)
		st.s.Doors = Doors{Faces: "/portillon/faces", Grants: "/portillon"}
		ada := st.h.As(t, "ada")
		st.visit(t, "ada", "fr", "/musette/social").is(200).says("Vous ne montrez rien", "Personne n’a encore signé", "1 contact noté")
		face, err := st.h.Gate.SaveFace(ada, gate.Face{Name: "Pour une association", Language: "fr", Shows: gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{ids["je"]}}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.h.Gate.Grant(ada, gate.Ask{Face: face.ID, To: gate.To{Person: "bob"}, Purpose: "le bureau", Until: st.s.DB.Now().AddDate(0, 0, 7).Format("2006-01-02")}); err != nil {
			t.Fatal(err)
		}
		gone, err := st.h.Gate.Grant(ada, gate.Ask{Face: face.ID, To: gate.To{Link: true}, Purpose: "un essai retiré", Until: st.s.DB.Now().AddDate(0, 0, 7).Format("2006-01-02")})
		if err != nil {
			t.Fatal(err)
		}
		if err := st.h.Gate.Withdraw(ada, gone.ID); err != nil {
			t.Fatal(err)
		}
		now, _, err := st.s.History(ada, ids["vendeuse"])
		if err != nil {
			t.Fatal(err)
		}
		now.View.Provenance = gate.Provenance{Source: gate.Attested, By: "Sandrine Roux", At: st.s.DB.Now()}
		if _, err := st.s.put(ada, now); err != nil {
			t.Fatal(err)
		}
		st.visit(t, "ada", "fr", "/musette/social").is(200).sound().
			says("Pour une association", "Montré à Name of bob", "Pour : le bureau", "Attesté par Sandrine Roux", "reconnu par des pairs").hides("un essai retiré")
		changed, err := st.s.ReviseActivity(ada, ids["vendeuse"], now.Version+1, Content{Title: "Boulangère", Kind: Job, Start: "2003"})
		if err != nil || changed.Provenance.Source != gate.Declared {
			t.Errorf("what others signed is not what she writes now: %+v, %v", changed, err)
		}
		st.visit(t, "bob", "fr", "/musette/social").is(200).hides("Sandrine", "association")
	})
}
