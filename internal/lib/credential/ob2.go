package credential

import (
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/credential/integrity"
	"digiwork/internal/lib/credential/jose"
	"digiwork/internal/lib/jsonld"
)

// types2 are the types of Open Badges 2.0.
var types2 = strings.Fields(`Assertion BadgeClass Issuer Profile Endorsement Extension CryptographicKey RevocationList
	Image Criteria Evidence IdentityObject VerificationObject AlignmentObject HostedBadge SignedBadge hosted signed
	TypeValidation FrameValidation email url telephone id`)

// isOB2 says whether a document is of Open Badges 2.0: by its context, or by types that
// only that version has.
func isOB2(doc object) bool {
	if contains(doc["@context"], ContextOB2) {
		return true
	}
	if hasType(doc, "VerifiableCredential") || hasType(doc, "VerifiablePresentation") || doc["credentialSubject"] != nil {
		return false
	}
	return hasType(doc, "Assertion") || hasType(doc, "BadgeClass") || hasType(doc, "Issuer") || hasType(doc, "AlignmentObject")
}

// runOB2 answers for a badge of Open Badges 2.0 (Open Badges 2.0, Verification): either
// its issuer hosts it, and then what stands at its address is the proof; or it is
// signed, and its key belongs to its issuer.
func (v *verification) runOB2() {
	v.set(CheckContext, v.contextOB2())
	v.set(CheckSchema, v.schemaOB2())
	v.set(CheckExpiry, v.expiryOB2())
	v.set(CheckStatus, v.statusOB2())
	v.set(CheckEndorsement, unknown("endorsement.none"))
	if !hasType(v.doc, "Assertion") {
		v.set(CheckProof, unknown("ob2.no_assertion"))
		v.set(CheckIssuer, unknown("ob2.no_assertion"))
		return
	}
	if v.token != nil {
		v.signedOB2()
		return
	}
	v.hostedOB2()
}

// contextOB2 answers about the context: the one of the version, or the document's own.
func (v *verification) contextOB2() answer {
	if contains(v.doc["@context"], ContextOB2) {
		return yes("context.ok")
	}
	if _, own := v.doc["@context"].(object); !own {
		return no("ob2.context")
	}
	err := v.o.With.reader().Check(v.doc)
	if errors.Is(err, jsonld.ErrRelative) {
		return unknown("ob2.own_context")
	}
	if a := contextAnswer(err); !a.good() {
		return a
	}
	return unknown("ob2.own_context")
}

// badge2 finds the badge class of an assertion: inside, or where its address says.
func (v *verification) badge2() (object, bool) {
	return v.follow(v.doc["badge"])
}

// follow gives an object, or the document at an address.
func (v *verification) follow(value any) (object, bool) {
	switch x := value.(type) {
	case object:
		return x, true
	case string:
		if found := v.o.With.mirrored(x); len(found) > 0 {
			return found[0].doc, true
		}
	}
	return nil, false
}

// ob2Issuer is the issuer as far as it is known.
func (v *verification) ob2Issuer() any {
	badge := v.doc
	if hasType(v.doc, "Assertion") {
		var ok bool
		if badge, ok = v.badge2(); !ok {
			return nil
		}
	}
	if who, ok := v.follow(badge["issuer"]); ok {
		return who
	}
	return badge["issuer"]
}

// schemaOB2 checks the form of a document and of what it refers to.
func (v *verification) schemaOB2() answer {
	i := &inspector{}
	i.types2(v.doc, "")
	if hasType(v.doc, "Assertion") {
		i.assertion2(v.doc)
		if badge, ok := v.badge2(); ok {
			i.badge2(badge, "/badge")
		}
	} else if hasType(v.doc, "BadgeClass") {
		i.badge2(v.doc, "")
	}
	if who, ok := v.ob2Issuer().(object); ok && !hasType(who, "Issuer") && !hasType(who, "Profile") {
		i.wrong("/issuer/type", "Issuer")
	}
	return formAnswer(i.found)
}

// types2 checks types everywhere in a document: a type is one of the version's, an
// extension's, or an address.
func (i *inspector) types2(v any, where string) {
	if len(where) > 400 {
		return
	}
	switch x := v.(type) {
	case []any:
		for _, e := range x {
			i.types2(e, where)
		}
	case object:
		for _, t := range textsOf(x["type"]) {
			prefix, rest, compact := strings.Cut(t, ":")
			// "obi:" stands for an address that has its one "#" already.
			if !compact && !slices.Contains(types2, t) || compact && prefix == "obi" && strings.Contains(rest, "#") {
				i.wrong(where+"/type", "type")
			}
		}
		for k, e := range x {
			if k != "@context" {
				i.types2(e, where+"/"+k)
			}
		}
	}
}

func (i *inspector) assertion2(doc object) {
	i.identifier(doc, "id", "/id")
	for _, name := range []string{"id", "recipient", "badge", "verification", "issuedOn"} {
		if doc[name] == nil {
			i.absent("/" + name)
		}
	}
	if m, ok := doc["recipient"].(object); ok {
		if _, ok := m["identity"].(string); !ok {
			i.wrong("/recipient/identity", "text")
		}
		if h, has := m["hashed"]; has {
			if _, ok := h.(bool); !ok {
				i.wrong("/recipient/hashed", "boolean")
			}
		}
	} else if doc["recipient"] != nil {
		i.wrong("/recipient", "object")
	}
	if _, isText := doc["badge"].(string); isText && !isURL(doc["badge"]) {
		i.wrong("/badge", "URL")
	}
}

func (i *inspector) badge2(doc object, where string) {
	if !hasType(doc, "BadgeClass") {
		i.wrong(where+"/type", "BadgeClass")
	}
	for _, name := range []string{"id", "name", "description", "criteria", "issuer"} {
		if doc[name] == nil {
			i.absent(where + "/" + name)
		}
	}
}

// expiryOB2 answers by issuedOn and expires.
func (v *verification) expiryOB2() answer {
	a := yes("expiry.none", "at", dateIn(v.o.At))
	if s, ok := v.doc["expires"].(string); ok {
		at, err := integrity.Time(s)
		switch {
		case err != nil:
			return no("expiry.date", "where", "/expires")
		case !v.o.At.Before(at):
			return no("expiry.over", "date", dateIn(at))
		}
		a = yes("expiry.until", "date", dateIn(at))
	}
	if s, ok := v.doc["issuedOn"].(string); ok {
		at, err := integrity.Time(s)
		switch {
		case err != nil:
			return no("expiry.date", "where", "/issuedOn")
		case at.After(v.o.At):
			return unknown("expiry.early", "date", dateIn(at))
		}
	}
	return a
}

// statusOB2 reads the revocation list of the issuer, or what the badge says itself.
func (v *verification) statusOB2() answer {
	if v.doc["revoked"] == true {
		v.named = true
		return no("status.revoked")
	}
	who, ok := v.ob2Issuer().(object)
	if !ok || who["revocationList"] == nil {
		return unknown("status.none")
	}
	v.named = true
	list, ok := v.follow(who["revocationList"])
	if !ok {
		address, _ := who["revocationList"].(string)
		return unknown("status.absent", "address", address)
	}
	for _, e := range asList(list["revokedAssertions"]) {
		id := e
		if m, ok := e.(object); ok {
			if id = m["id"]; id == nil {
				id = m["uid"]
			}
		}
		if id != nil && (id == v.doc["id"] || id == v.doc["uid"]) {
			return no("status.revoked")
		}
	}
	return yes("status.ok")
}

// hostedOB2: the proof of a hosted badge is that it stands at its address, and that its
// issuer hosts badges there.
func (v *verification) hostedOB2() {
	how, _ := v.doc["verification"].(object)
	if hasType(how, "signed") || hasType(how, "SignedBadge") {
		v.set(CheckProof, no("ob2.unsigned"))
		v.set(CheckIssuer, unknown("issuer.no_proof"))
		return
	}
	address, _ := v.doc["id"].(string)
	proof := unknown("ob2.hosted", "address", address)
	for _, h := range v.o.With.find(address) {
		if reflect.DeepEqual(h.doc, v.doc) {
			proof = yes("ob2.same", "address", address)
			break
		}
	}
	v.set(CheckProof, proof)
	v.set(CheckIssuer, v.originOB2(address))
}

// originOB2 asks whether the issuer hosts badges at an address (Open Badges 2.0,
// VerificationObject: startsWith, allowedOrigins; else the issuer's own origin).
func (v *verification) originOB2(address string) answer {
	who, ok := v.ob2Issuer().(object)
	if !ok {
		return unknown("issuer.absent", "who", v.party().ID)
	}
	how, _ := who["verification"].(object)
	id, _ := who["id"].(string)
	host := hostOf(address)
	if starts := textsOf(how["startsWith"]); len(starts) > 0 {
		for _, s := range starts {
			if strings.HasPrefix(address, s) {
				return yes("issuer.ok", "who", id)
			}
		}
		return no("ob2.origin", "address", address, "who", id)
	}
	origins := textsOf(how["allowedOrigins"])
	if len(origins) == 0 {
		if hostOf(id) == "" {
			return unknown("issuer.absent", "who", id)
		}
		origins = []string{hostOf(id)}
	}
	if host != "" && slices.Contains(origins, host) {
		return yes("issuer.ok", "who", id)
	}
	return no("ob2.origin", "address", address, "who", id)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.Host
}

// signedOB2: the key named by the badge must be its issuer's.
func (v *verification) signedOB2() {
	how, _ := v.doc["verification"].(object)
	address, _ := how["creator"].(string)
	who, _ := v.ob2Issuer().(object)
	if address == "" && who != nil {
		address, _ = who["publicKey"].(string)
	}
	v.set(CheckIssuer, unknown("issuer.no_proof"))
	doc, ok := v.follow(address)
	if !ok {
		v.set(CheckProof, unknown("proof.absent", "method", address))
		return
	}
	text, _ := doc["publicKeyPem"].(string)
	key, err := did.ParsePEM(text)
	if err != nil {
		v.set(CheckProof, no("proof.key", "method", address))
		return
	}
	switch err := v.token.Verify(key); {
	case errors.Is(err, jose.ErrAlgorithm):
		v.set(CheckProof, no("proof.algorithm", "alg", v.token.Text("alg")))
		return
	case err != nil:
		v.set(CheckProof, no("proof.signature"))
		return
	}
	v.set(CheckProof, yes("proof.ok", "suite", v.token.Text("alg")))
	if who == nil {
		v.set(CheckIssuer, unknown("issuer.absent", "who", v.party().ID))
		return
	}
	id, _ := who["id"].(string)
	keys := textsOf(who["publicKey"])
	for _, k := range asList(who["publicKey"]) {
		if m, ok := k.(object); ok {
			keys = append(keys, textsOf(m["id"])...)
		}
	}
	if doc["owner"] == id && slices.Contains(keys, address) {
		v.set(CheckIssuer, yes("issuer.ok", "who", id))
		return
	}
	v.set(CheckIssuer, no("issuer.not_listed", "method", address, "who", id))
}
