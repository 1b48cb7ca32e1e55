// Package integrity makes and checks proofs that stand inside a document: Verifiable
// Credential Data Integrity 1.0 with the cryptosuites eddsa-rdfc-2022, eddsa-jcs-2022
// (both ways), ecdsa-rdfc-2019, ecdsa-jcs-2019 and the derived form of ecdsa-sd-2023
// (checking), and the older Ed25519Signature2020.
//
// A document may carry a set of proofs, and proofs that sign earlier proofs (chains).
// The package says whether a signature fits a key; whose key it is, and whether it may
// sign, is for the caller to ask.
package integrity

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"digiwork/internal/lib/ijson"
	"digiwork/internal/lib/jsonld"
)

// object is a JSON object.
type object = map[string]any

var (
	// ErrNone is a document without any proof.
	ErrNone = errors.New("no proof")
	// ErrShape is a proof that breaks the rules of its own form.
	ErrShape = errors.New("malformed proof")
	// ErrSuite is a kind of proof that we do not know.
	ErrSuite = errors.New("unknown kind of proof")
	// ErrSignature is a signature that does not fit.
	ErrSignature = errors.New("wrong signature")
	// ErrPurpose is a proof made for something else.
	ErrPurpose = errors.New("proof for another purpose")
	// ErrExpired is a proof whose time is over.
	ErrExpired = errors.New("expired proof")
	// ErrChallenge is a proof for another occasion or another verifier.
	ErrChallenge = errors.New("proof for another occasion")
	// ErrChain is a proof whose earlier proof is missing, or part of a circle.
	ErrChain = errors.New("broken chain of proofs")
	// ErrTooMany is a document with more proofs than we check.
	ErrTooMany = errors.New("too many proofs")
)

// MaxProofs bounds the proofs of one document.
const MaxProofs = 16

// Proof is one proof of a document.
type Proof struct {
	ID        string
	Type      string
	Suite     string // name of the cryptosuite; the type itself for Ed25519Signature2020
	Method    string // address of the verification method
	Purpose   string
	Created   time.Time // zero when not said
	Expires   time.Time // zero: never
	Domain    []string
	Challenge string
	Previous  []string // identifiers of the proofs it signs

	raw     object
	suite   suite
	value   []byte
	unknown error // the suite is not ours: the proof can be signed by another, not checked
}

// Document is a document and its proofs, taken apart.
type Document struct {
	Proofs []Proof

	unsecured object
	processor *jsonld.Processor
	forms     map[form][]byte // canonical forms of the document without proofs
}

// Open takes a document apart. The document itself is not changed.
func Open(doc map[string]any, p *jsonld.Processor) (*Document, error) {
	var list []any
	switch x := doc["proof"].(type) {
	case nil:
		return nil, ErrNone
	case object:
		list = []any{x}
	case []any:
		list = x
	default:
		return nil, fmt.Errorf("%w: it is no object", ErrShape)
	}
	if len(list) == 0 {
		return nil, ErrNone
	}
	if len(list) > MaxProofs {
		return nil, fmt.Errorf("%w: %d", ErrTooMany, len(list))
	}
	d := &Document{unsecured: without(doc, "proof"), processor: p, forms: map[form][]byte{}}
	for _, v := range list {
		proof, err := parse(v)
		if err != nil {
			return nil, err
		}
		d.Proofs = append(d.Proofs, proof)
	}
	return d, d.chained()
}

func without(m object, names ...string) object {
	n := make(object, len(m))
	for k, v := range m {
		if !slices.Contains(names, k) {
			n[k] = v
		}
	}
	return n
}

// parse reads a proof (Data Integrity 1.0, 2.1).
func parse(v any) (p Proof, err error) {
	m, ok := v.(object)
	if !ok {
		return p, fmt.Errorf("%w: it is no object", ErrShape)
	}
	p.raw = m
	for _, f := range [...]struct {
		name string
		to   *string
		must bool
	}{
		{"type", &p.Type, true}, {"verificationMethod", &p.Method, true}, {"proofPurpose", &p.Purpose, true},
		{"id", &p.ID, false}, {"challenge", &p.Challenge, false},
	} {
		v, has := m[f.name]
		if *f.to, ok = v.(string); (has || f.must) && (!ok || *f.to == "") {
			return p, fmt.Errorf("%w: %s is missing", ErrShape, f.name)
		}
	}
	if p.Domain, err = texts(m, "domain"); err != nil {
		return p, err
	}
	if p.Previous, err = texts(m, "previousProof"); err != nil {
		return p, err
	}
	for _, f := range [...]struct {
		name string
		to   *time.Time
	}{{"created", &p.Created}, {"expires", &p.Expires}} {
		if v, has := m[f.name]; has {
			s, _ := v.(string)
			if *f.to, err = Time(s); err != nil {
				return p, fmt.Errorf("%w: %s is no date", ErrShape, f.name)
			}
		}
	}
	p.Suite, p.suite, err = suiteOf(m)
	if errors.Is(err, ErrSuite) {
		p.unknown = err
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.value, err = p.suite.readValue(m["proofValue"])
	return p, err
}

// texts reads a member that is a text or a list of texts.
func texts(m object, name string) ([]string, error) {
	v, ok := m[name]
	if !ok {
		return nil, nil
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	out := make([]string, len(list))
	for i, e := range list {
		if out[i], ok = e.(string); !ok || out[i] == "" {
			return nil, fmt.Errorf("%w: %s", ErrShape, name)
		}
	}
	return out, nil
}

// Time reads a date and time with its zone (XML Schema dateTimeStamp).
func Time(s string) (time.Time, error) {
	if len(s) > 40 || len(s) < 20 || s[10] != 'T' {
		return time.Time{}, ErrShape
	}
	// RFC 3339 is narrower than XML Schema in nothing that credentials use, but for the
	// hour 24, which is the next day.
	return time.Parse(time.RFC3339Nano, s)
}

// chained checks that every earlier proof is there, without circles (Data Integrity
// 1.0, 4.5).
func (d *Document) chained() error {
	const open, done = 1, 2
	state := map[string]int{}
	var follow func(p *Proof) error
	follow = func(p *Proof) error {
		if p.ID != "" {
			if state[p.ID] == open {
				return fmt.Errorf("%w: %s signs itself", ErrChain, p.ID)
			}
			if state[p.ID] == done {
				return nil
			}
			state[p.ID] = open
			defer func() { state[p.ID] = done }()
		}
		for _, id := range p.Previous {
			earlier := d.byID(id)
			if len(earlier) != 1 {
				return fmt.Errorf("%w: %s is not there once", ErrChain, id)
			}
			if err := follow(earlier[0]); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range d.Proofs {
		if err := follow(&d.Proofs[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *Document) byID(id string) (found []*Proof) {
	for i := range d.Proofs {
		if d.Proofs[i].ID == id {
			found = append(found, &d.Proofs[i])
		}
	}
	return found
}

// Expect is what a proof must have been made for.
type Expect struct {
	Purpose   string
	At        time.Time
	Domain    string // "" when any
	Challenge string // "" when any
}

// Meets says whether a proof was made for what is expected (Data Integrity 1.0, 4.4).
func (p *Proof) Meets(e Expect) error {
	if p.Purpose != e.Purpose {
		return fmt.Errorf("%w: %s", ErrPurpose, p.Purpose)
	}
	if !p.Expires.IsZero() && !e.At.Before(p.Expires) {
		return fmt.Errorf("%w: %s", ErrExpired, p.Expires.Format(time.RFC3339))
	}
	if e.Domain != "" && !slices.Contains(p.Domain, e.Domain) {
		return fmt.Errorf("%w: domain", ErrChallenge)
	}
	if e.Challenge != "" && p.Challenge != e.Challenge {
		return fmt.Errorf("%w: challenge", ErrChallenge)
	}
	return nil
}

// Meaning reads the document without its proofs as linked data and says whether anything
// would be lost. What it computes is used again by Verify.
func (d *Document) Meaning() error {
	for i := range d.Proofs {
		if p := &d.Proofs[i]; p.unknown == nil && !p.suite.jcs {
			_, err := d.form(d.unsecured, form{}, true)
			return err
		}
	}
	return d.processor.Check(d.unsecured)
}

// form names a canonical form.
type form struct {
	jcs  bool
	hash hashName
}

// canonical is a canonical form of any document.
func (d *Document) canonical(doc object, f form) ([]byte, error) {
	if f.jcs {
		return ijson.Canonical(doc)
	}
	return canonicalRDF(d.processor, doc, f.hash)
}
