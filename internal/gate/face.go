package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// room is where the gate keeps what is the owner's own: faces and the profile.
const room = "gate"

// kindFace marks the items that are faces.
const kindFace = "face"

// ActivityKinds are the kinds of View a rule may match: what a person does.
var ActivityKinds = []string{"job", "mission", "volunteering", "care", "learning", "mandate", "project", "other"}

// Fields of an activity a face may hide.
var Fields = []string{"dates", "organisation", "place", "with_whom", "purpose", "status", "paid", "hours", "text", "tags"}

// ProfileFields are what a person may say of herself on a face.
var ProfileFields = []string{"name", "headline", "about", "email", "phone", "city", "website", "languages"}

// Face is a choice of what to show of one life: the same material, another side.
type Face struct {
	ID       kernel.ItemID
	Version  int64
	Name     string
	Language string // of the page others see: "fr" or "en"
	Shows    Shows
	Hides    []string // ids of items, or names of Fields
}

// Shows is what a face lets see.
type Shows struct {
	Profile    []string        `json:"profile" cbor:"1,keyasint,omitempty"`
	Activities Choice          `json:"activities" cbor:"2,keyasint"`
	Pieces     []kernel.ItemID `json:"pieces,omitempty" cbor:"3,keyasint,omitempty"`    // shown again without metadata
	Originals  []kernel.ItemID `json:"originals,omitempty" cbor:"4,keyasint,omitempty"` // of pieces, sent byte for byte
	Items      []kernel.ItemID `json:"items,omitempty" cbor:"5,keyasint,omitempty"`     // of other rooms: competences, credentials
}

// Choice is either a list of items or a rule.
type Choice struct {
	IDs  []kernel.ItemID `cbor:"1,keyasint,omitempty"`
	Rule *Rule           `cbor:"2,keyasint,omitempty"`
}

// Rule chooses activities by what they are. Empty members match everything.
type Rule struct {
	Kinds []string `json:"kinds,omitempty" cbor:"1,keyasint,omitempty"`
	Tags  []string `json:"tags,omitempty" cbor:"2,keyasint,omitempty"`
	From  string   `json:"from,omitempty" cbor:"3,keyasint,omitempty"` // kernel.Date
	To    string   `json:"to,omitempty" cbor:"4,keyasint,omitempty"`
	Paid  *bool    `json:"paid,omitempty" cbor:"5,keyasint,omitempty"`
}

// MarshalJSON writes [ids] or {"rule": …}.
func (c Choice) MarshalJSON() ([]byte, error) {
	if c.Rule != nil {
		return json.Marshal(map[string]*Rule{"rule": c.Rule})
	}
	if c.IDs == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(c.IDs)
}

// UnmarshalJSON reads [ids] or {"rule": …}.
func (c *Choice) UnmarshalJSON(raw []byte) error {
	*c = Choice{}
	if raw = bytes.TrimSpace(raw); len(raw) > 0 && raw[0] == '[' {
		return json.Unmarshal(raw, &c.IDs)
	}
	var r struct {
		Rule *Rule `json:"rule"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return err
	}
	c.Rule = r.Rule
	return nil
}

const (
	faceNameMost = 120
	choiceMost   = 5000
)

var (
	errFaceName  = kernel.NewFault(kernel.Invalid, "gate.face.name").On("name")
	errFaceLang  = kernel.NewFault(kernel.Invalid, "gate.face.language").On("language")
	errFaceField = kernel.NewFault(kernel.Invalid, "gate.face.field").On("shows")
	errFaceKind  = kernel.NewFault(kernel.Invalid, "gate.face.kind").On("shows")
	errFaceDates = kernel.NewFault(kernel.Invalid, "gate.face.dates").On("shows")
	errFaceMany  = kernel.NewFault(kernel.Invalid, "gate.face.too_many").On("shows")
	errFaceItem  = kernel.NewFault(kernel.Invalid, "gate.face.item").On("shows")
	errNoFace    = kernel.NewFault(kernel.NotFound, "gate.no_face")
)

// check says what is wrong with a face, if anything.
func (f *Face) check() error {
	f.Name = strings.TrimSpace(f.Name)
	if f.Name == "" || utf8.RuneCountInString(f.Name) > faceNameMost {
		return errFaceName.With("max", faceNameMost)
	}
	if f.Language != "fr" && f.Language != "en" {
		return errFaceLang
	}
	for _, p := range f.Shows.Profile {
		if !slices.Contains(ProfileFields, p) {
			return errFaceField
		}
	}
	if len(f.Shows.Activities.IDs) > choiceMost || len(f.Hides) > choiceMost || len(f.Shows.Pieces) > choiceMost || len(f.Shows.Items) > choiceMost {
		return errFaceMany.With("max", choiceMost)
	}
	if r := f.Shows.Activities.Rule; r != nil {
		return r.check()
	}
	return nil
}

func (r *Rule) check() error {
	for _, k := range r.Kinds {
		if !slices.Contains(ActivityKinds, k) {
			return errFaceKind
		}
	}
	from, err := kernel.ParseDate(r.From)
	if err != nil {
		return errFaceDates.Because(err)
	}
	to, err := kernel.ParseDate(r.To)
	if err != nil {
		return errFaceDates.Because(err)
	}
	if from != "" && to != "" && from.First().After(to.Last()) {
		return errFaceDates
	}
	return nil
}

// matches reports whether v is an activity the rule chooses.
func (r *Rule) matches(v View) bool {
	if !slices.Contains(ActivityKinds, v.Kind) || len(r.Kinds) > 0 && !slices.Contains(r.Kinds, v.Kind) {
		return false
	}
	if r.Paid != nil && (v.Paid == nil || *v.Paid != *r.Paid) {
		return false
	}
	if len(r.Tags) > 0 && !slices.ContainsFunc(v.Tags, func(t string) bool {
		return slices.ContainsFunc(r.Tags, func(want string) bool { return strings.EqualFold(t, want) })
	}) {
		return false
	}
	start, end := kernel.Date(v.Start), kernel.Date(v.End)
	if from := kernel.Date(r.From); from != "" && end != "" && end.Last().Before(from.First()) {
		return false
	}
	if to := kernel.Date(r.To); to != "" && (start == "" || start.First().After(to.Last())) {
		return false
	}
	return true
}

// picks lists the items a face shows, in the order of their ids. What may never
// be shared is never picked, whatever the face says.
func (f Face) picks(m *musette) []*Item {
	var all []*Item
	hidden := func(id kernel.ItemID) bool { return slices.Contains(f.Hides, string(id)) }
	if r := f.Shows.Activities.Rule; r != nil {
		for name, items := range m.rooms {
			if name == room {
				continue
			}
			for i := range items {
				if it := &items[i]; !it.View.Never && !hidden(it.ID) && r.matches(it.View) {
					all = append(all, it)
				}
			}
		}
	}
	for _, id := range slices.Concat(f.Shows.Activities.IDs, f.Shows.Items) {
		if it, ok := m.item(id); ok && it.Room != room && !it.View.Never && !hidden(id) {
			all = append(all, it)
		}
	}
	slices.SortFunc(all, func(a, b *Item) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return slices.CompactFunc(all, func(a, b *Item) bool { return a.ID == b.ID })
}

type faceBody struct {
	Language string   `cbor:"1,keyasint"`
	Shows    Shows    `cbor:"2,keyasint"`
	Hides    []string `cbor:"3,keyasint,omitempty"`
}

func (f Face) item() (Item, error) {
	body, err := encoding.Marshal(faceBody{f.Language, f.Shows, f.Hides})
	return Item{
		ID: f.ID, Room: room, Version: f.Version, Body: body,
		View: View{Kind: kindFace, Title: f.Name, Never: true, Provenance: Provenance{Source: Declared}},
	}, err
}

// FaceOf reads an item that is a face; ok is false for any other.
func FaceOf(it Item) (f Face, ok bool, err error) {
	if it.Room != room || it.View.Kind != kindFace {
		return Face{}, false, nil
	}
	f, err = faceOf(it)
	return f, err == nil, err
}

// FaceBody is the body of the item of a face, for an archive that brings it back.
func FaceBody(f Face) ([]byte, error) {
	return encoding.Marshal(faceBody{f.Language, f.Shows, f.Hides})
}

func faceOf(it Item) (Face, error) {
	var b faceBody
	if err := decoding.Unmarshal(it.Body, &b); err != nil {
		return Face{}, err
	}
	return Face{ID: it.ID, Version: it.Version, Name: it.View.Title, Language: b.Language, Shows: b.Shows, Hides: b.Hides}, nil
}

// SaveFace makes a face (no ID) or replaces version f.Version of one.
//
// Invalid with the member at fault; Invalid if it names an item that is not hers
// or may never be shared; Conflict if another version is there.
func (s *Service) SaveFace(ctx context.Context, f Face) (Face, error) {
	p, err := s.Own(ctx)
	if err != nil {
		return Face{}, err
	}
	if err := f.check(); err != nil {
		return Face{}, err
	}
	if err := s.allShareable(ctx, p, f); err != nil {
		return Face{}, err
	}
	if f.ID == "" {
		f.ID, f.Version = kernel.NewID[kernel.ItemID]("fac", s.DB.Now()), 0
	} else if _, err := s.Face(ctx, p, f.ID); err != nil {
		return Face{}, err
	}
	it, err := f.item()
	if err != nil {
		return Face{}, err
	}
	sealed, err := s.Seal(ctx, p, it)
	if err != nil {
		return Face{}, err
	}
	var made string
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		made, _, err = once.Do(ctx, tx, func() (string, error) {
			it, err := s.Put(ctx, tx, sealed)
			return string(it.ID), err
		})
		return err
	})
	if err != nil {
		return Face{}, err
	}
	return s.Face(ctx, p, kernel.ItemID(made))
}

func (s *Service) allShareable(ctx context.Context, p Pass, f Face) error {
	m, err := s.all(ctx, p.Owner())
	if err != nil {
		return err
	}
	for _, ids := range [][]kernel.ItemID{f.Shows.Activities.IDs, f.Shows.Items, f.Shows.Pieces, f.Shows.Originals} {
		for _, id := range ids {
			if it, ok := m.item(id); !ok || it.View.Never || it.Room == room {
				return errFaceItem
			}
		}
	}
	return nil
}

// Face opens one face.
func (s *Service) Face(ctx context.Context, p Pass, id kernel.ItemID) (Face, error) {
	it, err := s.Get(ctx, p, id)
	if err != nil {
		return Face{}, err
	}
	if it.Room != room || it.View.Kind != kindFace {
		return Face{}, errNoFace
	}
	return faceOf(it)
}

// Faces lists the faces of the actor, oldest first.
func (s *Service) Faces(ctx context.Context) ([]Face, error) {
	p, err := s.Own(ctx)
	if err != nil {
		return nil, err
	}
	items, err := s.List(ctx, p, room)
	if err != nil {
		return nil, err
	}
	faces := []Face{}
	for _, it := range items {
		if it.View.Kind != kindFace {
			continue
		}
		f, err := faceOf(it)
		if err != nil {
			return nil, err
		}
		faces = append(faces, f)
	}
	return faces, nil
}

// DeleteFace removes a face and withdraws every grant that shows it.
func (s *Service) DeleteFace(ctx context.Context, id kernel.ItemID) error {
	p, err := s.Own(ctx)
	if err != nil {
		return err
	}
	if _, err := s.Face(ctx, p, id); err != nil {
		return err
	}
	grants, err := s.Grants(ctx)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			for _, g := range grants {
				if g.Face == id && g.Withdrawn.IsZero() {
					if err := withdrawGrant(ctx, tx, p.Owner(), g.ID); err != nil {
						return "", err
					}
				}
			}
			return string(id), s.Delete(ctx, tx, p, id, 0)
		})
		return err
	})
}
