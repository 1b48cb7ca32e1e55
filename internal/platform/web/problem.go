package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
)

// problem is RFC 9457: what went wrong, for a program and for who reads its log. It
// never holds a value that the client sent.
type problem struct {
	Type    string         `json:"type" doc:"Always about:blank: code says more." example:"about:blank"`
	Title   string         `json:"title" doc:"The status in words." example:"Conflict"`
	Status  int            `json:"status" doc:"The HTTP status." example:"409"`
	Detail  string         `json:"detail" doc:"What happened and what to do, in the language asked for."`
	Code    string         `json:"code,omitempty" doc:"A stable name of the refusal." example:"circle.stale"`
	Errors  []problemField `json:"errors,omitempty" doc:"The fields that do not fit."`
	Current any            `json:"current,omitempty" doc:"With 409 on a stale version: the resource as it is now."`

	headers http.Header
}

// problemField is one field that does not fit.
type problemField struct {
	Field  string `json:"field" doc:"Where: title, activities[3].start, query.limit." example:"title"`
	Rule   string `json:"rule" doc:"Which rule: required, type, max_length…" example:"max_length"`
	Detail string `json:"detail" doc:"What to do, in the language asked for."`
}

// Error is for logs.
func (p *problem) Error() string { return p.Code }

// GetStatus is asked by huma.
func (p *problem) GetStatus() int { return p.Status }

// GetHeaders is asked by huma.
func (p *problem) GetHeaders() http.Header { return p.headers }

// ContentType is asked by huma.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// Problem turns any error into a problem in the reader's language. What is not a
// Fault says nothing of its cause, which goes to the log.
func Problem(ctx context.Context, err error) error { return problemOf(ctx, err) }

// Stale is Problem for a version that is not the current one: it carries the
// resource as it is now.
func Stale(ctx context.Context, err error, current any) error {
	p := problemOf(ctx, err)
	p.Current = current
	return p
}

func problemOf(ctx context.Context, err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	site := frameOf(ctx).site
	status := Status(err)
	shown := site.shown(ctx, status, plain(err))
	p := blank(status, Explain(ctx, shown))
	p.Code = shown.Key
	p.headers = http.Header{}
	setHeaders(p.headers, shown)
	var fields Refusals
	if fields = Refused(err); len(fields) == 0 && shown.Field != "" {
		fields = Refusals{shown}
	}
	for _, f := range fields {
		p.Errors = append(p.Errors, problemField{Field: f.Field, Rule: f.Key[strings.LastIndexByte(f.Key, '.')+1:], Detail: Explain(ctx, f)})
	}
	return p
}

// blank is a problem without fields.
func blank(status int, detail string) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// writeProblem answers with the problem of a fault, outside huma.
func writeProblem(ctx context.Context, w http.ResponseWriter, status int, f *kernel.Fault) {
	p := problemOf(ctx, f)
	p.Status, p.Title = status, http.StatusText(status)
	raw, err := json.Marshal(p)
	if err != nil {
		raw = []byte(`{"type":"about:blank","title":"Internal Server Error","status":500}`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // a reader who left needs no answer
}

// rules name what huma found wrong, by the beginning of its message: the only thing
// it says. A message of none of these is the rule "invalid".
var rules = func() []rule {
	all := []rule{
		{validation.MsgExpectedRequiredProperty, "required"}, {validation.MsgExpectedDependentRequiredProperty, "required"}, {"required ", "required"},
		{validation.MsgExpectedMinLength, "min_length"}, {validation.MsgExpectedMaxLength, "max_length"},
		{validation.MsgExpectedMatchPattern, "pattern"}, {validation.MsgExpectedBePattern, "pattern"},
		{validation.MsgExpectedOneOf, "one_of"},
		{validation.MsgExpectedMinimumNumber, "range"}, {validation.MsgExpectedExclusiveMinimumNumber, "range"},
		{validation.MsgExpectedMaximumNumber, "range"}, {validation.MsgExpectedExclusiveMaximumNumber, "range"},
		{validation.MsgExpectedMinItems, "items"}, {validation.MsgExpectedMaxItems, "items"}, {validation.MsgExpectedArrayItemsUnique, "items"},
		{validation.MsgExpectedBoolean, "type"}, {validation.MsgExpectedNumber, "type"}, {validation.MsgExpectedInteger, "type"},
		{validation.MsgExpectedString, "type"}, {validation.MsgExpectedArray, "type"}, {validation.MsgExpectedObject, "type"},
		{"invalid ", "type"}, {"expected string to be ", "format"},
	}
	for i, r := range all {
		all[i].begins, _, _ = strings.Cut(r.begins, "%")
	}
	// "expected number >= " must be tried before "expected number".
	slices.SortStableFunc(all, func(a, b rule) int { return len(b.begins) - len(a.begins) })
	return all
}()

type rule struct{ begins, name string }

func ruleOf(message string) string {
	for _, r := range rules {
		if strings.HasPrefix(message, r.begins) {
			return r.name
		}
	}
	return "invalid"
}

// newHumaError is what huma calls for whatever it refuses by itself, and for an
// error that a handler returned without making a problem of it.
func newHumaError(hc huma.Context, status int, message string, errs ...error) huma.StatusError {
	ctx := hc.Context()
	for _, err := range errs {
		if _, ok := errors.AsType[*problem](err); ok {
			return problemOf(ctx, err)
		}
		if _, detail := errors.AsType[*huma.ErrorDetail](err); !detail && err != nil {
			p := problemOf(ctx, unread(err))
			for name, values := range p.headers {
				for _, v := range values {
					hc.SetHeader(name, v)
				}
			}
			return p
		}
	}
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return problemOf(ctx, errTooLarge.With("max", megabytes(hc.Operation().MaxBodyBytes)))
	case status == http.StatusBadRequest && len(errs) == 0:
		return problemOf(ctx, kernel.NewFault(kernel.Malformed, "web.error.body_required"))
	case status == http.StatusUnsupportedMediaType:
		return problemOf(ctx, errKind)
	case status == http.StatusRequestTimeout, status == http.StatusNotAcceptable:
		return blank(status, http.StatusText(status))
	}
	return fieldsProblem(ctx, status, errs)
}

// fieldsProblem names each field that does not fit.
func fieldsProblem(ctx context.Context, status int, errs []error) *problem {
	p := blank(status, i18n.T(ctx, "web.error.fields"))
	p.Code = "web.error.fields"
	for _, err := range errs {
		d, ok := errors.AsType[*huma.ErrorDetail](err)
		if !ok {
			continue
		}
		switch d.Message {
		case errNotJSON.Error():
			return problemOf(ctx, kernel.NewFault(kernel.Malformed, "web.error.json"))
		case errHoldsNUL.Error():
			return problemOf(ctx, errNUL.On("body"))
		}
		name := ruleOf(d.Message)
		p.Errors = append(p.Errors, problemField{Field: location(d), Rule: name, Detail: i18n.T(ctx, "web.rule."+name)})
	}
	return p
}

// location names the field in our words: without "body.", and down to the missing
// member itself.
func location(d *huma.ErrorDetail) string {
	at := d.Location
	if rest, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		name, _, _ := strings.Cut(rest, " ")
		at += "." + name
	}
	if at == "body" {
		return at
	}
	return strings.TrimPrefix(at, "body.")
}

// unread is what reading a body may end in.
func unread(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return kernel.NewFault(kernel.Unavailable, "web.error.unavailable").Because(err)
	}
	return err
}
