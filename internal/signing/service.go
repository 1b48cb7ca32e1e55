package signing

import (
	"embed"

	"digiwork/internal/gate"
	"digiwork/internal/platform/db"
)

// Messages are the sentences of signing.
//
//go:embed messages/*.json
var Messages embed.FS

// Service is what may be asked of signing.
type Service struct {
	DB   *db.DB
	Gate *gate.Service
}
