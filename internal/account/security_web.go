package account

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// securityView is the page of ways in and of open browsers.
type securityView struct {
	Ways     Ways
	Sessions []Session
	Passkeys bool   // browsers make passkeys for this instance
	Fresh    bool   // she signed in a moment ago: doors may be changed
	Provider string // who else vouches for people; "" for nobody
	Alert    time.Time
	Refused  web.Refusals
}

func securityFrame(ctx context.Context) web.Page {
	return frame(ctx, i18n.T(ctx, "account.security.title"), i18n.T(ctx, "account.security.lede"))
}

func (s *Service) securityPage(ctx context.Context, refused web.Refusals) (templ.Component, error) {
	v := securityView{Passkeys: s.PasskeysWork(), Provider: s.provider(), Refused: refused}
	var err error
	if v.Ways, err = s.Ways(ctx); err != nil {
		return nil, err
	}
	if v.Sessions, err = s.Sessions(ctx); err != nil {
		return nil, err
	}
	_, notFresh := recent(ctx, s.DB.Now())
	v.Fresh = notFresh == nil
	v.Alert, _ = s.Alert(ctx)
	return securityBody(v), nil
}

func (s *Service) showSecurity(w http.ResponseWriter, r *http.Request) error {
	body, err := s.securityPage(r.Context(), nil)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Layout(securityFrame(r.Context()), body))
}

// securityAgain answers a change of the doors that was refused.
func (s *Service) securityAgain(w http.ResponseWriter, r *http.Request, refusal error) error {
	if sent, err := stale(w, r, refusal, pathSecurity); sent {
		return err
	}
	if len(web.Refused(refusal)) == 0 {
		return refusal
	}
	body, err := s.securityPage(r.Context(), web.Refused(refusal))
	if err != nil {
		return err
	}
	_, err = comeBack(w, r, refusal, func(web.Refusals) (web.Page, templ.Component) { return securityFrame(r.Context()), body })
	return err
}

// changed answers a change of the doors: back to the page with what was done, or why not.
func (s *Service) changed(w http.ResponseWriter, r *http.Request, err error, done string) error {
	if err != nil {
		return s.securityAgain(w, r, err)
	}
	return web.SeeOther(w, r, pathSecurity, done)
}

func (s *Service) postPassword(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return s.changed(w, r, s.SetPassword(r.Context(), form.Get("password")), "account.password.saved")
}

func (s *Service) removePassword(w http.ResponseWriter, r *http.Request) error {
	return s.changed(w, r, s.DropPassword(r.Context()), "account.password.removed")
}

func (s *Service) beginPasskey(w http.ResponseWriter, r *http.Request) error {
	c, err := s.BeginPasskey(r.Context())
	if err != nil {
		return err
	}
	return answerJSON(w, c)
}

func (s *Service) postPasskey(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return s.changed(w, r, s.AddPasskey(r.Context(), answerOf(form), r.UserAgent()), "account.passkey.saved")
}

func (s *Service) removePasskey(w http.ResponseWriter, r *http.Request) error {
	return s.changed(w, r, s.RemovePasskey(r.Context(), r.PathValue("id")), "account.passkey.removed")
}

// postCodes answers with the codes themselves: they are shown once.
func (s *Service) postCodes(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	codes, err := s.NewCodes(ctx)
	if err != nil {
		return s.securityAgain(w, r, err)
	}
	p := frame(ctx, i18n.T(ctx, "account.codes.made.title"), i18n.T(ctx, "account.codes.made.lede"))
	return web.Render(w, r, http.StatusOK, web.Layout(p, codesPage(codes, asFile(codesText(ctx, codes)))))
}

// codesText is the file of recovery codes.
func codesText(ctx context.Context, codes []string) string {
	return i18n.T(ctx, "account.codes.file") + "\r\n\r\n" + strings.Join(codes, "\r\n") + "\r\n"
}

// asFile is an address that holds a text: what is shown once is downloaded from the
// page itself, and never kept on the way.
func asFile(text string) templ.SafeURL {
	return templ.SafeURL("data:text/plain;charset=utf-8;base64," + base64.StdEncoding.EncodeToString([]byte(text)))
}

func (s *Service) closeSessionPage(w http.ResponseWriter, r *http.Request) error {
	return s.changed(w, r, s.CloseSession(r.Context(), r.PathValue("id")), "account.session.closed")
}

func (s *Service) closeOthersPage(w http.ResponseWriter, r *http.Request) error {
	return s.changed(w, r, s.CloseOtherSessions(r.Context()), "account.session.others_closed")
}

func (s *Service) cancelLostPage(w http.ResponseWriter, r *http.Request) error {
	return s.changed(w, r, s.CancelLost(r.Context()), "account.lost.cancelled")
}

// AlertBanner tells the person, on any page of hers, that a link for somebody who
// lost everything was made for her account. It is nil when none was.
func (s *Service) AlertBanner(ctx context.Context) templ.Component {
	at, ok := s.Alert(ctx)
	if !ok {
		return nil
	}
	return lostBanner(at)
}
