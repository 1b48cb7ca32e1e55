package account

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
)

// call asks the API with a token; headers are pairs.
func (h *home) call(t testing.TB, token, method, path, body string, status int, headers ...string) map[string]any {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/api/v1"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.site.ServeHTTP(w, r)
	if w.Code != status {
		t.Fatalf("%s %s: %d %s, want %d", method, path, w.Code, w.Body, status)
	}
	var v map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	return v
}

func TestTheAPISaysWhoIAm(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		id, _, err := h.AddPerson(t.Context(), NewPerson{Handle: "ada", Name: "Ada", Mail: "ada@exemple.fr", Lang: "en", Zone: "Indian/Reunion", Password: goodPassword, Admin: true})
		if err != nil {
			t.Fatal(err)
		}
		_, token, err := h.CreateTokenFor(t.Context(), id, NewToken{Scopes: []string{"read"}})
		if err != nil {
			t.Fatal(err)
		}
		me := h.call(t, token.Reveal(), "GET", "/me", "", 200)
		want := map[string]any{
			"id": string(id), "handle": "ada", "name": "Ada", "email": "ada@exemple.fr", "email_confirmed": false, "language": "en",
			"zone": "Indian/Reunion", "theme": "", "admin": true, "demo": false, "version": 1.0, "created_at": "2026-11-23T09:00:00Z",
		}
		for name, value := range want {
			if me[name] != value {
				t.Errorf("%s = %v, want %v", name, me[name], value)
			}
		}
		quiet, err := json.Marshal(me["quiet_hours"])
		if err != nil || string(quiet) != `{"days":[0],"from":"19:00","on":true,"to":"08:00"}` {
			t.Errorf("quiet hours %s, %v", quiet, err)
		}
		h.call(t, "", "GET", "/me", "", http.StatusUnauthorized)
		h.call(t, "dw_wrong", "GET", "/me", "", http.StatusUnauthorized)
		h.call(t, token.Reveal(), "DELETE", "/me", "", http.StatusForbidden, "Confirm", "erase")
		h.call(t, token.Reveal(), "POST", "/tokens", `{"scopes":["read"]}`, http.StatusForbidden)
	})
}

func TestTheAPIMakesListsAndTakesBackTokens(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ada := h.add(t, "ada", false)
		_, all, err := h.CreateTokenFor(t.Context(), ada, NewToken{Scopes: []string{"all"}})
		if err != nil {
			t.Fatal(err)
		}
		token := all.Reveal()
		h.pass(time.Second)
		const body = `{"name":"agenda","scopes":["write","read"],"days":30,"unknown":1}`
		made := h.call(t, token, "POST", "/tokens", body, 201, "Idempotency-Key", "k1")
		again := h.call(t, token, "POST", "/tokens", body, 201, "Idempotency-Key", "k1")
		if made["id"] != again["id"] || made["token"] != again["token"] || made["token"] == "" || made["ends_at"] != "2026-12-23T09:00:01Z" {
			t.Errorf("made %v, again %v", made, again)
		}
		h.call(t, token, "POST", "/tokens", `{"name":"autre","scopes":["read"]}`, http.StatusUnprocessableEntity, "Idempotency-Key", "k1")
		for body, field := range map[string]string{
			`{"scopes":[]}`: "scopes", `{}`: "scopes", `{"scopes":["root"]}`: "scopes", `{"scopes":["read"],"days":1000}`: "days",
			`{"scopes":["read"],"name":"` + strings.Repeat("x", 81) + `"}`: "name",
		} {
			p := h.call(t, token, "POST", "/tokens", body, http.StatusUnprocessableEntity)
			if errs, _ := p["errors"].([]any); len(errs) != 1 || errs[0].(map[string]any)["field"] != field {
				t.Errorf("%s: %v", body, p)
			}
		}
		h.call(t, token, "POST", "/tokens", `{"scopes":["vc-api"]}`, http.StatusForbidden)
		h.call(t, token, "POST", "/tokens", `{"scopes"`, http.StatusBadRequest)
		list := h.call(t, token, "GET", "/tokens?limit=1", "", 200)
		items, _ := list["items"].([]any)
		if len(items) != 1 || items[0].(map[string]any)["name"] != "agenda" || items[0].(map[string]any)["token"] != nil || list["next"] == "" {
			t.Fatalf("list %v", list)
		}
		rest := h.call(t, token, "GET", "/tokens?cursor="+list["next"].(string), "", 200)
		if items, _ := rest["items"].([]any); len(items) != 1 || items[0].(map[string]any)["by_operator"] != true || rest["next"] != "" {
			t.Errorf("rest %v", rest)
		}
		eve := h.add(t, "eve", false)
		_, hers, err := h.CreateTokenFor(t.Context(), eve, NewToken{Scopes: []string{"all"}})
		if err != nil {
			t.Fatal(err)
		}
		path := "/tokens/" + made["id"].(string)
		h.call(t, hers.Reveal(), "DELETE", path, "", http.StatusNotFound)
		h.call(t, token, "DELETE", path, "", http.StatusNoContent)
		h.call(t, token, "DELETE", path, "", http.StatusNotFound)
		h.call(t, made["token"].(string), "GET", "/me", "", http.StatusUnauthorized)
	})
}

func TestTheAPIErasesWhoConfirms(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "keeper", true)
		ada := h.full(t, "ada")
		token := ada.token.Reveal()
		for _, confirm := range []string{"", "yes"} {
			p := h.call(t, token, "DELETE", "/me", "", http.StatusUnprocessableEntity, "Confirm", confirm)
			if p["code"] != "account.erase.confirm" {
				t.Errorf("%v", p)
			}
		}
		r := h.call(t, token, "DELETE", "/me", "", 200, "Confirm", "erase")
		if r["person"] != string(ada.id) || r["left_at"] != "2026-11-23T09:00:00Z" || r["key_destroyed_at"] == nil {
			t.Errorf("receipt %v", r)
		}
		gone, _ := r["destroyed"].([]any)
		if !slices.ContainsFunc(gone, func(l any) bool {
			line, _ := l.(map[string]any)
			return line["what"] == keyItems && line["count"] == 1.0 && strings.Contains(line["text"].(string), "dans votre musette")
		}) {
			t.Errorf("destroyed %v", gone)
		}
		if stays, ok := r["stays"].([]any); !ok || len(stays) != 0 {
			t.Errorf("stays %v", r["stays"])
		}
		h.call(t, token, "DELETE", "/me", "", http.StatusUnauthorized, "Confirm", "erase")
		if _, err := h.Gate.Enter(t.Context(), gate.Credential{Bearer: token}); err == nil {
			t.Error("the token still opens")
		}
	})
}
