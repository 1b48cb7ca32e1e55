package analysis

import (
	"context"
	"database/sql"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertStudy(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, d Study) error {
	_, err := tx.ExecContext(ctx, `
		insert into analysis_study (expedition_id, id, name, method, entered, words, version) values ($1, $2, $3, $4, $5, $6, $7)`,
		id, d.ID, d.Name, d.Method, d.Entered, d.Words, d.Version)
	return err
}

func updateStudy(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, d Study) error {
	res, err := tx.ExecContext(ctx, `
		update analysis_study set name = $1, entered = $2, words = $3, version = version + 1 where expedition_id = $4 and id = $5 and version = $6`,
		d.Name, d.Entered, d.Words, id, d.ID, d.Version)
	return db.Changed(res, err, errStale)
}

func deleteStudy(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, study string) error {
	res, err := tx.ExecContext(ctx, `delete from analysis_study where expedition_id = $1 and id = $2`, id, study)
	return db.Changed(res, err, errNoStudy)
}

func deleteStudies(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	_, err := tx.ExecContext(ctx, `delete from analysis_study where expedition_id = $1`, id)
	return err
}

func scanStudy(rows *sql.Rows) (d Study, err error) {
	return d, rows.Scan(&d.ID, &d.Name, &d.Method, &d.Entered, &d.Words, &d.Version)
}

func studyByID(ctx context.Context, q db.Querier, id kernel.ExpeditionID, study string) (Study, error) {
	d, err := db.One(ctx, q, scanStudy, `select id, name, method, entered, words, version from analysis_study where expedition_id = $1 and id = $2`, id, study)
	if errors.Is(err, sql.ErrNoRows) {
		return d, errNoStudy
	}
	return d, err
}

func studiesOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID) ([]Study, error) {
	return db.All(ctx, q, scanStudy, `select id, name, method, entered, words, version from analysis_study where expedition_id = $1 order by name, id`, id)
}

func countStudies(ctx context.Context, q db.Querier, id kernel.ExpeditionID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `select count(*) from analysis_study where expedition_id = $1`, id)
}
