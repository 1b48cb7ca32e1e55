package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
)

var (
	errForm     = kernel.NewFault(kernel.Malformed, "web.error.malformed")
	errNUL      = kernel.NewFault(kernel.Invalid, "web.error.nul")
	errTooLarge = kernel.NewFault(kernel.TooLarge, "web.error.larger")
	errKind     = kernel.NewFault(kernel.Unsupported, "web.error.unsupported")
	errPart     = kernel.NewFault(kernel.Invalid, "web.error.part")
)

// ReadForm reads the fields of a posted form, and of the query behind them. Line
// ends are \n; text that is not UTF-8 or holds U+0000 is refused.
//
// A form with files is read by ReadUpload.
func ReadForm(r *http.Request) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		if big, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, errTooLarge.With("max", megabytes(big.Limit)).Because(err)
		}
		return nil, errForm.Because(err)
	}
	return clean(r.Form)
}

// clean checks and normalises what was typed, in place.
func clean(form url.Values) (url.Values, error) {
	for name, values := range form {
		if err := text(name); err != nil {
			return nil, err
		}
		for i, v := range values {
			if err := text(v); err != nil {
				return nil, err.On(name)
			}
			values[i] = strings.ReplaceAll(v, "\r\n", "\n")
		}
	}
	return form, nil
}

func text(s string) *kernel.Fault {
	switch {
	case strings.ContainsRune(s, 0):
		return errNUL
	case !utf8.ValidString(s):
		return errForm
	}
	return nil
}

func megabytes(n int64) int64 { return max(1, n>>20) }

// File is an uploaded file. It is in memory only: what a person sends is never
// spilled in clear to a temporary folder.
type File struct {
	Field string
	Name  string // as the browser gave it, without a path
	Body  []byte
}

// Limits bound an upload, in bytes.
type Limits struct {
	File  int64 // each file
	Total int64 // all parts together
	Files int   // how many
}

// Uploads are the limits of the contract: 25 MiB a file, 100 MiB a call.
var Uploads = Limits{File: 25 << 20, Total: 100 << 20, Files: 200}

// maxFields is the most that the fields beside the files may hold together.
const maxFields = 1 << 20

// ReadUpload reads a multipart/form-data body: fields, and files kept in memory. The
// names of the file parts must be among parts.
func ReadUpload(r *http.Request, limits Limits, parts ...string) (url.Values, []File, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, nil, errKind
	}
	u := upload{limits: limits, parts: parts, fields: url.Values{}, left: limits.Total}
	mr := multipart.NewReader(r.Body, params["boundary"])
	for {
		p, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, broken(err)
		}
		if err := u.take(p); err != nil {
			return nil, nil, err
		}
	}
	fields, err := clean(u.fields)
	return fields, u.files, err
}

type upload struct {
	limits Limits
	parts  []string
	fields url.Values
	files  []File
	left   int64 // bytes
	small  int64 // bytes of the fields so far
}

// take reads one part: a field, or a file under one of the names that hold files.
func (u *upload) take(p *multipart.Part) error {
	name := p.FormName()
	holds, file := slices.Contains(u.parts, name), isFile(p)
	switch {
	case !holds && !file:
		return u.field(name, p)
	case !holds || !file:
		return errPart.With("parts", strings.Join(u.parts, ", ")).On(name)
	}
	return u.file(name, p)
}

func (u *upload) field(name string, p *multipart.Part) error {
	raw, err := io.ReadAll(io.LimitReader(p, maxFields-u.small+1))
	if err != nil {
		return broken(err)
	}
	if u.small += int64(len(raw)); u.small > maxFields {
		return errTooLarge.With("max", megabytes(maxFields)).On(name)
	}
	u.fields.Add(name, string(raw))
	return nil
}

func (u *upload) file(name string, p *multipart.Part) error {
	if err := text(p.FileName()); err != nil {
		return err.On(name)
	}
	most := min(u.limits.File, u.left)
	raw, err := io.ReadAll(io.LimitReader(p, most+1))
	switch {
	case err != nil:
		return broken(err)
	case int64(len(raw)) > most:
		return errTooLarge.With("max", megabytes(u.limits.File)).On(name)
	case p.FileName() == "" && len(raw) == 0:
		return nil // a file field that was left empty
	case p.FileName() == "":
		return errPart.With("parts", strings.Join(u.parts, ", ")).On(name)
	case len(u.files) >= u.limits.Files:
		return kernel.NewFault(kernel.TooLarge, "web.error.too_many_files").With("max", u.limits.Files).On(name)
	}
	u.left -= int64(len(raw))
	u.files = append(u.files, File{Field: name, Name: p.FileName(), Body: raw})
	return nil
}

// isFile reports whether a part says filename=, even an empty one.
func isFile(p *multipart.Part) bool {
	_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	if err != nil {
		return false
	}
	_, named := params["filename"]
	return named
}

// broken is an upload that ended early or is no multipart.
func broken(err error) error {
	if big, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errTooLarge.With("max", megabytes(big.Limit)).Because(err)
	}
	return errForm.Because(err)
}

// Refusals are what is wrong with a form, in the order of its fields.
type Refusals []*kernel.Fault

// Refused gathers the faults of err that name a field; errors.Join makes several.
// It is empty if any fault names none: then the whole answer is a refusal, and the
// handler returns err.
func Refused(err error) Refusals {
	var all Refusals
	for _, e := range leaves(err) {
		f, ok := errors.AsType[*kernel.Fault](e)
		if !ok || f.Field == "" {
			return nil
		}
		all = append(all, f)
	}
	return all
}

// leaves are the errors that errors.Join put together, found through wrapping.
func leaves(err error) []error {
	switch e := err.(type) { //nolint:errorlint // the tree is walked by hand, to its faults
	case nil:
		return nil
	case *kernel.Fault:
		return []error{e}
	case interface{ Unwrap() []error }:
		var all []error
		for _, inner := range e.Unwrap() {
			all = append(all, leaves(inner)...)
		}
		return all
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return leaves(inner)
		}
	}
	return []error{err}
}

// On is the sentence about a field, "" if it is fine.
func (rs Refusals) On(ctx context.Context, field string) string {
	for _, f := range rs {
		if f.Field == field {
			return Explain(ctx, f)
		}
	}
	return ""
}

// Status is the status of a page that shows the form again.
func (rs Refusals) Status() int {
	if len(rs) == 0 {
		return http.StatusOK
	}
	return Status(rs[0])
}

// Date reads a date as people type it from a form field; the fault names the field.
func Date(form url.Values, field string) (kernel.Date, error) {
	d, err := i18n.ParseDate(form.Get(field))
	if err != nil {
		return "", kernel.NewFault(kernel.Invalid, "web.error.date").On(field).Because(err)
	}
	return d, nil
}
