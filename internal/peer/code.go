package peer

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/mail"
)

const (
	codeLasts = 30 * time.Minute
	codeTries = 5
	codeSpace = 100_000_000 // eight digits
)

var (
	errNoMail = kernel.NewFault(kernel.Unavailable, "peer.guest.no_mail")
	errCode   = kernel.NewFault(kernel.Invalid, "peer.guest.code").On("code")
	errNoCode = kernel.NewFault(kernel.Invalid, "peer.guest.code_over").On("code")
)

// SendCode mails a code to the address a guest says is hers. Only the code that
// comes back proves it.
//
// Invalid on "email"; Unavailable without a post; TooMany.
func (s *Service) SendCode(ctx context.Context, address string) error {
	a, err := asGuest(ctx)
	if err != nil {
		return err
	}
	if !s.canPost() {
		return errNoMail
	}
	if address, err = mail.Address(address); err != nil {
		return err
	}
	if s.Guests != nil {
		if err := s.Guests.Take("code " + string(a.Person)); err != nil {
			return onAddress(err)
		}
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	k, err := s.guestItem(ctx, pass)
	if err != nil {
		return err
	}
	k.body = guestBody{Mail: address}
	sealed, err := s.sealGuest(ctx, pass, k)
	if err != nil {
		return err
	}
	code, err := newCode()
	if err != nil {
		return err
	}
	letter, err := s.Post.Seal(mail.Letter{
		To: address, Lang: i18n.Lang(ctx), Person: a.Person,
		Subject: i18n.T(ctx, "peer.letter.code.subject"), Text: i18n.T(ctx, "peer.letter.code.text", "code", code, "minutes", int(codeLasts.Minutes())),
	})
	if err != nil {
		return err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, err := s.Gate.Put(ctx, tx, sealed); err != nil {
			return "", err
		}
		if err := setCode(ctx, tx, a.Person, s.codeDigest(a.Person, code), tx.Now.Add(codeLasts)); err != nil {
			return "", err
		}
		_, err := s.Post.Put(ctx, tx, letter)
		return string(a.Person), onAddress(err)
	})
	return err
}

func (s *Service) codeDigest(person kernel.PersonID, code string) string {
	return base64.RawURLEncoding.EncodeToString(s.Keys.Digest("peer.guest.code", string(person)+" "+code))
}

// ProveMail takes the code back. A wrong one counts: after five, or half an hour,
// another has to be sent.
func (s *Service) ProveMail(ctx context.Context, typed string) error {
	a, err := asGuest(ctx)
	if err != nil {
		return err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	k, err := s.guestItem(ctx, pass)
	if err != nil {
		return err
	}
	k.body.Proven = true
	sealed, err := s.sealGuest(ctx, pass, k)
	if err != nil {
		return err
	}
	typed = strings.Join(strings.FieldsFunc(typed, func(r rune) bool { return r < '0' || r > '9' }), "")
	var refused error // what a wrong code counts is kept: it is no failure of the transaction
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		row, err := guestByID(ctx, tx, a.Person)
		switch {
		case err != nil:
			return "", err
		case row.Code == "" || row.CodeTries >= codeTries || !tx.Now.Before(row.CodeEnds.Time):
			refused = errNoCode
			return "", nil
		case subtle.ConstantTimeCompare([]byte(row.Code), []byte(s.codeDigest(a.Person, typed))) != 1:
			refused = errCode
			return "", countTry(ctx, tx, a.Person)
		}
		refused = nil
		if _, err := s.Gate.Put(ctx, tx, sealed); err != nil {
			return "", err
		}
		return string(a.Person), clearCode(ctx, tx, a.Person)
	})
	return errors.Join(err, refused)
}

// newCode is eight digits, in two groups for whoever copies them.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(codeSpace))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%08d", n), nil
}
