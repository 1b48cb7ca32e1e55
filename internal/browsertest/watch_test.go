package browsertest

import (
	"testing"

	"digiwork/internal/testkit/browser"
)

const library = "@book{clot, title = {Travail et pouvoir d'agir}, author = {Clot, Yves}, year = 2008, url = {https://editeur.example/clot}}\n"

// A group watches: a signal typed, a bibliography brought, a review published and read,
// without any script.
func TestAGroupWatches(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		t.Run(lang, func(t *testing.T) {
			h, say := open(t), in(t, lang)
			b := browser.Open(t, browser.NoScript(), browser.Lang(lang))
			signUp(h, b, say)
			b.Go(h.base + "/expeditions")
			b.Fill(say("expedition.name.label"), "Le travail du soin dans dix ans")
			b.Choose(say("expedition.visibility.private"))
			b.Press(say("expedition.new.do"))
			b.Click(say("watch.title"))
			b.Accessible()

			b.Fill(say("watch.address.label"), "javascript:alert(1)")
			b.Press(say("watch.add.do"))
			b.See(say("watch.address"))
			b.Accessible()
			b.Fill(say("watch.address.label"), "https://gazette.example/nuit")
			b.Fill(say("watch.title.label"), "Les infirmières de nuit s'organisent")
			b.Press(say("watch.add.do"))
			b.See(say("watch.added"))
			b.Choose(say("watch.grade.label"), say("watch.grade.weak"))
			b.Press(say("watch.say.do"))
			b.See(say("watch.grade.weak"))
			b.Accessible()
			b.Screenshot("signal-"+lang, 360, 800, false)

			b.Click(say("watch.files.title"))
			b.Upload(say("watch.files.label"), written(t, "library.bib", library))
			b.Press(say("watch.files.do"))
			b.See("BibTeX")
			b.Accessible()
			b.Click(say("watch.feeds.title"))
			b.Accessible()

			b.Click(say("watch.reviews.title"))
			b.Fill(say("watch.title.label"), "La revue du lundi")
			b.Press(say("watch.review.do"))
			b.See("Travail et pouvoir d'agir")
			b.See("Les infirmières de nuit s'organisent")
			b.Accessible()
			b.Screenshot("review-"+lang, 1440, 900, false)
			b.Click(say("watch.title"))
			b.Screenshot("watch-"+lang, 1440, 900, false)
			b.OnlyFrom(h.base)
		})
	}
}
