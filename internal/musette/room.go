package musette

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/lib/credential"
)

// Room is how the items of another room travel in an archive: what each keeps
// beside its View becomes words that any program reads, and comes back from them.
// The View, the history and the file of an item (View.Blob) travel by themselves.
//
// A Room holds no state and asks no database: an archive is checked without any.
// The items of a room that nobody answers for travel with their bodies as they are.
type Room interface {
	// Name is the Item.Room it answers for.
	Name() string

	// Pack puts the body of an item into words, written as encoding/json writes
	// them, and files that lie beside musette.json, by name: "credentials/a.json".
	// A file with an address is what verifies a credential (a context, a DID
	// document, a status list) and is listed in credentials/sources.json.
	Pack(it gate.Item) (words any, files map[string]credential.Document, err error)

	// Unpack gives the body again, byte for byte, of the words and files of Pack.
	Unpack(it gate.Item, words json.RawMessage, files map[string]credential.Document) (body []byte, err error)
}

// documents are the files of an item that its room wrote, by name.
type documents = map[string]credential.Document

func roomOf(rooms []Room, name string) Room {
	for _, r := range rooms {
		if r.Name() == name {
			return r
		}
	}
	return nil
}

// roomWords asks the room of an item for its words. ok is false when nobody answers
// for the room, or when its words do not give the same body again: then the body
// travels as it is, and nothing is lost.
func (s *Service) roomWords(it *gate.Item) (words json.RawMessage, files documents, ok bool) {
	r := roomOf(s.Rooms, it.Room)
	if r == nil {
		return nil, nil, false
	}
	said, files, err := r.Pack(*it)
	if err != nil {
		return nil, nil, false
	}
	if words, err = plainJSON(said); err != nil {
		return nil, nil, false
	}
	for name, d := range files {
		if !isBeside(name, d) {
			return nil, nil, false
		}
	}
	body, err := r.Unpack(*it, words, files)
	return words, files, err == nil && bytes.Equal(body, it.Body)
}

// bodyFrom gives the body of an item from the words of its room.
func bodyFrom(rooms []Room, it gate.Item, words json.RawMessage, files documents) ([]byte, error) {
	r := roomOf(rooms, it.Room)
	if r == nil {
		return nil, fmt.Errorf("this program has no room %q", clip(it.Room, 40))
	}
	return r.Unpack(it, words, files)
}

// plainJSON is v as JSON with sorted members, text as typed.
func plainJSON(v any) (json.RawMessage, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var again any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&again); err != nil {
		return nil, err
	}
	return asTyped(again)
}

// asTyped is v as JSON, without the escapes that are for web pages.
func asTyped(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimRight(out.Bytes(), "\n"), err
}

// isBeside reports whether a room may put a file beside musette.json under this name:
// one folder of small letters that is none of ours, then a safe name. What verifies
// credentials lies with them.
func isBeside(name string, d credential.Document) bool {
	folder, file, ok := strings.Cut(name, "/")
	switch {
	case !ok, folder == "", folder == "pieces", folder == keysFolder, len(d.Text) > archiveWordsMost,
		d.Address != "" && folder != credentialsFolder:
		return false
	}
	return strings.Trim(folder, "abcdefghijklmnopqrstuvwxyz") == "" && safeName(file) == file
}

const (
	credentialsFolder = "credentials"
	keysFolder        = "keys"
)

// sourcesPath lists what verifies the credentials of an archive.
const sourcesPath = credentialsFolder + "/" + credential.SourcesFile

// besides are the files that lie beside musette.json, by path.
type besides struct {
	blobs map[string]*gate.Blob
	texts documents
}

func newBesides() *besides {
	return &besides{blobs: map[string]*gate.Blob{}, texts: documents{}}
}

func (b *besides) blob(path string, blob *gate.Blob) { b.blobs[path] = blob }

// documents gives each file of an item its place, told by its content and its name.
func (b *besides) documents(files documents) map[string]archiveDocument {
	if len(files) == 0 {
		return nil
	}
	all := map[string]archiveDocument{}
	for name, d := range files {
		folder, file, _ := strings.Cut(name, "/")
		a := archiveDocument{Address: d.Address, SHA256: hexDigest(d.Text)}
		a.Path = folder + "/" + hexDigest([]byte(d.Address), d.Text)[:16] + "-" + file
		if !d.Since.IsZero() {
			since := d.Since.UTC()
			a.KnownAt = &since
		}
		if was, ok := b.texts[a.Path]; !ok || was.Since.Before(d.Since) {
			b.texts[a.Path] = d
		}
		all[name] = a
	}
	return all
}

func hexDigest(parts ...[]byte) string {
	sum := sha256.New()
	for _, p := range parts {
		sum.Write(p) //nolint:errcheck,gosec // a hash never fails
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// document is a file of the archive as its room gave it.
func (d archiveDocument) document(text []byte) credential.Document {
	var since time.Time
	if d.KnownAt != nil {
		since = *d.KnownAt
	}
	return credential.Document{Address: d.Address, Text: text, Since: since}
}
