package credential

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"
	"time"

	"digiwork/internal/lib/credential/did"
	"digiwork/internal/lib/credential/jose"
	"digiwork/internal/lib/ijson"
	"digiwork/internal/lib/jsonld"
)

// Source says where a document of a Library comes from and since when it is known.
type Source struct {
	Name  string    // of the file
	Since time.Time // zero when not known
}

// Library is what a verifier has at hand. Fill it before it is used; it may then be
// used by several goroutines.
type Library struct {
	contexts map[string]any
	docs     map[string][]held // by identifier or address
	names    map[string][]held // by the last part of a file's name

	once      sync.Once
	processor *jsonld.Processor
}

type held struct {
	doc    object
	token  string // when the document is a signed token
	text   []byte // as given
	source Source
}

// ErrSource is a file that is no source we understand.
var ErrSource = errors.New("not a context, document, status list or archive")

// Limits of an archive.
const (
	maxArchive      = 100 << 20
	maxArchiveFiles = 10_000
)

// SourcesFile is the list of documents in an archive: what stands where, under which
// address, known since when.
const SourcesFile = "sources.json"

// Add takes one file: a context (recognised by its content, or wrapped with its
// address), a document or status list (found by its identifier), a signed status list,
// or an archive. A file of a folder also answers for the addresses that end in its
// name, where a document is known by where it stands (OB 2.0).
func (l *Library) Add(name string, text []byte) error {
	if bytes.HasPrefix(text, []byte("PK\x03\x04")) {
		return l.addArchive(name, text)
	}
	return l.add(Source{Name: name}, "", text)
}

// AddDocument takes one document that was found at an address at a time: the caller
// vouches for having found it there.
func (l *Library) AddDocument(address string, text []byte, since time.Time) error {
	return l.add(Source{Name: address, Since: since}, address, text)
}

func (l *Library) add(s Source, address string, text []byte) error {
	trimmed := strings.TrimSpace(string(text[:min(len(text), 4<<20)]))
	if jose.Looks(trimmed) {
		t, err := jose.Parse(trimmed)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, ErrSource)
		}
		l.put(address, held{doc: tokenCredential(t), token: trimmed, text: text, source: s})
		return nil
	}
	v, err := ijson.Decode(text, ijson.Limits{})
	if err != nil {
		return fmt.Errorf("%s: %w: %w", s.Name, ErrSource, err)
	}
	docs, ok := v.([]any)
	if !ok {
		docs = []any{v}
	}
	for _, e := range docs {
		doc, ok := e.(object)
		if !ok {
			return fmt.Errorf("%s: %w", s.Name, ErrSource)
		}
		l.addObject(s, address, doc, text)
	}
	return nil
}

func (l *Library) addObject(s Source, address string, doc object, text []byte) {
	// The form in which processors hand documents around: {documentUrl, document}.
	if inner, ok := doc["document"].(object); ok {
		if a, ok := doc["documentUrl"].(string); ok {
			address, doc = a, inner
		}
	}
	if a, ok := recognise(doc); ok {
		l.putContext(a, doc)
		return
	}
	if _, ok := doc["@context"]; ok && address != "" && doc["id"] == nil && doc["type"] == nil {
		l.putContext(address, doc)
	}
	l.put(address, held{doc: doc, text: text, source: s})
}

// putContext takes a context; a pinned address keeps its pinned content.
func (l *Library) putContext(address string, doc object) {
	if a, ok := recognise(doc); !ok || a != address {
		if _, err := PinnedContext(address); !errors.Is(err, ErrContextUnknown) {
			return
		}
	}
	if l.contexts == nil {
		l.contexts = map[string]any{}
	}
	l.contexts[address] = doc
}

func (l *Library) put(address string, h held) {
	if l.docs == nil {
		l.docs, l.names = map[string][]held{}, map[string][]held{}
	}
	if address != "" {
		l.docs[address] = append(l.docs[address], h)
	}
	// A document found at an address speaks for that address only, whatever it calls
	// itself; a file is taken at its word by whoever hands it over.
	if id, ok := h.doc["id"].(string); ok && id != address {
		if web, err := did.WebAddress(id); address == "" || err == nil && web == address {
			l.docs[id] = append(l.docs[id], h)
		}
	}
	if address == "" {
		name := path.Base(h.source.Name)
		l.names[name] = append(l.names[name], h)
	}
}

// addArchive reads an archive of ours: a sources.json names each document's address.
func (l *Library) addArchive(name string, text []byte) error {
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil || len(z.File) > maxArchiveFiles {
		return fmt.Errorf("%s: %w", name, ErrSource)
	}
	left := int64(maxArchive)
	read := func(f *zip.File) ([]byte, error) {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(io.LimitReader(r, left+1))
		if left -= int64(len(b)); left < 0 && err == nil {
			err = fmt.Errorf("%s: %w: too large", name, ErrSource)
		}
		return b, errors.Join(err, r.Close())
	}
	found := false
	for _, f := range z.File {
		if path.Base(f.Name) != SourcesFile {
			continue
		}
		list, err := read(f)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := l.addListed(z, path.Dir(f.Name), list, read); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		found = true
	}
	if !found {
		return fmt.Errorf("%s: %w: an archive without %s", name, ErrSource, SourcesFile)
	}
	return nil
}

func (l *Library) addListed(z *zip.Reader, folder string, text []byte, read func(*zip.File) ([]byte, error)) error {
	list, err := ijson.Object(text, ijson.Limits{})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSource, err)
	}
	byName := map[string]*zip.File{}
	for _, f := range z.File {
		byName[f.Name] = f
	}
	docs, _ := list["documents"].([]any)
	for _, e := range docs {
		m, _ := e.(object)
		address, _ := m["address"].(string)
		file, _ := m["file"].(string)
		since, _ := m["known_at"].(string)
		f := byName[path.Join(folder, file)]
		if address == "" || f == nil {
			return fmt.Errorf("%w: %s names a file that is not there", ErrSource, SourcesFile)
		}
		at, err := time.Parse(time.RFC3339, since)
		if err != nil {
			return fmt.Errorf("%w: %s has no date for %.100s", ErrSource, SourcesFile, address)
		}
		b, err := read(f)
		if err != nil {
			return err
		}
		if err := l.AddDocument(address, b, at); err != nil {
			return err
		}
	}
	return nil
}

// load gives a context: the pinned one, or one supplied.
func (l *Library) load(address string) (any, error) {
	doc, err := PinnedContext(address)
	if l == nil {
		return doc, err
	}
	// A supplied context of a pinned address was recognised by its digest, so it may
	// stand in for one that is not built in, or for its other content.
	if c, ok := l.contexts[address]; ok {
		return c, nil
	}
	return doc, err
}

var pinnedReader = &jsonld.Processor{Load: PinnedContext}

// reader gives the processor that knows the contexts of the library.
func (l *Library) reader() *jsonld.Processor {
	if l == nil || len(l.contexts) == 0 {
		return pinnedReader
	}
	l.once.Do(func() { l.processor = &jsonld.Processor{Load: l.load} })
	return l.processor
}

// find gives what is known under an identifier or address, the first added first.
func (l *Library) find(address string) []held {
	if l == nil || address == "" {
		return nil
	}
	if found := l.docs[address]; len(found) > 0 {
		return found
	}
	if web, err := did.WebAddress(address); err == nil {
		return l.docs[web]
	}
	return nil
}

// mirrored is find for documents known by where they stand: a file counts for the
// addresses that end in its name, before one that only says the same identifier.
func (l *Library) mirrored(address string) []held {
	if l == nil {
		return nil
	}
	place, _, _ := strings.Cut(address, "#")
	place, _, _ = strings.Cut(place, "?")
	if i := strings.LastIndexByte(place, '/'); i >= 0 && i+1 < len(place) {
		if found := l.names[place[i+1:]]; len(found) > 0 {
			return found
		}
	}
	return l.find(address)
}

// document finds the document of a controller.
func (l *Library) document(id string) (*did.Document, Source, error) {
	if doc, ok, err := did.Resolve(id); ok {
		return doc, Source{}, err
	}
	var first error
	for _, h := range l.find(id) {
		doc, err := did.Parse(h.doc)
		if err == nil && doc.ID == id {
			return doc, h.source, nil
		}
		if err == nil {
			err = fmt.Errorf("%w: it is the document of %s", did.ErrDocument, doc.ID)
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = errAbsent
	}
	return nil, Source{}, first
}

// errAbsent is a document that is not at hand.
var errAbsent = errors.New("not at hand")
