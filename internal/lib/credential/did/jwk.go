package did

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"fmt"

	"digiwork/internal/lib/ijson"
	"digiwork/internal/lib/multibase"
)

// fromJWK reads the key inside a did:jwk.
func fromJWK(text string) (Public, error) {
	raw, err := multibase.DecodeBase64(text)
	if err != nil {
		return nil, fmt.Errorf("%w: not base64url", ErrKey)
	}
	jwk, err := ijson.Object(raw, ijson.Limits{Bytes: 4096, Depth: 4, Values: 100})
	if err != nil {
		return nil, fmt.Errorf("%w: not a JWK", ErrKey)
	}
	return ParseJWK(jwk)
}

// JWK is the key as a JSON Web Key: Ed25519, P-256 or P-384.
func JWK(key Public) (map[string]any, error) {
	b64 := base64.RawURLEncoding.EncodeToString
	switch k := key.(type) {
	case ed25519.PublicKey:
		return map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64(k)}, nil
	case *ecdsa.PublicKey:
		raw, err := k.Bytes()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKey, err)
		}
		n := (len(raw) - 1) / 2
		curve := "P-256"
		if k.Curve == elliptic.P384() {
			curve = "P-384"
		}
		return map[string]any{"kty": "EC", "crv": curve, "x": b64(raw[1 : 1+n]), "y": b64(raw[1+n:])}, nil
	}
	return nil, fmt.Errorf("%w: no JWK for %T", ErrKey, key)
}

// Entry is a key to publish in a document: the same method for signing and, if Login,
// for proving presence.
type Entry struct {
	Fragment string // "key-1"
	Key      Public
	Login    bool
}

// Make writes the document of an identifier with its keys, in the order given: the
// current one and those kept for verification.
func Make(id string, keys []Entry) (map[string]any, error) {
	methods := make([]any, 0, len(keys))
	assertion := make([]any, 0, len(keys))
	authentication := []any{}
	for _, k := range keys {
		text, err := Multikey(k.Key)
		if err != nil {
			return nil, err
		}
		ref := id + "#" + k.Fragment
		methods = append(methods, map[string]any{
			"id": ref, "type": "Multikey", "controller": id, "publicKeyMultibase": text,
		})
		assertion = append(assertion, ref)
		if k.Login {
			authentication = append(authentication, ref)
		}
	}
	doc := map[string]any{
		"@context":           []any{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"},
		"id":                 id,
		"verificationMethod": methods,
		AssertionMethod:      assertion,
	}
	if len(authentication) > 0 {
		doc[Authentication] = authentication
	}
	return doc, nil
}
