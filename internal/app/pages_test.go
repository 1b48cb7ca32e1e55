package app

import (
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/platform/asset"
	"digiwork/internal/testkit/browser"
)

// pagesOf lists the GET routes on which somebody gets a page to look at, and where
// they are for her, with things of hers in their holes.
func (p *people) pagesOf(t *testing.T) (at []string) {
	t.Helper()
	for _, route := range slices.Sorted(maps.Keys(access)) {
		path, isGet := strings.CutPrefix(route, "GET ")
		if rule := access[route]; isGet && !strings.HasPrefix(path, "/api/") && rule.want[4] < 300 {
			p.anew()
			path = p.filled(strings.TrimSuffix(path, "{$}"), rule.of)
			w := p.h.call(p.ada, http.MethodGet, path, "")
			kind, _, _ := mime.ParseMediaType(w.Header().Get("Content-Type")) //nolint:errcheck // none is no page
			if kind == "text/html" && !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
				at = append(at, path)
			}
		}
	}
	return at
}

// Every page that the table of access knows, of every room, with something of its
// owner's in it: axe, no scrolling sideways, nothing from elsewhere, no complaint of
// the browser. They are looked at by turns in French on a light phone and in English
// on a dark desk; none may scroll sideways on either.
func TestEveryPageOfEveryRoomIsForEverybody(t *testing.T) {
	if err := asset.Complete(); err != nil {
		t.Skip(err) // make deps brings the files; the browser's own tests fail without
	}
	h := openHouse(t, filepath.Join(t.TempDir(), "pages.db"))
	p := h.people()
	pages := p.pagesOf(t)
	if len(pages) < 100 {
		t.Errorf("only %d pages were found", len(pages))
	}
	views := []struct {
		lang  string
		width int
		dark  bool
	}{{"fr", 360, false}, {"en", 1440, true}}
	var tabs []*browser.Tab
	var bases []string
	for _, v := range views {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Cookie", h.app.Account.CookieName()+"="+p.ada.cookie+"; lang="+v.lang)
			h.site.Handler.ServeHTTP(w, r)
		}))
		defer s.Close()
		tabs = append(tabs, browser.Open(t, browser.Lang(v.lang)))
		bases = append(bases, s.URL)
	}
	for i, at := range pages {
		b, base, v := tabs[i%2], bases[i%2], views[i%2]
		b.Resize(v.width, 900, v.dark)
		if code := b.Status(base + at); code >= 400 {
			t.Errorf("%s = %d", at, code)
		}
		b.Accessible()
		b.OnlyFrom(base)
		if c := b.Complaints(); len(c) > 0 {
			t.Errorf("%s: the browser complains: %q", at, c)
		}
		b.Forget()
		for _, v := range views {
			b.Resize(v.width, 900, v.dark)
			b.Fits()
		}
	}
}
