package signing

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/platform/db"

	"github.com/fxamacker/cbor/v2"
)

const (
	// Room of the vault where a person's own keys lie.
	Room = "signing"
	// ringID names the one item of that room.
	ringID kernel.ItemID = "key_own"
)

// ring is what a person signs with, the newest key last.
type ring struct {
	Keys []ownKey `cbor:"1,keyasint"`
}

type ownKey struct {
	Seed []byte    `cbor:"1,keyasint"`
	Made time.Time `cbor:"2,keyasint"`
}

func newOwnKey(now time.Time) (ownKey, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return ownKey{}, err
	}
	return ownKey{Seed: private.Seed(), Made: now}, nil
}

func (k ownKey) issuer() (credential.Issuer, error) {
	if len(k.Seed) != ed25519.SeedSize {
		return credential.Issuer{}, fmt.Errorf("a key of %d bytes", len(k.Seed))
	}
	return credential.KeyIssuer(ed25519.NewKeyFromSeed(k.Seed))
}

// Person is the issuer of the person of a pass on her own musette; her key is made at
// first use and lies in her vault.
func (s *Service) Person(ctx context.Context, p gate.Pass) (credential.Issuer, error) {
	r, _, err := s.ring(ctx, p)
	if kernel.KindOf(err) == kernel.NotFound {
		if err = s.makeRing(ctx, p); err == nil {
			r, _, err = s.ring(ctx, p)
		}
	}
	if err != nil {
		return credential.Issuer{}, fmt.Errorf("key of a person: %w", err)
	}
	return r.Keys[len(r.Keys)-1].issuer()
}

// ring opens a person's keys.
func (s *Service) ring(ctx context.Context, p gate.Pass) (ring, gate.Item, error) {
	it, err := s.Gate.Get(ctx, p, ringID)
	if err != nil {
		return ring{}, it, err
	}
	var r ring
	if err := cbor.Unmarshal(it.Body, &r); err != nil {
		return r, it, fmt.Errorf("read keys: %w", err)
	}
	if len(r.Keys) == 0 {
		return r, it, fmt.Errorf("item %s holds no key", it.ID)
	}
	return r, it, nil
}

// makeRing makes a person's first key, unless another request just did.
func (s *Service) makeRing(ctx context.Context, p gate.Pass) error {
	k, err := newOwnKey(s.DB.Now())
	if err != nil {
		return err
	}
	sealed, err := s.sealRing(ctx, p, ring{[]ownKey{k}}, 0)
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := s.Gate.Put(ctx, tx, sealed)
		return err
	})
	if err != nil {
		if _, _, again := s.ring(ctx, p); again == nil {
			return nil
		}
	}
	return err
}

func (s *Service) sealRing(ctx context.Context, p gate.Pass, r ring, version int64) (gate.Sealed, error) {
	body, err := cbor.Marshal(r)
	if err != nil {
		return gate.Sealed{}, err
	}
	return s.Gate.Seal(ctx, p, gate.Item{ID: ringID, Room: Room, Version: version, View: gate.View{Never: true}, Body: body})
}

// maxKeys bounds the keys one person keeps.
const maxKeys = 200

var errKeys = kernel.NewFault(kernel.TooMany, "signing.keys.many").With("max", maxKeys)

// SealRenewal prepares a new key for a person, to be put by her use case with
// gate.Put; the keys before are kept.
func (s *Service) SealRenewal(ctx context.Context, p gate.Pass) (gate.Sealed, error) {
	if _, err := s.Person(ctx, p); err != nil {
		return gate.Sealed{}, err
	}
	r, it, err := s.ring(ctx, p)
	if err != nil {
		return gate.Sealed{}, err
	}
	if len(r.Keys) >= maxKeys {
		return gate.Sealed{}, errKeys
	}
	k, err := newOwnKey(s.DB.Now())
	if err != nil {
		return gate.Sealed{}, err
	}
	r.Keys = append(r.Keys, k)
	return s.sealRing(ctx, p, r, it.Version)
}

// own lists the identifiers a person signs and signed with, by their identifier.
func (s *Service) own(ctx context.Context, p gate.Pass) (map[string]credential.Issuer, error) {
	r, _, err := s.ring(ctx, p)
	if kernel.KindOf(err) == kernel.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all := map[string]credential.Issuer{}
	for _, k := range r.Keys {
		by, err := k.issuer()
		if err != nil {
			return nil, err
		}
		all[by.ID] = by
	}
	return all, nil
}
