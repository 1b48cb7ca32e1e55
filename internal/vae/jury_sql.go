package vae

import (
	"context"
	"database/sql"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertSession(ctx context.Context, tx *db.Tx, s session) error {
	_, err := tx.ExecContext(ctx, `
		insert into vae_session (grant_id, circle_id, owner, sha256, handed_at, decided_at, decided_by, outcome, title, reason)
		values ($1, $2, $3, $4, $5, '', '', '', '', '')`,
		s.grant, s.circle, s.owner, s.sha256, db.At(tx.Now))
	return err
}

func scanSession(rows *sql.Rows) (s session, err error) {
	var handed, decided db.Time
	err = rows.Scan(&s.grant, &s.circle, &s.owner, &s.sha256, &handed, &decided, &s.decidedBy, &s.outcome, &s.title, &s.reason)
	s.handed, s.decided = handed.Time, decided.Time
	return s, err
}

func sessionByGrant(ctx context.Context, q db.Querier, grant kernel.GrantID) (session, error) {
	s, err := db.One(ctx, q, scanSession, `
		select grant_id, circle_id, owner, sha256, handed_at, decided_at, decided_by, outcome, title, reason
		from vae_session where grant_id = $1`, grant)
	if errors.Is(err, sql.ErrNoRows) {
		err = errNotFoundVAE
	}
	return s, err
}

func sessionsOf(ctx context.Context, q db.Querier, circles []kernel.CircleID) ([]session, error) {
	var b db.Build
	b.Add(`select grant_id, circle_id, owner, sha256, handed_at, decided_at, decided_by, outcome, title, reason from vae_session where circle_id in `)
	db.List(&b, circles)
	b.Add(` order by grant_id desc`)
	return db.All(ctx, q, scanSession, b.SQL(), b.Args()...)
}

// decideSession notes a decision, once.
func decideSession(ctx context.Context, tx *db.Tx, grant kernel.GrantID, by kernel.PersonID, o Outcome, title, reason string) error {
	res, err := tx.ExecContext(ctx, `
		update vae_session set decided_at = $1, decided_by = $2, outcome = $3, title = $4, reason = $5
		where grant_id = $6 and decided_at = ''`, db.At(tx.Now), by, o, title, reason, grant)
	return db.Changed(res, err, errDecided)
}

func upsertOpinion(ctx context.Context, tx *db.Tx, grant kernel.GrantID, o Opinion) error {
	_, err := tx.ExecContext(ctx, `
		insert into vae_opinion (grant_id, about, person_id, opinion, reason, said_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (grant_id, about, person_id) do update set opinion = excluded.opinion, reason = excluded.reason, said_at = excluded.said_at`,
		grant, o.About, o.By, o.Word, o.Reason, db.At(tx.Now))
	return err
}

func opinionsOf(ctx context.Context, q db.Querier, grant kernel.GrantID) ([]Opinion, error) {
	return db.All(ctx, q, func(rows *sql.Rows) (o Opinion, err error) {
		return o, rows.Scan(&o.About, &o.By, &o.Word, &o.Reason)
	}, `select about, person_id, opinion, reason from vae_opinion where grant_id = $1 order by about, said_at, person_id`, grant)
}

// stillOpen makes the row wait for the end of the transaction: an opinion never comes
// after the decision.
func stillOpen(ctx context.Context, tx *db.Tx, grant kernel.GrantID) error {
	res, err := tx.ExecContext(ctx, `update vae_session set decided_by = '' where grant_id = $1 and decided_at = ''`, grant)
	return db.Changed(res, err, errDecided)
}

// countSessions counts the copies of a person's: those no jury decided on, and those
// that stay with the jury.
func countSessions(ctx context.Context, q db.Querier, person kernel.PersonID) (open, decided int, err error) {
	open, err = db.One(ctx, q, db.Scan[int], `select count(*) from vae_session where owner = $1 and decided_at = ''`, person)
	if err != nil {
		return 0, 0, err
	}
	decided, err = db.One(ctx, q, db.Scan[int], `select count(*) from vae_session where owner = $1 and decided_at <> ''`, person)
	return open, decided, err
}

// forgetPerson takes a person out: her undecided copies go with what was said of them;
// what she said and decided for a jury stays, without her name.
func forgetPerson(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	if _, err := tx.ExecContext(ctx, `
		delete from vae_opinion where grant_id in (select grant_id from vae_session where owner = $1 and decided_at = '')`, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from vae_session where owner = $1 and decided_at = ''`, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `update vae_session set owner = '' where owner = $1`, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `update vae_session set decided_by = '' where decided_by = $1`, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `update vae_referential set made_by = '' where made_by = $1`, person); err != nil {
		return err
	}
	// Her id becomes one that nobody has, a different one in each session: the word of the
	// jury as a whole is the one without any.
	_, err := tx.ExecContext(ctx, `update vae_opinion set person_id = $1 where person_id = $2`, kernel.NewID[string]("left", tx.Now), person)
	return err
}

func insertReferential(ctx context.Context, tx *db.Tx, r Referential, body string) error {
	_, err := tx.ExecContext(ctx, `
		insert into vae_referential (id, circle_id, title, body, version, made_at, made_by) values ($1, $2, $3, $4, 1, $5, $6)`,
		r.ID, r.Circle, r.Certification.Title, body, db.At(tx.Now), r.by)
	return err
}

func updateReferential(ctx context.Context, tx *db.Tx, r Referential, body string) error {
	res, err := tx.ExecContext(ctx, `
		update vae_referential set title = $1, body = $2, version = version + 1 where id = $3 and circle_id = $4 and version = $5`,
		r.Certification.Title, body, r.ID, r.Circle, r.Version)
	return db.Changed(res, err, errStale)
}

type referentialRow struct {
	Referential
	body string
}

func scanReferential(rows *sql.Rows) (r referentialRow, err error) {
	return r, rows.Scan(&r.ID, &r.Circle, &r.body, &r.Version)
}

func referentialRows(ctx context.Context, q db.Querier, circles []kernel.CircleID) ([]referentialRow, error) {
	var b db.Build
	b.Add(`select id, circle_id, body, version from vae_referential where circle_id in `)
	db.List(&b, circles)
	b.Add(` order by id`)
	return db.All(ctx, q, scanReferential, b.SQL(), b.Args()...)
}

func countReferentials(ctx context.Context, q db.Querier, circle kernel.CircleID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `select count(*) from vae_referential where circle_id = $1`, circle)
}
