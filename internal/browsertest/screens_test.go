package browsertest

import (
	"testing"

	"digiwork/internal/testkit/browser"
)

// The pages of the README fit a phone and a desk; make screenshots draws them.
func TestScreenshotsOfTheMainPages(t *testing.T) {
	f := filled(t)
	for _, lang := range []string{"fr", "en"} {
		visitor := browser.Open(t, browser.Lang(lang))
		draw(visitor, f.base+"/", "home-"+lang)
		draw(visitor, f.base+f.at(t, "/s/{token}"), "shared-"+lang)
		b := browser.Open(t, browser.Lang(lang))
		f.signIn(b, "ada", in(t, lang))
		speak(b, f.base, lang)
		draw(b, f.base+"/musette", "musette-"+lang)
		draw(b, f.base+f.at(t, "/portillon/faces/{id}"), "face-"+lang)
		draw(b, f.base+"/portillon/journal", "journal-"+lang)
	}
}

// draw opens a page and checks that it does not scroll sideways, on a phone and a desk.
func draw(b *browser.Tab, at, name string) {
	b.Go(at)
	b.Screenshot(name, 360, 800, false)
	b.Screenshot(name, 1440, 900, false)
	b.Resize(1280, 900, false)
}
