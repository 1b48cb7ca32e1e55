package circle

import (
	"context"
	"net/http"
	"net/url"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) inviteSomebody(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	i, err := s.Invite(r.Context(), circleOf(r), form.Get("email"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderCircle(w, r, circleForms{Email: form.Get("email"), Key: form, InviteRefused: refused})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(i.Circle)+"#waiting", saidOf(i))
}

// saidOf is what is said of an invitation that was just made.
func saidOf(i Invitation) string {
	switch {
	case i.To == "":
		return "circle.invitation.made"
	case i.Letter == "":
		return "circle.invitation.unsent"
	}
	return "circle.invitation.sent"
}

func (s *Service) withdrawInvitation(w http.ResponseWriter, r *http.Request) error {
	if err := s.Withdraw(r.Context(), circleOf(r), r.PathValue("invitation")); err != nil {
		return err
	}
	return web.SeeOther(w, r, path(circleOf(r))+"#waiting", "circle.invitation.withdrawn")
}

// joinDoors are the ways on from an invitation.
type joinDoors struct{ Here, SignIn, SignUp string }

func (s *Service) doors(token string) joinDoors {
	here := "/invitations/" + url.PathEscape(token)
	with := func(page string, pairs ...string) string {
		if page == "" {
			return ""
		}
		q := url.Values{"next": {here}}
		for i := 0; i+1 < len(pairs); i += 2 {
			q.Set(pairs[i], pairs[i+1])
		}
		return page + "?" + q.Encode()
	}
	return joinDoors{Here: here, SignIn: with(s.SignIn), SignUp: with(s.SignUp, "invitation", token)}
}

func (s *Service) showInvitation(w http.ResponseWriter, r *http.Request) error {
	ctx, token := r.Context(), r.PathValue("token")
	if s.Looks != nil {
		if err := s.Looks.Take(web.ClientKey(ctx)); err != nil {
			return err
		}
	}
	welcome, err := s.Look(ctx, token)
	if err != nil {
		return err
	}
	page := web.Page{Title: i18n.T(ctx, "circle.join.title", "circle", welcome.Circle.Name), Room: "cercles"}
	if page.Lede = i18n.T(ctx, "circle.join.lede.gone"); welcome.By != "" {
		page.Lede = i18n.T(ctx, "circle.join.lede", "name", welcome.By)
	}
	return web.Render(w, r, http.StatusOK, web.Layout(page, joinPage(welcome, s.doors(token))))
}

func joinConfirmation(ctx context.Context, here string) web.Confirmation {
	return web.Confirmation{
		DoesIcon: "in", DoesTitle: i18n.T(ctx, "circle.join.does.title"),
		Does:      []string{i18n.T(ctx, "circle.join.does.name", "name", kernel.ActorFrom(ctx).Name), i18n.T(ctx, "circle.join.does.see")},
		KeepsIcon: "lock", KeepsTitle: i18n.T(ctx, "circle.join.keeps.title"),
		Keeps:  []string{i18n.T(ctx, "circle.join.keeps.musette"), i18n.T(ctx, "circle.join.keeps.leave")},
		Action: here, Do: i18n.T(ctx, "circle.join.do"),
		Instead: web.Link{Path: "/circles", Text: i18n.T(ctx, "circle.join.not_now")},
	}
}

func (s *Service) acceptInvitation(w http.ResponseWriter, r *http.Request) error {
	v, err := s.Accept(r.Context(), "", r.PathValue("token"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(v.ID), "circle.joined")
}
