package account

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/french"
	"digiwork/internal/platform/mail"

	"golang.org/x/text/unicode/norm"
)

const (
	maxHandle = 40 // runes
	maxName   = 80 // runes
)

// Person is somebody with an account on this instance.
type Person struct {
	ID            kernel.PersonID
	Handle        string // how she signs in; others may see it
	Name          string // what others read
	Mail          string // "" if she gave none
	MailConfirmed bool   // she followed the link sent there
	Lang          string // "fr" or "en"
	Zone          string // IANA time zone
	Theme         string // "light", "dark" or "" for the system's choice
	Quiet         Quiet
	Admin         bool // keeps the instance
	Demo          bool // invented, or made in a demo: vanishes at reset
	MadeAt        time.Time
	Version       int64
}

// Profile is what a person says of herself and may change.
type Profile struct {
	Handle, Name, Mail string
	Lang, Zone, Theme  string
	Quiet              Quiet
}

// profile is what she says now.
func (p Person) profile() Profile {
	return Profile{p.Handle, p.Name, p.Mail, p.Lang, p.Zone, p.Theme, p.Quiet}
}

var (
	errHandle       = kernel.NewFault(kernel.Invalid, "account.handle.form").On("handle").With("max", maxHandle)
	errHandleTaken  = kernel.NewFault(kernel.Invalid, "account.handle.taken").On("handle")
	errNameMissing  = kernel.NewFault(kernel.Invalid, "account.name.missing").On("name")
	errNameLong     = kernel.NewFault(kernel.Invalid, "account.name.long").On("name").With("max", maxName)
	errNameForm     = kernel.NewFault(kernel.Invalid, "account.name.form").On("name")
	errLang         = kernel.NewFault(kernel.Invalid, "account.lang.form").On("language")
	errZone         = kernel.NewFault(kernel.Invalid, "account.zone.form").On("zone")
	errTheme        = kernel.NewFault(kernel.Invalid, "account.theme.form").On("theme")
	errStaleProfile = kernel.NewFault(kernel.Conflict, "account.stale")
)

// checked is the profile cleaned, or every refusal at once.
func (p Profile) checked() (Profile, error) {
	var errs []error
	take := func(into *string, clean func(string) (string, error)) {
		v, err := clean(*into)
		if err != nil {
			errs = append(errs, err)
			return
		}
		*into = v
	}
	take(&p.Handle, cleanHandle)
	take(&p.Name, cleanName)
	take(&p.Mail, cleanMail)
	take(&p.Lang, cleanLang)
	take(&p.Zone, cleanZone)
	take(&p.Theme, cleanTheme)
	if err := p.Quiet.check(); err != nil {
		errs = append(errs, err)
	}
	return p, errors.Join(errs...)
}

// cleanHandle takes Latin letters, digits, and . _ - between them: what can be
// told over the telephone and typed on any keyboard.
func cleanHandle(s string) (string, error) {
	s = norm.NFC.String(strings.TrimSpace(s))
	if n := utf8.RuneCountInString(s); n == 0 || n > maxHandle {
		return "", errHandle
	}
	before := '.'
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Latin, r) && unicode.IsLetter(r), '0' <= r && r <= '9':
		case separator(r) && !separator(before):
		default:
			return "", errHandle
		}
		before = r
	}
	if separator(before) {
		return "", errHandle
	}
	return s, nil
}

func separator(r rune) bool { return r == '.' || r == '_' || r == '-' }

// foldHandle is what makes two handles the same: neither case, accents nor the
// sign between words tell two people apart.
func foldHandle(s string) string {
	return strings.Map(func(r rune) rune {
		if separator(r) {
			return '-'
		}
		return r
	}, french.Fold(norm.NFC.String(strings.TrimSpace(s))))
}

// cleanName takes any name a person may have, on one line, and refuses signs that
// hide or turn the text of others.
func cleanName(s string) (string, error) {
	s = strings.Join(strings.Fields(norm.NFC.String(s)), " ")
	if s == "" {
		return "", errNameMissing
	}
	if utf8.RuneCountInString(s) > maxName {
		return "", errNameLong
	}
	visible := false
	for _, r := range s {
		if unicode.IsControl(r) || turns(r) || r == utf8.RuneError {
			return "", errNameForm
		}
		visible = visible || unicode.In(r, unicode.L, unicode.N, unicode.So)
	}
	if !visible {
		return "", errNameForm
	}
	return s, nil
}

// turns reports the marks that change the direction of what follows (UAX 9, 2).
func turns(r rune) bool {
	return 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
}

// cleanMail takes one address without a name; "" is none.
func cleanMail(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", nil
	}
	return mail.Address(s)
}

// foldMail is the form under which an address is looked up.
func foldMail(s string) string {
	if clean, err := mail.Address(s); err == nil {
		s = clean
	}
	return strings.ToLower(strings.TrimSpace(s))
}

func cleanLang(s string) (string, error) {
	if s != "fr" && s != "en" {
		return "", errLang
	}
	return s, nil
}

// cleanZone takes a name of the IANA database.
func cleanZone(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" || s == "Local" || len(s) > 64 {
		return "", errZone
	}
	if _, err := time.LoadLocation(s); err != nil {
		return "", errZone.Because(err)
	}
	return s, nil
}

func cleanTheme(s string) (string, error) {
	if s != "" && s != "light" && s != "dark" {
		return "", errTheme
	}
	return s, nil
}
