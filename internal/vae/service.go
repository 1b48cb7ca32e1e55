package vae

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Migrations of what juries say and of the referentials organisations keep.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Messages are the sentences of vae.
//
//go:embed messages/*.json
var Messages embed.FS

// Circle is a collective as one of its members sees it.
type Circle struct {
	ID    kernel.CircleID
	Name  string
	Owner bool // the actor looks after it
}

// Circles tells of the actor's circles. Another context provides it.
type Circles interface {
	// Mine lists the circles the actor belongs to.
	Mine(ctx context.Context) ([]Circle, error)
	// Names gives the names of circles, whoever asks; unknown ids are left out.
	Names(ctx context.Context, ids []kernel.CircleID) (map[kernel.CircleID]string, error)
}

// People gives the names people chose. Another context provides it.
type People interface {
	Names(ctx context.Context, ids []kernel.PersonID) (map[kernel.PersonID]string, error)
}

// Signers sign: a person what she hands over, a circle what it grants. Another context
// provides them. Called outside a transaction.
type Signers interface {
	Person(ctx context.Context, p gate.Pass) (credential.Issuer, error)
	Circle(ctx context.Context, id kernel.CircleID) (credential.Issuer, error)
	// Reserve gives the credentialStatus of a credential that a circle is about to sign.
	Reserve(ctx context.Context, tx *db.Tx, circle kernel.CircleID, by credential.Issuer) ([]any, error)
}

// Badges keeps credentials among those a person holds. Another context provides it.
type Badges interface {
	Import(ctx context.Context, credential []byte) (kernel.ItemID, error)
}

// Door is a page of Révéler: its address, and the message that names it.
type Door struct{ Path, Key string }

// Service is what may be asked of vae.
type Service struct {
	DB       *db.DB
	Gate     *gate.Service
	Register *Register
	Circles  Circles
	People   People
	Signers  Signers
	Badges   Badges
	Notices  Notices
	Doors    []Door // the pages of Révéler, side by side
}

// room is where all of a person's VAE lies in her vault.
const room = "vae"

// The kinds of items of the room, as their views say.
const (
	kindFile    = "vae_file"
	kindPart    = "vae_part"
	kindComment = "vae_comment"
	kindResult  = "vae_result"
)

// own is the actor's pass on her own things.
func (s *Service) own(ctx context.Context) (gate.Pass, error) { return s.Gate.Own(ctx) }

// body encodes what an item of the room holds: JSON, so that an archive can be read.
func body(v any) ([]byte, error) { return json.Marshal(v) }

// read decodes it. What cannot be read is a bug or damage: the cause goes to the log,
// with the id alone.
func read(it gate.Item, v any) error {
	if err := json.Unmarshal(it.Body, v); err != nil {
		return fmt.Errorf("read item %s: %w", it.ID, err)
	}
	return nil
}

// put seals an item of the actor's and writes it, once for the idempotency key of the
// request; also runs more in the same transaction.
func (s *Service) put(ctx context.Context, p gate.Pass, it gate.Item, v any, also ...func(tx *db.Tx) error) error {
	var err error
	if it.Body, err = body(v); err != nil {
		return err
	}
	it.Room = room
	sealed, err := s.Gate.Seal(ctx, p, it)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			if _, err := s.Gate.Put(ctx, tx, sealed); err != nil {
				return "", err
			}
			for _, f := range also {
				if err := f(tx); err != nil {
					return "", err
				}
			}
			return string(it.ID), nil
		})
		return err
	})
}

// done reports whether the request was carried out before: the same form sent twice
// gets the first outcome, not a refusal.
func (s *Service) done(ctx context.Context) (bool, error) {
	_, done, err := once.Before(ctx, s.DB)
	return done, err
}

// today is the calendar day in the actor's time zone.
func (s *Service) today(ctx context.Context) kernel.Date {
	return day(s.DB.Now().In(kernel.ActorFrom(ctx).Location()))
}

func day(t time.Time) kernel.Date { return kernel.Date(t.Format(time.DateOnly)) }

// declared is where what a person writes herself comes from.
var declared = gate.Provenance{Source: gate.Declared}
