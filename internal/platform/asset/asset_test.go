package asset

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func complete(t *testing.T) {
	t.Helper()
	if err := Complete(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

func ask(path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestFilesAreServedForEver(t *testing.T) {
	t.Parallel()
	w := ask(URL("icons.svg"))
	if w.Code != 200 || w.Header().Get("Content-Type") != "image/svg+xml" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if got := w.Header().Get("Content-Encoding"); got != "" {
		t.Errorf("packed for a client that did not ask: %q", got)
	}
	packed := ask(URL("icons.svg"), "Accept-Encoding", "gzip")
	zr, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(zr)
	if err != nil || !bytes.Equal(plain, w.Body.Bytes()) {
		t.Errorf("unpacked it is another file: %v", err)
	}
	if again := ask(URL("icons.svg"), "If-None-Match", w.Header().Get("ETag")); again.Code != 304 || again.Body.Len() != 0 {
		t.Errorf("asked again: %d", again.Code)
	}
	if png := ask(URL("icon-192.png"), "Accept-Encoding", "gzip"); png.Header().Get("Content-Encoding") != "" {
		t.Error("a picture is packed twice")
	}
	for _, path := range []string{"/assets/icons.svg", "/assets/", "/assets/../asset.go", "/assets/README.md", "/assets/missing/htmx.js"} {
		if w := ask(path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestANameThatDoesNotExistPanics(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(){"URL": func() { URL("nothing.css") }, "Serve": func() { Serve("nothing.css") }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s accepts it", name)
				}
			}()
			f()
		}()
	}
}

func TestTheSheetIsWholeAndNamesItsFonts(t *testing.T) {
	t.Parallel()
	complete(t)
	css, ok := Bytes("site.css")
	if !ok {
		t.Fatal("no site.css")
	}
	text := string(css)
	if !strings.HasPrefix(text, "@layer vendor, tokens") {
		t.Errorf("it begins with %.60q", text)
	}
	if strings.Count(text, "{") != strings.Count(text, "}") || strings.Contains(text, "/*") {
		t.Error("it was cut in the wrong place")
	}
	for _, name := range needed[:3] {
		if !strings.Contains(text, `url("`+URL(name)+`")`) {
			t.Errorf("it does not name %s", name)
		}
	}
	for _, outside := range []string{"http://", "https://", "//fonts", "@import"} {
		if strings.Contains(text, outside) {
			t.Errorf("it asks %s", outside)
		}
	}
	if w := ask(URL("site.css"), "Accept-Encoding", "gzip"); w.Body.Len() > 14_000 {
		t.Errorf("it weighs %d bytes packed", w.Body.Len())
	}
}

func TestLicencesComeAlong(t *testing.T) {
	t.Parallel()
	complete(t)
	list, err := Licences()
	if err != nil || len(list) < 5 {
		t.Fatalf("%d licences, %v", len(list), err)
	}
	for _, l := range list {
		if l.Name == "" || l.Version == "" || l.Licence == "" || len(l.Text) < 200 {
			t.Errorf("%+v", l)
		}
	}
}

func TestServeAsksAgainEachDay(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	Serve("favicon.svg")(w, httptest.NewRequest(http.MethodHead, "/favicon.svg", nil))
	if w.Code != 200 || w.Header().Get("Cache-Control") != "public, max-age=86400" || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "" {
		t.Errorf("%d %v %d bytes", w.Code, w.Header(), w.Body.Len())
	}
}

func TestAcceptsGzip(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{"": false, "gzip": true, "br, gzip": true, "gzip;q=0": false, "gzip; q=0.5": true, "deflate": false, "x-gzip": true, "gzip;q=0.000": false} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", header)
		if got := AcceptsGzip(r); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}
