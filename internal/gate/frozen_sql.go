package gate

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// frozenRecord is a copy as it is stored.
type frozenRecord struct {
	id           kernel.GrantID
	owner        kernel.PersonID
	circle       kernel.CircleID
	room, state  string
	made, keptAt db.Time
	chunks       int64
	sealed       []byte
}

func scanFrozen(rows *sql.Rows) (r frozenRecord, err error) {
	return r, rows.Scan(&r.id, &r.owner, &r.circle, &r.room, &r.state, &r.made, &r.keptAt, &r.chunks, &r.sealed)
}

func frozenRow(ctx context.Context, q db.Querier, id kernel.GrantID) (frozenRecord, error) {
	r, err := db.One(ctx, q, scanFrozen, `
		select id, owner, circle, room, state, made_at, kept_at, chunks, sealed from gate_frozen where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errNoFrozen
	}
	return r, err
}

func insertFrozen(ctx context.Context, tx *db.Tx, r frozenRecord) error {
	_, err := tx.ExecContext(ctx, `
		insert into gate_frozen (id, owner, circle, room, state, made_at, kept_at, chunks, sealed)
		values ($1, $2, $3, $4, 'open', $5, '', $6, $7)`,
		r.id, r.owner, r.circle, r.room, db.At(tx.Now), r.chunks, r.sealed)
	return err
}

func insertFrozenChunk(ctx context.Context, tx *db.Tx, id kernel.GrantID, n int64, sealed []byte) error {
	_, err := tx.ExecContext(ctx, `insert into gate_frozen_chunk (id, n, sealed) values ($1, $2, $3)`, id, n, sealed)
	return err
}

func frozenChunk(ctx context.Context, q db.Querier, id kernel.GrantID, n int64) ([]byte, error) {
	return db.One(ctx, q, db.Scan[[]byte], `select sealed from gate_frozen_chunk where id = $1 and n = $2`, id, n)
}

func openFrozen(ctx context.Context, q db.Querier, owner kernel.PersonID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `select count(*) from gate_frozen where owner = $1 and state = 'open'`, owner)
}

type frozenState struct {
	id    kernel.GrantID
	state string
}

// frozenOf says in which state the copies of an owner are.
func frozenOf(ctx context.Context, q db.Querier, owner kernel.PersonID) (map[kernel.GrantID]string, error) {
	rows, err := db.All(ctx, q, func(rows *sql.Rows) (f frozenState, err error) {
		return f, rows.Scan(&f.id, &f.state)
	}, `select id, state from gate_frozen where owner = $1`, owner)
	states := make(map[kernel.GrantID]string, len(rows))
	for _, r := range rows {
		states[r.id] = r.state
	}
	return states, err
}

func keepFrozen(ctx context.Context, tx *db.Tx, id kernel.GrantID) error {
	res, err := tx.ExecContext(ctx, `
		update gate_frozen set state = 'kept', kept_at = $1 where id = $2 and state = 'open'`, db.At(tx.Now), id)
	return db.Changed(res, err, ErrEnded)
}

// dropFrozen drops the copy of a loan, if it has one that no decision kept.
func dropFrozen(ctx context.Context, tx *db.Tx, owner kernel.PersonID, id kernel.GrantID) error {
	_, err := tx.ExecContext(ctx, `
		update gate_frozen set state = 'dropped' where owner = $1 and id = $2 and state = 'open'`, owner, id)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		delete from gate_frozen_chunk where id in (
			select f.id from gate_frozen f where f.owner = $1 and f.id = $2 and f.state = 'dropped')`, owner, id)
	return err
}

// leaveFrozen drops the copies of an owner who leaves; kept ones forget whose they
// were. It says how many stay.
func leaveFrozen(ctx context.Context, tx *db.Tx, owner kernel.PersonID) (stay int64, err error) {
	if _, err := tx.ExecContext(ctx, `
		update gate_frozen set state = 'dropped' where owner = $1 and state = 'open'`, owner); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `
		delete from gate_frozen_chunk where id in (
			select f.id from gate_frozen f where f.owner = $1 and f.state = 'dropped')`, owner); err != nil {
		return 0, err
	}
	res, err := tx.ExecContext(ctx, `update gate_frozen set owner = '' where owner = $1 and state = 'kept'`, owner)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func droppedFrozen(ctx context.Context, q db.Querier, owner kernel.PersonID) ([]kernel.GrantID, error) {
	if owner == "" {
		return db.All(ctx, q, db.Scan[kernel.GrantID], `select id from gate_frozen where state = 'dropped'`)
	}
	return db.All(ctx, q, db.Scan[kernel.GrantID], `
		select id from gate_frozen where owner = $1 and state = 'dropped'`, owner)
}

// deleteFrozen forgets a copy whose key was destroyed.
func deleteFrozen(ctx context.Context, tx *db.Tx, id kernel.GrantID) error {
	if _, err := tx.ExecContext(ctx, `delete from gate_frozen_chunk where id = $1`, id); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `delete from gate_frozen where id = $1 and state = 'dropped'`, id)
	return err
}

// endedFrozen lists copies whose loan is over and that no decision kept.
func endedFrozen(ctx context.Context, q db.Querier, now time.Time) ([]frozenRecord, error) {
	return db.All(ctx, q, scanFrozen, `
		select f.id, f.owner, f.circle, f.room, f.state, f.made_at, f.kept_at, f.chunks, f.sealed
		from gate_frozen f join gate_grant g on g.owner = f.owner and g.id = f.id
		where f.state = 'open' and g.until <= $1`, db.At(now))
}

// deleteLostChunks forgets chunks older than before that no copy speaks of. Ids sort
// by their time of birth.
func deleteLostChunks(ctx context.Context, tx *db.Tx, before kernel.GrantID) error {
	_, err := tx.ExecContext(ctx, `
		delete from gate_frozen_chunk where id < $1 and not exists (
			select 1 from gate_frozen f where f.id = gate_frozen_chunk.id)`, before)
	return err
}
