package gate

import (
	"context"
	"embed"
	"errors"
	"io"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/seal"
)

// Migrations of the vault, the grants and the journal.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Messages are the sentences of the gate.
//
//go:embed messages/*.json
var Messages embed.FS

// Circles says who belongs to a circle, from the database each time.
type Circles interface {
	Belongs(ctx context.Context, circle kernel.CircleID, person kernel.PersonID) (bool, error)
	Owns(ctx context.Context, circle kernel.CircleID, person kernel.PersonID) (bool, error)
	CirclesOf(ctx context.Context, person kernel.PersonID) ([]kernel.CircleID, error)
	CircleNames(ctx context.Context, ids []kernel.CircleID) (map[kernel.CircleID]string, error)
}

// People gives the names people chose on this instance. Who has left, or never
// was, has an empty name.
type People interface {
	Names(ctx context.Context, ids []kernel.PersonID) (map[kernel.PersonID]string, error)
}

// Limits bound what one person keeps.
type Limits struct {
	Items int64
	Bytes int64 // sealed, history and files included
}

// DefaultLimits hold a long life of work with its evidence.
var DefaultLimits = Limits{Items: 50_000, Bytes: 2 << 30}

// Service is the vault and its door.
type Service struct {
	DB       *db.DB
	Keys     *seal.Keys
	Sessions Sessions
	Circles  Circles
	People   People
	BaseURL  string // how links begin, without a slash at the end
	Limits   Limits // zero means DefaultLimits

	// Fallen says, by room, what was taken back by who left it there; nil for none.
	Fallen map[string]Fallen

	// Plain makes an image again without metadata, or fails for what is no image.
	Plain func(ctx context.Context, r io.Reader) (raw []byte, media string, err error)

	kept kept
}

func (s *Service) limits() Limits {
	if s.Limits == (Limits{}) {
		return DefaultLimits
	}
	return s.Limits
}

// Welcome makes the data key of a person who is about to exist. It comes before
// the transaction that makes her account: keys lie in another database. A key
// whose owner never came is swept later.
func (s *Service) Welcome(ctx context.Context, person kernel.PersonID) error {
	return s.Keys.Create(ctx, string(person))
}

// Admit makes her empty vault, in the transaction that makes her account.
func (s *Service) Admit(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	return insertOwner(ctx, tx, person)
}

// Left counts what Leave destroyed, for the receipt of an erasure.
type Left struct {
	Items  int64
	Grants int64
	Copies int64 // kept with a decision: they stay with their circles
}

// Leave removes what the gate holds of a person: items, history, files, grants,
// her journal, and what was open to her. Chunks of files are unreadable once her
// key is gone, and swept in small batches.
func (s *Service) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (Left, error) {
	var left Left
	o, err := ownerRow(ctx, tx, person)
	if errors.Is(err, errNoVault) {
		return left, nil // done before: an erasure that was interrupted goes on
	}
	if err != nil {
		return left, err
	}
	left.Items = o.items
	if left.Copies, err = leaveFrozen(ctx, tx, person); err != nil {
		return left, err
	}
	if left.Grants, err = deleteOwner(ctx, tx, person); err != nil {
		return left, err
	}
	tx.AfterCommit(func() { s.kept.forget(person) })
	return left, nil
}

// Forget destroys her data key, and those of her copies that no decision kept: the
// last step of an erasure.
func (s *Service) Forget(ctx context.Context, person kernel.PersonID) error {
	s.kept.forget(person)
	if err := s.bury(ctx, person); err != nil {
		return err
	}
	return s.Keys.Destroy(ctx, string(person))
}

// Sweep does the gate's housekeeping: what is in memory for too long, files that
// waited for a confirmation that never came, chunks nobody owns, copies whose loan
// ended before a decision, counts whose end has come.
func (s *Service) Sweep(ctx context.Context) error {
	s.kept.sweep(time.Now())
	return errors.Join(s.sweepBlobs(ctx), s.sweepFrozen(ctx), s.settleDue(ctx))
}

// Used says how much a person keeps, and how much she may.
func (s *Service) Used(ctx context.Context, p Pass) (items, bytes int64, most Limits, err error) {
	owner, err := p.own()
	if err != nil {
		return 0, 0, Limits{}, err
	}
	o, err := ownerRow(ctx, s.DB.Read(), owner)
	return o.items, o.bytes, s.limits(), err
}

// Known reports whether there is a vault, or a frozen copy, for the owner of a key:
// what keys.Sweep asks.
func (s *Service) Known(ctx context.Context, owner string) (bool, error) {
	if strings.HasPrefix(owner, "frozen/") {
		return s.knownFrozen(ctx, owner)
	}
	_, err := ownerRow(ctx, s.DB.Read(), kernel.PersonID(owner))
	if errors.Is(err, errNoVault) {
		return false, nil
	}
	return err == nil, err
}
