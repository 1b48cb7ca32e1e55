package account

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// sessionRow is a session as it is stored.
type sessionRow struct {
	Digest, ID               string
	Person                   kernel.PersonID
	How                      How
	Device                   string
	SignedAt, UsedAt, EndsAt db.Time
}

// sessionHolder and tokenHolder are the one read that every request pays.
func sessionHolder(ctx context.Context, q db.Querier, digest string) (holder, error) {
	h, err := db.Point(ctx, q, lineSession, `
		select s.id, s.signed_at, s.used_at, s.ends_at,
			p.id, p.name, p.lang, p.zone, p.admin, p.demo, p.theme, p.alert_at
		from account_session s join account_person p on p.id = s.person_id
		where s.digest = $1`, digest)
	h.Digest = digest
	return h, unknown(err)
}

func lineSession(l *db.Line) holder {
	h := holder{ID: l.Text(), SignedAt: l.Time(), UsedAt: l.Time(), EndsAt: l.Time()}
	h.whose(l)
	h.Theme, h.AlertAt = l.Text(), l.Time()
	return h
}

// whose reads the columns of the person.
func (h *holder) whose(l *db.Line) {
	h.Person, h.Name, h.Lang, h.Zone = kernel.PersonID(l.Text()), l.Text(), l.Text(), l.Text()
	h.Admin, h.Demo = l.Bool(), l.Bool()
}

// unknown says that nobody presents this credential.
func unknown(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return errUnknown
	}
	return err
}

func tokenHolder(ctx context.Context, q db.Querier, digest string) (holder, error) {
	h, err := db.Point(ctx, q, lineToken, `
		select t.id, t.scopes, t.used_at, t.ends_at, p.id, p.name, p.lang, p.zone, p.admin, p.demo
		from account_token t join account_person p on p.id = t.person_id
		where t.digest = $1`, digest)
	h.Digest = digest
	return h, unknown(err)
}

func lineToken(l *db.Line) holder {
	h := holder{ID: l.Text(), Scopes: l.Text(), UsedAt: l.Time(), EndsAt: l.Time()}
	h.whose(l)
	return h
}

func insertSession(ctx context.Context, tx *db.Tx, r sessionRow) error {
	_, err := tx.ExecContext(ctx, `
		insert into account_session (digest, id, person_id, how, device, signed_at, used_at, ends_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		r.Digest, r.ID, r.Person, r.How, r.Device, r.SignedAt, r.UsedAt, r.EndsAt)
	return hersStill(err)
}

// hersStill says that the person something was to be added to has left meanwhile: on
// PostgreSQL an erasure may be under way beside the transaction that found her.
func hersStill(err error) error {
	if db.IsOrphan(err) {
		return errNobody.Because(err)
	}
	return err
}

func scanSession(rows *sql.Rows) (r sessionRow, err error) {
	return r, rows.Scan(&r.Digest, &r.ID, &r.Person, &r.How, &r.Device, &r.SignedAt, &r.UsedAt, &r.EndsAt)
}

func sessionsOf(ctx context.Context, q db.Querier, person kernel.PersonID) ([]sessionRow, error) {
	return db.All(ctx, q, scanSession, `
		select digest, id, person_id, how, device, signed_at, used_at, ends_at
		from account_session where person_id = $1 order by used_at desc, id`, person)
}

func useSession(ctx context.Context, tx *db.Tx, digest string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		update account_session set used_at = $1 where digest = $2 and used_at < $3`,
		db.At(at), digest, db.At(at))
	return err
}

func deleteSession(ctx context.Context, tx *db.Tx, digest string) error {
	_, err := tx.ExecContext(ctx, `delete from account_session where digest = $1`, digest)
	return err
}

func closeSession(ctx context.Context, tx *db.Tx, person kernel.PersonID, id string) error {
	res, err := tx.ExecContext(ctx, `delete from account_session where person_id = $1 and id = $2`, person, id)
	return db.Changed(res, err, errNoSession)
}

// closeSessions ends all sessions of a person but one; "" spares none.
func closeSessions(ctx context.Context, tx *db.Tx, person kernel.PersonID, but string) error {
	_, err := tx.ExecContext(ctx, `delete from account_session where person_id = $1 and id <> $2`, person, but)
	return err
}

// sweepSessions removes sessions that ended by themselves.
func sweepSessions(ctx context.Context, tx *db.Tx) error {
	_, err := tx.ExecContext(ctx, `delete from account_session where ends_at <= $1 or used_at <= $2`,
		db.At(tx.Now), db.At(tx.Now.Add(-sessionIdle)))
	return err
}
