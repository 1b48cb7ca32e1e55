package credential

import (
	"errors"
	"strings"

	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/credential/integrity"
)

// found is a key, and whether its owner may speak for the issuer.
type found struct {
	key    did.Public
	issuer answer
	source Source
}

// lookUp finds the key of a verification method, and asks whether the party (issuer or
// holder) allows it for the purpose (CID 3.3; VCDM 2.0, 4.7).
//
// The answer replaces the key when there is none: the method's address is of a kind
// nobody can resolve, or its document is not at hand.
func (v *verification) lookUp(method, purpose, party string) (found, *answer) {
	switch scheme, _, _ := strings.Cut(method, ":"); scheme {
	case "did", "https", "http", "urn":
	default:
		a := no("proof.method", "method", method)
		return found{}, &a
	}
	base := did.Base(method)
	doc, source, err := v.o.With.document(base)
	if err == nil {
		if base == method && strings.HasPrefix(base, "did:key:") {
			method = base + "#" + strings.TrimPrefix(base, "did:key:") // written short
		}
		return v.fromDocument(doc, source, method, purpose, party)
	}
	if strings.HasPrefix(base, "did:key:") || strings.HasPrefix(base, "did:jwk:") {
		a := no("proof.key", "method", method)
		return found{}, &a
	}
	if !errors.Is(err, errAbsent) {
		a := unknown("proof.document", "method", method, "why", err.Error())
		return found{}, &a
	}
	// The key may be written in the address itself. That says nothing about its owner.
	key, err := did.ParseMultikey(method[strings.LastIndexByte(method, '#')+1:])
	if err != nil {
		a := unknown("proof.absent", "method", base)
		return found{}, &a
	}
	return found{key: key, issuer: v.allowedBy(party, method, purpose, base)}, nil
}

// fromDocument takes a key out of the document that its address names.
func (v *verification) fromDocument(doc *did.Document, source Source, method, purpose, party string) (found, *answer) {
	m, err := doc.Method(method, purpose, v.o.At)
	f := found{key: m.Key, source: source}
	switch {
	case err == nil && doc.ID == party:
		f.issuer = known(source, party)
	case err == nil:
		f.issuer = v.allowedBy(party, method, purpose, doc.ID)
	case errors.Is(err, did.ErrRevoked):
		f.issuer = no("issuer.revoked", "method", method)
	default:
		f.issuer = no("issuer.not_listed", "method", method, "who", doc.ID)
		// Whether the signature fits is still worth knowing.
		if f.key, err = did.ParseMultikey(method[strings.LastIndexByte(method, '#')+1:]); err != nil {
			a := no("issuer.not_listed", "method", method, "who", doc.ID)
			return f, &a
		}
	}
	return f, nil
}

func known(s Source, party string) answer {
	if s.Since.IsZero() {
		return yes("issuer.ok", "who", party)
	}
	return yes("issuer.known", "who", party, "date", dateIn(s.Since))
}

// allowedBy asks the party's own document about a key that stands elsewhere.
func (v *verification) allowedBy(party, method, purpose, owner string) answer {
	if party == "" {
		return no("issuer.none")
	}
	doc, source, err := v.o.With.document(party)
	switch {
	case errors.Is(err, errAbsent) && party == owner:
		return unknown("issuer.absent", "who", party)
	case errors.Is(err, errAbsent):
		return unknown("issuer.other", "who", party, "owner", owner)
	case err != nil:
		return unknown("issuer.document", "who", party, "why", err.Error())
	case doc.Lists(method, purpose):
		return known(source, party)
	}
	return no("issuer.not_listed", "method", method, "who", party)
}

// proofs answers for context, proof and issuer of a document with proofs inside.
func (v *verification) proofs(e integrity.Expect) {
	list := contextList(v.doc)
	v.set(CheckContext, list)
	d, err := integrity.Open(v.doc, v.o.With.reader())
	if err != nil {
		v.set(CheckProof, openAnswer(err))
		v.set(CheckIssuer, unknown("issuer.no_proof"))
		if !list.bad() {
			err := v.o.With.reader().Check(without(v.doc, "proof"))
			v.set(CheckContext, worse(contextAnswer(err), v.related()))
		}
		return
	}
	meaning := d.Meaning()
	if !list.bad() {
		v.set(CheckContext, worse(contextAnswer(meaning), v.related()))
	}
	// All proofs of a set must hold (Data Integrity 1.0, 4.5).
	var proof, issuer answer
	for i := range d.Proofs {
		if v.o.Suite != "" && d.Proofs[i].Suite != v.o.Suite {
			continue
		}
		p, who := v.proof(d, &d.Proofs[i], e)
		proof = worse(proof, p)
		if p.good() {
			issuer = better(issuer, who)
		}
	}
	if proof.code == "" {
		proof = no("proof.other_suite", "suite", d.Proofs[0].Suite)
	}
	if issuer.code == "" {
		issuer = unknown("issuer.no_proof")
	}
	v.set(CheckProof, proof)
	v.set(CheckIssuer, issuer)
}

func without(m object, name string) object {
	n := make(object, len(m))
	for k, e := range m {
		if k != name {
			n[k] = e
		}
	}
	return n
}

// better: one proof by the issuer is enough.
func better(a, b answer) answer {
	if a.code == "" || b.good() || a.bad() && !b.bad() {
		return b
	}
	return a
}

func openAnswer(err error) answer {
	switch {
	case errors.Is(err, integrity.ErrNone):
		return unknown("proof.none")
	case errors.Is(err, integrity.ErrTooMany):
		return no("proof.many")
	case errors.Is(err, integrity.ErrChain):
		return no("proof.chain")
	}
	return no("proof.shape", "why", err.Error())
}

// proof answers for one proof, and for who made it.
func (v *verification) proof(d *integrity.Document, p *integrity.Proof, e integrity.Expect) (proof, issuer answer) {
	if err := p.Meets(e); err != nil {
		switch {
		case errors.Is(err, integrity.ErrExpired):
			return no("proof.expired", "date", dateIn(p.Expires)), answer{}
		case errors.Is(err, integrity.ErrPurpose):
			return no("proof.purpose", "purpose", p.Purpose), answer{}
		}
		return no("proof.occasion"), answer{}
	}
	party := v.party().ID
	if e.Purpose == did.Authentication {
		party = v.holder(p.Method)
	}
	f, a := v.lookUp(p.Method, e.Purpose, party)
	if a != nil {
		return *a, answer{}
	}
	return signatureAnswer(d.Verify(p, f.key), p.Suite), f.issuer
}

// signatureAnswer puts the result of a signature check into an answer.
func signatureAnswer(err error, suite string) answer {
	switch {
	case err == nil:
		return yes("proof.ok", "suite", suite)
	case errors.Is(err, integrity.ErrSuite):
		return unknown("proof.suite", "suite", suite)
	case errors.Is(err, integrity.ErrSignature):
		return no("proof.signature")
	case errors.Is(err, integrity.ErrShape):
		return no("proof.shape", "why", err.Error())
	}
	if a := contextAnswer(err); !a.bad() {
		return unknown("proof.context")
	}
	return no("proof.unreadable", "why", err.Error())
}
