package watch

import (
	"context"
	"database/sql"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertNote(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, n Note) error {
	_, err := tx.ExecContext(ctx, `
		insert into watch_note (expedition_id, id, signal_id, exact, prefix, suffix, start_at, end_at, lost, body, by_person, made_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		id, n.ID, n.Signal, n.Exact, n.Prefix, n.Suffix, n.Start, n.End, n.Lost, n.Body, n.by, db.At(n.MadeAt))
	return err
}

func moveNote(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, n Note) error {
	_, err := tx.ExecContext(ctx, `
		update watch_note set exact = $1, prefix = $2, suffix = $3, start_at = $4, end_at = $5, lost = $6 where expedition_id = $7 and id = $8`,
		n.Exact, n.Prefix, n.Suffix, n.Start, n.End, n.Lost, id, n.ID)
	return err
}

func deleteNote(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, signal, note string) error {
	res, err := tx.ExecContext(ctx, `delete from watch_note where expedition_id = $1 and signal_id = $2 and id = $3`, id, signal, note)
	return db.Changed(res, err, errNoNote)
}

func scanNote(rows *sql.Rows) (n Note, err error) {
	var made db.Time
	err = rows.Scan(&n.ID, &n.Signal, &n.Exact, &n.Prefix, &n.Suffix, &n.Start, &n.End, &n.Lost, &n.Body, &n.by, &made)
	n.MadeAt = made.Time
	return n, err
}

func notesOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID, signal string) ([]Note, error) {
	return db.All(ctx, q, scanNote, `
		select id, signal_id, exact, prefix, suffix, start_at, end_at, lost, body, by_person, made_at
		from watch_note where expedition_id = $1 and signal_id = $2 order by start_at, id`, id, signal)
}

func allNotes(ctx context.Context, q db.Querier, id kernel.ExpeditionID) ([]Note, error) {
	return db.All(ctx, q, scanNote, `
		select id, signal_id, exact, prefix, suffix, start_at, end_at, lost, body, by_person, made_at
		from watch_note where expedition_id = $1 order by id`, id)
}
