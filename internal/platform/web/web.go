package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"

	"github.com/a-h/templ"
)

// Messages are the sentences of the frame.
//
//go:embed messages/*.json
var Messages embed.FS

// Handler is an HTTP handler that may fail. Mux.Fail is the only place that turns
// an error into a status, a sentence and a log line.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Mux routes pages: mux.Page("GET /guilds/{id}", h). A request that no pattern
// takes gets a page like any other refusal.
type Mux struct {
	*http.ServeMux
	Site   *Site
	routes []string
}

// NewMux makes a Mux without any page; s.Pages(m) adds those of the frame.
func NewMux(s *Site) *Mux { return &Mux{ServeMux: http.NewServeMux(), Site: s} }

// Routes lists the patterns of all pages, sorted, for the access test.
func (m *Mux) Routes() []string { return slices.Sorted(slices.Values(m.routes)) }

// Page registers h. A request's body may be DefaultMaxBody bytes long; Upload takes
// more.
func (m *Mux) Page(pattern string, h Handler) { m.Upload(pattern, DefaultMaxBody, h) }

// DefaultMaxBody is the longest body a page takes: a long form, not a file.
const DefaultMaxBody = 2 << 20

// Upload registers h for bodies of up to so many bytes.
func (m *Mux) Upload(pattern string, most int64, h Handler) {
	m.routes = append(m.routes, pattern)
	m.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		if err := h(w, r); err != nil {
			m.Fail(w, r, err)
		}
	})
}

// ServeHTTP routes the request.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, pattern := m.Handler(r)
	if pattern == "" {
		m.unknown(w, r, h)
		return
	}
	recordOf(r.Context()).pattern = pattern
	m.ServeMux.ServeHTTP(w, r)
}

// unknown answers a request that no pattern takes. h is ServeMux's own answer: 405
// with Allow, or 404.
func (m *Mux) unknown(w http.ResponseWriter, r *http.Request, h http.Handler) {
	probe := &probe{header: http.Header{}}
	h.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.header.Get("Allow"))
		m.Site.refuse(w, r, probe.status, errMethod)
		return
	}
	m.Fail(w, r, errNoPage)
}

// probe takes an answer that is not sent.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) WriteHeader(code int)        { p.status = code }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }

var (
	errNoPage = kernel.NewFault(kernel.NotFound, "web.error.not_found")
	errMethod = kernel.NewFault(kernel.NotFound, "web.error.method")
	errClosed = kernel.NewFault(kernel.Gone, "web.error.closed")
	errBroken = kernel.NewFault(kernel.Internal, "web.error.internal") // its cause is in the log
)

// statuses is the only place that names a status for an error.
var statuses = map[kernel.Kind]int{
	kernel.Invalid:         http.StatusUnprocessableEntity,
	kernel.Malformed:       http.StatusBadRequest,
	kernel.Unauthenticated: http.StatusUnauthorized,
	kernel.Forbidden:       http.StatusForbidden,
	kernel.NotFound:        http.StatusNotFound,
	kernel.Conflict:        http.StatusConflict,
	kernel.Gone:            http.StatusGone,
	kernel.TooLarge:        http.StatusRequestEntityTooLarge,
	kernel.Unsupported:     http.StatusUnsupportedMediaType,
	kernel.TooMany:         http.StatusTooManyRequests,
	kernel.Unavailable:     http.StatusServiceUnavailable,
	kernel.Internal:        http.StatusInternalServerError,
}

// Status is the HTTP status of an error.
func Status(err error) int {
	if s, ok := statuses[kernel.KindOf(plain(err))]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// plain makes a Fault of what net/http says in its own way.
func plain(err error) error {
	if _, ok := errors.AsType[*kernel.Fault](err); ok {
		return err
	}
	if big, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errTooLarge.With("max", megabytes(big.Limit)).Because(err)
	}
	return err
}

// Fail answers with the page of an error, or its problem where JSON is wanted. The
// log gets the route's pattern and the cause of what is ours to fix.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	s.refuse(w, r, Status(err), err)
}

// Fail is Site.Fail.
func (m *Mux) Fail(w http.ResponseWriter, r *http.Request, err error) { m.Site.Fail(w, r, err) }

func (s *Site) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // nobody is left to read an answer
	}
	r = s.spoken(r)
	ctx := r.Context()
	fault := s.shown(ctx, status, plain(err))
	setHeaders(w.Header(), fault)
	if wantsJSON(r) {
		writeProblem(ctx, w, status, fault)
		return
	}
	if fault.Kind == kernel.Unauthenticated && r.Method == http.MethodGet && s.SignIn != "" {
		http.Redirect(w, r, s.SignIn+"?next="+url.QueryEscape(Local(r.URL.RequestURI())), http.StatusSeeOther)
		return
	}
	page := Page{Title: i18n.T(ctx, titleOf(ctx, fault)), Bare: frameOf(ctx).shared}
	if renderErr := Render(w, r, status, Layout(page, refusalPage(fault))); renderErr != nil {
		s.log().ErrorContext(ctx, "refusal page failed", "pattern", recordOf(ctx).pattern, "err", renderErr)
		http.Error(w, http.StatusText(status), status)
	}
}

// shown is what may be said of an error, once what is ours to fix is logged.
func (s *Site) shown(ctx context.Context, status int, err error) *kernel.Fault {
	fault, ok := errors.AsType[*kernel.Fault](err)
	switch {
	case fault == errBroken:
		return fault // logged where it was caught
	case !ok || fault.Kind == kernel.Internal:
		rec := recordOf(ctx)
		s.log().ErrorContext(ctx, "request failed", "pattern", rec.pattern, "status", status, "request", rec.id, "err", err)
		return errBroken
	// A link that is closed and one that never was get the same words.
	case frameOf(ctx).shared && (fault.Kind == kernel.NotFound || fault.Kind == kernel.Gone):
		return errClosed
	}
	return fault
}

// setHeaders says when to come back, and how to sign in.
func setHeaders(h http.Header, f *kernel.Fault) {
	wait := f.Wait
	if wait == 0 && f.Kind == kernel.Unavailable {
		wait = 2 * time.Second
	}
	if wait > 0 {
		h.Set("Retry-After", strconv.Itoa(max(1, int((wait+time.Second-1)/time.Second))))
	}
	if f.Kind == kernel.Unauthenticated {
		h.Set("WWW-Authenticate", "Bearer")
	}
}

// titleOf is the key of an error page's title: one a kind.
func titleOf(ctx context.Context, f *kernel.Fault) string {
	if f == errClosed {
		return "web.error.closed.title"
	}
	if key := "web.error." + string(f.Kind) + ".title"; i18n.Has(ctx, key) {
		return key
	}
	return "web.error.internal.title"
}

// Explain is the sentence of a fault in the reader's language.
func Explain(ctx context.Context, f *kernel.Fault) string {
	if !i18n.Has(ctx, f.Key) {
		return i18n.T(ctx, "web.error."+string(f.Kind))
	}
	return i18n.T(ctx, f.Key, f.Args...)
}

// wantsJSON reports whether a program is asking.
func wantsJSON(r *http.Request) bool {
	for _, root := range []string{"/api/", "/vc-api/"} {
		if strings.HasPrefix(r.URL.Path, root) {
			return true
		}
	}
	return PrefersJSON(r)
}

// PrefersJSON reports whether the Accept header names JSON before HTML.
func PrefersJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	j, h := strings.Index(accept, "application/json"), strings.Index(accept, "text/html")
	return j >= 0 && (h < 0 || j < h)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled is the largest buffer kept for the next page.
const maxPooled = 1 << 20

// Render writes a whole page or nothing: a template that fails half-way must not
// leave half a page behind a 200. Pages are kept by no cache unless the handler said
// otherwise.
func Render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	b := buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // the pool's own
	defer func() {
		if b.Cap() <= maxPooled {
			b.Reset()
			buffers.Put(b)
		}
	}()
	if err := c.Render(r.Context(), b); err != nil {
		return err
	}
	h := w.Header()
	if f := frameOf(r.Context()); f.told {
		f.site.keep(w, flashCookie, "", -1)
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/html; charset=utf-8")
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a reader who left needs no answer
	return nil
}
