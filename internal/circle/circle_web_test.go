package circle

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digiwork/internal/gate"
	"digiwork/internal/lib/typography"
	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/web"
	"digiwork/internal/testkit"

	"github.com/danielgtaylor/huma/v2"
)

// site is a town with its pages and operations.
type site struct {
	*town
	mux     *web.Mux
	api     huma.API
	catalog *i18n.Catalog
	handler http.Handler
}

func openSite(t *testing.T, where string) *site {
	t.Helper()
	s := &site{town: open(t, where), catalog: catalog(t)}
	s.SignIn, s.SignUp = "/sign-in", "/sign-up"
	if err := s.catalog.Add("web", web.Messages); err != nil {
		t.Fatal(err)
	}
	if err := s.catalog.Add("once", once.Messages); err != nil {
		t.Fatal(err)
	}
	house := &web.Site{
		Catalog: s.catalog, SignIn: "/sign-in", SignOut: "/sign-out", Account: "/account",
		Rooms: []web.Room{{Code: "cercles", Group: "together", Path: "/circles", Icon: "circle", NameKey: "web.room.cercles"}},
	}
	s.mux = web.NewMux(house)
	house.Pages(s.mux)
	s.Pages(s.mux)
	s.api = web.NewAPI(s.mux, "test")
	s.API(s.api)
	s.mux.Handle("GET /assets/", asset.Handler())
	handler, err := house.Wrap(s.mux, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, err := s.house.Gate.Enter(r.Context(), gate.Credential{Bearer: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")})
			if err != nil {
				t.Error(err)
			}
			if key := r.Header.Get("Idempotency-Key"); key != "" {
				o, err := once.New(key, r.Method+" "+r.URL.Path)
				if err != nil {
					t.Error(err)
				}
				r.Body = o.Body(r.Body)
				ctx = once.With(ctx, o)
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	s.handler = handler
	return s
}

// ask sends a request as somebody: a body that starts with { is JSON, another a form.
func (s *site) ask(who, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	switch {
	case strings.HasPrefix(body, "{"):
		r.Header.Set("Content-Type", "application/json")
	case body != "":
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Authorization", "Bearer "+who)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// access says, for each route, what each kind of person gets. ada looks after the
// circle, bob belongs, eve is a stranger, mallory looks after another circle.
var access = map[string]struct {
	body string
	want map[string]int
}{
	"GET /circles":                                         {"", all200(303)},
	"POST /circles":                                        {"name=Reliure&kind=team", map[string]int{"": 401, "eve": 303, "mallory": 303, "bob": 303, "ada": 303}},
	"GET /circles/{id}":                                    {"", members200(303)},
	"POST /circles/{id}":                                   {"name=Dorure&version=1", owners(401, 303)},
	"GET /circles/{id}/leave":                              {"", members200(303)},
	"POST /circles/{id}/leave":                             {"", map[string]int{"": 401, "eve": 404, "mallory": 404, "bob": 303, "ada": 409}},
	"POST /circles/{id}/members/{person}/role":             {"role=owner", owners(401, 303)},
	"GET /circles/{id}/members/{person}/remove":            {"", owners(303, 200)},
	"POST /circles/{id}/members/{person}/remove":           {"", map[string]int{"": 401, "eve": 404, "mallory": 404, "bob": 303, "ada": 303}},
	"POST /circles/{id}/invitations":                       {"", owners(401, 303)},
	"POST /circles/{id}/invitations/{invitation}/withdraw": {"", owners(401, 303)},
	"GET /invitations/{token}":                             {"", map[string]int{"": 200, "eve": 200, "mallory": 200, "bob": 200, "ada": 200}},
	"POST /invitations/{token}":                            {"", map[string]int{"": 401, "eve": 303, "mallory": 303, "bob": 303, "ada": 303}},
	"GET /api/v1/circles":                                  {"", all200(401)},
	"POST /api/v1/circles":                                 {`{"name":"Reliure","kind":"team"}`, map[string]int{"": 401, "eve": 201, "mallory": 201, "bob": 201, "ada": 201}},
	"GET /api/v1/circles/{id}":                             {"", members200(401)},
	"PUT /api/v1/circles/{id}":                             {`{"name":"Dorure","version":1}`, owners(401, 200)},
	"GET /api/v1/circles/{id}/members":                     {"", members200(401)},
	"POST /api/v1/circles/{id}/members":                    {`{"person":"bob","role":"owner"}`, owners(401, 200)},
	"DELETE /api/v1/circles/{id}/members":                  {"", map[string]int{"": 401, "eve": 404, "mallory": 404, "bob": 204, "ada": 409}},
	"DELETE /api/v1/circles/{id}/members/{person}":         {"", map[string]int{"": 401, "eve": 404, "mallory": 404, "bob": 204, "ada": 204}},
	"GET /api/v1/circles/{id}/invitations":                 {"", owners(401, 200)},
	"POST /api/v1/circles/{id}/invitations":                {"", owners(401, 201)},
	"DELETE /api/v1/circles/{id}/invitations/{invitation}": {"", owners(401, 204)},
}

func all200(visitor int) map[string]int {
	return map[string]int{"": visitor, "eve": 200, "mallory": 200, "bob": 200, "ada": 200}
}

func members200(visitor int) map[string]int {
	return map[string]int{"": visitor, "eve": 404, "mallory": 404, "bob": 200, "ada": 200}
}

func owners(visitor, status int) map[string]int {
	return map[string]int{"": visitor, "eve": 404, "mallory": 404, "bob": 403, "ada": status}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		s := openSite(t, where)
		s.create(t, "mallory")
		routes := append(s.mux.Routes(), web.APIRoutes(s.api)...)
		tried := 0
		for _, route := range routes {
			a, ok := access[route]
			if !ok {
				if strings.Contains(route, "circles") || strings.Contains(route, "invitations") {
					t.Errorf("nobody decided who may %s", route)
				}
				continue
			}
			tried++
			for who, want := range a.want {
				id := s.gather(t, "bob")
				i := s.invite(t, "ada", id)
				method, pattern, _ := strings.Cut(route, " ")
				path := strings.NewReplacer("{id}", string(id), "{person}", "bob", "{invitation}", i.ID, "{token}", i.Token).Replace(pattern)
				if got := s.ask(who, method, path, a.body).Code; got != want {
					t.Errorf("%s as %q: %d; want %d", route, who, got, want)
				}
			}
		}
		if tried != len(access) {
			t.Errorf("%d routes tried; the table has %d", tried, len(access))
		}
	})
}

func plain(w *httptest.ResponseRecorder) string { return typography.Plain(w.Body.String()) }

func TestPagesOfACircle(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		s := openSite(t, where)
		says := func(what string, w *httptest.ResponseRecorder, status int, words ...string) {
			t.Helper()
			if w.Code != status {
				t.Fatalf("%s: %d; want %d: %s", what, w.Code, status, w.Body)
			}
			for _, word := range words {
				if !strings.Contains(plain(w), word) {
					t.Errorf("%s does not say %q: %s", what, word, plain(w))
				}
			}
		}
		says("no circle yet", s.ask("ada", "GET", "/circles", ""), 200, "Vous ne faites partie d’aucun cercle", "donnée partagée", "Name of ada")
		says("in English", s.ask("ada", "GET", "/circles", "", "Cookie", "lang=en"), 200, "You are in no circle", "shared data")
		says("refused", s.ask("ada", "POST", "/circles", "name=+&kind=guild&idempotency_key=x"), 422, "Donnez un nom au cercle.", `aria-invalid="true"`, "À revoir")
		long := s.ask("ada", "POST", "/circles", "name="+strings.Repeat("Gens+de+Loire+", 20)+"&kind=guild")
		says("too long", long, 422, "120 caractères au plus", "Gens de Loire")
		if !regexp.MustCompile(`value="guild" checked`).MatchString(long.Body.String()) {
			t.Error("the kind that was chosen is lost")
		}
		made := s.ask("ada", "POST", "/circles", "name=Gens+de+Loire&kind=guild")
		says("made", made, 303)
		page := made.Header().Get("Location")
		says("its page", s.ask("ada", "GET", page, ""), 200, "Gens de Loire", "Guilde, 1 membre · vous en êtes responsable", "Inviter", "Changer le nom", "une seule fois, pendant sept jours")
		says("invite", s.ask("ada", "POST", page+"/invitations", ""), 303)
		waits := s.ask("ada", "GET", page, "")
		address := regexp.MustCompile(`http://localhost:8080(/invitations/[A-Z2-7]+)`).FindStringSubmatch(waits.Body.String())
		if address == nil {
			t.Fatalf("no link to copy: %s", waits.Body)
		}
		join := address[1]
		says("a visitor reads it", s.ask("", "GET", join, ""), 200, "Rejoindre Gens de Loire", "Name of ada vous invite", "/sign-in?next=", "/sign-up?invitation=", "31 mars 2037")
		says("bob reads it", s.ask("bob", "GET", join, ""), 200, "Les membres liront votre nom : Name of bob", "Entrer dans le cercle")
		says("in English", s.ask("bob", "GET", join, "", "Cookie", "lang=en"), 200, "Members will read your name: Name of bob", "Guild")
		says("bob accepts", s.ask("bob", "POST", join, ""), 303)
		says("again", s.ask("bob", "GET", join, ""), 200, "Vous faites déjà partie")
		says("eve is late", s.ask("eve", "GET", join, ""), 410, "Cette invitation ne s’ouvre pas")
		says("bob's view", s.ask("bob", "GET", page, ""), 200, "Name of ada", "Guilde, 2 membres")
		if body := plain(s.ask("bob", "GET", page, "")); strings.Contains(body, "Changer le nom") || strings.Contains(body, "/remove") || strings.Contains(body, "/role") {
			t.Error("a member is offered what is the owners'")
		}
		says("the last owner", s.ask("ada", "POST", page+"/leave", ""), 409, "Confiez d’abord la responsabilité")
		says("a stale name", s.ask("ada", "POST", page, "name=Autre&version=7"), 409, "entre-temps", `value="Autre"`)
		says("rename", s.ask("ada", "POST", page, "name=Gens+de+Seine&version=1"), 303)
		says("ask to remove", s.ask("ada", "GET", page+"/members/bob/remove", ""), 200, "Retirer Name of bob ?", "Gens de Seine")
		says("hand over", s.ask("ada", "POST", page+"/members/bob/role", "role=owner"), 303)
		says("ask to leave", s.ask("ada", "GET", page+"/leave", ""), 200, "Quitter Gens de Seine ?", "Votre musette ne change pas")
		says("leave", s.ask("ada", "POST", page+"/leave", ""), 303)
		says("it is hidden now", s.ask("ada", "GET", page, ""), 404, "vous n’en faites pas partie")
		says("ask to close", s.ask("bob", "GET", page+"/leave", ""), 200, "Fermer Gens de Seine ?", "cela ne se défait pas")
		says("close", s.ask("bob", "POST", page+"/leave", ""), 303)
		if missing := s.catalog.Missing(); len(missing) > 0 {
			t.Errorf("messages that do not exist: %v", missing)
		}
	})
}

func TestNamesAreEscapedAndKept(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		s := openSite(t, where)
		for _, name := range []string{`<script>alert(1)</script>`, `"><img src=x onerror=y>`, "Ω≈ç√ 田中さん 👩‍👩‍👧", "'; drop table circle_member; --", "{{7*7}} ${x}", "\u202Eevil", "NULL", "0"} {
			made := s.ask("ada", "POST", "/circles", url.Values{"name": {name}, "kind": {"team"}}.Encode())
			if made.Code != 303 {
				t.Errorf("%q: %d", name, made.Code)
				continue
			}
			page := s.ask("ada", "GET", made.Header().Get("Location"), "").Body.String()
			if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") {
				t.Errorf("%q is not escaped", name)
			}
			var got circleBody
			id := strings.TrimPrefix(made.Header().Get("Location"), "/circles/")
			answer(t, s.ask("ada", "GET", "/api/v1/circles/"+id, ""), 200, &got)
			if got.Name != name {
				t.Errorf("%q is kept as %q", name, got.Name)
			}
		}
	})
}

func answer(t testing.TB, w *httptest.ResponseRecorder, status int, into any) {
	t.Helper()
	if w.Code != status {
		t.Fatalf("%d; want %d: %s", w.Code, status, w.Body)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
}

func TestCirclesOverTheAPI(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		s := openSite(t, where)
		var c, again circleBody
		body := `{"name":"Reliure","kind":"jury","id":"cir_mine","unknown":true}`
		answer(t, s.ask("ada", "POST", "/api/v1/circles", body, "Idempotency-Key", "k1"), 201, &c)
		answer(t, s.ask("ada", "POST", "/api/v1/circles", body, "Idempotency-Key", "k1"), 201, &again)
		if c != again || c.Kind != Jury || c.Role != Owner || c.Members != 1 || c.Version != 1 || c.ID == "cir_mine" {
			t.Errorf("made %+v then %+v", c, again)
		}
		at := "/api/v1/circles/" + c.ID
		// What GET answered can be PUT back.
		raw := s.ask("ada", "GET", at, "").Body.String()
		answer(t, s.ask("ada", "PUT", at, raw), 200, &c)
		if c.Version != 2 {
			t.Errorf("version %d after PUT", c.Version)
		}
		var problem struct {
			Code    string
			Current circleBody
			Errors  []struct{ Field string }
		}
		answer(t, s.ask("ada", "PUT", at, `{"name":"Autre","version":1}`), 409, &problem)
		if problem.Code != "circle.stale" || problem.Current != c {
			t.Errorf("stale: %+v; want the circle as it is, %+v", problem, c)
		}
		answer(t, s.ask("ada", "PUT", at, `{"name":"Autre"}`), 422, &problem)
		if len(problem.Errors) != 1 || !strings.Contains(problem.Errors[0].Field, "version") {
			t.Errorf("no version: %+v", problem)
		}
		answer(t, s.ask("ada", "POST", "/api/v1/circles", `{"name":" ","kind":"jury"}`), 422, &problem)
		answer(t, s.ask("ada", "POST", "/api/v1/circles", `{"name":"x","kind":"club"}`), 422, nil)
		var i, sameI invitationBody
		answer(t, s.ask("ada", "POST", at+"/invitations", "", "Idempotency-Key", "k2"), 201, &i)
		answer(t, s.ask("ada", "POST", at+"/invitations", "", "Idempotency-Key", "k2"), 201, &sameI)
		if i != sameI || !strings.HasSuffix(i.URL, "/invitations/"+i.Token) {
			t.Errorf("invited %+v then %+v", i, sameI)
		}
		answer(t, s.ask("ada", "POST", at+"/invitations", `{"email":"nobody"}`), 422, &problem)
		var m memberBody
		answer(t, s.ask("bob", "POST", at+"/members", fmt.Sprintf(`{"invitation":%q}`, i.URL)), 200, &m)
		if m.Person != "bob" || m.Role != Plain || m.Name != "Name of bob" {
			t.Errorf("bob came in as %+v", m)
		}
		answer(t, s.ask("eve", "POST", at+"/members", fmt.Sprintf(`{"invitation":%q}`, i.Token)), 410, nil)
		for _, wrong := range []string{`{}`, `{"person":"bob","invitation":"x"}`, `{"person":"bob","role":"chief"}`} {
			answer(t, s.ask("ada", "POST", at+"/members", wrong), 422, nil)
		}
		// Nobody is put into a circle.
		answer(t, s.ask("ada", "POST", at+"/members", `{"person":"eve","role":"member"}`), 403, &problem)
		if problem.Code != "circle.member.consent" {
			t.Errorf("adding eve: %+v", problem)
		}
		var list web.List[memberBody]
		answer(t, s.ask("bob", "GET", at+"/members?limit=1", ""), 200, &list)
		if len(list.Items) != 1 || list.Items[0].Person != "ada" || list.Next == "" {
			t.Errorf("first page %+v", list)
		}
		answer(t, s.ask("bob", "GET", at+"/members?limit=1&cursor="+list.Next, ""), 200, &list)
		if len(list.Items) != 1 || list.Items[0].Person != "bob" || list.Next != "" {
			t.Errorf("second page %+v", list)
		}
		answer(t, s.ask("ada", "DELETE", at+"/members?person=bob", ""), 204, nil)
		answer(t, s.ask("ada", "DELETE", at+"/members?person=bob", ""), 404, nil)
		var mine web.List[circleBody]
		raw = s.ask("bob", "GET", "/api/v1/circles", "").Body.String()
		if err := json.Unmarshal([]byte(raw), &mine); err != nil || mine.Items == nil || len(mine.Items) != 0 {
			t.Errorf("bob's circles: %s", raw)
		}
		answer(t, s.ask("ada", "DELETE", at+"/members", ""), 204, nil)
		answer(t, s.ask("ada", "GET", at, ""), 404, nil)
	})
}

func TestLooksAtInvitationsAreLimited(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		s := openSite(t, where)
		s.Looks = web.NewLimiter(3, 1<<40, s.DB.Now)
		for range 3 {
			answer(t, s.ask("", "GET", "/invitations/GUESS", ""), 410, nil)
		}
		w := s.ask("", "GET", "/invitations/GUESS", "")
		if w.Code != 429 || w.Header().Get("Retry-After") == "" {
			t.Errorf("the fourth guess: %d", w.Code)
		}
	})
}

func TestPersonOfAnotherCircleIsNotReached(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, where string) {
		s := openSite(t, where)
		id := s.gather(t, "bob")
		for _, try := range []struct{ method, path, body string }{
			{"POST", "/members/mallory/role", "role=owner"},
			{"GET", "/members/mallory/remove", ""},
			{"POST", "/members/mallory/remove", ""},
		} {
			w := s.ask("ada", try.method, path(id)+try.path, try.body)
			if w.Code != 404 && w.Code != 403 {
				t.Errorf("%s %s: %d", try.method, try.path, w.Code)
			}
		}
		if got := s.roles(t, id); len(got) != 2 {
			t.Errorf("members: %v", got)
		}
	})
}
