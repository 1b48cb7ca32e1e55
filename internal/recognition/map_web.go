package recognition

import (
	"net/http"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// The widths at which the map is drawn: a phone, a small table, a large one.
const (
	narrow = 320
	mid    = 460
	wide   = 720
)

func (s *Service) showMap(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	m, err := s.Map(ctx)
	if err != nil {
		return err
	}
	page := s.frame(ctx, i18n.T(ctx, "recognition.map.title"), i18n.T(ctx, "recognition.map.lede"))
	return web.Render(w, r, http.StatusOK, web.Layout(page, mapPage(m)))
}

// chart is the drawing with its words.
func (m *Map) chart(caption string) web.Chart {
	return web.Chart{
		ID: "carte-t", Caption: caption,
		Narrow: mapDrawing(m.draw(narrow)), Mid: mapDrawing(m.draw(mid)), Wide: mapDrawing(m.draw(wide)),
	}
}
