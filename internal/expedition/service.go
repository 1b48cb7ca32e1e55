package expedition

import (
	"embed"

	"digiwork/internal/gate"
	"digiwork/internal/platform/db"
)

// Messages are the sentences of expedition.
//
//go:embed messages/*.json
var Messages embed.FS

// Service is what may be asked of expedition.
type Service struct {
	DB   *db.DB
	Gate *gate.Service
}
