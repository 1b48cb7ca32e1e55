package expedition

import (
	"net/http"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) stepPages(page func(string, web.Handler)) {
	for _, step := range Steps {
		page("GET /expeditions/{id}/"+step, s.showStep(step))
	}
}

// showStep is the page of one step: what is special to it, then its kinds.
func (s *Service) showStep(step string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		b, err := s.open(r)
		if err != nil {
			return err
		}
		ctx := r.Context()
		p := frame(ctx, b, i18n.T(ctx, "expedition.page."+step))
		p.Lede = i18n.T(ctx, "expedition.page."+step+".lede")
		return web.Render(w, r, http.StatusOK, web.Layout(p, stepPage(b, step)))
	}
}
