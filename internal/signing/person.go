package signing

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/platform/db"

	"github.com/fxamacker/cbor/v2"
)

// Room of the vault where a person's own keys lie: an item a key.
const Room = "signing"

// ownKey is a key of a person. The newest signs; those before it are kept, and so are
// those an archive brings from another instance.
type ownKey struct {
	Seed []byte    `cbor:"1,keyasint"`
	Made time.Time `cbor:"2,keyasint"`
}

var encoding = func() cbor.EncMode {
	m, err := cbor.EncOptions{Time: cbor.TimeRFC3339Nano, TimeTag: cbor.EncTagNone}.EncMode()
	if err != nil {
		panic(err)
	}
	return m
}()

func (k ownKey) issuer() (credential.Issuer, error) {
	if len(k.Seed) != ed25519.SeedSize {
		return credential.Issuer{}, fmt.Errorf("a key of %d bytes", len(k.Seed))
	}
	return credential.KeyIssuer(ed25519.NewKeyFromSeed(k.Seed))
}

// Person is the issuer of the person of a pass on her own musette; her key is made at
// first use and lies in her vault.
func (s *Service) Person(ctx context.Context, p gate.Pass) (credential.Issuer, error) {
	all, err := s.ring(ctx, p)
	if err == nil && len(all) == 0 {
		var sealed gate.Sealed
		if sealed, err = s.SealKey(ctx, p); err == nil {
			err = s.DB.Write(ctx, func(tx *db.Tx) error {
				_, err := s.Gate.Put(ctx, tx, sealed)
				return err
			})
		}
		if err == nil {
			all, err = s.ring(ctx, p)
		}
	}
	if err != nil {
		return credential.Issuer{}, fmt.Errorf("key of a person: %w", err)
	}
	return all[len(all)-1].issuer()
}

// ring lists a person's keys, oldest first.
func (s *Service) ring(ctx context.Context, p gate.Pass) ([]ownKey, error) {
	items, err := s.Gate.List(ctx, p, Room)
	if err != nil {
		return nil, err
	}
	all := make([]ownKey, len(items))
	for i, it := range items {
		if err := cbor.Unmarshal(it.Body, &all[i]); err != nil {
			return nil, fmt.Errorf("read key %s: %w", it.ID, err)
		}
	}
	slices.SortStableFunc(all, func(a, b ownKey) int { return a.Made.Compare(b.Made) })
	return all, nil
}

// maxKeys bounds the keys one person keeps.
const maxKeys = 200

var errKeys = kernel.NewFault(kernel.TooMany, "signing.keys.many").With("max", maxKeys)

// SealKey prepares a new key for a person, to be put by her use case with gate.Put:
// from then on she signs with it.
func (s *Service) SealKey(ctx context.Context, p gate.Pass) (gate.Sealed, error) {
	all, err := s.ring(ctx, p)
	if err != nil {
		return gate.Sealed{}, err
	}
	if len(all) >= maxKeys {
		return gate.Sealed{}, errKeys
	}
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return gate.Sealed{}, err
	}
	now := s.DB.Now()
	body, err := encoding.Marshal(ownKey{Seed: private.Seed(), Made: now})
	if err != nil {
		return gate.Sealed{}, err
	}
	return s.Gate.Seal(ctx, p, gate.Item{ID: kernel.NewID[kernel.ItemID]("key", now), Room: Room, View: gate.View{Never: true}, Body: body})
}

// own lists the identifiers a person signs and signed with.
func (s *Service) own(ctx context.Context, p gate.Pass) (map[string]credential.Issuer, error) {
	keys, err := s.ring(ctx, p)
	if err != nil {
		return nil, err
	}
	all := map[string]credential.Issuer{}
	for _, k := range keys {
		by, err := k.issuer()
		if err != nil {
			return nil, err
		}
		all[by.ID] = by
	}
	return all, nil
}
