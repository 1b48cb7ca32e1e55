package portrait

import (
	"context"
	"database/sql"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func scanAddress(rows *sql.Rows) (a Address, err error) {
	return a, rows.Scan(&a.Name, &a.Owner, &a.Grant, &a.sealed)
}

func addressesOf(ctx context.Context, q db.Querier, owner kernel.PersonID) ([]Address, error) {
	return db.All(ctx, q, scanAddress, `select name, person_id, grant_id, sealed from portrait_address where person_id = $1`, owner)
}

func addressesNamed(ctx context.Context, q db.Querier, name string) ([]Address, error) {
	return db.All(ctx, q, scanAddress, `select name, person_id, grant_id, sealed from portrait_address where name = $1`, name)
}

func dropAddresses(ctx context.Context, tx *db.Tx, owner kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `delete from portrait_address where person_id = $1`, owner)
	return err
}

func insertAddress(ctx context.Context, tx *db.Tx, a Address) error {
	_, err := tx.ExecContext(ctx, `
		insert into portrait_address (name, person_id, grant_id, sealed, made_at)
		values ($1, $2, $3, $4, $5)`, a.Name, a.Owner, a.Grant, a.sealed, db.At(tx.Now))
	return err
}
