package circle

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/testkit/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// Each page of a circle, with content, empty and refused, in both languages, as a
// person walks through it without script.
func TestAJourneyThroughACircle(t *testing.T) {
	s := openSite(t, filepath.Join(t.TempDir(), "test.db"))
	server := httptest.NewServer(s.handler)
	defer server.Close()
	s.Base = server.URL
	words := map[string]map[string]string{
		"fr": {
			"name": "Nom du cercle", "guild": "Guilde", "make": "Réunir ce cercle", "missing": "Donnez un nom au cercle.", "invite": "Faire une invitation",
			"ready": "L'invitation est prête.", "join": "Entrer dans le cercle", "joined": "Vous faites maintenant partie", "hand": "Confier la responsabilité, Name of bob",
			"rename": "Enregistrer le nom", "leave": "Quitter ce cercle", "really": "Quitter le cercle", "last": "Confiez d'abord la responsabilité", "empty": "Vous ne faites partie d'aucun cercle",
			"remove": "Retirer, Name of bob", "over": "Cette invitation ne s'ouvre pas", "left": "Vous avez quitté le cercle",
		},
		"en": {
			"name": "Name of the circle", "guild": "Guild", "make": "Gather this circle", "missing": "Give the circle a name.", "invite": "Make an invitation",
			"ready": "The invitation is ready.", "join": "Come into the circle", "joined": "You are now in this circle", "hand": "Hand over, Name of bob",
			"rename": "Save the name", "leave": "Leave this circle", "really": "Leave the circle", "last": "Hand it over to somebody else", "empty": "You are in no circle",
			"remove": "Remove, Name of bob", "over": "This invitation does not open", "left": "You have left the circle",
		},
	}
	for lang, w := range words {
		look := func(b *browser.Tab, name string) {
			t.Helper()
			b.Accessible()
			widths := []int{360, 1440}
			if os.Getenv("TEST_SCREENSHOTS") == "" {
				widths = nil
			}
			for _, width := range widths {
				for _, dark := range []bool{false, true} {
					b.Screenshot("circle-"+name+"-"+lang, width, 900, dark)
				}
			}
			b.Resize(320, 900, true)
			b.Fits()
			b.Resize(1280, 900, false)
		}
		as := func(who string) *browser.Tab {
			t.Helper()
			return browser.Open(t, browser.NoScript(), browser.Lang(lang), browser.Header("Authorization", "Bearer "+who))
		}
		ada, bob, visitor := as("ada"), as("bob"), as("")
		ada.Go(server.URL + "/circles")
		ada.See(w["empty"])
		look(ada, "none")
		ada.Fill(w["name"], "   ")
		ada.Choose(w["guild"])
		ada.Press(w["make"])
		ada.See(w["missing"])
		look(ada, "refused")
		ada.Fill(w["name"], "Les relieuses et relieurs du Pays d’Ysole et des environs")
		ada.Press(w["make"])
		page := ada.URL()
		look(ada, "new")
		ada.Press(w["invite"])
		ada.See(w["ready"])
		look(ada, "invited")
		link := ""
		for _, line := range ada.Texts(".hash") {
			link = line[strings.Index(line, "http"):]
		}
		visitor.Go(link)
		look(visitor, "visitor")
		bob.Go(link)
		look(bob, "invitation")
		bob.Press(w["join"])
		bob.See(w["joined"])
		look(bob, "member")
		bob.Go(link)
		look(bob, "already")
		if status := visitor.Status(link); status != 410 {
			t.Errorf("a used invitation: %d", status)
		}
		visitor.See(w["over"])
		look(visitor, "over")
		ada.Go(page)
		look(ada, "full")
		ada.Click(w["remove"])
		look(ada, "remove")
		ada.Go(page)
		ada.Click(w["leave"])
		look(ada, "leave")
		ada.Press(w["really"])
		ada.See(w["last"])
		look(ada, "last")
		ada.Go(page)
		ada.Press(w["hand"])
		ada.Fill(w["name"], "Reliure")
		ada.Press(w["rename"])
		ada.Go(server.URL + "/circles")
		look(ada, "list")
		ada.Go(page + "/leave")
		ada.Press(w["really"])
		ada.See(w["left"])
		for _, b := range []*browser.Tab{ada, bob, visitor} {
			b.OnlyFrom(server.URL)
			for _, c := range b.Complaints() {
				if !strings.Contains(c, "410") && !strings.Contains(c, "409") && !strings.Contains(c, "422") {
					t.Errorf("the browser complains: %s", c)
				}
			}
		}
	}
	if missing := s.catalog.Missing(); len(missing) > 0 {
		t.Errorf("messages that do not exist: %v", missing)
	}
}
