package expedition

import (
	"net/http"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) mapPages(page func(string, web.Handler)) {
	page("GET /expeditions/{id}/map", s.showMap)
	page("GET /expeditions/{id}/map/{file}", s.takeMap)
	page("POST /expeditions/{id}/map/versions", s.keepMap)
	page("GET /expeditions/{id}/cards/{card}/outline.opml", s.takeOutline)
	page("GET /expeditions/{id}/search", s.find)
}

// laid is the map of a book with what sibling contexts have.
func (s *Service) laid(r *http.Request, b *Book) (Map, error) {
	items, err := s.Placed(r.Context(), b)
	return b.Lay(items), err
}

func (s *Service) showMap(w http.ResponseWriter, r *http.Request) error {
	b, err := s.open(r)
	if err != nil {
		return err
	}
	m, err := s.laid(r, b)
	if err != nil {
		return err
	}
	ctx := r.Context()
	p := frame(ctx, b, i18n.T(ctx, "expedition.page.map"))
	p.Lede = i18n.T(ctx, "expedition.page.map.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(p, mapPage(b, m)))
}

// file answers with a file to keep.
func file(w http.ResponseWriter, name, kind string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err := w.Write(body)
	return err
}

func (s *Service) takeMap(w http.ResponseWriter, r *http.Request) error {
	b, err := s.open(r)
	if err != nil {
		return err
	}
	m, err := s.laid(r, b)
	if err != nil {
		return err
	}
	switch name := r.PathValue("file"); name {
	case "map.svg":
		return file(w, name, "image/svg+xml", []byte(b.drawMap(r.Context(), m, func(*Card) string { return "" })))
	case "map.opml":
		raw, err := b.OPML(m)
		if err != nil {
			return err
		}
		return file(w, name, "text/x-opml", raw)
	case "map.mmd":
		return file(w, name, "text/vnd.mermaid; charset=utf-8", []byte(b.Mermaid(m)))
	}
	return errNoCard
}

func (s *Service) keepMap(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	b, err := s.open(r)
	if err != nil {
		return err
	}
	m, err := s.laid(r, b)
	if err != nil {
		return err
	}
	day := s.DB.Now().In(kernel.ActorFrom(r.Context()).Location()).Format(time.DateOnly)
	e, err := b.snapshotEntry(m, form.Get("title"), kernel.Date(day))
	if err != nil {
		return err
	}
	if _, err := s.Add(r.Context(), b.ID, "snapshot", e); err != nil {
		return err
	}
	return web.SeeOther(w, r, path(b.ID, "map"), "expedition.map.kept")
}

func (s *Service) takeOutline(w http.ResponseWriter, r *http.Request) error {
	_, c, err := s.one(r)
	if err != nil {
		return err
	}
	if c.Kind != "snapshot" {
		return errNoCard
	}
	return file(w, "outline.opml", "text/x-opml", []byte(c.Fields["outline"]))
}

func (s *Service) find(w http.ResponseWriter, r *http.Request) error {
	b, err := s.open(r)
	if err != nil {
		return err
	}
	ctx, words := r.Context(), r.URL.Query().Get("q")
	hits, err := s.Find(ctx, b, words)
	if err != nil {
		return err
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.search.title"))
	p.Index = false
	return web.Render(w, r, http.StatusOK, web.Layout(p, findPage(b, words, hits)))
}
