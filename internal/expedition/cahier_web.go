package expedition

import (
	"net/http"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) cahierPages(page func(string, web.Handler)) {
	page("GET /expeditions/{id}/cahier", s.showCahier)
	page("GET /expeditions/{id}/cahier/{form}", s.takeCahier)
}

func (s *Service) showCahier(w http.ResponseWriter, r *http.Request) error {
	b, err := s.open(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	credits, _, err := s.Credits(ctx, b.ID)
	if err != nil {
		return err
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.page.cahier"))
	p.Lede = i18n.T(ctx, "expedition.page.cahier.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(p, cahierPage(b, credits)))
}

// forms say how each form of a cahier is called and served.
var forms = map[string]struct{ name, kind string }{
	SiteForm:   {"cahier.zip", "application/zip"},
	PDFForm:    {"cahier.pdf", "application/pdf"},
	EPUBForm:   {"cahier.epub", "application/epub+zip"},
	SlidesForm: {"cahier.html", "text/html; charset=utf-8"},
}

func (s *Service) takeCahier(w http.ResponseWriter, r *http.Request) error {
	form := r.PathValue("form")
	raw, err := s.Cahier(r.Context(), idOf(r), form)
	if err != nil {
		return err
	}
	return file(w, forms[form].name, forms[form].kind, raw)
}
