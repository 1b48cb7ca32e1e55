package account

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/secret"
)

// token makes a token and gives the context of its request.
func (h *home) token(t testing.TB, ctx context.Context, scopes ...string) (secret.Text, context.Context) {
	t.Helper()
	_, token, err := h.CreateToken(ctx, NewToken{Name: "essai", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return token, h.with(t, gate.Credential{Bearer: token.Reveal()})
}

func TestScopesAreWrittenOutOnce(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"all": "read write share import export erase", "all vc-api": "read write share import export erase vc-api",
		"write read read": "read write", "vc-api": "vc-api",
	} {
		got, err := parseScopes(strings.Fields(in))
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s = %v, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "admin", "read,write", "ALL"} {
		if got, err := parseScopes(strings.Fields(bad)); err == nil {
			t.Errorf("%q = %v", bad, got)
		}
	}
}

func TestATokenActsWithinItsScopesUntilItEnds(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ada := h.add(t, "ada", false)
		session := h.as(t, h.in(t, "ada"))
		made, token, err := h.CreateToken(session, NewToken{Name: " Mon  agenda ", Scopes: []string{"read"}, Days: 30})
		if err != nil || made.Name != "Mon agenda" || made.EndsAt.Sub(made.MadeAt) != 30*24*time.Hour || !strings.HasPrefix(token.Reveal(), tokenPrefix) {
			t.Fatalf("%+v, %v", made, err)
		}
		ctx := h.with(t, gate.Credential{Bearer: token.Reveal()})
		a := kernel.ActorFrom(ctx)
		if a.Person != ada || !slices.Equal(a.Scopes, []string{"read"}) || !a.SignedAt.IsZero() || a.Session != made.ID {
			t.Errorf("actor %+v", a)
		}
		if _, err := h.Me(ctx); err != nil {
			t.Error(err)
		}
		for what, err := range map[string]error{
			"write":  h.RevokeToken(ctx, made.ID),
			"share":  func() error { _, _, err := h.Invite(ctx, ""); return err }(),
			"erase":  func() error { _, err := h.EraseMe(ctx); return err }(),
			"browse": h.SetPassword(ctx, goodPassword),
		} {
			if kernel.KindOf(err) != kernel.Forbidden {
				t.Errorf("%s with a token that reads: %v", what, err)
			}
		}
		h.pass(30*24*time.Hour - time.Second)
		h.with(t, gate.Credential{Bearer: token.Reveal()})
		if err := h.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		now := h.as(t, h.in(t, "ada"))
		if all, err := h.Tokens(now); err != nil || len(all) != 1 || !all[0].UsedAt.Equal(h.DB.Now()) || all[0].Name != "Mon agenda" {
			t.Errorf("%+v, %v", all, err)
		}
		h.pass(time.Second)
		_, err = h.Recognise(t.Context(), gate.Credential{Bearer: token.Reveal()})
		refused(t, "a token that ended", err, errBearer)
		if all, err := h.Tokens(now); len(all) != 0 || err != nil {
			t.Errorf("%v, %v", all, err)
		}
	})
}

func TestNobodyGivesMoreThanSheHolds(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "keeper", true)
		h.add(t, "eve", false)
		keeper, eve := h.as(t, h.in(t, "keeper")), h.as(t, h.in(t, "eve"))
		_, writer := h.token(t, eve, "read", "write")
		for what, c := range map[string]struct {
			ctx    context.Context
			scopes []string
			want   *kernel.Fault
		}{
			"more than the token":         {writer, []string{"read", "erase"}, errTokenMore},
			"the signature of the house":  {eve, []string{"vc-api"}, errTokenMore},
			"no scope":                    {eve, nil, errTokenNone},
			"a scope that does not exist": {eve, []string{"root"}, errTokenScope},
			"a visitor":                   {t.Context(), []string{"read"}, errSignIn},
		} {
			_, _, err := h.CreateToken(c.ctx, NewToken{Scopes: c.scopes})
			refused(t, what, err, c.want)
		}
		h.token(t, writer, "read") // as much as it holds, or less
		if _, ctx := h.token(t, keeper, "vc-api"); !kernel.ActorFrom(ctx).May("vc-api") {
			t.Error("who keeps the instance may lend its signature")
		}
		_, _, err := h.CreateToken(eve, NewToken{Name: strings.Repeat("x", maxTokenName+1), Scopes: []string{"x"}, Days: 400})
		if got := keysOfFaults(err); len(got) != 3 {
			t.Errorf("refusals %v", got)
		}
	})
}

func TestTheSameRequestGetsTheSameToken(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		ctx := again(t, h.as(t, h.in(t, "ada")), "key")
		first, token, err := h.CreateToken(ctx, NewToken{Scopes: []string{"read"}})
		if err != nil {
			t.Fatal(err)
		}
		twin := h.twin(t)
		second, same, err := twin.CreateToken(ctx, NewToken{Scopes: []string{"read"}})
		if err != nil || second.ID != first.ID || same.Reveal() != token.Reveal() {
			t.Errorf("%+v and %+v, %v", first, second, err)
		}
		if err := h.RevokeToken(h.as(t, h.in(t, "ada")), first.ID); err != nil {
			t.Fatal(err)
		}
		for _, process := range []*home{h, twin} {
			_, err := process.Recognise(t.Context(), gate.Credential{Bearer: token.Reveal()})
			refused(t, "a token taken back", err, errBearer)
		}
		_, _, err = h.CreateToken(ctx, NewToken{Scopes: []string{"read"}})
		refused(t, "the same request after that", err, errNoToken)
	})
}

func TestTokensAreHersAlone(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ada := h.add(t, "ada", false)
		h.add(t, "eve", false)
		session := h.in(t, "ada")
		made, token, err := h.CreateTokenFor(t.Context(), ada, NewToken{Name: "ligne de commande", Scopes: []string{"all", "vc-api"}})
		if err != nil || !made.ByOperator {
			t.Fatalf("%+v, %v", made, err)
		}
		if a := kernel.ActorFrom(h.with(t, gate.Credential{Bearer: token.Reveal()})); a.Person != ada || !a.May("vc-api") {
			t.Errorf("actor %+v", a)
		}
		if got := h.journal(t, session); !slices.Equal(got, []string{string(gate.ActToken)}) {
			t.Errorf("journal %v", got)
		}
		eve := h.as(t, h.in(t, "eve"))
		if all, err := h.Tokens(eve); len(all) != 0 || err != nil {
			t.Errorf("a stranger sees %v, %v", all, err)
		}
		refused(t, "a stranger takes it back", h.RevokeToken(eve, made.ID), errNoToken)
		for range mostTokens - 1 {
			if _, _, err := h.CreateTokenFor(t.Context(), ada, NewToken{Scopes: []string{"read"}}); err != nil {
				t.Fatal(err)
			}
		}
		_, _, err = h.CreateTokenFor(t.Context(), ada, NewToken{Scopes: []string{"read"}})
		refused(t, "one too many", err, errTokensMany)
	})
}
