package peer

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertGuest(ctx context.Context, tx *db.Tx, g guestRow) error {
	_, err := tx.ExecContext(ctx, `
		insert into peer_guest (person, token_digest, grant_id, door, made_at, code, code_ends_at, code_tries)
		values ($1, $2, $3, $4, $5, '', '', 0)`, g.Person, g.Digest, g.Grant, g.Door, g.MadeAt)
	return err
}

func scanGuest(rows *sql.Rows) (g guestRow, err error) {
	return g, rows.Scan(&g.Person, &g.Digest, &g.Grant, &g.Door, &g.MadeAt, &g.Code, &g.CodeEnds, &g.CodeTries)
}

func guestByDigest(ctx context.Context, q db.Querier, digest string) (guestRow, error) {
	g, err := db.One(ctx, q, scanGuest, `
		select person, token_digest, grant_id, door, made_at, code, code_ends_at, code_tries
		from peer_guest where token_digest = $1`, digest)
	return g, orNoGuest(err)
}

func guestByID(ctx context.Context, q db.Querier, person kernel.PersonID) (guestRow, error) {
	g, err := db.One(ctx, q, scanGuest, `
		select person, token_digest, grant_id, door, made_at, code, code_ends_at, code_tries
		from peer_guest where person = $1`, person)
	return g, orNoGuest(err)
}

func orNoGuest(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return errNoGuest
	}
	return err
}

func countGuests(ctx context.Context, q db.Querier, grant kernel.GrantID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `select count(*) from peer_guest where grant_id = $1`, grant)
}

func setCode(ctx context.Context, tx *db.Tx, person kernel.PersonID, digest string, ends time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update peer_guest set code = $1, code_ends_at = $2, code_tries = 0 where person = $3`, digest, db.At(ends), person)
	return err
}

func countTry(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `update peer_guest set code_tries = code_tries + 1 where person = $1`, person)
	return err
}

func clearCode(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `update peer_guest set code = '', code_ends_at = '' where person = $1`, person)
	return err
}

func deleteGuest(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `delete from peer_guest where person = $1`, person)
	return err
}

// idleGuests lists guests who wrote nothing that still has a row, and whose request
// was over before a moment, or whose asker has left.
func idleGuests(ctx context.Context, q db.Querier, before time.Time) ([]kernel.PersonID, error) {
	return db.All(ctx, q, db.Scan[kernel.PersonID], `
		select g.person from peer_guest g
		where g.made_at < $1
		and not exists (select 1 from peer_word w where w.author = g.person)
		and not exists (select 1 from peer_request r where r.grant_id = g.grant_id and r.ends_at > $2)`,
		db.At(before), db.At(before))
}
