package musette

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"
)

// uploadMost is the largest body of an upload: the file, the fields and the borders
// between them.
const uploadMost = pieceMost + 1<<20

// fieldMost is the most that one field beside the file holds, in bytes.
const fieldMost = 16 << 10

var (
	errUploadForm = kernel.NewFault(kernel.Unsupported, "musette.piece.form")
	errUploadPart = kernel.NewFault(kernel.Invalid, "musette.piece.part")
)

// upload is what a multipart body said: fields, and at most one file, which is in
// the vault already, sealed as it came.
type upload struct {
	fields map[string]string
	held   *Held
}

// readUpload reads a multipart body whose one file, under the name files, is
// evidence of an item. Nothing of it lies in memory or on disk in clear but a chunk.
func (s *Service) readUpload(ctx context.Context, r *http.Request, of kernel.ItemID) (upload, error) {
	u := upload{fields: map[string]string{}}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return u, errUploadForm
	}
	parts := multipart.NewReader(r.Body, params["boundary"])
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return u, tooMuch(err)
		}
		if err := u.take(ctx, s, of, p); err != nil {
			return u, err
		}
	}
}

// take reads one part.
func (u *upload) take(ctx context.Context, s *Service, of kernel.ItemID, p *multipart.Part) (err error) {
	_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	if err != nil {
		return errPieceCut.Because(err)
	}
	name, isFile := params["filename"]
	switch {
	case !isFile:
		raw, err := io.ReadAll(io.LimitReader(p, fieldMost+1))
		if err != nil {
			return tooMuch(err)
		}
		if len(raw) > fieldMost {
			return errLong.With("max", fieldMost).On(p.FormName())
		}
		u.fields[p.FormName()] = strings.ReplaceAll(string(raw), "\r\n", "\n")
		return nil
	case p.FormName() != "files":
		return errUploadPart.On("files")
	case u.held != nil:
		return errPieceOne
	case name == "": // a file field that was left empty
		n, err := io.Copy(io.Discard, io.LimitReader(p, 1))
		if n > 0 {
			return errUploadPart.On("files")
		}
		return tooMuch(err)
	}
	if err := text("files", name, storyMost); err != nil {
		return err
	}
	u.held, err = s.AddFile(ctx, of, name, p)
	if err != nil {
		return tooMuch(err)
	}
	return nil
}

// tooMuch says what a body that could not be read to its end was: beyond the limit,
// or broken off.
func tooMuch(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errPieceLarge.Because(err)
	}
	if _, ok := errors.AsType[*kernel.Fault](err); ok || kernelError(err) {
		return err
	}
	return errPieceCut.Because(err)
}

// kernelError reports whether an error is the program's own, not the sender's.
func kernelError(err error) bool {
	return !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, multipart.ErrMessageTooLarge) && !strings.HasPrefix(err.Error(), "multipart:")
}

// sendOriginal sends the file of a piece as a download: a browser never runs what
// somebody uploaded, and parts of it may be asked for.
func sendOriginal(w http.ResponseWriter, r *http.Request, b *gate.BlobReader) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	if media := b.Blob.Media; isImage(media) || media == "application/pdf" || media == "text/plain" {
		h.Set("Content-Type", media)
	}
	name := b.Blob.Name
	if name == "" {
		name = "piece"
	}
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	serve(w, r, b)
}

// sendPicture sends the preview of a piece, to be seen in a page.
func sendPicture(w http.ResponseWriter, r *http.Request, b *gate.BlobReader) {
	w.Header().Set("Content-Type", b.Blob.Media)
	serve(w, r, b)
}

func serve(w http.ResponseWriter, r *http.Request, b *gate.BlobReader) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(w, r, "", time.Time{}, b)
}

// aboutOf reads what a form or a multipart body says of a piece.
func aboutOf(get func(string) string) (About, error) {
	date, err := web.Date(map[string][]string{"date": {get("date")}}, "date")
	return About{Title: strings.TrimSpace(get("title")), URL: strings.TrimSpace(get("url")), Date: date, Author: strings.TrimSpace(get("author"))}, err
}
