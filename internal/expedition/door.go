package expedition

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/secret"
)

// codeLetters have no look-alikes: a code is read from a screen and typed on a phone.
const (
	codeLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength  = 8
)

var errCode = kernel.NewFault(kernel.NotFound, "expedition.code.wrong").On("code")

// newCode is a code of 39 bits. It opens one expedition, for reading and taking
// part, while its door is open, and tries are limited.
func newCode() string {
	var b [codeLength]byte
	for i := 0; i < len(b); {
		var one [1]byte
		rand.Read(one[:]) //nolint:errcheck,gosec // never fails
		if n := int(one[0]); n < 256/len(codeLetters)*len(codeLetters) {
			b[i] = codeLetters[n%len(codeLetters)]
			i++
		}
	}
	return string(b[:])
}

// cleanCode is a code as people type it: spaces, hyphens, small letters.
func cleanCode(typed string) string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(codeLetters, c) {
			return c
		}
		return -1
	}, strings.ToUpper(typed))
}

func codeDigest(code string) string {
	return base64.RawURLEncoding.EncodeToString(secret.Digest(code))
}

func codePurpose(id kernel.ExpeditionID) string { return "expedition.code " + string(id) }

// OpenDoor makes a new code for guests; the one before opens nothing any more.
func (s *Service) OpenDoor(ctx context.Context, id kernel.ExpeditionID) error {
	code := newCode()
	sealed := base64.StdEncoding.EncodeToString(s.Keys.SealText(codePurpose(id), []byte(code)))
	return s.setDoor(ctx, id, codeDigest(code), sealed)
}

// CloseDoor ends the code for guests.
func (s *Service) CloseDoor(ctx context.Context, id kernel.ExpeditionID) error {
	return s.setDoor(ctx, id, "", "")
}

func (s *Service) setDoor(ctx context.Context, id kernel.ExpeditionID, digest, sealed string) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, _, err := s.enter(ctx, tx, id, Lead); err != nil {
			return "", err
		}
		return string(id), setCode(ctx, tx, id, digest, sealed)
	})
	return err
}

// openCode is the code of guests, "" when the door is closed.
func (s *Service) openCode(x Expedition) (string, error) {
	if x.codeSealed == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(x.codeSealed)
	if err != nil {
		return "", fmt.Errorf("code of expedition %s: %w", x.ID, err)
	}
	plain, err := s.Keys.OpenText(codePurpose(x.ID), raw)
	if err != nil {
		return "", fmt.Errorf("code of expedition %s: %w", x.ID, err)
	}
	return string(plain), nil
}

// Knock finds the expedition that a code opens. client is who tries, for the limit.
// NotFound on "code" for one that opens nothing.
func (s *Service) Knock(ctx context.Context, client, typed string) (id kernel.ExpeditionID, code string, err error) {
	if err := s.knock(client); err != nil {
		return "", "", err
	}
	if code = cleanCode(typed); len(code) != codeLength {
		return "", "", errCode
	}
	id, err = expeditionByCode(ctx, s.DB.Read(), codeDigest(code))
	return id, code, err
}

type guestKey struct{}

// WithGuest returns a context in which who asks holds a code of guests.
func WithGuest(ctx context.Context, code string) context.Context {
	return context.WithValue(ctx, guestKey{}, code)
}

// guestOf reports whether who asks holds the code of an expedition.
func guestOf(ctx context.Context, x Expedition) bool {
	code, _ := ctx.Value(guestKey{}).(string)
	return code != "" && x.codeDigest != "" && subtle.ConstantTimeCompare([]byte(codeDigest(code)), []byte(x.codeDigest)) == 1
}
