package integrity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"math/big"
	"reflect"

	"digiwork/internal/lib/jsonld"
	"digiwork/internal/lib/multibase"
	"digiwork/internal/lib/rdfc"
)

// hashName is a hash function of the suites.
type hashName uint8

const (
	sha256Name hashName = iota
	sha384Name
)

func (n hashName) New() hash.Hash {
	if n == sha384Name {
		return sha512.New384()
	}
	return sha256.New()
}

// suite says how a kind of proof is made.
type suite struct {
	jcs     bool // canonical JSON; else canonical RDF
	ecdsa   bool // the key decides the hash; else Ed25519 and SHA-256
	derived bool // ecdsa-sd-2023
}

// Names of cryptosuites.
const (
	EdDSARDFC   = "eddsa-rdfc-2022"
	EdDSAJCS    = "eddsa-jcs-2022"
	ECDSARDFC   = "ecdsa-rdfc-2019"
	ECDSAJCS    = "ecdsa-jcs-2019"
	ECDSASD     = "ecdsa-sd-2023"
	Ed25519Old  = "Ed25519Signature2020"
	eddsaOld    = "eddsa-2022" // the draft's name of eddsa-rdfc-2022
	integrityID = "DataIntegrityProof"
)

var suites = map[string]suite{
	EdDSARDFC: {}, eddsaOld: {}, Ed25519Old: {}, EdDSAJCS: {jcs: true},
	ECDSARDFC: {ecdsa: true}, ECDSAJCS: {ecdsa: true, jcs: true}, ECDSASD: {ecdsa: true, derived: true},
}

func suiteOf(m object) (string, suite, error) {
	switch m["type"] {
	case Ed25519Old:
		if _, ok := m["cryptosuite"]; ok {
			return "", suite{}, fmt.Errorf("%w: a cryptosuite beside %s", ErrShape, Ed25519Old)
		}
		return Ed25519Old, suites[Ed25519Old], nil
	case integrityID:
		name, ok := m["cryptosuite"].(string)
		if !ok {
			return "", suite{}, fmt.Errorf("%w: cryptosuite is missing", ErrShape)
		}
		s, ok := suites[name]
		if !ok || name == Ed25519Old {
			return "", suite{}, fmt.Errorf("%w: %.60q", ErrSuite, name)
		}
		return name, s, nil
	}
	typ, _ := m["type"].(string)
	return "", suite{}, fmt.Errorf("%w: %.60q", ErrSuite, typ)
}

// readValue reads proofValue: base58btc, or base64url for derived proofs.
func (s suite) readValue(v any) ([]byte, error) {
	text, ok := v.(string)
	if !ok || text == "" {
		return nil, fmt.Errorf("%w: proofValue is missing", ErrShape)
	}
	if head := text[0]; head != 'z' && !s.derived || head != 'u' && s.derived {
		return nil, fmt.Errorf("%w: the alphabet of proofValue", ErrShape)
	}
	b, err := multibase.Decode(text)
	if err != nil {
		return nil, fmt.Errorf("%w: proofValue", ErrShape)
	}
	if n := len(b); !s.derived && n != 64 && !(s.ecdsa && n == 96) {
		return nil, fmt.Errorf("%w: the length of proofValue", ErrShape)
	}
	return b, nil
}

// hashFor is the hash function that a key asks for, and whether the key fits at all.
func (s suite) hashFor(key crypto.PublicKey) (hashName, bool) {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return sha256Name, !s.ecdsa
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P384() {
			return sha384Name, s.ecdsa && !s.derived
		}
		return sha256Name, s.ecdsa && k.Curve == elliptic.P256()
	}
	return 0, false
}

// Verify says whether a proof's signature fits the document and the key.
func (d *Document) Verify(p *Proof, key crypto.PublicKey) error {
	if p.unknown != nil {
		return p.unknown
	}
	h, ok := p.suite.hashFor(key)
	if !ok {
		return fmt.Errorf("%w: the key is of another kind than %s", ErrSignature, p.Suite)
	}
	if p.suite.derived {
		return d.verifyDerived(p, key.(*ecdsa.PublicKey))
	}
	data, err := d.signed(p, h)
	if err != nil {
		return err
	}
	if !fits(key, h, data, p.value) {
		return ErrSignature
	}
	return nil
}

func fits(key crypto.PublicKey, h hashName, data, signature []byte) bool {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return len(signature) == ed25519.SignatureSize && ed25519.Verify(k, data, signature)
	case *ecdsa.PublicKey:
		n := (k.Curve.Params().BitSize + 7) / 8
		if len(signature) != 2*n {
			return false
		}
		sum := h.New()
		sum.Write(data)
		r, s := new(big.Int).SetBytes(signature[:n]), new(big.Int).SetBytes(signature[n:])
		return ecdsa.Verify(k, sum.Sum(nil), r, s)
	}
	return false
}

// signed is what a proof signs: the hash of its own description, then the hash of the
// document (VC-DI-EdDSA 1.0, 3.2.4; VC-DI-ECDSA 1.0, 3.2.4).
func (d *Document) signed(p *Proof, h hashName) ([]byte, error) {
	f := form{p.suite.jcs, h}
	doc := d.unsecured
	config := without(p.raw, "proofValue")
	plain := len(p.Previous) == 0
	if p.suite.jcs {
		// VC-DI-EdDSA 1.0, 3.3.2: the proof's context stands for the document's.
		if own, ok := p.raw["@context"]; ok {
			if !startsWith(doc["@context"], own) {
				return nil, fmt.Errorf("%w: the document's contexts do not start with the proof's", ErrSignature)
			}
			if !reflect.DeepEqual(doc["@context"], own) {
				doc, plain = without(doc), false
				doc["@context"] = own
			}
		}
	} else {
		config["@context"] = doc["@context"]
	}
	if len(p.Previous) > 0 {
		doc = d.withEarlier(doc, p)
	}
	text, err := d.form(doc, f, plain)
	if err != nil {
		return nil, err
	}
	about, err := d.canonical(config, f)
	if err != nil {
		return nil, err
	}
	return join(h, about, text), nil
}

func join(h hashName, about, text []byte) []byte {
	x, y := h.New(), h.New()
	x.Write(about)
	y.Write(text)
	return y.Sum(x.Sum(make([]byte, 0, 96)))
}

// form is a canonical form of the document, kept when it is that of the plain one.
func (d *Document) form(doc object, f form, plain bool) ([]byte, error) {
	if text, ok := d.forms[f]; ok && plain {
		return text, nil
	}
	text, err := d.canonical(doc, f)
	if err == nil && plain {
		d.forms[f] = text
	}
	return text, err
}

// withEarlier is the document with the proofs that a proof signs (Data Integrity 1.0, 4.5).
func (d *Document) withEarlier(doc object, p *Proof) object {
	earlier := make([]any, 0, len(p.Previous))
	for _, id := range p.Previous {
		for _, e := range d.byID(id) {
			earlier = append(earlier, e.raw)
		}
	}
	n := without(doc)
	n["proof"] = earlier
	return n
}

func asList(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

func startsWith(doc, proof any) bool {
	all, first := asList(doc), asList(proof)
	return len(first) <= len(all) && reflect.DeepEqual(all[:len(first)], first)
}

// canonicalRDF is the canonical N-Quads of a document.
func canonicalRDF(p *jsonld.Processor, doc object, h hashName) ([]byte, error) {
	quads, err := p.Quads(doc)
	if err != nil {
		return nil, err
	}
	text, _, err := rdfc.Canonicalize(quads, rdfc.Options{Hash: h.New})
	return text, err
}
