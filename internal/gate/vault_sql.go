package gate

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// row is an item as it is stored.
type row struct {
	id, room string
	version  int64
	made, at db.Time
	sealed   []byte
}

func scanItem(rows *sql.Rows) (r row, err error) {
	return r, rows.Scan(&r.id, &r.room, &r.version, &r.made, &r.at, &r.sealed)
}

func lineItem(l *db.Line) row {
	return row{room: l.Text(), version: l.Int(), made: l.Time(), at: l.Time(), sealed: l.Bytes()}
}

func itemRow(ctx context.Context, q db.Querier, owner kernel.PersonID, id kernel.ItemID) (row, error) {
	r, err := db.Point(ctx, q, lineItem, `
		select room, version, made_at, at, sealed from gate_item where owner = $1 and id = $2`, owner, id)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, errNoItem
	}
	r.id = string(id)
	return r, err
}

func itemRows(ctx context.Context, q db.Querier, owner kernel.PersonID) ([]row, error) {
	return db.All(ctx, q, scanItem, `
		select id, room, version, made_at, at, sealed from gate_item where owner = $1 order by id`, owner)
}

func versionRows(ctx context.Context, q db.Querier, owner kernel.PersonID, id kernel.ItemID) ([]row, error) {
	return db.All(ctx, q, scanItem, `
		select id, room, version, made_at, at, sealed from gate_version
		where owner = $1 and id = $2 order by version desc`, owner, id)
}

func insertItem(ctx context.Context, tx *db.Tx, owner kernel.PersonID, it Item, sealed []byte) error {
	_, err := tx.ExecContext(ctx, `
		insert into gate_item (owner, id, room, version, made_at, at, sealed) values ($1, $2, $3, $4, $5, $6, $7)`,
		owner, it.ID, it.Room, it.Version, db.At(it.CreatedAt), db.At(it.UpdatedAt), sealed)
	if db.IsUnique(err) {
		return errStale.Because(errSameItem)
	}
	return err
}

func insertVersion(ctx context.Context, tx *db.Tx, owner kernel.PersonID, it Item, sealed []byte) error {
	_, err := tx.ExecContext(ctx, `
		insert into gate_version (owner, id, version, room, made_at, at, sealed) values ($1, $2, $3, $4, $5, $6, $7)`,
		owner, it.ID, it.Version, it.Room, db.At(it.CreatedAt), db.At(it.UpdatedAt), sealed)
	if db.IsUnique(err) {
		return errStale.Because(errSameItem)
	}
	return err
}

// keepVersion copies the current version to the history: it must be version.
func keepVersion(ctx context.Context, tx *db.Tx, owner kernel.PersonID, id kernel.ItemID, version int64) (time.Time, error) {
	r, err := itemRow(ctx, tx, owner, id)
	if err != nil {
		return time.Time{}, err
	}
	if r.version != version {
		return time.Time{}, errStale
	}
	old := Item{ID: id, Room: r.room, Version: r.version, CreatedAt: r.made.Time, UpdatedAt: r.at.Time}
	return r.made.Time, insertVersion(ctx, tx, owner, old, r.sealed)
}

func updateItem(ctx context.Context, tx *db.Tx, owner kernel.PersonID, it Item, sealed []byte) error {
	res, err := tx.ExecContext(ctx, `
		update gate_item set version = $1, at = $2, sealed = $3
		where owner = $4 and id = $5 and version = $6 and room = $7`,
		it.Version, db.At(it.UpdatedAt), sealed, owner, it.ID, it.Version-1, it.Room)
	return db.Changed(res, err, errStale)
}

// deleteItem says how many bytes it freed.
func deleteItem(ctx context.Context, tx *db.Tx, owner kernel.PersonID, id kernel.ItemID) (int, error) {
	freed, err := db.One(ctx, tx, db.Scan[int], `
		select coalesce(sum(n), 0) from (
			select length(sealed) as n from gate_item where owner = $1 and id = $2
			union all select length(sealed) as n from gate_version where owner = $1 and id = $2) as all_of_it`, owner, id)
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `delete from gate_version where owner = $1 and id = $2`, owner, id); err != nil {
		return 0, err
	}
	res, err := tx.ExecContext(ctx, `delete from gate_item where owner = $1 and id = $2`, owner, id)
	return freed, db.Changed(res, err, errNoItem)
}

// ownerRecord counts what a person keeps.
type ownerRecord struct{ revision, items, bytes int64 }

func lineOwner(l *db.Line) ownerRecord {
	return ownerRecord{revision: l.Int(), items: l.Int(), bytes: l.Int()}
}

func ownerRow(ctx context.Context, q db.Querier, owner kernel.PersonID) (ownerRecord, error) {
	o, err := db.Point(ctx, q, lineOwner, `select revision, items, bytes from gate_owner where owner = $1`, owner)
	if errors.Is(err, sql.ErrNoRows) {
		return o, errNoVault
	}
	return o, err
}

// touchOwner changes the counts; errMany when nothing was changed, for whatever reason.
func touchOwner(ctx context.Context, tx *db.Tx, owner kernel.PersonID, items, bytes int, most Limits) error {
	res, err := tx.ExecContext(ctx, `
		update gate_owner set revision = revision + 1, items = items + $1, bytes = bytes + $2
		where owner = $3 and items + $1 <= $4 and bytes + $2 <= $5`, items, bytes, owner, most.Items, most.Bytes)
	return db.Changed(res, err, errMany)
}

func insertOwner(ctx context.Context, tx *db.Tx, owner kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `
		insert into gate_owner (owner, revision, items, bytes, made_at) values ($1, 0, 0, 0, $2)`, owner, db.At(tx.Now))
	return err
}
