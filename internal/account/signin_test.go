package account

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/secret"
)

func (h *home) try(t testing.TB, name, password string, from netip.Addr) error {
	t.Helper()
	_, err := h.SignIn(t.Context(), name, password, from, Visit{})
	return err
}

func TestAWrongNameAndAWrongPasswordCostAndSayTheSame(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		key := h.add(t, "bob", false) // has a passkey and no password
		if err := h.sql(t, `update account_person set password = '' where id = $1`, key); err != nil {
			t.Fatal(err)
		}
		for what, name := range map[string]string{
			"a wrong password": "ada", "nobody": "personne", "no password": "bob", "an address of nobody": "x@exemple.fr", "no name": "",
		} {
			before := h.stretched.Load()
			err := h.try(t, name, "ce n'est pas le bon", netip.Addr{})
			refused(t, what, err, errRefused)
			if n := h.stretched.Load() - before; n != 1 {
				t.Errorf("%s stretched %d passwords, want 1", what, n)
			}
		}
		if err := h.try(t, "ADA", goodPassword, netip.Addr{}); err != nil {
			t.Errorf("the right one: %v", err)
		}
	})
}

func TestANameMayBeAnAddressAndWhoProvedItComesFirst(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		squatter, _, err := h.AddPerson(t.Context(), NewPerson{Handle: "squat", Name: "S", Mail: "ada@exemple.fr", Password: "un autre mot de passe"})
		if err != nil {
			t.Fatal(err)
		}
		h.pass(time.Second)
		ada, _, err := h.AddPerson(t.Context(), NewPerson{Handle: "ada", Name: "Ada", Mail: "Ada@Exemple.fr", Password: goodPassword})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.try(t, "ada@exemple.fr", goodPassword, netip.Addr{}); err == nil {
			t.Error("nobody proved the address: the first to give it is meant")
		}
		if err := h.sql(t, `update account_person set mail_confirmed = true where id = $1`, ada); err != nil {
			t.Fatal(err)
		}
		session, err := h.SignIn(t.Context(), " ADA@exemple.FR", goodPassword, netip.Addr{}, Visit{})
		if err != nil || h.who(t, session) != ada {
			t.Errorf("who proved the address: %v", err)
		}
		if _, _, ok, err := h.MailOf(t.Context(), squatter); ok || err != nil {
			t.Errorf("an address that was not proved is written to: %v", err)
		}
		if address, lang, ok, err := h.MailOf(t.Context(), ada); !ok || address != "Ada@exemple.fr" || lang != "fr" || err != nil {
			t.Errorf("MailOf = %q %q %v, %v", address, lang, ok, err)
		}
	})
}

func TestGuessingIsSlowedByAccountAndByAddress(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		here, there := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
		for i := range perAccount.burst {
			refused(t, "guessing", h.try(t, "ada", "faux", netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})), errRefused)
		}
		err := h.try(t, "Ada", goodPassword, there)
		if kernel.KindOf(err) != kernel.TooMany {
			t.Errorf("guesses from many addresses: %v", err)
		}
		for i := range perAddress.burst {
			refused(t, "spraying", h.try(t, string(rune('a'+i%26))+"x"+string(rune('a'+i/26)), "faux", here), errRefused)
		}
		if err := h.try(t, "somebody", "faux", here); kernel.KindOf(err) != kernel.TooMany {
			t.Errorf("guesses of many names: %v", err)
		}
		if err := h.try(t, "else", "faux", there); kernel.KindOf(err) != kernel.Unauthenticated {
			t.Errorf("another address is slowed too: %v", err)
		}
		h.pass(perAccount.pause)
		if err := h.try(t, "ada", goodPassword, there); err != nil {
			t.Errorf("a minute later: %v", err)
		}
		for range perAddress.burst + 5 { // a whole house signs in from one address
			if err := h.try(t, "ada", goodPassword, there); err != nil {
				t.Fatalf("who comes in was not guessing: %v", err)
			}
		}
	})
}

func TestOneClickIsForInventedPeopleInADemoOnly(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		if _, err := h.OneClick(t.Context(), "ada", Visit{}); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("outside a demo: %v", err)
		}
		h.Demo = true
		if _, err := h.OneClick(t.Context(), "ada", Visit{}); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("a real person in a demo: %v", err)
		}
		id, link, err := h.AddPerson(t.Context(), NewPerson{Handle: "lina", Name: "Lina"})
		if err != nil || link != "" {
			t.Fatalf("link %q, %v", link, err)
		}
		own := h.add(t, "eve", false) // an account that somebody made in the demo, with a password
		if _, err := h.OneClick(t.Context(), "eve", Visit{}); kernel.KindOf(err) != kernel.NotFound {
			t.Errorf("somebody's own account in a demo: %v", err)
		}
		session, err := h.OneClick(t.Context(), "lina", Visit{})
		if err != nil || h.who(t, session) != id {
			t.Fatalf("one click: %v", err)
		}
		people, err := h.DemoPeople(t.Context())
		if err != nil || len(people) != 1 || people[0].ID != id {
			t.Errorf("people = %v, %v", people, err)
		}
		if a := kernel.ActorFrom(h.as(t, session)); !a.Demo {
			t.Error("the actor does not know that she is invented")
		}
		if p, err := h.Me(h.as(t, h.in(t, "eve"))); err != nil || !p.Demo || p.ID != own {
			t.Errorf("an account made in a demo is not told so: %v", err)
		}
	})
}

func TestProvingOneselfAgainMakesTheSessionFresh(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ada := h.add(t, "ada", false)
		old := h.in(t, "ada")
		h.pass(fresh)
		ctx := h.as(t, old)
		if _, err := h.NewCodes(ctx); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("five minutes later: %v", err)
		}
		if _, err := h.SignInAgain(ctx, "faux", netip.Addr{}, Visit{Cookie: old.Reveal()}); !faultIn(err, errRefused.On("password")) {
			t.Errorf("a wrong password: %v", err)
		}
		session, err := h.SignInAgain(ctx, goodPassword, netip.Addr{}, Visit{Cookie: old.Reveal()})
		if err != nil {
			t.Fatal(err)
		}
		if h.who(t, old) != "" || h.who(t, session) != ada {
			t.Error("the session did not rotate")
		}
		if _, err := h.NewCodes(h.as(t, session)); err != nil {
			t.Errorf("right after: %v", err)
		}
		if _, err := h.SignInAgain(t.Context(), goodPassword, netip.Addr{}, Visit{}); kernel.KindOf(err) != kernel.Unauthenticated {
			t.Errorf("a visitor: %v", err)
		}
	})
}

func TestRecoveryCodesServeOnce(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ada := h.add(t, "ada", false)
		h.add(t, "bob", false)
		byCode := func(name, code string) (secret.Text, error) {
			return h.SignInByCode(t.Context(), name, code, netip.Addr{}, Visit{})
		}
		codes, err := h.NewCodes(again(t, h.as(t, h.in(t, "ada")), "k1"))
		if err != nil || len(codes) != 10 {
			t.Fatalf("%d codes, %v", len(codes), err)
		}
		if _, err := h.NewCodes(again(t, h.as(t, h.in(t, "ada")), "k1")); !faultIn(err, errShown) {
			t.Errorf("the same request again: %v", err)
		}
		sloppy := "  " + codes[0][:4] + " " + codes[0][5:9] + codes[0][10:]
		session, err := byCode("ada", sloppy)
		if err != nil || h.who(t, session) != ada {
			t.Fatalf("a code: %v", err)
		}
		for what, c := range map[string]struct{ name, code string }{
			"used": {"ada", codes[0]}, "hers at another's": {"bob", codes[1]}, "no code": {"ada", ""}, "nobody's": {"personne", codes[1]},
		} {
			_, err := byCode(c.name, c.code)
			refused(t, what, err, errCodeRefused)
		}
		if left, err := h.CodesLeft(h.as(t, session)); left != 9 || err != nil {
			t.Errorf("%d left, %v", left, err)
		}
		h.pass(time.Minute)
		if _, err := h.NewCodes(h.as(t, h.in(t, "ada"))); err != nil {
			t.Fatal(err)
		}
		_, err = byCode("ada", codes[2])
		refused(t, "one of the earlier ten", err, errCodeRefused)
	})
}

func TestACodeServesOnceAtTheSameMoment(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		codes, err := h.NewCodes(h.as(t, h.in(t, "ada")))
		if err != nil {
			t.Fatal(err)
		}
		twin := h.twin(t)
		results := make(chan error, 8)
		for i := range cap(results) {
			who := []*home{h, twin}[i%2]
			go func() {
				_, err := who.SignInByCode(context.Background(), "ada", codes[0], netip.Addr{}, Visit{})
				results <- err
			}()
		}
		through := 0
		for range cap(results) {
			if err := <-results; err == nil {
				through++
			} else if kernel.KindOf(err) != kernel.Unauthenticated {
				t.Error(err)
			}
		}
		if through != 1 {
			t.Errorf("%d came in by one code", through)
		}
	})
}

func TestCodesCopiedByHandAreRead(t *testing.T) {
	t.Parallel()
	code := newCode()
	if len(code) != codeGroups*codeGroup+codeGroups-1 {
		t.Errorf("code %q", code)
	}
	if plainCode("ABCD-efgh OlI1") != plainCode("abcdefgh0111") {
		t.Errorf("got %q", plainCode("ABCD-efgh OlI1"))
	}
	if newCode() == code {
		t.Error("two codes are equal")
	}
}

func TestANewPasswordSignsOtherBrowsersOut(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		here, there := h.in(t, "ada"), h.in(t, "ada")
		ctx := h.as(t, here)
		for _, bad := range []string{"court", "motdepasse1", "Nom de Ada"} {
			if err := h.SetPassword(ctx, bad); kernel.KindOf(err) != kernel.Invalid {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if err := h.SetPassword(ctx, "un tout autre mot"); err != nil {
			t.Fatal(err)
		}
		if h.who(t, here) == "" || h.who(t, there) != "" {
			t.Error("this browser stays, the other goes")
		}
		refused(t, "the old one", h.try(t, "ada", goodPassword, netip.Addr{}), errRefused)
		if err := h.try(t, "ada", "un tout autre mot", netip.Addr{}); err != nil {
			t.Errorf("the new one: %v", err)
		}
		if err := h.DropPassword(ctx); !faultIn(err, errLastWay) {
			t.Errorf("without a passkey: %v", err)
		}
		h.pass(fresh)
		if err := h.SetPassword(ctx, goodPassword); kernel.KindOf(err) != kernel.Forbidden {
			t.Errorf("a browser that was left open: %v", err)
		}
	})
}
