package musette

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"

	"github.com/fxamacker/cbor/v2"
)

// archiveFormat and archiveVersion are the first things musette.json says of itself.
const (
	archiveFormat  = "digiwork-musette"
	archiveVersion = 1
)

// archive is musette.json: everything a person keeps, in words any program reads.
// It holds no date of export, no address or id of the instance, no id of hers.
// docs/format.md documents each member.
type archive struct {
	Context map[string]any `json:"@context"`
	Format  string         `json:"format"`
	Version int            `json:"version"`
	Items   []archiveItem  `json:"items"`
}

// archiveItem is one item, or one earlier version of it.
type archiveItem struct {
	ID           kernel.ItemID     `json:"id,omitempty"`
	Room         string            `json:"room,omitempty"`
	Version      int64             `json:"version"`
	CreatedAt    time.Time         `json:"created_at"`
	UpdatedAt    time.Time         `json:"updated_at"`
	Kind         string            `json:"kind"`
	Title        string            `json:"title,omitempty"`
	Start        string            `json:"start,omitempty"`
	End          string            `json:"end,omitempty"`
	Organisation string            `json:"organisation,omitempty"`
	Place        string            `json:"place,omitempty"`
	WithWhom     string            `json:"with_whom,omitempty"`
	Purpose      string            `json:"purpose,omitempty"`
	Status       string            `json:"status,omitempty"`
	Paid         *bool             `json:"paid,omitempty"`
	Hours        float64           `json:"hours_per_week,omitempty"`
	Narrative    string            `json:"narrative,omitempty"`
	Tools        []string          `json:"tools,omitempty"`
	Methods      []string          `json:"methods,omitempty"`
	Tags         []string          `json:"tags,omitempty"`
	Links        []kernel.ItemID   `json:"links,omitempty"`
	Facts        []archiveFact     `json:"facts,omitempty"`
	File         *archiveFile      `json:"file,omitempty"`
	Provenance   archiveProvenance `json:"provenance"`
	Never        bool              `json:"never_shared,omitempty"`
	Face         *archiveFace      `json:"face,omitempty"`
	Import       *archiveLedger    `json:"import,omitempty"`
	Rest         []byte            `json:"rest,omitempty"` // CBOR that only its room understands, base64
	History      []archiveItem     `json:"history,omitempty"`
}

type archiveFact struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type archiveFile struct {
	Path   string `json:"path"` // in the archive
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Media  string `json:"media,omitempty"`
	Name   string `json:"name,omitempty"`
}

type archiveProvenance struct {
	Source string     `json:"source"`
	Format string     `json:"format,omitempty"`
	File   string     `json:"file,omitempty"`
	At     *time.Time `json:"at,omitempty"`
	By     string     `json:"by,omitempty"`
}

type archiveFace struct {
	Language string     `json:"language"`
	Shows    gate.Shows `json:"shows"`
	Hides    []string   `json:"hides,omitempty"`
}

type archiveLedger struct {
	File   string                   `json:"file,omitempty"`
	Format string                   `json:"format,omitempty"`
	SHA256 string                   `json:"sha256,omitempty"`
	Keys   map[string]kernel.ItemID `json:"keys,omitempty"`
}

// archiveContext gives the members meaning for JSON-LD, without any address to fetch.
var archiveContext = map[string]any{
	"@vocab": "urn:digiwork:musette:1#",
	"id":     "@id",
	"title":  "https://schema.org/name", "start": "https://schema.org/startDate", "end": "https://schema.org/endDate",
	"organisation": "https://schema.org/memberOf", "place": "https://schema.org/location",
	"narrative": "https://schema.org/description", "sha256": "https://schema.org/sha256",
}

// exported are the rooms whose items an archive carries. What waits for a
// confirmation and the past of other instances are not the musette's content.
func exported(room string) bool { return room != pendingRoom && room != pastRoom }

// toArchive puts an item into words. Its history is added by the caller.
func toArchive(it *gate.Item) (archiveItem, error) {
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
	}
	return a, a.body(it)
}

// body puts what the room keeps beside the view into words, where it has any.
func (a *archiveItem) body(it *gate.Item) error {
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
		a.Face = &archiveFace{Language: f.Language, Shows: f.Shows, Hides: f.Hides}
		return err
	}
	a.Rest = it.Body
	return nil
}

// item is the vault's item again. Its file, if any, is put by the caller.
func (a *archiveItem) item() (gate.Item, error) {
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
	case a.Face != nil:
		it.Body, err = gate.FaceBody(gate.Face{Language: a.Face.Language, Shows: a.Face.Shows, Hides: a.Face.Hides})
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

// encode writes musette.json: keys sorted, text as typed, the same bytes for the
// same musette.
func (a *archive) encode() ([]byte, error) {
	slices.SortFunc(a.Items, func(x, y archiveItem) int {
		if c := strings.Compare(x.Room, y.Room); c != 0 {
			return c
		}
		return strings.Compare(string(x.ID), string(y.ID))
	})
	raw, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	var any any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&any); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(any); err != nil { // maps are written with sorted keys
		return nil, err
	}
	return out.Bytes(), nil
}

// Limits of an archive that comes in.
const (
	archiveJSONMost  = 64 << 20
	archiveItemsMost = 100_000
	archivePastMost  = 1000 // earlier versions of one item
)

// decodeArchive reads musette.json strictly enough to keep it: known format, ids
// that are ids, versions that rise.
func decodeArchive(raw []byte) (*archive, error) {
	var a archive
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, fmt.Errorf("musette.json: %w", err)
	}
	switch {
	case a.Format != archiveFormat:
		return nil, fmt.Errorf("musette.json: its format is %q, not %q", a.Format, archiveFormat)
	case a.Version > archiveVersion:
		return nil, fmt.Errorf("musette.json: version %d was written by a newer program", a.Version)
	case len(a.Items) > archiveItemsMost:
		return nil, fmt.Errorf("musette.json: more than %d items", archiveItemsMost)
	}
	seen := map[kernel.ItemID]bool{}
	for i := range a.Items {
		it := &a.Items[i]
		if err := it.check(); err != nil {
			return nil, fmt.Errorf("musette.json, item %d: %w", i+1, err)
		}
		if seen[it.ID] {
			return nil, fmt.Errorf("musette.json: two items are called %s", it.ID)
		}
		seen[it.ID] = true
	}
	return &a, nil
}

func (a *archiveItem) check() error {
	switch {
	case !isID(string(a.ID)):
		return fmt.Errorf("%q is no id", clip(string(a.ID), 80))
	case a.Room == "" || len(a.Room) > 40 || !exported(a.Room):
		return fmt.Errorf("%s: %q is no room", a.ID, clip(a.Room, 40))
	case a.Version < 1 || len(a.History) > archivePastMost:
		return fmt.Errorf("%s: version %d with %d earlier ones", a.ID, a.Version, len(a.History))
	case a.File != nil && (len(a.File.SHA256) != 64 || a.File.Size < 0):
		return fmt.Errorf("%s: its file has no digest", a.ID)
	}
	last := int64(0)
	for _, h := range a.History {
		if h.Version <= last || h.Version >= a.Version || len(h.History) > 0 {
			return fmt.Errorf("%s: its history is out of order", a.ID)
		}
		last = h.Version
	}
	return nil
}

// isID reports whether s has the form of an id: three letters, an underscore,
// letters and digits.
func isID(s string) bool {
	if len(s) < 5 || len(s) > 60 || s[3] != '_' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if i != 3 && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
