package expedition

import (
	"context"
	"database/sql"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertExpedition(ctx context.Context, tx *db.Tx, x Expedition) error {
	_, err := tx.ExecContext(ctx, `
		insert into expedition_expedition (id, circle_id, person_id, name, question, lang, visibility, licence, origin, code_digest, code_sealed, version, turn, made_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', $10, 0, $11)`,
		x.ID, x.Circle, x.Person, x.Name, x.Question, x.Lang, x.Visibility, x.Licence, x.Origin, x.Version, db.At(x.MadeAt))
	return err
}

func scanExpedition(rows *sql.Rows) (x Expedition, err error) {
	var made db.Time
	err = rows.Scan(&x.ID, &x.Circle, &x.Person, &x.Name, &x.Question, &x.Lang, &x.Visibility, &x.Licence, &x.Origin,
		&x.codeDigest, &x.codeSealed, &x.Version, &made)
	x.MadeAt = made.Time
	return x, err
}

func expeditionByID(ctx context.Context, q db.Querier, id kernel.ExpeditionID) (Expedition, error) {
	x, err := db.One(ctx, q, scanExpedition, `
		select id, circle_id, person_id, name, question, lang, visibility, licence, origin, code_digest, code_sealed, version, made_at
		from expedition_expedition where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return x, errNone
	}
	return x, err
}

// takeTurn makes everybody else who numbers cards or counts ballots here wait.
func takeTurn(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	res, err := tx.ExecContext(ctx, `update expedition_expedition set turn = turn + 1 where id = $1`, id)
	return db.Changed(res, err, errNone)
}

func updateExpedition(ctx context.Context, tx *db.Tx, x Expedition) error {
	res, err := tx.ExecContext(ctx, `
		update expedition_expedition set name = $1, question = $2, lang = $3, visibility = $4, licence = $5, version = version + 1
		where id = $6 and version = $7`, x.Name, x.Question, x.Lang, x.Visibility, x.Licence, x.ID, x.Version)
	return db.Changed(res, err, errStale)
}

func setOrigin(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, origin string) error {
	_, err := tx.ExecContext(ctx, `update expedition_expedition set origin = $1 where id = $2`, origin, id)
	return err
}

func setCode(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, digest, sealed string) error {
	_, err := tx.ExecContext(ctx, `update expedition_expedition set code_digest = $1, code_sealed = $2 where id = $3`, digest, sealed, id)
	return err
}

func expeditionByCode(ctx context.Context, q db.Querier, digest string) (kernel.ExpeditionID, error) {
	id, err := db.One(ctx, q, db.Scan[kernel.ExpeditionID], `select id from expedition_expedition where code_digest = $1`, digest)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errCode
	}
	return id, err
}

func countOwned(ctx context.Context, q db.Querier, circle kernel.CircleID, person kernel.PersonID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `
		select count(*) from expedition_expedition where circle_id = $1 and person_id = $2`, circle, person)
}

func expeditionsOf(ctx context.Context, q db.Querier, person kernel.PersonID, circles []kernel.CircleID) ([]Expedition, error) {
	var b db.Build
	b.Add(`select id, circle_id, person_id, name, question, lang, visibility, licence, origin, code_digest, code_sealed, version, made_at
		from expedition_expedition where person_id = `).Value(person).Add(` or circle_id in `)
	db.List(&b, circles)
	b.Add(` or visibility <> 'private' and id in (select expedition_id from expedition_partner where circle_id in `)
	db.List(&b, circles)
	b.Add(`) order by id desc`)
	return db.All(ctx, q, scanExpedition, b.SQL(), b.Args()...)
}

func publicExpeditions(ctx context.Context, q db.Querier, limit int) ([]Expedition, error) {
	return db.All(ctx, q, scanExpedition, `
		select id, circle_id, person_id, name, question, lang, visibility, licence, origin, code_digest, code_sealed, version, made_at
		from expedition_expedition where visibility = 'public' order by id desc limit $1`, limit)
}

func expeditionNames(ctx context.Context, q db.Querier, ids []kernel.ExpeditionID) (map[kernel.ExpeditionID]string, error) {
	var b db.Build
	b.Add(`select id, name from expedition_expedition where id in `)
	db.List(&b, ids)
	type named struct {
		id   kernel.ExpeditionID
		name string
	}
	rows, err := db.All(ctx, q, func(rows *sql.Rows) (n named, err error) { return n, rows.Scan(&n.id, &n.name) }, b.SQL(), b.Args()...)
	names := make(map[kernel.ExpeditionID]string, len(rows))
	for _, n := range rows {
		names[n.id] = n.name
	}
	return names, err
}

// deleteExpedition removes the row; what stands in it goes with it.
func deleteExpedition(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	_, err := tx.ExecContext(ctx, `delete from expedition_expedition where id = $1`, id)
	return err
}
