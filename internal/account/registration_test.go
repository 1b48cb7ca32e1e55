package account

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/typography"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/secret"
)

// newcomer is a form that is in order.
func newcomer(handle string) SignUp {
	return SignUp{
		Profile:  Profile{Handle: handle, Name: "Nom de " + handle, Lang: "fr", Zone: defaultZone, Quiet: quietAtFirst},
		Password: goodPassword,
	}
}

// tokenOfURL is the last part of a link.
func tokenOfURL(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

func (h *home) setMode(t testing.TB, owner secret.Text, m Mode) {
	t.Helper()
	if err := h.SetRegistration(h.as(t, owner), m); err != nil {
		t.Fatal(err)
	}
}

func TestTheFirstOwnerComesInByTheSetUpLink(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		if m, err := h.Registration(t.Context()); m != Closed || err != nil {
			t.Errorf("an empty instance is %s, %v", m, err)
		}
		_, err := h.SignUp(t.Context(), newcomer("eve"))
		refused(t, "before there is an owner", err, errClosed)
		path, err := h.SetupLink(t.Context())
		if err != nil || !strings.HasPrefix(path, "/setup/") {
			t.Fatalf("path %q, %v", path, err)
		}
		second, err := h.SetupLink(t.Context()) // a second start prints another
		if err != nil || second == path {
			t.Fatalf("path %q, %v", second, err)
		}
		up := newcomer("ada")
		up.Setup, up.Token = true, "guessed"
		_, err = h.SignUp(t.Context(), up)
		refused(t, "a guessed link", err, errLinkOver)
		up.Token = tokenOfURL(path)
		session, err := h.SignUp(t.Context(), up)
		if err != nil {
			t.Fatal(err)
		}
		if a := kernel.ActorFrom(h.as(t, session)); !a.Admin || a.Name != "Nom de ada" || a.SignedAt.IsZero() {
			t.Errorf("the first owner is %+v", a)
		}
		if m, err := h.Registration(t.Context()); m != Invited || err != nil {
			t.Errorf("then it is %s, %v", m, err)
		}
		for _, p := range []string{path, second} {
			up := newcomer("mallory")
			up.Setup, up.Token = true, tokenOfURL(p)
			if _, err := h.SignUp(t.Context(), up); kernel.KindOf(err) != kernel.Gone {
				t.Errorf("a second owner by a printed link: %v", err)
			}
			if err := h.Door(t.Context(), up); kernel.KindOf(err) != kernel.Gone {
				t.Errorf("the page of a printed link: %v", err)
			}
		}
		if path, err := h.SetupLink(t.Context()); path != "" || err != nil {
			t.Errorf("an instance with people prints %q, %v", path, err)
		}
		if _, err := h.EraseMe(h.as(t, session)); err != nil {
			t.Fatal(err)
		}
		path, err = h.SetupLink(t.Context())
		if err != nil || path == "" {
			t.Fatalf("an instance that everybody left cannot be set up: %v", err)
		}
		up = newcomer("bob")
		up.Setup, up.Token = true, tokenOfURL(path)
		if _, err := h.SignUp(t.Context(), up); err != nil {
			t.Errorf("set up again: %v", err)
		}
	})
}

func TestTwoWhoHurryMakeOneOwner(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		twin := h.twin(t)
		results := make(chan error, 4)
		for i := range cap(results) {
			who := []*home{h, twin}[i%2]
			path, err := who.SetupLink(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				up := newcomer("owner" + string(rune('a'+i)))
				up.Setup, up.Token = true, tokenOfURL(path)
				_, err := who.SignUp(context.Background(), up)
				results <- err
			}()
		}
		through := 0
		for range cap(results) {
			if err := <-results; err == nil {
				through++
			} else if kernel.KindOf(err) != kernel.Gone {
				t.Error(err)
			}
		}
		c, err := h.Count(t.Context())
		if through != 1 || c != (Counts{1, 1}) || err != nil {
			t.Errorf("%d came in, %+v, %v", through, c, err)
		}
	})
}

func TestTheOwnerDecidesWhoMayComeIn(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", true)
		ada := h.in(t, "ada")
		for m, want := range map[Mode]*kernel.Fault{Closed: errClosed, Invited: errInvitedOnly} {
			h.setMode(t, ada, m)
			refused(t, string(m), h.Door(t.Context(), newcomer("eve")), want)
			_, err := h.SignUp(t.Context(), newcomer("eve"))
			refused(t, string(m), err, want)
		}
		h.setMode(t, ada, Open)
		eve, err := h.SignUp(t.Context(), newcomer("eve"))
		if err != nil {
			t.Fatal(err)
		}
		if a := kernel.ActorFrom(h.as(t, eve)); a.Admin || slices.Contains(a.Scopes, "vc-api") {
			t.Errorf("a newcomer is %+v", a)
		}
		refused(t, "not an owner", h.SetRegistration(h.as(t, eve), Open), errOwner)
		refused(t, "a visitor", h.SetRegistration(t.Context(), Open), errSignIn)
		refused(t, "no such mode", h.SetRegistration(h.as(t, ada), "ajar"), errMode)
		_, token, err := h.CreateToken(h.as(t, ada), NewToken{Scopes: []string{"all"}})
		if err != nil {
			t.Fatal(err)
		}
		refused(t, "a program", h.SetRegistration(h.with(t, gate.Credential{Bearer: token.Reveal()}), Open), errOwner)
	})
}

func TestAnInvitationOpensOneAccount(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", true)
		h.add(t, "bob", false)
		bob := h.as(t, h.in(t, "bob"))
		url, sent, err := h.Invite(bob, "")
		if err != nil || sent || !strings.HasPrefix(url, "http://localhost:8080/join/") {
			t.Fatalf("%q %v, %v", url, sent, err)
		}
		taken := newcomer("BOB")
		taken.Token = tokenOfURL(url)
		_, err = h.SignUp(t.Context(), taken)
		refused(t, "a handle that is taken", err, errHandleTaken)
		up := newcomer("eve")
		up.Token = tokenOfURL(url)
		if err := h.Door(t.Context(), up); err != nil {
			t.Errorf("a refused form used the invitation up: %v", err)
		}
		if _, err := h.SignUp(t.Context(), up); err != nil {
			t.Fatal(err)
		}
		up.Handle = "eve2"
		_, err = h.SignUp(t.Context(), up)
		refused(t, "a second account", err, errLinkOver)

		late, _, err := h.Invite(bob, "")
		if err != nil {
			t.Fatal(err)
		}
		waiting, err := h.Invitations(bob)
		if err != nil || len(waiting) != 1 {
			t.Fatalf("%v waiting, %v", waiting, err)
		}
		if err := h.WithdrawInvitation(h.as(t, h.in(t, "ada")), waiting[0].ID); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("somebody else withdraws it: %v", err)
		}
		if err := h.WithdrawInvitation(bob, waiting[0].ID); err != nil {
			t.Fatal(err)
		}
		up.Token = tokenOfURL(late)
		refused(t, "a withdrawn one", h.Door(t.Context(), up), errLinkOver)
		late, _, err = h.Invite(bob, "")
		if err != nil {
			t.Fatal(err)
		}
		up.Token = tokenOfURL(late)
		h.pass(inviteFor)
		refused(t, "one that is over", h.Door(t.Context(), up), errLinkOver)
		session := h.in(t, "ada") // the earlier ones may have ended
		h.setMode(t, session, Open)
		if _, err := h.SignUp(t.Context(), up); err != nil {
			t.Errorf("where anybody may come in, an old invitation does no harm: %v", err)
		}
		h.setMode(t, session, Closed)
		_, _, err = h.Invite(h.as(t, session), "")
		refused(t, "inviting where registration is closed", err, errClosed)
	})
}

func TestInvitationsOfOnePersonAreBounded(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", true)
		ctx := h.as(t, h.in(t, "ada"))
		for range mostInvitations {
			if _, _, err := h.Invite(ctx, ""); err != nil {
				t.Fatal(err)
			}
		}
		_, _, err := h.Invite(ctx, "")
		refused(t, "one more", err, errInvitations)
		h.pass(inviteFor)
		if _, _, err := h.Invite(h.as(t, h.in(t, "ada")), ""); err != nil {
			t.Errorf("when the others are over: %v", err)
		}
	})
}

func TestAnInvitationLeavesByMailWhereItCan(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", true)
		ctx := h.as(t, h.in(t, "ada"))
		h.post.off = false
		if _, _, err := h.Invite(ctx, "nulle part"); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("no address: %v", err)
		}
		for range 2 { // pressed twice
			url, sent, err := h.Invite(again(t, ctx, "k"), "eve@exemple.fr")
			if err != nil || !sent || url == "" {
				t.Fatalf("%q %v, %v", url, sent, err)
			}
		}
		if len(h.post.letters) != 1 {
			t.Fatalf("%d letters", len(h.post.letters))
		}
		l := h.post.last(t)
		if l.Address != "eve@exemple.fr" || l.Key != "account.post.invite" || l.arg("name") != "Nom de ada" {
			t.Errorf("letter %+v", l)
		}
		up := newcomer("eve")
		up.Token = tokenOfURL(l.arg("link"))
		if _, err := h.SignUp(t.Context(), up); err != nil {
			t.Errorf("by the letter's link: %v", err)
		}
		h.post.full = true
		if _, _, err := h.Invite(ctx, "bob@exemple.fr"); kernel.KindOf(err) != kernel.TooMany {
			t.Errorf("too many letters: %v", err)
		}
		if waiting, err := h.Invitations(ctx); len(waiting) != 0 || err != nil {
			t.Errorf("an invitation that was not sent waits: %v, %v", waiting, err)
		}
	})
}

// elsewhere is another context with one invitation.
type elsewhere string

func (e elsewhere) Invites(_ context.Context, token string) (bool, error) {
	return token == string(e), nil
}

func TestAnotherContextsInvitationOpensOneAccount(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", true)
		h.Inviters = []Inviter{elsewhere("other"), elsewhere("to-a-circle")}
		up := newcomer("eve")
		up.Invited = "no-such"
		_, err := h.SignUp(t.Context(), up)
		refused(t, "unknown to all", err, errLinkOver)
		up.Invited = "to-a-circle"
		if _, err := h.SignUp(t.Context(), up); err != nil {
			t.Fatal(err)
		}
		up.Handle = "mallory"
		_, err = h.SignUp(t.Context(), up)
		refused(t, "a second account", err, errLinkOver)
	})
}

func TestAFormSentTwiceMakesOneAccount(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", true)
		h.setMode(t, h.in(t, "ada"), Open)
		send := func(password string) (secret.Text, error) {
			r, err := once.New("key", "POST /sign-up")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Write([]byte(password)); err != nil {
				t.Fatal(err)
			}
			up := newcomer("eve")
			up.Password = password
			return h.SignUp(once.With(t.Context(), r), up)
		}
		first, err := send(goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		person := h.who(t, first)
		// The second sending finds the handle taken by the first: it is the same request.
		second, err := send(goodPassword)
		if err != nil || h.who(t, second) != person || second.Reveal() == first.Reveal() {
			t.Errorf("the same again: %v", err)
		}
		if _, err := send("un autre mot de passe"); err == nil {
			t.Error("the key of somebody else's form lets in")
		}
		if c, err := h.Count(t.Context()); c.People != 2 || err != nil {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

func TestAPersonHasAVaultFromTheFirstDay(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		id := h.add(t, "ada", false)
		if ok, err := h.Gate.Known(t.Context(), string(id)); !ok || err != nil {
			t.Errorf("no vault: %v", err)
		}
		if _, err := h.Keys.Of(t.Context(), string(id)); err != nil {
			t.Errorf("no key: %v", err)
		}
		if _, _, err := h.AddPerson(t.Context(), NewPerson{Handle: "Ada", Name: "X", Password: goodPassword}); !faultIn(err, errHandleTaken) {
			t.Errorf("the same handle: %v", err)
		}
		_, _, err := h.AddPerson(t.Context(), NewPerson{Handle: "a b", Name: "", Mail: "x", Password: "court"})
		if got := keysOfFaults(err); len(got) != 4 {
			t.Errorf("refusals %v", got)
		}
		if c, err := h.Count(t.Context()); c != (Counts{1, 0}) || err != nil {
			t.Errorf("%+v, %v", c, err)
		}
		if got, err := h.PersonByHandle(t.Context(), "ADA"); got != id || err != nil {
			t.Errorf("PersonByHandle = %s, %v", got, err)
		}
		_, err = h.PersonByHandle(t.Context(), "eve")
		refused(t, "nobody", err, errNobody)
	})
}

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

func TestAnAddressIsProvedByTheLinkSentThere(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.post.off = false
		h.add(t, "ada", false)
		session := h.in(t, "ada")
		ctx := h.as(t, session)
		refused(t, "nothing to prove", h.AskProof(ctx), errNoProof)
		me, err := h.Me(ctx)
		if err != nil {
			t.Fatal(err)
		}
		p := me.profile()
		p.Mail = "ada@exemple.fr"
		if me, err = h.SaveProfile(ctx, me.Version, p); err != nil || me.Mail != "ada@exemple.fr" || me.MailConfirmed {
			t.Fatalf("%+v, %v", me, err)
		}
		first := tokenOfURL(h.post.last(t).arg("link"))
		if err := h.AskProof(ctx); err != nil {
			t.Fatal(err)
		}
		second := tokenOfURL(h.post.last(t).arg("link"))
		refused(t, "the earlier letter", h.Confirm(t.Context(), first), errLinkOver)
		if err := h.ProofLink(t.Context(), second); err != nil {
			t.Error(err)
		}
		if err := h.Confirm(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		if me, err = h.Me(ctx); !me.MailConfirmed || err != nil {
			t.Errorf("%+v, %v", me, err)
		}
		p.Name = "Ada L."
		if me, err = h.SaveProfile(ctx, me.Version, p); !me.MailConfirmed || err != nil {
			t.Errorf("another change asks for the proof again: %v", err)
		}
		p.Mail = "autre@exemple.fr"
		if me, err = h.SaveProfile(ctx, me.Version, p); me.MailConfirmed || err != nil {
			t.Errorf("another address is proved: %v", err)
		}
		waiting := tokenOfURL(h.post.last(t).arg("link"))
		p.Mail = "encore@exemple.fr"
		h.post.full = true
		if me, err = h.SaveProfile(ctx, me.Version, p); err != nil {
			t.Errorf("too many letters: the change is kept all the same: %v", err)
		}
		refused(t, "the letter to the address before", h.Confirm(t.Context(), waiting), errLinkOver)
		if err := h.AskProof(ctx); kernel.KindOf(err) != kernel.TooMany {
			t.Errorf("asked for: %v", err)
		}
		h.post.off = true
		refused(t, "without mail", h.AskProof(ctx), errMailAway)
	})
}

func TestTwoWindowsDoNotOverwriteEachOther(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		h.add(t, "bob", false)
		ctx := h.as(t, h.in(t, "ada"))
		me, err := h.Me(ctx)
		if err != nil {
			t.Fatal(err)
		}
		p := me.profile()
		p.Handle, p.Lang, p.Zone, p.Theme, p.Quiet = "ada.l", "en", "Indian/Reunion", "dark", Quiet{From: 1, To: 2, Days: 3}
		if _, err := h.SaveProfile(ctx, me.Version, p); err != nil {
			t.Fatal(err)
		}
		p.Name = "Perdue"
		_, err = h.SaveProfile(ctx, me.Version, p)
		refused(t, "from the version before", err, errStaleProfile)
		p.Handle = "Bob"
		_, err = h.SaveProfile(ctx, me.Version+1, p)
		refused(t, "somebody's handle", err, errHandleTaken)
		got, err := h.Me(ctx)
		if err != nil || got.Version != me.Version+1 || got.Name != "Nom de ada" || got.Handle != "ada.l" || got.Zone != "Indian/Reunion" || got.Quiet != (Quiet{From: 1, To: 2, Days: 3}) {
			t.Errorf("%+v, %v", got, err)
		}
		if err := h.KeepPreference(ctx, "fr", ""); err != nil {
			t.Fatal(err)
		}
		if err := h.KeepPreference(ctx, "", "system"); err != nil {
			t.Fatal(err)
		}
		if got, err = h.Me(ctx); got.Lang != "fr" || got.Theme != "" || err != nil {
			t.Errorf("preferences %+v, %v", got, err)
		}
		if err := h.KeepPreference(ctx, "de", ""); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("a language we do not speak: %v", err)
		}
		if err := h.KeepPreference(t.Context(), "en", "dark"); err != nil {
			t.Errorf("a visitor's choice is the browser's alone: %v", err)
		}
	})
}

func TestQuietHoursAreHersAndOnFromTheFirstDay(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		id := h.add(t, "ada", false)
		night := in(t, "Europe/Paris", "2026-11-23 22:00")
		end, ok, err := h.QuietUntil(t.Context(), id, night.UTC())
		if want := in(t, "Europe/Paris", "2026-11-24 08:00"); !ok || !end.Equal(want) || err != nil {
			t.Errorf("until %s, %v, %v", end, ok, err)
		}
		if _, ok, err := h.QuietUntil(t.Context(), "per_nobody", night); ok || err != nil {
			t.Errorf("somebody who left: %v, %v", ok, err)
		}
	})
}

func TestNamesOfWhoLeftAreEmpty(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ids := []kernel.PersonID{h.add(t, "ada", false), "per_left", h.add(t, "bob", false)}
		names, err := h.Names(t.Context(), ids)
		if err != nil || len(names) != 3 || names[ids[0]] != "Nom de ada" || names["per_left"] != "" || names[ids[2]] != "Nom de bob" {
			t.Errorf("%v, %v", names, err)
		}
		if names, err := h.Names(t.Context(), nil); len(names) != 0 || err != nil {
			t.Errorf("%v, %v", names, err)
		}
	})
}

func TestSignUpsAreSlowed(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		up := newcomer("eve")
		up.From = netip.MustParseAddr("192.0.2.7")
		up.Handle = "" // refused before any work
		for range signUps.burst {
			if _, err := h.SignUp(t.Context(), up); kernel.KindOf(err) != kernel.Invalid {
				t.Fatal(err)
			}
		}
		if _, err := h.SignUp(t.Context(), up); kernel.KindOf(err) != kernel.TooMany {
			t.Errorf("one more: %v", err)
		}
		if _, err := db.One(t.Context(), h.DB.Read(), db.Scan[int], `select count(*) from account_person`); err != nil {
			t.Error(err)
		}
	})
}
