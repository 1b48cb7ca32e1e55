package account

import (
	"net/http"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// PathOpenIDBack is where the provider sends people back to.
const PathOpenIDBack = "/sign-in/openid/back"

const (
	pathOpenID     = "/sign-in/openid"
	pathLinkOpenID = "/account/security/openid"
)

// openidPages are there when a provider is set.
func (s *Service) openidPages(m *web.Mux) {
	m.Page("GET "+pathOpenID, func(w http.ResponseWriter, r *http.Request) error { return s.toProvider(w, r, false) })
	m.Page("GET "+pathLinkOpenID, func(w http.ResponseWriter, r *http.Request) error { return s.toProvider(w, r, true) })
	m.Page("GET "+PathOpenIDBack, s.fromProvider)
	m.Page("POST "+pathLinkOpenID+"/{id}/remove", func(w http.ResponseWriter, r *http.Request) error {
		return s.changed(w, r, s.RemoveOpenID(r.Context(), r.PathValue("id")), "account.openid.removed")
	})
}

// openidCookie binds an attempt to the browser that began it: nobody can be sent back
// into an account that is not hers.
func (s *Service) openidCookie(value string, age time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: "digiwork-openid", Value: value, Path: "/", MaxAge: int(age / time.Second),
		HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode,
	}
	if s.secure() {
		c.Name = "__Host-" + c.Name
	}
	if age < 0 {
		c.MaxAge = -1
	}
	return c
}

// toProvider is a link rather than a form: a form may lead to this site alone.
func (s *Service) toProvider(w http.ResponseWriter, r *http.Request, link bool) error {
	ctx := r.Context()
	if from := r.Header.Get("Sec-Fetch-Site"); link && from != "" && from != "same-origin" && from != "none" {
		return errOpenIDOther // another site does not add ways in
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	address, ticket, err := s.BeginOpenID(ctx, link, next(form.Get("next"), s.start()), web.Client(ctx))
	switch {
	case err != nil && link:
		return s.securityAgain(w, r, err)
	case err != nil:
		return s.signInAgainAs(w, r, form, err)
	}
	http.SetCookie(w, s.openidCookie(ticket.Reveal(), openidFor))
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

func (s *Service) fromProvider(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in := OpenIDAnswer{State: form.Get("state"), Code: form.Get("code"), Issuer: form.Get("iss"), Lang: i18n.Lang(ctx), From: web.Client(ctx), Visit: s.visit(r)}
	if form.Get("error") != "" {
		in.Code = ""
	}
	if c, err := r.Cookie(s.openidCookie("", 0).Name); err == nil {
		in.Cookie = c.Value
	}
	http.SetCookie(w, s.openidCookie("", -1))
	out, err := s.FinishOpenID(ctx, in)
	switch {
	case err != nil && !kernel.ActorFrom(ctx).IsVisitor():
		return s.securityAgain(w, r, err)
	case err != nil:
		form.Set("next", out.Next)
		return s.signInAgainAs(w, r, form, err)
	case out.Linked:
		return web.SeeOther(w, r, pathSecurity, "account.openid.added")
	case out.New:
		return s.signedInto(w, r, out.Session, pathWelcome)
	}
	return s.signedInto(w, r, out.Session, out.Next)
}
