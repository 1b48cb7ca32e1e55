package badge

import (
	"context"

	"digiwork/internal/platform/db"
)

// insertPlaced keeps which entries a credential was given, under the keyed digest of
// its identifier.
func insertPlaced(ctx context.Context, tx *db.Tx, digest, entries string) error {
	_, err := tx.ExecContext(ctx, `insert into badge_placed (digest, entries, made_at) values ($1, $2, $3) on conflict do nothing`,
		digest, entries, db.At(tx.Now))
	return err
}

func placedRows(ctx context.Context, q db.Querier, digest string) ([]string, error) {
	return db.All(ctx, q, db.Scan[string], `select entries from badge_placed where digest = $1 order by made_at`, digest)
}
