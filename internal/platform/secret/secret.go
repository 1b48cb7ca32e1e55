// Package secret keeps passwords, keys and tokens from being printed or stored.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
)

// Text is a password, key or token. However it is printed, it says nothing.
type Text struct{ v string }

// New wraps v.
func New(v string) Text { return Text{v} }

// Reveal is the only way to the value.
func (s Text) Reveal() string { return s.v }

// String implements fmt.Stringer and says nothing.
func (Text) String() string { return "[hidden]" }

// GoString implements fmt.GoStringer and says nothing.
func (Text) GoString() string { return "[hidden]" }

// LogValue implements slog.LogValuer and says nothing.
func (Text) LogValue() slog.Value { return slog.StringValue("[hidden]") }

// MarshalText implements encoding.TextMarshaler and says nothing.
func (Text) MarshalText() ([]byte, error) { return []byte("[hidden]"), nil }

// NewToken makes a token of 130 bits to hand out once, and the digest to store.
func NewToken() (token Text, digest []byte) {
	t := rand.Text()
	return Text{t}, Digest(t)
}

// Digest is what is stored of a token. Tokens are random, so one SHA-256 is
// enough; passwords are not tokens.
func Digest(token string) []byte {
	d := sha256.Sum256([]byte("digiwork token\x00" + token))
	return d[:]
}

// Same compares a presented token with a stored digest in constant time.
func Same(token string, digest []byte) bool {
	return subtle.ConstantTimeCompare(Digest(token), digest) == 1
}
