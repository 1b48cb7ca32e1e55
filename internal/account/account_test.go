package account

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/seal"
	"digiwork/internal/platform/secret"
	"digiwork/internal/platform/web"
	"digiwork/internal/testkit"
)

// goodPassword is one that nobody refuses.
const goodPassword = "quatre chevaux au pré"

// noCircles answers the gate: nobody belongs to any.
type noCircles struct{}

func (noCircles) Belongs(context.Context, kernel.CircleID, kernel.PersonID) (bool, error) {
	return false, nil
}
func (noCircles) Owns(context.Context, kernel.CircleID, kernel.PersonID) (bool, error) {
	return false, nil
}
func (noCircles) CirclesOf(context.Context, kernel.PersonID) ([]kernel.CircleID, error) {
	return nil, nil
}
func (noCircles) CircleNames(context.Context, []kernel.CircleID) (map[kernel.CircleID]string, error) {
	return nil, nil
}

// said is one letter of the fake post.
type said struct {
	Person  kernel.PersonID
	Address string
	Lang    string
	Key     string
	Args    []any
}

// arg is what filled a hole of the letter.
func (l said) arg(name string) string {
	for i := 0; i+1 < len(l.Args); i += 2 {
		if l.Args[i] == name {
			return l.Args[i+1].(string)
		}
	}
	return ""
}

// post keeps letters instead of sending them.
type post struct {
	off     bool
	full    bool // too many letters went there
	letters []said
}

func (p *post) Configured() bool { return !p.off }

func (p *post) Send(_ context.Context, tx *db.Tx, person kernel.PersonID, address, lang, key string, args ...any) error {
	if p.full {
		return kernel.NewFault(kernel.TooMany, "mail.too_many")
	}
	tx.AfterCommit(func() { p.letters = append(p.letters, said{person, address, lang, key, args}) })
	return nil
}

func (p *post) Notify(ctx context.Context, tx *db.Tx, person kernel.PersonID, address, lang, key string, args ...any) error {
	return p.Send(ctx, tx, person, address, lang, key, args...)
}

func (p *post) last(t testing.TB) said {
	t.Helper()
	if len(p.letters) == 0 {
		t.Fatal("no letter left")
	}
	return p.letters[len(p.letters)-1]
}

// home is the accounts of one instance, on a database that others may share.
type home struct {
	*Service
	where, key string
	post       *post
	now        *atomic.Int64
	site       http.Handler
	mux        *web.Mux
	catalog    *i18n.Catalog
	log        *bytes.Buffer
}

// each opens a home on each engine.
func each(t *testing.T, f func(t *testing.T, h *home)) {
	t.Helper()
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) { f(t, build(t, where)) })
}

// build makes a home of its own on the database at where.
func build(t testing.TB, where string) *home {
	t.Helper()
	now := &atomic.Int64{}
	now.Store(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).UnixNano())
	return process(t, where, filepath.Join(t.TempDir(), "instance.key"), now)
}

// twin is another process on the same database, with the same clock.
func (h *home) twin(t testing.TB) *home {
	t.Helper()
	return process(t, h.where, h.key, h.now)
}

func process(t testing.TB, where, key string, now *atomic.Int64) *home {
	t.Helper()
	d := testkit.Open(t, where, db.Content,
		db.Steps{Context: "gate", Files: gate.Migrations}, db.Steps{Context: "once", Files: once.Migrations},
		db.Steps{Context: "account", Files: Migrations})
	d.SetClock(func() time.Time { return time.Unix(0, now.Load()) })
	keys, _, err := seal.Open(t.Context(), testkit.Open(t, where, db.Keys, db.Steps{Context: "seal", Files: seal.Migrations}), key)
	if err != nil {
		t.Fatal(err)
	}
	h := &home{where: where, key: key, now: now, post: &post{off: true}, log: &bytes.Buffer{}}
	g := &gate.Service{DB: d, Keys: keys, Circles: noCircles{}, BaseURL: "http://localhost:8080"}
	h.Service = &Service{
		DB: d, Keys: keys, Gate: g, Post: h.post, Base: "http://localhost:8080", Start: "/account", Export: "/musette/export",
		Log: slog.New(slog.NewTextHandler(h.log, nil)),
	}
	g.Sessions, g.People = h.Service, h.Service
	h.serve(t)
	return h
}

// pass lets time pass.
func (h *home) pass(d time.Duration) { h.now.Add(int64(d)) }

// serve puts the pages and operations behind the real frame, guards and gate.
func (h *home) serve(t testing.TB) {
	t.Helper()
	h.catalog = &i18n.Catalog{}
	for name, err := range map[string]error{
		"web": h.catalog.Add("web", web.Messages), "once": h.catalog.Add("once", once.Messages),
		"gate": h.catalog.Add("gate", gate.Messages), "mail": h.catalog.Add("mail", mail.Messages),
		"account": h.catalog.Add("account", Messages),
	} {
		if err != nil {
			t.Fatal(name, err)
		}
	}
	site := &web.Site{
		Base: h.Base, Catalog: h.catalog, Log: slog.New(slog.NewTextHandler(h.log, nil)),
		SignIn: "/sign-in", SignOut: "/sign-out", Account: "/account", KeepPref: h.KeepPreference, Alert: h.AlertBanner,
	}
	h.mux = web.NewMux(site)
	site.Pages(h.mux)
	h.Pages(h.mux)
	h.API(web.NewAPI(h.mux, "test"))
	h.mux.Handle("GET /assets/", asset.Handler())
	handler, err := site.Wrap(onceOnly(h.mux), func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			c := gate.Credential{Bearer: bearer}
			if bearer == "" {
				c.Cookie = h.CookieOf(r)
			}
			ctx, err := h.Gate.Enter(r.Context(), c)
			if err != nil {
				h.mux.Fail(w, r, err)
				return
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	h.site = handler
}

// onceOnly carries the idempotency key of the header or of the hidden field, as the
// program does.
func onceOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		if r.Method == http.MethodPost && key == "" {
			raw := new(bytes.Buffer)
			_, _ = raw.ReadFrom(r.Body)
			values, _ := url.ParseQuery(raw.String())
			key = values.Get("idempotency_key")
			r.Body = http.NoBody
			if raw.Len() > 0 {
				r.Body = readCloser{bytes.NewReader(raw.Bytes())}
			}
		}
		if key == "" {
			next.ServeHTTP(w, r)
			return
		}
		req, err := once.New(key, r.Method+" "+r.URL.Path)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		r.Body = req.Body(r.Body)
		next.ServeHTTP(w, r.WithContext(once.With(r.Context(), req)))
	})
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// goodHash is the good password, stretched once for all tests: it is dear.
var goodHash = sync.OnceValue(func() string {
	hash, err := (&Service{}).hash(context.Background(), goodPassword)
	if err != nil {
		panic(err)
	}
	return hash
})

// add makes a person with the good password.
func (h *home) add(t testing.TB, handle string, admin bool) kernel.PersonID {
	t.Helper()
	r := h.row(kernel.NewID[kernel.PersonID]("per", h.DB.Now()), Profile{Handle: handle, Name: "Nom de " + handle, Lang: "fr", Zone: defaultZone, Quiet: quietAtFirst})
	r.Admin, r.password = admin, goodHash()
	if err := h.Gate.Welcome(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.DB.Write(t.Context(), func(tx *db.Tx) error { return h.settle(t.Context(), tx, r, "") }); err != nil {
		t.Fatal(err)
	}
	return r.ID
}

// in signs somebody in, from a browser of her own.
func (h *home) in(t testing.TB, handle string) secret.Text {
	t.Helper()
	id, err := h.PersonByHandle(t.Context(), handle)
	if err != nil {
		t.Fatal(err)
	}
	session, err := h.open(t.Context(), id, ByPassword, Visit{Agent: firefox})
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// as is the context of a request with this session.
func (h *home) as(t testing.TB, session secret.Text) context.Context {
	t.Helper()
	return h.with(t, gate.Credential{Cookie: session.Reveal()})
}

func (h *home) with(t testing.TB, c gate.Credential) context.Context {
	t.Helper()
	ctx, err := h.Gate.Enter(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return i18n.With(ctx, h.catalog)
}

// who is the person a session belongs to now; "" for a visitor.
func (h *home) who(t testing.TB, session secret.Text) kernel.PersonID {
	t.Helper()
	a, err := h.Recognise(t.Context(), gate.Credential{Cookie: session.Reveal()})
	if err != nil {
		t.Fatal(err)
	}
	return a.Person
}

// again is a context whose request carries an idempotency key.
func again(t testing.TB, ctx context.Context, key string) context.Context {
	t.Helper()
	r, err := once.New(key, "POST /x")
	if err != nil {
		t.Fatal(err)
	}
	return once.With(ctx, r)
}

// refused checks the kind and the key of a refusal.
func refused(t testing.TB, what string, err error, want *kernel.Fault) {
	t.Helper()
	if !faultIn(err, want) {
		t.Errorf("%s: got %v, want %s %s", what, err, want.Kind, want.Key)
	}
}

func faultIn(err error, want *kernel.Fault) bool {
	for _, f := range web.Refused(err) {
		if f.Kind == want.Kind && f.Key == want.Key {
			return true
		}
	}
	return kernel.KindOf(err) == want.Kind && strings.Contains(err.Error(), want.Key)
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// browser is somebody at a browser: it keeps cookies and finds forms.
type visitor struct {
	h       *home
	t       testing.TB
	cookies map[string]string
	lang    string
}

func (h *home) visitor(t testing.TB) *visitor {
	return &visitor{h: h, t: t, cookies: map[string]string{}, lang: "fr"}
}

// page is an answer that was read.
type page struct {
	Status int
	Header http.Header
	Body   string
	Path   string // where it redirects to
}

func (v *visitor) ask(method, path string, form url.Values, headers ...string) page {
	v.t.Helper()
	r := httptest.NewRequestWithContext(v.t.Context(), method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r.Header.Set("User-Agent", firefox)
	r.Header.Set("Accept-Language", v.lang)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.h.site.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if v.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return page{w.Code, w.Header(), w.Body.String(), w.Header().Get("Location")}
}

func (v *visitor) get(path string) page { v.t.Helper(); return v.ask(http.MethodGet, path, nil) }

func (v *visitor) post(path string, pairs ...string) page {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return v.ask(http.MethodPost, path, form)
}

// is checks the status of a page.
func (p page) is(t testing.TB, status int) page {
	t.Helper()
	if p.Status != status {
		t.Errorf("status %d, want %d: %s", p.Status, status, words(p.Body))
	}
	return p
}

// leads checks where a page sends on to.
func (p page) leads(t testing.TB, path string) {
	t.Helper()
	if p.Status != http.StatusSeeOther || p.Path != path {
		t.Errorf("%d to %q, want 303 to %q: %s", p.Status, p.Path, path, words(p.Body))
	}
}

var tag = regexp.MustCompile(`(?s)<head>.*?</head>|<[^>]*>`)

// words is what a page says, without markup.
func words(html string) string {
	return strings.Join(strings.Fields(tag.ReplaceAllString(html, " ")), " ")
}

// signed is a visitor who signed in.
func (h *home) signed(t testing.TB, handle string) *visitor {
	t.Helper()
	v := h.visitor(t)
	v.post("/sign-in", "name", handle, "password", goodPassword).leads(t, "/account")
	return v
}

// keysOf lists the messages of refusals.
func keysOfFaults(err error) []string {
	var all []string
	for _, f := range web.Refused(err) {
		all = append(all, f.Key)
	}
	slices.Sort(all)
	return all
}
