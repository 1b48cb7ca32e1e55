package app

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// demoAccess says who gets what on the pages of the demonstration alone: a visitor,
// and one of its people, who is a visitor like any other.
var demoAccess = map[string][2]int{
	"GET /demo/reset":  {http.StatusOK, http.StatusOK},
	"POST /demo/reset": {http.StatusSeeOther, http.StatusSeeOther},
}

func TestEveryRouteOfTheDemonstrationIsDecided(t *testing.T) {
	t.Parallel()
	a := demoAt(t, filepath.Join(t.TempDir(), "demo.db"), true)
	if err := a.fillDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	site, err := a.Site(options{base: a.base, demo: true}, ServeConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, route := range site.Routes {
		if _, everywhere := access[route]; !everywhere {
			own = append(own, route)
		}
	}
	if want := slices.Sorted(maps.Keys(demoAccess)); !slices.Equal(slices.Sorted(slices.Values(own)), want) {
		t.Errorf("the demonstration adds %q, decided are %q", own, want)
	}
	for _, route := range slices.Sorted(maps.Keys(demoAccess)) {
		for i, cookie := range []string{"", demoCookie(t, site, a)} {
			if got := ask(t, site, route, cookie).Code; got != demoAccess[route][i] {
				t.Errorf("%s, signed in %t = %d, want %d", route, cookie != "", got, demoAccess[route][i])
			}
		}
	}
	// Elsewhere nobody signs in by a click, and there is nothing to put back.
	real := demoAt(t, filepath.Join(t.TempDir(), "real.db"), false)
	house, err := real.Site(options{base: real.base}, ServeConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for route := range demoAccess {
		if got := ask(t, house, route, "").Code; got != http.StatusNotFound {
			t.Errorf("%s outside the demonstration = %d", route, got)
		}
	}
}

// demoCookie signs one of the invented people in by a click.
func demoCookie(t *testing.T, site *Site, a *App) string {
	t.Helper()
	people, err := a.Account.DemoPeople(t.Context())
	if err != nil || len(people) == 0 {
		t.Fatalf("%d people, %v", len(people), err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, a.base+"/sign-in/demo", strings.NewReader("handle="+people[0].Handle))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	site.Handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.Name == a.Account.CookieName() {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatalf("a click gives no session: %d", w.Code)
	return ""
}

func ask(t *testing.T, site *Site, route, cookie string) *httptest.ResponseRecorder {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost:8080"+path, nil)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	site.Handler.ServeHTTP(w, r)
	return w
}
