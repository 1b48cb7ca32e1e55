package credential

import (
	"errors"
	"strings"
	"time"

	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/credential/jose"
	"digiwork/internal/lib/ijson"
)

// tokenCredential is the credential that a token carries: its claims (VC-JOSE-COSE,
// 3.1.1), or the claim vc with what stands beside it (VCDM 1.1, 6.3.1).
func tokenCredential(t *jose.Token) object {
	vc, ok := t.Claims["vc"].(object)
	if !ok {
		return t.Claims
	}
	doc := ijson.Clone(vc).(object)
	fill := func(name string, v any) {
		if _, has := doc[name]; !has && v != nil {
			doc[name] = v
		}
	}
	fill("id", t.Claims["jti"])
	fill("issuer", t.Claims["iss"])
	if nbf, ok := t.Claims["nbf"].(float64); ok {
		if _, v2 := doc["validFrom"]; !v2 {
			fill("issuanceDate", time.Unix(int64(nbf), 0).UTC().Format(time.RFC3339))
		}
	}
	if subject, ok := doc["credentialSubject"].(object); ok {
		if sub, ok := t.Claims["sub"].(string); ok && subject["id"] == nil {
			subject["id"] = sub
		}
	}
	return doc
}

// tokenContext answers about the contexts of a credential in a token.
func (v *verification) tokenContext() answer {
	if v.doc["@context"] == nil && v.doc["vct"] != nil {
		return yes("context.vct")
	}
	list := contextList(v.doc)
	if list.bad() {
		return list
	}
	doc := without(v.doc, "proof")
	for _, name := range registered {
		delete(doc, name)
	}
	err := v.o.With.reader().Check(doc)
	return worse(contextAnswer(err), v.related())
}

// registered are the claims of the token itself, beside those of the credential.
var registered = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf"}

// contradiction finds a claim of the token that says otherwise than the credential
// (VCDM 1.1, 6.3.1; VC-JOSE-COSE, 3.1.3).
func (v *verification) contradiction() string {
	claims := v.token.Claims
	if iss, ok := claims["iss"].(string); ok && v.doc["vct"] == nil && iss != v.party().ID {
		return "iss"
	}
	if jti, ok := claims["jti"].(string); ok && v.doc["id"] != nil && jti != v.doc["id"] {
		return "jti"
	}
	if sub, ok := claims["sub"].(string); ok {
		if m, ok := v.doc["credentialSubject"].(object); ok && m["id"] != nil && m["id"] != sub {
			return "sub"
		}
	}
	return ""
}

// tokenProof answers for proof and issuer of a token.
func (v *verification) tokenProof() {
	if name := v.contradiction(); name != "" {
		v.set(CheckProof, no("proof.claims", "name", name))
		v.set(CheckIssuer, unknown("issuer.no_proof"))
		return
	}
	proof, issuer := v.tokenSignature(did.AssertionMethod, v.party().ID)
	if proof.good() && v.token.Partial() && !v.boundAsAsked() {
		proof = no("proof.occasion")
	}
	v.set(CheckProof, proof)
	v.set(CheckIssuer, issuer)
}

// boundAsAsked checks the key binding of a token shown in part, if it has one or the
// verifier asked for one (RFC 9901, 7.3).
func (v *verification) boundAsAsked() bool {
	if !v.token.Bound() {
		return v.o.Domain == "" && v.o.Challenge == ""
	}
	cnf, _ := v.token.Claims["cnf"].(object)
	jwk, _ := cnf["jwk"].(object)
	key, err := did.ParseJWK(jwk)
	return err == nil && v.token.VerifyBinding(key, v.o.Domain, v.o.Challenge) == nil
}

// tokenSignature checks the signature of a token by a party.
func (v *verification) tokenSignature(purpose, party string) (proof, issuer answer) {
	switch alg := v.token.Text("alg"); alg {
	case "EdDSA", "Ed25519", "ES256", "ES384", "RS256":
	case "none", "":
		return no("proof.algorithm", "alg", alg), unknown("issuer.no_proof")
	default:
		return unknown("proof.suite", "suite", alg), unknown("issuer.no_proof")
	}
	var candidates []found
	var a *answer
	if jwk, ok := v.token.Header["jwk"].(object); ok {
		candidates, a = v.headerKey(jwk, purpose, party)
	} else {
		candidates, a = v.namedKey(purpose, party)
	}
	if a != nil {
		return *a, unknown("issuer.no_proof")
	}
	proof = no("proof.signature")
	for _, f := range candidates {
		err := v.token.Verify(f.key)
		if err == nil {
			return yes("proof.ok", "suite", v.token.Text("alg")), f.issuer
		}
		if errors.Is(err, jose.ErrAlgorithm) && len(candidates) == 1 {
			proof = no("proof.algorithm", "alg", v.token.Text("alg"))
		}
	}
	return proof, unknown("issuer.no_proof")
}

// headerKey is the key that the token carries itself: it says nothing about its owner,
// unless the owner's document lists it.
func (v *verification) headerKey(jwk object, purpose, party string) ([]found, *answer) {
	key, err := did.ParseJWK(jwk)
	if err != nil {
		a := no("proof.key", "method", "jwk")
		return nil, &a
	}
	f := found{key: key}
	doc, source, err := v.o.With.document(party)
	switch {
	case errors.Is(err, errAbsent):
		f.issuer = unknown("issuer.absent", "who", party)
	case err != nil:
		f.issuer = unknown("issuer.document", "who", party, "why", err.Error())
	default:
		_, err := doc.WithKey(key, purpose, v.o.At)
		switch {
		case err == nil:
			f.issuer = known(source, party)
		case errors.Is(err, did.ErrRevoked):
			f.issuer = no("issuer.revoked", "method", "jwk")
		default:
			f.issuer = no("issuer.not_listed", "method", "jwk", "who", party)
		}
	}
	return []found{f}, nil
}

// namedKey is the key that kid names, or one of the issuer's when there is no kid.
func (v *verification) namedKey(purpose, party string) ([]found, *answer) {
	kid := v.token.Text("kid")
	switch {
	case kid == "":
		doc, source, err := v.o.With.document(party)
		if err != nil {
			a := unknown("proof.absent", "method", party)
			return nil, &a
		}
		var all []found
		for _, m := range doc.Allowed(purpose, v.o.At) {
			all = append(all, found{m.Key, known(source, party), source})
		}
		return all, nil
	case strings.HasPrefix(kid, "#"):
		kid = party + kid
	case !strings.Contains(kid, ":"):
		kid = party + "#" + kid
	}
	f, a := v.lookUp(kid, purpose, party)
	if a != nil {
		return nil, a
	}
	return []found{f}, nil
}
