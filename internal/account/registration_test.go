package account

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
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
