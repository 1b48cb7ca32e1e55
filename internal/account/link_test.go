package account

import (
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/typography"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/secret"
)

func TestTheOperatorsFirstLinkServesOnceForADayAndIsInTheJournal(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		id, url, err := h.AddPerson(t.Context(), NewPerson{Handle: "ada", Name: "Ada"})
		if err != nil || !strings.HasPrefix(url, "http://localhost:8080/enter/") {
			t.Fatalf("%q, %v", url, err)
		}
		if w, err := h.EnterLink(t.Context(), tokenOfURL(url)); !w.Open || err != nil {
			t.Errorf("%+v, %v", w, err)
		}
		session, err := h.Enter(t.Context(), tokenOfURL(url), Visit{})
		if err != nil || h.who(t, session) != id {
			t.Fatal(err)
		}
		_, err = h.Enter(t.Context(), tokenOfURL(url), Visit{})
		refused(t, "a second time", err, errLinkOver)
		if err := h.SetPassword(h.as(t, session), goodPassword); err != nil {
			t.Errorf("right after it, a password: %v", err)
		}
		if got := h.journal(t, session); !slices.Equal(got, []string{string(gate.ActSignLink)}) {
			t.Errorf("journal %v", got)
		}
		_, url, err = h.AddPerson(t.Context(), NewPerson{Handle: "bob", Name: "Bob"})
		if err != nil {
			t.Fatal(err)
		}
		h.pass(enterFor)
		_, err = h.Enter(t.Context(), tokenOfURL(url), Visit{})
		refused(t, "a day later", err, errLinkOver)
	})
}

// journal is what the operator did to the person of a session.
func (h *home) journal(t testing.TB, session secret.Text) []string {
	t.Helper()
	lines, _, err := h.Gate.Journal(h.as(t, session), "", 50)
	if err != nil {
		t.Fatal(err)
	}
	var acts []string
	for _, l := range lines {
		acts = append(acts, l.What)
	}
	return acts
}

func TestALinkForWhoLostEverythingWaitsAndIsAnnounced(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ada, _, err := h.AddPerson(t.Context(), NewPerson{Handle: "ada", Name: "Ada", Mail: "ada@exemple.fr", Password: goodPassword, Lang: "en"})
		if err != nil {
			t.Fatal(err)
		}
		session := h.in(t, "ada")
		h.post.off = false
		operator := i18n.With(t.Context(), h.catalog)
		if _, _, err := h.LostLink(operator, ada); err != nil {
			t.Fatal(err)
		}
		if len(h.post.letters) != 0 {
			t.Error("an address that was not proved was written to")
		}
		if err := h.sql(t, `update account_person set mail_confirmed = true where id = $1`, ada); err != nil {
			t.Fatal(err)
		}
		url, opens, err := h.LostLink(operator, ada)
		if err != nil || opens.Sub(h.DB.Now()) != lostAfter {
			t.Fatalf("opens at %s, %v", opens, err)
		}
		if l := h.post.last(t); l.Key != "account.post.lost" || l.Lang != "en" || l.Person != ada || !strings.Contains(typography.Plain(l.arg("when")), "26 November 2026 at 10:00 am") {
			t.Errorf("letter %+v", l)
		}
		for _, process := range []*home{h, h.twin(t)} { // every open session, on every process
			ctx := process.as(t, session)
			if at, ok := process.Alert(ctx); !ok || !at.Equal(opens) {
				t.Errorf("her open session says %s, %v", at, ok)
			}
			if process.AlertBanner(ctx) == nil {
				t.Error("pages say nothing")
			}
		}
		if got := h.journal(t, session); !slices.Contains(got, string(gate.ActSignLink)) {
			t.Errorf("journal %v", got)
		}
		token := tokenOfURL(url)
		if w, err := h.EnterLink(t.Context(), token); w.Open || !w.OpensAt.Equal(opens) || err != nil {
			t.Errorf("%+v, %v", w, err)
		}
		h.pass(lostAfter - time.Second)
		_, err = h.Enter(t.Context(), token, Visit{})
		refused(t, "a second too early", err, errLinkEarly)
		h.pass(time.Second)
		found, err := h.Enter(t.Context(), token, Visit{})
		if err != nil || h.who(t, found) != ada {
			t.Fatalf("after 72 hours: %v", err)
		}
		if _, ok := h.Alert(h.as(t, session)); ok {
			t.Error("it is announced for ever")
		}
	})
}

func TestWhoLostNothingCancelsTheLink(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ada := h.add(t, "ada", false)
		h.add(t, "eve", false)
		session, eve := h.in(t, "ada"), h.in(t, "eve")
		first, _, err := h.LostLink(t.Context(), ada)
		if err != nil {
			t.Fatal(err)
		}
		second, _, err := h.LostLink(t.Context(), ada)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.EnterLink(t.Context(), tokenOfURL(first))
		refused(t, "the one before", err, errLinkOver)
		if err := h.CancelLost(h.as(t, eve)); err != nil { // cancels hers, of which there is none
			t.Fatal(err)
		}
		if _, err := h.EnterLink(t.Context(), tokenOfURL(second)); err != nil {
			t.Errorf("somebody else cancelled it: %v", err)
		}
		if err := h.CancelLost(h.as(t, session)); err != nil {
			t.Fatal(err)
		}
		if _, ok := h.Alert(h.as(t, session)); ok {
			t.Error("still announced")
		}
		h.pass(lostAfter)
		_, err = h.Enter(t.Context(), tokenOfURL(second), Visit{})
		refused(t, "cancelled", err, errLinkOver)

		third, _, err := h.LostLink(t.Context(), ada)
		if err != nil {
			t.Fatal(err)
		}
		h.pass(lostAfter + lostFor)
		_, err = h.EnterLink(t.Context(), tokenOfURL(third))
		refused(t, "never used", err, errLinkOver)
		if err := h.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, ok := h.Alert(h.as(t, h.in(t, "ada"))); ok {
			t.Error("announced after it is over")
		}
		if _, _, err := h.LostLink(t.Context(), "per_nobody"); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("for nobody: %v", err)
		}
	})
}
