package expedition

import (
	"net/http"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// filePages registers what takes a whole expedition away and brings one in.
func (s *Service) filePages(page func(string, web.Handler)) {
	page("GET /expeditions/import", s.askFile)
	page("GET /expeditions/{id}/file", s.takeFile)
	page("POST /expeditions/{id}/fork", s.fork)
}

// mostFile bounds the file of an expedition.
const mostFile = 25 << 20

func (s *Service) askFile(w http.ResponseWriter, r *http.Request) error {
	return s.renderImport(w, r, nil)
}

func (s *Service) renderImport(w http.ResponseWriter, r *http.Request, refused web.Refusals) error {
	ctx := r.Context()
	if _, err := signed(ctx, "write"); err != nil {
		return err
	}
	circles, err := s.MyCircles(ctx)
	if err != nil {
		return err
	}
	p := web.Page{Title: i18n.T(ctx, "expedition.import.title"), Lede: i18n.T(ctx, "expedition.import.lede"), Room: "expedition", Up: web.Link{Path: "/expeditions"}, Refused: len(refused) > 0}
	return web.Render(w, r, refused.Status(), web.Layout(p, importPage(circles, refused)))
}

func (s *Service) importFile(w http.ResponseWriter, r *http.Request) error {
	if _, err := signed(r.Context(), "write"); err != nil {
		return err
	}
	form, files, err := web.ReadUpload(r, web.Limits{File: mostFile, Total: mostFile + 1<<20, Files: 1}, "files")
	if err != nil {
		return err
	}
	var id kernel.ExpeditionID
	if err = errFile; len(files) == 1 {
		id, err = s.Import(r.Context(), files[0].Body, kernel.CircleID(form.Get("circle")))
	}
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderImport(w, r, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(id), "expedition.imported")
}

func (s *Service) takeFile(w http.ResponseWriter, r *http.Request) error {
	raw, err := s.Take(r.Context(), idOf(r))
	if err != nil {
		return err
	}
	return file(w, "expedition.json", "application/json", raw)
}

func (s *Service) fork(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, err := s.Fork(r.Context(), idOf(r), kernel.CircleID(form.Get("circle")))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(id), "expedition.forked")
}
