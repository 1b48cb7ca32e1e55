package portrait

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/gate"
	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/web"
	"digiwork/internal/testkit/browser"
	"digiwork/internal/testkit/house"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// serve puts the room and the gate on a real address.
func serve(t *testing.T, h *house.House, s *Service) string {
	t.Helper()
	c := &i18n.Catalog{}
	for _, err := range []error{c.Add("web", web.Messages), c.Add("once", once.Messages), c.Add("db", db.Messages), c.Add("gate", gate.Messages), c.Add("portrait", Messages)} {
		must(t, err)
	}
	frame := &web.Site{
		Catalog: c, Log: slog.New(slog.DiscardHandler), Start: home, Account: "/account", SignIn: "/sign-in",
		Rooms: []web.Room{{Code: "reveler", Group: "self", Path: home, Icon: "reveler"}},
	}
	mux := web.NewMux(frame)
	h.Gate.Pages(mux)
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
	h.Gate.BaseURL, s.Base = srv.URL, srv.URL
	return srv.URL
}

func as(who, lang string) []browser.Option {
	return []browser.Option{browser.NoScript(), browser.Phone(), browser.Lang(lang), browser.Header("Authorization", "Bearer "+who), browser.Header("X-Test-Lang", lang)}
}

// A CV is looked at, shown by a link and under an address, scanned from a card; it
// ends with its link. Without script, on a phone.
func TestACVIsShownAndEndsWithItsLink(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	h, s := open(t, filepath.Join(t.TempDir(), "b.db"))
	address := serve(t, h, s)
	_, g := shows(t, h)
	b := browser.Open(t, as("ada", "fr")...)
	b.Go(address + home)
	b.Accessible()
	b.Fill("Le nom", "É")
	b.Press("Prendre cette adresse")
	b.See("Prenez de 3 à 40 lettres")
	b.Accessible()
	b.Fill("Le nom", "elodie")
	b.Press("Prendre cette adresse")
	b.See("L'adresse est à vous.")
	b.Screenshot("show-fr", 360, 800, false)
	b.Screenshot("show-fr", 1440, 900, true)
	b.Click("Pour une association, en CV")
	b.Accessible()
	b.Screenshot("own-fr", 1440, 900, false)
	b.Screenshot("own-fr", 360, 800, true)
	b.Click("la carte, « Candidature au conseil »")
	b.Accessible()
	b.Screenshot("card-fr", 1440, 900, false)
	b.Screenshot("card-fr", 360, 800, false)

	visitor := browser.Open(t, browser.NoScript(), browser.Phone(), browser.Lang("en"), browser.Header("X-Test-Lang", "en"))
	for _, path := range []string{strings.TrimPrefix(g.URL, address) + "/cv", "/folio/elodie"} {
		visitor.Go(address + path)
		visitor.Accessible()
		visitor.See("reconnu par des pairs") // in the language of the face
		visitor.OnlyFrom(address)
	}
	visitor.Screenshot("visit-fr", 360, 800, false)
	visitor.Screenshot("visit-fr", 1440, 900, false)

	b.Go(address + home)
	b.Press("Rendre mon adresse")
	if got := visitor.Status(address + "/folio/elodie"); got != http.StatusNotFound {
		t.Errorf("an address given back answers %d", got)
	}
	must(t, h.Gate.Withdraw(h.As(t, "ada"), g.ID))
	for _, form := range forms {
		if got := visitor.Status(g.URL + "/" + form); got != http.StatusGone {
			t.Errorf("%s of a link that is over answers %d", form, got)
		}
	}
	b.Go(address + home)
	b.Accessible()
	empty := browser.Open(t, as("bob", "en")...)
	empty.Go(address + home)
	empty.Accessible()
	empty.See("A face comes first.")
}
