package expedition

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/web"
	"digiwork/internal/testkit/browser"
	"digiwork/internal/testkit/house"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// strangers never chose a language: the browser's is spoken.
type strangers struct{ *house.House }

// Recognise implements gate.Sessions.
func (s strangers) Recognise(ctx context.Context, c gate.Credential) (kernel.Actor, error) {
	a, err := s.House.Recognise(ctx, c)
	a.Lang = ""
	return a, err
}

// openSite serves the pages of expeditions alone.
func openSite(t *testing.T) (*town, *httptest.Server) {
	t.Helper()
	w := openTown(t, filepath.Join(t.TempDir(), "test.db"))
	w.house.Gate.Sessions = strangers{w.house}
	c := &i18n.Catalog{}
	for name, err := range map[string]error{"expedition": c.Add("expedition", Messages), "web": c.Add("web", web.Messages), "once": c.Add("once", once.Messages)} {
		if err != nil {
			t.Fatal(name, err)
		}
	}
	site := &web.Site{
		Catalog: c, SignIn: "/sign-in", SignOut: "/sign-out", Account: "/account",
		Rooms: []web.Room{{Code: "expedition", Group: "beyond", Path: "/expeditions", Icon: "expedition"}},
	}
	mux := web.NewMux(site)
	site.Pages(mux)
	w.Pages(mux)
	mux.Handle("GET /assets/", asset.Handler())
	handler, err := site.Wrap(mux, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			ctx, err := w.house.Gate.Enter(r.Context(), gate.Credential{Bearer: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")})
			if err != nil {
				t.Error(err)
			}
			next.ServeHTTP(rw, r.WithContext(ctx))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	w.Base = server.URL
	return w, server
}

// look checks a page for everybody and keeps pictures when they are asked for.
func look(b *browser.Tab, name string) {
	b.Accessible()
	if os.Getenv("TEST_SCREENSHOTS") != "" {
		b.Screenshot("expedition-"+name, 360, 900, false)
		b.Screenshot("expedition-"+name, 1440, 900, false)
		b.Screenshot("expedition-"+name, 1440, 900, true)
	}
	b.Resize(360, 900, false)
	b.Fits()
	b.Resize(1280, 900, false)
}

// An expedition from its opening to its cahier, by keyboard and mouse, without script:
// axes, a reference, a scenario, its effect, a vote by link, tensions gathered into a
// territory, a track, a dated trial, and the walk back to an address.
func TestAnExpeditionFromItsOpeningToItsCahier(t *testing.T) {
	words := map[string]map[string]string{
		"fr": {
			"subject": "Sujet", "open": "Ouvrir l'expédition", "missing": "Donnez un nom à l'expédition.", "title": "Titre", "save": "Enregistrer", "read": "Titre de ce qui a été lu", "address": "Adresse",
			"wrong": "Écrivez une adresse complète", "map": "Sur la carte", "leans": "S'appuie sur", "slogan": "Slogan", "effect": "Ajouter un effet", "question": "Question posée", "approval": "Par approbation",
			"vote": "Ouvrir le vote", "links": "Faire les liens", "box": "Mettre dans l'urne", "cast": "Votre bulletin est dans l'urne", "spent": "Ce lien a déjà pris un bulletin", "close": "Clore le vote", "closed": "Le vote est clos",
			"gather": "Réunir", "none": "Choisissez au moins une tension.", "new": "Nom du nouveau territoire", "steps": "Étapes", "where": "Où", "from": "À partir du", "see": "Voir le plan daté", "keep": "Annoncer cet essai",
			"kept": "L'essai est annoncé", "walk": "Remonter à rebours", "search": "Chercher dans l'expédition", "find": "Chercher", "seen": "Vue dans", "axis": "axe : Lieux et horaires", "scenario": "scénario : L'hôpital sans horaires", "reference": "référence : Un service tire ses plannings au sort", "territory": "Territoire",
		},
		"en": {
			"subject": "Subject", "open": "Open the expedition", "missing": "Give the expedition a name.", "title": "Title", "save": "Save", "read": "Title of what was read", "address": "Address",
			"wrong": "Write a full address", "map": "On the map", "leans": "Leans on", "slogan": "Slogan", "effect": "Add an effect", "question": "Question asked", "approval": "By approval",
			"vote": "Open the vote", "links": "Make the links", "box": "Put it in the box", "cast": "Your ballot is in the box", "spent": "This link has already taken a ballot", "close": "Close the vote", "closed": "The vote is closed",
			"gather": "Gather", "none": "Choose at least one tension.", "new": "Name of the new territory", "steps": "Steps", "where": "Where", "from": "From", "see": "See the dated plan", "keep": "Announce this trial",
			"kept": "The trial is announced", "walk": "Walk backwards", "search": "Search the expedition", "find": "Search", "seen": "Seen in", "axis": "axis: Lieux et horaires", "scenario": "scenario: L'hôpital sans horaires", "reference": "reference: Un service tire ses plannings au sort", "territory": "Territory",
		},
	}
	for lang, s := range words {
		t.Run(lang, func(t *testing.T) {
			_, server := openSite(t)
			b := browser.Open(t, browser.NoScript(), browser.Lang(lang), browser.Header("Authorization", "Bearer ada"))
			b.Go(server.URL + "/expeditions")
			look(b, "list-"+lang)
			b.Fill(s["subject"], "  ")
			b.Press(s["open"])
			b.See(s["missing"])
			look(b, "refused-"+lang)
			b.Fill(s["subject"], "Le travail infirmier dans dix ans")
			b.Press(s["open"])
			home := b.URL()
			look(b, "empty-"+lang)
			b.Go(home + "/map")
			look(b, "map-empty-"+lang)
			add := func(kind string, fill func()) string {
				t.Helper()
				b.Go(home + "/new/" + kind)
				fill()
				b.Press(s["save"])
				at, err := url.Parse(b.URL())
				if err != nil {
					t.Fatal(err)
				}
				return filepath.Base(at.Path)
			}
			add("axis", func() { b.Fill(s["title"], "Lieux et horaires") })
			add("reference", func() {
				b.Fill(s["read"], "Un service tire ses plannings au sort")
				b.Fill(s["address"], "ftp://ailleurs")
				b.Press(s["save"])
				b.See(s["wrong"])
				look(b, "card-refused-"+lang)
				if got := b.Value("#title"); got != "Un service tire ses plannings au sort" {
					t.Errorf("what was typed came back as %q", got)
				}
				b.Fill(s["address"], "https://example.org/plannings")
				b.Choose(s["map"], s["axis"])
			})
			b.Go(home + "/map")
			look(b, "map-"+lang)
			scenario := add("scenario", func() {
				b.Fill(s["title"], "L'hôpital sans horaires")
				b.Fill(s["slogan"], "Venez quand vous voulez")
				b.Click(s["leans"])
				b.Choose(s["reference"])
			})
			b.Click(s["effect"])
			b.Fill(s["title"], "Les nuits se vident")
			b.Press(s["save"])
			b.Go(home + "/cards/" + scenario)
			look(b, "scenario-"+lang)
			add("scenario", func() { b.Fill(s["title"], "Tout au forfait") })
			b.Go(home + "/votes/new")
			look(b, "vote-new-"+lang)
			b.Fill(s["question"], "Lesquels garder ?")
			b.Choose(s["approval"])
			b.Press(s["vote"])
			vote := b.URL()
			b.Press(s["links"])
			look(b, "vote-links-"+lang)
			link := b.Texts(".hash")[0]
			voter := browser.Open(t, browser.NoScript(), browser.Phone(), browser.Lang(lang))
			voter.Go(link)
			look(voter, "booth-"+lang)
			voter.Choose("L'hôpital sans horaires")
			voter.Press(s["box"])
			voter.See(s["cast"])
			look(voter, "cast-"+lang)
			voter.Go(link)
			voter.See(s["spent"])
			b.Go(vote)
			b.Press(s["close"])
			b.See(s["closed"])
			look(b, "result-"+lang)
			add("tension", func() {
				b.Fill(s["title"], "Repos choisi, repos dû")
				b.Click(s["seen"])
				b.Choose(s["scenario"])
			})
			b.Go(home + "/territories")
			b.Press(s["gather"])
			b.See(s["none"])
			look(b, "gather-"+lang)
			b.Choose("Repos choisi, repos dû")
			b.Fill(s["new"], "Écrire son temps à plusieurs")
			b.Press(s["gather"])
			track := add("track", func() {
				b.Fill(s["title"], "Écrire son mois à plusieurs")
				b.Fill(s["steps"], "Réunir (7 j)\nEssayer (30 j)")
				b.Choose(s["territory"], "Écrire son temps à plusieurs")
			})
			b.Fill(s["where"], "Service de nuit")
			b.Fill(s["from"], "2037-05-01")
			b.Press(s["see"])
			look(b, "adapt-"+lang)
			b.Press(s["keep"])
			b.See(s["kept"])
			b.Click(s["walk"])
			b.See("https://example.org/plannings")
			look(b, "walk-"+lang)
			b.Go(home + "/cards/" + track)
			look(b, "track-"+lang)
			for _, page := range []string{"synthesis", "scenarios", "tracks", "campaigns", "game", "models", "cahier", "settings"} {
				b.Go(home + "/" + page)
				look(b, page+"-"+lang)
			}
			b.Go(home)
			look(b, "home-"+lang)
			b.Fill(s["search"], "planning")
			b.Press(s["find"])
			b.See("Un service tire ses plannings au sort")
			look(b, "search-"+lang)
		})
	}
}

// The example is read without an account, on every page, in both languages.
func TestTheExampleIsReadByAnyone(t *testing.T) {
	_, server := openSite(t)
	for _, lang := range []string{"fr", "en"} {
		b := browser.Open(t, browser.NoScript(), browser.Lang(lang))
		home := server.URL + "/expeditions/" + string(SampleID)
		for name, at := range map[string]string{
			"home": "", "map": "/map", "synthesis": "/synthesis", "scenarios": "/scenarios", "territories": "/territories", "tracks": "/tracks", "campaigns": "/campaigns",
			"game": "/game", "models": "/models", "cahier": "/cahier", "scenario": "/cards/sc-5", "result": "/cards/vote-2013", "track": "/cards/p5", "model": "/cards/mod-1", "walk": "/walk/essai-1",
		} {
			b.Go(home + at)
			look(b, "sample-"+name+"-"+lang)
		}
		b.OnlyFrom(server.URL)
	}
}

// Dragging is a comfort: it sends the form that the keyboard sends.
func TestATensionIsDraggedIntoATerritory(t *testing.T) {
	w, server := openSite(t)
	id := w.of(t, "", Private)
	tension, territory := w.add(t, id, "tension", "Repos choisi, repos dû"), w.add(t, id, "territory", "Réaménager le travail")
	b := browser.Open(t, browser.Lang("fr"), browser.Header("Authorization", "Bearer ada"))
	b.Go(server.URL + path(id, PageTerritories))
	browser.Eval[bool](b, `(() => {
		const carried = new DataTransfer();
		document.querySelector('#tensions .check').dispatchEvent(new DragEvent('dragstart', {dataTransfer: carried, bubbles: true}));
		setTimeout(() => document.querySelector('[data-territory]').dispatchEvent(new DragEvent('drop', {dataTransfer: carried, bubbles: true})), 0);
		return true;
	})()`)
	b.See("Les tensions sont réunies.")
	if got := w.book(t, "ada", id).Card(territory).Ties["tensions"]; len(got) != 1 || got[0] != tension {
		t.Errorf("gathers %v", got)
	}
}
