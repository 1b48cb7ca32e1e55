package badge

import (
	"net/http"
	"net/url"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func offerPath(id AwardID) string { return "/reveler/offers/" + url.PathEscape(string(id)) }

// showOffer asks its recipient whether she wants a badge.
func (s *Service) showOffer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	award, a, err := s.Mine(ctx, awardOf(r))
	if err != nil {
		return err
	}
	name, err := s.nameOf(ctx, a.By)
	if err != nil {
		return err
	}
	p := s.frame(ctx, a.Name, i18n.T(ctx, "badge.offer.lede", "name", first(name, i18n.T(ctx, "badge.award.left"))), true)
	return web.Render(w, r, http.StatusOK, web.Layout(p, offerPage(award, a)))
}

func (s *Service) acceptOffer(w http.ResponseWriter, r *http.Request) error {
	if err := s.Accept(r.Context(), awardOf(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, heldAt, "badge.offer.accepted")
}

func (s *Service) declineOffer(w http.ResponseWriter, r *http.Request) error {
	if err := s.Decline(r.Context(), awardOf(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, heldAt, "badge.offer.declined")
}

// linkOffer is an offer with a link of its own, for somebody who may have to come in
// first.
func (s *Service) linkOffer(w http.ResponseWriter, r *http.Request) error {
	closed(w)
	ctx := r.Context()
	award, a, err := s.OfferBy(ctx, r.PathValue("token"))
	if err != nil {
		return err
	}
	name, err := s.nameOf(ctx, a.By)
	if err != nil {
		return err
	}
	p := web.Page{Title: a.Name, Lede: i18n.T(ctx, "badge.offer.lede", "name", first(name, i18n.T(ctx, "badge.award.left"))), Room: "reveler"}
	return web.Render(w, r, http.StatusOK, web.Layout(p, linkOfferPage(award, a, r.URL.Path)))
}

func (s *Service) takeOffer(w http.ResponseWriter, r *http.Request) error {
	closed(w)
	id, err := s.TakeOffer(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, offerPath(id))
}

func (s *Service) showClaim(w http.ResponseWriter, r *http.Request) error {
	return s.renderClaim(w, r, nil, nil)
}

func (s *Service) renderClaim(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	closed(w)
	ctx := r.Context()
	a, err := s.ClaimPage(ctx, r.PathValue("token"))
	if err != nil {
		return err
	}
	name, err := s.nameOf(ctx, a.By)
	if err != nil {
		return err
	}
	p := web.Page{Title: i18n.T(ctx, "badge.claim.title", "achievement", a.Name), Lede: i18n.T(ctx, "badge.claim.lede", "name", name), Room: "reveler", Refused: len(refused) > 0}
	return web.Render(w, r, refused.Status(), web.Layout(p, claimPage(a, r.URL.Path, form, refused)))
}

func (s *Service) claim(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	_, err = s.Ask(r.Context(), r.PathValue("token"), Words{Evidence: form.Get("evidence"), Link: form.Get("link")})
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderClaim(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, heldAt, "badge.claim.sent")
}
