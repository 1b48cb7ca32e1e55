package browsertest

import (
	"net/http"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"digiwork/internal/testkit/browser"
)

// A circle recognises somebody: ada designs a badge for it and offers it by a link, bob
// accepts, shows it, and anybody verifies it, before and after it is revoked. Without
// script, in both languages.
func TestACircleIssuesABadge(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		t.Run(lang, func(t *testing.T) {
			h, say := open(t), in(t, lang)
			ada := h.person("ada", "Ada", "--lang", lang)
			bob := h.person("bob", "Bob", "--lang", lang)
			ada.make("/circles", map[string]any{"name": "Atelier de reliure", "kind": "guild"})
			hers, his, visitor := browser.Open(t, browser.NoScript(), browser.Lang(lang)), browser.Open(t, browser.NoScript(), browser.Lang(lang)), browser.Open(t, browser.NoScript(), browser.Lang(lang))
			h.signIn(hers, "ada", say)
			h.signIn(his, "bob", say)
			w := &issuing{t: t, lang: lang, house: h, say: say}

			offer := w.design(hers)
			w.accept(his, offer)
			badge := path.Base(his.URL())
			shown := w.shareBadge(his)
			visitor.Go(shown)
			visitor.See(say("badge.verdict.valid"))
			visitor.See("Un cahier de 96 pages")
			w.look(visitor, "shown")
			text := string(bob.get("/reveler/badges/" + badge + "/file/badge.json"))
			w.verify(visitor, text, "badge.verdict.valid")
			w.verify(visitor, strings.Replace(text, "96 pages", "960 pages", 1), "badge.verdict.altered")
			w.verify(visitor, "bonjour", "badge.verdict.unreadable")

			hers.Click("Bob Bernard")
			w.look(hers, "award")
			hers.Fill(say("badge.reason.suspend"), "À revoir")
			hers.Press(say("badge.do.suspend"))
			hers.See(say("badge.award.suspended"))
			w.verify(visitor, text, "badge.verdict.suspended")
			hers.Click("Bob Bernard")
			hers.Press(say("badge.do.resume"))
			hers.Click("Bob Bernard")
			hers.Fill(say("badge.reason.revoke"), "Erreur de personne")
			hers.Press(say("badge.do.revoke"))
			hers.See(say("badge.award.revoked"))
			w.verify(visitor, text, "badge.verdict.revoked")
			visitor.Go(shown)
			visitor.See(say("badge.verdict.revoked"))
			his.Go(h.base + "/reveler/badges")
			w.look(his, "held")
			if status := visitor.Status(h.base + "/reveler/badges/" + badge); status != http.StatusOK && status != http.StatusSeeOther {
				t.Errorf("a visitor at the badge: %d", status)
			}
			for _, b := range []*browser.Tab{hers, his, visitor} {
				b.OnlyFrom(h.base)
			}
		})
	}
}

// issuing is this journey in one language.
type issuing struct {
	t     *testing.T
	lang  string
	house *house
	say   words
}

// look sees a page as a blind person, and on a narrow screen.
func (w *issuing) look(b *browser.Tab, name string) {
	w.t.Helper()
	b.Accessible()
	if os.Getenv("TEST_SCREENSHOTS") != "" {
		b.Screenshot("badge-"+name+"-"+w.lang, 360, 800, true)
		b.Screenshot("badge-"+name+"-"+w.lang, 1280, 900, false)
	}
	b.Resize(320, 900, false)
	b.Fits()
	b.Resize(1280, 900, false)
}

// design makes a badge of the circle, refused first, offers it to somebody who is not
// there, and gives the link to hand over.
func (w *issuing) design(b *browser.Tab) string {
	say := w.say
	b.Go(w.house.base + "/reveler/issue")
	b.See(say("badge.issue.empty"))
	w.look(b, "issue")
	b.Choose(say("badge.issuer.label"), "Atelier de reliure")
	b.Fill(say("badge.name.label"), "Coudre un cahier")
	b.Fill(say("badge.description.label"), "Coudre un cahier à la main.")
	b.Fill(say("badge.criteria.label"), "Un cahier entier, montré à l'atelier.")
	b.Fill(say("badge.alignments.label"), "reliure")
	b.Press(say("badge.issue.do"))
	b.See(say("badge.alignments.form", "line", 1))
	w.look(b, "refused")
	if got := b.Filled(say("badge.name.label")); got != "Coudre un cahier" {
		w.t.Errorf("the name has become %q", got)
	}
	b.Fill(say("badge.alignments.label"), "B1402 Reliure et restauration")
	b.Fill(say("badge.months.label"), "24")
	b.Press(say("badge.issue.do"))
	b.See(say("badge.issue.made"))
	w.look(b, "achievement")
	b.Fill(say("badge.award.name"), "Bob Bernard")
	b.Fill(say("badge.award.evidence"), "Un cahier de 96 pages")
	b.Press(say("badge.award.do"))
	b.See(say("badge.award.offered"))
	w.look(b, "offered")
	return b.Filled(say("badge.csv.link", "name", "Bob Bernard"))
}

// accept takes an offer by its link, and opens the badge.
func (w *issuing) accept(b *browser.Tab, link string) {
	say := w.say
	b.Go(link)
	b.See("Coudre un cahier à la main.")
	w.look(b, "link")
	b.Press(say("badge.offer.mine"))
	w.look(b, "offer")
	b.Press(say("badge.offer.accept"))
	b.See(say("badge.offer.accepted"))
	b.Click("Coudre un cahier")
	b.See(say("badge.verdict.valid"))
	w.look(b, "held-one")
}

// shareBadge makes a link to the badge that is open.
func (w *issuing) shareBadge(b *browser.Tab) string {
	say := w.say
	b.Fill(say("badge.share.purpose"), "Pour un chantier")
	b.Fill(say("badge.share.until"), time.Now().AddDate(0, 0, 20).Format(time.DateOnly))
	b.Press(say("badge.share.do"))
	b.See(say("badge.share.done"))
	return b.Filled(say("badge.share.link"))
}

// verify drops a file on the page for everybody.
func (w *issuing) verify(b *browser.Tab, text, verdict string) {
	w.t.Helper()
	b.Go(w.house.base + "/verify")
	b.Upload(w.say("badge.bring.file"), written(w.t, "badge.json", text))
	b.Press(w.say("badge.verify.do"))
	b.See(w.say(verdict))
	w.look(b, "verify-"+path.Ext(verdict)[1:])
}
