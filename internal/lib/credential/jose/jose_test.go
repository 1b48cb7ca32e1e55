package jose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"digiwork/internal/lib/credential/jose"
)

type object = map[string]any

func ecKey(t testing.TB, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func parse(t testing.TB, text string) *jose.Token {
	t.Helper()
	token, err := jose.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// The key of RFC 8037, appendix A.1.
func TestTheKeyOfRFC8037Signs(t *testing.T) {
	seed, err := base64.RawURLEncoding.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(seed)
	text, err := jose.Sign(object{}, object{"a": 1.0}, key)
	if err != nil || !strings.HasPrefix(text, base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA"}`))+".") {
		t.Fatal(text, err)
	}
	if err := parse(t, text).Verify(key.Public()); err != nil {
		t.Error(err)
	}
}

func TestEachKindOfKeySignsAndNoOtherFits(t *testing.T) {
	keys := []crypto.Signer{ed25519.NewKeyFromSeed(make([]byte, 32)), ecKey(t, elliptic.P256()), ecKey(t, elliptic.P384())}
	for i, k := range keys {
		text, err := jose.Sign(object{"typ": "vc+jwt"}, object{"iss": "did:example:a"}, k)
		if err != nil {
			t.Fatal(err)
		}
		for j, other := range keys {
			if err := parse(t, text).Verify(other.Public()); (err == nil) != (i == j) {
				t.Errorf("key %d, token of key %d: %v", j, i, err)
			}
		}
		parts := strings.Split(text, ".")
		changed := parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"did:example:b"}`)) + "." + parts[2]
		if err := parse(t, changed).Verify(k.Public()); !errors.Is(err, jose.ErrSignature) {
			t.Errorf("changed claims: %v", err)
		}
	}
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jose.Sign(object{}, object{}, weak); !errors.Is(err, jose.ErrAlgorithm) {
		t.Errorf("RSA signs: %v", err)
	}
}

func token(header, claims string) string {
	e := base64.RawURLEncoding.EncodeToString
	return e([]byte(header)) + "." + e([]byte(claims)) + "." + e(make([]byte, 64))
}

func TestWhatIsNoTokenIsRefused(t *testing.T) {
	good := token(`{"alg":"EdDSA"}`, `{}`)
	if err := parse(t, good).Verify(ed25519.NewKeyFromSeed(make([]byte, 32)).Public()); !errors.Is(err, jose.ErrSignature) {
		t.Errorf("zeros as signature: %v", err)
	}
	for _, alg := range []string{`"none"`, `"HS256"`, `"ES256"`, `"eddsa"`, `1`} {
		if err := parse(t, token(`{"alg":`+alg+`}`, `{}`)).Verify(ed25519.NewKeyFromSeed(make([]byte, 32)).Public()); !errors.Is(err, jose.ErrAlgorithm) {
			t.Errorf("%s: %v", alg, err)
		}
	}
	for _, bad := range []string{
		"", "a.b", "a.b.c.d", good + ".", good + "=", strings.Replace(good, ".", "\n.", 1),
		token(`[]`, `{}`), token(`{"alg":"EdDSA"}`, `[]`), token(`{"alg":"EdDSA","alg":"none"}`, `{}`),
		token(`{"alg":"EdDSA","crit":["exp"]}`, `{}`), token(`{"alg":"EdDSA","b64":false}`, `{}`), strings.Repeat("a", 3<<20),
	} {
		if _, err := jose.Parse(bad); err == nil {
			t.Errorf("%.80q is taken for a token", bad)
		}
	}
	if !jose.Looks(good) || jose.Looks("{}") || jose.Looks("eyJ") {
		t.Error("what looks like a token")
	}
}

func claims() object {
	return object{"iss": "did:example:a", "vct": "https://a.example/vct", "given_name": "Anne",
		"skill": object{"name": "Reliure", "level": "confirmé", "years": []any{2021.0, 2022.0, 2023.0}}}
}

func TestTheHolderShowsAPart(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	pointers := []string{"/given_name", "/skill", "/skill/level", "/skill/years/1"}
	text, err := jose.SignPartial(object{"typ": "dc+sd-jwt"}, claims(), pointers, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	open := func(text string) object {
		t.Helper()
		tok := parse(t, text)
		if err := tok.Verify(key.Public()); err != nil {
			t.Fatal(err)
		}
		c, err := tok.Open()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if got := open(text); !reflect.DeepEqual(got, claims()) {
		t.Errorf("all shown: %v", got)
	}
	part, err := jose.Show(text, func(p string) bool { return p == "/skill/level" })
	if err != nil {
		t.Fatal(err)
	}
	want := object{"iss": "did:example:a", "vct": "https://a.example/vct",
		"skill": object{"name": "Reliure", "level": "confirmé", "years": []any{2021.0, 2023.0}}}
	if got := open(part); !reflect.DeepEqual(got, want) {
		t.Errorf("a part shown: %v", got)
	}
	none, err := jose.Show(text, func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	if got := open(none); !reflect.DeepEqual(got, object{"iss": "did:example:a", "vct": "https://a.example/vct"}) {
		t.Errorf("nothing shown: %v", got)
	}
	for _, p := range []string{"/absent", "given_name", "", "/skill/years/9", "/skill/name/x", "/skill/years/x"} {
		if _, err := jose.SignPartial(object{}, claims(), []string{p}, key, nil); !errors.Is(err, jose.ErrDisclosure) {
			t.Errorf("%q: %v", p, err)
		}
	}
}

func TestPartsThatDoNotBelongAreRefused(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	text, err := jose.SignPartial(object{}, claims(), []string{"/given_name", "/skill/years/0"}, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := base64.RawURLEncoding.EncodeToString
	parts := strings.Split(text, "~")
	for name, bad := range map[string]string{
		"a stranger":      text + e([]byte(`["salt","name","Eve"]`)) + "~",
		"one twice":       parts[0] + "~" + parts[1] + "~" + parts[1] + "~",
		"changed":         parts[0] + "~" + e([]byte(`["salt","given_name","Eve"]`)) + "~",
		"no list":         parts[0] + "~" + e([]byte(`{}`)) + "~",
		"too short":       parts[0] + "~" + e([]byte(`["salt"]`)) + "~",
		"no salt":         parts[0] + "~" + e([]byte(`[1,"a","b"]`)) + "~",
		"a reserved name": parts[0] + "~" + e([]byte(`["salt","_sd",[]]`)) + "~",
		"no base64":       parts[0] + "~!~",
		"too many":        parts[0] + strings.Repeat("~"+parts[1], 501) + "~",
	} {
		tok, err := jose.Parse(bad)
		if err == nil {
			_, err = tok.Open()
		}
		if !errors.Is(err, jose.ErrDisclosure) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []object{
		{"_sd": "x"}, {"_sd": []any{1.0}}, {"_sd": []any{"x", "x"}}, {"a": object{"...": "x"}}, {"_sd_alg": "md5"},
		{"a": []any{object{"...": "x"}, object{"...": "x"}}},
	} {
		text, err := jose.Sign(object{}, c, key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parse(t, text+"~").Open(); err == nil {
			t.Errorf("%v is opened", c)
		}
	}
}

func TestABindingIsForItsOccasion(t *testing.T) {
	issuer, holder := ed25519.NewKeyFromSeed(make([]byte, 32)), ecKey(t, elliptic.P256())
	text, err := jose.SignPartial(object{}, claims(), []string{"/given_name"}, issuer, nil)
	if err != nil {
		t.Fatal(err)
	}
	bound, err := jose.Bind(text, holder, "https://v.example", "once", time.Unix(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	tok := parse(t, bound)
	if !tok.Bound() || parse(t, text).Bound() {
		t.Error("which token is bound")
	}
	if err := tok.VerifyBinding(&holder.PublicKey, "https://v.example", "once"); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"another audience": tok.VerifyBinding(&holder.PublicKey, "https://w.example", "once"),
		"another nonce":    tok.VerifyBinding(&holder.PublicKey, "", "twice"),
		"another key":      tok.VerifyBinding(issuer.Public(), "", ""),
		"no binding":       parse(t, text).VerifyBinding(&holder.PublicKey, "", ""),
	} {
		if err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	// The binding of all parts moved to fewer parts.
	jws, _, _ := strings.Cut(text, "~")
	moved := parse(t, jws+"~"+bound[strings.LastIndexByte(bound, '~')+1:])
	if err := moved.VerifyBinding(&holder.PublicKey, "", ""); !errors.Is(err, jose.ErrSignature) {
		t.Errorf("moved: %v", err)
	}
	if _, err := jose.Bind(bound, holder, "", "", time.Unix(1, 0)); !errors.Is(err, jose.ErrShape) {
		t.Errorf("bound twice: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	text, err := jose.SignPartial(object{}, claims(), []string{"/given_name", "/skill/years/0"}, key, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(token(`{"alg":"EdDSA"}`, `{"_sd":["x"],"a":[{"...":"y"}]}`) + "~~")
	f.Fuzz(func(t *testing.T, text string) {
		tok, err := jose.Parse(text)
		if err != nil {
			return
		}
		if _, err := tok.Open(); err != nil {
			return
		}
		if tok.Bound() && tok.VerifyBinding(key.Public(), "", "") == nil {
			t.Fatal("a binding out of nothing")
		}
	})
}
