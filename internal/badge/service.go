package badge

import (
	"context"
	"embed"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/seal"
)

// Migrations of achievements and awards.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Messages are the sentences of badge.
//
//go:embed messages/*.json
var Messages embed.FS

// Signing holds the keys of issuers and the state of what they signed. kind is one of
// the Kind constants. Another context provides it.
type Signing interface {
	Person(ctx context.Context, p gate.Pass) (credential.Issuer, error)
	Circle(ctx context.Context, id kernel.CircleID) (credential.Issuer, error)
	Instance(ctx context.Context) (credential.Issuer, error)
	Reserve(ctx context.Context, tx *db.Tx, kind, id string, by credential.Issuer, purposes ...string) ([]any, error)
	Mark(ctx context.Context, tx *db.Tx, kind, id string, entry map[string]any, on bool) error
	Marker(ctx context.Context, p gate.Pass) (func(ctx context.Context, tx *db.Tx, entry map[string]any, on bool) error, error)
	// Find gives what this instance itself serves at an address.
	Find(ctx context.Context, address string) ([]byte, bool, error)
}

// Kinds of issuers.
const (
	KindPerson   = "person"
	KindCircle   = "circle"
	KindInstance = "instance"
)

// Web fetches what stands at a public address, guarded and bounded. Another part of
// the house provides it.
type Web interface {
	Fetch(ctx context.Context, address string, most int64) ([]byte, error)
}

// Circle is a circle as its member sees it.
type Circle struct {
	ID    kernel.CircleID
	Name  string
	Owner bool // the actor looks after it
}

// Member is somebody of a circle.
type Member struct {
	Person kernel.PersonID
	Name   string
}

// Circles says which circles the actor belongs to, and who else. Another context
// provides it.
type Circles interface {
	Mine(ctx context.Context) ([]Circle, error)
	Members(ctx context.Context, id kernel.CircleID) ([]Member, error)
}

// People gives the names people chose, and finds them by their handles. Another
// context provides it.
type People interface {
	Names(ctx context.Context, ids []kernel.PersonID) (map[kernel.PersonID]string, error)
	PersonByHandle(ctx context.Context, handle string) (kernel.PersonID, error)
}

// Limiter counts what somebody does. web.Limiter is one.
type Limiter interface{ Take(key string) error }

// Service is what may be asked of badge.
type Service struct {
	DB      *db.DB
	Gate    *gate.Service
	Keys    *seal.Keys
	Signing Signing
	Circles Circles
	People  People
	Web     Web    // nil: nothing is fetched
	Base    string // address of the instance, without a slash at the end
	VC      VCAPI
	Looks   Limiter // how often a visitor may have something verified; nil for no limit

	sources sources
	crowd   crowd
}

// now is the moment answers are for.
func (s *Service) now() time.Time { return s.DB.Now() }
