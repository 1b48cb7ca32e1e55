package web

import (
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"digiwork/internal/kernel"
)

// Wrap puts all guards around m, in their order. actor signs in whoever asks: it
// reads the session or the token and puts a kernel.Actor into the context.
func (s *Site) Wrap(m http.Handler, actor Middleware) (http.Handler, error) {
	cross, err := s.CrossOrigin()
	if err != nil {
		return nil, err
	}
	crowd := NewCrowd(MaxAtOnce)
	for _, mw := range []Middleware{crowd.Guard(s), s.Speak, actor, cross, s.Compress, s.Headers, s.Begin} {
		m = mw(m)
	}
	return m, nil
}

// Begin follows the request: it names it, finds the client's address, turns a panic
// into a refusal and a log line, and tells Observe how it went. It is outermost.
func (s *Site) Begin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &record{id: newRequestID(), client: client(r, s.Proxies)}
		a := &answer{ResponseWriter: w}
		r = r.WithContext(withRecord(r.Context(), rec))
		defer func() {
			if p := recover(); p != nil {
				s.panicked(a, r, p)
			}
			if s.Observe != nil {
				s.Observe(Sample{Method: r.Method, Pattern: rec.pattern, Status: a.code(), Bytes: a.bytes, Took: time.Since(start)})
			}
		}()
		next.ServeHTTP(a, r)
	})
}

// panicked logs a panic and answers with a refusal, or cuts the connection if half
// an answer has left: it must not look whole.
func (s *Site) panicked(a *answer, r *http.Request, p any) {
	if p == http.ErrAbortHandler { //nolint:errorlint,err113 // net/http compares it so
		panic(p)
	}
	s.log().ErrorContext(r.Context(), "request panicked", "pattern", recordOf(r.Context()).pattern,
		"request", RequestID(r.Context()), "panic", described(p), "stack", string(debug.Stack()))
	if a.status != 0 {
		panic(http.ErrAbortHandler)
	}
	for name := range a.Header() {
		if name == "Content-Length" || name == "Content-Type" || name == "Content-Encoding" {
			a.Header().Del(name)
		}
	}
	s.Fail(a, r, errBroken)
}

// described names a panic without the words that a request may have brought into it.
func described(p any) string {
	if err, ok := p.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", p)
}

// answer counts what is sent.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader notes the status.
func (a *answer) WriteHeader(code int) {
	if a.status == 0 && code >= 200 {
		a.status = code
	}
	a.ResponseWriter.WriteHeader(code)
}

// Write counts the bytes.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController through.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

// policy lets a page load from this site alone, run no inline script, be framed by
// nobody and post to nobody else.
const policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Headers sets what browsers are told about safety, before anything is sent.
func (s *Site) Headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "accelerometer=(), browsing-topics=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if s.Secure() {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if isShared(r) {
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("X-Robots-Tag", "noindex")
			h.Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}

var errCrossOrigin = kernel.NewFault(kernel.Forbidden, "web.error.cross_origin")

// CrossOrigin refuses changes asked for by pages of other sites. A call with a
// bearer token is no such change: another site cannot know the token. Language and
// theme may be set from anywhere, because a page without referrer cannot say where
// its form is from; nor can pages of people without an account.
func (s *Site) CrossOrigin() (Middleware, error) {
	guard := http.NewCrossOriginProtection()
	if s.Base != "" {
		if err := guard.AddTrustedOrigin(strings.TrimSuffix(s.Base, "/")); err != nil {
			return nil, fmt.Errorf("base address: %w", err)
		}
	}
	guard.AddInsecureBypassPattern("POST /preferences")
	// A guest's own page, and what a visitor may do with a request: their address is
	// the secret. Answering a request with an account is not among them.
	for _, pattern := range []string{"POST /g/", "POST /p/{token}/guest", "POST /p/{token}/later", "POST /p/{token}/decline"} {
		guard.AddInsecureBypassPattern(pattern)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
				if err := guard.Check(r); err != nil {
					s.Fail(w, r, errCrossOrigin.Because(err))
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}, nil
}

// ClearSite tells the browser to forget what this site left in it: for signing out
// and erasing.
func ClearSite(w http.ResponseWriter) {
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
}
