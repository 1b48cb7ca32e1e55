package badge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"digiwork/internal/badge"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/ijson"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/web"
	"digiwork/internal/signing"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"
	"digiwork/internal/testkit/shared"
)

const base = "https://digiwork.example"

// open joins badge and the real keys in a house with four people.
func open(t testing.TB, where string) (*house.House, *badge.Service) {
	t.Helper()
	h := house.Open(t, where, db.Steps{Context: "signing", Files: signing.Migrations}, db.Steps{Context: "badge", Files: badge.Migrations})
	keys := &signing.Service{DB: h.DB, Gate: h.Gate, Keys: h.Keys, Base: base}
	return h, &badge.Service{DB: h.DB, Gate: h.Gate, Keys: h.Keys, Signing: keys, Base: base, VC: badge.VCAPI{Open: true}}
}

func each(t *testing.T, f func(t *testing.T, h *house.House, s *badge.Service)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, where string) {
		h, s := open(t, where)
		f(t, h, s)
	})
}

// api asks the endpoints of the VC API.
type api struct {
	t       *testing.T
	handler http.Handler
	ctx     context.Context
}

func apiOf(t *testing.T, s *badge.Service) api {
	t.Helper()
	m := web.NewMux(&web.Site{})
	s.Pages(m)
	return api{t, m, t.Context()}
}

func (a api) post(at string, body any) (int, map[string]any) {
	a.t.Helper()
	raw, ok := body.([]byte)
	if !ok {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			a.t.Fatal(err)
		}
	}
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, httptest.NewRequestWithContext(a.ctx, http.MethodPost, "/vc-api"+at, bytes.NewReader(raw)))
	var answer map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		a.t.Fatalf("%s answers %d %s", at, w.Code, w.Body)
	}
	return w.Code, answer
}

func plain() map[string]any {
	return map[string]any{
		"@context": []any{credential.ContextV2}, "type": []any{"VerifiableCredential"},
		"issuer": map[string]any{"id": "urn:example:somebody", "name": "Somebody"}, "credentialSubject": map[string]any{"id": "urn:example:holder", "name": "Bob"},
	}
}

func TestTheVCAPIIsClosedUnlessOpened(t *testing.T) {
	_, s := open(t, filepath.Join(t.TempDir(), "a.db"))
	a := apiOf(t, s)
	ask := func(v badge.VCAPI, actor kernel.Actor) int {
		s.VC, a.ctx = v, kernel.WithActor(t.Context(), actor)
		status, _ := a.post("/credentials/issue", map[string]any{"credential": plain()})
		return status
	}
	token := kernel.Actor{Person: "ada", Scopes: []string{"vc-api"}}
	for _, c := range []struct {
		name  string
		vc    badge.VCAPI
		actor kernel.Actor
		want  int
	}{
		{"off", badge.VCAPI{}, token, 404},
		{"a visitor", badge.VCAPI{On: true}, kernel.Actor{}, 401},
		{"another scope", badge.VCAPI{On: true}, kernel.Actor{Person: "ada", Scopes: []string{"read", "write"}}, 403},
		{"a browser", badge.VCAPI{On: true}, kernel.Actor{Person: "ada", SignedAt: time.Now()}, 403},
		{"the scope", badge.VCAPI{On: true}, token, 201},
		{"open", badge.VCAPI{Open: true}, kernel.Actor{}, 201},
	} {
		if got := ask(c.vc, c.actor); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestWhatIsIssuedIsVerified(t *testing.T) {
	each(t, func(t *testing.T, _ *house.House, s *badge.Service) {
		a := apiOf(t, s)
		for root, suites := range map[string][]string{
			"": {"eddsa-rdfc-2022", "eddsa-jcs-2022"}, "/status": {"eddsa-rdfc-2022", "eddsa-jcs-2022"},
			"/eddsa-rdfc-2022": {"eddsa-rdfc-2022"}, "/eddsa-jcs-2022": {"eddsa-jcs-2022"},
		} {
			for name, issuer := range map[string]any{"missing": nil, "text": "urn:example:x", "object": map[string]any{"id": "urn:example:x", "name": "N"}} {
				c := plain()
				if c["issuer"] = issuer; issuer == nil {
					delete(c, "issuer")
				}
				status, answer := a.post(root+"/credentials/issue", map[string]any{"credential": c})
				signed, _ := answer["verifiableCredential"].(map[string]any)
				if status != http.StatusCreated || signed == nil {
					t.Fatalf("%s, issuer %s: %d %v", root, name, status, answer)
				}
				who := signed["issuer"]
				if m, ok := who.(map[string]any); ok {
					if who = m["id"]; m["name"] != "N" {
						t.Errorf("%s: other members of the issuer are lost: %v", root, m)
					}
				}
				if who != "did:web:digiwork.example" {
					t.Errorf("%s: issued by %v", root, who)
				}
				proofs, ok := signed["proof"].([]any)
				if !ok {
					proofs = []any{signed["proof"]}
				}
				if len(proofs) != len(suites) {
					t.Errorf("%s: %d proofs, want %v", root, len(proofs), suites)
				}
				if status, answer := a.post(root+"/credentials/verify", map[string]any{"verifiableCredential": signed}); status != http.StatusOK || answer["verified"] != true {
					t.Errorf("%s: verified %d %v", root, status, answer)
				}
				signed["credentialSubject"].(map[string]any)["name"] = "Eve"
				status, answer = a.post(root+"/credentials/verify", map[string]any{"verifiableCredential": signed})
				if errs, _ := answer["errors"].([]any); status != http.StatusBadRequest || answer["verified"] != false || len(errs) == 0 {
					t.Errorf("%s: changed, %d %v", root, status, answer)
				}
			}
		}
		// A proof of the other suite does not count where one suite is asked for.
		_, answer := a.post("/eddsa-jcs-2022/credentials/issue", map[string]any{"credential": plain()})
		if status, _ := a.post("/eddsa-rdfc-2022/credentials/verify", answer); status != http.StatusBadRequest {
			t.Errorf("a jcs proof counts as rdfc: %d", status)
		}
	})
}

func TestAStatusIsChangedAndServed(t *testing.T) {
	each(t, func(t *testing.T, _ *house.House, s *badge.Service) {
		a := apiOf(t, s)
		status, answer := a.post("/status/credentials/issue", map[string]any{"credential": plain(), "options": map[string]any{"statusPurpose": []any{"revocation", "suspension"}}})
		signed, _ := answer["verifiableCredential"].(map[string]any)
		entries, _ := signed["credentialStatus"].([]any)
		if status != http.StatusCreated || len(entries) != 2 {
			t.Fatalf("%d %v", status, answer)
		}
		set := func(purpose, value string) int {
			status, _ := a.post("/status/credentials/status", map[string]any{"credentialId": signed["id"], "credentialStatus": []any{
				map[string]any{"type": "BitstringStatusListEntry", "statusPurpose": purpose, "status": value},
			}})
			return status
		}
		code := func() string {
			_, answer := a.post("/status/credentials/verify", answer)
			errs, _ := answer["errors"].([]any)
			if len(errs) == 0 {
				return ""
			}
			return errs[0].(map[string]any)["code"].(string)
		}
		for _, c := range []struct{ purpose, value, want string }{
			{"suspension", "1", "status.suspended"}, {"suspension", "0", ""}, {"revocation", "1", "status.revoked"},
		} {
			if got := set(c.purpose, c.value); got != http.StatusOK {
				t.Fatalf("%s to %s: %d", c.purpose, c.value, got)
			}
			if got := code(); got != c.want {
				t.Errorf("after %s to %s: %q, want %q", c.purpose, c.value, got, c.want)
			}
		}
		for name, got := range map[string]int{"a third state": set("revocation", "2"), "no such purpose": set("message", "1")} {
			if got != http.StatusBadRequest {
				t.Errorf("%s: %d", name, got)
			}
		}
		if status, _ := a.post("/status/credentials/status", map[string]any{"credentialId": "urn:uuid:never", "credentialStatus": []any{map[string]any{"status": "1"}}}); status != http.StatusBadRequest {
			t.Errorf("never issued: %d", status)
		}
	})
}

func TestMalformedRequestsAreRefusedWithTheReason(t *testing.T) {
	_, s := open(t, filepath.Join(t.TempDir(), "a.db"))
	a := apiOf(t, s)
	for name, body := range map[string]string{
		"nothing": "", "text": "hello", "a list": "[]", "no credential": "{}", "a number": `{"credential":1}`, "null": `{"credential":null}`,
		"options": `{"credential":{},"options":[]}`, "twice": `{"credential":{},"credential":{}}`, "deep": strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100),
		"empty": `{"credential":{}}`, "wide": `{"credential":[` + strings.Repeat("1,", 50_000) + `1]}`,
	} {
		for _, at := range []string{"/credentials/issue", "/credentials/verify", "/presentations/verify", "/status/credentials/issue", "/status/credentials/status"} {
			status, answer := a.post(at, []byte(body))
			if errs, _ := answer["errors"].([]any); status != http.StatusBadRequest || answer["verified"] != false || len(errs) == 0 {
				t.Errorf("%s to %s: %d %v", name, at, status, answer)
			}
		}
	}
}

// The 56 inputs of the W3C suite for VCDM 2.0: what is named -ok is issued and
// verified, what is named -fail is refused at one of the two.
func TestTheDataModelIsKept(t *testing.T) {
	folder := shared.Path(t, "open-badges/vc-data-model-2.0")
	_, s := open(t, filepath.Join(t.TempDir(), "a.db"))
	a := apiOf(t, s)
	n := 0
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		doc, err := ijson.Object(raw, ijson.Limits{})
		if err != nil {
			return err
		}
		good := a.accepts(doc)
		if want := strings.HasSuffix(path, "-ok.json"); good != want && !strings.Contains(path, "no-issuer") && !strings.HasSuffix(path, "-or-inject.json") {
			t.Errorf("%s: accepted %v, want %v", filepath.Base(path), good, want)
		}
		return nil
	})
	if err != nil || n < 50 {
		t.Fatalf("%d inputs, %v", n, err)
	}
}

// accepts issues and verifies a credential, or signs a presentation as its holder would
// and verifies it.
func (a api) accepts(doc map[string]any) bool {
	types, _ := doc["type"].([]any)
	for _, v := range append(types, doc["type"]) {
		if v == "VerifiablePresentation" {
			status, answer := a.post("/presentations/verify", map[string]any{"verifiablePresentation": doc})
			errs, _ := answer["errors"].([]any)
			for _, e := range errs {
				// Without a proof of its holder nothing is proven; the form must be right.
				if check := e.(map[string]any)["check"]; check == "parse" || check == "context" || check == "schema" {
					a.t.Log(e)
					return false
				}
			}
			return status == http.StatusOK || len(errs) > 0
		}
	}
	status, answer := a.post("/credentials/issue", map[string]any{"credential": doc})
	if status != http.StatusCreated {
		return false
	}
	signed := maps.Clone(answer)
	status, answer = a.post("/credentials/verify", signed)
	if status == http.StatusOK {
		return true
	}
	for _, e := range answer["errors"].([]any) {
		switch e.(map[string]any)["check"] {
		case "status", "expiry": // a list nobody can ask here; a time that is over or to come
		case "proof", "issuer":
			if doc["proof"] == nil { // a proof it brought along is somebody else's affair
				return false
			}
		default:
			return false
		}
	}
	return true
}

// keysAt are keys of the same house under another address.
func keysAt(h *house.House, base string) *signing.Service {
	return &signing.Service{DB: h.DB, Gate: h.Gate, Keys: h.Keys, Base: base}
}

// signedElsewhere has another instance sign a credential.
func signedElsewhere(s *badge.Service) ([]byte, error) {
	request, err := json.Marshal(map[string]any{"credential": plain()})
	if err != nil {
		return nil, err
	}
	raw, err := s.VCIssue(context.Background(), request, "", false)
	if err != nil {
		return nil, err
	}
	var answer struct {
		VerifiableCredential json.RawMessage `json:"verifiableCredential"`
	}
	err = json.Unmarshal(raw, &answer)
	return answer.VerifiableCredential, err
}

// document is the DID document of an instance.
func document(s *badge.Service) ([]byte, error) {
	raw, _, err := s.Signing.Find(context.Background(), "did:web:digiwork.example")
	return raw, err
}
