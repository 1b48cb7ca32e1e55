package recognition

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// ask posts to the API as somebody.
func ask(t *testing.T, address, who, body string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/api/v1/skills/suggest", strings.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	w, err := http.DefaultClient.Do(r)
	must(t, err)
	raw, err := io.ReadAll(w.Body)
	must(t, err)
	must(t, w.Body.Close())
	return w.StatusCode, raw
}

func TestTheAPISuggestsAsTheCommandDoes(t *testing.T) {
	h, s := open(t, filepath.Join(t.TempDir(), "a.db"))
	address := serve(t, h, s)
	code, raw := ask(t, address, "ada", `{"text":"J'ai tenu les comptes de l'association","lang":"fr","limit":2,"invented":1}`)
	var got struct {
		Suggestions []struct {
			URI, Label, Scheme, Kind string
			Score                    float64
			Because                  []string
		}
		Notices []string
	}
	must(t, json.Unmarshal(raw, &got))
	if code != http.StatusOK || len(got.Suggestions) == 0 || len(got.Suggestions) > 2 || got.Notices == nil {
		t.Fatalf("%d %s", code, raw)
	}
	first := got.Suggestions[0]
	if first.URI != "urn:digiwork:competence:accounts" || first.Scheme != "starter" || first.Kind != "skill" || first.Score <= 0 || len(first.Because) == 0 {
		t.Errorf("%+v", first)
	}
	for body, want := range map[string]int{
		`{}`:                  http.StatusOK, // nothing in, an empty list out
		`{"title":"xyzzy"}`:   http.StatusOK,
		`{"lang":"de"}`:       http.StatusUnprocessableEntity,
		`{"limit":0}`:         http.StatusUnprocessableEntity,
		`{"limit":201}`:       http.StatusUnprocessableEntity,
		`{"text":"a\u0000b"}`: http.StatusUnprocessableEntity,
		`{"text":`:            http.StatusBadRequest,
		`{"text":"` + strings.Repeat("a", 100_001) + `"}`:   http.StatusUnprocessableEntity,
		`{"text":"` + strings.Repeat("a", mostBytes) + `"}`: http.StatusRequestEntityTooLarge,
	} {
		code, raw := ask(t, address, "ada", body)
		if code != want {
			t.Errorf("%.60s = %d, want %d: %.200s", body, code, want, raw)
		}
		if code == http.StatusOK && !strings.Contains(string(raw), `"suggestions":[]`) {
			t.Errorf("%.60s suggests %s", body, raw)
		}
	}
	if code, _ := ask(t, address, "", `{"text":"x"}`); code != http.StatusUnauthorized {
		t.Errorf("a visitor gets %d", code)
	}
}
