package peer

import (
	"net/http"
	"net/url"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// guestHome is the page of the guest of a request.
func guestHome(r *http.Request) string { return guestPath + url.PathEscape(r.PathValue("token")) }

func (s *Service) becomeGuest(w http.ResponseWriter, r *http.Request) error {
	if s.Guests != nil {
		if err := s.Guests.Take(web.ClientKey(r.Context())); err != nil {
			return err
		}
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	path, err := s.Become(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path, "peer.guest.made")
}

func (s *Service) showGuest(w http.ResponseWriter, r *http.Request) error {
	return s.renderGuest(w, r, nil, nil)
}

func (s *Service) renderGuest(w http.ResponseWriter, r *http.Request, values url.Values, refused web.Refusals) error {
	ctx := r.Context()
	g, err := s.Guest(ctx)
	if err != nil {
		return err
	}
	if values == nil {
		values = url.Values{"email": {g.Mail}}
	}
	head := loneHead{Title: i18n.T(ctx, "peer.guest.title"), Lede: i18n.T(ctx, "peer.guest.lede")}
	return renderAlone(w, r, refused, head, guestPage(guestView{g, guestHome(r), s.canPost(), values, refused}))
}

// guestView is a guest's own page.
type guestView struct {
	Guest   Guest
	Base    string
	Mail    bool
	Values  url.Values
	Refused web.Refusals
}

// asked is the door of the guest whose page it is; it is asked for before anything,
// so that a page nobody has says only that.
func (s *Service) asked(r *http.Request) (Door, error) {
	_, err := asGuest(r.Context())
	return s.ByGuest, err
}

func (s *Service) showGuestAnswer(w http.ResponseWriter, r *http.Request) error {
	door, err := s.asked(r)
	if err != nil {
		return err
	}
	return s.renderAsked(w, r, door, nil, nil)
}

func (s *Service) answerGuest(w http.ResponseWriter, r *http.Request) error {
	door, err := s.asked(r)
	if err != nil {
		return err
	}
	return s.answer(w, r, door, guestHome(r))
}

func (s *Service) laterGuest(w http.ResponseWriter, r *http.Request) error {
	door, err := s.asked(r)
	if err == nil {
		err = s.Later(r.Context(), door)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, guestHome(r), "peer.later.done")
}

func (s *Service) declineGuest(w http.ResponseWriter, r *http.Request) error {
	door, err := s.asked(r)
	if err == nil {
		err = s.Decline(r.Context(), door)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, guestHome(r), "peer.decline.done")
}

func (s *Service) sendGuestCode(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = s.SendCode(r.Context(), form.Get("email"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderGuest(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, guestHome(r), "peer.guest.code.sent")
}

func (s *Service) proveGuestMail(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = s.ProveMail(r.Context(), form.Get("code"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderGuest(w, r, nil, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, guestHome(r), "peer.guest.proven")
}

func (s *Service) askGuestRevoke(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := asGuest(ctx); err != nil {
		return err
	}
	word, err := s.WroteOne(ctx, itemOf(r))
	if err != nil {
		return err
	}
	head := loneHead{Title: i18n.T(ctx, "peer.revoke.title"), Up: guestHome(r)}
	return renderAlone(w, r, nil, head, revokePage(word, r.URL.Path, guestHome(r)))
}

func (s *Service) revokeGuestWord(w http.ResponseWriter, r *http.Request) error {
	if _, err := asGuest(r.Context()); err != nil {
		return err
	}
	if err := s.Revoke(r.Context(), itemOf(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, guestHome(r), "peer.revoke.done")
}

func (s *Service) askErase(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	g, err := s.Guest(ctx)
	if err != nil {
		return err
	}
	head := loneHead{Title: i18n.T(ctx, "peer.erase.title"), Up: guestHome(r)}
	return renderAlone(w, r, nil, head, erasePage(g, guestHome(r)))
}

func (s *Service) eraseGuest(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := s.EraseGuest(r.Context(), form.Get("words") == "revoke"); err != nil {
		return err
	}
	web.ClearSite(w)
	return web.SeeOther(w, r, askedPath+"done", "peer.erase.done")
}
