package circle

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertInvitation(ctx context.Context, tx *db.Tx, r invitationRow) error {
	_, err := tx.ExecContext(ctx, `
		insert into circle_invitation (id, circle_id, token_digest, sealed, letter, by_person, made_at, ends_at, used_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, '')`,
		r.ID, r.Circle, r.Digest, r.Sealed, r.Letter, r.By, r.MadeAt, r.EndsAt)
	return err
}

func scanInvitation(rows *sql.Rows) (r invitationRow, err error) {
	return r, rows.Scan(&r.ID, &r.Circle, &r.Digest, &r.Sealed, &r.Letter, &r.By, &r.MadeAt, &r.EndsAt, &r.UsedBy)
}

func invitationByID(ctx context.Context, q db.Querier, circle kernel.CircleID, id string) (invitationRow, error) {
	r, err := db.One(ctx, q, scanInvitation, `
		select id, circle_id, token_digest, sealed, letter, by_person, made_at, ends_at, used_by
		from circle_invitation where circle_id = $1 and id = $2`, circle, id)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errNoInvitation
	}
	return r, err
}

func invitationByDigest(ctx context.Context, q db.Querier, digest string) (invitationRow, error) {
	r, err := db.One(ctx, q, scanInvitation, `
		select id, circle_id, token_digest, sealed, letter, by_person, made_at, ends_at, used_by
		from circle_invitation where token_digest = $1`, digest)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errOver
	}
	return r, err
}

func waiting(ctx context.Context, q db.Querier, circle kernel.CircleID, now time.Time) ([]invitationRow, error) {
	return db.All(ctx, q, scanInvitation, `
		select id, circle_id, token_digest, sealed, letter, by_person, made_at, ends_at, used_by
		from circle_invitation where circle_id = $1 and ends_at > $2 and used_by = ''
		order by id desc`, circle, db.At(now))
}

func countWaiting(ctx context.Context, q db.Querier, circle kernel.CircleID, now time.Time) (int, error) {
	return db.One(ctx, q, db.Scan[int], `
		select count(*) from circle_invitation where circle_id = $1 and ends_at > $2 and used_by = ''`, circle, db.At(now))
}

// useInvitation spends it and forgets what was sealed of it.
func useInvitation(ctx context.Context, tx *db.Tx, id string, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `update circle_invitation set used_by = $1, sealed = '' where id = $2`, person, id)
	return err
}

func deleteInvitation(ctx context.Context, tx *db.Tx, circle kernel.CircleID, id string) error {
	res, err := tx.ExecContext(ctx, `
		delete from circle_invitation where circle_id = $1 and id = $2 and used_by = ''`, circle, id)
	return db.Changed(res, err, errNoInvitation)
}

func deleteEnded(ctx context.Context, tx *db.Tx, now time.Time) error {
	_, err := tx.ExecContext(ctx, `delete from circle_invitation where ends_at < $1`, db.At(now))
	return err
}

// forgetPerson removes the invitations a person gave or used.
func forgetPerson(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	if _, err := tx.ExecContext(ctx, `delete from circle_invitation where by_person = $1`, person); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `delete from circle_invitation where used_by = $1`, person)
	return err
}
