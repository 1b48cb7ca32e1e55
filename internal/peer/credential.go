package peer

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/taxonomy"
)

// draft is what a credential says, before it is signed.
type draft struct {
	ID       string // urn:uuid:…
	Name     string // of the credential, for people
	Author   string // name of who signs
	Known    string // what this program knows of her, in a sentence
	Subject  string // identifier of whom it is about
	Activity string // title
	Answer   Answer
	Endorsed []Competence
	Status   map[string]any
}

// newURN names a thing of a credential so that it is not anonymous: canonicalising
// nodes without a name is slow (RFC 9562, 5.4: version 4).
func newURN() string {
	var b [16]byte
	rand.Read(b[:]) //nolint:errcheck,gosec // never fails since Go 1.24
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// sign makes the EndorsementCredential (Open Badges 3.0, B.1.6): its subject is the
// person, what is endorsed are alignments of the subject, and the weight (how she
// knows, when, first-hand or not) is the evidence.
func (d draft) sign(by credential.Issuer, at time.Time) ([]byte, error) {
	subject := map[string]any{
		"id": d.Subject, "type": []any{"EndorsementSubject"}, "name": d.Activity, "endorsementComment": d.Answer.Words,
	}
	if len(d.Endorsed) > 0 {
		all := make([]any, len(d.Endorsed))
		for i, c := range d.Endorsed {
			all[i] = c.alignment()
		}
		subject["alignment"] = all
	}
	evidence := map[string]any{
		"id": newURN(), "type": []any{"Evidence"}, "name": d.Activity, "narrative": d.Answer.Relation, "genre": d.Answer.Sight.genre(),
	}
	if period := interval(d.Answer.Start, d.Answer.End); period != "" {
		evidence["description"] = period
	}
	doc := map[string]any{
		"@context":          []any{credential.ContextV2, credential.ContextOB3},
		"id":                d.ID,
		"type":              []any{"VerifiableCredential", "EndorsementCredential"},
		"name":              d.Name,
		"issuer":            map[string]any{"id": by.ID, "type": []any{"Profile"}, "name": d.Author, "description": d.Known},
		"credentialSubject": subject,
		"evidence":          []any{evidence},
		"credentialStatus":  d.Status,
	}
	signed, err := credential.IssueObject(doc, by, credential.IssueOptions{At: at})
	if err != nil {
		return nil, fmt.Errorf("sign a recommendation: %w", err)
	}
	return signed.Text, nil
}

// genre is how the evidence names a way of knowing.
func (s Sight) genre() string {
	if s == FirstHand {
		return "first-hand"
	}
	return "reported"
}

// interval writes a period as ISO 8601 does: 2019-03/2023, 2019-03/.. while it lasts.
func interval(start, end kernel.Date) string {
	if start == "" && end == "" {
		return ""
	}
	side := func(d kernel.Date) string {
		if d == "" {
			return ".."
		}
		return string(d)
	}
	return side(start) + "/" + side(end)
}

// alignment writes a competence as a target of Open Badges 3.0 (B.1.3).
func (c Competence) alignment() map[string]any {
	a := map[string]any{"type": []any{"Alignment"}, "targetName": c.Name, "targetUrl": c.URL}
	scheme := taxonomy.SchemeOf(c.URL)
	switch {
	case c.URL == "":
		a["targetUrl"] = newURN() // her own words have no address
		return a
	case scheme == taxonomy.ESCO:
		a["targetType"] = "ext:ESCOSkill"
	}
	if scheme != "" && scheme != taxonomy.Starter {
		a["targetFramework"] = strings.ToUpper(string(scheme))
	}
	return a
}
