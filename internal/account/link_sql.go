package account

import (
	"context"
	"database/sql"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func scanLink(rows *sql.Rows) (l link, err error) {
	return l, rows.Scan(&l.Digest, &l.ID, &l.Kind, &l.Person, &l.About, &l.MadeAt, &l.OpensAt, &l.EndsAt)
}

func insertLink(ctx context.Context, tx *db.Tx, l link) error {
	_, err := tx.ExecContext(ctx, `
		insert into account_link (digest, id, kind, person_id, about, made_at, opens_at, ends_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		l.Digest, l.ID, l.Kind, l.Person, l.About, l.MadeAt, l.OpensAt, l.EndsAt)
	return err
}

func linkByDigest(ctx context.Context, q db.Querier, digest string) (link, error) {
	l, err := db.One(ctx, q, scanLink, `
		select digest, id, kind, person_id, about, made_at, opens_at, ends_at from account_link where digest = $1`, digest)
	if errors.Is(err, sql.ErrNoRows) {
		return l, errLinkOver
	}
	return l, err
}

// deleteLink takes a link once: whoever comes second finds none.
func deleteLink(ctx context.Context, tx *db.Tx, digest string) error {
	res, err := tx.ExecContext(ctx, `delete from account_link where digest = $1`, digest)
	return db.Changed(res, err, errLinkOver)
}

func deleteLinks(ctx context.Context, tx *db.Tx, person kernel.PersonID, kinds ...linkKind) error {
	var b db.Build
	b.Add(`delete from account_link where person_id = `).Value(person).Add(` and kind in `)
	db.List(&b, kinds)
	_, err := tx.ExecContext(ctx, b.SQL(), b.Args()...)
	return err
}

func deleteSetupLinks(ctx context.Context, tx *db.Tx) error {
	_, err := tx.ExecContext(ctx, `delete from account_link where kind = 'setup'`)
	return err
}

// linksOf lists the links of a kind that have not ended, the newest first.
func linksOf(ctx context.Context, q db.Querier, person kernel.PersonID, kind linkKind, now db.Time) ([]link, error) {
	return db.All(ctx, q, scanLink, `
		select digest, id, kind, person_id, about, made_at, opens_at, ends_at from account_link
		where person_id = $1 and kind = $2 and ends_at > $3 order by made_at desc, id`, person, kind, now)
}

func deleteLinkOf(ctx context.Context, tx *db.Tx, person kernel.PersonID, kind linkKind, id string) error {
	res, err := tx.ExecContext(ctx, `
		delete from account_link where person_id = $1 and kind = $2 and id = $3`, person, kind, id)
	return db.Changed(res, err, errNoInvitation)
}

// sweepLinks removes links that ended, and what was announced of them.
func sweepLinks(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.ExecContext(ctx, `delete from account_link where ends_at <= $1`, db.At(tx.Now)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		update account_person set alert_at = '' where alert_at <> '' and not exists (
			select 1 from account_link where account_link.person_id = account_person.id and account_link.kind = 'lost')`)
	return err
}
