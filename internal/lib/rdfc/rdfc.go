// Package rdfc gives an RDF dataset one canonical form, so that it can be hashed and
// signed: RDF Dataset Canonicalization 1.0 (RDFC-1.0), W3C Recommendation of 21 May 2024.
//
// The algorithm may need time beyond any bound when a dataset has many blank nodes
// that look alike; such a dataset is refused once Limit units of work are spent
// (RDFC-1.0, 7.1: dataset poisoning). Blank nodes that are exact twins cost nothing:
// exchanging two of them changes nothing, so only one order of them is tried.
package rdfc

import (
	"crypto/sha256"
	"errors"
	"hash"
	"slices"
	"strconv"
)

// Kind is the kind of a term.
type Kind uint8

// The kinds of terms. None stands for the default graph.
const (
	None Kind = iota
	IRI
	Blank
	Literal
)

// Term is one term of a quad.
type Term struct {
	Kind     Kind
	Value    string // IRI; label of a blank node without "_:"; text of a literal
	Datatype string // literals only; "" means xsd:string, or rdf:langString with a Language
	Language string // literals only
}

// Quad is a statement: subject, predicate, object, graph.
type Quad struct{ S, P, O, G Term }

// ErrWork is a dataset that needs more work than allowed.
var ErrWork = errors.New("the dataset needs too much work to canonicalise")

// Options of Canonicalize.
type Options struct {
	Hash  func() hash.Hash // SHA-256 when nil
	Limit int              // units of work; DefaultLimit when 0
}

// DefaultLimit is some 20 ms of work: a unit is a hash of one neighbour, or one step
// of one ordering. Credentials seen in practice need less than 5,000.
const DefaultLimit = 40_000

// Canonicalize gives the canonical N-Quads of a dataset and the map from the labels of
// its blank nodes to the canonical ones (RDFC-1.0, 4.4.3). A quad that stands twice is
// written once.
func Canonicalize(quads []Quad, o Options) ([]byte, map[string]string, error) {
	lines, labels, err := Lines(quads, o)
	if err != nil {
		return nil, nil, err
	}
	total := 0
	for _, l := range lines {
		total += len(l)
	}
	out := make([]byte, 0, total)
	for _, l := range lines {
		out = append(out, l...)
	}
	return out, labels, nil
}

// Lines is Canonicalize line by line, sorted, each with its line feed.
func Lines(quads []Quad, o Options) ([]string, map[string]string, error) {
	if o.Hash == nil {
		o.Hash = sha256.New
	}
	if o.Limit == 0 {
		o.Limit = DefaultLimit
	}
	s := &state{canon: newIssuer("c14n"), hash: o.Hash(), left: o.Limit}
	s.index(quads)
	if len(s.quadsOf) > 0 {
		if err := s.label(); err != nil {
			return nil, nil, err
		}
	}
	named := s.canon.label
	lines := make([]string, len(quads))
	for i := range quads {
		s.buf = AppendQuad(s.buf[:0], &quads[i], func(id string) string { return named[id] })
		lines[i] = string(s.buf)
	}
	slices.Sort(lines)
	return slices.Compact(lines), named, nil
}

// issuer gives labels in the order in which they are asked for (RDFC-1.0, 4.5).
type issuer struct {
	prefix string
	label  map[string]string
	order  []string
}

func newIssuer(prefix string) *issuer {
	return &issuer{prefix: prefix, label: map[string]string{}}
}

func (is *issuer) issue(id string) string {
	if l, ok := is.label[id]; ok {
		return l
	}
	l := is.prefix + strconv.Itoa(len(is.order))
	is.label[id] = l
	is.order = append(is.order, id)
	return l
}

func (is *issuer) clone() *issuer {
	c := &issuer{prefix: is.prefix, label: make(map[string]string, len(is.label)+2), order: slices.Clone(is.order)}
	for k, v := range is.label {
		c.label[k] = v
	}
	return c
}

// state is the canonicalization state (RDFC-1.0, 4.2).
type state struct {
	quadsOf map[string][]*Quad  // by blank node
	byHash  map[string][]string // blank nodes by the hash of their first degree
	first   map[string]string   // hash of the first degree by blank node
	canon   *issuer
	hash    hash.Hash
	left    int // units of work left
	buf     []byte
	sum     [64]byte
}

// spend takes n units of work.
func (s *state) spend(n int) error {
	if s.left -= n; s.left < 0 {
		return ErrWork
	}
	return nil
}

// index notes the quads of each blank node, once each: a dataset is a set (RDFC-1.0,
// 4.4.3 step 2).
func (s *state) index(quads []Quad) {
	var seen map[Quad]bool
	for i := range quads {
		q := &quads[i]
		if q.S.Kind != Blank && q.O.Kind != Blank && q.G.Kind != Blank {
			continue
		}
		if seen == nil {
			seen = make(map[Quad]bool, len(quads))
			s.quadsOf = map[string][]*Quad{}
		}
		if seen[*q] {
			continue
		}
		seen[*q] = true
		for _, t := range [3]*Term{&q.S, &q.O, &q.G} {
			if t.Kind != Blank {
				continue
			}
			l := s.quadsOf[t.Value]
			if n := len(l); n == 0 || l[n-1] != q {
				s.quadsOf[t.Value] = append(l, q)
			}
		}
	}
}

// label issues the canonical labels (RDFC-1.0, 4.4.3 steps 3 to 5).
func (s *state) label() error {
	s.first = make(map[string]string, len(s.quadsOf))
	s.byHash = make(map[string][]string, len(s.quadsOf))
	for id := range s.quadsOf {
		h := s.hashFirst(id)
		s.byHash[h] = append(s.byHash[h], id)
	}
	var shared []string
	for _, h := range sortedKeys(s.byHash) {
		if ids := s.byHash[h]; len(ids) == 1 {
			s.canon.issue(ids[0])
		} else {
			shared = append(shared, h)
		}
	}
	for _, h := range shared {
		if err := s.labelShared(s.byHash[h]); err != nil {
			return err
		}
	}
	return nil
}

// labelShared labels blank nodes whose first degree looks the same (4.4.3 step 5).
func (s *state) labelShared(ids []string) error {
	type result struct {
		hash string
		is   *issuer
	}
	slices.Sort(ids) // a stable choice among nodes that are truly alike
	results := make([]result, 0, len(ids))
	for _, id := range ids {
		if _, done := s.canon.label[id]; done {
			continue
		}
		is := newIssuer("b")
		is.issue(id)
		h, is, err := s.hashNDegree(id, is)
		if err != nil {
			return err
		}
		results = append(results, result{h, is})
	}
	slices.SortStableFunc(results, func(a, b result) int {
		if a.hash < b.hash {
			return -1
		}
		if a.hash > b.hash {
			return 1
		}
		return 0
	})
	for _, r := range results {
		for _, id := range r.is.order {
			s.canon.issue(id)
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
