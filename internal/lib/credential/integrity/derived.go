package integrity

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/multibase"
	"digiwork/internal/lib/rdfc"
)

// derived is a proof of ecdsa-sd-2023 over a part of what was signed (VC-DI-ECDSA 1.0,
// 3.5.8): the issuer signs a key made for the occasion and the mandatory statements;
// that key signs each other statement.
type derived struct {
	base       []byte
	key        []byte // multikey, without multibase
	signatures [][]byte
	labels     map[string]string
	mandatory  map[int]bool
}

// maxDerived bounds the statements of a derived proof: each costs a signature.
const maxDerived = 500

var (
	headDerived = []byte{0xd9, 0x5d, 0x01}
	headBase    = []byte{0xd9, 0x5d, 0x00}
)

// verifyDerived is the verification of VC-DI-ECDSA 1.0, 3.6.7.
func (d *Document) verifyDerived(p *Proof, key *ecdsa.PublicKey) error {
	v, err := parseDerived(p.value)
	if err != nil {
		return err
	}
	public, err := did.ParseMultikey(multibase.Encode(v.key))
	if err != nil {
		return fmt.Errorf("%w: its own key", ErrShape)
	}
	config := without(p.raw, "proofValue")
	config["@context"] = d.unsecured["@context"]
	about, err := canonicalRDF(d.processor, config, sha256Name)
	if err != nil {
		return err
	}
	mandatory, others, err := d.split(v)
	if err != nil {
		return err
	}
	if len(others) != len(v.signatures) {
		return fmt.Errorf("%w: %d signatures for %d statements", ErrSignature, len(v.signatures), len(others))
	}
	data := append(make([]byte, 0, 128), digestOf(about)...)
	data = append(data, v.key...)
	data = append(data, digestOf([]byte(strings.Join(mandatory, "")))...)
	if !fits(key, sha256Name, data, v.base) {
		return ErrSignature
	}
	for i, line := range others {
		if !fits(public, sha256Name, []byte(line), v.signatures[i]) {
			return ErrSignature
		}
	}
	return nil
}

func digestOf(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

// split canonicalises the document with the labels of the proof and takes the
// mandatory statements apart (3.5.5 and 3.6.8).
func (d *Document) split(v derived) (mandatory, others []string, err error) {
	quads, err := d.processor.Quads(d.unsecured)
	if err != nil {
		return nil, nil, err
	}
	_, labels, err := rdfc.Lines(quads, rdfc.Options{})
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	lines := make([]string, 0, len(quads))
	for i := range quads {
		missing := false
		line := string(rdfc.AppendQuad(nil, &quads[i], func(label string) string {
			l, ok := v.labels[labels[label]]
			missing = missing || !ok
			return l
		}))
		if missing {
			return nil, nil, fmt.Errorf("%w: a label is missing", ErrSignature)
		}
		if !seen[line] {
			seen[line] = true
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	for i, line := range lines {
		if v.mandatory[i] {
			mandatory = append(mandatory, line)
		} else {
			others = append(others, line)
		}
	}
	if len(mandatory) != len(v.mandatory) {
		return nil, nil, fmt.Errorf("%w: a mandatory statement is missing", ErrSignature)
	}
	return mandatory, others, nil
}

// parseDerived reads a derived proof value: five items of CBOR behind a header.
func parseDerived(value []byte) (v derived, err error) {
	if bytes.HasPrefix(value, headBase) {
		return v, fmt.Errorf("%w: a base proof is for its holder only", ErrSuite)
	}
	body, ok := bytes.CutPrefix(value, headDerived)
	if !ok {
		return v, fmt.Errorf("%w: the header of a derived proof", ErrShape)
	}
	c := cbor{rest: body}
	c.array(5, 5)
	v.base = c.bytes(64)
	v.key = c.bytes(35)
	for range c.array(0, maxDerived) {
		v.signatures = append(v.signatures, c.bytes(64))
	}
	v.labels = map[string]string{}
	for range c.head(5, maxDerived) {
		label := "c14n" + strconv.Itoa(c.head(0, maxDerived))
		if _, twice := v.labels[label]; twice {
			c.failed = true
		}
		v.labels[label] = multibase.EncodeURL(c.bytes(32))
	}
	v.mandatory = map[int]bool{}
	n := c.array(0, maxDerived)
	for range n {
		v.mandatory[c.head(0, 1<<16)] = true
	}
	if c.failed || len(c.rest) > 0 || len(v.mandatory) != n {
		return v, fmt.Errorf("%w: a derived proof", ErrShape)
	}
	return v, nil
}

// cbor reads the few kinds of items that a derived proof has (RFC 8949). After a
// failure it reads zeros.
type cbor struct {
	rest   []byte
	failed bool
}

// head reads the head of an item of a major type, whose argument is at most limit.
func (c *cbor) head(major byte, limit int) int {
	if c.failed || len(c.rest) == 0 || c.rest[0]>>5 != major {
		c.failed = true
		return 0
	}
	argument := int(c.rest[0] & 31)
	size := 0
	switch {
	case argument < 24:
	case argument <= 26:
		size = 1 << (argument - 24)
		argument = 0
	default:
		c.failed = true
		return 0
	}
	if len(c.rest) < 1+size {
		c.failed = true
		return 0
	}
	for _, b := range c.rest[1 : 1+size] {
		argument = argument<<8 | int(b)
	}
	c.rest = c.rest[1+size:]
	if argument > limit {
		c.failed = true
		return 0
	}
	return argument
}

func (c *cbor) array(least, most int) int {
	n := c.head(4, most)
	c.failed = c.failed || n < least
	return n
}

func (c *cbor) bytes(length int) []byte {
	n := c.head(2, length)
	if c.failed || n != length || len(c.rest) < n {
		c.failed = true
		return nil
	}
	b := c.rest[:n]
	c.rest = c.rest[n:]
	return b
}
