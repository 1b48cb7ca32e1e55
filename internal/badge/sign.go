package badge

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/credential/statuslist"
	"digiwork/internal/platform/db"
)

// nameOf is the name of an issuer, as badges say it.
func (s *Service) nameOf(ctx context.Context, by By) (string, error) {
	if by.Kind == KindCircle {
		names, err := s.Gate.Circles.CircleNames(ctx, []kernel.CircleID{kernel.CircleID(by.ID)})
		return names[kernel.CircleID(by.ID)], err
	}
	names, err := s.People.Names(ctx, []kernel.PersonID{kernel.PersonID(by.ID)})
	return names[kernel.PersonID(by.ID)], err
}

// signer is an issuer ready to sign: a circle whoever agrees to its badge, a person
// only in her own request. False when her signature has to wait for her.
func (s *Service) signer(ctx context.Context, by By) (credential.Issuer, string, bool, error) {
	name, err := s.nameOf(ctx, by)
	if err != nil {
		return credential.Issuer{}, "", false, err
	}
	if by.Kind == KindCircle {
		i, err := s.Signing.Circle(ctx, kernel.CircleID(by.ID))
		return i, name, err == nil, err
	}
	if string(kernel.ActorFrom(ctx).Person) != by.ID {
		return credential.Issuer{}, name, false, nil
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return credential.Issuer{}, "", false, err
	}
	i, err := s.Signing.Person(ctx, pass)
	return i, name, err == nil, err
}

// Accept agrees to an offer. A circle signs at once, or when everybody of the group
// has agreed; a person signs when she next comes.
func (s *Service) Accept(ctx context.Context, id AwardID) error {
	w, a, err := s.Mine(ctx, id)
	if err != nil {
		return err
	}
	if _, err := may(ctx, "write"); err != nil {
		return err
	}
	if w.State != Offered {
		return errMoved
	}
	if w.Words.Holder, err = s.holder(ctx); err != nil {
		return err
	}
	by, name, ready, err := s.signer(ctx, a.By)
	if err != nil {
		return err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		w.State = Agreed
		if err := s.save(ctx, tx, w, Offered); err != nil {
			return "", err
		}
		if !ready {
			return string(id), nil
		}
		return string(id), s.signReady(ctx, tx, a, w, by, name)
	})
	if err != nil {
		return err
	}
	return s.Collect(ctx)
}

// Sign signs what was agreed to, or what was asked for, in the name of its issuer.
func (s *Service) Sign(ctx context.Context, id AwardID) error {
	w, _, err := awardByID(ctx, s.DB.Read(), id)
	if err != nil {
		return err
	}
	a, err := s.OwnAchievement(ctx, w.Achievement)
	if err != nil {
		return err
	}
	by, name, ready, err := s.signer(ctx, a.By)
	if err != nil {
		return err
	}
	return s.decide(ctx, id, func(tx *db.Tx, w Award) error {
		if !ready || w.State != Claimed && w.State != Agreed {
			return errMoved
		}
		if w.State == Claimed { // who asked has agreed
			w.State = Agreed
			if err := s.save(ctx, tx, w, Claimed); err != nil {
				return err
			}
		}
		return s.signReady(ctx, tx, a, w, by, name)
	})
}

// signReady signs an award, or its whole group once nobody of it is waited for.
func (s *Service) signReady(ctx context.Context, tx *db.Tx, a Achievement, w Award, by credential.Issuer, name string) error {
	if w.Team == "" {
		return s.sign(ctx, tx, a, []Award{w}, by, name)
	}
	rows, err := teamAwards(ctx, tx, w.Team)
	if err != nil {
		return err
	}
	slices.SortFunc(rows, func(a, b awardRow) int { return strings.Compare(string(a.ID), string(b.ID)) })
	var together []Award
	for _, r := range rows {
		switch r.State {
		case Offered:
			return nil // somebody has not answered yet
		case Agreed:
			one, err := s.openAward(r.Award, r.sealed, nil)
			if err != nil {
				return err
			}
			together = append(together, one)
		}
	}
	return s.sign(ctx, tx, a, together, by, name)
}

// sign makes one badge of the awards: one subject each.
func (s *Service) sign(ctx context.Context, tx *db.Tx, a Achievement, awards []Award, by credential.Issuer, name string) error {
	entries, err := s.Signing.Reserve(ctx, tx, a.By.Kind, a.By.ID, by, statuslist.Revocation, statuslist.Suspension)
	if err != nil {
		return err
	}
	places, err := json.Marshal(entries)
	if err != nil {
		return err
	}
	doc := s.unsigned(a, awards, name, entries, tx)
	o := credential.IssueOptions{At: tx.Now}
	issued, err := credential.IssueObject(doc, by, o)
	if err != nil {
		return fmt.Errorf("sign a badge: %w", err)
	}
	words := Words{Credential: string(issued.Text)}
	if len(awards) == 1 {
		if words.JWT, words.SDJWT, err = otherForms(doc, by, awards[0].Words.Holder, o); err != nil {
			return err
		}
	}
	for _, w := range awards {
		words.Label = w.Words.Label
		w.State, w.Words, w.Entries = Signed, words, string(places)
		if err := s.save(ctx, tx, w, Agreed); err != nil {
			return err
		}
	}
	return nil
}

// unsigned is the badge before it is signed (OB 3.0, B.1.1). Every object has an
// identifier where the standard allows one: it is then canonicalised fast.
func (s *Service) unsigned(a Achievement, awards []Award, name string, entries []any, tx *db.Tx) map[string]any {
	var subjects, evidence []any
	for _, w := range awards {
		subjects = append(subjects, map[string]any{"id": w.Words.Holder, "type": []any{"AchievementSubject"}, "achievement": s.achievementDocument(a)})
		if w.Words.Evidence != "" || w.Words.Link != "" {
			e := map[string]any{"id": newURN(), "type": []any{"Evidence"}}
			if w.Words.Link != "" {
				e["id"] = w.Words.Link
			}
			if w.Words.Evidence != "" {
				e["narrative"] = w.Words.Evidence
			}
			evidence = append(evidence, e)
		}
	}
	doc := map[string]any{
		"@context": []any{credential.ContextV2, credential.ContextOB3}, "id": newURN(), "type": []any{"VerifiableCredential", "OpenBadgeCredential"},
		"name": a.Name, "issuer": map[string]any{"type": []any{"Profile"}, "name": name}, "validFrom": stamp(tx.Now), "awardedDate": stamp(tx.Now),
		"credentialSubject": any(subjects), "credentialStatus": entries,
	}
	if len(subjects) == 1 {
		doc["credentialSubject"] = subjects[0]
	}
	if end := a.until(tx.Now); !end.IsZero() {
		doc["validUntil"] = stamp(end)
	}
	if evidence != nil {
		doc["evidence"] = evidence
	}
	return doc
}

// parts are what a holder may hide of a badge in its partial form.
var parts = []string{
	"/credentialSubject/id", "/credentialSubject/achievement/description", "/credentialSubject/achievement/criteria",
	"/credentialSubject/achievement/image", "/credentialSubject/achievement/alignment", "/evidence", "/awardedDate",
}

// otherForms signs a badge as a token, and as a token whose holder may show a part.
func otherForms(doc map[string]any, by credential.Issuer, holder string, o credential.IssueOptions) (jwt, partial string, err error) {
	o.Format = credential.FormatJWT
	token, err := credential.IssueObject(doc, by, o)
	if err != nil {
		return "", "", fmt.Errorf("sign a token: %w", err)
	}
	o.Format = credential.FormatSDJWT
	if o.Holder, err = did.ParseMultikey(strings.TrimPrefix(holder, "did:key:")); err != nil {
		return "", "", fmt.Errorf("key of a holder: %w", err)
	}
	for _, p := range parts {
		if there(doc, p) {
			o.Hide = append(o.Hide, p)
		}
	}
	shown, err := credential.IssueObject(doc, by, o)
	return string(token.Text), string(shown.Text), err
}

// there says whether a pointer leads somewhere.
func there(doc map[string]any, pointer string) bool {
	var v any = doc
	for _, name := range strings.Split(pointer, "/")[1:] {
		m, ok := v.(map[string]any)
		if !ok {
			return false
		}
		if v, ok = m[name]; !ok {
			return false
		}
	}
	return true
}

// Mark revokes a badge, suspends it, or lets it count again, with a reason for its
// holder. A revoked badge stays revoked.
func (s *Service) Mark(ctx context.Context, id AwardID, purpose string, on bool, reason string) error {
	reason = strings.TrimSpace(reason)
	if on && reason == "" || len([]rune(reason)) > maxNote {
		return errReason
	}
	w, _, err := awardByID(ctx, s.DB.Read(), id)
	if err != nil {
		return err
	}
	a, err := s.OwnAchievement(ctx, w.Achievement)
	if err != nil {
		return err
	}
	mark := func(ctx context.Context, tx *db.Tx, entry map[string]any, on bool) error {
		return s.Signing.Mark(ctx, tx, a.By.Kind, a.By.ID, entry, on)
	}
	if a.By.Kind == KindPerson {
		pass, err := s.Gate.Own(ctx)
		if err != nil {
			return err
		}
		if mark, err = s.Signing.Marker(ctx, pass); err != nil {
			return err
		}
	}
	return s.decide(ctx, id, func(tx *db.Tx, w Award) error {
		if w.State != Signed && w.State != Held || !w.Revoked.IsZero() || purpose == statuslist.Revocation && !on {
			return errMoved
		}
		var entries []map[string]any
		if err := json.Unmarshal([]byte(w.Entries), &entries); err != nil {
			return fmt.Errorf("entries of %s: %w", id, err)
		}
		for _, e := range entries {
			if e["statusPurpose"] == purpose {
				if err := mark(ctx, tx, e, on); err != nil {
					return err
				}
			}
		}
		if w.Words.Reason = reason; purpose == statuslist.Revocation {
			w.Revoked = tx.Now
		} else if w.Suspended = tx.Now; !on {
			w.Suspended = db.Time{}.Time
		}
		return s.save(ctx, tx, w, Signed, Held)
	})
}

// Collect puts badges that were signed for the actor into her musette.
func (s *Service) Collect(ctx context.Context) error {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	rows, err := awardsOf(ctx, s.DB.Read(), pass.Owner())
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.State != Signed {
			continue
		}
		if err := s.collect(ctx, pass, r); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) collect(ctx context.Context, pass gate.Pass, r awardRow) error {
	w, err := s.openAward(r.Award, r.sealed, nil)
	if err != nil {
		return err
	}
	a, err := achievementByID(ctx, s.DB.Read(), w.Achievement)
	if err != nil {
		return err
	}
	h := Holding{Text: []byte(w.Words.Credential), Format: credential.FormatLD, JWT: w.Words.JWT, SDJWT: w.Words.SDJWT}
	report, err := s.examine(ctx, &h, false)
	if err != nil {
		return err
	}
	it, err := h.item(report, s.now(), a.By.Kind == KindCircle)
	if err != nil {
		return err
	}
	sealed, err := s.Gate.Seal(ctx, pass, it)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := s.Gate.Put(ctx, tx, sealed); err != nil {
			return err
		}
		w.State, w.Words = Held, Words{Label: w.Words.Label, Reason: w.Words.Reason}
		return s.save(ctx, tx, w, Signed)
	})
}
