package account

import (
	"context"
	"database/sql"
	"embed"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Migrations of the tables of this context.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// personRow is a person as she is stored: her address sealed, her password stretched.
type personRow struct {
	Person
	sealed   string // address
	digest   string // of the address
	password string
	alertAt  db.Time // from when a link for somebody who lost everything would open
}

func scanPerson(rows *sql.Rows) (r personRow, err error) {
	var made db.Time
	err = rows.Scan(&r.ID, &r.Handle, &r.Name, &r.sealed, &r.digest, &r.MailConfirmed, &r.Lang, &r.Zone, &r.Theme,
		&r.Quiet.On, &r.Quiet.From, &r.Quiet.To, &r.Quiet.Days, &r.password, &r.Admin, &r.Demo, &r.alertAt, &made, &r.Version)
	r.MadeAt = made.Time
	return r, err
}

// selectPerson is what scanPerson reads.
const selectPerson = `
	select id, handle, name, mail, mail_digest, mail_confirmed, lang, zone, theme,
		quiet_on, quiet_from, quiet_to, quiet_days, password, admin, demo, alert_at, made_at, version
	from account_person `

func insertPerson(ctx context.Context, tx *db.Tx, r personRow) error {
	_, err := tx.ExecContext(ctx, `
		insert into account_person (id, handle, handle_fold, name, mail, mail_digest, mail_confirmed, lang, zone, theme,
			quiet_on, quiet_from, quiet_to, quiet_days, password, admin, demo, alert_at, made_at, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, '', $18, 1)`,
		r.ID, r.Handle, foldHandle(r.Handle), r.Name, r.sealed, r.digest, r.MailConfirmed, r.Lang, r.Zone, r.Theme,
		r.Quiet.On, r.Quiet.From, r.Quiet.To, int64(r.Quiet.Days), r.password, r.Admin, r.Demo, db.At(tx.Now))
	return taken(err)
}

// taken says that another person has the handle, in a sentence.
func taken(err error) error {
	if db.IsUnique(err) {
		return errHandleTaken.Because(err)
	}
	return err
}

func updatePerson(ctx context.Context, tx *db.Tx, r personRow) error {
	res, err := tx.ExecContext(ctx, `
		update account_person set handle = $1, handle_fold = $2, name = $3, mail = $4, mail_digest = $5,
			mail_confirmed = $6, lang = $7, zone = $8, theme = $9, quiet_on = $10, quiet_from = $11, quiet_to = $12,
			quiet_days = $13, version = version + 1
		where id = $14 and version = $15`,
		r.Handle, foldHandle(r.Handle), r.Name, r.sealed, r.digest,
		r.MailConfirmed, r.Lang, r.Zone, r.Theme, r.Quiet.On, r.Quiet.From, r.Quiet.To,
		int64(r.Quiet.Days), r.ID, r.Version)
	return db.Changed(res, taken(err), errStaleProfile)
}

func personByID(ctx context.Context, q db.Querier, id kernel.PersonID) (personRow, error) {
	r, err := db.One(ctx, q, scanPerson, selectPerson+`where id = $1`, id)
	return r, nobody(err)
}

// nobody says in a sentence that there is no such person.
func nobody(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return errNobody
	}
	return err
}

func personByHandle(ctx context.Context, q db.Querier, fold string) (personRow, error) {
	r, err := db.One(ctx, q, scanPerson, selectPerson+`where handle_fold = $1`, fold)
	return r, nobody(err)
}

// personByMail prefers whoever proved that the address is hers.
func personByMail(ctx context.Context, q db.Querier, digest string) (personRow, error) {
	r, err := db.One(ctx, q, scanPerson, selectPerson+`where mail_digest = $1 order by mail_confirmed desc, id limit 1`, digest)
	return r, nobody(err)
}

func setPassword(ctx context.Context, tx *db.Tx, person kernel.PersonID, hash string) error {
	_, err := tx.ExecContext(ctx, `update account_person set password = $1 where id = $2`, hash, person)
	return err
}

// preference keeps language and theme; an empty one is left as it is.
func preference(ctx context.Context, tx *db.Tx, person kernel.PersonID, lang, theme string, setTheme bool) error {
	_, err := tx.ExecContext(ctx, `
		update account_person set lang = case when $1 <> '' then $2 else lang end,
			theme = case when $3 then $4 else theme end
		where id = $5`, lang, lang, setTheme, theme, person)
	return err
}

// confirmMail marks the address as proved, if it is still the one that was written to.
func confirmMail(ctx context.Context, tx *db.Tx, person kernel.PersonID, digest string) error {
	res, err := tx.ExecContext(ctx, `
		update account_person set mail_confirmed = true where id = $1 and mail_digest = $2`, person, digest)
	return db.Changed(res, err, errLinkOver)
}

func setAlert(ctx context.Context, tx *db.Tx, person kernel.PersonID, at db.Time) error {
	_, err := tx.ExecContext(ctx, `update account_person set alert_at = $1 where id = $2`, at, person)
	return err
}

type namedPerson struct {
	id   kernel.PersonID
	name string
}

func scanNamed(rows *sql.Rows) (n namedPerson, err error) { return n, rows.Scan(&n.id, &n.name) }

func namesOf(ctx context.Context, q db.Querier, ids []kernel.PersonID) ([]namedPerson, error) {
	var b db.Build
	b.Add(`select id, name from account_person where id in `)
	db.List(&b, ids)
	return db.All(ctx, q, scanNamed, b.SQL(), b.Args()...)
}

func scanCounts(rows *sql.Rows) (c Counts, err error) { return c, rows.Scan(&c.People, &c.Owners) }

func counts(ctx context.Context, q db.Querier) (Counts, error) {
	return db.One(ctx, q, scanCounts, `select count(*), count(*) filter (where admin) from account_person`)
}

func demoPeople(ctx context.Context, q db.Querier) ([]personRow, error) {
	return db.All(ctx, q, scanPerson, selectPerson+`where demo order by made_at, id limit 100`)
}

// setting reads what the owner decided; "" if nothing was.
func setting(ctx context.Context, q db.Querier, name string) (string, error) {
	v, err := db.All(ctx, q, db.Scan[string], `select value from account_setting where name = $1`, name)
	if err != nil || len(v) == 0 {
		return "", err
	}
	return v[0], nil
}

func setSetting(ctx context.Context, tx *db.Tx, name, value string) error {
	_, err := tx.ExecContext(ctx, `
		insert into account_setting (name, value) values ($1, $2)
		on conflict (name) do update set value = excluded.value`, name, value)
	return err
}

// claimSetting writes a setting that nobody wrote before, and says whether it did.
func claimSetting(ctx context.Context, tx *db.Tx, name, value string) (bool, error) {
	res, err := tx.ExecContext(ctx, `
		insert into account_setting (name, value) values ($1, $2) on conflict (name) do nothing`, name, value)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func dropSetting(ctx context.Context, tx *db.Tx, name string) error {
	_, err := tx.ExecContext(ctx, `delete from account_setting where name = $1`, name)
	return err
}
