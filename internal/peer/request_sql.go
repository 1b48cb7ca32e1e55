package peer

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertRequest(ctx context.Context, tx *db.Tx, r requestRow) error {
	_, err := tx.ExecContext(ctx, `
		insert into peer_request (owner, id, grant_id, person, whom, letter, state, made_at, state_at, ends_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		r.Owner, r.ID, r.Grant, r.Person, r.Whom, r.Letter, r.State, r.MadeAt, r.StateAt, r.EndsAt)
	return err
}

func scanRequest(rows *sql.Rows) (r requestRow, err error) {
	return r, rows.Scan(&r.Owner, &r.ID, &r.Grant, &r.Person, &r.Whom, &r.Letter, &r.State, &r.MadeAt, &r.StateAt, &r.EndsAt)
}

func requestsOf(ctx context.Context, q db.Querier, owner kernel.PersonID) ([]requestRow, error) {
	return db.All(ctx, q, scanRequest, `
		select owner, id, grant_id, person, whom, letter, state, made_at, state_at, ends_at
		from peer_request where owner = $1 order by id desc`, owner)
}

func requestByGrant(ctx context.Context, q db.Querier, id kernel.GrantID) (requestRow, error) {
	r, err := db.One(ctx, q, scanRequest, `
		select owner, id, grant_id, person, whom, letter, state, made_at, state_at, ends_at
		from peer_request where grant_id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errNoRequest
	}
	return r, err
}

// refusals counts how often the person behind whom said no to owner.
func refusals(ctx context.Context, q db.Querier, owner kernel.PersonID, whom string) (int, error) {
	return db.One(ctx, q, db.Scan[int], `
		select count(*) from peer_request where owner = $1 and whom = $2 and state = 'declined'`, owner, whom)
}

func countAsked(ctx context.Context, q db.Querier, owner kernel.PersonID, since time.Time) (int, error) {
	return db.One(ctx, q, db.Scan[int], `
		select count(*) from peer_request where owner = $1 and made_at > $2`, owner, db.At(since))
}

// moveRequest changes the state of a request that still waits.
func moveRequest(ctx context.Context, tx *db.Tx, id kernel.GrantID, to State) error {
	res, err := tx.ExecContext(ctx, `
		update peer_request set state = $1, state_at = $2 where grant_id = $3 and state in ('waiting', 'later')`,
		to, db.At(tx.Now), id)
	return db.Changed(res, err, errMoved)
}

// deleteRequestsOf removes what a person asked, and forgets that she was asked.
func deleteRequestsOf(ctx context.Context, tx *db.Tx, person kernel.PersonID) (int64, error) {
	res, err := tx.ExecContext(ctx, `delete from peer_request where owner = $1`, person)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `update peer_request set person = '', whom = '' where person = $1`, person)
	return n, err
}
