package analysis

import (
	"context"
	"embed"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Migrations of studies.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Messages are the sentences of analysis.
//
//go:embed messages/*.json
var Messages embed.FS

// Expeditions says who may what.
type Expeditions interface {
	May(ctx context.Context, id kernel.ExpeditionID, act string) error
}

// The acts an expedition allows.
const (
	read = "read"
	edit = "edit"
)

// Service is what may be asked of analyses.
type Service struct {
	DB          *db.DB
	Expeditions Expeditions
	Frames      Frames
}

// do runs f in a transaction, once for the idempotency key of the request.
func (s *Service) do(ctx context.Context, f func(tx *db.Tx) (string, error)) (made string, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, _, err = once.Do(ctx, tx, func() (string, error) { return f(tx) })
		return err
	})
	return made, err
}

// Drop removes the studies of an expedition that is deleted.
func (s *Service) Drop(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	return deleteStudies(ctx, tx, id)
}
