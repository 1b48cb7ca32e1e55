package integrity

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"time"

	"digiwork/internal/lib/jsonld"
	"digiwork/internal/lib/multibase"
)

// Signer is a key and the address under which others find its public part. Only
// Ed25519 keys sign.
type Signer struct {
	Key    crypto.Signer
	Method string
}

// Options of a new proof. Zero fields are left out, but for Suite and Purpose.
type Options struct {
	Suite     string // EdDSARDFC or EdDSAJCS
	Purpose   string
	Created   time.Time
	Expires   time.Time
	Domain    string
	Challenge string
	ID        string
	Previous  []string // identifiers of proofs that stand in the document
}

// Sign gives the document with one more proof; the document given is not changed
// (Data Integrity 1.0, 4.2 and 4.3).
func Sign(doc map[string]any, p *jsonld.Processor, by Signer, o Options) (map[string]any, error) {
	return SignSet(doc, p, by, []Options{o})
}

// SignSet is Sign for several proofs by one key: a set, in the order given. What the
// proofs have in common is canonicalised once.
func SignSet(doc map[string]any, p *jsonld.Processor, by Signer, options []Options) (map[string]any, error) {
	d := &Document{unsecured: without(doc, "proof"), processor: p, forms: map[form][]byte{}}
	var list []any
	switch x := doc["proof"].(type) {
	case nil:
	case []any:
		list = append(list, x...)
	default:
		list = append(list, x)
	}
	for _, v := range list {
		m, ok := v.(object)
		if !ok {
			return nil, fmt.Errorf("%w: it is no object", ErrShape)
		}
		id, _ := m["id"].(string)
		d.Proofs = append(d.Proofs, Proof{ID: id, raw: m}) // others' proofs are kept as they are
	}
	for _, o := range options {
		proof, err := d.add(by, o)
		if err != nil {
			return nil, err
		}
		list = append(list, proof)
	}
	out := without(doc)
	out["proof"] = any(list)
	if len(list) == 1 {
		out["proof"] = list[0]
	}
	return out, nil
}

// add makes one proof.
func (d *Document) add(by Signer, o Options) (object, error) {
	s, ok := suites[o.Suite]
	if !ok || s.ecdsa || o.Suite == Ed25519Old || o.Suite == eddsaOld {
		return nil, fmt.Errorf("%w: %.60q", ErrSuite, o.Suite)
	}
	if _, ok := by.Key.Public().(ed25519.PublicKey); !ok {
		return nil, fmt.Errorf("%w: the key is of another kind than %s", ErrSuite, o.Suite)
	}
	raw := object{
		"type": integrityID, "cryptosuite": o.Suite, "verificationMethod": by.Method, "proofPurpose": o.Purpose,
	}
	for name, text := range map[string]string{"id": o.ID, "domain": o.Domain, "challenge": o.Challenge} {
		if text != "" {
			raw[name] = text
		}
	}
	for name, at := range map[string]time.Time{"created": o.Created, "expires": o.Expires} {
		if !at.IsZero() {
			raw[name] = at.UTC().Format("2006-01-02T15:04:05Z")
		}
	}
	if len(o.Previous) > 0 {
		previous := make([]any, len(o.Previous))
		for i, id := range o.Previous {
			if len(d.byID(id)) != 1 {
				return nil, fmt.Errorf("%w: %s is not there once", ErrChain, id)
			}
			previous[i] = id
		}
		raw["previousProof"] = previous
	}
	if s.jcs {
		if c, ok := d.unsecured["@context"]; ok {
			raw["@context"] = c
		}
	}
	data, err := d.signed(&Proof{raw: raw, suite: s, Suite: o.Suite, Previous: o.Previous}, sha256Name)
	if err != nil {
		return nil, err
	}
	signature, err := by.Key.Sign(rand.Reader, data, crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	raw["proofValue"] = multibase.Encode(signature)
	return raw, nil
}
