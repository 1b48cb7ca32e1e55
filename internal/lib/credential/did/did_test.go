package did_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"digiwork/internal/lib/credential/did"
)

var now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func keys(t *testing.T) (ed ed25519.PublicKey, p256, p384 *ecdsa.PublicKey) {
	t.Helper()
	ed = ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	a, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return ed, &a.PublicKey, &b.PublicKey
}

func TestKeysComeBackFromEveryForm(t *testing.T) {
	ed, p256, p384 := keys(t)
	for _, k := range []did.Public{ed, p256, p384} {
		text, err := did.Multikey(k)
		if err != nil {
			t.Fatal(err)
		}
		back, err := did.ParseMultikey(text)
		if err != nil || !did.Equal(k, back) {
			t.Errorf("multikey %s: %v", text, err)
		}
		jwk, err := did.JWK(k)
		if err != nil {
			t.Fatal(err)
		}
		if back, err = did.ParseJWK(jwk); err != nil || !did.Equal(k, back) {
			t.Errorf("jwk %v: %v", jwk, err)
		}
		der, err := x509.MarshalPKIXPublicKey(k)
		if err != nil {
			t.Fatal(err)
		}
		text = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		if back, err = did.ParsePEM(text); err != nil || !did.Equal(k, back) {
			t.Errorf("pem: %v", err)
		}
		id, method, err := did.FromKey(k)
		if err != nil {
			t.Fatal(err)
		}
		doc, ok, err := did.Resolve(id)
		if err != nil || !ok {
			t.Fatal(id, err)
		}
		if m, err := doc.Method(method, did.AssertionMethod, now); err != nil || !did.Equal(m.Key, k) {
			t.Errorf("%s: %v", method, err)
		}
		raw, err := json.Marshal(jwk)
		if err != nil {
			t.Fatal(err)
		}
		id = "did:jwk:" + base64.RawURLEncoding.EncodeToString(raw)
		if doc, ok, err = did.Resolve(id); err != nil || !ok {
			t.Fatal(id, err)
		}
		if m, err := doc.Method(id+"#0", did.AssertionMethod, now); err != nil || !did.Equal(m.Key, k) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// The example of The did:key Method, 3.1.
func TestTheKeyOfTheSpecification(t *testing.T) {
	const text = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
	key, err := did.ParseMultikey(text)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := did.Multikey(key); err != nil || back != text {
		t.Errorf("got %s %v", back, err)
	}
}

func TestUnusableKeysAreRefused(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	n := base64.RawURLEncoding.EncodeToString(weak.N.Bytes())
	ed, p256, _ := keys(t)
	private, err := did.JWK(ed)
	if err != nil {
		t.Fatal(err)
	}
	private["d"] = "AA"
	off, err := did.JWK(p256)
	if err != nil {
		t.Fatal(err)
	}
	off["y"] = off["x"]
	for _, bad := range []map[string]any{
		{}, private, off,
		{"kty": "OKP", "crv": "Ed25519", "x": "AA"},
		{"kty": "OKP", "crv": "X25519", "x": private["x"]},
		{"kty": "OKP", "crv": "Ed25519", "x": private["x"], "use": "enc"},
		{"kty": "EC", "crv": "secp256k1", "x": off["x"], "y": off["x"]},
		{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
		{"kty": "RSA", "n": n, "e": "AQAB"},
		{"kty": "RSA", "n": n, "e": 1.0},
		{"kty": "oct", "k": "AA"},
	} {
		if _, err := did.ParseJWK(bad); !errors.Is(err, did.ErrKey) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	weakPEM := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&weak.PublicKey)})
	for _, bad := range []string{"", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", string(weakPEM)} {
		if _, err := did.ParsePEM(bad); !errors.Is(err, did.ErrKey) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"", "u7QE", "z", "z6Mk", "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2do"} {
		if _, err := did.ParseMultikey(bad); !errors.Is(err, did.ErrKey) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func document(t *testing.T, change func(doc, method map[string]any)) (*did.Document, error) {
	t.Helper()
	ed, _, _ := keys(t)
	doc, err := did.Make("did:web:a.example", []did.Entry{{Fragment: "k", Key: ed, Login: true}})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(doc, doc["verificationMethod"].([]any)[0].(map[string]any))
	}
	return did.Parse(doc)
}

func TestADocumentSaysWhichKeysCount(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(doc, method map[string]any)
		want   error
	}{
		{"as made", nil, nil},
		{"relative identifiers", func(doc, m map[string]any) { m["id"] = "#k"; doc["assertionMethod"] = "#k" }, nil},
		{"embedded", func(doc, m map[string]any) {
			doc["assertionMethod"] = []any{m}
			delete(doc, "verificationMethod")
			delete(doc, "authentication")
		}, nil},
		{"revoked later", func(_, m map[string]any) { m["revoked"] = "2026-11-01T12:00:01Z" }, nil},
		{"revoked", func(_, m map[string]any) { m["revoked"] = "2026-11-01T12:00:00Z" }, did.ErrRevoked},
		{"expired", func(_, m map[string]any) { m["expires"] = "2026-11-01T12:00:00Z" }, did.ErrRevoked},
		{"for another purpose", func(doc, _ map[string]any) { delete(doc, "assertionMethod") }, did.ErrNotListed},
		{"of another controller", func(_, m map[string]any) { m["controller"] = "did:web:b.example" }, did.ErrNotListed},
		{"named but absent", func(doc, _ map[string]any) { delete(doc, "verificationMethod") }, did.ErrNotListed},
		{"of an unknown type", func(_, m map[string]any) { m["type"] = "Other" }, did.ErrKey},
	} {
		doc, err := document(t, c.change)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if _, err := doc.Method("did:web:a.example#k", did.AssertionMethod, now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	ed, p256, _ := keys(t)
	doc, err := document(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := doc.WithKey(ed, did.Authentication, now); err != nil || m.ID != "did:web:a.example#k" {
		t.Errorf("by key: %v %v", m, err)
	}
	if _, err := doc.WithKey(p256, did.Authentication, now); !errors.Is(err, did.ErrNotListed) {
		t.Errorf("by another key: %v", err)
	}
}

func TestBrokenDocumentsAreRefused(t *testing.T) {
	for _, change := range []func(doc, method map[string]any){
		func(doc, _ map[string]any) { delete(doc, "id") },
		func(doc, _ map[string]any) { doc["id"] = "did:web:a.example#k" },
		func(_, m map[string]any) { delete(m, "id") },
		func(doc, m map[string]any) { doc["verificationMethod"] = []any{m, m} },
		func(doc, _ map[string]any) { doc["verificationMethod"] = "k" },
		func(doc, m map[string]any) {
			many := []any{}
			for i := range 101 {
				many = append(many, map[string]any{"id": strings.Repeat("k", i+1)})
			}
			doc["verificationMethod"] = many
		},
		func(doc, _ map[string]any) {
			doc["assertionMethod"] = strings.Split(strings.Repeat("k ", 200), " ")
			many := []any{}
			for range 101 {
				many = append(many, "#k")
			}
			doc["assertionMethod"] = many
		},
	} {
		if _, err := document(t, change); !errors.Is(err, did.ErrDocument) {
			t.Errorf("got %v", err)
		}
	}
}

func TestWhereADidWebStands(t *testing.T) {
	for id, want := range map[string]string{
		"did:web:a.example":            "https://a.example/.well-known/did.json",
		"did:web:a.example%3A3000":     "https://a.example:3000/.well-known/did.json",
		"did:web:a.example:u:ada":      "https://a.example/u/ada/did.json",
		"did:web:a.example%3A3000:d:b": "https://a.example:3000/d/b/did.json",
	} {
		if got, err := did.WebAddress(id); err != nil || got != want {
			t.Errorf("%s: %s %v", id, got, err)
		}
	}
	for _, bad := range []string{"did:web:", "did:key:z", "did:web:a::b", "did:web:a:..", "did:web:a%2Fb", "did:web:a#k", "did:web:a:%40", "did:web:%"} {
		if got, err := did.WebAddress(bad); err == nil {
			t.Errorf("%s: %s", bad, got)
		}
	}
	if got := did.Web("a.example:3000", "u", "ada"); got != "did:web:a.example%3A3000:u:ada" {
		t.Errorf("got %s", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"id":"did:web:a","verificationMethod":[{"id":"#k","type":"Multikey","controller":"did:web:a","publicKeyMultibase":"z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}],"assertionMethod":["#k"]}`)
	f.Add(`{"id":"did:jwk:e30","assertionMethod":[{"id":"k","type":"JsonWebKey","controller":"a","publicKeyJwk":{"kty":"RSA","n":"AQ","e":"AQAB"}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var doc map[string]any
		if json.Unmarshal([]byte(text), &doc) != nil {
			return
		}
		d, err := did.Parse(doc)
		if err != nil {
			return
		}
		if _, err := d.Method(d.ID+"#k", did.AssertionMethod, now); err == nil && !d.Lists(d.ID+"#k", did.AssertionMethod) {
			t.Fatalf("%s: a key that is not listed", text)
		}
		_, _, _ = did.Resolve(d.ID)
	})
}
