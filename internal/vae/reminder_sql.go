package vae

import (
	"context"
	"database/sql"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// reminder is a day somebody asked to be reminded of.
type reminder struct {
	person kernel.PersonID
	file   kernel.ItemID
	on     kernel.Date
}

func insertReminder(ctx context.Context, tx *db.Tx, person kernel.PersonID, file kernel.ItemID, on kernel.Date) error {
	_, err := tx.ExecContext(ctx, `
		insert into vae_reminder (person_id, file_id, due_on) values ($1, $2, $3) on conflict do nothing`, person, file, on)
	return err
}

func deleteReminders(ctx context.Context, tx *db.Tx, person kernel.PersonID, file kernel.ItemID) error {
	_, err := tx.ExecContext(ctx, `delete from vae_reminder where person_id = $1 and file_id = $2`, person, file)
	return err
}

func deleteAllReminders(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `delete from vae_reminder where person_id = $1`, person)
	return err
}

func remindersDue(ctx context.Context, q db.Querier, until kernel.Date, limit int) ([]reminder, error) {
	return db.All(ctx, q, func(rows *sql.Rows) (r reminder, err error) {
		return r, rows.Scan(&r.person, &r.file, &r.on)
	}, `select person_id, file_id, due_on from vae_reminder where due_on <= $1 order by due_on, person_id, file_id limit $2`, until, limit)
}

// takeReminder removes a reminder; false when another process took it.
func takeReminder(ctx context.Context, tx *db.Tx, r reminder) (bool, error) {
	res, err := tx.ExecContext(ctx, `delete from vae_reminder where person_id = $1 and file_id = $2 and due_on = $3`, r.person, r.file, r.on)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}
