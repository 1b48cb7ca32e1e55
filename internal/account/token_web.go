package account

import (
	"context"
	"net/http"
	"strconv"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// tokenView is the page of tokens, with the form of a new one as typed.
type tokenView struct {
	Tokens  []Token
	Name    string
	Days    string
	Scopes  map[string]bool // ticked
	May     []string        // scopes she may give
	Refused web.Refusals
}

// tokenDaysOffered are the lives of a token that the page offers.
var tokenDaysOffered = []string{"30", "90", "366"}

func tokenFrame(ctx context.Context) web.Page {
	return frame(ctx, i18n.T(ctx, "account.tokens.title"), i18n.T(ctx, "account.tokens.lede"))
}

func (s *Service) tokenPage(ctx context.Context, v tokenView) (templ.Component, error) {
	var err error
	v.Tokens, err = s.Tokens(ctx)
	v.May = maySpread(kernel.ActorFrom(ctx))
	return tokensBody(v), err
}

func (s *Service) showTokens(w http.ResponseWriter, r *http.Request) error {
	body, err := s.tokenPage(r.Context(), tokenView{Days: "90", Scopes: map[string]bool{"read": true}})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Layout(tokenFrame(r.Context()), body))
}

// postToken answers with the token itself: it is shown once.
func (s *Service) postToken(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := tokenView{Name: form.Get("name"), Days: form.Get("days"), Scopes: map[string]bool{}}
	for _, scope := range form["scopes"] {
		v.Scopes[scope] = true
	}
	days, err := strconv.Atoi(v.Days)
	if err != nil {
		days = -1 // refused with the others
	}
	made, token, err := s.CreateToken(ctx, NewToken{Name: v.Name, Scopes: form["scopes"], Days: days})
	if err == nil {
		p := frame(ctx, i18n.T(ctx, "account.tokens.made.title"), i18n.T(ctx, "account.tokens.made.lede"))
		return web.Render(w, r, http.StatusOK, web.Layout(p, tokenMade(made, token.Reveal())))
	}
	v.Refused = web.Refused(err)
	if len(v.Refused) == 0 {
		return err
	}
	body, failed := s.tokenPage(ctx, v)
	if failed != nil {
		return failed
	}
	_, shown := comeBack(w, r, err, func(web.Refusals) (web.Page, templ.Component) { return tokenFrame(ctx), body })
	return shown
}

func (s *Service) revokeTokenPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.RevokeToken(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/account/tokens", "account.tokens.revoked")
}
