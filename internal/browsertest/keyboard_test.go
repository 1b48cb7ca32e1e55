package browsertest

import (
	"strings"
	"testing"

	"digiwork/internal/testkit/browser"
)

// to goes from stop to stop until the one of this name has the focus. Each stop on
// the way is visible, and says that it has the focus.
func to(t *testing.T, b *browser.Tab, name string) {
	t.Helper()
	name = strings.ReplaceAll(strings.Join(strings.Fields(name), " "), "’", "'")
	var passed []string
	for range 80 {
		b.Key(browser.TabKey)
		at := b.Focused()
		if at == name {
			return
		}
		passed = append(passed, at)
		if at != "" && !browser.Eval[bool](b, `(() => { const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
			return r.width > 0 && r.height > 0 && r.right > 0 && r.left < innerWidth && (s.outlineStyle !== 'none' || s.boxShadow !== 'none'); })()`) {
			t.Errorf("on %s the focus on %q is not seen", b.URL(), at)
		}
	}
	t.Fatalf("on %s no way leads to %q by keyboard: %q", b.URL(), name, passed)
}

// From the door to an activity and out again, on a phone's width, without a pointer.
func TestTheHouseIsOpenByKeyboard(t *testing.T) {
	h := open(t)
	for _, lang := range []string{"fr", "en"} {
		t.Run(lang, func(t *testing.T) {
			say := in(t, lang)
			h.person("ada-"+lang, "Ada")
			b := browser.Open(t, browser.Phone(), browser.Lang(lang))
			b.Go(h.base + "/sign-in")
			to(t, b, say("web.skip"))
			b.Key(browser.EnterKey)
			to(t, b, say("account.sign_in.name"))
			b.Key("ada-" + lang)
			to(t, b, say("account.password"))
			b.Key(password)
			to(t, b, say("account.sign_in.do"))
			b.Key(browser.EnterKey)
			b.See(in(t, "fr")("musette.add")) // her account speaks French until she says otherwise
			speak(b, h.base, lang)

			b.Go(h.base + "/musette")
			to(t, b, say("web.rooms.open"))
			b.Key(browser.EnterKey)
			to(t, b, say("web.room.portillon")) // the rooms are the next stops
			b.Key(browser.EscapeKey)
			if got, want := b.Focused(), say("web.rooms.open"); got != want {
				t.Errorf("once the rooms are shut the focus is on %q, not back on %q", got, want)
			}
			to(t, b, say("musette.add"))
			b.Key(browser.EnterKey)
			to(t, b, say("musette.field.title"))
			b.Key("Garder un enfant")
			to(t, b, say("musette.field.start"))
			b.Key("2019")
			to(t, b, say("musette.new.keep"))
			b.Key(browser.EnterKey)
			b.See("Garder un enfant")

			b.Go(h.base + "/account/security")
			to(t, b, say("web.rooms.open"))
			b.Key(browser.EnterKey)
			to(t, b, say("web.sign_out"))
			b.Key(browser.EnterKey)
			b.See(say("account.signed_out"))
		})
	}
}
