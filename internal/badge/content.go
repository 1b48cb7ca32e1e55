package badge

import (
	"encoding/base64"
	"strings"

	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/integrity"
)

// Content is what a credential says, for people: of Open Badges 3.0 and 2.0, and of
// other credentials as far as they use the same words.
type Content struct {
	ID          string // of the achievement
	Name        string
	Description string
	Criteria    string
	Subject     string // who it is about, as it says
	From, Until string // days
	Evidence    []Evidence
	Alignments  []Alignment
	Records     []string // names of the credentials inside
	picture     string   // PNG in base64
}

// Evidence is what a badge says was seen.
type Evidence struct{ Text, Link string }

const mostShown = 50 // of a list in a page

func textOf(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case map[string]any:
		s, _ := x["@value"].(string)
		return s
	case []any:
		if len(x) > 0 {
			return textOf(x[0])
		}
	}
	return ""
}

func objectOf(v any) map[string]any {
	for _, e := range listOf(v) {
		if m, ok := e.(map[string]any); ok {
			return m
		}
	}
	return nil
}

func day(v any) string {
	s, _ := v.(string)
	if _, err := integrity.Time(s); err != nil || len(s) < 10 {
		return ""
	}
	return s[:10]
}

// first is the first text that says anything.
func first(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// contentOf reads a report's credential for people.
func contentOf(r credential.Report) Content {
	doc := r.Credential
	subject := objectOf(doc["credentialSubject"])
	about := objectOf(subject["achievement"])
	if r.Format == credential.FormatOB2 {
		about = objectOf(doc["badge"])
	}
	c := Content{
		ID: textOf(about["id"]), Name: first(textOf(doc["name"]), textOf(about["name"])), Description: first(textOf(about["description"]), textOf(doc["description"])),
		Criteria: textOf(objectOf(about["criteria"])["narrative"]), Subject: textOf(subject["id"]),
		From: first(day(doc["awardedDate"]), day(doc["validFrom"]), day(doc["issuanceDate"]), day(doc["issuedOn"])), Until: first(day(doc["validUntil"]), day(doc["expirationDate"]), day(doc["expires"])),
	}
	if c.Name == "" && len(r.Type) > 0 {
		c.Name = r.Type[len(r.Type)-1]
	}
	if data, ok := strings.CutPrefix(textOf(objectOf(about["image"])["id"]), "data:image/png;base64,"); ok && len(data) <= 4*maxPicture {
		if _, err := base64.StdEncoding.DecodeString(data); err == nil {
			c.picture = data
		}
	}
	for _, v := range capped(listOf(doc["evidence"])) {
		e := Evidence{Link: textOf(v)}
		if m, ok := v.(map[string]any); ok {
			e = Evidence{first(textOf(m["narrative"]), textOf(m["name"]), textOf(m["description"])), textOf(m["id"])}
		}
		if !strings.HasPrefix(e.Link, "https://") && !strings.HasPrefix(e.Link, "http://") {
			e.Link = ""
		}
		c.Evidence = append(c.Evidence, e)
	}
	for _, v := range capped(listOf(about["alignment"])) {
		if m, ok := v.(map[string]any); ok {
			c.Alignments = append(c.Alignments, Alignment{URL: textOf(m["targetUrl"]), Name: textOf(m["targetName"]), Code: textOf(m["targetCode"]), Framework: textOf(m["targetFramework"])})
		}
	}
	for _, v := range capped(listOf(subject["verifiableCredential"])) {
		if m, ok := v.(map[string]any); ok {
			c.Records = append(c.Records, first(textOf(m["name"]), textOf(objectOf(objectOf(m["credentialSubject"])["achievement"])["name"])))
		}
	}
	return c
}

func capped(all []any) []any { return all[:min(len(all), mostShown)] }

// Verdict is a report in one word: the first thing that counts.
type Verdict string

// Verdicts. Revoked, suspended, expired and not known are four different things.
const (
	Valid      Verdict = "valid"
	Revoked    Verdict = "revoked"
	Suspended  Verdict = "suspended"
	Expired    Verdict = "expired"
	TooEarly   Verdict = "early"
	Altered    Verdict = "altered"
	Unsigned   Verdict = "unsigned"
	Unreadable Verdict = "unreadable"
	NotGood    Verdict = "refused"
	Unknown    Verdict = "unknown"
)

// VerdictOf says what a report comes to.
func VerdictOf(r credential.Report) Verdict {
	if r.Valid {
		return Valid
	}
	codes := map[string]Verdict{
		"status.revoked": Revoked, "status.suspended": Suspended, "proof.signature": Altered, "proof.none": Unsigned,
		"expiry.over": Expired, "expiry.early": TooEarly,
	}
	refused := false
	for _, name := range []string{credential.CheckParse, credential.CheckProof, credential.CheckStatus, credential.CheckExpiry, credential.CheckContext, credential.CheckSchema, credential.CheckIssuer, credential.CheckEndorsement} {
		c := r.Get(name)
		if c.OK == nil || *c.OK {
			continue
		}
		if name == credential.CheckParse {
			return Unreadable
		}
		if v, ok := codes[c.Code]; ok {
			return v
		}
		refused = true
	}
	if refused {
		return NotGood
	}
	return Unknown
}
