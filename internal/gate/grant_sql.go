package gate

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

type grantRecord struct {
	owner                  kernel.PersonID
	id                     kernel.GrantID
	kind, recipient        string
	made, until, withdrawn db.Time
	sealed                 []byte
	room                   string // of a loan; empty when it shows a face
	answers                int    // a loan still waits for
}

func scanGrant(rows *sql.Rows) (r grantRecord, err error) {
	return r, rows.Scan(&r.owner, &r.id, &r.kind, &r.recipient, &r.made, &r.until, &r.withdrawn, &r.sealed, &r.room, &r.answers)
}

func grantRow(ctx context.Context, q db.Querier, owner kernel.PersonID, id kernel.GrantID) (grantRecord, error) {
	r, err := db.One(ctx, q, scanGrant, `
		select owner, id, kind, recipient, made_at, until, withdrawn_at, sealed, room, answers from gate_grant
		where owner = $1 and id = $2`, owner, id)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errNoGrant
	}
	return r, err
}

func grantsOf(ctx context.Context, q db.Querier, owner kernel.PersonID) ([]grantRecord, error) {
	return db.All(ctx, q, scanGrant, `
		select owner, id, kind, recipient, made_at, until, withdrawn_at, sealed, room, answers from gate_grant
		where owner = $1 order by id desc`, owner)
}

// grantsBehind lists the grants a door leads to.
func grantsBehind(ctx context.Context, q db.Querier, door string) ([]grantRecord, error) {
	return db.All(ctx, q, scanGrant, `
		select g.owner, g.id, g.kind, g.recipient, g.made_at, g.until, g.withdrawn_at, g.sealed, g.room, g.answers
		from gate_door d join gate_grant g on g.owner = d.owner and g.id = d.grant_id
		where d.door = $1 order by g.id desc`, door)
}

func openGrants(ctx context.Context, q db.Querier, owner kernel.PersonID, now time.Time) (int, error) {
	return db.One(ctx, q, db.Scan[int], `
		select count(*) from gate_grant where owner = $1 and withdrawn_at = '' and until > $2`, owner, db.At(now))
}

func insertGrant(ctx context.Context, tx *db.Tx, r grantRecord, door string) error {
	if _, err := tx.ExecContext(ctx, `
		insert into gate_grant (owner, id, kind, recipient, made_at, until, withdrawn_at, sealed, room, answers)
		values ($1, $2, $3, $4, $5, $6, '', $7, $8, $9)`,
		r.owner, r.id, r.kind, r.recipient, db.At(tx.Now), r.until, r.sealed, r.room, r.answers); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		insert into gate_door (door, owner, grant_id) values ($1, $2, $3)`, door, r.owner, r.id)
	return err
}

func resealGrant(ctx context.Context, tx *db.Tx, owner kernel.PersonID, id kernel.GrantID, sealed []byte) error {
	res, err := tx.ExecContext(ctx, `
		update gate_grant set sealed = $1 where owner = $2 and id = $3 and withdrawn_at = ''`, sealed, owner, id)
	return db.Changed(res, err, errNoGrant)
}

func withdrawGrant(ctx context.Context, tx *db.Tx, owner kernel.PersonID, id kernel.GrantID) error {
	res, err := tx.ExecContext(ctx, `
		update gate_grant set withdrawn_at = case when withdrawn_at = '' then $1 else withdrawn_at end
		where owner = $2 and id = $3`, db.At(tx.Now), owner, id)
	return db.Changed(res, err, errNoGrant)
}

// endGrant ends a grant now, when nobody did before.
func endGrant(ctx context.Context, tx *db.Tx, owner kernel.PersonID, id kernel.GrantID) error {
	res, err := tx.ExecContext(ctx, `
		update gate_grant set until = $1 where owner = $2 and id = $3 and withdrawn_at = '' and until > $4`,
		db.At(tx.Now), owner, id, db.At(tx.Now))
	return db.Changed(res, err, ErrEnded)
}

// takeAnswer counts one of the answers an open loan waits for.
func takeAnswer(ctx context.Context, tx *db.Tx, owner kernel.PersonID, id kernel.GrantID) error {
	res, err := tx.ExecContext(ctx, `
		update gate_grant set answers = answers - 1
		where owner = $1 and id = $2 and answers > 0 and withdrawn_at = '' and until > $3`, owner, id, db.At(tx.Now))
	return db.Changed(res, err, errAnswered)
}

// deleteOwner removes every row of a person, chunks apart, and says how many
// grants there were. What others opened for her stays theirs, without her door.
func deleteOwner(ctx context.Context, tx *db.Tx, owner kernel.PersonID) (int64, error) {
	res, err := tx.ExecContext(ctx, `delete from gate_grant where owner = $1`, owner)
	if err != nil {
		return 0, err
	}
	grants, err := res.RowsAffected()
	if err != nil {
		return 0, err
	}
	for _, q := range []func() (sql.Result, error){
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from gate_door where owner = $1`, owner)
		},
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from gate_door where door = $1`, "p:"+string(owner))
		},
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from gate_journal where owner = $1`, owner)
		},
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from gate_contribution where owner = $1`, owner)
		},
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from gate_version where owner = $1`, owner)
		},
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from gate_blob where owner = $1`, owner)
		},
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from gate_item where owner = $1`, owner)
		},
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from gate_owner where owner = $1`, owner)
		},
	} {
		if _, err := q(); err != nil {
			return 0, err
		}
	}
	return grants, nil
}
