package gate

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/seal"

	"github.com/fxamacker/cbor/v2"
)

// Item is something a person keeps. Treat what the gate returns as read-only:
// a list may be shared between requests.
type Item struct {
	ID        kernel.ItemID
	Room      string
	Version   int64 // rises by one with each change, from 1
	CreatedAt time.Time
	UpdatedAt time.Time
	View      View
	Body      []byte // only the room understands it

	memo *atomic.Value
}

// Memo keeps what a room made of an item, as long as the item stays in memory:
// make is called when nothing is kept yet, perhaps by several requests at once.
func (it *Item) Memo(make func() any) any {
	if it.memo == nil {
		return make()
	}
	if v := it.memo.Load(); v != nil {
		return v
	}
	v := make()
	it.memo.Store(v)
	return v
}

// View is what other rooms and faces may be shown of an item.
type View struct {
	Kind         string          `cbor:"1,keyasint,omitempty"`
	Title        string          `cbor:"2,keyasint,omitempty"`
	Start        string          `cbor:"3,keyasint,omitempty"` // kernel.Date
	End          string          `cbor:"4,keyasint,omitempty"`
	Organisation string          `cbor:"5,keyasint,omitempty"`
	Place        string          `cbor:"6,keyasint,omitempty"`
	WithWhom     string          `cbor:"7,keyasint,omitempty"`
	Purpose      string          `cbor:"8,keyasint,omitempty"`
	Status       string          `cbor:"9,keyasint,omitempty"`
	Text         string          `cbor:"10,keyasint,omitempty"`
	Paid         *bool           `cbor:"11,keyasint,omitempty"`
	Hours        float64         `cbor:"12,keyasint,omitempty"` // a week
	Tags         []string        `cbor:"13,keyasint,omitempty"`
	Links        []kernel.ItemID `cbor:"14,keyasint,omitempty"` // items this one speaks of
	Provenance   Provenance      `cbor:"15,keyasint"`
	Never        bool            `cbor:"16,keyasint,omitempty"` // may never be shown to anybody
	Facts        []Fact          `cbor:"17,keyasint,omitempty"`
	Blob         *Blob           `cbor:"18,keyasint,omitempty"` // the file of a piece
}

// Fact is a named text of a view, such as a field of the profile.
type Fact struct {
	Name string `cbor:"1,keyasint"`
	Text string `cbor:"2,keyasint"`
}

// Provenance says where an item comes from.
type Provenance struct {
	Source string    `cbor:"1,keyasint,omitempty"` // Declared, Imported or Attested
	Format string    `cbor:"2,keyasint,omitempty"` // of the file it was imported from
	File   string    `cbor:"3,keyasint,omitempty"`
	At     time.Time `cbor:"4,keyasint,omitzero"`
	By     string    `cbor:"5,keyasint,omitempty"` // who attests
}

// The sources of a provenance.
const (
	Declared = "declared"
	Imported = "imported"
	Attested = "attested"
)

// plain is what is sealed of an item.
type plain struct {
	View View   `cbor:"1,keyasint"`
	Body []byte `cbor:"2,keyasint"`
}

var encoding = func() cbor.EncMode {
	m, err := cbor.EncOptions{Time: cbor.TimeRFC3339Nano, TimeTag: cbor.EncTagNone}.EncMode()
	if err != nil {
		panic(err)
	}
	return m
}()

var decoding = func() cbor.DecMode {
	m, err := cbor.DecOptions{MaxNestedLevels: 16}.DecMode()
	if err != nil {
		panic(err)
	}
	return m
}()

var (
	errNoItem   = kernel.NewFault(kernel.NotFound, "gate.no_item")
	errStale    = kernel.NewFault(kernel.Conflict, "gate.stale").On("version")
	errTooBig   = kernel.NewFault(kernel.TooLarge, "gate.item_too_big")
	errMany     = kernel.NewFault(kernel.TooMany, "gate.quota.items")
	errHeavy    = kernel.NewFault(kernel.TooMany, "gate.quota.bytes")
	errNoVault  = kernel.NewFault(kernel.Gone, "gate.no_vault")
	errBadText  = kernel.NewFault(kernel.Invalid, "gate.nul")
	errSameItem = errors.New("gate: an item with this id exists")
)

// itemMost is the size of the largest item, without its files.
const itemMost = 256 << 10

// Sealed is an item ready to be put: sealed outside the transaction, so that the
// writer does no cryptography.
type Sealed struct {
	owner  kernel.PersonID
	item   Item
	sealed []byte
	made   time.Time // kept when an archive brings it back; zero otherwise
	answer *opened   // the loan it answers; nil when the owner writes herself
}

// ID is the id of the item.
func (s Sealed) ID() kernel.ItemID { return s.item.ID }

// Seal prepares it for Put. it.Version is the version it replaces, 0 to create.
//
// TooLarge above 256 KiB.
func (s *Service) Seal(ctx context.Context, p Pass, it Item) (Sealed, error) {
	owner, err := p.own()
	if err != nil {
		return Sealed{}, err
	}
	return s.seal(ctx, owner, it)
}

func (s *Service) seal(ctx context.Context, owner kernel.PersonID, it Item) (Sealed, error) {
	key, err := s.key(ctx, owner)
	if err != nil {
		return Sealed{}, err
	}
	it.Version++
	raw, err := encoding.Marshal(plain{it.View, it.Body})
	if err != nil {
		return Sealed{}, fmt.Errorf("encode an item: %w", err)
	}
	if len(raw) > itemMost {
		return Sealed{}, errTooBig
	}
	if hasNUL(it.View) {
		return Sealed{}, errBadText
	}
	return Sealed{owner: owner, item: it, sealed: key.Seal(place(owner, it.ID, it.Room, it.Version), raw)}, nil
}

// place is the additional data of an item: it opens nowhere else.
func place(owner kernel.PersonID, id kernel.ItemID, room string, version int64) string {
	b := make([]byte, 0, len(owner)+len(id)+len(room)+16)
	b = append(b, "item\x00"...)
	b = append(append(b, owner...), 0)
	b = append(append(b, id...), 0)
	b = append(append(b, room...), 0)
	for version > 0 {
		b = append(b, byte('0'+version%10))
		version /= 10
	}
	return string(b)
}

func hasNUL(v View) bool {
	for _, s := range []string{v.Title, v.Organisation, v.Place, v.WithWhom, v.Purpose, v.Status, v.Text} {
		for i := range len(s) {
			if s[i] == 0 {
				return true
			}
		}
	}
	return false
}

// key is the data key of owner. The caller reads owner's rows in the same
// request, so a key left in memory opens nothing of somebody who was erased.
func (s *Service) key(ctx context.Context, owner kernel.PersonID) (*seal.DataKey, error) {
	k, err := s.Keys.Of(ctx, string(owner))
	if errors.Is(err, seal.ErrNoKey) {
		return nil, errNoVault.Because(err)
	}
	return k, err
}

// Put writes a sealed item in the caller's transaction and keeps the version it
// replaces in the item's history.
//
// Conflict if another version is there, TooMany beyond the person's quota, Gone
// if she has left.
func (s *Service) Put(ctx context.Context, tx *db.Tx, sealed Sealed) (Item, error) {
	if sealed.answer != nil {
		return s.putAnswer(ctx, tx, sealed)
	}
	it, owner := sealed.item, sealed.owner
	it.UpdatedAt, it.CreatedAt = tx.Now, tx.Now
	if !sealed.made.IsZero() {
		it.CreatedAt = sealed.made
	}
	n := 0
	if it.Version == 1 {
		n = 1
	}
	if err := s.spend(ctx, tx, owner, n, len(sealed.sealed)); err != nil {
		return Item{}, err
	}
	if it.Version == 1 {
		return it, insertItem(ctx, tx, owner, it, sealed.sealed)
	}
	made, err := keepVersion(ctx, tx, owner, it.ID, it.Version-1)
	if err != nil {
		return Item{}, err
	}
	it.CreatedAt = made
	return it, updateItem(ctx, tx, owner, it, sealed.sealed)
}

// spend counts what is written against the person's quota and marks her musette
// as changed: what is in memory of it is no longer used.
func (s *Service) spend(ctx context.Context, tx *db.Tx, owner kernel.PersonID, items, bytes int) error {
	err := touchOwner(ctx, tx, owner, items, bytes, s.limits())
	if !errors.Is(err, errMany) {
		return err
	}
	o, err := ownerRow(ctx, tx, owner)
	switch {
	case err != nil:
		return err
	case o.bytes+int64(bytes) > s.limits().Bytes:
		return errHeavy.With("max", s.limits().Bytes)
	}
	return errMany.With("max", s.limits().Items)
}

// Get opens one item.
//
// NotFound if the owner has none with this id.
func (s *Service) Get(ctx context.Context, p Pass, id kernel.ItemID) (Item, error) {
	owner, err := p.own()
	if err != nil {
		return Item{}, err
	}
	r, err := itemRow(ctx, s.DB.Read(), owner, id)
	if err != nil {
		return Item{}, err
	}
	key, err := s.key(ctx, owner)
	if err != nil {
		return Item{}, err
	}
	return r.open(key, owner)
}

// Delete removes an item and its history. version 0 removes whatever is there.
//
// NotFound if there is none, Conflict if another version is there.
func (s *Service) Delete(ctx context.Context, tx *db.Tx, p Pass, id kernel.ItemID, version int64) error {
	owner, err := p.own()
	if err != nil {
		return err
	}
	r, err := itemRow(ctx, tx, owner, id)
	if err != nil {
		return err
	}
	if version != 0 && r.version != version {
		return errStale
	}
	freed, err := deleteItem(ctx, tx, owner, id)
	if err != nil {
		return err
	}
	return touchOwner(ctx, tx, owner, -1, -freed, Limits{Items: 1 << 60, Bytes: 1 << 60})
}

// Versions opens the earlier versions of an item, newest first.
func (s *Service) Versions(ctx context.Context, p Pass, id kernel.ItemID) ([]Item, error) {
	owner, err := p.own()
	if err != nil {
		return nil, err
	}
	rows, err := versionRows(ctx, s.DB.Read(), owner, id)
	if err != nil {
		return nil, err
	}
	key, err := s.key(ctx, owner)
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(rows))
	for i, r := range rows {
		if items[i], err = r.open(key, owner); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// open opens a row under its owner's key.
func (r row) open(key *seal.DataKey, owner kernel.PersonID) (Item, error) {
	raw, err := key.Open(place(owner, kernel.ItemID(r.id), r.room, r.version), r.sealed)
	if err != nil {
		return Item{}, fmt.Errorf("item %s: %w", r.id, err)
	}
	var c plain
	if err := decoding.Unmarshal(raw, &c); err != nil {
		return Item{}, fmt.Errorf("item %s: %w", r.id, err)
	}
	return Item{
		ID: kernel.ItemID(r.id), Room: r.room, Version: r.version,
		CreatedAt: r.made.Time, UpdatedAt: r.at.Time, View: c.View, Body: c.Body,
	}, nil
}

// PutHistory brings back, in the order given, the earlier versions of an item an
// archive holds, then the item itself with its version and time of birth. It is
// the import's door: the item must not exist.
func (s *Service) PutHistory(ctx context.Context, tx *db.Tx, p Pass, past []Item, now Item) error {
	owner, err := p.own()
	if err != nil {
		return err
	}
	key, err := s.key(ctx, owner)
	if err != nil {
		return err
	}
	bytes := 0
	write := func(it Item, f func(context.Context, *db.Tx, kernel.PersonID, Item, []byte) error) error {
		raw, err := encoding.Marshal(plain{it.View, it.Body})
		if err != nil {
			return err
		}
		if len(raw) > itemMost {
			return errTooBig
		}
		sealed := key.Seal(place(owner, it.ID, it.Room, it.Version), raw)
		bytes += len(sealed)
		return f(ctx, tx, owner, it, sealed)
	}
	for _, it := range past {
		if err := write(it, insertVersion); err != nil {
			return err
		}
	}
	if err := write(now, insertItem); err != nil {
		return err
	}
	return s.spend(ctx, tx, owner, 1, bytes)
}
