package gate_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/web"
	"digiwork/internal/testkit/browser"
	"digiwork/internal/testkit/house"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// serve opens the pages of the gate of a house; the bearer says who asks.
func serve(t *testing.T, h *house.House) string {
	t.Helper()
	catalog := &i18n.Catalog{}
	for _, err := range []error{catalog.Add("web", web.Messages), catalog.Add("db", db.Messages), catalog.Add("once", once.Messages), catalog.Add("gate", gate.Messages)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	site := &web.Site{
		Catalog: catalog, SignIn: "/sign-in", SignOut: "/sign-out", Account: "/account",
		Rooms: []web.Room{
			{Code: "portillon", Group: "self", Path: "/portillon", Icon: "gate", NameKey: "web.room.portillon"},
			{Code: "cercles", Group: "together", Path: "/circles", Icon: "people", NameKey: "web.room.cercles"},
		},
	}
	mux := web.NewMux(site)
	site.Pages(mux)
	h.Gate.Pages(mux)
	mux.Handle("GET /assets/", asset.Handler())
	handler, err := site.Wrap(mux, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, err := h.Gate.Enter(r.Context(), gate.Credential{Bearer: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")})
			if err != nil {
				t.Error(err)
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	site.Base, h.Gate.BaseURL, h.Gate.Sessions = server.URL, server.URL, tongues{h}
	t.Cleanup(func() {
		if missing := catalog.Missing(); len(missing) > 0 {
			t.Errorf("messages that do not exist were said: %v", missing)
		}
	})
	return server.URL
}

func tab(t *testing.T, who kernel.PersonID, more ...browser.Option) *browser.Tab {
	t.Helper()
	return browser.Open(t, append(more, browser.Header("Authorization", "Bearer "+string(who)))...)
}

// speaks opens a browser without script of somebody who reads lang.
func speaks(t *testing.T, who kernel.PersonID, lang string) *browser.Tab {
	t.Helper()
	return tab(t, kernel.PersonID(lang+":"+string(who)), browser.NoScript(), browser.Lang(lang))
}

// tongues lets a bearer say which language it reads.
type tongues struct{ *house.House }

// Recognise implements gate.Sessions.
func (s tongues) Recognise(ctx context.Context, c gate.Credential) (kernel.Actor, error) {
	lang, who, ok := strings.Cut(c.Bearer, ":")
	if !ok {
		return s.House.Recognise(ctx, c)
	}
	a, err := s.House.Recognise(ctx, gate.Credential{Bearer: who})
	a.Lang = lang
	return a, err
}

// look proves that a page can be read by everybody, everywhere.
func look(b *browser.Tab, name string) {
	b.Accessible()
	if os.Getenv("TEST_SCREENSHOTS") != "" {
		b.Screenshot("gate-"+name, 360, 900, false)
		b.Screenshot("gate-"+name, 1280, 900, true)
	}
	b.Resize(360, 900, false)
	b.Fits()
	b.Resize(1280, 900, false)
}

// What the preview says while she writes is, word for word, what the visitor's page says.
func TestThePreviewFollowsTheFormAndTellsTheTruth(t *testing.T) {
	h := house.Open(t, filepath.Join(t.TempDir(), "a.db"))
	base := serve(t, h)
	ada := h.As(t, "ada")
	work := job("Comptes du Jardin", "2021")
	work.View.Purpose = "pour tenir la caisse"
	keep(t, h, ada, work)
	keep(t, h, ada, job("Reliure", "2019"))
	keep(t, h, ada, gate.Item{Room: "badge", View: gate.View{Kind: "credential", Title: "Comptable agréée", Start: "2022", Provenance: gate.Provenance{Source: gate.Attested, By: "CPA"}}})

	b := tab(t, "ada")
	b.Go(base + "/portillon/faces/new")
	b.Fill("Nom de ce visage", "Pour un client")
	in := func(words string) bool { return strings.Contains(b.Text("#preview"), words) }
	if in("Comptes du Jardin") {
		t.Fatal("nothing was chosen yet")
	}
	b.Choose("Comptes du Jardin")
	b.See("pour tenir la caisse")
	if in("Reliure") {
		t.Error("what was not chosen is in the preview")
	}
	b.Click("Montrer aussi ce que gardent les autres pièces")
	b.Choose("Comptable agréée")
	b.See("signé par CPA")
	b.Choose("anglais")
	b.See("signed by CPA")
	look(b, "preview")
	live, lines := b.Text("#preview"), b.Texts("#preview h3, #preview h4, #preview h5, #preview p")
	b.Press("Garder ce visage")
	if kept := b.Text("#preview"); kept != live {
		t.Errorf("while she wrote\n%s\nonce kept\n%s", live, kept)
	}
	b.Click("Montrer ce visage")
	if said := b.Text("#preview"); said != live {
		t.Errorf("on the pass\n%s\nwanted\n%s", said, live)
	}
	look(b, "pass")
	b.Fill("Pour quoi ?", "pour un devis")
	b.Press("Ouvrir le portillon")
	link := b.Value("#url")
	visitor := tab(t, "")
	visitor.Go(link)
	look(visitor, "visit")
	page := visitor.Text("main")
	for _, line := range lines {
		if !strings.Contains(page, line) {
			t.Errorf("the preview says %q, the page does not: %s", line, page)
		}
	}
	if len(lines) < 8 {
		t.Errorf("the preview says only %q", lines)
	}
	if c := slices.Concat(b.Complaints(), visitor.Complaints()); len(c) > 0 {
		t.Error(c)
	}
	b.OnlyFrom(base)
}

// The same without script, by the button.
func TestThePreviewWorksByTheButton(t *testing.T) {
	h := house.Open(t, filepath.Join(t.TempDir(), "a.db"))
	base := serve(t, h)
	keep(t, h, h.As(t, "ada"), job("Comptes du Jardin", "2021"))
	b := tab(t, "ada", browser.NoScript())
	b.Go(base + "/portillon/faces/new")
	b.Fill("Nom de ce visage", "Pour un client")
	b.Choose("Comptes du Jardin")
	b.Press("Rafraîchir l'aperçu")
	if !strings.Contains(b.Text("#preview"), "Comptes du Jardin") || b.Filled("Nom de ce visage") != "Pour un client" {
		t.Errorf("%q", b.Text("#preview"))
	}
}

// A circle counts, without script, in both languages: an owner asks, members see their
// rows and say yes, no or nothing, and what is published speaks of nobody.
func TestACircleCountsItself(t *testing.T) {
	words := map[string]map[string]string{
		"fr": {
			"ask": "Demander un décompte", "purpose": "Pour quoi ?", "paid": "Payé ou non", "send": "Demander aux membres", "none": "Aucun décompte",
			"words": "Étiquettes, méthodes et outils utilisés", "list": "Mots à chercher (pour la dernière question)", "missing": "Donnez de 1 à 20 mots",
			"row": "Ce qui serait compté de vous", "yes": "Oui, comptez-moi ainsi", "no": "Non", "said": "Vous avez dit oui.", "back": "Reprendre ma réponse", "gone": "Votre réponse est effacée.",
			"add": "Additionner maintenant", "people": "23 personnes ont dit oui.", "hidden": "caché", "journal": "Votre ligne a servi à un décompte", "refused": "Dites pourquoi vous comptez",
		},
		"en": {
			"ask": "Ask for a count", "purpose": "What for?", "paid": "Paid or not", "send": "Ask the members", "none": "No count",
			"words": "Tags, methods and tools in use", "list": "Words to look for (for the last question)", "missing": "Give 1 to 20 words",
			"row": "What would be counted of you", "yes": "Yes, count me like this", "no": "No", "said": "You said yes.", "back": "Take my answer back", "gone": "Your answer is deleted.",
			"add": "Add up now", "people": "23 people said yes.", "hidden": "hidden", "journal": "Your row served a count", "refused": "Say why you count",
		},
	}
	for lang, w := range words {
		t.Run(lang, func(t *testing.T) {
			h := house.Open(t, filepath.Join(t.TempDir(), "a.db"))
			base := serve(t, h)
			people := []kernel.PersonID{"ada", "bob", "eve"}
			for i := range 21 {
				p := kernel.PersonID(fmt.Sprint("p", i))
				h.Add(t, p)
				people = append(people, p)
			}
			h.Circle("cir_team", people...)
			for i, p := range people {
				keep(t, h, h.As(t, p), current([]string{"job", "project"}[i%2], i%3 == 0, 20, []string{"tableur", "soudure"}[i%2]))
			}
			as := func(who kernel.PersonID) *browser.Tab { return speaks(t, who, lang) }
			ada, bob := as("ada"), as("bob")
			bob.Go(base + "/portillon/counts")
			bob.See(w["none"])
			look(bob, "counts-none-"+lang)
			ada.Go(base + "/portillon/circles/cir_team/counts")
			ada.Click(w["ask"])
			ada.Fill(w["purpose"], " ")
			ada.Choose(w["paid"])
			ada.Choose(w["words"])
			ada.Press(w["send"])
			ada.See(w["refused"])
			look(ada, "count-refused-"+lang)
			ada.Fill(w["purpose"], "Préparer la négociation")
			ada.Press(w["send"])
			ada.See(w["missing"])
			ada.Fill(w["list"], "tableur, soudure")
			ada.Press(w["send"])
			look(ada, "count-keeper-"+lang)
			at := ada.URL()
			bob.Go(base + "/portillon/counts")
			bob.Click("Préparer la négociation")
			bob.See(w["row"])
			bob.See("tableur")
			look(bob, "count-asked-"+lang)
			bob.Press(w["yes"])
			bob.See(w["said"])
			look(bob, "count-yes-"+lang)
			bob.Press(w["back"])
			bob.See(w["gone"])
			// His musette changes between his reading and his yes: he is asked again.
			keep(t, h, h.As(t, "bob"), current("care", false, 4))
			bob.Press(w["yes"])
			bob.See(map[string]string{"fr": "Votre musette a changé", "en": "Your musette has changed"}[lang])
			look(bob, "count-moved-"+lang)
			bob.Press(w["yes"])
			c := read(t, h, "ada", at[strings.LastIndex(at, "/")+1:])
			sayYes(t, h, c, people[2:]...)
			eve := as("eve")
			eve.Go(at)
			eve.Press(w["no"])
			ada.Go(at)
			ada.Press(w["yes"])
			after := c.Until.Add(time.Second)
			h.DB.SetClock(func() time.Time { return after })
			ada.Go(at)
			look(ada, "count-over-"+lang)
			ada.Press(w["add"])
			ada.See(w["people"])
			ada.See(w["hidden"])
			if got := ada.Texts("td.num"); !slices.Contains(got, "12") {
				t.Errorf("figures %q, want twelve who weld", got)
			}
			look(ada, "count-published-"+lang)
			bob.Go(base + "/portillon/journal")
			bob.See(w["journal"])
			eve.Go(base + "/portillon/journal")
			if eve.Says(w["journal"]) {
				t.Error("who said no was counted")
			}
			if status := tab(t, "mallory").Status(at); status != http.StatusNotFound {
				t.Errorf("a stranger gets %d", status)
			}
		})
	}
}

// Loans stand beside faces: what is lent, by which room, who opened it; and who
// borrows finds them at her own gate.
func TestALoanIsReadAndWithdrawnAtTheGate(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		h := house.Open(t, filepath.Join(t.TempDir(), "a.db"))
		base := serve(t, h)
		ada := h.As(t, "ada")
		a := keep(t, h, ada, job("Comptes du Jardin", "2021"))
		l := lend(t, h, ada, gate.LoanAsk{Items: ids(a), To: gate.To{Link: true}, Answers: 2, Page: "/peers/answer/"})
		lend(t, h, ada, gate.LoanAsk{Room: "vae", Items: ids(a), To: gate.To{Person: "bob"}})
		if _, err := h.Gate.BorrowByLink(h.As(t, ""), l.Token, "peer"); err != nil {
			t.Fatal(err)
		}
		w := map[string][]string{
			"fr": {"Prêt pour une recommandation", "Prête : Comptes du Jardin.", "Attend encore 2 réponses.", "Le lien « Prêt pour une recommandation » a été ouvert.", "Retirer", "un jury de VAE"},
			"en": {"Lent for a recommendation", "Lends: Comptes du Jardin.", "Still waits for 2 answers.", "The link “Lent for a recommendation” was opened.", "Withdraw", "a VAE jury"},
		}[lang]
		b := speaks(t, "ada", lang)
		b.Go(base + "/portillon")
		for _, words := range w[:4] {
			b.See(words)
		}
		look(b, "loans-"+lang)
		b.Go(base + "/portillon/grants/" + string(l.ID))
		if got := b.Value("#url"); got != base+"/peers/answer/"+l.Token {
			t.Errorf("the link is %q", got)
		}
		look(b, "loan-"+lang)
		b.Press(w[4])
		if _, err := h.Gate.BorrowByLink(h.As(t, ""), l.Token, "peer"); err == nil {
			t.Error("withdrawn, and it opens")
		}
		bob := speaks(t, "bob", lang)
		bob.Go(base + "/portillon/received")
		bob.See("Name of ada")
		bob.See(w[5])
		look(bob, "received-"+lang)
	}
}
