package account

import (
	"context"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertCode(ctx context.Context, tx *db.Tx, person kernel.PersonID, digest, batch string) error {
	_, err := tx.ExecContext(ctx, `
		insert into account_code (person_id, digest, batch) values ($1, $2, $3)`, person, digest, batch)
	return hersStill(err)
}

// useCode takes a code once. For nobody it does the same work and finds none.
func useCode(ctx context.Context, tx *db.Tx, person kernel.PersonID, digest string) error {
	res, err := tx.ExecContext(ctx, `delete from account_code where person_id = $1 and digest = $2`, person, digest)
	return db.Changed(res, err, errCodeRefused)
}

func deleteCodes(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `delete from account_code where person_id = $1`, person)
	return err
}

func codesLeft(ctx context.Context, q db.Querier, person kernel.PersonID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `select count(*) from account_code where person_id = $1`, person)
}
