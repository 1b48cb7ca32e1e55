package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/kernel"

	"github.com/danielgtaylor/huma/v2"
)

// noteBody is a resource as an API shows it.
type noteBody struct {
	ID    string         `json:"id,omitempty" readOnly:"true"`
	Title string         `json:"title" minLength:"1" maxLength:"5"`
	Kind  string         `json:"kind,omitempty" enum:"job,care"`
	Count int            `json:"count,omitempty" minimum:"0" maximum:"9"`
	Tags  []string       `json:"tags,omitempty" maxItems:"2"`
	Extra map[string]any `json:"extra,omitempty"`
}

var (
	errStale  = kernel.NewFault(kernel.Conflict, "test.closed")
	errTitle  = kernel.NewFault(kernel.Invalid, "test.empty").On("title")
	errLonger = kernel.NewFault(kernel.Invalid, "test.long").With("max", 5).On("text")
)

func api(t testing.TB) *house {
	return build(t, func(m *Mux) {
		a := NewAPI(m, "1.2.3")
		huma.Register(a, huma.Operation{OperationID: "note-create", Method: http.MethodPost, Path: "/notes", DefaultStatus: 201, Security: Scope("write")},
			func(_ context.Context, in *struct {
				Once
				Body noteBody
			}) (*Body[noteBody], error) {
				in.Body.ID = "note_1"
				return Created(in.Body), nil
			})
		huma.Register(a, huma.Operation{OperationID: "note-list", Method: http.MethodGet, Path: "/notes", Security: Scope("read")},
			func(_ context.Context, in *struct{ Cursor }) (*Body[List[noteBody]], error) {
				return Listed[noteBody](nil, in.Cursor.Cursor), nil
			})
		huma.Register(a, huma.Operation{OperationID: "note-read", Method: http.MethodGet, Path: "/notes/{id}"},
			func(ctx context.Context, in *struct {
				ID string `path:"id"`
			}) (*Body[noteBody], error) {
				switch in.ID {
				case "stale":
					return nil, Stale(ctx, errStale, noteBody{Title: "now"})
				case "fields":
					return nil, Problem(ctx, errors.Join(errTitle, errLonger))
				case "broken":
					return nil, errors.New("disk is full")
				case "bare":
					return nil, kernel.NewFault(kernel.Unavailable, "test.closed")
				}
				return nil, Problem(ctx, kernel.NewFault(kernel.NotFound, "test.closed"))
			})
	})
}

func (h *house) json(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return h.do(r)
}

func read(t *testing.T, w *httptest.ResponseRecorder) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %q", got)
	}
	if p.Status != w.Code || p.Type != "about:blank" || p.Title != http.StatusText(w.Code) || p.Detail == "" {
		t.Errorf("status %d, problem %+v", w.Code, p)
	}
	return p
}

var writer = kernel.Actor{Person: "per_ada", Lang: "en", Scopes: []string{"read", "write"}}

func TestScopesAreCheckedBeforeTheOperation(t *testing.T) {
	t.Parallel()
	h := api(t)
	w := h.json(http.MethodPost, "/api/v1/notes", `{"title":"x"}`)
	if p := read(t, w); p.Status != 401 || w.Header().Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("visitor: %+v %v", p, w.Header())
	}
	h.actor = kernel.Actor{Person: "per_ada", Lang: "en", Scopes: []string{"read"}}
	if p := read(t, h.json(http.MethodPost, "/api/v1/notes", `{"title":"x"}`)); p.Status != 403 || p.Code != "web.error.scope" || !strings.Contains(p.Detail, "“write”") {
		t.Errorf("without the scope: %+v", p)
	}
	if w := h.json(http.MethodGet, "/api/v1/notes", ""); w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"items":[],"next":""}` {
		t.Errorf("with it: %d %s", w.Code, w.Body)
	}
	if err := Need(kernel.WithActor(t.Context(), writer), "write"); err != nil {
		t.Errorf("Need: %v", err)
	}
	if err := Need(t.Context(), "write"); err == nil {
		t.Error("a visitor has no scope")
	}
}

func TestUnknownMembersAreIgnoredAndNothingIsEchoed(t *testing.T) {
	t.Parallel()
	h := api(t)
	h.actor = writer
	w := h.json(http.MethodPost, "/api/v1/notes", `{"id":"mine","title":"abc","created_at":"now","future":{"deep":[1]}}`, "Idempotency-Key", "k1")
	if w.Code != 201 || !strings.Contains(w.Body.String(), `"id":"note_1"`) || strings.Contains(w.Body.String(), "future") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for body, want := range map[string][]problemField{
		`{}`:                                 {{Field: "title", Rule: "required"}},
		`{"title":"planted"}`:                {{Field: "title", Rule: "max_length"}},
		`{"title":""}`:                       {{Field: "title", Rule: "min_length"}},
		`{"title":1}`:                        {{Field: "title", Rule: "type"}},
		`{"title":"a","kind":"planted"}`:     {{Field: "kind", Rule: "one_of"}},
		`{"title":"a","count":10}`:           {{Field: "count", Rule: "range"}},
		`{"title":"a","count":"planted"}`:    {{Field: "count", Rule: "type"}},
		`{"title":"a","tags":["a","b","c"]}`: {{Field: "tags", Rule: "items"}},
		`{"title":"a","tags":["a",2]}`:       {{Field: "tags[1]", Rule: "type"}},
		`"planted"`:                          {{Field: "body", Rule: "type"}},
	} {
		w := h.json(http.MethodPost, "/api/v1/notes", body)
		p := read(t, w)
		for i := range p.Errors {
			if p.Errors[i].Detail == "" {
				t.Errorf("%s: no detail", body)
			}
			p.Errors[i].Detail = ""
		}
		if p.Status != 422 || !slices.Equal(p.Errors, want) {
			t.Errorf("%s: %d %+v, want %+v", body, p.Status, p.Errors, want)
		}
		if strings.Contains(w.Body.String(), "planted") {
			t.Errorf("%s: the value comes back: %s", body, w.Body)
		}
	}
	if p := read(t, h.json(http.MethodPost, "/api/v1/notes", `{"title":"a"}`, "Idempotency-Key", "with space")); p.Status != 422 || p.Errors[0].Field != "header.Idempotency-Key" {
		t.Errorf("key: %+v", p)
	}
	if p := read(t, h.json(http.MethodGet, "/api/v1/notes?limit=500", "")); p.Status != 422 || p.Errors[0].Field != "query.limit" || p.Errors[0].Rule != "range" {
		t.Errorf("limit: %+v", p)
	}
	if p := read(t, h.json(http.MethodGet, "/api/v1/notes?limit=many", "")); p.Status != 422 || p.Errors[0].Rule != "type" || strings.Contains(p.Errors[0].Detail, "many") {
		t.Errorf("limit: %+v", p)
	}
}

func TestBodiesThatCannotBeReadAreMalformed(t *testing.T) {
	t.Parallel()
	h := api(t)
	h.actor = writer
	for body, status := range map[string]int{
		`{"title":`: 400, ``: 400, "{\"title\":\"\xff\"}": 400, `{"title":"a"} x`: 400,
		`{"title":"a\u0000"}`: 422, `{"title":"a","future":"\u0000"}`: 422, `{"\u0000":1,"title":"a"}`: 422,
		`{"title":"a\\u00"}`: 201, `{"title":"a","extra":{"k":"\\u0000 \\\\u0000"}}`: 201,
		`{"title":"a","extra":` + strings.Repeat(`{"d":`, 30) + `1` + strings.Repeat(`}`, 30) + `}`:         201,
		`{"title":"a","future":` + strings.Repeat(`[`, 30) + strings.Repeat(`]`, 30) + `}`:                  201,
		`{"title":"a","extra":{"d":` + strings.Repeat(`[`, 20_000) + strings.Repeat(`]`, 20_000) + `}}`:     400,
		`{"title":"a","extra":` + strings.Repeat(`{"d":`, 20_000) + `1` + strings.Repeat(`}`, 20_000) + `}`: 400,
		strings.Repeat(`[`, 20_000):                              400,
		`{"title":"a","x":"` + strings.Repeat("x", 1<<20) + `"}`: 413,
	} {
		w := h.json(http.MethodPost, "/api/v1/notes", body)
		if w.Code != status {
			t.Errorf("%.40s… (%d bytes): %d, want %d: %.300s", body, len(body), w.Code, status, w.Body)
			continue
		}
		if status != 201 {
			read(t, w)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/api/v1/notes", strings.NewReader("title: a"))
	r.Header.Set("Content-Type", "application/yaml")
	if w := h.do(r); w.Code != 415 {
		t.Errorf("yaml: %d %s", w.Code, w.Body)
	}
}

func TestProblemsOfOperations(t *testing.T) {
	t.Parallel()
	h := api(t)
	w := h.json(http.MethodGet, "/api/v1/notes/stale", "")
	if p := read(t, w); p.Status != 409 || p.Code != "test.closed" || !bytes.Contains(w.Body.Bytes(), []byte(`"current":{"title":"now"}`)) {
		t.Errorf("stale: %s", w.Body)
	}
	if p := read(t, h.json(http.MethodGet, "/api/v1/notes/fields", "", "Accept-Language", "en")); p.Status != 422 ||
		!slices.Equal(p.Errors, []problemField{{"title", "empty", "A title is missing."}, {"text", "long", "At most 5 characters."}}) {
		t.Errorf("fields: %+v", p)
	}
	w = h.json(http.MethodGet, "/api/v1/notes/broken", "")
	if p := read(t, w); p.Status != 500 || strings.Contains(w.Body.String(), "disk") || !strings.Contains(h.log.String(), "disk is full") || !strings.Contains(h.log.String(), `pattern="GET /api/v1/notes/{id}"`) {
		t.Errorf("broken: %s, log %s", w.Body, h.log.String())
	}
	w = h.json(http.MethodGet, "/api/v1/notes/bare", "")
	if p := read(t, w); p.Status != 503 || w.Header().Get("Retry-After") != "2" {
		t.Errorf("a fault that was not made a problem: %+v %v", p, w.Header())
	}
	if p := read(t, h.json(http.MethodGet, "/api/v1/notes/none", "")); p.Status != 404 || p.Detail != "Fermé." {
		t.Errorf("none: %+v", p)
	}
}

func TestTheDescriptionSpeaksOurWords(t *testing.T) {
	t.Parallel()
	h := api(t)
	w := h.get("/api/openapi.json")
	var doc struct {
		OpenAPI    string
		Info       struct{ Version string }
		Servers    []struct{ URL string }
		Paths      map[string]map[string]map[string]any
		Components struct {
			Schemas         map[string]map[string]any
			SecuritySchemes map[string]map[string]any
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Info.Version != "1.2.3" || doc.Servers[0].URL != "/api/v1" {
		t.Errorf("%+v", doc)
	}
	for _, name := range []string{"WebNote", "WebNoteList", "Problem", "ProblemField"} {
		if doc.Components.Schemas[name] == nil {
			t.Errorf("no schema %s", name)
		}
	}
	if doc.Components.Schemas["WebNote"]["additionalProperties"] == false {
		t.Error("unknown members are refused")
	}
	if doc.Components.SecuritySchemes["bearer"]["scheme"] != "bearer" || doc.Paths["/notes"]["post"]["security"] == nil {
		t.Error("no security")
	}
	for name := range doc.Components.Schemas {
		if strings.ContainsAny(name, "/.[]") {
			t.Errorf("schema %q", name)
		}
	}
	for _, path := range []string{"/api/v1/docs", "/api/v1/openapi.json", "/api/v1/schemas/WebNote.json"} {
		if w := h.get(path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestRoutesAreListed(t *testing.T) {
	t.Parallel()
	s := &Site{}
	m := NewMux(s)
	s.Pages(m)
	a := NewAPI(m, "1")
	huma.Register(a, huma.Operation{OperationID: "x", Method: http.MethodDelete, Path: "/x/{id}"}, func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
	if got := APIRoutes(a); !slices.Equal(got, []string{"DELETE /api/v1/x/{id}"}) {
		t.Errorf("operations %v", got)
	}
	if got := m.Routes(); !slices.Contains(got, "POST /preferences") || !slices.Contains(got, "GET /api/openapi.json") {
		t.Errorf("pages %v", got)
	}
}
