package musette

import (
	"encoding/json"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/bagit"
	"digiwork/internal/lib/zipsafe"

	"github.com/fxamacker/cbor/v2"
)

// archiveFormat and archiveVersion are what musette.json says of itself. It holds
// everything a person keeps, in words any program reads; no date of export, no
// address or id of the instance, no id of hers. docs/format.md documents each member.
const (
	archiveFormat  = "digiwork-musette"
	archiveVersion = 1
)

// archiveContext gives the members meaning for JSON-LD, without any address to fetch.
var archiveContext = map[string]any{
	"@vocab": "urn:digiwork:musette:1#",
	"id":     "@id",
	"title":  "https://schema.org/name", "start": "https://schema.org/startDate", "end": "https://schema.org/endDate",
	"organisation": "https://schema.org/memberOf", "place": "https://schema.org/location",
	"narrative": "https://schema.org/description", "sha256": "https://schema.org/sha256",
}

// Limits of an archive that comes in. Whatever is within them is read piece by piece.
const (
	archiveItemsMost    = 100_000
	archiveItemMost     = 32 << 20 // bytes of the history of one item
	archiveVersionsMost = 2_000    // versions of it
	archiveValueMost    = 4 << 20  // bytes of one version in musette.json
	archiveFileMost     = 64 << 20 // bytes of one file of a piece
	archiveWordsMost    = 1 << 20  // bytes of one file that a room wrote
	archiveJSONMost     = 1 << 30  // bytes of musette.json
)

var bagLimits = bagit.Limits{
	Listing:   zipsafe.Listing{Directory: 8 << 20, Files: 60_000},
	Unpacking: zipsafe.Unpacking{Bytes: 4 << 30, Ratio: 100, Floor: 256 << 20},
	File:      archiveJSONMost,
}

// archiveItem is one item, or one earlier version of it. The members stand in the
// order of their names: that is how they are written.
type archiveItem struct {
	Content      json.RawMessage            `json:"content,omitempty"` // in the words of its room
	CreatedAt    time.Time                  `json:"created_at"`
	End          string                     `json:"end,omitempty"`
	Face         *archiveFace               `json:"face,omitempty"`
	Facts        []archiveFact              `json:"facts,omitempty"`
	File         *archiveFile               `json:"file,omitempty"`
	Files        map[string]archiveDocument `json:"files,omitempty"` // that its room wrote, by name
	History      []archiveItem              `json:"history,omitempty"`
	Hours        float64                    `json:"hours_per_week,omitempty"`
	ID           kernel.ItemID              `json:"id,omitempty"`
	Import       *archiveLedger             `json:"import,omitempty"`
	Kind         string                     `json:"kind"`
	Links        []kernel.ItemID            `json:"links,omitempty"`
	Methods      []string                   `json:"methods,omitempty"`
	Narrative    string                     `json:"narrative,omitempty"`
	Never        bool                       `json:"never_shared,omitempty"`
	Organisation string                     `json:"organisation,omitempty"`
	Paid         *bool                      `json:"paid,omitempty"`
	Place        string                     `json:"place,omitempty"`
	Provenance   archiveProvenance          `json:"provenance"`
	Purpose      string                     `json:"purpose,omitempty"`
	Rest         []byte                     `json:"rest,omitempty"` // CBOR that only its room understands, base64
	Room         string                     `json:"room,omitempty"`
	Start        string                     `json:"start,omitempty"`
	Status       string                     `json:"status,omitempty"`
	Tags         []string                   `json:"tags,omitempty"`
	Title        string                     `json:"title,omitempty"`
	Tools        []string                   `json:"tools,omitempty"`
	UpdatedAt    time.Time                  `json:"updated_at"`
	Version      int64                      `json:"version"`
	WithWhom     string                     `json:"with_whom,omitempty"`

	size int64 // bytes it took in musette.json
	lost int   // earlier versions that are too many to come back
}

type archiveFact struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// archiveFile is a file of the vault that lies beside musette.json.
type archiveFile struct {
	Media  string `json:"media,omitempty"`
	Name   string `json:"name,omitempty"`
	Path   string `json:"path"` // below data/
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// archiveDocument is a file that a room wrote. With an address it is what verifies a
// credential, as it was found there.
type archiveDocument struct {
	Address string     `json:"address,omitempty"`
	KnownAt *time.Time `json:"known_at,omitempty"`
	Path    string     `json:"path"`
	SHA256  string     `json:"sha256"`
}

type archiveProvenance struct {
	At     *time.Time `json:"at,omitempty"`
	By     string     `json:"by,omitempty"`
	File   string     `json:"file,omitempty"`
	Format string     `json:"format,omitempty"`
	Source string     `json:"source"`
}

type archiveFace struct {
	Hides    []string     `json:"hides,omitempty"`
	Language string       `json:"language"`
	Shows    archiveShows `json:"shows"`
}

// archiveShows is gate.Shows, written with its members in order.
type archiveShows struct{ gate.Shows }

// MarshalJSON writes what the face shows with sorted members.
func (s archiveShows) MarshalJSON() ([]byte, error) { return plainJSON(s.Shows) }

// UnmarshalJSON reads it again.
func (s *archiveShows) UnmarshalJSON(raw []byte) error { return json.Unmarshal(raw, &s.Shows) }

type archiveLedger struct {
	File   string                   `json:"file,omitempty"`
	Format string                   `json:"format,omitempty"`
	Keys   map[string]kernel.ItemID `json:"keys,omitempty"`
	SHA256 string                   `json:"sha256,omitempty"`
}

// secretRoom holds private keys: its items are never in musette.json. They leave only
// when asked for, sealed by a passphrase.
const secretRoom = "signing"

// exported are the rooms whose items musette.json carries. What waits for a
// confirmation and the past of other instances are not the musette's content.
func exported(room string) bool {
	return room != pendingRoom && room != pastRoom && room != secretRoom
}

// inWords puts an item into words. Its history is added by the caller; files that its
// room writes are put into beside.
func (s *Service) inWords(it *gate.Item, beside *besides) (archiveItem, error) {
	v := it.View
	a := archiveItem{
		ID: it.ID, Room: it.Room, Version: it.Version, CreatedAt: it.CreatedAt.UTC(), UpdatedAt: it.UpdatedAt.UTC(),
		Kind: v.Kind, Title: v.Title, Start: v.Start, End: v.End, Organisation: v.Organisation, Place: v.Place,
		WithWhom: v.WithWhom, Purpose: v.Purpose, Status: v.Status, Paid: v.Paid, Hours: v.Hours, Narrative: v.Text,
		Tags: v.Tags, Links: v.Links, Never: v.Never,
		Provenance: archiveProvenance{Source: v.Provenance.Source, Format: v.Provenance.Format, File: v.Provenance.File, By: v.Provenance.By},
	}
	if at := v.Provenance.At; !at.IsZero() {
		at = at.UTC()
		a.Provenance.At = &at
	}
	for _, f := range v.Facts {
		a.Facts = append(a.Facts, archiveFact(f))
	}
	if b := v.Blob; b != nil {
		a.File = &archiveFile{Path: filePath(it), SHA256: b.SHA256, Size: b.Size, Media: b.Media, Name: b.Name}
		beside.blob(a.File.Path, b)
	}
	return a, s.bodyInWords(&a, it, beside)
}

// bodyInWords puts what the room keeps beside the view into words, where it has any.
func (s *Service) bodyInWords(a *archiveItem, it *gate.Item, beside *besides) error {
	switch {
	case len(it.Body) == 0, it.Room == room && a.Kind == kindPiece: // a preview is drawn again
		return nil
	case it.Room == room && IsActivity(a.Kind):
		var rest activityRest
		if err := cbor.Unmarshal(it.Body, &rest); err != nil {
			return unreadable(it.ID, err)
		}
		a.Tools, a.Methods = rest.Tools, rest.Methods
		return nil
	case it.Room == importRoom:
		var l ledger
		if err := cbor.Unmarshal(it.Body, &l); err != nil {
			return unreadable(it.ID, err)
		}
		a.Import = &archiveLedger{File: l.File, Format: l.Format, SHA256: l.SHA256, Keys: l.Keys}
		return nil
	}
	if f, ok, err := gate.FaceOf(*it); err != nil || ok {
		a.Face = &archiveFace{Language: f.Language, Shows: archiveShows{f.Shows}, Hides: f.Hides}
		return err
	}
	if words, files, ok := s.roomWords(it); ok {
		a.Content, a.Files = words, beside.documents(files)
		return nil
	}
	a.Rest = it.Body
	return nil
}

// item is the vault's item again; its file, if any, is put by the caller. files are
// those its room wrote.
func (a *archiveItem) item(rooms []Room, files documents) (gate.Item, error) {
	v := gate.View{
		Kind: a.Kind, Title: a.Title, Start: a.Start, End: a.End, Organisation: a.Organisation, Place: a.Place,
		WithWhom: a.WithWhom, Purpose: a.Purpose, Status: a.Status, Paid: a.Paid, Hours: a.Hours, Text: a.Narrative,
		Tags: a.Tags, Links: a.Links, Never: a.Never,
		Provenance: gate.Provenance{Source: a.Provenance.Source, Format: a.Provenance.Format, File: a.Provenance.File, By: a.Provenance.By},
	}
	if a.Provenance.At != nil {
		v.Provenance.At = *a.Provenance.At
	}
	for _, f := range a.Facts {
		v.Facts = append(v.Facts, gate.Fact(f))
	}
	it := gate.Item{ID: a.ID, Room: a.Room, Version: a.Version, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, View: v, Body: a.Rest}
	var err error
	switch {
	case a.Content != nil:
		it.Body, err = bodyFrom(rooms, it, a.Content, files)
	case a.Face != nil:
		it.Body, err = gate.FaceBody(gate.Face{Language: a.Face.Language, Hides: a.Face.Hides, Shows: a.Face.Shows.Shows})
	case a.Import != nil:
		it.Body, err = cbor.Marshal(ledger{File: a.Import.File, Format: a.Import.Format, SHA256: a.Import.SHA256, Keys: a.Import.Keys})
	case len(a.Tools)+len(a.Methods) > 0:
		it.Body, err = cbor.Marshal(activityRest{Tools: a.Tools, Methods: a.Methods})
	}
	return it, err
}

// filePath is where the file of a piece lies in an archive: told by its content and
// the name it had, safe on every system.
func filePath(it *gate.Item) string {
	b := it.View.Blob
	folder := "pieces/"
	if it.View.Provenance.Format == "open-badge" {
		folder = "credentials/"
	}
	return folder + b.SHA256[:min(16, len(b.SHA256))] + "-" + safeName(b.Name)
}

// safeName keeps letters, digits and a few signs of a name: what every file system
// and every unpacking program takes.
func safeName(name string) string {
	var b strings.Builder
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	s := strings.Trim(b.String(), "._")
	if len(s) > 80 {
		s = s[len(s)-80:]
	}
	if s == "" {
		return "file"
	}
	return s
}
