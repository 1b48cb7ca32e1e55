package musette

import (
	"context"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/testkit/house"
)

// furnished is a musette with something everywhere; the ids by a short name.
func furnished(t testing.TB, h *house.House, s *Service) map[string]kernel.ItemID {
	t.Helper()
	ada := h.As(t, "ada")
	ids := map[string]kernel.ItemID{}
	for _, c := range []Content{
		{Title: "Je tiens les comptes du Jardin des Rives", Kind: Volunteering, Start: "2021-09", Paid: new(false), HoursPerWeek: 3, Organisation: "Jardin des Rives", Status: "volunteer", Narrative: "Tout était dans une boîte à chaussures.\n\nJ'ai trié par mois.", Tools: []string{"Tableur"}, Methods: []string{"Trier une caisse"}, Tags: []string{"comptes"}},
		{Title: "Vendeuse en boulangerie", Kind: Job, Start: "2003-09", End: "2009-06", Paid: new(true), Status: "employed", Place: "Saint-Avre"},
		{Title: "Accompagnement de ma grand-mère", Kind: Care, Start: "2007", End: "2011"},
		{Title: "Accueil à la Maison du canton", Kind: Job, Start: "2022-04", Paid: new(true), HoursPerWeek: 28.5, Status: "fp_contract"},
	} {
		a, err := s.AddActivity(ada, c)
		if err != nil {
			t.Fatal(err)
		}
		ids[strings.ToLower(strings.Fields(c.Title)[0])] = a.ID
	}
	ids["undated"] = unknownStart(t, s, ada)
	for _, shape := range Shapes {
		e, err := s.AddEntry(ada, shape, sample(shape))
		if err != nil {
			t.Fatal(shape.Name, err)
		}
		ids[shape.Name] = e.ID
	}
	p, err := s.AddLink(ada, ids["je"], About{Title: "Compte rendu", URL: "https://example.org/cr", Date: "2025", Author: "Youssef"})
	if err != nil {
		t.Fatal(err)
	}
	ids["link"] = p.ID
	held, err := s.AddFile(ada, ids["je"], "Rapport.pdf", strings.NewReader("%PDF-1.7 rapport"))
	if err != nil {
		t.Fatal(err)
	}
	if p, err = s.Keep(ada, held, About{}); err != nil {
		t.Fatal(err)
	}
	ids["file"] = p.ID
	l, err := s.AddLetter(ada, Request{To: "Roulévite", Rights: Rights, Language: "fr", Sender: "Ada\n3 rue des Halles", Sent: "2026-09-01", Detail: "mes évaluations"})
	if err != nil {
		t.Fatal(err)
	}
	ids["letter"] = l.ID
	if _, err := s.ReviseActivity(ada, ids["je"], 1, Content{Title: "Je tiens les comptes", Kind: Volunteering, Start: "2021-09", Paid: new(false)}); err != nil {
		t.Fatal(err)
	}
	return ids
}

// sample fills every field of a shape.
func sample(shape *Shape) []string {
	all := make([]string, len(shape.Fields))
	for i, f := range shape.Fields {
		all[i] = map[Input]string{
			Line: "Une ligne " + f.Name, Lines: "Un texte\nsur deux lignes", Steps: "Un\nDeux", Day: "2026-12-01", Link: "https://example.org/",
			Mail: "nadia@example.org", Phone: "01 02 03 04 05", Choice: PackByID("").list(f.Vocabulary)[0].ID, Week: "024", Prompt: "wears",
		}[f.Input]
		if f.Name == "start" {
			all[i] = "2026-01-01"
		}
	}
	return all
}

// pagesOf are the pages of a musette.
func pagesOf(ids map[string]kernel.ItemID) []string {
	all := []string{
		"/musette", "/musette?as=table", "/musette?from=2000&to=2009", "/musette?from=2008&to=2008", "/musette?kind=care&paid=no", "/musette/new",
		"/musette/daily", "/musette/reflect", "/musette/reflect/2022", "/musette/reflect/1950", "/musette/social",
		"/musette/kept", "/musette/kept/pieces", "/musette/letters", "/musette/letters/new", "/musette/letters/new?right=platform",
		"/welcome", "/welcome/parts", "/welcome/acts", "/welcome/five",
	}
	for _, shape := range Shapes {
		all = append(all, "/musette/kept/"+shape.Name, "/musette/kept/"+shape.Name+"/new")
	}
	for _, id := range ids {
		at := "/musette/items/" + string(id)
		all = append(all, at, at+"/edit", at+"/delete")
	}
	if id, ok := ids["je"]; ok {
		all = append(all, "/musette/items/"+string(id)+"/versions/1", "/musette/items/"+string(id)+"/pieces/new", "/musette/letters/"+string(ids["letter"])+"/sheet")
	}
	return all
}

// clockwork keeps quiet hours in memory.
type clockwork struct{ q map[kernel.PersonID]Quiet }

func (c *clockwork) QuietHours(ctx context.Context) (Quiet, error) {
	if q, ok := c.q[kernel.ActorFrom(ctx).Person]; ok {
		return q, nil
	}
	return Quiet{From: 19 * 60, To: 8 * 60, Days: [7]bool{true}}, nil
}

func (c *clockwork) KeepQuiet(ctx context.Context, q Quiet) error {
	c.q[kernel.ActorFrom(ctx).Person] = q
	return nil
}

// onADay gives the house a clock that stands still.
func onADay(t testing.TB, h *house.House, day string) {
	t.Helper()
	at, err := time.Parse(time.DateTime, day+" 10:00:00")
	if err != nil {
		t.Fatal(err)
	}
	h.DB.SetClock(func() time.Time { return at })
}

func TestEveryPageIsSoundInBothLanguages(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		onADay(t, st.h, "2026-11-24")
		st.s.Quiet = &clockwork{q: map[kernel.PersonID]Quiet{}}
		st.s.Doors = Doors{Faces: "/portillon/faces", Grants: "/portillon", Import: "/musette/import", Export: "/musette/export", Account: "/account"}
		ids := furnished(t, st.h, st.s)
		for _, lang := range []string{"fr", "en"} {
			for _, path := range pagesOf(ids) {
				st.visit(t, "ada", lang, path).is(200).sound()
			}
			for _, path := range pagesOf(nil) {
				st.visit(t, "bob", lang, path).is(200).sound()
			}
		}
	})
}

func TestAStrangerAndAVisitorAreLedNowhere(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		ids := furnished(t, st.h, st.s)
		for _, id := range ids {
			for _, rest := range []string{"", "/edit", "/delete"} {
				path := "/musette/items/" + string(id) + rest
				for _, who := range []kernel.PersonID{"eve", "mallory"} {
					st.visit(t, who, "fr", path).is(404).hides("Jardin", "Rapport", "Roulévite")
				}
				if got := st.ask(t, "", "GET", path, nil); got.Code != 303 || !strings.HasPrefix(got.Header().Get("Location"), "/sign-in?") {
					t.Errorf("a visitor at %s: %d", path, got.Code)
				}
			}
			for _, rest := range []string{"", "/delete", "/versions/1"} {
				if got := st.ask(t, "eve", "POST", "/musette/items/"+string(id)+rest, strings.NewReader("version=1&current=1&title=x&kind=job&start=2019"), "Content-Type", "application/x-www-form-urlencoded"); got.Code != 404 {
					t.Errorf("eve posts to %s: %d", rest, got.Code)
				}
			}
		}
		for _, path := range []string{
			"/musette/pieces/" + string(ids["file"]) + "/original", "/musette/pieces/" + string(ids["file"]) + "/preview", "/musette/items/" + string(ids["je"]) + "/versions/1",
			"/musette/items/" + string(ids["je"]) + "/pieces/new", "/musette/items/act_nothing", "/musette/kept/boss", "/musette/reflect/soon", "/musette/letters/" + string(ids["letter"]) + "/sheet",
		} {
			st.visit(t, "eve", "fr", path).is(404)
		}
		if got := st.ask(t, "eve", "POST", "/musette/letters/"+string(ids["letter"])+"/progress", strings.NewReader("version=1&sent=2026-01-01"), "Content-Type", "application/x-www-form-urlencoded"); got.Code != 404 {
			t.Errorf("eve follows a letter: %d", got.Code)
		}
		if _, err := st.s.Activity(st.h.As(t, "ada"), ids["je"]); err != nil {
			t.Error(err)
		}
	})
}

func TestFiveAnswersMakeAnActivity(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		onADay(t, st.h, "2026-11-24")
		p := st.visit(t, "ada", "fr", "/musette").is(200).says("Votre musette est vide").click("Ajouter une activité").is(200)
		refused := p.press("Garder cette activité", "title", "Je répare <b>", "start", "hier", "hours_per_week", "beaucoup", "narrative", "Un récit", "place", "Ysole").is(422).sound()
		refused.says("2 réponses sont à revoir", "Le reste est gardé")
		for name, want := range map[string]string{"title": "Je répare <b>", "start": "hier", "hours_per_week": "beaucoup", "narrative": "Un récit", "place": "Ysole"} {
			if got := refused.value(name); got != want {
				t.Errorf("%s comes back as %q, want %q", name, got, want)
			}
		}
		kept := refused.press("Garder cette activité", "start", "janvier 2024", "hours_per_week", "3,5", "tags", " vélo,  , réparer ").is(200)
		kept.says("Je répare <b>", "Depuis janvier 2024", "3,5 h par semaine", "vélo, réparer", "C’est gardé", "déclaré")
		st.visit(t, "ada", "en", "/musette").is(200).says("1 activity since 2024, 1 under way", "since January 2024")
	})
}

func TestSendingAFormTwiceKeepsOneThing(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		p := st.visit(t, "ada", "fr", "/musette/new")
		for range 2 {
			p.press("Garder cette activité", "title", "Une fois", "start", "2020").is(200).says("Une fois")
		}
		if all, _, err := st.s.Activities(st.h.As(t, "ada"), "", 10); err != nil || len(all) != 1 {
			t.Errorf("%d kept, %v", len(all), err)
		}
		back := p.press("Garder cette activité", "title", "Autre chose", "start", "2021").is(422).says("Ce formulaire a déjà servi")
		back.press("Garder cette activité").is(200).says("Autre chose")
	})
}

func TestTheSecondWindowIsToldAndKeepsItsText(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		ids := furnished(t, st.h, st.s)
		for _, c := range []struct{ id, field, mine, theirs, save, force string }{
			{"vendeuse", "title", "Ma version", "L'autre version", "Enregistrer", "Garder ce que je viens d’écrire"},
			{"method", "title", "Ma version", "L'autre version", "Enregistrer", "Garder ce que je viens d’écrire"},
			{"link", "title", "Ma version", "L'autre version", "Enregistrer", "Garder ce que je viens d’écrire"},
			{"letter", "to", "Ma version", "L'autre version", "Enregistrer", "Garder ce que je viens d’écrire"},
		} {
			edit := "/musette/items/" + string(ids[c.id]) + "/edit"
			one, two := st.visit(t, "ada", "fr", edit).is(200), st.visit(t, "ada", "fr", edit).is(200)
			one.press(c.save, c.field, c.theirs).is(200)
			told := two.press(c.save, c.field, c.mine).is(409).sound()
			told.says("Deux versions à comparer", c.theirs, c.mine)
			if got := told.value(c.field); got != c.mine {
				t.Errorf("%s: the second window holds %q", c.id, got)
			}
			told.press(c.force).is(200).says(c.mine)
			now, past, err := st.s.History(st.h.As(t, "ada"), ids[c.id])
			if err != nil || now.View.Title != c.mine || past[0].View.Title != c.theirs {
				t.Errorf("%s: now %q after %q, %v", c.id, now.View.Title, past[0].View.Title, err)
			}
		}
	})
}

func TestEarlierVersionsAreReadAndComeBack(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		onADay(t, st.h, "2026-11-24")
		ids := furnished(t, st.h, st.s)
		p := st.visit(t, "ada", "fr", "/musette/items/"+string(ids["je"])).is(200).says("Changé : quoi, statut, organisation", "Première version")
		old := p.click("Revoir la version d’avant").is(200).sound()
		old.says("Je tiens les comptes du Jardin des Rives", "Tout était dans une boîte à chaussures.")
		old.press("Faire revenir cette version").is(200).says("La version d’avant est revenue", "Jardin des Rives", "J'ai trié par mois.")
		a, err := st.s.Activity(st.h.As(t, "ada"), ids["je"])
		if err != nil || a.Version != 3 || a.Title != "Je tiens les comptes du Jardin des Rives" || len(a.Tools) != 1 {
			t.Errorf("restored %+v, %v", a, err)
		}
		old.press("Faire revenir cette version", "idempotency_key", "ABCDEFGHIJKLMNOPQRSTUVWXYZ").is(409) // the page it was on is old
		st.visit(t, "ada", "fr", "/musette/items/"+string(ids["je"])+"/versions/9").is(404)
	})
}

func TestDeletingAsksFirstAndSaysWhatGoes(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		ids := furnished(t, st.h, st.s)
		ask := st.visit(t, "ada", "fr", "/musette/items/"+string(ids["je"])).click("Effacer").is(200)
		ask.says("Ce qui sera effacé", "Son histoire, 1 version d’avant", "Ce qui restera", "Ses 2 pièces")
		if _, err := st.s.ReviseActivity(st.h.As(t, "ada"), ids["je"], 2, Content{Title: "Changé", Kind: Job, Start: "2020"}); err != nil {
			t.Fatal(err)
		}
		again := ask.press("Effacer").is(409).says("Cette page a changé entre-temps", "Changé")
		again.press("Effacer").is(200).says("C’est effacé")
		st.visit(t, "ada", "fr", "/musette/items/"+string(ids["je"])).is(404)
		st.visit(t, "ada", "fr", "/musette/items/"+string(ids["file"])).is(200)
		st.visit(t, "ada", "fr", "/musette/kept/pieces").is(200).says("Rapport.pdf").hides("Jardin")

		with, err := st.s.AddFile(st.h.As(t, "ada"), ids["vendeuse"], "a.txt", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := st.s.Keep(st.h.As(t, "ada"), with, About{})
		if err != nil {
			t.Fatal(err)
		}
		st.visit(t, "ada", "fr", "/musette/items/"+string(ids["vendeuse"])+"/delete").press("Effacer", "with_pieces", "1").is(200)
		st.visit(t, "ada", "fr", "/musette/items/"+string(p.ID)).is(404)
		for _, shape := range Shapes {
			st.visit(t, "ada", "fr", "/musette/items/"+string(ids[shape.Name])+"/delete").press("Effacer").is(200).says("C’est effacé")
		}
		st.visit(t, "ada", "fr", "/musette/items/"+string(ids["letter"])+"/delete").press("Effacer").is(200)
	})
}

func TestWordsAreSearchedWithoutEnteringTheAddress(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		onADay(t, st.h, "2026-11-24")
		furnished(t, st.h, st.s)
		p := st.visit(t, "ada", "fr", "/musette")
		found := p.press("Chercher", "words", "BOULANGERIES accompagnements").is(200)
		found.says("Aucune activité ne correspond", "Tout revoir")
		found = p.press("Chercher", "words", "boulangeries").is(200).sound().says("1 activité correspond", "Vendeuse en boulangerie")
		if found.value("words") != "boulangeries" || found.path != "/musette" {
			t.Errorf("found at %s for %q", found.path, found.value("words"))
		}
		found.hides("Accompagnement de ma grand")
		p.press("Chercher", "words", "grand mere").is(200).says("Accompagnement de ma grand-mère")
		p.press("Chercher", "words", "texte").is(200).says("Ailleurs dans votre musette", "Une ligne title")
		filtered := p.press("Chercher", "kind", "job", "paid", "yes", "year", "2005").is(200).says("1 activité correspond", "Vendeuse")
		if !strings.Contains(filtered.path, "from=2005") || filtered.value("year") != "2005" {
			t.Errorf("what is no word can be kept in the address: %s", filtered.path)
		}
		refused := p.press("Chercher", "year", "05", "words", "pain").is(422).sound().says("quatre chiffres")
		if refused.value("year") != "05" || refused.value("words") != "pain" {
			t.Error("what was typed is lost")
		}
		st.visit(t, "ada", "fr", "/musette?from=soon").is(422)
		p.press("Chercher", "status", "fp_contract").is(200).says("Accueil à la Maison").hides("Vendeuse en")
		if strings.Contains(st.log.String(), "boulangerie") {
			t.Errorf("the log tells: %s", st.log)
		}
	})
}

func TestTheTimelineGoesCloser(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		onADay(t, st.h, "2026-11-24")
		furnished(t, st.h, st.s)
		p := st.visit(t, "ada", "fr", "/musette").is(200).says("5 activités depuis 2003, 2 en cours", "Sans date", "sans date")
		if n := strings.Count(p.Body.String(), "<svg viewBox=\"0 0 860"); n != 1 {
			t.Errorf("%d wide drawings", n)
		}
		decade := p.click("2000–2009").is(200).says("Vendeuse", "Accompagnement").hides("Accueil à la Maison")
		year := decade.click("2008").is(200).says("2 activités correspondent")
		year.click("Toute la vie").is(200).says("Accueil")
		table := p.click("Voir la liste en tableau").is(200)
		if len(table.all("tbody")) != 1 {
			t.Error("the table is not there")
		}
		table.click("Revenir à la liste").is(200)
	})
}

func TestSeveralActivitiesAreTypedOnOnePage(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		onADay(t, st.h, "2026-11-24")
		five := st.visit(t, "ada", "fr", "/welcome").is(200).
			press("Continuer", "goal", "thin").is(200).
			press("Continuer", "parts", "note").is(200).
			click("Taper quelques activités").is(200)
		five.press("Garder ces activités").is(422).says("Dites ce que c’était")
		more := five.press("Ajouter des lignes", "1.title", "Vendeuse").is(200)
		if more.value("1.title") != "Vendeuse" || more.value("10.title") != "" {
			t.Error("adding lines loses what was typed")
		}
		refused := five.press("Garder ces activités", "1.title", "Vendeuse", "1.start", "2003", "3.title", "Bénévole", "3.start", "", "3.place", "Ysole").is(422).sound()
		refused.says("Une réponse est à revoir", "Dites depuis quand")
		if refused.value("3.title") != "Bénévole" || refused.value("3.place") != "Ysole" || refused.value("1.start") != "2003" {
			t.Error("what was typed is lost")
		}
		if all, _, err := st.s.Activities(st.h.As(t, "ada"), "", 10); err != nil || len(all) != 0 {
			t.Errorf("%d kept by a refused page, %v", len(all), err)
		}
		refused.press("Garder ces activités", "3.start", "2019", "5.title", "Garde", "5.start", "2020", "5.kind", "care", "5.paid", "no").is(200).
			says("3 activités depuis 2003", "C’est gardé. Voici votre frise", "Soin d’un proche", "non payé")
		st.visit(t, "ada", "fr", "/musette/kept").is(200).says("Carnet")
	})
}

func TestThePublicAgentHasHerWords(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		ids := furnished(t, st.h, st.s)
		st.visit(t, "ada", "fr", "/welcome/parts").press("Continuer", "pack", "fr-agent-public").is(200)
		st.visit(t, "ada", "fr", "/musette/new").is(200).says("Position statutaire", "Titulaire en activité", "Poste")
		st.visit(t, "ada", "fr", "/musette/items/"+string(ids["je"])+"/pieces/new").is(200).says("Secret professionnel")
		st.visit(t, "ada", "en", "/musette").is(200).says("Contract agent")
		if got := st.ask(t, "ada", "POST", "/welcome/parts", strings.NewReader("pack=mars"), "Content-Type", "application/x-www-form-urlencoded"); got.Code != 422 {
			t.Errorf("a pack that is none: %d", got.Code)
		}
	})
}

func TestEveryShapeIsKeptChangedAndRefused(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		for _, shape := range Shapes {
			form := st.visit(t, "ada", "en", "/musette/kept/"+shape.Name+"/new").is(200)
			form.press("Save").is(422).sound().says("Something is missing here")
			var pairs []string
			for i, f := range shape.Fields {
				if f.Input == Week {
					for _, day := range strings.Split(sample(shape)[i], "") {
						pairs = append(pairs, f.Name, day)
					}
					continue
				}
				pairs = append(pairs, f.Name, sample(shape)[i])
			}
			form.press("Save", pairs...).is(200).says("It is kept")
			entries, err := st.s.Entries(st.h.As(t, "ada"), shape)
			if err != nil || len(entries) != 1 {
				t.Fatalf("%s: %d kept, %v", shape.Name, len(entries), err)
			}
			for i, want := range sample(shape) {
				if got := entries[0].Values[i]; got != want {
					t.Errorf("%s.%s is kept as %q, want %q", shape.Name, shape.Fields[i].Name, got, want)
				}
			}
		}
	})
}

func TestNotesAndContactsCanNeverBeShown(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		ids := furnished(t, st.h, st.s)
		ada := st.h.As(t, "ada")
		pass, err := st.h.Gate.Own(ada)
		if err != nil {
			t.Fatal(err)
		}
		for name, id := range ids {
			it, err := st.h.Gate.Get(ada, pass, id)
			if err != nil {
				t.Fatal(err)
			}
			if want := name == "note" || name == "contact" || name == "letter"; it.View.Never != want {
				t.Errorf("%s: never is %v", name, it.View.Never)
			}
		}
		for _, name := range []string{"note", "contact", "letter"} {
			_, err := st.h.Gate.SaveFace(ada, gate.Face{Name: "x", Language: "fr", Shows: gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{ids[name]}}}})
			if kernel.KindOf(err) != kernel.Invalid {
				t.Errorf("a face with a %s: %v", name, err)
			}
			st.upload(t, "ada", "/musette/items/"+string(ids[name])+"/pieces", "a.txt", "x")
			if pieces, err := st.s.PiecesOf(ada, ids[name]); err != nil || len(pieces) != 0 {
				t.Errorf("a %s has a piece: %v", name, err)
			}
		}
	})
}

func TestAPieceIsAddedFromItsActivity(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		ids := furnished(t, st.h, st.s)
		form := st.visit(t, "ada", "fr", "/musette/items/"+string(ids["vendeuse"])).click("Ajouter une pièce").is(200).sound()
		refused := form.press("Garder cette pièce", "title", "Ma preuve", "files.name", "").is(422).sound()
		refused.says("Choisissez un fichier, ou donnez l’adresse d’une page")
		if refused.value("title") != "Ma preuve" {
			t.Error("the title is lost")
		}
		refused.press("Garder cette pièce", "files.name", "virus.exe", "files", "MZ").is(415).says("Ce fichier est un programme")
		refused.press("Garder cette pièce", "files.name", "notes.txt", "files", "Le contenu").is(200).says("La pièce est gardée", "Ma preuve", "Texte, 10 o")
		again := form.press("Garder cette pièce", "url", "https://example.org/x", "files.name", "").is(422).says("Ce formulaire a déjà servi")
		again.press("Garder cette pièce", "files.name", "").is(200).says("https://example.org/x", "Lien")
		p := st.visit(t, "ada", "fr", "/musette/items/"+string(ids["vendeuse"])).click("Ma preuve").is(200).says("SHA-256", "Reprendre l’original")
		if got := st.ask(t, "ada", "GET", p.link("Reprendre l’original"), nil); got.Body.String() != "Le contenu" {
			t.Errorf("the original is %q", got.Body.String())
		}
		p.click("Modifier").press("Enregistrer", "author", "Nadia", "date", "mars 2025").is(200).says("Nadia", "mars 2025")
	})
}
