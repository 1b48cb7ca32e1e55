package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
)

// Step is how lengths are rounded up before sealing, in bytes.
const Step = 256

const (
	format  = 1 // first byte of a sealed text
	nonceAt = 1
	bodyAt  = 1 + 12
)

// ErrSealed says that a sealed text is not what was sealed: changed, swapped
// with another, or under another key.
var ErrSealed = errors.New("seal: a sealed text does not open; it was altered or moved")

// DataKey seals what belongs to one owner.
type DataKey struct {
	aead cipher.AEAD
	mac  []byte
}

func newDataKey(raw []byte) (*DataKey, error) {
	enc, err := hkdf.Key(sha256.New, raw, nil, "digiwork seal v1", 32)
	if err != nil {
		return nil, err
	}
	mac, err := hkdf.Key(sha256.New, raw, nil, "digiwork mac v1", 32)
	if err != nil {
		return nil, err
	}
	a, err := newAEAD(enc)
	return &DataKey{a, mac}, err
}

// Seal returns plain sealed for the additional data ad. The length of the result
// is that of plain plus four, rounded up to a multiple of Step, plus 29.
func (k *DataKey) Seal(ad string, plain []byte) []byte {
	padded := (len(plain) + 4 + Step - 1) / Step * Step
	out := make([]byte, bodyAt+padded, bodyAt+padded+k.aead.Overhead())
	out[0] = format
	rand.Read(out[nonceAt:bodyAt]) //nolint:errcheck,gosec // never fails since Go 1.24
	body := out[bodyAt:]
	binary.BigEndian.PutUint32(body, uint32(len(plain))) //nolint:gosec // items are far below 4 GiB
	copy(body[4:], plain)
	return k.aead.Seal(out[:bodyAt], out[nonceAt:bodyAt], body, []byte(ad))
}

// Open gives back what was sealed with the same ad, or ErrSealed.
func (k *DataKey) Open(ad string, sealed []byte) ([]byte, error) {
	if len(sealed) < bodyAt+4+k.aead.Overhead() || sealed[0] != format {
		return nil, ErrSealed
	}
	body, err := k.aead.Open(nil, sealed[nonceAt:bodyAt], sealed[bodyAt:], []byte(ad))
	if err != nil {
		return nil, ErrSealed
	}
	n := int(binary.BigEndian.Uint32(body))
	if n > len(body)-4 {
		return nil, ErrSealed
	}
	return body[4 : 4+n], nil
}

// MAC is a keyed digest that only this owner's key can make again.
func (k *DataKey) MAC(purpose string) hash.Hash {
	h := hmac.New(sha256.New, k.mac)
	h.Write([]byte(purpose + "\x00"))
	return h
}
