package recognition

import (
	"embed"

	"digiwork/internal/gate"
	"digiwork/internal/platform/db"
)

// Messages are the sentences of recognition.
//
//go:embed messages/*.json
var Messages embed.FS

// Service is what may be asked of recognition.
type Service struct {
	DB   *db.DB
	Gate *gate.Service
}
