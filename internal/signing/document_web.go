package signing

import (
	"net/http"
	"strconv"

	"digiwork/internal/platform/web"
)

// Pages are what verifiers ask for: DID documents and status lists. They are public,
// the same for everybody, and tell nobody who asks about whom.
func (s *Service) Pages(m *web.Mux) {
	m.Page("GET /.well-known/did.json", func(w http.ResponseWriter, r *http.Request) error {
		doc, err := s.Document(r.Context(), OfInstance())
		return give(w, doc, err, "application/did+json")
	})
	m.Page("GET /c/{id}/did.json", func(w http.ResponseWriter, r *http.Request) error {
		doc, err := s.Document(r.Context(), Signer{KindCircle, r.PathValue("id")})
		return give(w, doc, err, "application/did+json")
	})
	m.Page("GET /status/{id}", func(w http.ResponseWriter, r *http.Request) error {
		doc, err := s.List(r.Context(), r.PathValue("id"))
		return give(w, doc, err, "application/vc")
	})
}

// give writes a document that any site may read.
func give(w http.ResponseWriter, doc []byte, err error, kind string) error {
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(doc)))
	h.Set("Cache-Control", "public, max-age=60")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = w.Write(doc) // a reader who left needs no answer
	return nil
}
