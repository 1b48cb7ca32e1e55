package browsertest

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"digiwork/internal/testkit/browser"
)

// Ada asks by a link, somebody without an account answers, ada shows it on a face,
// and the guest takes her words back and leaves. Without script, in both languages.
func TestAGuestSaysWhatSheSaw(t *testing.T) {
	for lang, period := range map[string]string{"fr": "2019 à 2021", "en": "2019 to 2021"} {
		t.Run(lang, func(t *testing.T) {
			h, say := open(t), in(t, lang)
			ada := h.person("ada", "Ada", "--lang", lang)
			ada.make("/activities", map[string]any{"title": "Tenir la caisse du jardin", "kind": "volunteering", "start": "2019", "end": "2021", "organisation": "Jardin des Rives", "narrative": "Chaque dimanche, la caisse et les adhésions."})
			ada.make("/activities", map[string]any{"title": "Garder ma grand-mère", "kind": "care", "start": "2017"})
			w := &walk{t: t, lang: lang, house: h, say: say, choice: "Tenir la caisse du jardin (" + period + ")"}
			mine, guest := browser.Open(t, browser.NoScript(), browser.Lang(lang)), browser.Open(t, browser.NoScript(), browser.Lang(lang))
			h.signIn(mine, "ada", say)
			link := w.ask(mine)
			page := w.answer(guest, link)
			shown := w.show(mine)
			w.takeBack(mine, guest, page, shown)
			w.erase(guest, page)
			mine.OnlyFrom(h.base)
			guest.OnlyFrom(h.base)
		})
	}
}

// walk is a journey in one language.
type walk struct {
	t     *testing.T
	lang  string
	house *house
	say   words

	choice string // the activity, as the form offers it
}

// look sees a page as a blind person, on a phone, in the dark.
func (w *walk) look(b *browser.Tab, name string) {
	w.t.Helper()
	b.Accessible()
	if os.Getenv("TEST_SCREENSHOTS") != "" {
		b.Screenshot("peer-"+name+"-"+w.lang, 360, 800, true)
		b.Screenshot("peer-"+name+"-"+w.lang, 1280, 900, false)
	}
	b.Resize(320, 900, false)
	b.Fits()
	b.Resize(1280, 900, false)
}

// ask sends a request, refused first, and gives its link.
func (w *walk) ask(b *browser.Tab) string {
	say := w.say
	b.Go(w.house.base + "/reveler/peers")
	b.See(say("peer.words.none"))
	w.look(b, "none")
	b.Go(w.house.base + "/reveler/peers/new")
	b.Fill(say("peer.ask.competences.label"), "Tenir une caisse\nExpliquer un budget")
	b.Choose(say("peer.ask.activity.label"), w.choice)
	b.Fill(say("peer.ask.message.label"), "Tu te souviens du dimanche des graines ?")
	b.Press(say("peer.ask.do"))
	b.See(say("peer.ask.who", "max", 80))
	w.look(b, "refused")
	if got := b.Filled(say("peer.ask.competences.label")); !strings.Contains(got, "Expliquer un budget") {
		w.t.Errorf("what was typed has become %q", got)
	}
	b.Fill(say("peer.ask.name.label"), "Rosa Benali")
	w.look(b, "ask")
	b.Press(say("peer.ask.do"))
	b.See(say("peer.request.made"))
	w.look(b, "request")
	return b.Filled(say("peer.request.link"))
}

// answer is what the guest does, from the link to her signed words. It gives the
// address of her own page.
func (w *walk) answer(b *browser.Tab, link string) string {
	say := w.say
	b.Go(link)
	b.See("Tenir la caisse du jardin")
	b.See("Tu te souviens du dimanche des graines ?")
	w.look(b, "asked")
	for _, kept := range []string{"grand-mère", "Garder", "/musette"} {
		if strings.Contains(b.HTML(), kept) {
			w.t.Errorf("the request tells %q", kept)
		}
	}
	b.Press(say("peer.ways.guest.do"))
	b.See(say("peer.guest.made"))
	b.See(say("peer.guest.mail.none"))
	w.look(b, "guest")
	page := b.Filled(say("peer.guest.keep.label"))
	if page != b.URL() {
		w.t.Errorf("the page is at %s, and says %s", b.URL(), page)
	}
	b.Click(say("peer.guest.answer.do"))
	b.Fill(say("peer.answer.name.label"), "Rosa Benali")
	b.Fill(say("peer.answer.words.label"), "Un dimanche de mai, la caisse ne tombait pas. Ada a tout recompté avec nous, sans accuser personne.")
	b.Choose("Tenir une caisse")
	b.Choose(say("peer.sight.seen.choose"))
	b.Fill(say("peer.answer.relation.label"), "nous tenions la permanence ensemble")
	b.Fill(say("peer.answer.start.label"), "2021")
	b.Fill(say("peer.answer.end.label"), "2019")
	w.look(b, "answer")
	b.Press(say("peer.answer.do"))
	b.See(say("peer.answer.dates"))
	w.look(b, "answer-refused")
	b.Fill(say("peer.answer.start.label"), "05/2019")
	b.Fill(say("peer.answer.end.label"), "2021")
	b.Press(say("peer.answer.do"))
	b.See(say("peer.answered"))
	w.look(b, "guest-answered")
	if code := b.Status(link); code != http.StatusGone {
		w.t.Errorf("an answered request is %d", code)
	}
	return page
}

// show reads the word and puts it on a face; it gives the link of the face.
func (w *walk) show(b *browser.Tab) string {
	say, title := w.say, w.say("peer.word.title", "name", "Rosa Benali")
	b.Go(w.house.base + "/reveler/peers")
	b.Click(title)
	b.See("sans accuser personne")
	b.See(say("peer.identity.none"))
	b.See(say("web.mark.told"))
	b.See("Tenir une caisse")
	if b.Says("Expliquer un budget") {
		w.t.Error("a competence nobody named is there")
	}
	w.look(b, "word")
	b.Go(w.house.base + "/reveler/peers")
	w.look(b, "words")
	b.Go(w.house.base + "/portillon/faces/new")
	b.Fill(say("gate.face.name.label"), "Trésorière")
	b.Choose(title)
	b.Press(say("gate.face.keep"))
	b.Go(w.house.base + "/portillon/faces")
	b.Click(say("gate.face.show_named", "name", "Trésorière"))
	b.Fill(say("gate.grant.purpose.label"), "Pour la mairie")
	b.Press(say("gate.grant.open"))
	link := b.Filled(say("gate.link.label"))
	visitor := browser.Open(w.t, browser.NoScript(), browser.Lang(w.lang))
	visitor.Go(link)
	visitor.See("sans accuser personne")
	visitor.See(say("peer.identity.none"))
	visitor.See(say("web.mark.told"))
	w.look(visitor, "face")
	return link
}

// takeBack is the guest's: her words vanish from the face at once.
func (w *walk) takeBack(mine, guest *browser.Tab, page, shown string) {
	say := w.say
	guest.Go(page)
	guest.Click(say("peer.revoke.way"))
	w.look(guest, "revoke")
	guest.Press(say("peer.revoke.do"))
	guest.See(say("peer.revoke.done"))
	visitor := browser.Open(w.t, browser.NoScript(), browser.Lang(w.lang))
	visitor.Go(shown)
	if visitor.Says("sans accuser personne") || visitor.Says("Rosa Benali") {
		w.t.Error("a face shows words that were taken back")
	}
	mine.Go(w.house.base + "/reveler/peers")
	mine.See(say("peer.revoked.tag"))
	mine.Click(say("peer.word.title", "name", "Rosa Benali"))
	w.look(mine, "revoked")
}

func (w *walk) erase(b *browser.Tab, page string) {
	say := w.say
	b.Go(page)
	b.Click(say("peer.erase.way"))
	w.look(b, "erase")
	b.Press(say("peer.erase.do"))
	b.See(say("peer.erase.done"))
	w.look(b, "erased")
	if code := b.Status(page); code != http.StatusNotFound {
		w.t.Errorf("an erased page is %d", code)
	}
	w.look(b, "nobody")
}

// Bob is asked by name, says later, then what he saw; ada does the same for him, and
// both read that it goes both ways. On a phone, without script.
func TestPeersOfACircleRecogniseEachOther(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		t.Run(lang, func(t *testing.T) {
			h, say := open(t), in(t, lang)
			w := &walk{t: t, lang: lang, house: h, say: say}
			ada, bob := h.person("ada", "Ada", "--lang", lang), h.person("bob", "Bob", "--lang", lang)
			circle := text(ada.make("/circles", map[string]any{"name": "Jardin", "kind": "guild"})["id"])
			bob.post("/invitations/"+text(ada.make("/circles/"+circle+"/invitations", map[string]any{})["token"]), nil)
			tabs := map[*person]*browser.Tab{}
			for _, p := range []*person{ada, bob} {
				tabs[p] = browser.Open(t, browser.NoScript(), browser.Lang(lang), browser.Phone())
				h.signIn(tabs[p], p.handle, say)
			}
			ask := func(from, to *person) {
				id := text(from.make("/activities", map[string]any{"title": "Tenir la caisse", "kind": "volunteering", "start": "2019"})["id"])
				from.make("/peers/requests", map[string]any{"activity": id, "person": to.id, "language": lang, "until": time.Now().AddDate(0, 0, 7).Format(time.DateOnly)})
			}
			answer := func(b *browser.Tab, name string) {
				b.Fill(say("peer.answer.words.label"), "La caisse tombait juste, chaque dimanche.")
				b.Choose(say("peer.sight.seen.choose"))
				b.Fill(say("peer.answer.relation.label"), "nous tenions la permanence ensemble")
				w.look(b, "named-"+name)
				b.Press(say("peer.answer.do"))
				b.See(say("peer.answered"))
				w.look(b, "written-"+name)
			}
			ask(ada, bob)
			b := tabs[bob]
			b.Go(h.base + "/reveler/peers")
			b.Click(say("peer.asked.line", "name", "Ada"))
			b.Press(say("peer.later.do"))
			b.See(say("peer.later.done"))
			b.Click(say("peer.asked.line", "name", "Ada"))
			answer(b, "bob")
			a := tabs[ada]
			a.Go(h.base + "/reveler/peers")
			a.See(say("web.mark.peers"))
			if a.Says(say("peer.both.tag")) {
				t.Error("bob alone wrote")
			}
			ask(bob, ada)
			a.Go(h.base + "/reveler/peers")
			a.Click(say("peer.asked.line", "name", "Bob"))
			answer(a, "ada")
			for _, tab := range tabs {
				tab.Go(h.base + "/reveler/peers")
				tab.See(say("peer.both.tag"))
				tab.OnlyFrom(h.base)
			}
			a.Click(say("peer.word.title", "name", "Bob"))
			a.See(say("peer.both"))
			a.See(say("peer.identity.account"))
			w.look(a, "both")
			a.Go(h.base + "/portillon")
			a.See(say("gate.loan.room.peer"))
			a.Accessible()
			if os.Getenv("TEST_SCREENSHOTS") != "" {
				a.Screenshot("peer-gate-"+lang, 1280, 900, false)
			}
		})
	}
}
