package musette

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/bagit"
	"digiwork/internal/lib/zipsafe"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

var errDryRun = kernel.NewFault(kernel.Invalid, "musette.import.dry_run").On("dry_run")

// FilePages are the ways in and out of a musette.
func (s *Service) FilePages(m *web.Mux) {
	m.Page("GET /musette/import", s.showImport)
	m.Upload("POST /musette/import", importMost+1<<20, s.previewImport)
	m.Page("GET /musette/import/{id}", s.showPreview)
	m.Page("POST /musette/import/{id}", s.confirmImport)
	m.Page("POST /musette/import/{id}/drop", s.dropImport)
	m.Page("GET /musette/import/done/{id}", s.showOutcome)
	m.Page("GET /musette/export", s.showExport)
	m.Page("GET /musette/export/file", s.sendExport)
	m.Upload("POST /api/v1/imports", importMost+1<<20, s.apiImport)
	m.Page("GET /api/v1/export", s.apiExport)
}

func (s *Service) showImport(w http.ResponseWriter, r *http.Request) error {
	return s.importForm(w, r, http.StatusOK, nil)
}

func (s *Service) importForm(w http.ResponseWriter, r *http.Request, code int, refused web.Refusals) error {
	ctx := r.Context()
	if _, err := s.Gate.Own(ctx); err != nil {
		return err
	}
	page := web.Page{
		Title: i18n.T(ctx, "musette.import.title"), Lede: i18n.T(ctx, "musette.import.lede"), Room: "musette",
		Up: web.Link{Path: "/musette"}, Refused: len(refused) > 0,
	}
	return web.Render(w, r, code, web.Layout(page, importPage(refused)))
}

func (s *Service) previewImport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := s.Gate.Own(ctx); err != nil {
		return err
	}
	files, _, err := s.receive(ctx, r, importMost)
	if err == nil && len(files) == 0 {
		err = errImportNone
	}
	if err == nil {
		err = s.onlyArchivesAreLarge(ctx, files)
	}
	if refused := web.Refused(err); len(refused) > 0 {
		return s.importForm(w, r, refused.Status(), refused)
	}
	if err != nil {
		return err
	}
	id, err := s.Wait(ctx, files)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/musette/import/"+string(id))
}

// onlyArchivesAreLarge forgets and refuses files beyond the bound of a file, unless
// they are musettes: a life with its evidence comes back in one piece.
func (s *Service) onlyArchivesAreLarge(ctx context.Context, files []Incoming) error {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Blob.Size <= importFileMost {
			continue
		}
		r, size, err := s.incoming(ctx, pass, f)
		if err != nil {
			return err
		}
		if z, err := zipsafe.List(r, size, bagLimits.Listing); err == nil && bagit.Is(z, "musette.json") {
			continue
		}
		return errors.Join(errImportLarge.With("max", importFileMost>>20), s.forget(ctx, pass, files))
	}
	return nil
}

func (s *Service) showPreview(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id := kernel.ItemID(r.PathValue("id"))
	files, err := s.Waiting(ctx, id)
	if err != nil {
		return err
	}
	_, all, err := s.Import(ctx, files, true)
	if err != nil {
		return err
	}
	page := web.Page{
		Title: i18n.T(ctx, "musette.import.preview"), Lede: i18n.T(ctx, "musette.import.preview.lede"), Room: "musette",
		Up: web.Link{Path: "/musette/import", Text: i18n.T(ctx, "musette.import.title")},
	}
	return web.Render(w, r, http.StatusOK, web.Layout(page, previewPage(id, all)))
}

func (s *Service) confirmImport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	files, err := s.Waiting(ctx, kernel.ItemID(r.PathValue("id")))
	if err != nil {
		return err
	}
	id, _, err := s.Import(ctx, files, false)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/musette/import/done/"+string(id))
}

func (s *Service) dropImport(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := s.Drop(r.Context(), kernel.ItemID(r.PathValue("id"))); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/musette/import", "musette.import.dropped")
}

func (s *Service) showOutcome(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := s.Outcome(ctx, kernel.ItemID(r.PathValue("id")))
	if err != nil {
		return err
	}
	page := web.Page{
		Title: i18n.T(ctx, "musette.import.done"), Lede: i18n.T(ctx, "musette.import.done.lede"), Room: "musette",
		Up: web.Link{Path: "/musette"},
	}
	return web.Render(w, r, http.StatusOK, web.Layout(page, outcomePage(all)))
}

func (s *Service) showExport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := s.Gate.Own(ctx); err != nil {
		return err
	}
	page := web.Page{
		Title: i18n.T(ctx, "musette.export.title"), Lede: i18n.T(ctx, "musette.export.lede"), Room: "musette",
		Up: web.Link{Path: "/musette"},
	}
	return web.Render(w, r, http.StatusOK, web.Layout(page, exportPage()))
}

// sendExport writes the archive as it is made. Once it has begun, a failure cuts
// the connection: half an archive must not look whole.
func (s *Service) sendExport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := s.Gate.Own(ctx); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": ExportName(ctx)}))
	h.Set("Cache-Control", "no-store")
	out := &begun{w: w}
	err := s.Export(ctx, out)
	if err != nil && out.any {
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		for _, name := range []string{"Content-Type", "Content-Disposition"} {
			h.Del(name)
		}
	}
	return err
}

// begun remembers whether an answer has begun.
type begun struct {
	w   http.ResponseWriter
	any bool
}

// Write implements io.Writer.
func (b *begun) Write(p []byte) (int, error) {
	b.any = true
	return b.w.Write(p)
}

// createdKeys are the messages that count what an import created.
var createdKeys = map[string]string{
	"activities": "musette.import.created.activities", "contacts": "musette.import.created.contacts", "tools": "musette.import.created.tools",
	"documents": "musette.import.created.documents", "skills": "musette.import.created.skills", "pieces": "musette.import.created.pieces",
}

// total is how much of what was imported is new or filled.
func total(all []Imported) int {
	n := 0
	for _, one := range all {
		n += one.Merged
		for _, c := range one.Created {
			n += c
		}
	}
	return n
}

// formatKey is the message that names a format.
func formatKey(format string) string {
	return "musette.import.format." + strings.ReplaceAll(format, "-", "_")
}
