package credential

import (
	"strings"
	"time"
	"unicode"
)

// Report is what a verification found.
type Report struct {
	Valid   bool     `json:"valid"`
	Format  string   `json:"format"`
	Type    []string `json:"type"`
	Issuer  Party    `json:"issuer"`
	Subject any      `json:"subject"`
	Checks  []Check  `json:"checks"`

	// Credential is what was read, without signature or envelope.
	Credential map[string]any `json:"-"`
	// Inner are the reports of credentials inside: endorsements, the parts of a record.
	Inner []Report `json:"-"`
}

// Formats.
const (
	FormatLD    = "vc+ld"
	FormatJWT   = "vc+jwt"
	FormatSDJWT = "vc+sd-jwt"
	FormatOB2   = "ob2"
)

// Party is an issuer.
type Party struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Check is one question and its answer. OK is nil when it could not be answered here.
type Check struct {
	Name   string `json:"name"`
	OK     *bool  `json:"ok"`
	Detail string `json:"detail"`
	Code   string `json:"code"` // stable; names the sentence
}

// Names of the checks, in the order in which they stand.
const (
	CheckParse       = "parse"
	CheckContext     = "context"
	CheckSchema      = "schema"
	CheckProof       = "proof"
	CheckIssuer      = "issuer"
	CheckExpiry      = "expiry"
	CheckStatus      = "status"
	CheckEndorsement = "endorsement"
)

var order = []string{CheckParse, CheckContext, CheckSchema, CheckProof, CheckIssuer, CheckExpiry, CheckStatus, CheckEndorsement}

// Get gives a check by its name.
func (r *Report) Get(name string) Check {
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	return Check{}
}

// answer is an answer before it is put into words.
type answer struct {
	ok   *bool
	code string
	with []string // names and values for the holes of the sentence
}

var (
	truth = true
	lie   = false
)

func yes(code string, with ...string) answer     { return answer{&truth, code, with} }
func no(code string, with ...string) answer      { return answer{&lie, code, with} }
func unknown(code string, with ...string) answer { return answer{nil, code, with} }

func (a answer) good() bool { return a.ok != nil && *a.ok }
func (a answer) bad() bool  { return a.ok != nil && !*a.ok }

// worse gives the answer that says more against a credential.
func worse(a, b answer) answer {
	if a.code == "" || !a.bad() && (b.bad() || a.good() && !b.good()) {
		return b
	}
	return a
}

// say puts an answer into words.
func (a answer) say(name, lang string) Check {
	text := sentences[lang][a.code]
	for i := 0; i+1 < len(a.with); i += 2 {
		text = strings.ReplaceAll(text, "{"+a.with[i]+"}", shown(a.with[i+1]))
	}
	return Check{Name: name, OK: a.ok, Detail: text, Code: a.code}
}

// shown makes a value of a stranger fit for a sentence: one line, not too long.
func shown(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if r := []rune(s); len(r) > 120 {
		s = string(r[:120]) + "…"
	}
	return s
}

func dateIn(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// decide says whether a report is valid: nothing false, what must be true is true
// (contract of `credential verify`).
func (r *Report) decide(named bool) {
	must := map[string]bool{CheckParse: true, CheckContext: true, CheckProof: true, CheckIssuer: true, CheckExpiry: true, CheckStatus: named}
	r.Valid = true
	for _, c := range r.Checks {
		if c.OK != nil && !*c.OK || c.OK == nil && must[c.Name] {
			r.Valid = false
		}
	}
}
