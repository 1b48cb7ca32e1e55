package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/i18n"
)

// manifest makes the site installable.
func (s *Site) manifest(w http.ResponseWriter, r *http.Request) error {
	name := "DigiWork"
	if s.Name != "" {
		name += ", " + s.Name
	}
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	raw, err := json.Marshal(map[string]any{
		"id": "/", "name": name, "short_name": "DigiWork", "start_url": "/", "scope": "/", "display": "minimal-ui",
		"lang": i18n.Lang(r.Context()), "description": i18n.T(r.Context(), "web.app.about"),
		"background_color": "#fbf8f1", "theme_color": "#87481b",
		"icons": []icon{
			{Src: asset.URL("favicon.svg"), Sizes: "any", Type: "image/svg+xml"},
			{Src: asset.URL("icon-192.png"), Sizes: "192x192", Type: "image/png"},
			{Src: asset.URL("icon-512.png"), Sizes: "512x512", Type: "image/png"},
			{Src: asset.URL("icon-mask-512.png"), Sizes: "512x512", Type: "image/png", Purpose: "maskable"},
		},
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(raw) // a reader who left needs no answer
	return nil
}

// offline is the page shown without a network. It is the only page that the service
// worker keeps, so it shows nobody's name, and speaks both languages.
func (s *Site) offline(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-cache")
	return Render(w, r, http.StatusOK, offlinePage(s.catalog()))
}

// worker is the service worker: the script in files/, told what it may keep.
func (s *Site) worker(w http.ResponseWriter, _ *http.Request) error {
	script, ok := asset.Bytes("worker.js")
	if !ok {
		return asset.ErrIncomplete
	}
	names := []string{"site.css", "site.js", "icons.svg", "favicon.svg", "icon-192.png",
		"fonts/source-sans-3-latin-400-normal.woff2", "fonts/source-sans-3-latin-600-normal.woff2", "fonts/source-serif-4-latin-400-normal.woff2"}
	kept, err := json.Marshal(append(urls(names), "/offline"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write([]byte(strings.Replace(string(script), `["/offline"]`, string(kept), 1)))
	return nil
}
