package expedition

import (
	"context"
	"embed"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/seal"
)

// Migrations of expeditions, cards and votes.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Messages are the sentences of expedition.
//
//go:embed messages/*.json
var Messages embed.FS

// Circles is what is asked about circles. Another context provides it.
type Circles interface {
	Belongs(ctx context.Context, circle kernel.CircleID, person kernel.PersonID) (bool, error)
	CirclesOf(ctx context.Context, person kernel.PersonID) ([]kernel.CircleID, error)
	CircleNames(ctx context.Context, ids []kernel.CircleID) (map[kernel.CircleID]string, error)
	// Keeps reports whether the actor is an owner of the circle.
	Keeps(ctx context.Context, circle kernel.CircleID) (bool, error)
	// Members lists who belongs to a circle of the actor.
	Members(ctx context.Context, circle kernel.CircleID) ([]Person, error)
}

// People gives the names people chose. Another context provides it.
type People interface {
	Names(ctx context.Context, ids []kernel.PersonID) (map[kernel.PersonID]string, error)
}

// Person is somebody by her name.
type Person struct {
	ID   kernel.PersonID
	Name string
}

// Limiter counts what somebody does. web.Limiter is one.
type Limiter interface{ Take(key string) error }

// Service is what may be asked of expeditions.
type Service struct {
	DB      *db.DB
	Keys    *seal.Keys
	Circles Circles
	People  People
	Base    string  // address of the instance, without a slash at the end
	Parts   []Part  // what sibling contexts keep; appended to when they join
	Knocks  Limiter // how often a visitor may try codes and vote links; nil for no limit
}

// do runs f in a transaction, once for the idempotency key of the request, and
// gives the id of what it made or changed.
func (s *Service) do(ctx context.Context, f func(tx *db.Tx) (string, error)) (made string, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, _, err = once.Do(ctx, tx, func() (string, error) { return f(tx) })
		return err
	})
	return made, err
}

func (s *Service) knock(key string) error {
	if s.Knocks == nil {
		return nil
	}
	return s.Knocks.Take(key)
}
