package web

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"digiwork/internal/kernel"
)

func TestEveryAnswerCarriesTheSafetyHeaders(t *testing.T) {
	t.Parallel()
	h := build(t, func(m *Mux) { m.Page("GET /page", shows(Page{Title: "T"}, Text("x"))) })
	for _, path := range []string{"/page", "/nowhere", "/s/x", "/sw.js"} {
		got := h.get(path).Header()
		if csp := got.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if got.Get("X-Content-Type-Options") != "nosniff" || got.Get("Referrer-Policy") == "" || got.Get("Permissions-Policy") == "" || got.Get("Cross-Origin-Opener-Policy") != "same-origin" {
			t.Errorf("%s: %v", path, got)
		}
		if got.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: HSTS over http", path)
		}
	}
	if got := h.get("/page").Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("a page may be stored: %q", got)
	}
	h.Base = "https://digiwork.example"
	if h.get("/page").Header().Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS over https")
	}
	if c := h.post("/preferences", url.Values{"lang": {"en"}}).Result().Cookies(); len(c) != 1 || !c[0].Secure {
		t.Errorf("cookies over https: %v", c)
	}
}

func TestChangesFromOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	done := 0
	h := build(t, func(m *Mux) {
		m.Page("POST /change", func(w http.ResponseWriter, r *http.Request) error {
			done++
			return SeeOther(w, r, "/")
		})
	})
	if w := h.post("/change", nil, "Sec-Fetch-Site", "cross-site"); w.Code != 403 || !strings.Contains(w.Body.String(), "autre site") {
		t.Errorf("cross-site: %d", w.Code)
	}
	if w := h.post("/change", nil, "Origin", "https://evil.example"); w.Code != 403 {
		t.Errorf("other origin: %d", w.Code)
	}
	if done != 0 {
		t.Fatal("it was done")
	}
	for name, headers := range map[string][]string{
		"same origin": {"Sec-Fetch-Site", "same-origin"}, "old browser": {"Origin", "http://example.com"}, "a program": {},
		"a token": {"Authorization", "Bearer abc", "Sec-Fetch-Site", "cross-site"},
	} {
		if w := h.post("/change", nil, headers...); w.Code != 303 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := h.post("/preferences", url.Values{"lang": {"en"}}, "Origin", "null"); w.Code != 303 {
		t.Errorf("language from a page without referrer: %d", w.Code)
	}
}

func TestTheBaseAddressIsAnOriginOfOurs(t *testing.T) {
	t.Parallel()
	s := &Site{Base: "https://digiwork.example/"}
	mw, err := s.CrossOrigin()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/change", nil)
	r.Header.Set("Origin", "https://digiwork.example")
	w := httptest.NewRecorder()
	mw(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })).ServeHTTP(w, r)
	if w.Code != http.StatusNoContent {
		t.Errorf("behind a proxy: %d", w.Code)
	}
	if _, err := (&Site{Base: "https://a.example/path"}).CrossOrigin(); err == nil {
		t.Error("a base address with a path is no origin")
	}
}

func TestTheClientIsFoundBehindTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"192.0.2.7:1234", "", "192.0.2.7"},
		{"192.0.2.7:1234", "203.0.113.9", "192.0.2.7"}, // a stranger may write what she likes
		{"10.0.0.1:1234", "203.0.113.9", "203.0.113.9"},
		{"10.0.0.1:1234", "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"},
		{"10.0.0.1:1234", "203.0.113.9, nonsense", "10.0.0.1"},
		{"10.0.0.1:1234", "", "10.0.0.1"},
		{"[::1]:1234", "2001:db8::1", "2001:db8::1"},
		{"[::ffff:10.0.0.1]:1234", "203.0.113.9", "203.0.113.9"},
		{"@", "", "invalid IP"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := client(r, proxies).String(); got != c.want {
			t.Errorf("%s via %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

func TestALimiterRefillsAndForgives(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := NewLimiter(3, 10*time.Second, func() time.Time { return now })
	for i := range 3 {
		if err := l.Take("a"); err != nil {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	err := l.Take("a")
	var f *kernel.Fault
	if f, _ = err.(*kernel.Fault); f == nil || f.Kind != kernel.TooMany || f.Wait != 10*time.Second { //nolint:errorlint // exactly this one
		t.Fatalf("the fourth try: %v", err)
	}
	if err := l.Take("b"); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	now = now.Add(10 * time.Second)
	if err := l.Take("a"); err != nil {
		t.Errorf("ten seconds later: %v", err)
	}
	if l.Take("a") == nil {
		t.Error("one token came back, not two")
	}
	l.Forgive("a")
	for range 3 {
		if err := l.Take("a"); err != nil {
			t.Errorf("forgiven: %v", err)
		}
	}
	now = now.Add(-time.Hour) // the clock goes back
	if l.Take("a") == nil {
		t.Error("a clock that goes back gives tokens")
	}
}

func TestALimiterForgetsTheOldest(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := NewLimiter(1, time.Hour, func() time.Time { return now })
	for i := range MaxKeys + 10 {
		_ = l.Take(fmt.Sprint(i))
	}
	if l.recent.Len() != MaxKeys || len(l.buckets) != MaxKeys {
		t.Errorf("it remembers %d keys", l.recent.Len())
	}
	if l.Take(fmt.Sprint(MaxKeys+9)) == nil {
		t.Error("the newest key was forgotten")
	}
}

func TestNoMoreThanSoManyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := NewCrowd(2)
		leave := make(chan struct{})
		h := c.Guard(&Site{})(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-leave }))
		ask := func(who kernel.PersonID) int {
			r := httptest.NewRequest(http.MethodGet, "/api/v1/x", nil)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r.WithContext(kernel.WithActor(context.Background(), kernel.Actor{Person: who})))
			return w.Code
		}
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { ask("per_ada") })
		}
		synctest.Wait()
		if code := ask("per_ada"); code != 429 {
			t.Errorf("the third at once: %d", code)
		}
		wg.Go(func() { ask("per_eve") })
		synctest.Wait()
		close(leave)
		wg.Wait()
		if code := ask("per_ada"); code != 200 {
			t.Errorf("after the others left: %d", code)
		}
		if len(c.here) != 0 {
			t.Errorf("still counted: %v", c.here)
		}
	})
}

func TestTextIsPackedSharedPagesAndShortAnswersAreNot(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("une ligne de texte ", 200)
	h := build(t, func(m *Mux) {
		m.Page("GET /page", shows(Page{Title: "T"}, Text(long)))
		m.Page("GET /s/{token}", shows(Page{Title: "T", Bare: true}, Text(long)))
		m.Page("GET /short", func(w http.ResponseWriter, _ *http.Request) error {
			_, err := io.WriteString(w, "court")
			return err
		})
		m.Page("GET /zip", func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", "application/zip")
			_, err := io.WriteString(w, long)
			return err
		})
		m.Page("GET /moved", func(w http.ResponseWriter, r *http.Request) error { return SeeOther(w, r, "/page") })
		m.Page("GET /events", func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", "text/event-stream")
			rc := http.NewResponseController(w)
			if err := rc.SetWriteDeadline(time.Time{}); err != nil {
				return err
			}
			_, _ = io.WriteString(w, "data: "+long+"\n\n")
			return rc.Flush()
		})
	})
	s := httptest.NewServer(h.handler)
	defer s.Close()
	c := &http.Client{Transport: &http.Transport{DisableCompression: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	get := func(path, accept string) (*http.Response, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", accept)
		res, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(body)
	}
	res, body := get("/page", "br, gzip")
	if res.Header.Get("Content-Encoding") != "gzip" || res.Header.Get("Vary") != "Accept-Encoding" || len(body) > 3000 {
		t.Errorf("page: %v, %d bytes", res.Header, len(body))
	}
	zr, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if whole, err := io.ReadAll(zr); err != nil || !strings.Contains(string(whole), long) || !strings.Contains(string(whole), "</html>") {
		t.Errorf("unpacked: %v", err)
	}
	for path, accept := range map[string]string{"/s/x": "gzip", "/short": "gzip", "/zip": "gzip", "/events": "gzip", "/page": "gzip;q=0", "/moved": "gzip"} {
		res, body := get(path, accept)
		if res.Header.Get("Content-Encoding") != "" || path != "/moved" && path != "/short" && !strings.Contains(body, long) {
			t.Errorf("%s: %s %v", path, res.Status, res.Header)
		}
	}
}

func TestMeasuresNameTheRoute(t *testing.T) {
	t.Parallel()
	h := build(t, func(m *Mux) { m.Page("GET /circles/{id}", shows(Page{Title: "T"}, Text("x"))) })
	w := h.get("/circles/cir_1?q=word")
	got := h.samples[0]
	if got.Pattern != "GET /circles/{id}" || got.Method != "GET" || got.Status != 200 || got.Bytes != int64(w.Body.Len()) {
		t.Errorf("sample %+v", got)
	}
}
