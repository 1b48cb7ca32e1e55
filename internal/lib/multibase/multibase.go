// Package multibase writes bytes as text that names its own alphabet (Controlled
// Identifiers 1.0, 2.4): "z" for base58btc, "u" for base64url without padding.
// It also reads the multihash form of digests (2.5).
package multibase

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// ErrText is text in an alphabet we do not read, with a character outside it, or too long.
var ErrText = errors.New("not multibase text")

// maxBase58 bounds base58, whose cost grows with the square of the length. Keys,
// digests and signatures of our suites need less than 200 characters.
const maxBase58 = 512

// maxBase64 bounds base64url, which long derived proofs need.
const maxBase64 = 1 << 20

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

var digitOf = func() (d [256]int8) {
	for i := range d {
		d[i] = -1
	}
	for i := range len(alphabet) {
		d[alphabet[i]] = int8(i)
	}
	return d
}()

// Decode reads multibase text with the header "z" or "u".
func Decode(s string) ([]byte, error) {
	if s == "" {
		return nil, ErrText
	}
	switch s[0] {
	case 'z':
		return DecodeBase58(s[1:])
	case 'u':
		return DecodeBase64(s[1:])
	}
	return nil, ErrText
}

// Encode is b in base58btc with its header.
func Encode(b []byte) string { return "z" + EncodeBase58(b) }

// EncodeURL is b in base64url without padding, with its header.
func EncodeURL(b []byte) string { return "u" + base64.RawURLEncoding.EncodeToString(b) }

// DecodeBase64 reads base64url without padding and refuses every second spelling of
// the same bytes: line breaks, and bits that the last character does not need.
func DecodeBase64(s string) ([]byte, error) {
	if len(s) > maxBase64 {
		return nil, ErrText
	}
	for i := range len(s) {
		if s[i] == '\n' || s[i] == '\r' {
			return nil, ErrText // the standard library would step over them
		}
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, ErrText
	}
	return b, nil
}

// EncodeBase58 is b in base58btc, without header.
func EncodeBase58(b []byte) string {
	zeros := 0
	for zeros < len(b) && b[zeros] == 0 {
		zeros++
	}
	// log(256)/log(58) is less than 1.38.
	digits := make([]byte, 0, len(b)*138/100+1)
	for _, c := range b[zeros:] {
		carry := int(c)
		for i, d := range digits {
			carry += int(d) << 8
			digits[i] = byte(carry % 58)
			carry /= 58
		}
		for ; carry > 0; carry /= 58 {
			digits = append(digits, byte(carry%58))
		}
	}
	out := make([]byte, zeros+len(digits))
	for i := range zeros {
		out[i] = alphabet[0]
	}
	for i, d := range digits {
		out[len(out)-1-i] = alphabet[d]
	}
	return string(out)
}

// DecodeBase58 reads base58btc without header.
func DecodeBase58(s string) ([]byte, error) {
	if len(s) > maxBase58 {
		return nil, ErrText
	}
	zeros := 0
	for zeros < len(s) && s[zeros] == alphabet[0] {
		zeros++
	}
	// Little end first, in words of 32 bits; five characters at a time: 58^5 < 2^32.
	words := make([]uint32, 0, len(s)*733/4000+1)
	for i := zeros; i < len(s); {
		chunk, scale := uint64(0), uint64(1)
		for n := 0; n < 5 && i < len(s); n++ {
			digit := digitOf[s[i]]
			if digit < 0 {
				return nil, ErrText
			}
			chunk, scale = chunk*58+uint64(digit), scale*58
			i++
		}
		for j, w := range words {
			chunk += uint64(w) * scale
			words[j] = uint32(chunk)
			chunk >>= 32
		}
		if chunk > 0 {
			words = append(words, uint32(chunk))
		}
	}
	bytes := make([]byte, 0, len(words)*4)
	for _, w := range words {
		bytes = binary.LittleEndian.AppendUint32(bytes, w)
	}
	for len(bytes) > 0 && bytes[len(bytes)-1] == 0 {
		bytes = bytes[:len(bytes)-1]
	}
	out := make([]byte, zeros+len(bytes))
	for i, b := range bytes {
		out[len(out)-1-i] = b
	}
	return out, nil
}

// Codes of the multicodec table.
const (
	SHA256 = 0x12
	SHA384 = 0x20
)

// Digest reads a multihash: the code of the function and the digest. Text without a
// multihash header of the right length is refused.
func Digest(s string) (code byte, digest []byte, err error) {
	b, err := Decode(s)
	if err != nil {
		return 0, nil, err
	}
	if len(b) < 2 || int(b[1]) != len(b)-2 {
		return 0, nil, ErrText
	}
	switch {
	case b[0] == SHA256 && b[1] == 32, b[0] == SHA384 && b[1] == 48:
		return b[0], b[2:], nil
	}
	return 0, nil, ErrText
}
