package recognition

import (
	"context"
	"embed"
	"errors"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/skills"
	"digiwork/internal/lib/taxonomy"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Messages are the sentences of recognition.
//
//go:embed messages/*.json
var Messages embed.FS

// Service is what may be asked of recognition.
type Service struct {
	DB      *db.DB
	Gate    *gate.Service
	Library *taxonomy.Library // the referentials of this instance
	Source  *skills.Source    // what suggests from them
	Ask     string            // the page that asks a peer for a word; "" when there is none
	Doors   []Door            // the pages of Révéler side by side, this context's and others'
}

// Door is a page, by its address and the message that names it.
type Door struct{ Path, Key string }

// room is where the vault keeps what this context understands.
const room = "recognition"

// The rooms whose items this context reads as views.
const (
	musetteRoom = "musette"
	peerRoom    = "peer"
	badgeRoom   = "badge"
)

var (
	errNoItem = kernel.NewFault(kernel.NotFound, "recognition.not_found")
	errStale  = kernel.NewFault(kernel.Conflict, "recognition.stale")
)

// one opens an item of this room.
func (s *Service) one(ctx context.Context, id kernel.ItemID) (gate.Item, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return gate.Item{}, err
	}
	it, err := s.Gate.Get(ctx, pass, id)
	if kernel.KindOf(err) == kernel.NotFound || err == nil && it.Room != room {
		return gate.Item{}, errNoItem.Because(err)
	}
	return it, err
}

// list opens the items of a room, read-only.
func (s *Service) list(ctx context.Context, room string) ([]gate.Item, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	return s.Gate.List(ctx, pass, room)
}

// put seals items and writes them together; it gives the id of the first, or the one
// made before when the request is repeated.
func (s *Service) put(ctx context.Context, items ...gate.Item) (kernel.ItemID, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return "", err
	}
	sealed := make([]gate.Sealed, len(items))
	for i := range items {
		if sealed[i], err = s.Gate.Seal(ctx, pass, items[i]); err != nil {
			return "", err
		}
	}
	var made string
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		made, _, err = once.Do(ctx, tx, func() (string, error) {
			for _, one := range sealed {
				if _, err := s.Gate.Put(ctx, tx, one); err != nil {
					return "", err
				}
			}
			return string(sealed[0].ID()), nil
		})
		return err
	})
	return kernel.ItemID(made), moved(err)
}

// remove deletes an item of this room, whatever its version.
func (s *Service) remove(ctx context.Context, id kernel.ItemID) error {
	if _, err := s.one(ctx, id); err != nil {
		return err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			return string(id), s.Gate.Delete(ctx, tx, pass, id, 0)
		})
		return err
	})
}

// moved turns the gate's word for a version that is no longer there into ours.
func moved(err error) error {
	if f, ok := errors.AsType[*kernel.Fault](err); ok && f.Key == "gate.stale" {
		return errStale.Because(err)
	}
	return err
}

// declared is the provenance of what a person says herself.
var declared = gate.Provenance{Source: gate.Declared}
