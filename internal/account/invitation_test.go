package account

import (
	"context"
	"strings"
	"testing"

	"digiwork/internal/kernel"
)

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
