package credential

import (
	"crypto/ed25519"
	"testing"

	"digiwork/internal/lib/credential/integrity"
)

// big is a badge of about 2.7 KB once signed, every object with an identifier.
func big() []byte {
	more := `, "description": "` + filler(560) + `", "evidence": [
	{"id": "urn:uuid:5c1f6b1e-0d7c-4a9e-8d69-0a5b3c8d9e01", "type": ["Evidence"], "name": "Registre", "narrative": "` + filler(300) + `"},
	{"id": "urn:uuid:5c1f6b1e-0d7c-4a9e-8d69-0a5b3c8d9e02", "type": ["Evidence"], "name": "Photographie", "narrative": "` + filler(300) + `"}],
	"validUntil": "2031-01-01T00:00:00Z"`
	return badge(more)
}

func filler(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "sous la presse "[i%15]
	}
	return string(b)
}

// BenchmarkVerify reads, checks and reports; bare is the signature check alone, to
// compare with in the same run.
func BenchmarkVerify(b *testing.B) {
	if err := CheckContexts(); err != nil {
		b.Skip(err)
	}
	by := issuer(b, 1)
	message := make([]byte, 64)
	signature := ed25519.Sign(by.Key.(ed25519.PrivateKey), message)
	public := by.Key.Public().(ed25519.PublicKey)
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			if !ed25519.Verify(public, message, signature) {
				b.Fatal("no")
			}
		}
	})
	for _, suite := range []string{integrity.EdDSARDFC, integrity.EdDSAJCS} {
		out := issue(b, big(), by, IssueOptions{Suites: []string{suite}})
		b.Run(suite, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(out.Text)))
			for b.Loop() {
				if r := Verify(out.Text, Options{At: now}); !r.Valid {
					b.Fatal(answers(r))
				}
			}
		})
	}
}

// BenchmarkIssue reads, checks, signs and writes.
func BenchmarkIssue(b *testing.B) {
	if err := CheckContexts(); err != nil {
		b.Skip(err)
	}
	by, text := issuer(b, 1), big()
	b.Run("bare", func(b *testing.B) {
		message := make([]byte, 64)
		for b.Loop() {
			ed25519.Sign(by.Key.(ed25519.PrivateKey), message)
		}
	})
	for _, suite := range []string{integrity.EdDSARDFC, integrity.EdDSAJCS} {
		b.Run(suite, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Issue(text, by, IssueOptions{At: now, Suites: []string{suite}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
