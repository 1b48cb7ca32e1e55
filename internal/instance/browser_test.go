package instance

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"digiwork/internal/platform/jobs"
	"digiwork/internal/testkit/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// Each page in both languages, without script: public ones as a visitor sees them,
// the office with content, empty and refused.
func TestPagesInABrowser(t *testing.T) {
	o := open(t, filepath.Join(t.TempDir(), "test.db"))
	server := httptest.NewServer(o.handler)
	defer server.Close()
	for _, lang := range []string{"fr", "en"} {
		look := func(b *browser.Tab, name string) {
			t.Helper()
			b.Accessible()
			widths := []int{360, 1440}
			if os.Getenv("TEST_SCREENSHOTS") == "" {
				widths = nil
			}
			for _, width := range widths {
				for _, dark := range []bool{false, true} {
					b.Screenshot("instance-"+name+"-"+lang, width, 900, dark)
				}
			}
			b.Resize(320, 900, true)
			b.Fits()
			b.Resize(1280, 900, false)
		}
		visitor := browser.Open(t, browser.NoScript(), browser.Lang(lang))
		for path, name := range map[string]string{
			"/": "home", "/about": "about", "/about/data": "data", "/about/exit": "exit", "/about/licences": "licences",
			"/privacy": "privacy", "/accessibility": "accessibility",
		} {
			visitor.Go(server.URL + path)
			look(visitor, name)
		}
		visitor.OnlyFrom(server.URL)
		first := browser.Open(t, browser.Lang(lang))
		first.Go(server.URL + "/")
		if n := first.TransferBytes(); n == 0 || n > 100<<10 {
			t.Errorf("the first page weighs %d bytes; want at most 100 KiB", n)
		}
		o.mode = "open"
		visitor.Go(server.URL + "/")
		look(visitor, "home-open")
		o.mode = "invitation"

		ada := browser.Open(t, browser.NoScript(), browser.Lang(lang), browser.Header("Authorization", "Bearer ada"))
		o.backups, o.found, o.jobs = nil, nil, jobs.State{}
		ada.Go(server.URL + "/instance")
		look(ada, "office-empty")
		ada.Go(server.URL + "/instance/health")
		look(ada, "health-empty")
		o.found = []Finding{
			{Fine, "La base est entière", "SQLite l’a vérifiée en 12 ms."},
			{Unsure, "Aucune sauvegarde depuis 9 jours", "Faites-en une, et copiez-la ailleurs."},
			{Serious, "Le fichier de la clé n’a été copié nulle part", "Copiez-le hors de cette machine : sans lui, rien ne se lit."},
		}
		o.backups = []Backup{{"digiwork-2026-11-23.backup", time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC), 3 << 20}}
		o.jobs = jobs.State{Waiting: 3, Late: 1, Stuck: 2, Oldest: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
		ada.Go(server.URL + "/instance")
		look(ada, "office")
		label := map[string]string{"fr": "Votre adresse", "en": "Your address"}[lang]
		ada.Fill(label, "x@[127.0.0.1]")
		ada.Press(map[string]string{"fr": "Envoyer un essai", "en": "Send a test"}[lang])
		if ada.Filled(label) != "x@[127.0.0.1]" {
			t.Errorf("what was typed is lost: %q", ada.Filled(label))
		}
		look(ada, "office-refused")
		ada.Go(server.URL + "/instance/health")
		look(ada, "health")
		ada.Go(server.URL + "/instance/settings")
		look(ada, "settings")
		ada.OnlyFrom(server.URL)
		for _, b := range []*browser.Tab{visitor, first, ada} {
			for _, c := range b.Complaints() {
				if !strings.Contains(c, "422") {
					t.Errorf("the browser complains: %s", c)
				}
			}
		}
	}
	if missing := o.catalog.Missing(); len(missing) > 0 {
		t.Errorf("messages that do not exist: %v", missing)
	}
}
