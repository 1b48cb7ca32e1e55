package credential

import (
	"crypto"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/credential/integrity"
	"digiwork/internal/lib/credential/jose"
	"digiwork/internal/lib/ijson"
	"digiwork/internal/lib/jsonld"
)

// Issuer signs credentials: an identifier, an Ed25519 key and the address under which
// its public part is found.
type Issuer struct {
	ID     string
	Key    crypto.Signer
	Method string
}

// KeyIssuer is the issuer whose identifier is its own key (did:key).
func KeyIssuer(key crypto.Signer) (Issuer, error) {
	id, method, err := did.FromKey(key.Public())
	return Issuer{ID: id, Key: key, Method: method}, err
}

func (i Issuer) signer() integrity.Signer { return integrity.Signer{Key: i.Key, Method: i.Method} }

// IssueOptions of Issue.
type IssueOptions struct {
	At     time.Time
	Format string   // FormatLD when empty, FormatJWT, FormatSDJWT
	Suites []string // of FormatLD; eddsa-rdfc-2022 and eddsa-jcs-2022 when empty
	Hide   []string // of FormatSDJWT: JSON pointers of what the holder may hide; all of the subject when nil
	Holder did.Public
	With   *Library // contexts that are not built in
	Lang   string   // of the sentence of a refusal
}

// Issued is a signed credential.
type Issued struct {
	Format     string
	Text       []byte         // JSON or a token
	Credential map[string]any // of FormatLD: with its proofs
}

// Refusal is why a credential is not issued: the check it fails, with its sentence.
type Refusal struct{ Check Check }

func (r *Refusal) Error() string { return r.Check.Detail }

// Issue signs a credential. Its issuer's identifier becomes the signer's, whatever it
// was; other members of the issuer are kept. A missing date of issue becomes At where
// the form asks for one. What Verify would refuse in form or meaning is not signed, nor
// a badge that lacks what its standard asks for: the error is then a *Refusal.
func Issue(unsigned []byte, by Issuer, o IssueOptions) (Issued, error) {
	doc, err := ijson.Object(unsigned, ijson.Limits{})
	if err != nil {
		return Issued{}, o.refuse(CheckParse, no(jsonCode(err), "why", err.Error()))
	}
	return IssueObject(doc, by, o)
}

// IssueObject is Issue for a credential decoded strictly (ijson). It is not changed.
func IssueObject(doc map[string]any, by Issuer, o IssueOptions) (Issued, error) {
	doc = maps.Clone(doc)
	if o.Format == FormatSDJWT && doc["vct"] != nil && doc["@context"] == nil {
		return o.partial(doc, by)
	}
	complete(doc, by, o)
	i := &inspector{}
	i.credential(doc, isV2(doc))
	i.badge(doc)
	for _, f := range i.found {
		if f.absent {
			return Issued{}, o.refuse(CheckSchema, no("schema.absent", "where", f.where))
		}
	}
	if a := formAnswer(i.found); a.bad() {
		return Issued{}, o.refuse(CheckSchema, a)
	}
	if a := contextList(doc); a.bad() {
		return Issued{}, o.refuse(CheckContext, a)
	}
	v := &verification{o: Options{At: o.At, With: o.With}, doc: doc}
	if a := v.related(); a.bad() {
		return Issued{}, o.refuse(CheckContext, a)
	}
	switch o.Format {
	case "", FormatLD:
		return o.proven(doc, by)
	case FormatJWT, FormatSDJWT:
		if err := o.With.reader().Check(without(doc, "proof")); err != nil {
			return Issued{}, o.refuse(CheckContext, contextAnswer(err))
		}
		if o.Format == FormatSDJWT {
			return o.partial(doc, by)
		}
		token, err := jose.Sign(object{"typ": "vc+jwt", "cty": "vc", "kid": by.Method}, claims(doc, by), by.Key)
		if err != nil {
			return Issued{}, err
		}
		return Issued{Format: FormatJWT, Text: []byte(token)}, nil
	}
	return Issued{}, fmt.Errorf("no such format: %.40q", o.Format)
}

func (o IssueOptions) refuse(name string, a answer) error {
	lang := o.Lang
	if lang != "en" {
		lang = "fr"
	}
	a.ok = &lie
	return &Refusal{a.say(name, lang)}
}

// contextIntegrity defines the words of proofs for documents of VCDM 1.1.
const contextIntegrity = "https://w3id.org/security/data-integrity/v2"

// complete puts in what the signer knows better.
func complete(doc object, by Issuer, o IssueOptions) {
	if who, ok := doc["issuer"].(object); ok {
		who = maps.Clone(who)
		who["id"] = by.ID
		doc["issuer"] = who
	} else if doc["issuer"] == nil || isText(doc["issuer"]) {
		doc["issuer"] = by.ID
	}
	at := o.At.UTC().Format("2006-01-02T15:04:05Z")
	badge := hasType(doc, "OpenBadgeCredential") || hasType(doc, "AchievementCredential") ||
		hasType(doc, "EndorsementCredential") || hasType(doc, "ClrCredential")
	switch {
	case !isV2(doc) && doc["issuanceDate"] == nil:
		doc["issuanceDate"] = at
	case isV2(doc) && badge && doc["validFrom"] == nil:
		doc["validFrom"] = at
	}
	if list, ok := doc["@context"].([]any); ok && !isV2(doc) && (o.Format == "" || o.Format == FormatLD) {
		if !slices.Contains(list, any(contextIntegrity)) && !slices.Contains(list, any("https://w3id.org/security/data-integrity/v1")) {
			doc["@context"] = append(slices.Clone(list), contextIntegrity)
		}
	}
}

func isText(v any) bool {
	_, ok := v.(string)
	return ok
}

// proven signs with proofs inside the document.
func (o IssueOptions) proven(doc object, by Issuer) (Issued, error) {
	suites := o.Suites
	if len(suites) == 0 {
		suites = []string{integrity.EdDSARDFC, integrity.EdDSAJCS}
	}
	options := make([]integrity.Options, len(suites))
	meant := false
	for i, s := range suites {
		options[i] = integrity.Options{Suite: s, Purpose: did.AssertionMethod, Created: o.At}
		meant = meant || s == integrity.EdDSARDFC
	}
	if !meant {
		if err := o.With.reader().Check(without(doc, "proof")); err != nil {
			return Issued{}, o.refuse(CheckContext, contextAnswer(err))
		}
	}
	signed, err := integrity.SignSet(doc, o.With.reader(), by.signer(), options)
	if err != nil {
		if _, ok := errors.AsType[*jsonld.Error](err); ok {
			return Issued{}, o.refuse(CheckContext, contextAnswer(err))
		}
		return Issued{}, fmt.Errorf("issue: %w", err)
	}
	text, err := ijson.Canonical(signed)
	if err != nil {
		return Issued{}, fmt.Errorf("issue: %w", err)
	}
	return Issued{Format: FormatLD, Text: text, Credential: signed}, nil
}

// claims are those of a token around a credential (OB 3.0, 8.2.4; VCDM 1.1, 6.3.1).
func claims(doc object, by Issuer) object {
	c := object{"iss": by.ID}
	for name, member := range map[string]string{"jti": "id"} {
		if v, ok := doc[member]; ok {
			c[name] = v
		}
	}
	if m, ok := doc["credentialSubject"].(object); ok && isText(m["id"]) {
		c["sub"] = m["id"]
	}
	for name, members := range map[string][]string{"nbf": {"validFrom", "issuanceDate"}, "exp": {"validUntil", "expirationDate"}} {
		for _, member := range members {
			s, _ := doc[member].(string)
			if at, err := integrity.Time(s); err == nil {
				c[name] = float64(at.Unix())
			}
		}
	}
	if !isV2(doc) {
		c["vc"] = doc
		return c
	}
	for k, v := range doc {
		c[k] = v
	}
	return c
}

// partial signs a token whose holder may show a part.
func (o IssueOptions) partial(doc object, by Issuer) (Issued, error) {
	header := object{"typ": "vc+sd-jwt", "kid": by.Method}
	body := doc
	hide := o.Hide
	if doc["vct"] != nil && doc["@context"] == nil {
		header["typ"] = "dc+sd-jwt"
		body["iss"] = by.ID
		if body["iat"] == nil {
			body["iat"] = float64(o.At.Unix())
		}
		if a := (&verification{doc: body}).vctSchema(); a.bad() {
			return Issued{}, o.refuse(CheckSchema, a)
		}
	} else {
		body = claims(doc, by)
		delete(body, "sub") // the holder may hide who the subject is
		if subject, ok := doc["credentialSubject"].(object); ok && hide == nil {
			for _, k := range slices.Sorted(maps.Keys(subject)) {
				if k != "type" {
					hide = append(hide, "/credentialSubject/"+k)
				}
			}
		}
	}
	if o.Holder != nil {
		jwk, err := did.JWK(o.Holder)
		if err != nil {
			return Issued{}, err
		}
		body["cnf"] = object{"jwk": jwk}
	}
	token, err := jose.SignPartial(header, body, hide, by.Key, nil)
	if err != nil {
		return Issued{}, fmt.Errorf("issue: %w", err)
	}
	return Issued{Format: FormatSDJWT, Text: []byte(token)}, nil
}

// Present signs a presentation for one occasion: its holder becomes the signer.
func Present(doc map[string]any, by Issuer, suite, domain, challenge string, at time.Time, with *Library) (map[string]any, error) {
	doc = maps.Clone(doc)
	doc["holder"] = by.ID
	return integrity.Sign(doc, with.reader(), by.signer(), integrity.Options{
		Suite: suite, Purpose: did.Authentication, Created: at, Domain: domain, Challenge: challenge,
	})
}
