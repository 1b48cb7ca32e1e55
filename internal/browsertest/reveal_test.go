package browsertest

import (
	"net/http"
	"strings"
	"testing"

	"digiwork/internal/testkit/browser"
)

// What she did becomes what she can do, in her words, and then a CV that ends with its
// link: the whole way, without any script, with our own starter list alone.
func TestFromWhatIDidToACV(t *testing.T) {
	for lang, tale := range map[string]struct{ story, hint, mine, level string }{
		"fr": {"Chaque mois, je tiens les comptes de l'association.", "tenir des comptes", "Je tiens une caisse juste", "seule depuis quatre ans"},
		"en": {"Every month I keep the accounts of the association.", "keep accounts", "I keep a till that is right", "on my own for four years"},
	} {
		t.Run(lang, func(t *testing.T) {
			h, say := open(t), in(t, lang)
			ada := h.person("ada", "Ada")
			ada.make("/activities", map[string]any{"title": "Jardin des Rives", "kind": "volunteering", "start": "2021-09", "narrative": tale.story})
			ada.make("/activities", map[string]any{"title": "Ce qui reste chez moi", "kind": "care", "start": "2019"})
			b := browser.Open(t, browser.NoScript(), browser.Phone(), browser.Lang(lang))
			h.signIn(b, "ada", say)
			if lang == "en" { // an account made by the command line speaks French
				b.Press("English")
			}
			b.Go(h.base + "/reveler")
			b.Accessible()
			b.Click(say("recognition.find.in", "title", "Jardin des Rives"))
			b.Choose(tale.hint)
			b.Press(say("recognition.find.choose"))
			b.Fill(say("recognition.competence.title.label"), tale.mine)
			b.Fill(say("recognition.competence.level.label"), tale.level)
			b.Press(say("recognition.word.keep"))
			b.See(say("recognition.kept"))
			b.See(tale.mine)

			b.Go(h.base + "/portillon/faces/new")
			b.Fill(say("gate.face.name.label"), "CV")
			b.Choose(say("gate.language." + lang))
			b.Choose("Jardin des Rives")
			b.Click(say("gate.face.others"))
			b.Choose(tale.mine)
			b.Press(say("gate.face.keep"))
			b.Go(h.base + "/reveler/show")
			b.Click(say("portrait.see", "name", "CV"))
			b.See(tale.mine)
			b.Click(say("portrait.show.do"))
			b.Fill(say("gate.grant.purpose.label"), "Conseil")
			b.Press(say("gate.grant.open"))
			link := b.Filled(say("gate.link.label"))

			visitor := browser.Open(t, browser.NoScript(), browser.Phone(), browser.Lang(lang))
			visitor.Go(link + "/cv")
			visitor.Accessible()
			visitor.See(tale.mine)
			visitor.See(tale.level)
			visitor.See(say("portrait.source_told"))
			if strings.Contains(visitor.HTML(), "Ce qui reste chez moi") {
				t.Error("the CV tells what the face does not show")
			}
			for _, form := range []string{"cv.pdf", "resume.json", "europass.json"} {
				res, err := http.Get(link + "/" + form) //nolint:noctx // a stranger
				if err != nil {
					t.Fatal(err)
				}
				if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
					t.Errorf("%s = %d, %v", form, res.StatusCode, err)
				}
			}
			b.Go(h.base + "/portillon")
			b.Press(say("gate.withdraw"))
			if code := visitor.Status(link + "/cv"); code != http.StatusGone {
				t.Errorf("after the withdrawal the CV answers %d", code)
			}
			b.OnlyFrom(h.base)
		})
	}
}
