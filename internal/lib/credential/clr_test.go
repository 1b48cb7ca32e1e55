package credential

import (
	"strings"
	"testing"
)

// A record of several badges, with the associations between what they are about.
func TestALearnerRecordIsIssuedAndVerified(t *testing.T) {
	needed(t)
	by := issuer(t, 1)
	inner := issue(t, badge(""), by, IssueOptions{})
	text := `{"@context": ["` + ContextV2 + `", "` + ContextCLR + `", "` + ContextOB3 + `"],
		"id": "urn:uuid:9f1c3e9a-5d0b-4c39-9d57-0d2f6a3f7b12", "type": ["VerifiableCredential", "ClrCredential"],
		"issuer": {"type": ["Profile"], "name": "Atelier de Brest"}, "name": "Parcours", "validFrom": "2026-01-02T03:04:05Z",
		"credentialSubject": {"id": "did:example:anne", "type": ["ClrSubject"], "verifiableCredential": [` + string(inner.Text) + `],
		"association": [{"type": "Association", "associationType": "isPartOf", "sourceId": "urn:uuid:1", "targetId": "urn:uuid:2"}]}}`
	out := issue(t, []byte(text), by, IssueOptions{})
	r := Verify(out.Text, Options{At: now})
	expectCodes(t, "record", r, true, "+endorsement.ok")
	if len(r.Inner) != 1 || !r.Inner[0].Valid {
		t.Errorf("inner reports: %+v", r.Inner)
	}
	if _, err := Issue([]byte(strings.Replace(text, "isPartOf", "isPartly", 1)), by, IssueOptions{At: now}); err == nil {
		t.Error("an association that the standard does not have is issued")
	}
}

// What the standards ask for and is not there is not signed.
func TestAnIncompleteBadgeIsNotIssued(t *testing.T) {
	needed(t)
	by := issuer(t, 1)
	whole := string(badge(""))
	for _, c := range []struct{ from, to, code string }{
		{`"description": "Coudre un cahier à la main.",`, ``, "schema.absent"},
		{`"Competency"`, `"Compétence"`, "schema.wrong"},
		{`["AchievementSubject"]`, `["Person"]`, "schema.wrong"},
		{`"2026-01-02T03:04:05Z"`, `"2026-01-02"`, "schema.wrong"},
		{`"did:example:anne"`, `"anne"`, "schema.wrong"},
		{`"name": "Reliure"`, `"name": "Reliure", "nom": "Reliure"`, "context.dropped"},
		{`"name": "Reliure"`, `"name": "Reliure", "name": "Dorure"`, "parse.ambiguous"},
		{ContextV2, "https://www.w3.org/ns/credentials/v3", "context.first"},
		{ContextOB3, "https://ctx.example/ob", "context.unknown"},
	} {
		text := strings.Replace(whole, c.from, c.to, 1)
		if text == whole {
			t.Fatalf("%s is not in the badge", c.from)
		}
		_, err := Issue([]byte(text), by, IssueOptions{At: now, Lang: "en"})
		r, ok := err.(*Refusal)
		if !ok || r.Check.Code != c.code && !(c.code == "context.first" && r.Check.Name == CheckSchema) {
			t.Errorf("%s for %s: %v", c.to, c.from, err)
		}
	}
	if _, err := Issue([]byte(whole), by, IssueOptions{At: now}); err != nil {
		t.Errorf("the twin: %v", err)
	}
}
