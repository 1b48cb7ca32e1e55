package skills

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"digiwork/internal/lib/french"
	"digiwork/internal/lib/taxonomy"
)

// An index on disk is: the format line; the digest of all it was made from; the
// SHA-256 of the rest; then each table, as a count and its numbers in
// little-endian order. It is only a saving of time: when it is missing, of other
// books or damaged, it is made again. The number of the format is raised whenever
// Build makes another index of the same books.
const format = "digiwork skills 4\n"

var errDamaged = errors.New("not an index of ours, or damaged")

// Open makes an engine from the newest books of a shelf, or reads the one made
// before from the same books. On an empty shelf it knows the starter list.
func Open(shelf taxonomy.Shelf) (*Engine, error) {
	list, err := shelf.List()
	if err != nil {
		return nil, err
	}
	var used []taxonomy.Entry
	known := false
	for _, e := range list {
		if e.Current && (e.Scheme == taxonomy.ESCO || e.Scheme == taxonomy.ROME || e.Scheme == taxonomy.RomeESCO) {
			used = append(used, e)
			known = known || e.Scheme != taxonomy.RomeESCO
		}
	}
	if !known {
		return Build(everyday()), nil
	}
	var books []*taxonomy.Book
	for _, u := range used {
		books = append(books, &taxonomy.Book{Scheme: u.Scheme, Digest: u.Digest})
	}
	name := filepath.Join(shelf.Dir, "index@"+digestOf(books)[:16]+".skills")
	if raw, err := os.ReadFile(name); err == nil { //nolint:gosec // a file of the shelf
		if e, err := decode(raw, digestOf(books)); err == nil {
			return e, nil
		}
	}
	for i, u := range used {
		if books[i], err = shelf.Open(u.Scheme, u.Version); err != nil {
			return nil, err
		}
	}
	e := Build(books...)
	return e, keep(shelf.Dir, name, e.encode())
}

// keep writes the index and takes away those of other books. A folder that
// cannot be written to only costs the time of making it again.
func keep(dir, name string, raw []byte) error {
	tmp := name + "." + rand.Text()
	if err := os.WriteFile(tmp, raw, 0o644); err != nil { //nolint:gosec // public referentials
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
			return nil
		}
		return errors.Join(err, dropped(os.Remove(tmp)))
	}
	if err := os.Rename(tmp, name); err != nil {
		return errors.Join(err, dropped(os.Remove(tmp)))
	}
	old, err := filepath.Glob(filepath.Join(dir, "index@*.skills"))
	if err != nil {
		return err
	}
	for _, o := range old {
		if o != name {
			if err := dropped(os.Remove(o)); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropped forgives that a file is gone already: another process was faster.
func dropped(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

type packer struct{ out []byte }

func pack[T uint8 | uint16 | uint32 | float32](p *packer, list []T) {
	p.out = binary.LittleEndian.AppendUint32(p.out, uint32(len(list))) //nolint:gosec // bounded by what a book may hold
	var err error
	if p.out, err = binary.Append(p.out, binary.LittleEndian, list); err != nil {
		panic(err) // a slice of numbers of fixed size can always be written
	}
}

func (p *packer) csr(c csr) {
	pack(p, c.at)
	pack(p, c.to)
}

func (p *packer) strings(list []string) {
	lengths := make([]uint32, len(list))
	for i, s := range list {
		lengths[i] = uint32(len(s)) //nolint:gosec // a label
	}
	pack(p, lengths)
	p.out = append(p.out, strings.Join(list, "")...)
}

func (p *packer) field(f field) {
	p.csr(f.rows)
	pack(p, f.count)
	pack(p, f.size)
	pack(p, f.mean[:])
}

var sideOrder = []string{french.French, french.English}

func (e *Engine) encode() []byte {
	p := &packer{}
	var texts []string
	var kinds []uint8
	var usual []float32
	for i := range e.concepts {
		c := &e.concepts[i]
		texts = append(texts, c.uri, c.code, string(c.scheme), c.labels[0], c.labels[1])
		kinds = append(kinds, uint8(c.kind))
		usual = append(usual, c.usual)
	}
	p.strings(texts)
	pack(p, kinds)
	pack(p, usual)
	p.csr(e.needs)
	p.csr(e.may)
	p.csr(e.bridge.to)
	pack(p, e.bridge.weight)
	for _, lang := range sideOrder {
		s := e.sides[lang]
		p.strings(s.words)
		pack(p, s.idf[inText])
		pack(p, s.idf[inTitle])
		p.csr(s.labels)
		pack(p, s.owner)
		pack(p, s.role)
		p.csr(s.anchors)
		p.csr(s.mates)
		p.field(s.notes)
		p.field(s.bag)
		p.csr(s.told)
		pack(p, s.levels)
	}
	sum := sha256.Sum256(p.out)
	return bytes.Join([][]byte{[]byte(format), []byte(e.digest), sum[:], p.out}, nil)
}

type unpacker struct {
	in  []byte
	bad bool
}

func unpack[T uint8 | uint16 | uint32 | float32](u *unpacker) []T {
	var none T
	size := binary.Size(none)
	if len(u.in) < 4 {
		u.bad = true
		return nil
	}
	n := int(binary.LittleEndian.Uint32(u.in))
	if u.in = u.in[4:]; n > len(u.in)/size {
		u.bad = true
		return nil
	}
	list := make([]T, n)
	if _, err := binary.Decode(u.in[:n*size], binary.LittleEndian, list); err != nil {
		u.bad = true
	}
	u.in = u.in[n*size:]
	return list
}

// table reads as many numbers as there must be.
func table[T uint8 | uint16 | uint32 | float32](u *unpacker, n int) []T {
	list := unpack[T](u)
	if len(list) != n {
		u.bad = true
		return make([]T, n)
	}
	return list
}

// csr reads rows of numbers, all below limit.
func (u *unpacker) csr(rows, limit int) csr {
	c := u.rows(limit)
	if len(c.at) != rows+1 {
		u.bad = true
		return csr{at: make([]uint32, rows+1)}
	}
	return c
}

// rows reads as many rows as there are.
func (u *unpacker) rows(limit int) csr {
	c := csr{at: unpack[uint32](u), to: unpack[uint32](u)}
	if len(c.at) == 0 || c.at[0] != 0 || int(c.at[len(c.at)-1]) != len(c.to) {
		u.bad = true
		return csr{at: make([]uint32, 1)}
	}
	for i, at := range c.at {
		if int(at) > len(c.to) || i > 0 && at < c.at[i-1] {
			u.bad = true
		}
	}
	for _, t := range c.to {
		if int(t) >= limit {
			u.bad = true
		}
	}
	if u.bad {
		return csr{at: make([]uint32, len(c.at))}
	}
	return c
}

func (u *unpacker) strings() []string {
	lengths := unpack[uint32](u)
	total := 0
	for _, n := range lengths {
		total += int(n)
	}
	if total > len(u.in) || total < 0 {
		u.bad = true
		return nil
	}
	all := string(u.in[:total])
	u.in = u.in[total:]
	list := make([]string, len(lengths))
	for i, n := range lengths {
		list[i], all = all[:n], all[n:]
	}
	return list
}

func (u *unpacker) field(concepts, words int) field {
	f := field{rows: u.csr(concepts, words)}
	f.count = table[uint8](u, len(f.rows.to))
	f.size = table[uint16](u, concepts)
	copy(f.mean[:], table[float32](u, len(f.mean)))
	return f
}

// decode reads an index made from the books of a digest.
func decode(raw []byte, digest string) (*Engine, error) {
	rest, ok := bytes.CutPrefix(raw, []byte(format+digest))
	if !ok || len(rest) < sha256.Size {
		return nil, errDamaged
	}
	if sum := sha256.Sum256(rest[sha256.Size:]); !bytes.Equal(sum[:], rest[:sha256.Size]) {
		return nil, errDamaged
	}
	return decodeTables(rest[sha256.Size:], digest)
}

// textsOf is how many texts a concept has in the file.
const textsOf = 5

func decodeTables(in []byte, digest string) (*Engine, error) {
	u := &unpacker{in: in}
	e := &Engine{digest: digest, sides: map[string]*side{}}
	texts := u.strings()
	n := len(texts) / textsOf
	kinds, usual := table[uint8](u, n), table[float32](u, n)
	if u.bad || n > math.MaxInt32 {
		return nil, errDamaged
	}
	e.concepts = make([]concept, n)
	for i := range e.concepts {
		t := texts[i*textsOf:]
		e.concepts[i] = concept{uri: t[0], code: t[1], scheme: taxonomy.Scheme(t[2]), labels: [2]string{t[3], t[4]},
			kind: taxonomy.Kind(kinds[i]), usual: usual[i]}
	}
	e.needs, e.may, e.bridge.to = u.csr(n, n), u.csr(n, n), u.csr(n, n)
	e.bridge.weight = table[uint16](u, len(e.bridge.to.to))
	for _, lang := range sideOrder {
		e.sides[lang] = u.side(lang, n)
	}
	if u.bad || len(u.in) > 0 {
		return nil, errDamaged
	}
	return e, nil
}

func (u *unpacker) side(lang string, concepts int) *side {
	s := &side{lang: lang, words: u.strings()}
	n := len(s.words)
	s.vocab = make(map[string]uint32, n)
	for i, w := range s.words {
		if w == "" {
			u.bad = true
		}
		s.vocab[w] = uint32(i) //nolint:gosec // a place
	}
	s.idf = [2][]float32{table[float32](u, n), table[float32](u, n)}
	s.labels = u.rows(n)
	count := len(s.labels.at) - 1
	s.owner, s.role = table[uint32](u, count), table[uint8](u, count)
	for l, c := range s.owner {
		if int(c) >= concepts || len(s.labels.row(uint32(l))) == 0 { //nolint:gosec // a place
			u.bad = true
		}
	}
	s.anchors, s.mates = u.csr(n, count), u.csr(n, n)
	s.notes, s.bag = u.field(concepts, n), u.field(concepts, n)
	s.told = u.csr(n, concepts)
	s.levels = table[uint8](u, concepts)
	return s
}
