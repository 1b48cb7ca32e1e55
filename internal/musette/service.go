package musette

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Messages are the sentences of this context.
//
//go:embed messages/*.json
var Messages embed.FS

// Service is the musette: everything that may be asked of it.
type Service struct {
	DB    *db.DB
	Gate  *gate.Service
	Quiet QuietKeeper // nil: quiet hours are not offered
	Doors Doors
	Rooms []Room // how the items of other rooms travel in an archive
}

// Doors are the pages of others that the musette leads to. An empty one is absent.
type Doors struct {
	Faces   string // where faces are made
	Grants  string // where what is shown is listed and withdrawn
	Import  string
	Export  string
	Account string
}

// Quiet is when a person wants to be left in peace.
type Quiet struct {
	Silent   bool    // always
	From, To int     // every day, minutes after midnight; equal: no hours
	Days     [7]bool // whole days, Sunday first
}

// QuietKeeper keeps quiet hours where notices are sent from. Another context
// provides it.
type QuietKeeper interface {
	QuietHours(ctx context.Context) (Quiet, error)
	KeepQuiet(ctx context.Context, q Quiet) error
}

// errNoItem is what a stranger and a mistaken address both get.
var errNoItem = kernel.NewFault(kernel.NotFound, "musette.not_found")

// errStale says that somebody, perhaps she herself in another window, was faster.
var errStale = kernel.NewFault(kernel.Conflict, "musette.stale")

// unreadable wraps what a body of ours cannot be decoded for. It is a bug or
// damage: the cause goes to the log, with the id alone.
func unreadable(id kernel.ItemID, err error) error {
	return fmt.Errorf("read item %s: %w", id, err)
}

// today is the calendar day in the actor's time zone.
func (s *Service) today(ctx context.Context) time.Time {
	return s.DB.Now().In(kernel.ActorFrom(ctx).Location())
}

// all lists everything of the actor's musette, read-only.
func (s *Service) all(ctx context.Context) ([]gate.Item, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	return s.Gate.List(ctx, pass, room)
}

// one opens an item of the actor's, of this room.
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

// put seals items outside the transaction and writes them together inside it. It
// gives the first as it is kept. Repeated with the same idempotency key it writes
// nothing and gives the item it made before, as it is now.
func (s *Service) put(ctx context.Context, items ...gate.Item) (gate.Item, error) {
	return s.putWith(ctx, nothing, items...)
}

// putWith is put, and also does something in the same transaction.
func (s *Service) putWith(ctx context.Context, also func(*db.Tx, gate.Pass) error, items ...gate.Item) (gate.Item, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return gate.Item{}, err
	}
	sealed := make([]gate.Sealed, len(items))
	for i := range items {
		if sealed[i], err = s.Gate.Seal(ctx, pass, items[i]); err != nil {
			return gate.Item{}, err
		}
	}
	var first gate.Item
	var made string
	var again bool
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		made, again, err = once.Known(ctx, tx, string(items[0].ID), func() error {
			for i := range sealed {
				it, err := s.Gate.Put(ctx, tx, sealed[i])
				if err != nil {
					return err
				}
				if i == 0 {
					first = it
				}
			}
			return also(tx, pass)
		})
		return err
	})
	if err != nil {
		return gate.Item{}, moved(err)
	}
	if again {
		return s.one(ctx, kernel.ItemID(made))
	}
	return first, nil
}

// moved turns the gate's word for a version that is no longer there into ours.
func moved(err error) error {
	if f, ok := errors.AsType[*kernel.Fault](err); ok && f.Key == "gate.stale" {
		return errStale.Because(err)
	}
	return err
}

// remove deletes items together, each if it still has its version; version 0 is any.
func (s *Service) remove(ctx context.Context, also func(*db.Tx, gate.Pass) error, items ...versioned) error {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			for _, it := range items {
				if err := s.Gate.Delete(ctx, tx, pass, it.id, it.version); err != nil {
					return "", err
				}
			}
			return string(items[0].id), also(tx, pass)
		})
		return err
	})
	if kernel.KindOf(err) == kernel.NotFound {
		return errNoItem.Because(err)
	}
	return moved(err)
}

// versioned names a version of an item.
type versioned struct {
	id      kernel.ItemID
	version int64
}
