package jobs

import (
	"context"
	"database/sql"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// scheduleID is the id of the one row of a schedule.
func scheduleID(kind string) string { return "every:" + kind }

func insertJob(ctx context.Context, tx *db.Tx, id string, j Job) error {
	_, err := tx.ExecContext(ctx, `
		insert into jobs_job (id, kind, subject, person, run_at, tries, lease, leased_until, stuck, made_at)
		values ($1, $2, $3, $4, $5, 0, '', '', false, $6)`,
		id, j.Kind, j.Subject, j.Person, db.At(j.At), db.At(tx.Now))
	return err
}

func insertSchedule(ctx context.Context, tx *db.Tx, kind string) error {
	_, err := tx.ExecContext(ctx, `
		insert into jobs_job (id, kind, subject, person, run_at, tries, lease, leased_until, stuck, made_at)
		values ($1, $2, '', '', $3, 0, '', '', false, $4)
		on conflict (id) do nothing`,
		scheduleID(kind), kind, db.At(tx.Now), db.At(tx.Now))
	return err
}

// claim is a job that this process holds.
type claim struct {
	ID, Kind, Subject, Lease string
	Tries                    int // this one counted
}

func scanClaim(rows *sql.Rows) (c claim, err error) {
	return c, rows.Scan(&c.ID, &c.Kind, &c.Subject, &c.Lease, &c.Tries)
}

func anyDue(ctx context.Context, q db.Querier, kinds []string, now time.Time) (bool, error) {
	var b db.Build
	b.Add(`select id from jobs_job where stuck = false and run_at <= `).Value(db.At(now))
	b.Add(` and leased_until <= `).Value(db.At(now))
	b.Add(` and kind in `)
	db.List(&b, kinds)
	b.Add(` limit 1`)
	ids, err := db.All(ctx, q, db.Scan[string], b.SQL(), b.Args()...)
	return len(ids) > 0, err
}

// claimDue takes due jobs, oldest first. The outer condition is what keeps two
// processes apart on PostgreSQL: whoever comes second looks at the row again.
func claimDue(ctx context.Context, tx *db.Tx, token string, kinds []string, most int) ([]claim, error) {
	now := db.At(tx.Now)
	var b db.Build
	b.Add(`update jobs_job set tries = tries + 1, lease = `).Value(token)
	b.Add(`, leased_until = `).Value(db.At(tx.Now.Add(lease)))
	b.Add(` where stuck = false and leased_until <= `).Value(now)
	b.Add(` and id in (select id from jobs_job where stuck = false and run_at <= `).Value(now)
	b.Add(` and leased_until <= `).Value(now)
	b.Add(` and kind in `)
	db.List(&b, kinds)
	b.Add(` order by run_at, id limit `).Value(most)
	b.Add(`) returning id, kind, subject, lease, tries`)
	return db.All(ctx, tx, scanClaim, b.SQL(), b.Args()...)
}

// finish is what becomes of a claimed job.
type finish struct {
	done  bool          // it is removed
	stuck bool          // it waits for the operator
	tries int           // what it has cost so far
	pause time.Duration // until the next time
}

// finishClaim writes it down, unless the lease was lost: then another process has
// the job and says how it ends.
func finishClaim(ctx context.Context, tx *db.Tx, c claim, f finish) error {
	if f.done {
		_, err := tx.ExecContext(ctx, `delete from jobs_job where id = $1 and lease = $2`, c.ID, c.Lease)
		return err
	}
	_, err := tx.ExecContext(ctx, `
		update jobs_job set run_at = $1, tries = $2, stuck = $3, lease = '', leased_until = ''
		where id = $4 and lease = $5`,
		db.At(tx.Now.Add(f.pause)), f.tries, f.stuck, c.ID, c.Lease)
	return err
}

func state(ctx context.Context, q db.Querier, late time.Time) (State, error) {
	return db.One(ctx, q, func(rows *sql.Rows) (s State, err error) {
		var oldest db.Time
		err = rows.Scan(&s.Waiting, &s.Stuck, &s.Late, &oldest)
		s.Oldest = oldest.Time
		return s, err
	}, `
		select count(*) filter (where stuck = false),
			count(*) filter (where stuck = true),
			count(*) filter (where stuck = false and run_at <= $1),
			coalesce(min(case when stuck = false and run_at <= $2 then run_at end), '')
		from jobs_job where id not like 'every:%'`,
		db.At(late), db.At(late))
}

func unstick(ctx context.Context, tx *db.Tx) (int64, error) {
	res, err := tx.ExecContext(ctx, `
		update jobs_job set stuck = false, tries = 0, run_at = $1, lease = '', leased_until = '' where stuck = true`,
		db.At(tx.Now))
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func deleteOf(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	if person == "" {
		return nil // nobody's jobs are not hers
	}
	_, err := tx.ExecContext(ctx, `delete from jobs_job where person = $1`, person)
	return err
}
