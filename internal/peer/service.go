package peer

import (
	"embed"

	"digiwork/internal/gate"
	"digiwork/internal/platform/db"
)

// Messages are the sentences of peer.
//
//go:embed messages/*.json
var Messages embed.FS

// Service is what may be asked of peer.
type Service struct {
	DB   *db.DB
	Gate *gate.Service
}
