package credential

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"digiwork/internal/lib/ijson"
	"digiwork/internal/testkit/shared"
)

// needed skips a test that needs what make deps brings, except where CI has run it.
func needed(t testing.TB) {
	t.Helper()
	err := CheckContexts()
	if err == nil {
		return
	}
	if !errors.Is(err, ErrContextNotBuiltIn) || os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Skip(err)
}

func TestEveryPinIsBuiltIn(t *testing.T) { needed(t) }

// The contexts that the specifications publish are those we pin.
func TestPinsAreThePublishedContexts(t *testing.T) {
	needed(t)
	dir := shared.Path(t, "credentials-conformance/contexts")
	for name, address := range map[string]string{
		"credentials-v2.jsonld":                  ContextV2,
		"2018-credentials-v1.jsonld":             ContextV1,
		"data-integrity-v1.jsonld":               "https://w3id.org/security/data-integrity/v1",
		"suites-ed25519-2020.jsonld":             "https://w3id.org/security/suites/ed25519-2020/v1",
		"security-suites-ed25519-2020-v1.jsonld": "https://w3id.org/security/suites/ed25519-2020/v1",
		"ob-v3p0.json":                           "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
		"ob-v3p0-3.0.1.json":                     "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json",
		"ob-v3p0-3.0.2.json":                     "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json",
		"ob-v3p0-3.0.3.json":                     ContextOB3,
		"ob-v3p0-extensions.json":                ContextOBMore,
		"clr-v2p0.json":                          "https://purl.imsglobal.org/spec/clr/v2p0/context.json",
		"clr-v2p0-2.0.1.json":                    ContextCLR,
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := ijson.Object(text, ijson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := recognise(doc); !ok || got != address {
			t.Errorf("%s is taken for %q, want %s", name, got, address)
		}
		sum256, sum384, ok := published(address)
		if !ok {
			continue
		}
		if g256, g384 := sums(text); g256 != sum256 || g384 != sum384 {
			t.Errorf("%s: digests %s %s, want %s %s", name, g256, g384, sum256, sum384)
		}
	}
}

func TestOneChangedLetterIsNotRecognised(t *testing.T) {
	doc, err := PinnedContext(ContextCLR)
	if err != nil {
		t.Fatal(err)
	}
	same := ijson.Clone(doc).(map[string]any)
	if got, ok := recognise(same); !ok || got != ContextCLR {
		t.Errorf("a copy is taken for %q", got)
	}
	same["@context"].(map[string]any)["id"] = "@ID"
	if got, ok := recognise(same); ok {
		t.Errorf("another content is taken for %s", got)
	}
}

func TestAnUnknownContextIsRefused(t *testing.T) {
	if _, err := PinnedContext("https://www.w3.org/ns/credentials/v2/"); !errors.Is(err, ErrContextUnknown) {
		t.Errorf("got %v", err)
	}
}
func sums(text []byte) (s256, s384 string) {
	a, b := sha256.Sum256(text), sha512.Sum384(text)
	return base64.StdEncoding.EncodeToString(a[:]), base64.StdEncoding.EncodeToString(b[:])
}
