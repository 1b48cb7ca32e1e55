package account

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/secret"
)

const (
	codes      = 10
	codeGroups = 4
	codeGroup  = 4 // characters: 16 of 5 bits are 80 bits
)

// codeLetters leaves out what is mistaken on paper: i, l, o and u (Crockford's base 32).
const codeLetters = "0123456789abcdefghjkmnpqrstvwxyz"

var (
	errShown       = kernel.NewFault(kernel.Conflict, "account.shown_once")
	errCodeRefused = kernel.NewFault(kernel.Unauthenticated, "account.recover.refused").On("name")
)

// newCode is four groups of four characters, to be copied by hand.
func newCode() string {
	raw := make([]byte, codeGroups*codeGroup)
	rand.Read(raw) //nolint:errcheck,gosec // never fails since Go 1.24
	var b strings.Builder
	for i, c := range raw {
		if i > 0 && i%codeGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(codeLetters[c&31])
	}
	return b.String()
}

// plainCode is a code as it is digested: however it was copied.
func plainCode(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'o':
			return '0'
		case 'i', 'l':
			return '1'
		}
		if strings.ContainsRune(codeLetters, r) {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

func (s *Service) codeDigest(person kernel.PersonID, code string) string {
	return s.keyed(purposeCode, string(person)+" "+plainCode(code))
}

// NewCodes makes ten recovery codes for the actor; the earlier ones are worth
// nothing any more. They are returned once: only keyed digests are kept. Forbidden
// if she signed in more than five minutes ago.
func (s *Service) NewCodes(ctx context.Context) ([]string, error) {
	a, err := recent(ctx, s.DB.Now())
	if err != nil {
		return nil, err
	}
	made := make([]string, codes)
	for i := range made {
		made[i] = newCode()
	}
	again := false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		_, again, err = once.Do(ctx, tx, func() (string, error) {
			if err := deleteCodes(ctx, tx, a.Person); err != nil {
				return "", err
			}
			batch := kernel.NewID[string]("cod", tx.Now)
			for _, code := range made {
				if err := insertCode(ctx, tx, a.Person, s.codeDigest(a.Person, code), batch); err != nil {
					return "", err
				}
			}
			return batch, nil
		})
		return err
	})
	if err == nil && again {
		err = errShown
	}
	if err != nil {
		return nil, err
	}
	return made, nil
}

// CodesLeft is how many recovery codes of the actor still work.
func (s *Service) CodesLeft(ctx context.Context) (int, error) {
	a, err := may(ctx, "read")
	if err != nil {
		return 0, err
	}
	return codesLeft(ctx, s.DB.Read(), a.Person)
}

// SignInByCode opens a session by name and a recovery code, which then is used up.
// It refuses as SignIn does.
func (s *Service) SignInByCode(ctx context.Context, name, code string, from netip.Addr, v Visit) (session secret.Text, err error) {
	back, err := s.pace(name, from)
	if err != nil {
		return session, err
	}
	r, err := s.find(ctx, name)
	if err != nil {
		return session, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := useCode(ctx, tx, r.ID, s.codeDigest(r.ID, code)); err != nil {
			return err
		}
		session, err = s.begin(ctx, tx, r.ID, ByCode, v)
		return err
	})
	if err == nil {
		back()
	}
	return session, err
}

// SetPassword replaces the actor's password, or removes it where a passkey remains.
// Her other browsers are signed out. Forbidden if she signed in more than five
// minutes ago: whoever finds a browser open does not keep the account.
func (s *Service) SetPassword(ctx context.Context, password string) error {
	a, err := recent(ctx, s.DB.Now())
	if err != nil {
		return err
	}
	r, err := personByID(ctx, s.DB.Read(), a.Person)
	if errors.Is(err, errNobody) {
		return errSignIn
	}
	if err != nil {
		return err
	}
	p, err := s.person(r)
	if err != nil {
		return err
	}
	if err := checkPassword(password, p.profile()); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := setPassword(ctx, tx, a.Person, hash); err != nil {
			return "", err
		}
		return string(a.Person), closeSessions(ctx, tx, a.Person, a.Session)
	})
}

// DropPassword removes the actor's password: passkeys are then her way in. Conflict
// if she has none.
func (s *Service) DropPassword(ctx context.Context) error {
	a, err := recent(ctx, s.DB.Now())
	if err != nil {
		return err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		keys, err := passkeysOf(ctx, tx, a.Person)
		if err != nil {
			return "", err
		}
		if len(keys) == 0 {
			return "", errLastWay
		}
		return string(a.Person), setPassword(ctx, tx, a.Person, "")
	})
}
