package vae

import (
	"embed"

	"digiwork/internal/gate"
	"digiwork/internal/platform/db"
)

// Messages are the sentences of vae.
//
//go:embed messages/*.json
var Messages embed.FS

// Service is what may be asked of vae.
type Service struct {
	DB   *db.DB
	Gate *gate.Service
}
