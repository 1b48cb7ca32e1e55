package jose

import (
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/lib/ijson"
	"digiwork/internal/lib/multibase"
)

// maxDisclosures bounds the parts of one token.
const maxDisclosures = 500

// disclosure is a part that the holder shows (RFC 9901, 4.2).
type disclosure struct {
	text  string
	name  string // of a member; "" for an element of an array
	named bool
	value any
	used  bool
	path  string // where it belongs, once opened
}

func parseDisclosure(text string) (d disclosure, err error) {
	raw, err := multibase.DecodeBase64(text)
	if err != nil {
		return d, fmt.Errorf("%w: not base64url", ErrDisclosure)
	}
	v, err := ijson.Decode(raw, jsonLimits)
	if err != nil {
		return d, fmt.Errorf("%w: %w", ErrDisclosure, err)
	}
	list, _ := v.([]any)
	if len(list) != 2 && len(list) != 3 {
		return d, fmt.Errorf("%w: two or three items expected", ErrDisclosure)
	}
	if _, ok := list[0].(string); !ok {
		return d, fmt.Errorf("%w: a salt expected", ErrDisclosure)
	}
	d = disclosure{text: text, value: list[len(list)-1], named: len(list) == 3}
	if d.named {
		name, ok := list[1].(string)
		if !ok || name == "_sd" || name == "..." {
			return d, fmt.Errorf("%w: its name", ErrDisclosure)
		}
		d.name = name
	}
	return d, nil
}

var digests = map[any]crypto.Hash{nil: crypto.SHA256, "sha-256": crypto.SHA256, "sha-384": crypto.SHA384, "sha-512": crypto.SHA512}

func digest(hash crypto.Hash, text string) string {
	h := hash.New()
	h.Write([]byte(text))
	return base64url.EncodeToString(h.Sum(nil))
}

// opener puts disclosures where their digests stand (RFC 9901, 7.1).
type opener struct {
	byDigest map[string]*disclosure
	seen     map[string]bool
	depth    int
}

// Open gives the claims with the disclosed parts in their places and without digests.
// A part that belongs nowhere, or twice, is refused.
func (t *Token) Open() (map[string]any, error) {
	if !t.partial {
		return ijson.Clone(t.Claims).(object), nil
	}
	hash, ok := digests[t.Claims["_sd_alg"]]
	if !ok {
		return nil, fmt.Errorf("%w: _sd_alg", ErrAlgorithm)
	}
	o := opener{byDigest: map[string]*disclosure{}, seen: map[string]bool{}, depth: jsonLimits.Depth}
	for i := range t.disclosures {
		d := &t.disclosures[i]
		key := digest(hash, d.text)
		if o.byDigest[key] != nil {
			return nil, fmt.Errorf("%w: one part twice", ErrDisclosure)
		}
		d.used, o.byDigest[key] = false, d
	}
	v, err := o.open(t.Claims, "")
	if err != nil {
		return nil, err
	}
	for i := range t.disclosures {
		if !t.disclosures[i].used {
			return nil, fmt.Errorf("%w: a part that belongs nowhere", ErrDisclosure)
		}
	}
	claims := v.(object)
	delete(claims, "_sd_alg")
	return claims, nil
}

func (o *opener) open(v any, path string) (any, error) {
	if o.depth--; o.depth < 0 {
		return nil, fmt.Errorf("%w: too deep", ErrDisclosure)
	}
	defer func() { o.depth++ }()
	switch x := v.(type) {
	case object:
		return o.object(x, path)
	case []any:
		return o.array(x, path)
	}
	return v, nil
}

// take finds the part of a digest; each digest may stand once.
func (o *opener) take(key string) (*disclosure, error) {
	if o.seen[key] {
		return nil, fmt.Errorf("%w: one digest twice", ErrDisclosure)
	}
	o.seen[key] = true
	d := o.byDigest[key]
	if d != nil {
		d.used = true
	}
	return d, nil
}

func (o *opener) object(m object, path string) (any, error) {
	out := make(object, len(m))
	for k, v := range m {
		if k == "_sd" {
			continue
		}
		if k == "..." {
			return nil, fmt.Errorf("%w: a digest outside of an array", ErrDisclosure)
		}
		var err error
		if out[k], err = o.open(v, path+"/"+escapePointer(k)); err != nil {
			return nil, err
		}
	}
	sd, ok := m["_sd"]
	if !ok {
		return out, nil
	}
	list, ok := sd.([]any)
	if !ok {
		return nil, fmt.Errorf("%w: _sd", ErrDisclosure)
	}
	for _, e := range list {
		key, ok := e.(string)
		if !ok {
			return nil, fmt.Errorf("%w: _sd", ErrDisclosure)
		}
		d, err := o.take(key)
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue // not shown, or a decoy
		}
		if _, taken := out[d.name]; !d.named || taken {
			return nil, fmt.Errorf("%w: its place is taken", ErrDisclosure)
		}
		d.path = path + "/" + escapePointer(d.name)
		if out[d.name], err = o.open(d.value, d.path); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (o *opener) array(list []any, path string) (any, error) {
	out := make([]any, 0, len(list))
	for i, e := range list {
		here := path + "/" + strconv.Itoa(i)
		if m, ok := e.(object); ok && len(m) == 1 {
			if key, ok := m["..."].(string); ok {
				d, err := o.take(key)
				if err != nil {
					return nil, err
				}
				if d == nil {
					continue
				}
				if d.named {
					return nil, fmt.Errorf("%w: a member in an array", ErrDisclosure)
				}
				d.path = here
				e = d.value
			}
		}
		v, err := o.open(e, here)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func escapePointer(s string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
}

func unescapePointer(s string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
}

// SignPartial writes a token whose holder may hide the parts at the given JSON pointers
// (RFC 6901). The deepest are hidden first, so that a part may hold parts. Salts are
// 128 bits from random (crypto/rand when nil).
func SignPartial(header, claims map[string]any, pointers []string, key crypto.Signer, random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	body := ijson.Clone(claims).(object)
	order := slices.Clone(pointers)
	slices.SortFunc(order, func(a, b string) int { return strings.Count(b, "/") - strings.Count(a, "/") })
	var shown []string
	for _, p := range order {
		text, err := hide(body, p, random)
		if err != nil {
			return "", err
		}
		shown = append(shown, text)
	}
	sortDigests(body)
	body["_sd_alg"] = "sha-256"
	jws, err := Sign(header, body, key)
	if err != nil {
		return "", err
	}
	return strings.Join(append([]string{jws}, shown...), "~") + "~", nil
}

// sortDigests puts digests in an order that says nothing (RFC 9901, 4.2.4.1).
func sortDigests(v any) {
	switch x := v.(type) {
	case object:
		for k, e := range x {
			if list, ok := e.([]any); ok && k == "_sd" {
				slices.SortFunc(list, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
				continue
			}
			sortDigests(e)
		}
	case []any:
		for _, e := range x {
			sortDigests(e)
		}
	}
}

// hide replaces the part at a pointer by its digest and gives the disclosure.
func hide(body object, pointer string, random io.Reader) (string, error) {
	steps := strings.Split(pointer, "/")
	if len(steps) < 2 || steps[0] != "" {
		return "", fmt.Errorf("%w: %q is no pointer", ErrDisclosure, pointer)
	}
	salt := make([]byte, 16)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("salt: %w", err)
	}
	var parent any = body
	for _, s := range steps[1 : len(steps)-1] {
		parent = child(parent, unescapePointer(s))
	}
	last := unescapePointer(steps[len(steps)-1])
	text := base64url.EncodeToString(salt)
	switch x := parent.(type) {
	case object:
		v, ok := x[last]
		if !ok || last == "_sd" || last == "..." {
			return "", fmt.Errorf("%w: nothing at %q", ErrDisclosure, pointer)
		}
		d, err := encode([]any{text, last, v})
		if err != nil {
			return "", err
		}
		list, _ := x["_sd"].([]any)
		x["_sd"] = append(list, digest(crypto.SHA256, d))
		delete(x, last)
		return d, nil
	case []any:
		i, err := strconv.Atoi(last)
		if err != nil || i < 0 || i >= len(x) {
			return "", fmt.Errorf("%w: nothing at %q", ErrDisclosure, pointer)
		}
		d, err := encode([]any{text, x[i]})
		if err != nil {
			return "", err
		}
		x[i] = object{"...": digest(crypto.SHA256, d)}
		return d, nil
	}
	return "", fmt.Errorf("%w: nothing at %q", ErrDisclosure, pointer)
}

func child(v any, step string) any {
	switch x := v.(type) {
	case object:
		return x[step]
	case []any:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(x) {
			return x[i]
		}
	}
	return nil
}

func encode(v []any) (string, error) {
	raw, err := ijson.Canonical(v)
	if err != nil {
		return "", fmt.Errorf("disclosure: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// Show gives the token with only those of its parts that keep accepts, by their JSON
// pointers, and what those parts need around them. It drops a key binding.
func Show(text string, keep func(pointer string) bool) (string, error) {
	t, err := Parse(text)
	if err != nil {
		return "", err
	}
	if _, err := t.Open(); err != nil {
		return "", err
	}
	out, _, _ := strings.Cut(text, "~")
	for i := range t.disclosures {
		d := &t.disclosures[i]
		wanted := keep(d.path)
		for j := range t.disclosures {
			inner := t.disclosures[j].path
			wanted = wanted || strings.HasPrefix(inner, d.path+"/") && keep(inner)
		}
		if wanted {
			out += "~" + d.text
		}
	}
	return out + "~", nil
}

// Bind adds a proof that the holder of a key shows the token, to whom and for which
// occasion (RFC 9901, 4.3).
func Bind(text string, key crypto.Signer, audience, nonce string, at time.Time) (string, error) {
	if !strings.HasSuffix(text, "~") {
		return "", fmt.Errorf("%w: a token that is bound already, or cannot be", ErrShape)
	}
	kb, err := Sign(object{"typ": "kb+jwt"}, object{
		"iat": float64(at.Unix()), "aud": audience, "nonce": nonce, "sd_hash": digest(crypto.SHA256, text),
	}, key)
	if err != nil {
		return "", err
	}
	return text + kb, nil
}

// Bound says whether the token carries a key binding.
func (t *Token) Bound() bool { return t.binding != "" }

// VerifyBinding checks the key binding: by this key, for this audience and nonce ("" when
// any), over these very disclosures (RFC 9901, 7.3).
func (t *Token) VerifyBinding(key crypto.PublicKey, audience, nonce string) error {
	kb, err := Parse(t.binding)
	if err != nil || kb.partial || kb.Text("typ") != "kb+jwt" {
		return fmt.Errorf("%w: the key binding", ErrShape)
	}
	if err := kb.Verify(key); err != nil {
		return err
	}
	hash, ok := digests[t.Claims["_sd_alg"]]
	if !ok || kb.Claims["sd_hash"] != digest(hash, t.text) {
		return fmt.Errorf("%w: the key binding is for other parts", ErrSignature)
	}
	if audience != "" && kb.Claims["aud"] != audience || nonce != "" && kb.Claims["nonce"] != nonce {
		return fmt.Errorf("%w: the key binding is for another occasion", ErrSignature)
	}
	return nil
}
