package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/french"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

const (
	minPassword = 8   // runes: NIST SP 800-63B-4, 3.1.1.2, with a second line of rate limits
	maxPassword = 256 // runes
	fewest      = 5   // different characters
)

var (
	errPasswordShort  = kernel.NewFault(kernel.Invalid, "account.password.short").On("password").With("min", minPassword)
	errPasswordLong   = kernel.NewFault(kernel.Invalid, "account.password.long").On("password").With("max", maxPassword)
	errPasswordCommon = kernel.NewFault(kernel.Invalid, "account.password.common").On("password")
	errPasswordOwn    = kernel.NewFault(kernel.Invalid, "account.password.own").On("password")
)

// checkPassword refuses what is guessed first. It asks for no capitals and no signs:
// length is what counts.
func checkPassword(password string, p Profile) error {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return errPasswordShort
	case n > maxPassword || !utf8.ValidString(password):
		return errPasswordLong
	}
	plain := letters(password)
	if common[plain] || different(password) < fewest || straight(plain) || straight(digits(password)) {
		return errPasswordCommon
	}
	local, _, _ := strings.Cut(p.Mail, "@")
	for _, own := range []string{p.Handle, p.Name, local} {
		if own = letters(own); own != "" && own == plain {
			return errPasswordOwn
		}
	}
	return nil
}

// common are the words that lists of stolen passwords begin with, without the
// digits and signs that people put around them.
var common = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`password passwd passphrase motdepasse azerty azertyuiop qwerty qwertyuiop
		iloveyou jetaime soleil doudou loulou chouchou marseille football princess princesse bonjour letmein
		welcome digiwork admin administrateur administrator changeme superman batman monkey dragon sunshine
		master shadow baseball trustno nicolas camille julien thomas alexandre`) {
		m[w] = true
	}
	return m
}()

// letters is s without case, accents, digits and signs.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, french.Fold(s))
}

func digits(s string) string {
	if strings.TrimFunc(s, unicode.IsDigit) != "" {
		return ""
	}
	return s
}

// straight reports a walk of the alphabet or of the digits, up or down.
func straight(s string) bool {
	r := []rune(s)
	if len(r) < minPassword {
		return false
	}
	step := r[1] - r[0]
	for i := 2; i < len(r); i++ {
		if d := r[i] - r[i-1]; d != step && !(r[i-1] == '9' && r[i] == '0' && step == 1) {
			return false
		}
	}
	return step == 1 || step == -1 || step == 0
}

func different(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// Argon2id (RFC 9106) as the OWASP cheat sheet asks where memory is dear: two
// passes over 19 MiB, one lane.
const (
	passes    = 2
	memory    = 19 * 1024 // KiB
	lanes     = 1
	saltBytes = 16
	hashBytes = 32
)

// slots bound how much memory hashing takes in this process: two at once.
var slots = make(chan struct{}, 2)

// errHash says that a stored hash is not one of ours.
var errHash = errors.New("account: a stored password hash cannot be read")

// stretch runs argon2id, waiting for one of the two slots.
func (s *Service) stretch(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-slots }()
	s.stretched.Add(1)
	// Characters typed in another order of accents are the same password: RFC 8265, 4.2.
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, passes, memory, lanes, hashBytes), nil
}

// hash is what is stored of a password, in the PHC string format.
func (s *Service) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt) //nolint:errcheck,gosec // never fails since Go 1.24
	key, err := s.stretch(ctx, password, salt)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

// samePassword compares in constant time. An empty hash stands for a person who does
// not exist or has no password: it costs the same and is never the same.
func (s *Service) samePassword(ctx context.Context, password, stored string) (bool, error) {
	salt, want := make([]byte, saltBytes), make([]byte, hashBytes)
	if stored != "" {
		var err error
		if salt, want, err = parseHash(stored); err != nil {
			return false, err
		}
	}
	if utf8.RuneCountInString(password) > maxPassword {
		password = "" // nobody's: stretched all the same
	}
	got, err := s.stretch(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && stored != "", nil
}

func parseHash(stored string) (salt, key []byte, err error) {
	f := strings.Split(stored, "$")
	want := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, memory, passes, lanes)
	if len(f) != 6 || !strings.HasPrefix(stored, want) {
		return nil, nil, errHash
	}
	if salt, err = base64.RawStdEncoding.DecodeString(f[4]); err != nil {
		return nil, nil, errHash
	}
	if key, err = base64.RawStdEncoding.DecodeString(f[5]); err != nil || len(key) != hashBytes {
		return nil, nil, errHash
	}
	return salt, key, nil
}
