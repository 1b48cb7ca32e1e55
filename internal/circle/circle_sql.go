package circle

import (
	"context"
	"database/sql"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertCircle(ctx context.Context, tx *db.Tx, c Circle) error {
	_, err := tx.ExecContext(ctx, `
		insert into circle_circle (id, name, kind, version, turn, made_at, closed_at)
		values ($1, $2, $3, $4, 0, $5, '')`,
		c.ID, c.Name, c.Kind, c.Version, db.At(c.MadeAt))
	return err
}

func circleByID(ctx context.Context, q db.Querier, id kernel.CircleID) (Circle, error) {
	c, err := db.One(ctx, q, func(rows *sql.Rows) (c Circle, err error) {
		var made db.Time
		err = rows.Scan(&c.ID, &c.Name, &c.Kind, &c.Version, &made)
		c.MadeAt = made.Time
		return c, err
	}, `select id, name, kind, version, made_at from circle_circle where id = $1 and closed_at = ''`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return c, errNoCircle
	}
	return c, err
}

// takeTurn makes everybody else who changes members of the circle wait.
func takeTurn(ctx context.Context, tx *db.Tx, id kernel.CircleID) error {
	res, err := tx.ExecContext(ctx, `update circle_circle set turn = turn + 1 where id = $1 and closed_at = ''`, id)
	return db.Changed(res, err, errNoCircle)
}

func renameCircle(ctx context.Context, tx *db.Tx, id kernel.CircleID, version int64, name string) error {
	res, err := tx.ExecContext(ctx, `
		update circle_circle set name = $1, version = version + 1 where id = $2 and version = $3`,
		name, id, version)
	return db.Changed(res, err, errStale)
}

func closeCircle(ctx context.Context, tx *db.Tx, id kernel.CircleID) error {
	if _, err := tx.ExecContext(ctx, `delete from circle_invitation where circle_id = $1`, id); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `update circle_circle set closed_at = $1 where id = $2`, db.At(tx.Now), id)
	return err
}

func names(ctx context.Context, q db.Querier, ids []kernel.CircleID) (map[kernel.CircleID]string, error) {
	type named struct {
		id   kernel.CircleID
		name string
	}
	var b db.Build
	b.Add(`select id, name from circle_circle where id in `)
	db.List(&b, ids)
	rows, err := db.All(ctx, q, func(rows *sql.Rows) (n named, err error) {
		return n, rows.Scan(&n.id, &n.name)
	}, b.SQL(), b.Args()...)
	all := make(map[kernel.CircleID]string, len(rows))
	for _, n := range rows {
		all[n.id] = n.name
	}
	return all, err
}

// idsOf lists the circles of a person in the order of their ids.
func idsOf(ctx context.Context, q db.Querier, person kernel.PersonID) ([]kernel.CircleID, error) {
	return db.All(ctx, q, db.Scan[kernel.CircleID], `
		select circle_id from circle_member where person_id = $1 order by circle_id`, person)
}

func circlesOf(ctx context.Context, q db.Querier, person kernel.PersonID, after kernel.CircleID, limit int) ([]View, error) {
	return db.All(ctx, q, func(rows *sql.Rows) (v View, err error) {
		var made db.Time
		err = rows.Scan(&v.ID, &v.Name, &v.Kind, &v.Version, &made, &v.Role)
		v.MadeAt = made.Time
		return v, err
	}, `
		select c.id, c.name, c.kind, c.version, c.made_at, m.role
		from circle_member m join circle_circle c on c.id = m.circle_id
		where m.person_id = $1 and m.circle_id > $2
		order by m.circle_id limit $3`, person, after, limit)
}

func countCirclesOf(ctx context.Context, q db.Querier, person kernel.PersonID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `select count(*) from circle_member where person_id = $1`, person)
}
