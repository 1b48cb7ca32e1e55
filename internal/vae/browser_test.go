package vae

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/web"
	"digiwork/internal/testkit/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// serve is the pages of a world, behind the guards of the site.
func (w *world) serve() *httptest.Server {
	w.t.Helper()
	site := &web.Site{
		Catalog: w.catalog, SignIn: "/sign-in", SignOut: "/sign-out", Account: "/account",
		Rooms: []web.Room{{Code: "reveler", Group: "self", Path: "/reveler", Icon: "reveler"}},
	}
	mux := web.NewMux(site)
	site.Pages(mux)
	w.Pages(mux)
	mux.Handle("GET /assets/", asset.Handler())
	handler, err := site.Wrap(mux, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			ctx, err := w.House.Gate.Enter(r.Context(), gate.Credential{Bearer: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")})
			if err != nil {
				w.t.Error(err)
			}
			actor := kernel.ActorFrom(ctx)
			actor.Lang = web.Lang(r, "")
			ctx = kernel.WithActor(ctx, actor)
			next.ServeHTTP(rw, r.WithContext(ctx))
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	s := httptest.NewServer(handler)
	w.t.Cleanup(s.Close)
	return s
}

// The promise of the handbook, without script, in both languages: a person begins a
// file near what she did, writes it, has it read and commented, hands it to a jury,
// which decides; a bloc is granted.
func TestFromAPersonToACompanionToAJuryToABloc(t *testing.T) {
	for lang, say := range map[string]map[string]string{
		"fr": {
			"search": "Un intitulé, un numéro RNCP, un mot de la VAE", "go": "Chercher", "livret": "C’est l’ancien nom du dossier de recevabilité", "near": "Les blocs les plus proches de ce que je sais faire",
			"begin": "Commencer ce dossier", "begun": "Le dossier est ouvert", "blocs": "Choisissez au moins un bloc", "say": "Dire où j’en suis sur ce bloc", "yes": "oui", "have": "Ce que j’en fais déjà, et ce qui me manque", "save": "Enregistrer", "saved": "C’est enregistré",
			"missing": "À compléter", "validation": "Validation", "add": "Ajouter", "did": "Ce que j’ai fait", "stale": "Une autre version a été enregistrée", "versions": "1 version précédente", "take": "Reprendre la version 1",
			"share": "Accompagnement et jury", "purpose": "Pourquoi", "open": "Ouvrir ces parties", "opened": "Ces parties sont ouvertes", "lent": "Le dossier de", "comment": "Laisser ce commentaire", "left": "Votre commentaire est dans sa musette", "nocomment": "Écrivez votre commentaire",
			"hand": "Remettre une copie à un jury", "code": "Code du jury", "do": "Remettre la copie", "tick": "Cochez pour dire que vous l’avez compris", "understood": "J’ai compris qu’après la décision le certificateur garde cette copie", "handed": "La copie est remise",
			"intact": "La signature de la personne est intacte", "note": "Noter mes avis", "reason": "Donnez une raison", "noted": "Vos avis sont notés", "decision": "Écrire la décision", "decide": "Décider", "decided": "La décision est écrite", "all": "Tous les blocs sont accordés", "take1": "Prendre l’attestation numérique de ce bloc", "word": "Choisissez une réponse", "why": "Raison", "whybloc": "Raison de la décision sur ce bloc", "granted": "accordé", "name": "Intitulé", "bloc": "Nom du bloc", "lines": "Compétences, une par ligne", "sent": "Dossier de faisabilité envoyé", "on": "Le", "noteit": "Noter", "answer": "Réponse du certificateur attendue", "on part": "Commentaire sur « Trésorière d'une association »",
		},
		"en": {
			"search": "A title, an RNCP number, a word of VAE", "go": "Search", "livret": "This is the old name of the file of admissibility", "near": "The blocs closest to what I can do",
			"begin": "Begin this file", "begun": "The file is open", "blocs": "Choose at least one bloc", "say": "Say where I stand on this bloc", "yes": "yes", "have": "What I do of it already, and what I lack", "save": "Save", "saved": "It is saved",
			"missing": "To complete", "validation": "Validation", "add": "Add", "did": "What I did", "stale": "Another version was saved", "versions": "1 earlier version", "take": "Take up version 1",
			"share": "Companions and jury", "purpose": "Why", "open": "Open these parts", "opened": "These parts are open", "lent": "The file of", "comment": "Leave this comment", "left": "Your comment is in their musette", "nocomment": "Write your comment",
			"hand": "Hand a copy to a jury", "code": "Code of the jury", "do": "Hand the copy over", "tick": "Tick to say you understood", "understood": "I understand that after the decision the certifier keeps this copy", "handed": "The copy is handed over",
			"intact": "The signature of the person is intact", "note": "Note my opinions", "reason": "Give a reason", "noted": "Your opinions are noted", "decision": "Write the decision", "decide": "Decide", "decided": "The decision is written", "all": "All blocs are granted", "take1": "Take the digital credential of this bloc", "word": "Choose an answer", "why": "Reason", "whybloc": "Reason of the decision on this bloc", "granted": "granted", "name": "Title", "bloc": "Name of the bloc", "lines": "Competences, one a line", "sent": "File of feasibility sent", "on": "On", "noteit": "Note it", "answer": "Answer of the certifier expected", "on part": "Comment on “Trésorière d'une association”",
		},
	} {
		t.Run(lang, func(t *testing.T) {
			w := open(t, filepath.Join(t.TempDir(), "test.db"))
			w.circle("cir_help", "mallory", "ada")
			w.begun() // an activity and a piece, and a first file
			server := w.serve()
			as := func(who string) *browser.Tab {
				t.Helper()
				b := browser.Open(t, browser.NoScript(), browser.Lang(lang), browser.Header("Authorization", "Bearer "+who))
				return b
			}
			look := func(b *browser.Tab, name string) {
				t.Helper()
				b.Accessible()
				if os.Getenv("TEST_SCREENSHOTS") != "" {
					b.Screenshot("vae-"+name+"-"+lang, 360, 900, false)
					b.Screenshot("vae-"+name+"-"+lang, 1440, 900, name == "validation" || name == "sitting")
				}
				b.Resize(320, 900, true)
				b.Fits()
				b.Resize(1280, 900, false)
			}
			ada := as("ada")
			ada.Go(server.URL + "/reveler/vae")
			look(ada, "home")
			ada.Fill(say["search"], "livret 1")
			ada.Press(say["go"])
			ada.See(say["livret"])
			ada.Fill(say["search"], "comptable")
			ada.Press(say["go"])
			look(ada, "search")
			ada.Go(server.URL + "/reveler/vae/near")
			ada.See("RNCP90001")
			look(ada, "near")
			ada.Click("Comptable d'association")
			look(ada, "certification")
			ada.Press(say["begin"])
			ada.See(say["begun"])
			file := ada.URL()
			look(ada, "file")
			w.write(ada, say, look)
			w.accompany(server.URL, ada, as("mallory"), say, look)
			w.judge(server.URL, ada, as("bob"), as("eve"), say, look)
			ada.Go(file + "/delete")
			look(ada, "delete")
			if missing := w.catalog.Missing(); len(missing) > 0 {
				t.Errorf("messages that do not exist: %v", missing)
			}
		})
	}
}

// write is the person alone with her file.
func (w *world) write(ada *browser.Tab, say map[string]string, look func(*browser.Tab, string)) {
	file := ada.URL()
	ada.Click(say["say"])
	ada.Choose(say["yes"])
	ada.Fill(say["have"], "Je tiens les comptes depuis quatre ans.")
	look(ada, "bloc")
	ada.Press(say["save"])
	ada.See(say["saved"])
	ada.Go(file + "/feasibility")
	ada.See(say["missing"])
	look(ada, "feasibility")
	ada.Choose(say["sent"])
	ada.Press(say["noteit"])
	look(ada, "step-refused")
	ada.Fill(say["on"], string(day(w.House.DB.Now().AddDate(0, 0, -1))))
	ada.Press(say["noteit"])
	ada.See(say["answer"])
	look(ada, "step")

	ada.Go(file + "/validation")
	look(ada, "validation-empty")
	id := kernel.ItemID(file[strings.LastIndex(file, "/")+1:])
	code, err := w.Service.Add(w.as("ada"), id, "told", "RNCP90001BC01", "act_1")
	if err != nil {
		w.t.Fatal(err)
	}
	at := file + "/parts/" + code
	ada.Go(at)
	if ada.Filled(say["did"]) == "" {
		w.t.Error("the activity's own words are not in the part")
	}
	ada.Fill("Saisir les factures et tenir la comptabilité", "Je saisissais chaque facture le jour même.")
	look(ada, "told")
	// another window is faster
	f := w.whole("ada", id)
	p, _ := f.part(code)
	w.save(id, code, p.Version, map[string]string{"title": "Trésorière", "did": "Autre fenêtre"}, p.Picks...)
	ada.Press(say["save"])
	ada.See(say["stale"])
	ada.See("Autre fenêtre")
	if got := ada.Filled("Saisir les factures et tenir la comptabilité"); got != "Je saisissais chaque facture le jour même." {
		w.t.Errorf("what was typed was lost: %q", got)
	}
	look(ada, "conflict")
	ada.Press(say["save"])
	ada.See(say["saved"])
	ada.Go(at + "/delete")
	look(ada, "drop")
	ada.Go(at + "/versions")
	look(ada, "versions")
	ada.Click(say["take"])
	look(ada, "taken")
	ada.Go(file + "/validation")
	look(ada, "validation")
	ada.Go(file + "/certification")
	look(ada, "edit")
	ada.Go(file + "/parts/statement")
	look(ada, "statement")
	ada.Go(file)
}

// accompany opens parts to a companion, who comments.
func (w *world) accompany(base string, ada, companion *browser.Tab, say map[string]string, look func(*browser.Tab, string)) {
	file := ada.URL()
	ada.Go(file + "/share")
	look(ada, "share")
	ada.Press(say["open"])
	look(ada, "share-refused")
	ada.Fill(say["purpose"], "Relire la première activité")
	ada.Press(say["open"])
	ada.See(say["opened"])
	look(ada, "opened")
	companion.Go(base + "/reveler/vae")
	companion.Click(say["lent"] + " Name of ada")
	companion.Press(say["comment"])
	companion.See(say["nocomment"])
	look(companion, "lent")
	companion.Fill(say["on part"], "Dites combien de factures par mois.")
	companion.Press(say["comment"])
	companion.See(say["left"])
	ada.Go(file + "/validation")
	ada.See("Dites combien de factures par mois.")
	ada.Go(file)
}

// judge hands a copy over; the jury deliberates and decides, and a bloc comes back.
func (w *world) judge(base string, ada, head, member *browser.Tab, say map[string]string, look func(*browser.Tab, string)) {
	file := ada.URL()
	ada.Go(file + "/hand")
	look(ada, "hand")
	ada.Fill(say["code"], "cir_jury")
	ada.Fill(say["purpose"], "Obtenir les deux blocs")
	ada.Press(say["do"])
	ada.See(say["tick"])
	ada.Choose(say["understood"])
	ada.Press(say["do"])
	ada.See(say["handed"])
	look(ada, "handed")

	member.Go(base + "/reveler/vae/jury")
	look(member, "jury")
	member.Click("Name of ada")
	member.See(say["intact"])
	look(member, "sitting")
	sitting := member.URL()
	member.Choose(say["yes"])
	member.Press(say["note"])
	member.See(say["reason"])
	look(member, "opinion-refused")
	id := kernel.GrantID(sitting[strings.LastIndex(sitting, "/")+1:])
	w.deliberate(id)
	w.decide(base, head, say, look)
	head.Go(sitting)
	head.See("Vu au dossier.")
	look(head, "decided")
	ada.Go(base + "/reveler/vae")
	results, err := w.Results(w.as("ada"))
	if err != nil || len(results) != 2 {
		w.t.Fatalf("%d results, %v", len(results), err)
	}
	ada.Go(base + "/reveler/vae/results/" + string(results[0].ID))
	ada.See(say["take1"])
	look(ada, "result")
	ada.Go(file)
}

// decide is the head of a jury before a file of one competence, on pages alone.
func (w *world) decide(base string, head *browser.Tab, say map[string]string, look func(*browser.Tab, string)) {
	ada := w.as("ada")
	c := Certification{Title: "Accueillir au local", Blocs: []Bloc{{ID: "b1", Title: "Ouvrir le lieu", Competences: []Competence{{ID: "c1", Text: "Préparer la salle"}}}}}
	file, err := w.Begin(ada, c, []string{"b1"}, Alone, "")
	if err == nil {
		_, err = w.Service.Add(ada, file, "told", "b1", "act_1")
	}
	if err == nil {
		err = w.Hand(ada, file, "cir_jury", "essai", soon(w), true)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	head.Go(base + "/reveler/vae/jury/" + string(w.whole("ada", file).Handed[0].Grant))
	head.Click(say["decision"])
	head.Press(say["decide"])
	head.See(say["word"])
	look(head, "decision-refused")
	head.Choose(say["yes"])
	head.Fill(say["why"], "Vu.")
	head.Choose(say["granted"])
	head.Fill(say["whybloc"], "Vu aussi.")
	head.Press(say["decide"])
	head.See(say["decided"])
	head.See(say["all"])
	look(head, "decision")
	head.Go(base + "/reveler/vae/referentials/new")
	head.Press(say["save"])
	look(head, "referential-refused")
	head.Fill(say["name"], "Accueillir")
	head.Fill(say["bloc"], "Ouvrir le lieu")
	head.Fill(say["lines"], "Préparer la salle")
	head.Press(say["save"])
	head.See("Préparer la salle")
	look(head, "referential")
	head.Go(base + "/reveler/vae/new")
	head.Press(say["begin"])
	look(head, "new-refused")
}
