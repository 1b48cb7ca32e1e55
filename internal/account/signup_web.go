package account

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// signUpView is the form of a new account, with what was typed.
type signUpView struct {
	Action   string
	Form     url.Values
	Setup    bool
	Mail     bool // letters can leave: an address serves for something at once
	Passkeys bool
	Refused  web.Refusals
}

// signUpOf reads the form, and by which link it came: the path of the page, which
// the page's script repeats in the field "door".
func (s *Service) signUpOf(r *http.Request, form url.Values, path string) SignUp {
	ctx := r.Context()
	up := SignUp{
		Profile: Profile{
			Handle: form.Get("handle"), Name: form.Get("name"), Mail: form.Get("email"),
			Lang: i18n.Lang(ctx), Zone: form.Get("zone"), Quiet: quietAtFirst,
		},
		Password: form.Get("password"), From: web.Client(ctx), Visit: s.visit(r),
	}
	up.Invited = form.Get("invitation")
	if _, err := cleanZone(up.Zone); err != nil {
		up.Zone = defaultZone // the browser's guess, not a choice
	}
	if token, ok := strings.CutPrefix(path, "/setup/"); ok {
		up.Token, up.Setup = token, true
	} else if token, ok := strings.CutPrefix(path, "/join/"); ok {
		up.Token = token
	}
	if form.Get("with") == "passkey" {
		answer := answerOf(form)
		up.Passkey, up.Password = &answer, ""
	}
	return up
}

func (s *Service) signUpPage(ctx context.Context, v signUpView) (web.Page, templ.Component) {
	v.Mail, v.Passkeys = s.canPost(), s.PasskeysWork()
	p := web.Page{
		Title: i18n.T(ctx, "account.sign_up.title"), Lede: i18n.T(ctx, "account.sign_up.lede"),
		Scripts: []string{"passkey.js"},
	}
	switch {
	case v.Setup:
		p.Title, p.Lede = i18n.T(ctx, "account.setup.title"), i18n.T(ctx, "account.setup.lede")
	case s.Demo:
		p.Lede = i18n.T(ctx, "account.sign_up.demo")
	}
	return p, signUpForm(v)
}

func (s *Service) showSignUp(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	up := s.signUpOf(r, form, r.URL.Path)
	if err := s.Door(r.Context(), up); err != nil {
		return err
	}
	p, body := s.signUpPage(r.Context(), signUpView{Action: r.URL.Path, Form: url.Values{"next": form["next"], "invitation": form["invitation"]}, Setup: up.Setup})
	return web.Render(w, r, http.StatusOK, web.Layout(p, body))
}

func (s *Service) postSignUp(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	up := s.signUpOf(r, form, r.URL.Path)
	session, err := s.SignUp(ctx, up)
	if err == nil {
		return s.signedInto(w, r, session, next(form.Get("next"), pathWelcome), "account.signed_up")
	}
	done, shown := comeBack(w, r, err, func(refused web.Refusals) (web.Page, templ.Component) {
		return s.signUpPage(ctx, signUpView{Action: r.URL.Path, Form: form, Setup: up.Setup, Refused: refused})
	})
	if done {
		return shown
	}
	return err
}

func (s *Service) beginSignUp(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	c, err := s.BeginSignUp(r.Context(), s.signUpOf(r, form, form.Get("door")))
	if err != nil {
		return err
	}
	return answerJSON(w, c)
}
