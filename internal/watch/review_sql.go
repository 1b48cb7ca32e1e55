package watch

import (
	"context"
	"database/sql"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertReview(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, r Review) error {
	_, err := tx.ExecContext(ctx, `
		insert into watch_review (expedition_id, id, title, words, signals, made_at) values ($1, $2, $3, $4, $5, $6)`,
		id, r.ID, r.Title, r.Words, joined(r.signals), db.At(r.MadeAt))
	return err
}

func deleteReview(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, review string) error {
	res, err := tx.ExecContext(ctx, `delete from watch_review where expedition_id = $1 and id = $2`, id, review)
	return db.Changed(res, err, errNoReview)
}

func reviewsOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID) ([]Review, error) {
	return db.All(ctx, q, func(rows *sql.Rows) (r Review, err error) {
		var signals string
		var made db.Time
		err = rows.Scan(&r.ID, &r.Title, &r.Words, &signals, &made)
		r.signals, r.MadeAt = split(signals), made.Time
		return r, err
	}, `select id, title, words, signals, made_at from watch_review where expedition_id = $1 order by id desc limit 500`, id)
}
