package account

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// tokenRow is a token as it is stored: its name sealed.
type tokenRow struct {
	Digest, ID             string
	Person                 kernel.PersonID
	Name, Scopes           string
	ByOperator             bool
	MadeAt, UsedAt, EndsAt db.Time
}

func scanToken(rows *sql.Rows) (r tokenRow, err error) {
	return r, rows.Scan(&r.Digest, &r.ID, &r.Person, &r.Name, &r.Scopes, &r.ByOperator, &r.MadeAt, &r.UsedAt, &r.EndsAt)
}

func insertToken(ctx context.Context, tx *db.Tx, r tokenRow) error {
	_, err := tx.ExecContext(ctx, `
		insert into account_token (digest, id, person_id, name, scopes, by_operator, made_at, used_at, ends_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r.Digest, r.ID, r.Person, r.Name, r.Scopes, r.ByOperator, r.MadeAt, r.UsedAt, r.EndsAt)
	return hersStill(err)
}

func tokenByID(ctx context.Context, q db.Querier, person kernel.PersonID, id string) (tokenRow, error) {
	r, err := db.One(ctx, q, scanToken, `
		select digest, id, person_id, name, scopes, by_operator, made_at, used_at, ends_at
		from account_token where person_id = $1 and id = $2`, person, id)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errNoToken
	}
	return r, err
}

func tokensOf(ctx context.Context, q db.Querier, person kernel.PersonID) ([]tokenRow, error) {
	return db.All(ctx, q, scanToken, `
		select digest, id, person_id, name, scopes, by_operator, made_at, used_at, ends_at
		from account_token where person_id = $1 order by made_at desc, id desc`, person)
}

func useToken(ctx context.Context, tx *db.Tx, digest string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update account_token set used_at = $1 where digest = $2 and used_at < $3`, db.At(at), digest, db.At(at))
	return err
}

func deleteToken(ctx context.Context, tx *db.Tx, person kernel.PersonID, id string) error {
	res, err := tx.ExecContext(ctx, `delete from account_token where person_id = $1 and id = $2`, person, id)
	return db.Changed(res, err, errNoToken)
}

// deleteTokensOver removes a person's tokens that ended, so that they do not count.
func deleteTokensOver(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `delete from account_token where person_id = $1 and ends_at <= $2`, person, db.At(tx.Now))
	return err
}

func sweepTokens(ctx context.Context, tx *db.Tx) error {
	_, err := tx.ExecContext(ctx, `delete from account_token where ends_at <= $1`, db.At(tx.Now))
	return err
}
