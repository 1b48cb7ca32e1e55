package account

import (
	"context"
	"net/http"
	"net/url"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// signInView is what the page of signing in shows.
type signInView struct {
	Name     string // as typed
	Next     string
	Passkeys bool   // browsers make passkeys for this instance
	Open     bool   // anybody may make an account
	Provider string // who else vouches for people; "" for nobody
	People   []Person
	Refused  web.Refusals
}

func (s *Service) signInPage(ctx context.Context, v signInView) (web.Page, templ.Component, error) {
	m, err := s.Registration(ctx)
	if err != nil {
		return web.Page{}, nil, err
	}
	v.People, err = s.DemoPeople(ctx)
	v.Open, v.Passkeys, v.Provider = m == Open, s.PasskeysWork(), s.provider()
	p := web.Page{
		Title: i18n.T(ctx, "account.sign_in.title"), Lede: i18n.T(ctx, "account.sign_in.lede"),
		Scripts: []string{"passkey.js"},
	}
	return p, signInForm(v), err
}

func (s *Service) showSignIn(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	to := form.Get("next")
	if !kernel.ActorFrom(r.Context()).IsVisitor() && !s.Demo {
		return web.SeeOther(w, r, next(to, s.start()))
	}
	p, body, err := s.signInPage(r.Context(), signInView{Next: to})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Layout(p, body))
}

func (s *Service) postSignIn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	session, err := s.SignIn(ctx, form.Get("name"), form.Get("password"), web.Client(ctx), s.visit(r))
	if err == nil {
		return s.signedInto(w, r, session, next(form.Get("next"), s.start()))
	}
	return s.signInAgainAs(w, r, form, err)
}

// signInAgainAs shows the form with the name that was typed, never the password.
func (s *Service) signInAgainAs(w http.ResponseWriter, r *http.Request, form url.Values, refusal error) error {
	refused := web.Refused(refusal)
	if len(refused) == 0 {
		return refusal
	}
	p, body, err := s.signInPage(r.Context(), signInView{Name: form.Get("name"), Next: form.Get("next"), Refused: refused})
	if err != nil {
		return err
	}
	_, err = comeBack(w, r, refusal, func(web.Refusals) (web.Page, templ.Component) { return p, body })
	return err
}

func (s *Service) beginSignIn(w http.ResponseWriter, r *http.Request) error {
	c, err := s.BeginSignIn(r.Context(), web.Client(r.Context()))
	if err != nil {
		return err
	}
	return answerJSON(w, c)
}

func answerOf(form url.Values) PasskeyAnswer {
	return PasskeyAnswer{Ceremony: form.Get("ceremony"), Credential: form.Get("passkey")}
}

func (s *Service) postPasskeySignIn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	session, err := s.SignInByPasskey(ctx, answerOf(form), web.Client(ctx), s.visit(r))
	if err == nil {
		return s.signedInto(w, r, session, next(form.Get("next"), s.start()))
	}
	if !kernel.ActorFrom(ctx).IsVisitor() && !s.Demo {
		return s.again(w, r, form.Get("next"), err)
	}
	return s.signInAgainAs(w, r, form, err)
}

// recoverView is what the page of somebody who lost her ways in shows.
type recoverView struct {
	Name    string
	Refused web.Refusals
}

func recoverFrame(ctx context.Context) web.Page {
	return web.Page{
		Title: i18n.T(ctx, "account.recover.title"), Lede: i18n.T(ctx, "account.recover.lede"),
		Up: web.Link{Path: "/sign-in", Text: i18n.T(ctx, "account.sign_in.title")},
	}
}

func (s *Service) showRecover(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, web.Layout(recoverFrame(r.Context()), recoverForm(recoverView{})))
}

func (s *Service) postRecover(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	session, err := s.SignInByCode(ctx, form.Get("name"), form.Get("code"), web.Client(ctx), s.visit(r))
	if err == nil {
		return s.signedInto(w, r, session, pathSecurity, "account.recover.done")
	}
	done, shown := comeBack(w, r, err, func(refused web.Refusals) (web.Page, templ.Component) {
		return recoverFrame(ctx), recoverForm(recoverView{form.Get("name"), refused})
	})
	if done {
		return shown
	}
	return err
}

// againView is what the page asks of somebody who must prove herself again.
type againView struct {
	Next     string
	Password bool
	Passkeys bool
	Provider string // if it is one of her ways in
	Refused  web.Refusals
}

func (s *Service) showAgain(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return s.again(w, r, form.Get("next"), nil)
}

// again asks for the password or a passkey of who is signed in.
func (s *Service) again(w http.ResponseWriter, r *http.Request, to string, refusal error) error {
	ctx := r.Context()
	ways, err := s.Ways(ctx)
	if err != nil {
		return err
	}
	page := func(refused web.Refusals) (web.Page, templ.Component) {
		p := web.Page{
			Title: i18n.T(ctx, "account.again.title"), Lede: i18n.T(ctx, "account.again.lede"),
			Up: web.Link{Path: "/account", Text: i18n.T(ctx, "account.title")}, Scripts: []string{"passkey.js"},
		}
		v := againView{to, ways.Password, len(ways.Passkeys) > 0 && s.PasskeysWork(), "", refused}
		if len(ways.Linked) > 0 {
			v.Provider = s.provider()
		}
		return p, againForm(v)
	}
	if refusal == nil {
		p, body := page(nil)
		return web.Render(w, r, http.StatusOK, web.Layout(p, body))
	}
	done, shown := comeBack(w, r, refusal, page)
	if done {
		return shown
	}
	return refusal
}

func (s *Service) postAgain(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	session, err := s.SignInAgain(ctx, form.Get("password"), web.Client(ctx), s.visit(r))
	if err != nil {
		return s.again(w, r, form.Get("next"), err)
	}
	return s.signedInto(w, r, session, next(form.Get("next"), "/account"))
}

func (s *Service) postDemo(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	session, err := s.OneClick(r.Context(), form.Get("handle"), s.visit(r))
	if err != nil {
		return err
	}
	return s.signedInto(w, r, session, next(form.Get("next"), s.start()))
}

func (s *Service) postSignOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.SignOut(r.Context(), s.visit(r)); err != nil {
		return err
	}
	s.setCookie(w, "", -1)
	web.ClearSite(w)
	return web.SeeOther(w, r, "/", "account.signed_out")
}

// showEnter asks before a link is used: what fetches links by itself uses none up.
func (s *Service) showEnter(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	link, err := s.EnterLink(ctx, r.PathValue("token"))
	if err != nil {
		return err
	}
	p := web.Page{Title: i18n.T(ctx, "account.enter.title"), Lede: i18n.T(ctx, "account.enter.lede")}
	if !link.Open {
		p.Title, p.Lede = i18n.T(ctx, "account.enter.early.title"), i18n.T(ctx, "account.enter.early.lede")
	}
	return web.Render(w, r, http.StatusOK, web.Layout(p, enterForm(r.URL.Path, link)))
}

func (s *Service) postEnter(w http.ResponseWriter, r *http.Request) error {
	session, err := s.Enter(r.Context(), r.PathValue("token"), s.visit(r))
	if err != nil {
		return err
	}
	return s.signedInto(w, r, session, pathSecurity, "account.enter.done")
}

func (s *Service) showConfirm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := s.ProofLink(ctx, r.PathValue("token")); err != nil {
		return err
	}
	p := web.Page{Title: i18n.T(ctx, "account.confirm.title"), Lede: i18n.T(ctx, "account.confirm.lede")}
	return web.Render(w, r, http.StatusOK, web.Layout(p, confirmForm(r.URL.Path)))
}

func (s *Service) postConfirm(w http.ResponseWriter, r *http.Request) error {
	if err := s.Confirm(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	if kernel.ActorFrom(r.Context()).IsVisitor() {
		return web.SeeOther(w, r, "/sign-in", "account.confirm.done")
	}
	return web.SeeOther(w, r, "/account", "account.confirm.done")
}
