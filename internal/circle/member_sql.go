package circle

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func scanMember(rows *sql.Rows) (m Member, err error) {
	var joined db.Time
	err = rows.Scan(&m.Circle, &m.Person, &m.Role, &joined)
	m.JoinedAt = joined.Time
	return m, err
}

// memberOf is the actor's own membership; without one there is no such circle.
func memberOf(ctx context.Context, q db.Querier, circle kernel.CircleID, person kernel.PersonID) (Member, error) {
	m, err := db.One(ctx, q, scanMember, `
		select circle_id, person_id, role, joined_at from circle_member where circle_id = $1 and person_id = $2`,
		circle, person)
	if errors.Is(err, sql.ErrNoRows) {
		return m, errNoCircle
	}
	return m, err
}

// otherMember is the membership of somebody, for a member who asks.
func otherMember(ctx context.Context, q db.Querier, circle kernel.CircleID, person kernel.PersonID) (Member, error) {
	m, err := memberOf(ctx, q, circle, person)
	if errors.Is(err, errNoCircle) {
		return m, errNoMember
	}
	return m, err
}

func members(ctx context.Context, q db.Querier, circle kernel.CircleID, after time.Time, person kernel.PersonID, limit int) ([]Member, error) {
	return db.All(ctx, q, scanMember, `
		select circle_id, person_id, role, joined_at from circle_member
		where circle_id = $1 and (joined_at > $2 or joined_at = $3 and person_id > $4)
		order by joined_at, person_id limit $5`,
		circle, db.At(after), db.At(after), person, limit)
}

func insertMember(ctx context.Context, tx *db.Tx, m Member) error {
	_, err := tx.ExecContext(ctx, `
		insert into circle_member (circle_id, person_id, role, joined_at) values ($1, $2, $3, $4)`,
		m.Circle, m.Person, m.Role, db.At(m.JoinedAt))
	return err
}

func updateRole(ctx context.Context, tx *db.Tx, circle kernel.CircleID, person kernel.PersonID, role Role) error {
	_, err := tx.ExecContext(ctx, `
		update circle_member set role = $1 where circle_id = $2 and person_id = $3`, role, circle, person)
	return err
}

func deleteMember(ctx context.Context, tx *db.Tx, circle kernel.CircleID, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `delete from circle_member where circle_id = $1 and person_id = $2`, circle, person)
	return err
}

// promoteOldest makes an owner of who joined first.
func promoteOldest(ctx context.Context, tx *db.Tx, circle kernel.CircleID) error {
	_, err := tx.ExecContext(ctx, `
		update circle_member set role = 'owner' where circle_id = $1 and person_id in
			(select person_id from circle_member where circle_id = $2 order by joined_at, person_id limit 1)`,
		circle, circle)
	return err
}

func scanCount(rows *sql.Rows) (n count, err error) { return n, rows.Scan(&n.members, &n.owners) }

func countMembers(ctx context.Context, q db.Querier, circle kernel.CircleID) (count, error) {
	return db.One(ctx, q, scanCount, `
		select count(*), count(*) filter (where role = 'owner') from circle_member where circle_id = $1`, circle)
}

func countEach(ctx context.Context, q db.Querier, ids []kernel.CircleID) (map[kernel.CircleID]count, error) {
	type row struct {
		id kernel.CircleID
		n  count
	}
	var b db.Build
	b.Add(`select circle_id, count(*), count(*) filter (where role = 'owner') from circle_member where circle_id in `)
	db.List(&b, ids)
	b.Add(` group by circle_id`)
	rows, err := db.All(ctx, q, func(rows *sql.Rows) (r row, err error) {
		return r, rows.Scan(&r.id, &r.n.members, &r.n.owners)
	}, b.SQL(), b.Args()...)
	all := make(map[kernel.CircleID]count, len(rows))
	for _, r := range rows {
		all[r.id] = r.n
	}
	return all, err
}
