// Package jose reads and writes what stands inside a signature: JSON Web Tokens
// (RFC 7515, RFC 7519) signed with EdDSA, ES256, ES384 or, to check only, RS256, and
// tokens whose holder shows a part of them (SD-JWT, RFC 9901).
//
// The algorithm is decided by the kind of the key; a header that says otherwise, or
// asks for something we do not know, is refused.
package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // for crypto.Hash
	_ "crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"digiwork/internal/lib/ijson"
	"digiwork/internal/lib/multibase"
)

type object = map[string]any

var (
	// ErrShape is text that is no token.
	ErrShape = errors.New("not a token")
	// ErrAlgorithm is an algorithm that we do not know, or that is not the key's.
	ErrAlgorithm = errors.New("algorithm not accepted")
	// ErrSignature is a signature that does not fit.
	ErrSignature = errors.New("wrong signature")
	// ErrDisclosure is a disclosed part that does not belong, or not there.
	ErrDisclosure = errors.New("wrong disclosure")
)

// Limits of a token.
var (
	maxToken   = 2 << 20
	jsonLimits = ijson.Limits{Bytes: 1 << 20, Depth: 64, Values: 100_000}
)

var base64url = base64.RawURLEncoding

// Token is a signed token, taken apart.
type Token struct {
	Header object
	Claims object // as signed; digests stand for what the holder may show

	disclosures []disclosure
	binding     string // the key binding token, if any

	text      string // the token and its disclosures, without the binding
	signed    string
	signature []byte
	partial   bool // it is an SD-JWT
}

// Looks says whether text has the shape of a token, for telling formats apart.
func Looks(text string) bool {
	head, rest, ok := strings.Cut(text, ".")
	if !ok || !strings.HasPrefix(head, "ey") {
		return false
	}
	_, _, ok = strings.Cut(rest, ".")
	return ok
}

// Parse reads a token in compact form, with its disclosures and key binding if it has.
func Parse(text string) (*Token, error) {
	if len(text) > maxToken {
		return nil, fmt.Errorf("%w: too long", ErrShape)
	}
	jws, rest, partial := strings.Cut(text, "~")
	t := &Token{partial: partial, text: text}
	if err := t.parseJWS(jws); err != nil {
		return nil, err
	}
	if !partial {
		return t, nil
	}
	i := strings.LastIndexByte(rest, '~')
	if t.binding = rest[i+1:]; t.binding != "" {
		t.text = text[:len(text)-len(t.binding)]
	}
	if i < 0 {
		return t, nil
	}
	parts := strings.Split(rest[:i], "~")
	if len(parts) > maxDisclosures {
		return nil, fmt.Errorf("%w: too many", ErrDisclosure)
	}
	for _, p := range parts {
		d, err := parseDisclosure(p)
		if err != nil {
			return nil, err
		}
		t.disclosures = append(t.disclosures, d)
	}
	return t, nil
}

func (t *Token) parseJWS(jws string) error {
	parts := strings.Split(jws, ".")
	if len(parts) != 3 {
		return fmt.Errorf("%w: three parts expected", ErrShape)
	}
	raw := make([][]byte, 3)
	for i, p := range parts {
		var err error
		if raw[i], err = multibase.DecodeBase64(p); err != nil {
			return fmt.Errorf("%w: not base64url", ErrShape)
		}
	}
	var err error
	if t.Header, err = ijson.Object(raw[0], jsonLimits); err != nil {
		return fmt.Errorf("%w: header: %w", ErrShape, err)
	}
	if t.Claims, err = ijson.Object(raw[1], jsonLimits); err != nil {
		return fmt.Errorf("%w: claims: %w", ErrShape, err)
	}
	// RFC 7515, 4.1.11: what must be understood and is not, is refused.
	for _, name := range []string{"crit", "b64", "zip", "enc"} {
		if _, ok := t.Header[name]; ok {
			return fmt.Errorf("%w: %s", ErrAlgorithm, name)
		}
	}
	t.signed, t.signature = jws[:len(parts[0])+1+len(parts[1])], raw[2]
	return nil
}

// Partial says whether the token is one whose holder may show a part.
func (t *Token) Partial() bool { return t.partial }

// Text gives a member of the header that is a text, or "".
func (t *Token) Text(name string) string {
	s, _ := t.Header[name].(string)
	return s
}

// algorithm is the one that goes with a key.
func algorithm(key crypto.PublicKey) (string, crypto.Hash) {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return "EdDSA", 0
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			return "ES256", crypto.SHA256
		case elliptic.P384():
			return "ES384", crypto.SHA384
		}
	case *rsa.PublicKey:
		return "RS256", crypto.SHA256
	}
	return "", 0
}

// Verify says whether the signature fits the key.
func (t *Token) Verify(key crypto.PublicKey) error {
	name, hash := algorithm(key)
	alg := t.Text("alg")
	if alg == "Ed25519" { // its name since RFC 9864
		alg = "EdDSA"
	}
	if name == "" || alg != name {
		return fmt.Errorf("%w: %.20q", ErrAlgorithm, t.Text("alg"))
	}
	if !fits(key, hash, []byte(t.signed), t.signature) {
		return ErrSignature
	}
	return nil
}

func fits(key crypto.PublicKey, hash crypto.Hash, data, signature []byte) bool {
	if k, ok := key.(ed25519.PublicKey); ok {
		return len(signature) == ed25519.SignatureSize && ed25519.Verify(k, data, signature)
	}
	h := hash.New()
	h.Write(data)
	sum := h.Sum(nil)
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		n := (k.Curve.Params().BitSize + 7) / 8
		if len(signature) != 2*n {
			return false
		}
		return ecdsa.Verify(k, sum, new(big.Int).SetBytes(signature[:n]), new(big.Int).SetBytes(signature[n:]))
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, hash, sum, signature) == nil
	}
	return false
}

// Sign writes a token signed by an Ed25519 or ECDSA key. The header gets its algorithm.
func Sign(header, claims map[string]any, key crypto.Signer) (string, error) {
	name, hash := algorithm(key.Public())
	if name == "" || name == "RS256" {
		return "", fmt.Errorf("%w: no signature with %T", ErrAlgorithm, key.Public())
	}
	h := make(object, len(header)+1)
	for k, v := range header {
		h[k] = v
	}
	h["alg"] = name
	head, err := ijson.Canonical(h)
	if err != nil {
		return "", fmt.Errorf("header: %w", err)
	}
	body, err := ijson.Canonical(claims)
	if err != nil {
		return "", fmt.Errorf("claims: %w", err)
	}
	text := base64url.EncodeToString(head) + "." + base64url.EncodeToString(body)
	signature, err := sign(key, hash, []byte(text))
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return text + "." + base64url.EncodeToString(signature), nil
}

func sign(key crypto.Signer, hash crypto.Hash, data []byte) ([]byte, error) {
	if hash == 0 {
		return key.Sign(rand.Reader, data, hash)
	}
	h := hash.New()
	h.Write(data)
	k, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, ErrAlgorithm
	}
	r, s, err := ecdsa.Sign(rand.Reader, k, h.Sum(nil))
	if err != nil {
		return nil, err
	}
	n := (k.Curve.Params().BitSize + 7) / 8
	out := make([]byte, 2*n)
	r.FillBytes(out[:n])
	s.FillBytes(out[n:])
	return out, nil
}
