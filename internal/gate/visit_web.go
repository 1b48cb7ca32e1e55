package gate

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func compare(a, b string) int { return cmp.Compare(a, b) }

func faceOr(ctx context.Context, name string) string {
	if name == "" {
		return i18n.T(ctx, "gate.face_gone")
	}
	return name
}

// visit shows a face to whoever holds its link. HEAD shows and journals nothing.
func (s *Service) visit(w http.ResponseWriter, r *http.Request) error {
	p, err := s.ByLink(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	return s.answerFace(w, r, p, "/s/"+r.PathValue("token")+"/pieces/", true)
}

func (s *Service) showReceived(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	p, err := s.ByGrant(r.Context(), kernel.GrantID(id))
	if err != nil {
		return err
	}
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	return s.answerFace(w, r, p, "/portillon/received/"+id+"/pieces/", false)
}

func (s *Service) answerFace(w http.ResponseWriter, r *http.Request, p Pass, pieces string, bare bool) error {
	shown, err := s.Show(r.Context(), p)
	if err != nil {
		return err
	}
	if web.PrefersJSON(r) {
		raw, err := json.Marshal(shown)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(raw) // a reader who left needs no answer
		return nil
	}
	ctx := i18n.In(r.Context(), shown.Language)
	page := web.Page{Head: cmp.Or(shown.field("name"), i18n.T(ctx, "gate.shown.title")), Room: "portillon", Bare: bare}
	return web.Render(w, r.WithContext(ctx), http.StatusOK, web.Layout(page, sharedPage(shown, pieces)))
}

// field is a field of the profile the face shows.
func (s Shown) field(name string) string {
	for _, f := range s.Profile {
		if f.Name == name {
			return f.Text
		}
	}
	return ""
}

func (s *Service) takePiece(w http.ResponseWriter, r *http.Request) error {
	p, err := s.ByLink(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.answerPiece(w, r, p)
}

func (s *Service) takeReceivedPiece(w http.ResponseWriter, r *http.Request) error {
	p, err := s.ByGrant(r.Context(), kernel.GrantID(r.PathValue("id")))
	if err != nil {
		return err
	}
	return s.answerPiece(w, r, p)
}

var errNotPlain = kernel.NewFault(kernel.Unsupported, "gate.piece.not_plain")

// answerPiece sends a piece: the original if its owner ticked so, otherwise an
// image made again without metadata. Other files cannot be cleaned by a program
// that is honest about it: they leave only as originals.
func (s *Service) answerPiece(w http.ResponseWriter, r *http.Request, p Pass) error {
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	b, original, err := s.Piece(r.Context(), p, r.PathValue("piece"))
	if err != nil {
		return err
	}
	if original {
		SendFile(w, b)
		return nil
	}
	raw, media, err := s.Plain(r.Context(), b)
	if err != nil {
		return errNotPlain.Because(err)
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(raw) // a reader who left needs no answer
	return nil
}

// SendFile sends a file byte for byte, as a download: a browser never runs what
// somebody else uploaded.
func SendFile(w http.ResponseWriter, b *BlobReader) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	if media := b.Blob.Media; strings.HasPrefix(media, "image/") && media != "image/svg+xml" || media == "application/pdf" {
		h.Set("Content-Type", media)
	}
	name := path.Base("/" + b.Blob.Name)
	if name == "/" || name == "." {
		name = "piece"
	}
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", strconv.FormatInt(b.Blob.Size, 10))
	h.Set("Cache-Control", "no-store")
	_, _ = io.Copy(w, b) // a reader who left needs no answer
}
