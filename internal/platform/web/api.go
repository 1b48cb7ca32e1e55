package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"digiwork/internal/kernel"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// APIRoot is where the operations live.
const APIRoot = "/api/v1"

// Body is a JSON answer with its status; OK, Created and Listed make one.
type Body[T any] struct {
	Status int
	Body   T
}

// OK answers 200 with v.
func OK[T any](v T) *Body[T] { return &Body[T]{Status: http.StatusOK, Body: v} }

// Created answers 201 with v.
func Created[T any](v T) *Body[T] { return &Body[T]{Status: http.StatusCreated, Body: v} }

// List is a page of a list. An empty next is the end.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next" doc:"Cursor of the next page, empty at the end."`
}

// Listed answers with a page of a list; no items are [], not null.
func Listed[T any](items []T, next string) *Body[List[T]] {
	if items == nil {
		items = []T{}
	}
	return OK(List[T]{Items: items, Next: next})
}

// Cursor is embedded in the input of a list.
type Cursor struct {
	Cursor string `query:"cursor" maxLength:"500" doc:"Opaque; where the page before ended. Empty is the start."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
}

// Once is embedded in the input of a write that may be sent twice.
type Once struct {
	IdempotencyKey string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[!-~]+$" doc:"Same key and body within 24 hours: the first outcome again."`
}

// Scope is the security of an operation: a bearer token with this scope. The API
// checks it before the operation is called.
func Scope(name string) []map[string][]string { return []map[string][]string{{"bearer": {name}}} }

var (
	errSignIn = kernel.NewFault(kernel.Unauthenticated, "web.error.unauthenticated")
	errScope  = kernel.NewFault(kernel.Forbidden, "web.error.scope")
)

// Need is nil if the actor's session or token carries scope, and a problem if not.
func Need(ctx context.Context, scope string) error {
	if err := need(ctx, scope); err != nil {
		return problemOf(ctx, err)
	}
	return nil
}

func need(ctx context.Context, scope string) error {
	a := kernel.ActorFrom(ctx)
	switch {
	case a.IsVisitor():
		return errSignIn
	case !a.May(scope):
		return errScope.With("scope", scope)
	}
	return nil
}

// errors of reading JSON; huma hands on their texts only.
var (
	errNotJSON  = errors.New("body is not JSON")
	errHoldsNUL = errors.New("body holds U+0000")
)

// unmarshal reads JSON: UTF-8 only, no U+0000. Its errors hold nothing of the body.
func unmarshal(raw []byte, v any) error {
	switch {
	case !utf8.Valid(raw):
		return errNotJSON
	case escapesNUL(raw):
		return errHoldsNUL
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return errNotJSON
	}
	return nil
}

// escapesNUL reports whether a text holds an escape for U+0000: \u0000 behind an
// even number of backslashes.
func escapesNUL(raw []byte) bool {
	for from := 0; ; {
		at := bytes.Index(raw[from:], []byte(`\u0000`))
		if at < 0 {
			return false
		}
		at += from
		slashes := 0
		for at-slashes > 0 && raw[at-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return true
		}
		from = at + 1
	}
}

var format = huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}

// hookHuma gives huma our problems instead of its own: it has no other place for
// that than its package.
var hookHuma = sync.OnceFunc(func() {
	huma.NewErrorWithContext = newHumaError
	huma.NewError = func(status int, message string, _ ...error) huma.StatusError {
		return blank(status, message)
	}
})

// NewAPI makes the API on m, described at /api/openapi.json.
func NewAPI(m *Mux, version string) huma.API {
	hookHuma()
	c := huma.DefaultConfig("DigiWork", version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	c.Components = &huma.Components{
		Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
		SecuritySchemes: map[string]*huma.SecurityScheme{"bearer": {
			Type: "http", Scheme: "bearer", Description: "A token made in the account's page or by `digiwork token create`. The scopes an operation needs are listed beside it.",
		}},
	}
	c.AllowAdditionalPropertiesByDefault = true
	c.Servers = []*huma.Server{{URL: APIRoot}}
	c.Info.License = &huma.License{Name: "EUPL-1.2", Identifier: "EUPL-1.2"}
	c.Info.Description = "Times are RFC 3339, names lower_snake. Members that an operation does not know are ignored, so what GET answered can be PUT back. Problems are RFC 9457."
	c.Formats = map[string]huma.Format{"application/json": format, "json": format}
	api := humago.NewWithPrefix(m, APIRoot, c)
	api.UseMiddleware(guardScopes)
	describe := sync.OnceValues(func() ([]byte, error) { return json.Marshal(api.OpenAPI()) })
	m.Page("GET /api/openapi.json", func(w http.ResponseWriter, _ *http.Request) error {
		raw, err := describe()
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(raw) // a reader who left needs no answer
		return nil
	})
	return api
}

// guardScopes refuses an operation whose security the actor does not meet.
func guardScopes(hc huma.Context, next func(huma.Context)) {
	for _, way := range hc.Operation().Security {
		for _, scope := range way["bearer"] {
			if err := need(hc.Context(), scope); err != nil {
				r, w := humago.Unwrap(hc)
				p := problemOf(r.Context(), err)
				for name, values := range p.headers {
					w.Header()[name] = values
				}
				fault, _ := errors.AsType[*kernel.Fault](err)
				writeProblem(r.Context(), w, p.Status, fault)
				return
			}
		}
	}
	next(hc)
}

// APIRoutes lists the operations as routes, for the access test.
func APIRoutes(api huma.API) []string {
	var all []string
	for path, item := range api.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
		} {
			if op != nil {
				all = append(all, method+" "+APIRoot+path)
			}
		}
	}
	return slices.Sorted(slices.Values(all))
}

// schemaName carries the context's name, so that two contexts may use one word:
// musette's activityBody is MusetteActivity, a list of it MusetteActivityList.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	if name == "" {
		return hint
	}
	if base, arg, ok := strings.Cut(strings.TrimSuffix(name, "]"), "["); ok {
		return typeName(arg) + base
	}
	if name == "problem" || name == "problemField" {
		return strings.ToUpper(name[:1]) + name[1:]
	}
	return typeName(t.PkgPath() + "." + name)
}

// typeName makes MusetteActivity of digiwork/internal/musette.activityBody.
func typeName(full string) string {
	full = full[strings.LastIndexByte(full, '/')+1:]
	pkg, name, ok := strings.Cut(full, ".")
	if !ok {
		pkg, name = "", full
	}
	return upper(pkg) + upper(strings.TrimSuffix(name, "Body"))
}

func upper(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
