package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"digiwork/internal/platform/asset"
)

// leastPacked is the shortest answer worth compressing, in bytes.
const leastPacked = 1024

var packers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant of the same package
	}
	return w
}}

// Compress packs text answers for clients that take gzip. Shared pages are sent as
// they are, so that their length tells nothing but their content; so are short
// answers, event streams and what is compressed already.
func (s *Site) Compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isShared(r) || r.Method == http.MethodHead || !asset.AcceptsGzip(r) {
			next.ServeHTTP(w, r)
			return
		}
		p := &packed{ResponseWriter: w}
		defer p.close()
		next.ServeHTTP(p, r)
	})
}

// packed decides at the first byte whether to compress.
type packed struct {
	http.ResponseWriter
	zip     *gzip.Writer
	status  int
	decided bool
}

// WriteHeader keeps the status until it is known whether the answer is packed.
func (p *packed) WriteHeader(code int) {
	if code < 200 {
		p.ResponseWriter.WriteHeader(code)
		return
	}
	if p.status != 0 {
		return
	}
	p.status = code
	if length, err := strconv.Atoi(p.Header().Get("Content-Length")); err == nil {
		p.decide(length)
	} else if code == http.StatusNoContent || code == http.StatusNotModified || code >= 300 && code < 400 {
		p.decide(0)
	}
}

// Write packs or passes on.
func (p *packed) Write(b []byte) (int, error) {
	if p.status == 0 {
		p.WriteHeader(http.StatusOK)
	}
	if !p.decided {
		p.decide(len(b))
	}
	if p.zip != nil {
		return p.zip.Write(b)
	}
	return p.ResponseWriter.Write(b)
}

// Flush sends what is there: for events and long answers.
func (p *packed) Flush() {
	if p.status != 0 && !p.decided {
		p.decide(0)
	}
	if p.zip != nil {
		_ = p.zip.Flush() // a reader who left needs no answer
	}
	_ = http.NewResponseController(p.ResponseWriter).Flush() // the same
}

// Unwrap lets http.ResponseController set deadlines.
func (p *packed) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// decide starts the answer, packed if its length and kind are worth it.
func (p *packed) decide(length int) {
	p.decided = true
	h := p.Header()
	if length >= leastPacked && h.Get("Content-Encoding") == "" && compressible(h.Get("Content-Type")) {
		p.zip = packers.Get().(*gzip.Writer) //nolint:forcetypeassert // the pool's own
		p.zip.Reset(p.ResponseWriter)
		h.Del("Content-Length")
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
	}
	p.ResponseWriter.WriteHeader(p.status)
}

func (p *packed) close() {
	if p.status != 0 && !p.decided {
		p.decide(0)
	}
	if p.zip != nil {
		_ = p.zip.Close() // a reader who left needs no answer
		p.zip.Reset(io.Discard)
		packers.Put(p.zip)
		p.zip = nil
	}
}

func compressible(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	switch {
	case kind == "text/event-stream":
		return false
	case strings.HasPrefix(kind, "text/"), strings.HasSuffix(kind, "json"), strings.HasSuffix(kind, "+xml"):
		return true
	}
	return kind == "application/xml"
}
