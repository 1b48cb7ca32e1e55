package account

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/secret"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// Messages are the sentences of this context.
//
//go:embed messages/*.json
var Messages embed.FS

// Where people go after.
const (
	pathWelcome  = "/welcome" // the musette's first question
	pathSecurity = "/account/security"
	pathAgain    = "/sign-in/again"
)

// Pages registers the HTML routes.
func (s *Service) Pages(m *web.Mux) {
	m.Page("GET /sign-in", s.showSignIn)
	m.Page("POST /sign-in", s.postSignIn)
	m.Page("POST /sign-in/passkey/begin", s.beginSignIn)
	m.Page("POST /sign-in/passkey", s.postPasskeySignIn)
	m.Page("GET /sign-in/recover", s.showRecover)
	m.Page("POST /sign-in/recover", s.postRecover)
	m.Page("GET /sign-in/again", s.showAgain)
	m.Page("POST /sign-in/again", s.postAgain)
	m.Page("POST /sign-in/demo", s.postDemo)
	m.Page("POST /sign-out", s.postSignOut)

	if s.OpenID != nil {
		s.openidPages(m)
	}

	m.Page("GET /sign-up", s.showSignUp)
	m.Page("POST /sign-up", s.postSignUp)
	m.Page("GET /setup/{token}", s.showSignUp)
	m.Page("POST /setup/{token}", s.postSignUp)
	m.Page("GET /join/{token}", s.showSignUp)
	m.Page("POST /join/{token}", s.postSignUp)
	m.Page("POST /sign-up/passkey/begin", s.beginSignUp)
	m.Page("GET /enter/{token}", s.showEnter)
	m.Page("POST /enter/{token}", s.postEnter)
	m.Page("GET /confirm/{token}", s.showConfirm)
	m.Page("POST /confirm/{token}", s.postConfirm)

	m.Page("GET /account", s.showProfile)
	m.Page("POST /account", s.postProfile)
	m.Page("POST /account/proof", s.postProof)
	m.Page("GET /account/security", s.showSecurity)
	m.Page("POST /account/security/password", s.postPassword)
	m.Page("POST /account/security/password/remove", s.removePassword)
	m.Page("POST /account/security/passkeys/begin", s.beginPasskey)
	m.Page("POST /account/security/passkeys", s.postPasskey)
	m.Page("POST /account/security/passkeys/{id}/remove", s.removePasskey)
	m.Page("POST /account/security/codes", s.postCodes)
	m.Page("POST /account/security/sessions/{id}/close", s.closeSessionPage)
	m.Page("POST /account/security/sessions/close", s.closeOthersPage)
	m.Page("POST /account/security/lost/cancel", s.cancelLostPage)
	m.Page("GET /account/tokens", s.showTokens)
	m.Page("POST /account/tokens", s.postToken)
	m.Page("POST /account/tokens/{id}/revoke", s.revokeTokenPage)
	m.Page("GET /account/invitations", s.showInvitations)
	m.Page("POST /account/invitations", s.postInvitation)
	m.Page("POST /account/invitations/{id}/withdraw", s.withdrawInvitationPage)
	m.Page("GET /account/leave", s.showLeave)
	m.Page("POST /account/leave", s.postLeave)
}

// CookieOf is the session's token that a request brings along; "" for none.
func (s *Service) CookieOf(r *http.Request) string {
	c, err := r.Cookie(s.CookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

func (s *Service) visit(r *http.Request) Visit {
	return Visit{Cookie: s.CookieOf(r), Agent: r.UserAgent()}
}

// signedInto gives the session to the browser and sends it on.
func (s *Service) signedInto(w http.ResponseWriter, r *http.Request, session secret.Text, path string, key ...string) error {
	s.setCookie(w, session.Reveal(), sessionMost)
	return web.SeeOther(w, r, path, key...)
}

// setCookie gives the session's token to the browser; a negative age takes it back.
func (s *Service) setCookie(w http.ResponseWriter, value string, age time.Duration) {
	seconds := int(age / time.Second)
	if age < 0 {
		seconds = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.CookieName(), Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode,
	})
}

// next is where a form asks to go afterwards; otherwise the path given.
func next(asked, otherwise string) string {
	if asked == "" {
		return otherwise
	}
	return web.Local(asked)
}

// comeBack shows a refused form again. It is false for an error that names no field:
// that one is answered by the frame.
func comeBack(w http.ResponseWriter, r *http.Request, err error, page func(web.Refusals) (web.Page, templ.Component)) (bool, error) {
	refused := web.Refused(err)
	if len(refused) == 0 {
		return false, nil
	}
	if wait := refused[0].Wait; wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	p, body := page(refused)
	p.Refused = true
	return true, web.Render(w, r, refused.Status(), web.Layout(p, body))
}

// stale sends who signed in too long ago to prove herself, then back to path. It is
// false for any other error.
func stale(w http.ResponseWriter, r *http.Request, err error, path string) (bool, error) {
	if !errors.Is(err, errFresh) {
		return false, nil
	}
	return true, web.SeeOther(w, r, pathAgain+"?next="+path)
}

// answerJSON is for the page's own script.
func answerJSON(w http.ResponseWriter, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(raw) // whoever left needs no answer
	return nil
}

// frame is the place of a page of the account among its neighbours.
func frame(ctx context.Context, title, lede string) web.Page {
	return web.Page{
		Title: title, Lede: lede,
		Up: web.Link{Path: "/account", Text: i18n.T(ctx, "account.title")},
		Subnav: []web.Link{
			{Path: "/account", Text: i18n.T(ctx, "account.nav.profile")},
			{Path: pathSecurity, Text: i18n.T(ctx, "account.nav.security")},
			{Path: "/account/tokens", Text: i18n.T(ctx, "account.nav.tokens")},
			{Path: "/account/invitations", Text: i18n.T(ctx, "account.nav.invitations")},
			{Path: "/account/leave", Text: i18n.T(ctx, "account.nav.leave")},
		},
		SubnavName: i18n.T(ctx, "account.title"),
		Scripts:    []string{"passkey.js"},
	}
}

// sign says one way in or out in words: "Firefox sur Linux".
func (d Device) words(ctx context.Context) string {
	switch {
	case d.Browser != "" && d.System != "":
		return i18n.T(ctx, "account.device", "browser", d.Browser, "system", d.System)
	case d.Browser != "":
		return d.Browser
	case d.System != "":
		return i18n.T(ctx, "account.device.system", "system", d.System)
	}
	return i18n.T(ctx, "account.device.unknown")
}
