package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

type counted struct {
	Names []string `json:"names"`
}

func imports(t *testing.T) *house {
	return build(t, func(m *Mux) {
		RegisterUpload(NewAPI(m, "1"), huma.Operation{OperationID: "import", Path: "/imports"},
			func(ctx context.Context, in *struct {
				Upload
				DryRun bool `query:"dry_run"`
			}) (*Body[counted], error) {
				c := counted{Names: []string{fmt.Sprint(in.DryRun)}}
				if in.IsJSON() {
					if err := in.Decode(&c); err != nil {
						return nil, Problem(ctx, err)
					}
				}
				for _, f := range in.Files() {
					c.Names = append(c.Names, f.Name+"="+string(f.Body))
				}
				return OK(c), nil
			})
	})
}

func TestOperationsTakeFiles(t *testing.T) {
	t.Parallel()
	h := imports(t)
	send := func(r *http.Request) *httptest.ResponseRecorder {
		r.URL.Path, r.URL.RawQuery, r.RequestURI = "/api/v1/imports", "dry_run=true", "/api/v1/imports?dry_run=true"
		return h.do(r)
	}
	w := send(parts(t, [3]string{"files", "a.json", "A"}, [3]string{"files", "b.csv", "B"}))
	if w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"names":["true","a.json=A","b.csv=B"]}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := h.json(http.MethodPost, "/api/v1/imports", `{"names":["x"]}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"x"`) {
		t.Errorf("JSON in place of files: %d %s", w.Code, w.Body)
	}
	for name, c := range map[string]struct {
		r      *http.Request
		status int
		field  string
	}{
		"another name":   {parts(t, [3]string{"file", "a", "A"}), 422, "file"},
		"a field":        {parts(t, [3]string{"files", "a", "A"}, [3]string{"note", "-", "x"}), 422, "note"},
		"no file name":   {parts(t, [3]string{"files", "-", "A"}), 422, "files"},
		"no file":        {parts(t), 422, "files"},
		"a form":         {formRequest("files=a"), 415, ""},
		"a file too big": {parts(t, [3]string{"files", "a", strings.Repeat("x", 25<<20+1)}), 413, "files"},
	} {
		w := send(c.r)
		p := read(t, w)
		if w.Code != c.status || c.field != "" && (len(p.Errors) != 1 || p.Errors[0].Field != c.field) {
			t.Errorf("%s: %d %+v", name, w.Code, p)
		}
	}
	for body, status := range map[string]int{`{"names":`: 400, `{"names":["\u0000"]}`: 422, ` `: 400} {
		if w := h.json(http.MethodPost, "/api/v1/imports", body); w.Code != status {
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		}
	}
	if w := send(parts(t, [3]string{"files", "a.jpg", strings.Repeat("x", 20<<20)})); w.Code != 200 {
		t.Errorf("a photo of 20 MiB: %d", w.Code)
	}
	if doc := h.get("/api/openapi.json").Body.String(); !strings.Contains(doc, "multipart/form-data") {
		t.Error("the body is not described")
	}
}
