package credential

import (
	"strings"

	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/credential/integrity"
)

// VerifyPresentation is Verify for a presentation: its own proof must have been made by
// its holder, for Options.Domain and Options.Challenge; the credentials in it are
// verified too and stand in Report.Inner. Without any proof of its own a presentation
// proves nothing about its holder, and is not valid.
func VerifyPresentation(input []byte, o Options) Report {
	v := start(o)
	if !v.read(input) {
		return v.report()
	}
	v.runPresentation()
	return v.report()
}

// VerifyPresentationObject is VerifyPresentation for a document decoded strictly.
func VerifyPresentationObject(doc map[string]any, o Options) Report {
	v := start(o)
	v.take(doc)
	v.runPresentation()
	return v.report()
}

// holder is who presents: as the presentation says, or else whoever controls the key.
func (v *verification) holder(method string) string {
	switch x := v.doc["holder"].(type) {
	case string:
		return x
	case object:
		id, _ := x["id"].(string)
		return id
	}
	return did.Base(method)
}

func (v *verification) runPresentation() {
	if v.doc == nil || v.answers[CheckParse].bad() {
		return
	}
	i := &inspector{}
	if v.token == nil || v.doc["vp"] == nil {
		i.presentation(v.doc)
	}
	v.set(CheckSchema, formAnswer(i.found))
	v.set(CheckExpiry, v.expiry())
	v.set(CheckStatus, unknown("status.none"))
	if v.token != nil {
		v.presentedToken()
	} else {
		v.proofs(integrity.Expect{Purpose: did.Authentication, At: v.o.At, Domain: v.o.Domain, Challenge: v.o.Challenge})
	}
	v.set(CheckEndorsement, v.presented())
}

// presentedToken checks a presentation in a token: aud and nonce stand for domain and
// challenge (VC-JOSE-COSE, 3.1.2).
func (v *verification) presentedToken() {
	v.set(CheckContext, v.tokenContext())
	if v.o.Domain != "" && !contains(v.token.Claims["aud"], v.o.Domain) ||
		v.o.Challenge != "" && v.token.Claims["nonce"] != v.o.Challenge {
		v.set(CheckProof, no("proof.occasion"))
		return
	}
	party, _ := v.token.Claims["iss"].(string)
	if kid := v.token.Text("kid"); party == "" && strings.Contains(kid, ":") {
		party = did.Base(kid)
	}
	proof, who := v.tokenSignature(did.Authentication, party)
	v.set(CheckProof, proof)
	v.set(CheckIssuer, who)
}

// contains says whether a value is a text, or a list with it.
func contains(v any, s string) bool {
	list, ok := v.([]any)
	if !ok {
		return v == s
	}
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

// presented answers for the credentials of a presentation: each must be valid.
func (v *verification) presented() answer {
	all := answer{}
	list := asList(v.doc["verifiableCredential"])
	if len(list) > maxInner {
		return no("endorsement.many")
	}
	for _, e := range list {
		s := v.sub()
		switch x := e.(type) {
		case string:
			s.readToken(strings.TrimSpace(x))
		case object:
			s.take(x)
		}
		s.run()
		r := s.report()
		v.inner = append(v.inner, r)
		name := ""
		if s.doc != nil {
			name, _ = s.doc["id"].(string)
		}
		if r.Valid {
			all = worse(all, yes("endorsement.ok"))
		} else {
			all = worse(all, no("endorsement.invalid", "name", name))
		}
	}
	if all.code == "" {
		return unknown("endorsement.none")
	}
	return all
}
