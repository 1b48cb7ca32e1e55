package account

import (
	"context"
	"database/sql"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// openidRow is a way in by the provider as it is stored.
type openidRow struct {
	Digest, ID     string
	Person         kernel.PersonID
	MadeAt, UsedAt db.Time
}

func scanOpenID(rows *sql.Rows) (r openidRow, err error) {
	return r, rows.Scan(&r.Digest, &r.ID, &r.Person, &r.MadeAt, &r.UsedAt)
}

// insertOpenID adds a way in. It is no error if it is hers already.
func insertOpenID(ctx context.Context, tx *db.Tx, r openidRow) error {
	known, err := openidByDigest(ctx, tx, r.Digest)
	switch {
	case err == nil && known.Person == r.Person:
		return nil
	case err == nil:
		return errOpenIDKnown
	case !errors.Is(err, errNoOpenID):
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into account_openid (digest, id, person_id, made_at, used_at) values ($1, $2, $3, $4, $5)`,
		r.Digest, r.ID, r.Person, db.At(tx.Now), db.At(tx.Now))
	if db.IsUnique(err) { // two browsers at once
		return errOpenIDKnown.Because(err)
	}
	return hersStill(err)
}

func openidByDigest(ctx context.Context, q db.Querier, digest string) (openidRow, error) {
	r, err := db.One(ctx, q, scanOpenID, `
		select digest, id, person_id, made_at, used_at from account_openid where digest = $1`, digest)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errNoOpenID
	}
	return r, err
}

func openidsOf(ctx context.Context, q db.Querier, person kernel.PersonID) ([]openidRow, error) {
	return db.All(ctx, q, scanOpenID, `
		select digest, id, person_id, made_at, used_at from account_openid where person_id = $1 order by made_at, id`, person)
}

// useOpenID notes that somebody came in; nobody if she has left.
func useOpenID(ctx context.Context, tx *db.Tx, digest string) error {
	res, err := tx.ExecContext(ctx, `update account_openid set used_at = $1 where digest = $2`, db.At(tx.Now), digest)
	return db.Changed(res, err, errNobody)
}

func deleteOpenID(ctx context.Context, tx *db.Tx, person kernel.PersonID, id string) error {
	res, err := tx.ExecContext(ctx, `delete from account_openid where person_id = $1 and id = $2`, person, id)
	return db.Changed(res, err, errNoOpenID)
}
