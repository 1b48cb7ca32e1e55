package vae

import (
	"context"
	"crypto/sha256"
	"fmt"

	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/taxonomy"
	"digiwork/internal/platform/db"
)

// result puts together what goes back to the person, with the credentials signed.
func (s *Service) result(ctx context.Context, t *Sitting, d Decision) (Result, error) {
	r := Result{
		Certification: t.Copy.Certification, Outcome: d.outcome(), Reason: d.Reason, Jury: t.Circle.Name, On: s.today(ctx), SHA256: t.Frozen.SHA256,
	}
	for _, o := range d.Words {
		r.Findings = append(r.Findings, Finding{o.About, o.Word, o.Reason})
	}
	by, err := s.Signers.Circle(ctx, t.Circle.ID)
	if err != nil {
		return r, err
	}
	for _, g := range d.Blocs {
		b, ok := t.Copy.Certification.bloc(g.Bloc)
		if ok && g.Granted {
			var status []any
			err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
				status, err = s.Signers.Reserve(ctx, tx, t.Circle.ID, by)
				return err
			})
			if err != nil {
				return r, err
			}
			out, err := credential.IssueObject(blocCredential(t, b, by, status), by, credential.IssueOptions{At: s.DB.Now(), Lang: t.Copy.Lang})
			if err != nil {
				return r, fmt.Errorf("issue a bloc: %w", err)
			}
			g.Credential = out.Text
		}
		r.Blocs = append(r.Blocs, g)
	}
	return r, nil
}

// blocCredential is the achievement of one bloc: OB 3.0, B.1, with its place in the
// register where it has one.
func blocCredential(t *Sitting, b Bloc, by credential.Issuer, status []any) map[string]any {
	c := t.Copy.Certification
	say := sentences[t.Copy.Lang]
	alignment := map[string]any{"type": []any{"Alignment"}, "targetName": b.Title, "targetFramework": c.Title, "targetType": "CFItem", "targetUrl": achievementID(t, b)}
	if url := taxonomy.BlocURI(b.Code); url != "" {
		alignment["targetUrl"], alignment["targetCode"], alignment["targetFramework"] = url, b.Code, "RNCP"
	}
	return map[string]any{
		"@context": []any{credential.ContextV2, contextBadge},
		"id":       "urn:uuid:" + uuid(string(t.Grant)+"\x00"+b.ID),
		"type":     []any{"VerifiableCredential", "OpenBadgeCredential"},
		"name":     b.Title,
		"issuer":   map[string]any{"id": by.ID, "type": []any{"Profile"}, "name": t.Circle.Name},
		"credentialSubject": map[string]any{
			"id": t.Copy.DID, "type": []any{"AchievementSubject"},
			"achievement": map[string]any{
				"id": achievementID(t, b), "type": []any{"Achievement"}, "achievementType": "Competency", "name": b.Title, "inLanguage": t.Copy.Lang,
				"description": fmt.Sprintf(say.description, t.Circle.Name, c.Title),
				"criteria":    map[string]any{"narrative": say.criteria + "\n" + b.text()},
				"alignment":   []any{alignment},
			},
		},
		"evidence":         []any{map[string]any{"id": "urn:sha256:" + t.Frozen.SHA256, "type": []any{"Evidence"}, "name": say.evidence, "genre": "ValidationFile"}},
		"credentialStatus": status,
	}
}

// sentences are what a credential says for itself, in the language of the dossier.
var sentences = map[string]struct{ description, criteria, evidence string }{
	"fr": {
		"Bloc reconnu par le jury « %s », sur dossier de validation d'expérience, pour : %s. Un bloc d'une certification de l'État n'est délivré que par son certificateur.",
		"Compétences examinées une à une par le jury :", "Copie figée du dossier examiné, par son empreinte",
	},
	"en": {
		"Bloc recognised by the jury “%s” from a file of validation of experience, for: %s. A bloc of a certification of the French State is granted by its certifier alone.",
		"Competences looked at one by one by the jury:", "Frozen copy of the file that was examined, by its digest",
	},
}

// contextBadge is the context of Open Badges 3.0.
const contextBadge = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

// achievementID is the same for the same bloc before the same jury.
func achievementID(t *Sitting, b Bloc) string {
	return "urn:uuid:" + uuid(string(t.Circle.ID)+"\x00"+t.Copy.Certification.Title+"\x00"+b.Code+"\x00"+b.Title)
}

// uuid is a name-based identifier, RFC 9562, 5.8.
func uuid(name string) string {
	b := sha256.Sum256([]byte("digiwork vae\x00" + name))
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
