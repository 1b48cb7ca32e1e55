package peer

import (
	"context"
	"embed"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/seal"
)

// Migrations of requests, words and guests.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Messages are the sentences of peer.
//
//go:embed messages/*.json
var Messages embed.FS

// Room of the vault where requests and words lie.
const Room = "peer"

// Signer is who signs, and what says that a signature stands no more. Another
// context provides it.
type Signer interface {
	// Person is the issuer of the person of a pass on her own musette.
	Person(ctx context.Context, p gate.Pass) (credential.Issuer, error)
	// Reserve takes a place in a list of what by revoked: the credentialStatus.
	Reserve(ctx context.Context, tx *db.Tx, author kernel.PersonID, by credential.Issuer) (map[string]any, error)
	// List is the list at an address that Reserve gave, as it is served now.
	List(ctx context.Context, address string) ([]byte, error)
	// Revoker opens the keys of the person of a pass, before a transaction: inside it,
	// what it gives says in her lists that a credential of hers stands no more.
	Revoker(ctx context.Context, p gate.Pass) (Revoke, error)
}

// Revoke says in a list that the credential with this credentialStatus stands no more.
type Revoke func(ctx context.Context, tx *db.Tx, status map[string]any) error

// Companions are the people whom somebody may ask by name: they share a circle.
type Companions interface {
	Companions(ctx context.Context, person kernel.PersonID) (map[kernel.PersonID]string, error)
}

// Limiter counts what somebody does. web.Limiter is one.
type Limiter interface{ Take(key string) error }

// Neighbour is a page of the room: its path, and the key of its name.
type Neighbour struct{ Path, Key string }

// Service is what may be asked of peer.
type Service struct {
	DB         *db.DB
	Gate       *gate.Service
	Keys       *seal.Keys
	Post       *mail.Post // nil: no mail; requests are links to copy
	Base       string     // address of the instance, as --base-url, without a slash at the end
	SignIn     string     // page that signs in, with ?next=
	Verify     string     // page where anybody verifies a credential; "" for none
	Signer     Signer
	People     gate.People
	Companions Companions
	Neighbours []Neighbour // the pages of Révéler side by side, this one among them

	// Depart has every other context remove what it keeps of a guest who leaves.
	Depart func(ctx context.Context, tx *db.Tx, guest kernel.PersonID) error

	Looks  Limiter // how often a visitor may look at requests; nil for no limit
	Guests Limiter // how often a visitor may become a guest; nil for no limit
}

// do runs f in a transaction, once for the idempotency key of the request.
func (s *Service) do(ctx context.Context, f func(tx *db.Tx) (string, error)) (made string, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, _, err = once.Do(ctx, tx, func() (string, error) { return f(tx) })
		return err
	})
	return made, err
}

func (s *Service) canPost() bool { return s.Post != nil && s.Post.Configured() }

// url is the full address of a page of this instance.
func (s *Service) url(path string) string { return strings.TrimSuffix(s.Base, "/") + path }
