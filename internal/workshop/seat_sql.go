package workshop

import (
	"context"
	"database/sql"
	"errors"

	"digiwork/internal/platform/db"
)

func insertSeat(ctx context.Context, tx *db.Tx, table string, s Seat, key string) error {
	_, err := tx.ExecContext(ctx, `
		insert into workshop_seat (table_id, id, role, name, key_digest, paper) values ($1, $2, $3, $4, $5, $6)`, table, s.ID, s.Role, s.Name, key, s.Paper)
	return err
}

func moveSeat(ctx context.Context, tx *db.Tx, table, seat, role, name string) error {
	_, err := tx.ExecContext(ctx, `update workshop_seat set role = $1, name = $2 where table_id = $3 and id = $4`, role, name, table, seat)
	return err
}

func deleteSeat(ctx context.Context, tx *db.Tx, table, seat string) error {
	res, err := tx.ExecContext(ctx, `delete from workshop_seat where table_id = $1 and id = $2`, table, seat)
	return db.Changed(res, err, errNoSeat)
}

func scanSeat(rows *sql.Rows) (s Seat, err error) {
	return s, rows.Scan(&s.ID, &s.Role, &s.Name, &s.Paper)
}

func seatByKey(ctx context.Context, q db.Querier, table, key string) (Seat, error) {
	s, err := db.One(ctx, q, scanSeat, `select id, role, name, paper from workshop_seat where table_id = $1 and key_digest = $2`, table, key)
	if errors.Is(err, sql.ErrNoRows) {
		return s, errNoSeat
	}
	return s, err
}

func seatsOf(ctx context.Context, q db.Querier, table string) ([]Seat, error) {
	return db.All(ctx, q, scanSeat, `select id, role, name, paper from workshop_seat where table_id = $1 order by id`, table)
}

func countSeats(ctx context.Context, q db.Querier, table string) (int, error) {
	return db.One(ctx, q, db.Scan[int], `select count(*) from workshop_seat where table_id = $1`, table)
}

// clearEntries removes what a seat entered when it plays another role.
func clearEntries(ctx context.Context, tx *db.Tx, table, seat, was, is string) error {
	if was == is {
		return nil
	}
	_, err := tx.ExecContext(ctx, `delete from workshop_entry where table_id = $1 and seat_id = $2`, table, seat)
	return err
}

func putEntry(ctx context.Context, tx *db.Tx, table string, e Entry) error {
	_, err := tx.ExecContext(ctx, `
		insert into workshop_entry (table_id, seat_id, round, kind, target, value, words) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (table_id, seat_id, round, kind, target) do update set value = excluded.value, words = excluded.words`,
		table, e.Seat, e.Round, e.Kind, e.Target, e.Value, e.Words)
	return err
}

func entriesOf(ctx context.Context, q db.Querier, table string) ([]Entry, error) {
	return db.All(ctx, q, func(rows *sql.Rows) (e Entry, err error) {
		return e, rows.Scan(&e.Seat, &e.Round, &e.Kind, &e.Target, &e.Value, &e.Words)
	}, `select seat_id, round, kind, target, value, words from workshop_entry where table_id = $1 order by seat_id, kind, target, round`, table)
}

func insertIdea(ctx context.Context, tx *db.Tx, table, id string, place int, words string) error {
	_, err := tx.ExecContext(ctx, `insert into workshop_idea (table_id, id, place, words, card) values ($1, $2, $3, $4, '')`, table, id, place, words)
	return err
}

func setCard(ctx context.Context, tx *db.Tx, table, idea, card string) error {
	_, err := tx.ExecContext(ctx, `update workshop_idea set card = $1 where table_id = $2 and id = $3`, card, table, idea)
	return err
}

func countIdeas(ctx context.Context, q db.Querier, table string) (int, error) {
	return db.One(ctx, q, db.Scan[int], `select count(*) from workshop_idea where table_id = $1`, table)
}

// ideasOf gives ideas with their dots, and whether seat put one.
func ideasOf(ctx context.Context, q db.Querier, table, seat string) ([]Idea, error) {
	return db.All(ctx, q, func(rows *sql.Rows) (d Idea, err error) {
		var mine int
		err = rows.Scan(&d.ID, &d.Words, &d.Card, &d.Dots, &mine)
		d.Mine = mine > 0
		return d, err
	}, `select i.id, i.words, i.card,
			(select count(*) from workshop_dot d where d.table_id = i.table_id and d.idea_id = i.id),
			(select count(*) from workshop_dot d where d.table_id = i.table_id and d.idea_id = i.id and d.seat_id = $1)
		from workshop_idea i where i.table_id = $2 order by i.place, i.id`, seat, table)
}

func insertDot(ctx context.Context, tx *db.Tx, table, idea, seat string) error {
	res, err := tx.ExecContext(ctx, `
		insert into workshop_dot (table_id, idea_id, seat_id)
		select $1, i.id, $2 from workshop_idea i where i.table_id = $1 and i.id = $3
		on conflict do nothing`, table, seat, idea)
	if err != nil {
		return err
	}
	_, err = res.RowsAffected() // none: the dot is there already, or the idea is not
	return err
}

func deleteDot(ctx context.Context, tx *db.Tx, table, idea, seat string) error {
	_, err := tx.ExecContext(ctx, `delete from workshop_dot where table_id = $1 and idea_id = $2 and seat_id = $3`, table, idea, seat)
	return err
}
