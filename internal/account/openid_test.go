package account

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/openid"
	"digiwork/internal/platform/outbound"
)

// idp is a small provider of OpenID Connect on loopback. It checks what a provider
// checks; twist spoils what it says, as a thief would.
type idp struct {
	t   *testing.T
	key *rsa.PrivateKey // whose public half it publishes
	pen *rsa.PrivateKey // with which it signs
	url string

	mu      sync.Mutex
	subject string
	claims  map[string]any
	asked   map[string]url.Values // by code: what the address of the sign-in said
	twist   func(claims map[string]any)
	down    bool
}

const idpSecret = "a secret between two machines"

// provider starts one, and makes it this home's.
func (h *home) provider(t *testing.T) *idp {
	t.Helper()
	key := otherKey(t)
	p := &idp{t: t, key: key, pen: key, subject: "248289761001", asked: map[string]url.Values{}}
	m := http.NewServeMux()
	m.HandleFunc("GET /.well-known/openid-configuration", p.describe)
	m.HandleFunc("GET /keys", p.keys)
	m.HandleFunc("POST /token", p.token)
	s := httptest.NewServer(m)
	t.Cleanup(s.Close)
	p.url = s.URL
	file := filepath.Join(t.TempDir(), "secret")
	err := os.WriteFile(file, []byte(idpSecret+"\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	h.OpenID, err = openid.New(openid.Settings{Issuer: s.URL, Client: "digiwork", SecretFile: file, Name: "Ma commune"}, h.url(PathOpenIDBack),
		outbound.Client(5*time.Second, netip.MustParseAddrPort(strings.TrimPrefix(s.URL, "http://"))))
	if err != nil {
		t.Fatal(err)
	}
	h.serve(t)
	return p
}

func (p *idp) describe(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		http.Error(w, "down", http.StatusBadGateway)
		return
	}
	p.json(w, map[string]any{
		"issuer": p.url, "authorization_endpoint": p.url + "/authorize", "token_endpoint": p.url + "/token", "jwks_uri": p.url + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (p *idp) keys(w http.ResponseWriter, _ *http.Request) {
	p.json(w, map[string]any{"keys": []any{map[string]string{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": b64.EncodeToString(p.key.N.Bytes()), "e": b64.EncodeToString(big.NewInt(int64(p.key.E)).Bytes()),
	}}})
}

// token answers a code that was asked for by this client, with its verifier, once.
func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	asked, known := p.asked[r.PostFormValue("code")]
	delete(p.asked, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if plain, err := url.QueryUnescape(secret); err != nil || id != "digiwork" || plain != idpSecret || !known ||
		b64.EncodeToString(sum[:]) != asked.Get("code_challenge") || asked.Get("code_challenge_method") != "S256" || r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	claims := map[string]any{
		"iss": p.url, "sub": p.subject, "aud": "digiwork", "nonce": asked.Get("nonce"),
		"iat": time.Now().Unix(), "exp": time.Now().Add(5 * time.Minute).Unix(), "preferred_username": "ada@commune.example", "name": "Ada Lovelace",
	}
	for name, v := range p.claims {
		claims[name] = v
	}
	if p.twist != nil {
		p.twist(claims)
	}
	p.json(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.sign(claims)})
}

func (p *idp) sign(claims map[string]any) string {
	raw, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	signed := b64.EncodeToString([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + b64.EncodeToString(raw)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.pen, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return signed + "." + b64.EncodeToString(signature)
}

func (p *idp) json(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

// vouch plays the provider's page: it takes the address people are sent to, and gives
// the path by which they come back.
func (p *idp) vouch(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, p.url+"/authorize?") {
		t.Fatalf("sent to %q (%v)", address, err)
	}
	q := u.Query()
	if q.Get("nonce") == "" || q.Get("state") == "" || q.Get("code_challenge") == "" || q.Get("response_type") != "code" || !strings.Contains(q.Get("scope"), "openid") {
		t.Errorf("the address asks %v", q)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code := fmt.Sprintf("code-%d", len(address)+len(p.asked)*1000)
	p.asked[code] = q
	return PathOpenIDBack + "?" + url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.url}}.Encode()
}

// location is where an answer sends a browser.
func (p page) location(t *testing.T) string {
	t.Helper()
	if p.Status != http.StatusSeeOther {
		t.Fatalf("%d, not sent anywhere: %s", p.Status, words(p.Body))
	}
	return p.Header.Get("Location")
}

func TestAProviderVouchesForSomebody(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		idp := h.provider(t)
		id := h.add(t, "ada", false)
		v := h.visitor(t)
		v.post("/sign-in", "name", "ada", "password", goodPassword).leads(t, "/account")

		// She links it from her own session, and it opens her account from then on.
		p := v.get("/account/security").is(t, 200)
		h.says(t, p, "fr", "account.openid.add", "provider", "Ma commune")
		v.get(idp.vouch(t, v.get("/account/security/openid").location(t))).leads(t, "/account/security")
		h.says(t, v.get("/account/security").is(t, 200), "fr", "account.openid.remove")
		w := h.visitor(t)
		h.says(t, w.get("/sign-in").is(t, 200), "fr", "account.openid.enter", "provider", "Ma commune")
		w.get(idp.vouch(t, w.get("/sign-in/openid?next=/account/tokens").location(t))).leads(t, "/account/tokens")
		if people := h.names(t, id); people != "Nom de ada" || !strings.Contains(w.get("/account").is(t, 200).Body, "Nom de ada") {
			t.Errorf("signed in as %q", people)
		}
		h.says(t, v.get("/account/security"), "fr", "account.how.openid")

		// To prove herself again, the provider is asked to look twice.
		again := v.get("/sign-in/openid?next=/account/leave").location(t)
		if !strings.Contains(again, "prompt=login") {
			t.Errorf("asked %s", again)
		}
		v.get(idp.vouch(t, again)).leads(t, "/account/leave")

		// Somebody else whom it knows is not her.
		idp.subject = "somebody else"
		h.says(t, v.get(idp.vouch(t, v.get("/sign-in/openid").location(t))).is(t, http.StatusForbidden), "fr", "account.openid.not_yours")

		// She takes it away.
		idp.subject = "248289761001"
		linked, err := h.linked(t.Context(), id)
		if err != nil || len(linked) != 1 {
			t.Fatalf("%d ways, %v", len(linked), err)
		}
		eve := h.visitor(t)
		h.add(t, "eve", false)
		eve.post("/sign-in", "name", "eve", "password", goodPassword).leads(t, "/account")
		eve.post("/account/security/openid/"+linked[0].ID+"/remove").is(t, http.StatusNotFound)
		v.post("/account/security/openid/"+linked[0].ID+"/remove").leads(t, "/account/security")
		h.says(t, h.visitor(t).get("/sign-in").is(t, 200), "fr", "account.openid.enter", "provider", "Ma commune")
		w = h.visitor(t)
		h.says(t, w.get(idp.vouch(t, w.get("/sign-in/openid").location(t))).is(t, http.StatusForbidden), "fr", "account.openid.unknown")
	})
}

func TestAnAccountIsMadeWhereAnybodyMayMakeOne(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		idp := h.provider(t)
		owner := h.add(t, "ada", true) // the handle that the provider would give is taken
		if err := h.DB.Write(t.Context(), func(tx *db.Tx) error { return setSetting(t.Context(), tx, settingMode, string(Open)) }); err != nil {
			t.Fatal(err)
		}
		v := h.visitor(t)
		v.get(idp.vouch(t, v.get("/sign-in/openid").location(t))).leads(t, "/welcome")
		p := v.get("/account").is(t, 200)
		if !strings.Contains(p.Body, `value="Ada Lovelace"`) || !strings.Contains(p.Body, `value="ada-2"`) {
			t.Errorf("the new account: %s", words(p.Body))
		}
		linked, err := h.linked(t.Context(), owner)
		if err != nil || len(linked) != 0 {
			t.Errorf("a name that is alike opened somebody's account: %v %v", linked, err)
		}
		// It is her only way in: it stays until there is another.
		id, err := h.PersonByHandle(t.Context(), "ada-2")
		if err != nil {
			t.Fatal(err)
		}
		if linked, err = h.linked(t.Context(), id); err != nil || len(linked) != 1 {
			t.Fatal(linked, err)
		}
		h.says(t, v.post("/account/security/openid/"+linked[0].ID+"/remove").is(t, http.StatusConflict), "fr", "account.last_way")
		// The next time it is the same account, and it goes with her.
		w := h.visitor(t)
		w.get(idp.vouch(t, w.get("/sign-in/openid").location(t))).leads(t, "/account")
		if _, err := h.Erase(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		n, err := db.One(t.Context(), h.DB.Read(), db.Scan[int], `select count(*) from account_openid`)
		if err != nil || n != 0 {
			t.Errorf("%d ways in of nobody are left (%v)", n, err)
		}
	})
}

func TestNobodyComesInByAnAnswerThatProvesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		idp := h.provider(t)
		h.add(t, "ada", true)
		mine := h.visitor(t)
		mine.post("/sign-in", "name", "ada", "password", goodPassword).leads(t, "/account")
		mine.get(idp.vouch(t, mine.get("/account/security/openid").location(t))).leads(t, "/account/security")

		for name, twist := range map[string]func(map[string]any){
			"another question":      func(c map[string]any) { c["nonce"] = "guessed" },
			"for another client":    func(c map[string]any) { c["aud"] = "shop" },
			"by another issuer":     func(c map[string]any) { c["iss"] = "https://mal.example" },
			"over":                  func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() },
			"about nobody":          func(c map[string]any) { c["sub"] = "" },
			"signed by another key": func(map[string]any) { idp.pen = otherKey(t) },
		} {
			idp.twist, idp.pen = twist, idp.key
			v := h.visitor(t)
			p := v.get(idp.vouch(t, v.get("/sign-in/openid").location(t)))
			if p.Status != http.StatusUnauthorized || len(v.cookies) != 0 {
				t.Errorf("an answer that is %s: %d, cookies %v: %s", name, p.Status, v.cookies, words(p.Body))
			}
		}
	})
}

func otherKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Error(err)
	}
	return key
}

func TestAnAttemptBelongsToTheBrowserThatBeganIt(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		idp := h.provider(t)
		h.add(t, "ada", true)
		mine := h.visitor(t)
		mine.post("/sign-in", "name", "ada", "password", goodPassword).leads(t, "/account")
		mine.get(idp.vouch(t, mine.get("/account/security/openid").location(t))).leads(t, "/account/security")

		// An address of somebody else's attempt signs nobody in.
		thief, victim := h.visitor(t), h.visitor(t)
		back := idp.vouch(t, thief.get("/sign-in/openid").location(t))
		h.says(t, victim.get(back).is(t, http.StatusGone), "fr", "account.openid.over")
		thief.get(back).leads(t, "/account")
		h.says(t, thief.get(back).is(t, http.StatusGone), "fr", "account.openid.over") // once

		// Nor does one that has waited too long, nor a refusal at the provider.
		late := h.visitor(t)
		back = idp.vouch(t, late.get("/sign-in/openid").location(t))
		h.pass(openidFor + time.Second)
		h.says(t, late.get(back).is(t, http.StatusGone), "fr", "account.openid.over")
		no := h.visitor(t)
		u, err := url.Parse(no.get("/sign-in/openid").location(t))
		if err != nil {
			t.Fatal(err)
		}
		h.says(t, no.get(PathOpenIDBack+"?error=access_denied&state="+u.Query().Get("state")).is(t, http.StatusUnauthorized), "fr", "account.openid.declined")

		// Adding a way in asks for a sign-in that is young, from this site's own page.
		if p := mine.get("/account/security/openid"); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.Header.Get("Location"), "/sign-in/again") {
			t.Errorf("after ten minutes: %d %s", p.Status, p.Header.Get("Location"))
		}
		h.visitor(t).get("/account/security/openid").leads(t, "/sign-in?next=%2Faccount%2Fsecurity%2Fopenid")
	})
}

func TestAProviderThatIsAwayOrInsideIsNoWayIn(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		idp := h.provider(t)
		h.add(t, "ada", true)
		idp.down = true
		v := h.visitor(t)
		h.says(t, v.get("/sign-in/openid").is(t, http.StatusServiceUnavailable), "fr", "account.openid.away")
		v.post("/sign-in", "name", "ada", "password", goodPassword).leads(t, "/account") // her own doors stay
		idp.down = false
		if p := h.visitor(t).get("/sign-in/openid"); p.Status != http.StatusSeeOther {
			t.Errorf("once it is back: %d", p.Status)
		}
		// Without the test's permission its address is not public, and is not reached.
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(idpSecret), 0o600); err != nil {
			t.Fatal(err)
		}
		inside, err := openid.New(openid.Settings{Issuer: idp.url, Client: "digiwork", SecretFile: file, Name: "x"}, "/", outbound.Client(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := inside.Address(t.Context(), "s", openid.NewAttempt(), false); err == nil || !strings.Contains(err.Error(), outbound.ErrPrivate.Error()) {
			t.Errorf("an address inside: %v", err)
		}
	})
}

// Without a provider there is no such page.
func TestWithoutAProviderNothingIsOffered(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		for _, path := range []string{"/sign-in/openid", PathOpenIDBack, "/account/security/openid"} {
			h.visitor(t).get(path).is(t, http.StatusNotFound)
		}
		if none, err := openid.New(openid.Settings{}, "/", http.DefaultClient); none != nil || err != nil {
			t.Errorf("%v, %v", none, err)
		}
	})
}

func TestTheTicketIsHeldTight(t *testing.T) {
	for base, want := range map[string]string{"http://localhost:8080": "digiwork-openid", "https://maison.example": "__Host-digiwork-openid"} {
		s := &Service{Base: base}
		c := s.openidCookie("x", openidFor)
		if c.Name != want || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != strings.HasPrefix(base, "https") {
			t.Errorf("%s: %+v", base, c)
		}
	}
}

func TestAHandleIsMadeOfWhatAProviderSays(t *testing.T) {
	for text, want := range map[string]string{
		"ada": "ada", "Ada Lovelace": "Ada-Lovelace", "  Élodie  O’Neil ": "Élodie-O-Neil", "李雷": "", "..": "", "a_b.c": "a-b-c", strings.Repeat("x", 90): strings.Repeat("x", maxHandle-4),
	} {
		if got := handleLike(text); got != want {
			t.Errorf("%q makes %q, want %q", text, got, want)
		}
	}
}

// names is what people are called.
func (h *home) names(t *testing.T, id kernel.PersonID) string {
	t.Helper()
	names, err := h.Names(t.Context(), []kernel.PersonID{id})
	if err != nil {
		t.Fatal(err)
	}
	return names[id]
}
