// Package did reads the documents that say which keys speak for whom: DID documents and
// controlled identifier documents (DID 1.0; Controlled Identifiers 1.0, W3C
// Recommendation of 15 May 2025), and the identifiers that contain their own key.
//
// Nothing is fetched. Documents come from a Source, which says also since when it knows
// them.
package did

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"digiwork/internal/lib/multibase"
)

var (
	// ErrDocument is a document that breaks the rules.
	ErrDocument = errors.New("not a controller document")
	// ErrNotListed is a key that the document does not allow for the purpose.
	ErrNotListed = errors.New("the key is not listed for this purpose")
	// ErrRevoked is a key that was withdrawn or has expired.
	ErrRevoked = errors.New("the key was withdrawn")
)

// Relationships that a proof may have as its purpose (Controlled Identifiers 1.0, 2.3).
const (
	AssertionMethod = "assertionMethod"
	Authentication  = "authentication"
)

// Method is a verification method: a key, who controls it and how long it counts.
type Method struct {
	ID         string
	Controller string
	Key        Public
	Expires    time.Time // zero: never
	Revoked    time.Time // zero: not
}

// Document says which methods somebody allows for which purpose.
type Document struct {
	ID          string
	AlsoKnownAs []string
	methods     map[string]Method
	broken      map[string]error // methods that are there but unreadable
	allowed     map[string][]string
}

// maxMethods bounds what is read of a document.
const maxMethods = 100

var relationships = []string{AssertionMethod, Authentication, "keyAgreement", "capabilityInvocation", "capabilityDelegation"}

// Parse reads a document.
func Parse(doc map[string]any) (*Document, error) {
	id, ok := doc["id"].(string)
	if !ok || id == "" || strings.Contains(id, "#") {
		return nil, fmt.Errorf("%w: it has no identifier", ErrDocument)
	}
	d := &Document{ID: id, methods: map[string]Method{}, broken: map[string]error{}, allowed: map[string][]string{}}
	for _, v := range list(doc["alsoKnownAs"]) {
		if s, ok := v.(string); ok {
			d.AlsoKnownAs = append(d.AlsoKnownAs, s)
		}
	}
	for _, v := range list(doc["verificationMethod"]) {
		if _, err := d.add(v); err != nil {
			return nil, err
		}
	}
	for _, name := range relationships {
		for _, v := range list(doc[name]) {
			ref, ok := v.(string)
			if ok {
				ref = d.absolute(ref)
			} else {
				var err error
				if ref, err = d.add(v); err != nil {
					return nil, err
				}
			}
			d.allowed[name] = append(d.allowed[name], ref)
			if len(d.allowed[name]) > maxMethods {
				return nil, fmt.Errorf("%w: too many keys", ErrDocument)
			}
		}
	}
	return d, nil
}

func list(v any) []any {
	switch x := v.(type) {
	case nil:
		return nil
	case []any:
		return x
	}
	return []any{v}
}

// absolute resolves "#key-1" against the document (DID 1.0, 3.2.2).
func (d *Document) absolute(ref string) string {
	if strings.HasPrefix(ref, "#") {
		return d.ID + ref
	}
	return ref
}

func (d *Document) add(v any) (string, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return "", fmt.Errorf("%w: a verification method that is no object", ErrDocument)
	}
	id, ok := m["id"].(string)
	if !ok || id == "" {
		return "", fmt.Errorf("%w: a verification method without identifier", ErrDocument)
	}
	id = d.absolute(id)
	if len(d.methods)+len(d.broken) >= maxMethods {
		return "", fmt.Errorf("%w: too many keys", ErrDocument)
	}
	if _, twice := d.methods[id]; twice {
		return "", fmt.Errorf("%w: two verification methods with one identifier", ErrDocument)
	}
	method, err := ParseMethod(m)
	if err != nil {
		d.broken[id] = err // another key of the document may still be good
		return id, nil
	}
	method.ID = id
	d.methods[id] = method
	return id, nil
}

// ParseMethod reads a verification method.
func ParseMethod(m map[string]any) (Method, error) {
	var method Method
	var err error
	method.ID, _ = m["id"].(string)
	if method.Controller, _ = m["controller"].(string); method.Controller == "" {
		return method, fmt.Errorf("%w: a verification method without controller", ErrDocument)
	}
	for name, at := range map[string]*time.Time{"expires": &method.Expires, "revoked": &method.Revoked} {
		v, ok := m[name]
		if !ok {
			continue
		}
		s, _ := v.(string)
		if *at, err = time.Parse(time.RFC3339, s); err != nil {
			return method, fmt.Errorf("%w: %s is no date", ErrDocument, name)
		}
	}
	method.Key, err = keyOf(m)
	return method, err
}

// keyOf reads the key of a method in the form that its type has.
func keyOf(m map[string]any) (Public, error) {
	typ, _ := m["type"].(string)
	switch typ {
	case "Multikey", "Ed25519VerificationKey2020":
		s, _ := m["publicKeyMultibase"].(string)
		return ParseMultikey(s)
	case "JsonWebKey", "JsonWebKey2020", "EcdsaSecp256r1VerificationKey2019":
		if jwk, ok := m["publicKeyJwk"].(map[string]any); ok {
			return ParseJWK(jwk)
		}
	case "Ed25519VerificationKey2018":
		s, _ := m["publicKeyBase58"].(string)
		raw, err := multibase.DecodeBase58(s)
		if err != nil {
			return nil, fmt.Errorf("%w: not base58", ErrKey)
		}
		return ed25519Key(raw)
	}
	return nil, fmt.Errorf("%w: a verification method of the unknown type %.60q", ErrKey, typ)
}

// Method finds a verification method that is allowed for a purpose and counts at a
// time. Its controller must be the document, or be named by it (Controlled
// Identifiers 1.0, 3.3).
func (d *Document) Method(id, purpose string, at time.Time) (Method, error) {
	listed := false
	for _, ref := range d.allowed[purpose] {
		listed = listed || ref == id
	}
	if !listed {
		return Method{}, fmt.Errorf("%w: %s", ErrNotListed, id)
	}
	m, ok := d.methods[id]
	if !ok {
		if err := d.broken[id]; err != nil {
			return Method{}, err
		}
		return Method{}, fmt.Errorf("%w: %s", ErrNotListed, id)
	}
	if m.Controller != d.ID {
		return Method{}, fmt.Errorf("%w: it is controlled by %s", ErrNotListed, m.Controller)
	}
	return m, m.counts(at)
}

// counts says whether a method was neither withdrawn nor expired at a time.
func (m Method) counts(at time.Time) error {
	if !m.Revoked.IsZero() && !at.Before(m.Revoked) || !m.Expires.IsZero() && !at.Before(m.Expires) {
		return fmt.Errorf("%w: %s", ErrRevoked, m.ID)
	}
	return nil
}

// Lists says whether the document allows a method for a purpose, by its identifier
// alone: the method itself may stand in another document.
func (d *Document) Lists(id, purpose string) bool {
	for _, ref := range d.allowed[purpose] {
		if ref == id {
			return true
		}
	}
	return false
}

// WithKey finds the method of a key, for signatures that carry the key and not its
// address. Purpose and time as for Method.
func (d *Document) WithKey(key Public, purpose string, at time.Time) (Method, error) {
	for _, ref := range d.allowed[purpose] {
		if m, ok := d.methods[ref]; ok && Equal(m.Key, key) {
			return d.Method(ref, purpose, at)
		}
	}
	return Method{}, ErrNotListed
}

// Base is the address of the document that a method stands in.
func Base(method string) string {
	base, _, _ := strings.Cut(method, "#")
	return base
}

// FromKey is the did:key of a key (The did:key Method 0.7).
func FromKey(key Public) (did, method string, err error) {
	m, err := Multikey(key)
	if err != nil {
		return "", "", err
	}
	return "did:key:" + m, "did:key:" + m + "#" + m, nil
}

// Resolve makes the document of an identifier that contains its own key: did:key and
// did:jwk. It says false for other identifiers.
func Resolve(id string) (*Document, bool, error) {
	switch {
	case strings.HasPrefix(id, "did:key:"):
		text := strings.TrimPrefix(id, "did:key:")
		key, err := ParseMultikey(text)
		if err != nil {
			return nil, true, err
		}
		return single(id, id+"#"+text, key), true, nil
	case strings.HasPrefix(id, "did:jwk:"):
		key, err := fromJWK(strings.TrimPrefix(id, "did:jwk:"))
		if err != nil {
			return nil, true, err
		}
		return single(id, id+"#0", key), true, nil
	}
	return nil, false, nil
}

func single(id, method string, key Public) *Document {
	return &Document{
		ID:      id,
		methods: map[string]Method{method: {ID: method, Controller: id, Key: key}},
		allowed: map[string][]string{AssertionMethod: {method}, Authentication: {method}},
	}
}

// WebAddress is where the document of a did:web stands (did:web Method, 3.2).
func WebAddress(id string) (string, error) {
	rest, ok := strings.CutPrefix(id, "did:web:")
	if !ok || rest == "" || strings.ContainsAny(rest, "#?/") {
		return "", fmt.Errorf("%w: not a did:web", ErrDocument)
	}
	parts := strings.Split(rest, ":")
	for i, p := range parts {
		s, err := url.PathUnescape(p)
		if err != nil || s == "" || s == "." || s == ".." || strings.ContainsAny(s, "/?#@\\ ") {
			return "", fmt.Errorf("%w: not a did:web", ErrDocument)
		}
		if i == 0 {
			parts[0] = s // the port is written %3A
		}
	}
	if len(parts) == 1 {
		return "https://" + parts[0] + "/.well-known/did.json", nil
	}
	return "https://" + strings.Join(parts, "/") + "/did.json", nil
}

// Web is the did:web of a place on the web: host, optional port, path segments.
func Web(host string, path ...string) string {
	id := "did:web:" + strings.ReplaceAll(host, ":", "%3A")
	for _, p := range path {
		id += ":" + url.PathEscape(p)
	}
	return id
}

// Allowed lists the methods that the document allows for a purpose at a time.
func (d *Document) Allowed(purpose string, at time.Time) []Method {
	var all []Method
	for _, ref := range d.allowed[purpose] {
		if m, err := d.Method(ref, purpose, at); err == nil {
			all = append(all, m)
		}
	}
	return all
}
