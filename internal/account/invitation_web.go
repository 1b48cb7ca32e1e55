package account

import (
	"context"
	"net/http"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// invitationView is the page of invitations.
type invitationView struct {
	Waiting []Invitation
	Mode    Mode
	Mail    bool   // letters can leave
	Address string // as typed
	Refused web.Refusals
}

func invitationFrame(ctx context.Context) web.Page {
	return frame(ctx, i18n.T(ctx, "account.invitations.title"), i18n.T(ctx, "account.invitations.lede"))
}

func (s *Service) invitationPage(ctx context.Context, v invitationView) (templ.Component, error) {
	var err error
	if v.Waiting, err = s.Invitations(ctx); err != nil {
		return nil, err
	}
	v.Mode, err = s.Registration(ctx)
	v.Mail = s.canPost()
	return invitationsBody(v), err
}

func (s *Service) showInvitations(w http.ResponseWriter, r *http.Request) error {
	body, err := s.invitationPage(r.Context(), invitationView{})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Layout(invitationFrame(r.Context()), body))
}

// postInvitation answers with the link itself, unless it was sent: it is shown once.
func (s *Service) postInvitation(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	url, sent, err := s.Invite(ctx, form.Get("email"))
	switch {
	case err == nil && sent:
		return web.SeeOther(w, r, "/account/invitations", "account.invitations.sent")
	case err == nil:
		p := frame(ctx, i18n.T(ctx, "account.invitations.made.title"), i18n.T(ctx, "account.invitations.made.lede"))
		return web.Render(w, r, http.StatusOK, web.Layout(p, invitationMade(url)))
	}
	v := invitationView{Address: form.Get("email"), Refused: web.Refused(err)}
	if len(v.Refused) == 0 {
		return err
	}
	body, failed := s.invitationPage(ctx, v)
	if failed != nil {
		return failed
	}
	_, shown := comeBack(w, r, err, func(web.Refusals) (web.Page, templ.Component) { return invitationFrame(ctx), body })
	return shown
}

func (s *Service) withdrawInvitationPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.WithdrawInvitation(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/account/invitations", "account.invitations.withdrawn")
}
