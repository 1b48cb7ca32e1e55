package app

import (
	"context"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/signing"
)

// signingPart joins package signing.
var signingPart = part{
	name:     "signing",
	tables:   signing.Migrations,
	messages: signing.Messages,
	join: func(a *App, o options) joined {
		a.Signing = &signing.Service{DB: a.DB, Gate: a.Gate, Keys: a.Keys, Base: o.base}
		return joined{pages: a.Signing.Pages, leaver: signingLeaver{a.Signing}}
	},
}

// signingLeaver lets what a person signed keep its status when she leaves.
type signingLeaver struct{ s *signing.Service }

// Leaves implements account.Leaver.
func (l signingLeaver) Leaves(ctx context.Context, person kernel.PersonID) (goes, stays map[string]int, err error) {
	n, err := l.s.ListsOf(ctx, person)
	return nil, map[string]int{"signing.leaving.lists": n}, err
}

// Leave implements account.Leaver.
func (l signingLeaver) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (gone, stays map[string]int, err error) {
	n, err := l.s.Leave(ctx, tx, person)
	return nil, map[string]int{"signing.leaving.lists": n}, err
}
