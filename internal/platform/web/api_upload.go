package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"

	"digiwork/internal/kernel"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Upload is embedded in the input of an operation that takes files: parts named
// "files", each with a file name; a part of another name is refused. Files are in
// memory only. A JSON body in their place is kept for Decode.
//
// Register the operation with RegisterUpload.
type Upload struct {
	files []File
	json  []byte
	read  bool
	err   error
}

// Files are the uploaded files, in order.
func (u *Upload) Files() []File { return u.files }

// IsJSON reports whether the body was JSON instead of files.
func (u *Upload) IsJSON() bool { return u.json != nil }

// Decode reads the JSON body into v.
func (u *Upload) Decode(v any) error {
	switch err := unmarshal(u.json, v); {
	case errors.Is(err, errHoldsNUL):
		return errNUL.On("body")
	case err != nil:
		return kernel.NewFault(kernel.Malformed, "web.error.json").Because(err)
	}
	return nil
}

// maxJSON is the longest JSON body where files may come instead.
const maxJSON = 1 << 20

// Resolve is called by huma, once for the input and once for the embedded struct.
func (u *Upload) Resolve(hc huma.Context) []error {
	if !u.read {
		u.read = true
		u.err = u.take(hc)
	}
	if u.err != nil {
		return []error{problemOf(hc.Context(), u.err)}
	}
	return nil
}

func (u *Upload) take(hc huma.Context) error {
	r, w := humago.Unwrap(hc)
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "application/json" {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxJSON))
		if err != nil {
			return broken(err)
		}
		u.json = bytes.TrimSpace(raw)
		if len(u.json) == 0 {
			return kernel.NewFault(kernel.Malformed, "web.error.body_required")
		}
		return nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, Uploads.Total+maxFields)
	fields, files, err := ReadUpload(r, Uploads, "files")
	if err != nil {
		return err
	}
	for name := range fields {
		return errPart.With("parts", "files").On(name)
	}
	if len(files) == 0 {
		return errPart.With("parts", "files").On("files")
	}
	u.files = files
	return nil
}

// RegisterUpload registers an operation, sent with POST, whose input embeds Upload, and
// describes its body. The description comes after: huma reads a body that it knows of
// by itself, and would spill it to a temporary folder.
func RegisterUpload[I, O any](api huma.API, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	op.Method = http.MethodPost
	op.Errors = append(op.Errors, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity)
	huma.Register(api, op, handler)
	api.OpenAPI().Paths[op.Path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {
		Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"files"}, Properties: map[string]*huma.Schema{
			"files": {Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString, Format: "binary"}, Description: "One part a file, each with its file name. 25 MiB a file, 100 MiB together."},
		}},
	}}}
}
