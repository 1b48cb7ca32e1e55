package workshop

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func text(v any) (string, error) {
	raw, err := json.Marshal(v)
	return string(raw), err
}

func insertTable(ctx context.Context, tx *db.Tx, t Table) error {
	roles, err1 := text(t.Roles)
	stakes, err2 := text(t.Stakes)
	script, err3 := text(t.Script)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		insert into workshop_table (id, expedition_id, name, scenario, roles, stakes, script, named, phase, step, since, code_digest, code_sealed, desk_digest, minutes, version, turn)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $14, $15, 1)`,
		t.ID, t.Expedition, t.Name, t.Scenario, roles, stakes, script, t.Named, t.Phase, t.Step, db.At(t.Since), t.codeDigest, t.codeSealed, t.Minutes, t.Version)
	return err
}

func updateTable(ctx context.Context, tx *db.Tx, t Table) error {
	res, err := tx.ExecContext(ctx, `
		update workshop_table set phase = $1, step = $2, since = $3, minutes = $4, version = version + 1 where id = $5 and version = $6`,
		t.Phase, t.Step, db.At(t.Since), t.Minutes, t.ID, t.Version)
	return db.Changed(res, err, errStale)
}

func takeTurn(ctx context.Context, tx *db.Tx, table string) error {
	_, err := tx.ExecContext(ctx, `update workshop_table set turn = turn + 1 where id = $1`, table)
	return err
}

func setDesk(ctx context.Context, tx *db.Tx, table, digest string) error {
	_, err := tx.ExecContext(ctx, `update workshop_table set desk_digest = $1 where id = $2`, digest, table)
	return err
}

// closeTable removes what could tell a device: its digest, the code, the desk's key.
func closeTable(ctx context.Context, tx *db.Tx, table string) error {
	_, one := tx.ExecContext(ctx, `update workshop_table set code_digest = '', code_sealed = '', desk_digest = '' where id = $1`, table)
	_, two := tx.ExecContext(ctx, `update workshop_seat set key_digest = '' where table_id = $1`, table)
	return errors.Join(one, two)
}

func deleteTables(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	_, err := tx.ExecContext(ctx, `delete from workshop_table where expedition_id = $1`, id)
	return err
}

func scanTable(rows *sql.Rows) (t Table, err error) {
	var roles, stakes, script string
	var since db.Time
	err = rows.Scan(&t.ID, &t.Expedition, &t.Name, &t.Scenario, &roles, &stakes, &script, &t.Named, &t.Phase, &t.Step, &since,
		&t.codeDigest, &t.codeSealed, &t.deskDigest, &t.Minutes, &t.Version, &t.Turn)
	if err != nil {
		return t, err
	}
	t.Since = since.Time
	return t, errors.Join(json.Unmarshal([]byte(roles), &t.Roles), json.Unmarshal([]byte(stakes), &t.Stakes), json.Unmarshal([]byte(script), &t.Script))
}

func tableByID(ctx context.Context, q db.Querier, table string) (Table, error) {
	t, err := db.One(ctx, q, scanTable, `
		select id, expedition_id, name, scenario, roles, stakes, script, named, phase, step, since, code_digest, code_sealed, desk_digest, minutes, version, turn
		from workshop_table where id = $1`, table)
	if errors.Is(err, sql.ErrNoRows) {
		return t, errNoTable
	}
	return t, err
}

func tableByCode(ctx context.Context, q db.Querier, digest string) (string, error) {
	table, err := db.One(ctx, q, db.Scan[string], `select id from workshop_table where code_digest = $1`, digest)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errCode
	}
	return table, err
}

func tablesOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID) ([]Table, error) {
	return db.All(ctx, q, scanTable, `
		select id, expedition_id, name, scenario, roles, stakes, script, named, phase, step, since, code_digest, code_sealed, desk_digest, minutes, version, turn
		from workshop_table where expedition_id = $1 order by id desc`, id)
}

func countTables(ctx context.Context, q db.Querier, id kernel.ExpeditionID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `select count(*) from workshop_table where expedition_id = $1`, id)
}
