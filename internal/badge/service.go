package badge

import (
	"embed"

	"digiwork/internal/gate"
	"digiwork/internal/platform/db"
)

// Messages are the sentences of badge.
//
//go:embed messages/*.json
var Messages embed.FS

// Service is what may be asked of badge.
type Service struct {
	DB   *db.DB
	Gate *gate.Service
}
