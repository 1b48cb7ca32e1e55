package credential

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"

	"digiwork/internal/lib/credential/statuslist"
	"digiwork/internal/lib/multibase"
)

// status answers whether the credential was revoked or suspended.
func (v *verification) status() answer {
	entries := asList(v.doc["credentialStatus"])
	if len(entries) == 0 {
		return unknown("status.none")
	}
	v.named = true
	var all answer
	for _, e := range entries {
		m, ok := e.(object)
		if !ok {
			all = worse(all, unknown("status.type", "type", "?"))
			continue
		}
		switch {
		case hasType(m, "BitstringStatusListEntry"):
			all = worse(all, v.bitstring(m))
		case hasType(m, "1EdTechRevocationList"):
			all = worse(all, v.revocationList(m))
		default:
			all = worse(all, unknown("status.type", "type", strings.Join(textsOf(m["type"]), " ")))
		}
	}
	return all
}

// bitstring reads a status in its list. The list itself must be signed, by the same
// issuer, and count at the moment asked for; a bit that is set is believed even if it
// cannot be checked, because nobody gains by setting it.
func (v *verification) bitstring(m object) answer {
	e, err := statuslist.ParseEntry(m)
	if err != nil {
		return no("status.entry", "why", err.Error())
	}
	lists := v.o.With.find(e.Credential)
	if len(lists) == 0 || v.depth >= maxInside {
		return unknown("status.absent", "address", e.Credential)
	}
	h := lists[0]
	inner := v.sub()
	if h.token == "" || !inner.readToken(h.token) {
		inner.take(h.doc)
	}
	inner.run()
	if inner.answers[CheckProof].bad() || inner.answers[CheckIssuer].bad() || inner.answers[CheckContext].bad() {
		return unknown("status.forged", "address", e.Credential)
	}
	state, err := e.Read(inner.doc)
	if err != nil {
		if errors.Is(err, statuslist.ErrPurpose) || errors.Is(err, statuslist.ErrRange) {
			return no("status.list", "why", err.Error())
		}
		return unknown("status.list", "why", err.Error())
	}
	if state != 0 {
		return stateAnswer(e, state)
	}
	switch {
	case inner.answers[CheckExpiry].bad():
		return unknown("status.old", "address", e.Credential)
	case !inner.answers[CheckProof].good() || !inner.answers[CheckIssuer].good() || !inner.answers[CheckExpiry].good():
		return unknown("status.unproven", "address", e.Credential)
	case inner.party().ID != v.party().ID:
		return unknown("status.other", "who", inner.party().ID)
	}
	if !h.source.Since.IsZero() {
		return yes("status.known", "date", dateIn(h.source.Since))
	}
	return yes("status.ok")
}

func stateAnswer(e statuslist.Entry, state int) answer {
	switch e.Purpose {
	case statuslist.Revocation:
		return no("status.revoked")
	case statuslist.Suspension:
		return no("status.suspended")
	case statuslist.Message:
		return yes("status.message", "message", e.Messages[state])
	}
	return no("status.set", "purpose", e.Purpose)
}

// revocationList reads the status method of OB 3.0, 5.6 (1EdTechRevocationList): a list
// of identifiers, published where the entry says.
func (v *verification) revocationList(m object) answer {
	address, _ := m["id"].(string)
	lists := v.o.With.find(address)
	if len(lists) == 0 {
		return unknown("status.absent", "address", address)
	}
	revoked, ok := lists[0].doc["revokedCredentials"].([]any)
	if !ok {
		return unknown("status.list", "why", "revokedCredentials")
	}
	for _, e := range revoked {
		r, ok := e.(object)
		if !ok {
			r = object{"id": e}
		}
		if r["id"] == v.doc["id"] && r["revoked"] != false {
			return no("status.revoked")
		}
	}
	return yes("status.ok")
}

// sub is a verification inside this one.
func (v *verification) sub() *verification {
	return &verification{o: Options{At: v.o.At, With: v.o.With, Lang: v.o.Lang}, answers: map[string]answer{},
		format: FormatLD, depth: v.depth + 1, budget: v.budget}
}

// inside answers for the credentials inside: endorsements, and the parts of a record.
// One that is wrong is a reason to refuse; one that cannot be checked is not.
func (v *verification) inside() answer {
	var all answer
	v.each(v.doc, 0, func(inner any) {
		if v.depth >= maxInside {
			all = worse(all, unknown("endorsement.deep"))
			return
		}
		s := v.sub()
		switch x := inner.(type) {
		case string:
			if !s.readToken(strings.TrimSpace(x)) {
				all = worse(all, no("endorsement.wrong", "name", "?"))
				return
			}
		case object:
			s.take(x)
		}
		s.run()
		r := s.report()
		v.inner = append(v.inner, r)
		name := labelOf(s.doc["name"])
		if name == "" {
			name, _ = s.doc["id"].(string)
		}
		switch {
		case r.Valid:
			all = worse(all, yes("endorsement.ok"))
		case s.wrong(v.party().ID):
			all = worse(all, no("endorsement.wrong", "name", name))
		default:
			all = worse(all, unknown("endorsement.unknown", "name", name))
		}
	})
	if all.code == "" {
		return unknown("endorsement.none")
	}
	return all
}

// wrong says whether a credential inside another is certainly bad: changed, revoked, out
// of date, or signed by a key that its issuer does not list. The last does not count
// when the issuer is also that of the outer credential, whose signature covers it.
func (v *verification) wrong(outer string) bool {
	proof := v.answers[CheckProof]
	return proof.bad() && proof.code != "proof.unreadable" || v.answers[CheckStatus].bad() ||
		v.answers[CheckExpiry].bad() || v.answers[CheckIssuer].bad() && v.party().ID != outer
}

// each finds the credentials directly inside a value.
func (v *verification) each(value any, depth int, f func(any)) {
	if depth > 40 || *v.budget <= 0 {
		return
	}
	switch x := value.(type) {
	case []any:
		for _, e := range x {
			v.each(e, depth+1, f)
		}
	case object:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			e := x[name]
			switch name {
			case "@context", "proof":
			case "endorsement", "verifiableCredential", "endorsementJwt":
				for _, c := range asList(e) {
					if *v.budget > 0 {
						f(c)
					}
				}
			default:
				v.each(e, depth+1, f)
			}
		}
	}
}

// related compares what the credential refers to with its digests (VCDM 2.0, 5.3).
// What is not at hand cannot be compared and is not held against it.
func (v *verification) related() answer {
	for _, e := range asList(v.doc["relatedResource"]) {
		m, ok := e.(object)
		if !ok {
			continue
		}
		address, _ := m["id"].(string)
		s256, s384, s512, ok := v.sums(address)
		if !ok {
			continue
		}
		if text, ok := m["digestSRI"].(string); ok && !sriMatches(text, s256, s384, s512) {
			return no("context.digest", "address", address)
		}
		if text, ok := m["digestMultibase"].(string); ok && !multibaseMatches(text, s256, s384) {
			return no("context.digest", "address", address)
		}
	}
	return yes("context.ok")
}

// sums are the digests of a document at hand, or as published for a pinned context.
func (v *verification) sums(address string) (s256, s384, s512 []byte, ok bool) {
	if found := v.o.With.find(address); len(found) > 0 {
		a, b, c := sha256.Sum256(found[0].text), sha512.Sum384(found[0].text), sha512.Sum512(found[0].text)
		return a[:], b[:], c[:], true
	}
	a, b, ok := published(address)
	if !ok {
		return nil, nil, nil, false
	}
	s256, errA := base64.StdEncoding.DecodeString(a)
	s384, errB := base64.StdEncoding.DecodeString(b)
	return s256, s384, nil, errA == nil && errB == nil
}

// sriMatches reads a digest of Subresource Integrity: one of several may match.
func sriMatches(text string, s256, s384, s512 []byte) bool {
	for _, part := range strings.Fields(text) {
		name, sum, _ := strings.Cut(part, "-")
		sum, _, _ = strings.Cut(sum, "?")
		got, err := base64.StdEncoding.DecodeString(sum)
		if err != nil {
			if got, err = multibase.DecodeBase64(sum); err != nil {
				continue
			}
		}
		want := map[string][]byte{"sha256": s256, "sha384": s384, "sha512": s512}[name]
		if want != nil && bytes.Equal(got, want) || want == nil && name == "sha512" {
			return true // a longer digest than we know of is not held against it
		}
	}
	return false
}

// multibaseMatches reads a multihash, or a bare digest as some write.
func multibaseMatches(text string, s256, s384 []byte) bool {
	if code, sum, err := multibase.Digest(text); err == nil {
		return code == multibase.SHA256 && bytes.Equal(sum, s256) || code == multibase.SHA384 && bytes.Equal(sum, s384)
	}
	sum, err := multibase.Decode(text)
	if err != nil {
		return false
	}
	return hex.EncodeToString(sum) == hex.EncodeToString(s256)
}
