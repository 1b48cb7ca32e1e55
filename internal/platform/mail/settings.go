package mail

import (
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"os"
	"slices"
	"strings"

	"digiwork/internal/platform/secret"
)

// TLS says how the way to the server is protected.
type TLS string

// The modes.
const (
	STARTTLS TLS = "starttls" // begin in clear, then encrypt or give up; the default
	Implicit TLS = "tls"      // encrypted from the first byte, usually port 465
	Plain    TLS = "none"     // never encrypted: for a server on this machine or network
)

// Settings say how letters leave. The zero Settings is no mail at all.
type Settings struct {
	Host         string // name or address of the SMTP server; "" is no mail
	Port         int    // 0 is 587, or 465 with Implicit, or 25 with Plain
	From         string // address, or Name <address>
	User         string // "" is no sign-in
	PasswordFile string // the file that holds the password, alone on its first line
	TLS          TLS    // "" is STARTTLS
}

// On reports whether mail is configured.
func (s Settings) On() bool { return s.Host != "" }

// Validate is called before the program starts. Names of settings are those of
// the command line.
func (s Settings) Validate() error {
	switch {
	case s.Host == "" && (s.From != "" || s.User != "" || s.PasswordFile != ""):
		return errors.New("--mail-host is missing: without it no mail leaves, whatever the other --mail settings")
	case s.Host == "":
		return nil
	case s.Port < 0 || s.Port > 65535:
		return fmt.Errorf("--mail-port: %d is no port", s.Port)
	case !slices.Contains([]TLS{"", STARTTLS, Implicit, Plain}, s.TLS):
		return fmt.Errorf("--mail-tls is %s, %s or %s, not %q", STARTTLS, Implicit, Plain, s.TLS)
	case s.User != "" && s.PasswordFile == "":
		return errors.New("--mail-password-file is missing: the server asks for a password with --mail-user")
	case s.User == "" && s.PasswordFile != "":
		return errors.New("--mail-user is missing: a password alone opens nothing")
	case s.User != "" && s.TLS == Plain && !s.onThisMachine():
		return errors.New("--mail-tls=none would send the password in clear over the network: use starttls or tls")
	}
	if _, err := netmail.ParseAddress(s.From); err != nil {
		return fmt.Errorf("--mail-from is an address, or Name <address>: %w", err)
	}
	if s.PasswordFile != "" {
		_, err := s.password()
		return err
	}
	return nil
}

func (s Settings) onThisMachine() bool {
	ip := net.ParseIP(s.Host)
	return s.Host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s Settings) port() int {
	switch {
	case s.Port != 0:
		return s.Port
	case s.TLS == Implicit:
		return 465
	case s.TLS == Plain:
		return 25
	}
	return 587
}

// password reads the file at each use, so that a changed password needs no restart.
func (s Settings) password() (secret.Text, error) {
	raw, err := os.ReadFile(s.PasswordFile)
	if err != nil {
		return secret.Text{}, fmt.Errorf("--mail-password-file: %w", err)
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	if first = strings.TrimRight(first, "\r"); first == "" {
		return secret.Text{}, fmt.Errorf("--mail-password-file: %s begins with an empty line", s.PasswordFile)
	}
	return secret.New(first), nil
}

// domain is what stands for this instance in greetings and Message-IDs: never the
// name of the machine.
func (s Settings) domain() string {
	a, err := netmail.ParseAddress(s.From)
	if err != nil {
		return "localhost"
	}
	_, domain, _ := strings.Cut(a.Address, "@")
	return domain
}
