package musette

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/web"
	"digiwork/internal/testkit/house"
)

// site is the musette behind the real frame, guards and gate.
type site struct {
	http.Handler
	h       *house.House
	s       *Service
	catalog *i18n.Catalog
	log     *bytes.Buffer
}

func catalogOf(t testing.TB) *i18n.Catalog {
	t.Helper()
	c := &i18n.Catalog{}
	for name, err := range map[string]error{
		"web": c.Add("web", web.Messages), "once": c.Add("once", once.Messages),
		"db": c.Add("db", db.Messages), "musette": c.Add("musette", Messages),
	} {
		if err != nil {
			t.Fatal(name, err)
		}
	}
	return c
}

// open puts a musette behind the frame.
func open(t testing.TB, h *house.House, s *Service) *site {
	t.Helper()
	st := &site{h: h, s: s, catalog: catalogOf(t), log: &bytes.Buffer{}}
	frame := &web.Site{
		Catalog: st.catalog, Log: slog.New(slog.NewTextHandler(st.log, nil)), Start: "/musette", Account: "/account", SignIn: "/sign-in",
		Rooms: []web.Room{{Code: "musette", Group: "self", Path: "/musette", Icon: "musette", NameKey: "web.room.musette"}},
	}
	mux := web.NewMux(frame)
	s.API(web.NewAPI(mux, "test"))
	s.Pages(mux)
	handler, err := frame.Wrap(mux, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			if lang := r.Header.Get("X-Test-Lang"); lang != "" {
				r.AddCookie(&http.Cookie{Name: "lang", Value: lang})
			}
			ctx, err := h.Gate.Enter(r.Context(), gate.Credential{Bearer: bearer})
			if err != nil {
				mux.Fail(w, r, err)
				return
			}
			if key := r.Header.Get("Idempotency-Key"); key != "" {
				req, err := once.New(key, r.Method+" "+r.URL.Path)
				if err != nil {
					mux.Fail(w, r, err)
					return
				}
				r.Body = req.Body(r.Body)
				ctx = once.With(ctx, req)
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	st.Handler = handler
	return st
}

// answer is what came back.
type answer struct {
	*httptest.ResponseRecorder
	t testing.TB
}

// ask sends a request as who; headers are pairs.
func (st *site) ask(t testing.TB, who kernel.PersonID, method, path string, body io.Reader, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, body)
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+string(who))
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	st.ServeHTTP(w, r)
	return answer{w, t}
}

// call is a call of the API with a JSON body.
func (st *site) call(t testing.TB, who kernel.PersonID, method, path, body string, headers ...string) answer {
	t.Helper()
	return st.ask(t, who, method, "/api/v1"+path, strings.NewReader(body), append([]string{"Content-Type", "application/json"}, headers...)...)
}

// is checks the status and reads the answer.
func (a answer) is(status int) map[string]any {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("got %d %s, want %d", a.Code, a.Body, status)
	}
	var v map[string]any
	if a.Body.Len() > 0 && strings.Contains(a.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(a.Body.Bytes(), &v); err != nil {
			a.t.Fatalf("%v in %s", err, a.Body)
		}
	}
	return v
}

// refusal lists the fields of a problem.
func refusal(v map[string]any) string {
	var all []string
	list, _ := v["errors"].([]any)
	for _, e := range list {
		m, _ := e.(map[string]any)
		all = append(all, fmt.Sprint(m["field"], " ", m["rule"]))
	}
	return strings.Join(all, ", ")
}

// eachSite runs f on both engines.
func eachSite(t *testing.T, f func(t *testing.T, st *site)) {
	t.Helper()
	each(t, func(t *testing.T, h *house.House, s *Service) { f(t, open(t, h, s)) })
}

const full = `{"title":"Vendeuse <b>","kind":"job","start":"2003-09","end":"2009-06-30","organisation":"Le Fournil","place":"Ysole","with_whom":"Nadia",
	"purpose":"vendre","paid":true,"status":"employed","hours_per_week":28.5,"narrative":"Ligne 1\nLigne 2","tools":["caisse"],"methods":["inventaire"],"tags":["pain"],
	"unknown":{"a":[1]},"id":"act_x","created_at":"never","provenance":{"source":"attested"}}`

func TestTheAPIKeepsReadsChangesAndDeletes(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		made := st.call(t, "ada", "POST", "/activities", full).is(201)
		id, _ := made["id"].(string)
		if !strings.HasPrefix(id, "act_") || made["version"] != 1.0 || made["title"] != "Vendeuse <b>" || made["hours_per_week"] != 28.5 || made["paid"] != true {
			t.Errorf("made %v", made)
		}
		if p, _ := made["provenance"].(map[string]any); p["source"] != "declared" {
			t.Errorf("provenance = %v: what a client says of it counts for nothing", p)
		}
		got := st.call(t, "ada", "GET", "/activities/"+id, "").is(200)
		if fmt.Sprint(got) != fmt.Sprint(made) {
			t.Errorf("read %v, want %v", got, made)
		}
		got["title"] = "Boulangère"
		raw, err := json.Marshal(got) // what GET answered can be PUT back
		if err != nil {
			t.Fatal(err)
		}
		changed := st.call(t, "ada", "PUT", "/activities/"+id, string(raw)).is(200)
		if changed["version"] != 2.0 || changed["title"] != "Boulangère" || changed["created_at"] != made["created_at"] || fmt.Sprint(changed["tools"]) != "[caisse]" {
			t.Errorf("changed to %v", changed)
		}
		stale := st.call(t, "ada", "PUT", "/activities/"+id, string(raw))
		if v := stale.is(409); v["current"].(map[string]any)["version"] != 2.0 || !strings.HasPrefix(stale.Header().Get("Content-Type"), "application/problem+json") {
			t.Errorf("stale: %v", v)
		}
		st.call(t, "ada", "DELETE", "/activities/"+id, "").is(204)
		st.call(t, "ada", "GET", "/activities/"+id, "").is(404)
		if strings.Contains(st.log.String(), "Vendeuse") || strings.Contains(st.log.String(), id) {
			t.Errorf("the log tells: %s", st.log)
		}
	})
}

func TestTheLeastThatCanBeSaidComesBackWhole(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		least := st.call(t, "ada", "POST", "/activities", `{"title":"x","kind":"care","start":"2019"}`).is(201)
		for name, want := range map[string]string{
			"end": "<nil>", "paid": "<nil>", "hours_per_week": "<nil>", "tools": "[]", "methods": "[]", "tags": "[]", "organisation": "", "narrative": "", "status": "", "start": "2019",
		} {
			if v, there := least[name]; !there || fmt.Sprint(v) != want {
				t.Errorf("%s = %v, want %s", name, v, want)
			}
		}
		st.call(t, "ada", "POST", "/activities", `{"title":"x","kind":"care","start":"2019","end":null,"paid":null,"hours_per_week":null,"tools":null,"methods":null,"tags":null,"place":null,"status":null,"narrative":null,"organisation":null,"with_whom":null,"purpose":null}`).is(201)
	})
}

func TestTheAPISaysWhichFieldIsWrong(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		for body, want := range map[string]string{
			`{}`: "kind required, start required, title required",
			`{"title":"x","kind":"job","start":null}`:                                  "start missing",
			`{"title":" ","kind":"job","start":"2019"}`:                                "title missing",
			`{"title":"x","kind":"boss","start":"2019"}`:                               "kind one_of",
			`{"title":"x","kind":"job","start":"2019-13"}`:                             "start form",
			`{"title":"x","kind":"job","start":2019}`:                                  "start type",
			`{"title":"x","kind":"job","start":"2019","end":"2018"}`:                   "end before_start",
			`{"title":"x","kind":"job","start":"2019","hours_per_week":200}`:           "hours_per_week range",
			`{"title":"` + strings.Repeat("é", 201) + `","kind":"job","start":"2019"}`: "title max_length",
			`{"title":"x\u0000","kind":"job","start":"2019"}`:                          "body nul",
		} {
			v := st.call(t, "ada", "POST", "/activities", body).is(422)
			if got := refusal(v); got != want {
				t.Errorf("%.60s: got %q, want %q", body, got, want)
			}
		}
		st.call(t, "ada", "POST", "/activities", `{"title":`).is(400)
		id, _ := st.call(t, "ada", "POST", "/activities", full).is(201)["id"].(string)
		if v := st.call(t, "ada", "PUT", "/activities/"+id, full).is(422); refusal(v) != "version required" {
			t.Errorf("no version: %v", v)
		}
		if v := st.call(t, "ada", "GET", "/activities?limit=201", "").is(422); refusal(v) != "query.limit range" {
			t.Errorf("limit: %v", v)
		}
		if v := st.call(t, "ada", "GET", "/activities?cursor=x", "").is(422); refusal(v) != "cursor cursor" {
			t.Errorf("cursor: %v", v)
		}
	})
}

func TestTheAPIRepeatsAnOutcome(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		first := st.call(t, "ada", "POST", "/activities", full, "Idempotency-Key", "a1").is(201)
		again := st.call(t, "ada", "POST", "/activities", full, "Idempotency-Key", "a1").is(201)
		if first["id"] != again["id"] {
			t.Errorf("made %v, then %v", first["id"], again["id"])
		}
		st.call(t, "ada", "POST", "/activities", `{"title":"y","kind":"job","start":"2019"}`, "Idempotency-Key", "a1").is(422)
		if other := st.call(t, "bob", "POST", "/activities", full, "Idempotency-Key", "a1").is(201); other["id"] == first["id"] {
			t.Error("another person's key is another key")
		}
	})
}

func TestTheAPIListsByPages(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		for _, start := range []string{"2019", "2021-03", "2020-01-02", "2020"} {
			st.call(t, "ada", "POST", "/activities", `{"title":"`+start+`","kind":"job","start":"`+start+`"}`).is(201)
		}
		var titles []string
		path := "/activities?limit=3"
		for range 3 {
			v := st.call(t, "ada", "GET", path, "").is(200)
			for _, it := range v["items"].([]any) {
				titles = append(titles, it.(map[string]any)["title"].(string))
			}
			if v["next"] == "" {
				break
			}
			path = "/activities?limit=3&cursor=" + v["next"].(string)
		}
		if got := strings.Join(titles, " "); got != "2021-03 2020-01-02 2020 2019" {
			t.Errorf("listed %s", got)
		}
		if v := st.call(t, "bob", "GET", "/activities", "").is(200); fmt.Sprint(v["items"]) != "[]" || v["next"] != "" {
			t.Errorf("an empty list is %v", v)
		}
	})
}

// file is a multipart body with one file.
func file(t testing.TB, part, name, content string, fields ...string) (body io.Reader, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	f, err := w.CreateFormFile(part, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, content); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b, w.FormDataContentType()
}

func (st *site) upload(t testing.TB, who kernel.PersonID, path, name, content string, fields ...string) answer {
	t.Helper()
	body, kind := file(t, "files", name, content, fields...)
	return st.ask(t, who, "POST", path, body, "Content-Type", kind)
}

func TestAPieceIsKeptByteForByte(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		id := st.call(t, "ada", "POST", "/activities", full).is(201)["id"].(string)
		content := "%PDF-1.7\n" + strings.Repeat("0123456789abcdef", 70_000) // more than four chunks
		p := st.upload(t, "ada", "/api/v1/activities/"+id+"/pieces", `C:\dossier\Rapport "2025".pdf`, content, "date", "2025-03", "author", "Youssef").is(201)
		if p["kind"] != "file" || p["media"] != "application/pdf" || p["size"] != float64(len(content)) || p["name"] != `Rapport "2025".pdf` || p["author"] != "Youssef" || p["date"] != "2025-03" {
			t.Errorf("made %v", p)
		}
		back := st.ask(t, "ada", "GET", p["original"].(string), nil)
		if back.is(200); back.Body.String() != content {
			t.Errorf("%d bytes came back, want %d", back.Body.Len(), len(content))
		}
		for name, want := range map[string]string{"Content-Disposition": "attachment", "Cache-Control": "no-store", "Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"} {
			if !strings.Contains(back.Header().Get(name), want) {
				t.Errorf("%s: %q", name, back.Header().Get(name))
			}
		}
		part := st.ask(t, "ada", "GET", p["original"].(string), nil, "Range", "bytes=5-12")
		if part.is(206); part.Body.String() != content[5:13] {
			t.Errorf("a range gave %q", part.Body)
		}
		for _, who := range []kernel.PersonID{"eve", "mallory"} {
			for _, path := range []string{"/pieces/" + p["id"].(string), "/pieces/" + p["id"].(string) + "/original", "/activities/" + id + "/pieces"} {
				st.call(t, who, "GET", path, "").is(404)
			}
			st.upload(t, who, "/api/v1/activities/"+id+"/pieces", "x.txt", "x").is(404)
			st.call(t, who, "DELETE", "/pieces/"+p["id"].(string), "").is(404)
		}
		if v := st.call(t, "ada", "GET", "/activities/"+id+"/pieces", "").is(200); len(v["items"].([]any)) != 1 {
			t.Errorf("listed %v", v)
		}
		st.call(t, "ada", "GET", "/pieces/"+p["id"].(string)+"/preview", "").is(404)
	})
}

func TestTheAddressOfAPageIsAPiece(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		id := st.call(t, "ada", "POST", "/activities", full).is(201)["id"].(string)
		path := "/activities/" + id + "/pieces"
		p := st.call(t, "ada", "POST", path, `{"url":"https://example.org/cr?x=1","date":"2025","author":null}`).is(201)
		if p["kind"] != "link" || p["url"] != "https://example.org/cr?x=1" || p["title"] != p["url"] || p["original"] != nil {
			t.Errorf("made %v", p)
		}
		for body, want := range map[string]string{
			`{}`: "url missing", `{"url":"javascript:alert(1)"}`: "url form", `{"url":"https://"}`: "url form", `{"url":"https://a b"}`: "url form",
			`{"url":"https://example.org","date":"hier"}`: "date form", `{"url":5}`: "url form", `{"url":"https://example.org","author":["x"]}`: "author form",
		} {
			if got := refusal(st.call(t, "ada", "POST", path, body).is(422)); got != want {
				t.Errorf("%s: %q, want %q", body, got, want)
			}
		}
		st.call(t, "ada", "POST", path, `{"url":`).is(400)
		st.call(t, "ada", "POST", "/activities/act_nothing/pieces", `{"url":"https://example.org"}`).is(404)
		st.call(t, "ada", "POST", "/activities/"+p["id"].(string)+"/pieces", `{"url":"https://example.org"}`).is(404)
	})
}

func TestFilesThatAreNoPiecesAreRefused(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		id := st.call(t, "ada", "POST", "/activities", full).is(201)["id"].(string)
		path := "/api/v1/activities/" + id + "/pieces"
		for name, c := range map[string]struct {
			name, content string
			status        int
		}{
			"empty":              {"a.txt", "", 422},
			"a Windows program":  {"photo.png", "MZ\x90\x00rest", 415},
			"a Linux program":    {"x", "\x7fELF\x02\x01", 415},
			"a program by name":  {"facture.pdf.exe", "plain text", 415},
			"too large":          {"a.bin", strings.Repeat("x", pieceMost+1), 413},
			"far too large":      {"a.bin", strings.Repeat("x", uploadMost+1), 413},
			"just large enough":  {"a.bin", strings.Repeat("x", pieceMost), 201},
			"a script to read":   {"outil.sh", "#!/bin/sh\necho\n", 201},
			"an unknown format":  {"plan.qqq", "\x00\x01\x02", 201},
			"a page":             {"page.html", "<script>alert(1)</script>", 201},
			"a name without end": {strings.Repeat("é", 400) + ".txt", "x", 201},
			"a hidden name":      {".htaccess", "x", 201},
		} {
			if got := st.upload(t, "ada", path, c.name, c.content); got.Code != c.status {
				t.Errorf("%s: %d %s, want %d", name, got.Code, got.Body.String(), c.status)
			}
		}
		body, kind := file(t, "file", "a.txt", "x")
		st.ask(t, "ada", "POST", path, body, "Content-Type", kind).is(422)
		st.ask(t, "ada", "POST", path, strings.NewReader("x"), "Content-Type", "text/plain").is(415)
		st.ask(t, "ada", "POST", path, strings.NewReader("x"), "Content-Type", "multipart/form-data").is(415)
		body, kind = file(t, "files", "a.txt", "the end of this is missing")
		whole, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		st.ask(t, "ada", "POST", path, bytes.NewReader(whole[:len(whole)-40]), "Content-Type", kind).is(400)
		if v := st.call(t, "ada", "GET", "/activities/"+id+"/pieces", "").is(200); len(v["items"].([]any)) != 6 {
			t.Errorf("%d pieces kept, want the 6 that were accepted", len(v["items"].([]any)))
		}
	})
}

func TestAFileLeavesWithItsLastPiece(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		id := st.call(t, "ada", "POST", "/activities", full).is(201)["id"].(string)
		path := "/api/v1/activities/" + id + "/pieces"
		one, two := st.upload(t, "ada", path, "a.txt", "the same").is(201), st.upload(t, "ada", path, "b.txt", "the same").is(201)
		st.call(t, "ada", "DELETE", "/pieces/"+one["id"].(string), "").is(204)
		if got := st.ask(t, "ada", "GET", two["original"].(string), nil); got.Body.String() != "the same" {
			t.Errorf("the other piece lost its file: %d %s", got.Code, got.Body)
		}
		st.call(t, "ada", "DELETE", "/activities/"+id, "").is(204)
		if got := st.ask(t, "ada", "GET", two["original"].(string), nil); got.Body.String() != "the same" {
			t.Errorf("a piece goes with its activity: %d", got.Code)
		}
		st.call(t, "ada", "DELETE", "/pieces/"+two["id"].(string), "").is(204)
		n, err := db.One(t.Context(), st.h.DB.Read(), db.Scan[int64], `select count(*) from gate_chunk`)
		if err != nil || n != 0 {
			t.Errorf("%d chunks left, %v", n, err)
		}
	})
}

func TestEntriesHaveTheirCalls(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, st *site) {
		e := st.call(t, "ada", "POST", "/entries", `{"shape":"method","fields":{"title":"Trier une caisse","steps":"un\ndeux","nothing":"x"}}`).is(201)
		id := e["id"].(string)
		if e["name"] != "Trier une caisse" || e["fields"].(map[string]any)["steps"] != "un\ndeux" {
			t.Errorf("made %v", e)
		}
		changed := st.call(t, "ada", "PUT", "/entries/"+id, `{"version":1,"fields":{"title":"Trier"}}`).is(200)
		if changed["version"] != 2.0 || changed["fields"].(map[string]any)["steps"] != "" {
			t.Errorf("changed to %v", changed)
		}
		if v := st.call(t, "ada", "PUT", "/entries/"+id, `{"version":1,"fields":{"title":"x"}}`).is(409); v["current"].(map[string]any)["name"] != "Trier" {
			t.Errorf("stale: %v", v)
		}
		st.call(t, "eve", "GET", "/entries/"+id, "").is(404)
		st.call(t, "eve", "PUT", "/entries/"+id, `{"version":2,"fields":{"title":"x"}}`).is(404)
		st.call(t, "eve", "DELETE", "/entries/"+id, "").is(404)
		if v := st.call(t, "ada", "GET", "/entries?shape=method", "").is(200); len(v["items"].([]any)) != 1 {
			t.Errorf("listed %v", v)
		}
		if v := st.call(t, "ada", "POST", "/entries", `{"shape":"note","fields":{}}`).is(422); refusal(v) != "narrative missing" {
			t.Errorf("an empty note: %v", v)
		}
		st.call(t, "ada", "POST", "/entries", `{"shape":"boss","fields":{}}`).is(404)
		st.call(t, "ada", "GET", "/entries?shape=boss", "").is(404)
		st.call(t, "ada", "DELETE", "/entries/"+id, "").is(204)
		st.call(t, "ada", "GET", "/entries/"+id, "").is(404)
	})
}
