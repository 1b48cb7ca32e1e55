package workshop

import (
	"context"
	"embed"
	"sync"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/seal"
)

// Migrations of tables, seats and entries.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Messages are the sentences of workshop.
//
//go:embed messages/*.json
var Messages embed.FS

// Expeditions says who may what, and keeps what a table decides to keep.
type Expeditions interface {
	May(ctx context.Context, id kernel.ExpeditionID, act string) error
	Cards(ctx context.Context, id kernel.ExpeditionID, kind string) ([]Card, error)
	// KeepTension adds a tension seen at a table to the expedition and gives its id.
	KeepTension(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, table, scenario, words string) (string, error)
}

// Card is a card of the expedition, by its title.
type Card struct{ ID, Title, Text string }

// The acts an expedition allows.
const (
	read = "read"
	edit = "edit"
)

// Live wakes those who look at a table.
type Live interface {
	Notify(ctx context.Context, tx *db.Tx, topic string) error
	Subscribe(ctx context.Context, topic string) <-chan struct{}
}

// Limiter counts what somebody does. web.Limiter is one.
type Limiter interface{ Take(key string) error }

// Service is what may be asked of tables.
type Service struct {
	DB          *db.DB
	Keys        *seal.Keys
	Expeditions Expeditions
	Live        Live
	Frames      Frames
	Base        string  // address of the instance, without a slash at the end
	Secure      bool    // cookies travel under https only
	Knocks      Limiter // how often a code may be tried

	boards boards
}

// boards keeps the last board of each table as it was drawn for a language: a
// hundred phones are shown the same.
type boards struct {
	mu   sync.Mutex
	last map[string]drawnBoard
}

type drawnBoard struct {
	turn int64
	html string
}

const mostBoards = 200

// do runs f in a transaction, once for the idempotency key of the request, and wakes
// who looks at the table.
func (s *Service) do(ctx context.Context, table string, f func(tx *db.Tx) (string, error)) (made string, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, _, err = once.Do(ctx, tx, func() (string, error) { return f(tx) })
		if err != nil || table == "" {
			return err
		}
		if err := takeTurn(ctx, tx, table); err != nil {
			return err
		}
		return s.Live.Notify(ctx, tx, table)
	})
	return made, err
}
