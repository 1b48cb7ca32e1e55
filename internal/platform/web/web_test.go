package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"

	"github.com/a-h/templ"
)

// house is a small site: its address, its log, and the person its requests come from.
type house struct {
	*Site
	mux     *Mux
	log     bytes.Buffer
	actor   kernel.Actor
	samples []Sample
	handler http.Handler
}

func catalog(t testing.TB) *i18n.Catalog {
	t.Helper()
	c := &i18n.Catalog{}
	texts := fstest.MapFS{
		"messages/fr.json": {Data: []byte(`{"test.saved":"C'est gardé.","test.long":"Au plus {max} signes.","test.empty":"Il manque un titre.","test.closed":"Fermé.","test.rows":"Lignes","test.private":"Une raison intérieure","test.who":"Le {who} a été ouvert : {what}."}`)},
		"messages/en.json": {Data: []byte(`{"test.saved":"Kept.","test.long":"At most {max} characters.","test.empty":"A title is missing.","test.closed":"Closed.","test.rows":"Rows","test.private":"An inner reason","test.who":"The {who} was opened: {what}."}`)},
	}
	if err := c.Add("web", Messages); err != nil {
		t.Fatal(err)
	}
	if err := c.Add("test", texts); err != nil {
		t.Fatal(err)
	}
	return c
}

func build(t testing.TB, pages func(m *Mux)) *house {
	t.Helper()
	h := &house{}
	h.Site = &Site{
		Name: "Pays d’Ysole", Keeper: "la coopérative Les Rives", Catalog: catalog(t),
		Log: slog.New(slog.NewTextHandler(&h.log, nil)), SignIn: "/sign-in", SignOut: "/sign-out", Account: "/account", Start: "/musette",
		Rooms: []Room{
			{Code: "musette", Group: "self", Path: "/musette", Icon: "musette"},
			{Code: "portillon", Group: "self", Path: "/gate", Icon: "gate", NameKey: "web.room.portillon"},
			{Code: "expedition", Group: "together", Path: "/expeditions", Icon: "expedition", NameKey: "web.room.expedition", Open: func(context.Context) bool { return true }},
			{Code: "demain", Group: "beyond", Path: "/futures", Icon: "demain", Open: func(context.Context) bool { return false }},
		},
		Links:   []Anchor{{"/privacy", "test.rows"}},
		Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Observe: func(s Sample) { h.samples = append(h.samples, s) },
	}
	h.mux = NewMux(h.Site)
	h.Pages(h.mux)
	if pages != nil {
		pages(h.mux)
	}
	handler, err := h.Wrap(h.mux, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(kernel.WithActor(r.Context(), h.actor)))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	h.handler = handler
	return h
}

var ada = kernel.Actor{Person: "per_ada", Name: "Ada Lovelace", Scopes: []string{"read"}}

func (h *house) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

func (h *house) get(path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return h.do(r)
}

func (h *house) post(path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return h.do(r)
}

func fails(err error) Handler {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

func shows(p Page, body templ.Component) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return Render(w, r, http.StatusOK, Layout(p, body))
	}
}

func TestEveryKindHasItsStatusPageAndSentence(t *testing.T) {
	t.Parallel()
	for kind, status := range map[kernel.Kind]int{
		kernel.Invalid: 422, kernel.Malformed: 400, kernel.Forbidden: 403, kernel.NotFound: 404, kernel.Conflict: 409,
		kernel.Gone: 410, kernel.TooLarge: 413, kernel.Unsupported: 415, kernel.TooMany: 429, kernel.Unavailable: 503, kernel.Internal: 500,
		kernel.Unauthenticated: 401,
	} {
		fault := kernel.NewFault(kind, "test.unknown").Because(errors.New("a secret cause"))
		h := build(t, func(m *Mux) {
			m.Page("GET /page", fails(fault))
			m.Page("POST /page", fails(fault))
		})
		for _, lang := range i18n.Langs {
			w := h.post("/page", nil, "Accept-Language", lang)
			title := h.Catalog.Text(lang, "web.error."+string(kind)+".title")
			if w.Code != status || title == "" || !strings.Contains(w.Body.String(), "<h1>"+templ.EscapeString(title)+"</h1>") {
				t.Errorf("%s in %s: %d, want %d with title %q\n%s", kind, lang, w.Code, status, title, w.Body)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("%s shows its cause", kind)
			}
			if want := h.Catalog.Text(lang, "web.error."+string(kind)); !strings.Contains(w.Body.String(), templ.EscapeString(strings.ReplaceAll(want, "{max}", "{max}"))) {
				t.Errorf("%s in %s has no sentence", kind, lang)
			}
		}
		logged := strings.Contains(h.log.String(), "secret")
		if logged != (kind == kernel.Internal) {
			t.Errorf("%s logged: %v", kind, logged)
		}
	}
}

func TestWhatIsNoFaultIsLoggedAndHidden(t *testing.T) {
	t.Parallel()
	h := build(t, func(m *Mux) { m.Page("GET /circles/{id}", fails(errors.New("disk is full"))) })
	w := h.get("/circles/planted-word?q=planted-query")
	if w.Code != 500 || strings.Contains(w.Body.String(), "disk is full") {
		t.Errorf("answer: %d %s", w.Code, w.Body)
	}
	log := h.log.String()
	if !strings.Contains(log, "disk is full") || !strings.Contains(log, `pattern="GET /circles/{id}"`) {
		t.Errorf("the log does not say what and where: %s", log)
	}
	if strings.Contains(log, "planted") {
		t.Errorf("the log holds words of the request: %s", log)
	}
}

func TestRetryAfterSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"2":  kernel.NewFault(kernel.Unavailable, "test.closed"),
		"31": kernel.NewFault(kernel.TooMany, "test.closed").After(30*time.Second + time.Millisecond),
		"1":  kernel.NewFault(kernel.TooMany, "test.closed").After(time.Millisecond),
		"":   kernel.NewFault(kernel.NotFound, "test.closed"),
	} {
		h := build(t, func(m *Mux) { m.Page("GET /page", fails(err)) })
		if got := h.get("/page").Header().Get("Retry-After"); got != want {
			t.Errorf("%v: Retry-After %q, want %q", err, got, want)
		}
	}
}

func TestAVisitorIsSentToSignInAndBack(t *testing.T) {
	t.Parallel()
	h := build(t, func(m *Mux) { m.Page("GET /musette", fails(kernel.NewFault(kernel.Unauthenticated, "test.closed"))) })
	w := h.get("/musette?year=2020&kind=a+b")
	if w.Code != 303 {
		t.Fatalf("status %d", w.Code)
	}
	u, err := url.Parse(w.Header().Get("Location"))
	if err != nil || u.Path != "/sign-in" || u.Query().Get("next") != "/musette?year=2020&kind=a+b" {
		t.Errorf("sent to %s, %v", w.Header().Get("Location"), err)
	}
}

func TestUnknownAddressesAndMethodsGetPagesToo(t *testing.T) {
	t.Parallel()
	h := build(t, func(m *Mux) { m.Page("GET /page", shows(Page{Title: "T"}, Text(""))) })
	if w := h.get("/nowhere"); w.Code != 404 || !strings.Contains(w.Body.String(), "Il n’y a rien à cette adresse") {
		t.Errorf("unknown page: %d %s", w.Code, w.Body)
	}
	if w := h.post("/page", nil); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" || !strings.Contains(w.Body.String(), "<h1>") {
		t.Errorf("wrong method: %d %v", w.Code, w.Header())
	}
	if w := h.get("/api/v1/nowhere"); w.Code != 404 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("unknown operation: %d %v", w.Code, w.Header())
	}
	if got := h.samples[0]; got.Pattern != "" || got.Status != 404 {
		t.Errorf("sample of an unknown page: %+v", got)
	}
}

func TestClosedAndNeverWereLookTheSame(t *testing.T) {
	t.Parallel()
	gone, never := kernel.NewFault(kernel.Gone, "test.closed"), kernel.NewFault(kernel.NotFound, "test.private")
	h := build(t, func(m *Mux) {
		m.Page("GET /s/{token}", func(_ http.ResponseWriter, r *http.Request) error {
			if r.PathValue("token") == "aaaa" {
				return gone
			}
			return never
		})
	})
	for _, accept := range []string{"text/html", "application/json"} {
		a, b := h.get("/s/aaaa", "Accept", accept), h.get("/s/bbbb", "Accept", accept)
		if a.Code != 410 || b.Code != 404 {
			t.Errorf("status %d and %d", a.Code, b.Code)
		}
		one := strings.NewReplacer("aaaa", "TOKEN", "410", "404", "Gone", "Not Found").Replace(a.Body.String())
		two := strings.ReplaceAll(b.Body.String(), "bbbb", "TOKEN")
		if one != two || accept == "text/html" && a.Body.Len() != b.Body.Len() {
			t.Errorf("the two differ:\n%s\n%s", a.Body, b.Body)
		}
		if got := a.Header(); got.Get("Referrer-Policy") != "no-referrer" || got.Get("X-Robots-Tag") != "noindex" || got.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", got)
		}
		if strings.Contains(a.Body.String(), "rooms") {
			t.Error("a shared page shows the house")
		}
	}
}

func TestRenderWritesAllOrNothing(t *testing.T) {
	t.Parallel()
	broken := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, "half a page")
		return errors.New("template broke")
	})
	h := build(t, func(m *Mux) { m.Page("GET /page", shows(Page{Title: "T"}, broken)) })
	if w := h.get("/page"); w.Code != 500 || strings.Contains(w.Body.String(), "half a page") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAPanicIsARefusalAndALogLine(t *testing.T) {
	t.Parallel()
	h := build(t, func(m *Mux) {
		m.Page("GET /words/{w}", func(_ http.ResponseWriter, r *http.Request) error { panic("planted " + r.PathValue("w")) })
		m.Page("GET /half", func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = io.WriteString(w, "half")
			panic("late")
		})
	})
	w := h.get("/words/secret")
	if w.Code != 500 || !strings.Contains(w.Body.String(), "Une panne de notre côté") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	log := h.log.String()
	if strings.Count(log, "level=ERROR") != 1 || !strings.Contains(log, "GET /words/{w}") || strings.Contains(log, "planted secret") {
		t.Errorf("log: %s", log)
	}
	defer func() {
		if p := recover(); p != http.ErrAbortHandler { //nolint:errorlint // as net/http does
			t.Errorf("half an answer looks whole: %v", p)
		}
	}()
	h.get("/half")
}

func TestChangingLanguageAndThemeWorksSignedOut(t *testing.T) {
	t.Parallel()
	h := build(t, func(m *Mux) { m.Page("GET /page", shows(Page{Title: "T", Room: "expedition"}, Text("x"))) })
	w := h.post("/preferences", url.Values{"lang": {"en"}, "theme": {"dark"}, "back": {"/page?year=2020"}})
	if w.Code != 303 || w.Header().Get("Location") != "/page?year=2020" {
		t.Fatalf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	r := httptest.NewRequest(http.MethodGet, "/page", nil)
	for _, c := range w.Result().Cookies() {
		if !c.HttpOnly || c.Secure || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("cookie %v", c)
		}
		r.AddCookie(c)
	}
	if body := h.do(r).Body.String(); !strings.Contains(body, `lang="en"`) || !strings.Contains(body, `data-theme="dark"`) || !strings.Contains(body, "The Expedition") {
		t.Errorf("page: %s", body)
	}
	for _, bad := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "", "page", "/a\r\nSet-Cookie: x=y"} {
		if got := h.post("/preferences", url.Values{"back": {bad}}).Header().Get("Location"); got != "/" {
			t.Errorf("back %q leads to %q", bad, got)
		}
	}
	bad := h.post("/preferences", url.Values{"lang": {"xx"}, "theme": {"neon"}})
	if len(bad.Result().Cookies()) != 0 {
		t.Errorf("kept %v", bad.Result().Cookies())
	}
	reset := h.post("/preferences", url.Values{"theme": {"system"}}).Result().Cookies()
	if len(reset) != 1 || reset[0].MaxAge >= 0 {
		t.Errorf("the system's theme keeps %v", reset)
	}
}

func TestLanguageFollowsTheBrowser(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"": "fr", "en": "en", "en-GB,en;q=0.9": "en", "de,en;q=0.5,fr;q=0.8": "fr", "de": "fr", "fr;q=0.1,en;q=0.2": "en",
		"en;q=0,fr": "fr", "EN-us": "en", "en;q=x": "fr", ";;,": "fr", "*": "fr",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", accept)
		if got := Lang(r, ""); got != want {
			t.Errorf("Accept-Language %q: %s, want %s", accept, got, want)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Language", "fr")
	if got := Lang(r, "en"); got != "en" {
		t.Errorf("her own choice: %s", got)
	}
	r.AddCookie(&http.Cookie{Name: "lang", Value: "fr"})
	if got := Lang(r, "en"); got != "fr" {
		t.Errorf("this browser's choice: %s", got)
	}
}

func TestAMessageIsSaidOnceAfterARedirect(t *testing.T) {
	t.Parallel()
	h := build(t, func(m *Mux) {
		m.Page("POST /page", func(w http.ResponseWriter, r *http.Request) error { return SeeOther(w, r, "/page", "test.saved") })
		m.Page("GET /page", shows(Page{Title: "T"}, Text("x")))
	})
	cookies := h.post("/page", nil).Result().Cookies()
	if len(cookies) != 1 || cookies[0].Value != "test.saved" {
		t.Fatalf("cookies %v", cookies)
	}
	r := httptest.NewRequest(http.MethodGet, "/page", nil)
	r.AddCookie(cookies[0])
	w := h.do(r)
	if !strings.Contains(w.Body.String(), "C’est gardé.") {
		t.Errorf("nothing said: %s", w.Body)
	}
	if after := w.Result().Cookies(); len(after) != 1 || after[0].MaxAge >= 0 {
		t.Errorf("it will be said again: %v", after)
	}
	r = httptest.NewRequest(http.MethodGet, "/page", nil)
	r.AddCookie(&http.Cookie{Name: "notice", Value: "<b>you won</b>"})
	if w := h.do(r); strings.Contains(w.Body.String(), "you won") {
		t.Error("words travel in the cookie")
	}
}

// What a person must know stands on each of her pages, and on none that others see.
func TestAnAlertIsOnEveryPageOfHers(t *testing.T) {
	h := build(t, func(m *Mux) {
		m.Page("GET /musette", shows(Page{Title: "Musette"}, Text("x")))
		m.Page("GET /s/{token}", shows(Page{Title: "Montrée", Bare: true}, Text("x")))
	})
	told := templ.Component(Text("Quelqu’un demande à entrer."))
	h.Alert = func(context.Context) templ.Component { return told }
	says := func(path string) bool { return strings.Contains(h.get(path).Body.String(), "demande à entrer") }
	if says("/musette") {
		t.Error("a visitor is told")
	}
	h.actor = ada
	if !says("/musette") || !says("/nowhere") {
		t.Error("her pages do not say it")
	}
	if says("/s/x") {
		t.Error("a page that is shown to others says it")
	}
	if told = nil; says("/musette") {
		t.Error("it is said when there is nothing to say")
	}
}
