package signing

import (
	"context"
	"database/sql"

	"digiwork/internal/platform/db"
)

// keyRow is a key as it is stored.
type keyRow struct {
	number int64
	sealed string
}

func keyRows(ctx context.Context, q db.Querier, who Signer) ([]keyRow, error) {
	return db.All(ctx, q, func(rows *sql.Rows) (r keyRow, err error) {
		return r, rows.Scan(&r.number, &r.sealed)
	}, `select number, sealed from signing_key where kind = $1 and holder = $2 order by number`, who.Kind, who.ID)
}

func insertKey(ctx context.Context, tx *db.Tx, who Signer, number int64, public, sealed string) error {
	_, err := tx.ExecContext(ctx, `
		insert into signing_key (kind, holder, number, public, sealed, made_at)
		values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
		who.Kind, who.ID, number, public, sealed, db.At(tx.Now))
	return err
}
