package recognition

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

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

// serve puts the room on a real address, behind the real frame, guards and gate.
func serve(t *testing.T, h *house.House, s *Service) string {
	t.Helper()
	c := &i18n.Catalog{}
	for _, err := range []error{c.Add("web", web.Messages), c.Add("once", once.Messages), c.Add("db", db.Messages), c.Add("gate", gate.Messages), c.Add("recognition", Messages)} {
		must(t, err)
	}
	frame := &web.Site{
		Catalog: c, Log: slog.New(slog.DiscardHandler), Start: home, Account: "/account", SignIn: "/sign-in",
		Rooms: []web.Room{{Code: "reveler", Group: "self", Path: home, Icon: "reveler"}},
	}
	mux := web.NewMux(frame)
	s.API(web.NewAPI(mux, "test"))
	s.Pages(mux)
	handler, err := frame.Wrap(mux, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			if lang := r.Header.Get("X-Test-Lang"); lang != "" {
				r.AddCookie(&http.Cookie{Name: "lang", Value: lang})
			}
			ctx, err := h.Gate.Enter(r.Context(), gate.Credential{Bearer: bearer})
			if err != nil {
				mux.Fail(w, r, err)
				return
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	})
	must(t, err)
	all := http.NewServeMux()
	all.Handle("GET /assets/", asset.Handler())
	all.Handle("/", handler)
	srv := httptest.NewServer(all)
	t.Cleanup(srv.Close)
	return srv.URL
}

func as(who, lang string) []browser.Option {
	return []browser.Option{browser.NoScript(), browser.Phone(), browser.Lang(lang), browser.Header("Authorization", "Bearer "+who), browser.Header("X-Test-Lang", lang)}
}

// A moment is told, stopped, taken up again, and becomes a competence with its words,
// without script, on a phone.
func TestAMomentBecomesACompetence(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	h, s := open(t, filepath.Join(t.TempDir(), "b.db"))
	treasurer(t, h)
	address := serve(t, h, s)
	b := browser.Open(t, as("ada", "fr")...)
	b.Go(address + home)
	b.Accessible()
	b.Screenshot("reveler-empty-fr", 360, 800, false)
	b.Click("Raconter un moment")
	b.Accessible()
	b.Fill("De quoi ce moment parle-t-il ?", "La clôture de 2024")
	b.Choose("De quelle activité fait-il partie ?", "Trésorière du Jardin")
	b.Press("Commencer le récit")
	b.Accessible()
	b.Screenshot("reveler-step-fr", 360, 800, true)
	b.Fill("Avec vos mots", "Un soir de janvier, à la maison. Les relevés étaient dans une boîte.")
	b.Press("Garder et m'arrêter là")
	b.See("C'est gardé.")
	b.Accessible()
	b.Go(address + home)
	b.Click("Reprendre le récit : La clôture de 2024")
	b.Fill("Avec vos mots", "J'ai tenu les comptes de l'année, puis préparé le budget.")
	b.Press("Garder et continuer")
	if got := b.Text("h1"); got != "Et ensuite" {
		t.Errorf("the third question is %q", got)
	}
	b.Press("Garder et m'arrêter là")
	b.Screenshot("reveler-telling-fr", 1440, 900, false)
	b.Click("Chercher ce que cela montre")
	b.Accessible()
	b.Screenshot("reveler-find-fr", 360, 800, false)
	b.Screenshot("reveler-find-fr", 1440, 900, true)
	if !strings.Contains(strings.Join(b.Texts("mark"), " "), "comptes") {
		t.Errorf("the words that led there are %q", b.Texts("mark"))
	}
	b.Press("Choisir, puis mettre mes mots")
	b.See("Cochez au moins une ligne.")
	b.Accessible()
	b.Choose("tenir des comptes")
	b.Press("Choisir, puis mettre mes mots")
	b.Accessible()
	b.Screenshot("reveler-word-fr", 360, 800, false)
	b.Fill("Je sais…", "Je clôture des comptes")
	b.Fill("Comment je le sais", "seule depuis quatre ans")
	b.Press("Garder ces compétences")
	b.See("C'est gardé.")
	b.Click("Je clôture des comptes")
	b.Accessible()
	b.See("seule depuis quatre ans")
	b.Screenshot("reveler-competence-fr", 1440, 900, false)
	b.Click("Changer les mots ou les liens")
	b.Accessible()
	b.Choose("Rapport financier")
	b.Screenshot("reveler-edit-fr", 360, 800, true)
	b.Press("Garder")
	b.See("C'est changé")
	b.See("Rapport financier")
	b.Click("La carte")
	b.Accessible()
	b.Screenshot("reveler-map-fr", 360, 800, false)
	b.Screenshot("reveler-map-fr", 1440, 900, true)
}

func TestEveryPageInEnglish(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	h, s := open(t, filepath.Join(t.TempDir(), "b.db"))
	activity, piece := treasurer(t, h)
	ctx := h.As(t, "ada")
	tell, err := s.BeginTelling(ctx, "Closing 2024", activity)
	must(t, err)
	must(t, s.Answer(ctx, tell, 1, 0, "I kept the accounts\nof the association."))
	made, err := s.Keep(ctx, []Saying{
		{Title: "Keep the accounts", Level: "on my own", Links: []kernel.ItemID{activity, piece, tell}, Refs: []Ref{{URI: "urn:digiwork:competence:accounts", Label: "keep accounts"}, {URI: "http://data.europa.eu/esco/skill/x", Label: "keep books"}}},
		{Title: "Present a budget to an assembly that has never seen one", Links: []kernel.ItemID{activity}},
		{Title: "Welcome"},
	})
	must(t, err)
	keeps(t, h, "ada", "rec_1", peerRoom, gate.View{Kind: kindRecommendation, Title: "What Sandrine saw", Links: []kernel.ItemID{activity}, Provenance: gate.Provenance{Source: gate.Attested, By: "Sandrine Roux"}})
	keeps(t, h, "ada", "bdg_1", badgeRoom, gate.View{Kind: kindCredential, Title: "Treasurer", Facts: []gate.Fact{{Name: factCompetence, Text: "Keep the accounts"}, {Name: factCompetence, Text: "Chair a meeting"}}, Links: []kernel.ItemID{made}, Provenance: gate.Provenance{Source: gate.Attested, By: "Les Rives"}})
	address := serve(t, h, s)
	b := browser.Open(t, as("ada", "en")...)
	for name, path := range map[string]string{
		"home": home, "map": mapAt, "books": booksAt, "begin": tellingsAt + "/new?of=" + string(activity), "telling": tellingPath(tell),
		"step": stepPath(tell, 7), "find": findAt + "/" + string(tell), "new": competencesAt + "/new", "competence": competencePath(made), "edit": competencePath(made) + "/edit",
	} {
		b.Go(address + path)
		b.Screenshot("reveler-"+name+"-en", 1440, 900, false)
		b.Accessible()
		b.Screenshot("reveler-"+name+"-en", 360, 800, true)
	}
	b.OnlyFrom(address)
	b.Go(address + mapAt)
	b.Press("Name it, too Chair a meeting")
	b.See("It is kept.")
	b.Go(address + mapAt)
	if b.Says("Proved, not told yet") {
		t.Error("what she named is still not told")
	}
	empty := browser.Open(t, as("bob", "en")...)
	for _, path := range []string{home, mapAt, tellingsAt + "/new"} {
		empty.Go(address + path)
		empty.Accessible()
	}
}
