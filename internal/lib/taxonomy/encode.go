package taxonomy

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// A book on disk is: the magic line; one line of JSON (head) that can be read
// alone; the SHA-256 of the rest; every distinct text once, its lengths first;
// then the concepts as unsigned varints that name texts by number.

const magic = "digiwork taxonomy 1\n"

// head is what a list of books needs to know of one.
type head struct {
	Scheme  Scheme         `json:"scheme"`
	Version string         `json:"version"`
	Langs   []string       `json:"langs"`
	Counts  map[string]int `json:"counts"`
	Sources []Source       `json:"sources"`
	Digest  string         `json:"digest"`
}

var errDamaged = errors.New("not a taxonomy file of ours, or damaged")

// encode writes a book; it also gives it its Digest.
func encode(b *Book) ([]byte, error) {
	w := &writer{number: map[string]uint64{}}
	w.uint(uint64(len(b.Concepts)))
	for i := range b.Concepts {
		w.concept(&b.Concepts[i])
	}
	texts := &writer{}
	texts.uint(uint64(len(w.texts)))
	for _, t := range w.texts {
		texts.uint(uint64(len(t)))
	}
	for _, t := range w.texts {
		texts.out = append(texts.out, t...)
	}
	body := append(texts.out, w.out...)
	sum := sha256.Sum256(body)
	b.Digest = hex.EncodeToString(sum[:])
	h := head{Scheme: b.Scheme, Version: b.Version, Langs: b.Langs, Counts: map[string]int{}, Sources: b.Sources, Digest: b.Digest}
	for k, n := range b.Count() {
		h.Counts[k.String()] = n
	}
	line, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]byte(magic), line, []byte("\n"), body), nil
}

type writer struct {
	out    []byte
	number map[string]uint64
	texts  []string
}

func (w *writer) uint(n uint64) { w.out = binary.AppendUvarint(w.out, n) }

func (w *writer) text(s string) {
	n, ok := w.number[s]
	if !ok {
		n = uint64(len(w.texts))
		w.number[s] = n
		w.texts = append(w.texts, s)
	}
	w.uint(n)
}

func (w *writer) concept(c *Concept) {
	w.text(c.URI)
	w.text(c.Code)
	closed := uint64(0)
	if c.Closed {
		closed = 1
	}
	w.uint(uint64(c.Kind)<<1 | closed)
	w.text(c.Nature)
	w.uint(uint64(len(c.Labels)))
	for _, l := range c.Labels {
		w.text(l.Lang)
		w.uint(uint64(l.Role))
		w.text(l.Text)
	}
	w.uint(uint64(len(c.Notes)))
	for _, n := range c.Notes {
		w.text(n.Lang)
		w.text(n.Text)
	}
	w.uint(uint64(len(c.Facts)))
	for _, f := range c.Facts {
		w.text(f.Name)
		w.text(f.Value)
	}
	w.uint(uint64(len(c.Links)))
	for _, l := range c.Links {
		w.uint(uint64(l.To)) //nolint:gosec // a place in the book
		w.uint(uint64(l.Relation))
	}
	w.uint(uint64(len(c.Refs)))
	for _, r := range c.Refs {
		w.text(r.URI)
		w.uint(uint64(r.Relation))
	}
}

// decodeHead reads the first two lines of a book, and where the rest begins.
func decodeHead(raw []byte) (head, int, error) {
	var h head
	rest, ok := bytes.CutPrefix(raw, []byte(magic))
	if !ok {
		return h, 0, errDamaged
	}
	line, _, ok := bytes.Cut(rest, []byte("\n"))
	if !ok {
		return h, 0, errDamaged
	}
	if err := json.Unmarshal(line, &h); err != nil {
		return h, 0, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return h, len(magic) + len(line) + 1, nil
}

// decode reads a book. Whatever the bytes, it gives a book whose links lead to
// concepts of its own, or an error, in memory of the order of the input.
func decode(raw []byte) (*Book, error) {
	h, body, err := decodeHead(raw)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(raw[body:]); hex.EncodeToString(sum[:]) != h.Digest {
		return nil, errDamaged
	}
	r := &unpacker{in: raw[body:]}
	r.readTexts()
	b := &Book{Scheme: h.Scheme, Version: h.Version, Langs: h.Langs, Sources: h.Sources, Digest: h.Digest}
	b.Concepts = make([]Concept, r.count(8))
	for i := range b.Concepts {
		r.concept(&b.Concepts[i], len(b.Concepts))
	}
	if r.bad || len(r.in) > 0 {
		return nil, errDamaged
	}
	return b, nil
}

type unpacker struct {
	in    []byte
	bad   bool
	texts []string
}

func (r *unpacker) uint() uint64 {
	n, size := binary.Uvarint(r.in)
	if size <= 0 {
		r.bad, r.in = true, nil
		return 0
	}
	r.in = r.in[size:]
	return n
}

// count reads how many things follow, each of at least size bytes.
func (r *unpacker) count(size int) int {
	n := r.uint()
	if n > uint64(len(r.in)/size) {
		r.bad, r.in = true, nil
		return 0
	}
	return int(n) //nolint:gosec // at most len(in)
}

func (r *unpacker) readTexts() {
	lengths := make([]int, r.count(1))
	total := 0
	for i := range lengths {
		n := r.uint()
		if n > uint64(len(r.in)) {
			r.bad = true
			return
		}
		lengths[i] = int(n) //nolint:gosec // at most len(in)
		total += lengths[i]
	}
	if total > len(r.in) {
		r.bad = true
		return
	}
	all := string(r.in[:total])
	r.in = r.in[total:]
	r.texts = make([]string, len(lengths))
	for i, n := range lengths {
		r.texts[i], all = all[:n], all[n:]
	}
}

func (r *unpacker) text() string {
	n := r.uint()
	if n >= uint64(len(r.texts)) {
		r.bad = true
		return ""
	}
	return r.texts[n]
}

func (r *unpacker) concept(c *Concept, concepts int) {
	if r.bad {
		return
	}
	c.URI, c.Code = r.text(), r.text()
	k := r.uint()
	c.Kind, c.Closed = Kind(k>>1), k&1 == 1 //nolint:gosec // an unknown kind is only unknown
	c.Nature = r.text()
	if n := r.count(3); n > 0 {
		c.Labels = make([]Label, n)
		for i := range c.Labels {
			c.Labels[i] = Label{Lang: r.text(), Role: Role(r.uint()), Text: r.text()} //nolint:gosec // as above
		}
	}
	if n := r.count(2); n > 0 {
		c.Notes = make([]Note, n)
		for i := range c.Notes {
			c.Notes[i] = Note{Lang: r.text(), Text: r.text()}
		}
	}
	if n := r.count(2); n > 0 {
		c.Facts = make([]Fact, n)
		for i := range c.Facts {
			c.Facts[i] = Fact{Name: r.text(), Value: r.text()}
		}
	}
	if n := r.count(2); n > 0 {
		c.Links = make([]Link, n)
		for i := range c.Links {
			to := r.uint()
			if to >= uint64(concepts) { //nolint:gosec // a length
				r.bad = true
				return
			}
			c.Links[i] = Link{To: int32(to), Relation: Relation(r.uint())} //nolint:gosec // checked above
		}
	}
	if n := r.count(2); n > 0 {
		c.Refs = make([]Ref, n)
		for i := range c.Refs {
			c.Refs[i] = Ref{URI: r.text(), Relation: Relation(r.uint())} //nolint:gosec // as above
		}
	}
}
