package did

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"

	"digiwork/internal/lib/multibase"
)

// ErrKey is a key that we cannot read, or that is too weak to prove anything.
var ErrKey = errors.New("unusable key")

// Public is a public key: ed25519.PublicKey, *ecdsa.PublicKey (P-256 or P-384) or
// *rsa.PublicKey (2048 to 8192 bits).
type Public = crypto.PublicKey

// Equal says whether two keys are the same.
func Equal(a, b Public) bool {
	x, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && x.Equal(b)
}

// Headers of Multikey (Controlled Identifiers 1.0, 2.2.2.1), as varints.
var (
	headEd25519 = [2]byte{0xed, 0x01}
	headP256    = [2]byte{0x80, 0x24}
	headP384    = [2]byte{0x81, 0x24}
)

// ParseMultikey reads a key in the form of Multikey: base58btc, Ed25519, P-256 or P-384.
func ParseMultikey(text string) (Public, error) {
	if text == "" || text[0] != 'z' {
		return nil, fmt.Errorf("%w: a multikey starts with z", ErrKey)
	}
	b, err := multibase.Decode(text)
	if err != nil || len(b) < 2 {
		return nil, fmt.Errorf("%w: not a multikey", ErrKey)
	}
	raw := b[2:]
	switch [2]byte(b[:2]) {
	case headEd25519:
		return ed25519Key(raw)
	case headP256:
		return pointKey(elliptic.P256(), raw)
	case headP384:
		return pointKey(elliptic.P384(), raw)
	}
	return nil, fmt.Errorf("%w: an unknown kind of multikey", ErrKey)
}

// Multikey is the key in the form of Multikey.
func Multikey(key Public) (string, error) {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return multibase.Encode(append(headEd25519[:], k...)), nil
	case *ecdsa.PublicKey:
		raw, err := k.Bytes()
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrKey, err)
		}
		n := (len(raw) - 1) / 2
		head := headP256
		if k.Curve == elliptic.P384() {
			head = headP384
		}
		// Compressed form: the parity of y, then x (SEC 1, 2.3.3).
		out := append(head[:], 2|raw[len(raw)-1]&1)
		return multibase.Encode(append(out, raw[1:1+n]...)), nil
	}
	return "", fmt.Errorf("%w: no multikey for %T", ErrKey, key)
}

func ed25519Key(raw []byte) (Public, error) {
	if len(raw) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%w: the length of an Ed25519 key", ErrKey)
	}
	return ed25519.PublicKey(raw), nil
}

// pointKey reads a compressed point.
func pointKey(curve elliptic.Curve, raw []byte) (Public, error) {
	x, y := elliptic.UnmarshalCompressed(curve, raw)
	if x == nil {
		return nil, fmt.Errorf("%w: not a point of the curve", ErrKey)
	}
	size := (curve.Params().BitSize + 7) / 8
	point := make([]byte, 1+2*size) // SEC 1, 2.3.3: 04, then both coordinates
	point[0] = 4
	x.FillBytes(point[1 : 1+size])
	y.FillBytes(point[1+size:])
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return key, nil
}

// ParseJWK reads a public key as a JSON Web Key (RFC 7517, RFC 7518, RFC 8037). A key
// with its private part is refused: it proves nothing any more.
func ParseJWK(jwk map[string]any) (Public, error) {
	if _, private := jwk["d"]; private {
		return nil, fmt.Errorf("%w: it shows its private part", ErrKey)
	}
	if use, ok := jwk["use"]; ok && use != "sig" {
		return nil, fmt.Errorf("%w: it is not for signing", ErrKey)
	}
	switch jwk["kty"] {
	case "OKP":
		x, err := field(jwk, "x")
		if err != nil || jwk["crv"] != "Ed25519" {
			return nil, fmt.Errorf("%w: an unknown kind of OKP key", ErrKey)
		}
		return ed25519Key(x)
	case "EC":
		return parseEC(jwk)
	case "RSA":
		return parseRSA(jwk)
	}
	return nil, fmt.Errorf("%w: an unknown kind of JWK", ErrKey)
}

func field(jwk map[string]any, name string) ([]byte, error) {
	s, ok := jwk[name].(string)
	if !ok {
		return nil, ErrKey
	}
	return multibase.DecodeBase64(s)
}

func parseEC(jwk map[string]any) (Public, error) {
	curves := map[any]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384()}
	curve, ok := curves[jwk["crv"]]
	x, errX := field(jwk, "x")
	y, errY := field(jwk, "y")
	if !ok || errX != nil || errY != nil {
		return nil, fmt.Errorf("%w: an unknown kind of EC key", ErrKey)
	}
	n := (curve.Params().BitSize + 7) / 8
	if len(x) != n || len(y) != n {
		return nil, fmt.Errorf("%w: the length of a coordinate", ErrKey)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, append(append([]byte{4}, x...), y...))
	if err != nil {
		return nil, fmt.Errorf("%w: not a point of the curve", ErrKey)
	}
	return key, nil
}

const (
	minRSA = 2048
	maxRSA = 8192
)

func parseRSA(jwk map[string]any) (Public, error) {
	n, errN := field(jwk, "n")
	e, errE := field(jwk, "e")
	if errN != nil || errE != nil || len(e) > 4 {
		return nil, fmt.Errorf("%w: not an RSA key", ErrKey)
	}
	return checkedRSA(&rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())})
}

func checkedRSA(key *rsa.PublicKey) (Public, error) {
	if bits := key.N.BitLen(); bits < minRSA || bits > maxRSA || key.E < 3 || key.E&1 == 0 {
		return nil, fmt.Errorf("%w: an RSA key has %d to %d bits", ErrKey, minRSA, maxRSA)
	}
	return key, nil
}

// ParsePEM reads a public key of Open Badges 2.0 (publicKeyPem).
func ParsePEM(text string) (Public, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || len(block.Bytes) > 4096 {
		return nil, fmt.Errorf("%w: not PEM", ErrKey)
	}
	var key any
	var err error
	if block.Type == "RSA PUBLIC KEY" {
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	} else {
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: not a public key", ErrKey)
	}
	switch k := key.(type) {
	case *rsa.PublicKey:
		return checkedRSA(k)
	case ed25519.PublicKey:
		return k, nil
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() || k.Curve == elliptic.P384() {
			return k, nil
		}
	}
	return nil, fmt.Errorf("%w: an unknown kind of key", ErrKey)
}
