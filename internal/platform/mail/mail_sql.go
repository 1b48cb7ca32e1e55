package mail

import (
	"context"
	"database/sql"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertLetter(ctx context.Context, tx *db.Tx, s Sealed) error {
	_, err := tx.ExecContext(ctx, `
		insert into mail_letter (id, person, sealed, refused, made_at) values ($1, $2, $3, false, $4)`,
		s.id, s.person, s.content, db.At(tx.Now))
	return err
}

// queued is a row of the queue.
type queued struct {
	sealed  []byte
	refused bool
}

func letterByID(ctx context.Context, q db.Querier, id string) (queued, error) {
	return db.One(ctx, q, func(rows *sql.Rows) (l queued, err error) {
		return l, rows.Scan(&l.sealed, &l.refused)
	}, `select sealed, refused from mail_letter where id = $1`, id)
}

func deleteLetter(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `delete from mail_letter where id = $1`, id)
	return err
}

// refuseLetter keeps the fact and drops the words.
func refuseLetter(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `update mail_letter set refused = true, sealed = $1 where id = $2`, []byte{}, id)
	return err
}

// refusals says of each letter that is still in the queue whether it was refused.
func refusals(ctx context.Context, q db.Querier, ids []string) (map[string]bool, error) {
	type row struct {
		id      string
		refused bool
	}
	var b db.Build
	b.Add(`select id, refused from mail_letter where id in `)
	db.List(&b, ids)
	rows, err := db.All(ctx, q, func(rows *sql.Rows) (r row, err error) {
		return r, rows.Scan(&r.id, &r.refused)
	}, b.SQL(), b.Args()...)
	found := make(map[string]bool, len(rows))
	for _, r := range rows {
		found[r.id] = r.refused
	}
	return found, err
}

func deleteLettersBefore(ctx context.Context, tx *db.Tx, before time.Time) error {
	_, err := tx.ExecContext(ctx, `delete from mail_letter where made_at < $1`, db.At(before))
	return err
}

func deleteLettersOf(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `delete from mail_letter where person = $1`, person)
	return err
}

func insertTrace(ctx context.Context, tx *db.Tx, s Sealed) error {
	_, err := tx.ExecContext(ctx, `
		insert into mail_trace (letter, address_digest, person, at) values ($1, $2, $3, $4)`,
		s.id, s.digest, s.person, db.At(tx.Now))
	return err
}

// traces are how many letters were handed in since a moment, and when the first was.
type traces struct {
	n     int
	first time.Time
}

func scanTraces(rows *sql.Rows) (t traces, err error) {
	var first db.Time
	err = rows.Scan(&t.n, &first)
	t.first = first.Time
	return t, err
}

func tracesOfAddress(ctx context.Context, q db.Querier, s Sealed, since time.Time) (traces, error) {
	return db.One(ctx, q, scanTraces, `
		select count(*), coalesce(min(at), '') from mail_trace where address_digest = $1 and at > $2`,
		s.digest, db.At(since))
}

func tracesOfPerson(ctx context.Context, q db.Querier, s Sealed, since time.Time) (traces, error) {
	if s.person == "" {
		return traces{}, nil
	}
	return db.One(ctx, q, scanTraces, `
		select count(*), coalesce(min(at), '') from mail_trace where person = $1 and at > $2`,
		s.person, db.At(since))
}

func tracesOfAll(ctx context.Context, q db.Querier, _ Sealed, since time.Time) (traces, error) {
	return db.One(ctx, q, scanTraces, `
		select count(*), coalesce(min(at), '') from mail_trace where at > $1`, db.At(since))
}

func deleteTracesBefore(ctx context.Context, tx *db.Tx, before time.Time) error {
	_, err := tx.ExecContext(ctx, `delete from mail_trace where at < $1`, db.At(before))
	return err
}

func deleteTracesOf(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `delete from mail_trace where person = $1`, person)
	return err
}
