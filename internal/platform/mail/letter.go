package mail

import (
	"encoding/json"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"digiwork/internal/kernel"

	"golang.org/x/net/idna"
)

const (
	maxAddress = 254 // RFC 5321, 4.5.3.1.3, without the angle brackets
	maxSubject = 200 // characters
	maxText    = 32 << 10
)

var (
	errAddress = kernel.NewFault(kernel.Invalid, "mail.address").On("email")
	errOff     = kernel.NewFault(kernel.Unavailable, "mail.off")
	errTooMany = kernel.NewFault(kernel.TooMany, "mail.too_many")
)

// Letter is what somebody will read.
type Letter struct {
	To        string // one address, without a name
	Lang      string // "fr" or "en": the language of subject and text
	Subject   string
	Text      string          // plain text, line breaks kept
	Person    kernel.PersonID // whose letter it is: who asked for it, or whom it is about; it goes with her
	Own       bool            // a notice about her own account: counted apart, so that nobody can use up what she may receive
	NotBefore time.Time       // the end of quiet hours, if they matter; zero is at once
}

// Address checks an address as typed and gives it as it is kept: without spaces
// around, the domain in small ASCII letters (IDNA).
//
// Invalid, on the field "email", if it is none.
func Address(typed string) (string, error) {
	s := strings.TrimSpace(typed)
	if len(s) > maxAddress || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", errAddress
	}
	a, err := netmail.ParseAddress(s)
	if err != nil || a.Name != "" || strings.ContainsAny(s, "<>()\"") {
		return "", errAddress
	}
	at := strings.LastIndexByte(a.Address, '@')
	domain, err := idna.Lookup.ToASCII(strings.ToLower(a.Address[at+1:]))
	if err != nil || domain == "" || strings.HasPrefix(domain, "[") {
		return "", errAddress
	}
	return a.Address[:at] + "@" + domain, nil
}

// check gives the letter as it leaves.
func (l Letter) check() (Letter, error) {
	to, err := Address(l.To)
	if err != nil {
		return l, err
	}
	l.To = to
	l.Subject = strings.Join(strings.Fields(l.Subject), " ") // one line: a header ends at a line break
	if l.Subject == "" || strings.TrimSpace(l.Text) == "" || utf8.RuneCountInString(l.Subject) > maxSubject || len(l.Text) > maxText {
		return l, fmt.Errorf("mail: a subject of %d characters and a text of %d bytes", utf8.RuneCountInString(l.Subject), len(l.Text))
	}
	return l, nil
}

// words are what is sealed of a letter.
type words struct {
	To      string `json:"to"`
	Lang    string `json:"lang"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

func (l Letter) pack() ([]byte, error) { return json.Marshal(words{l.To, l.Lang, l.Subject, l.Text}) }
