package account

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// passkeyRow is a passkey as it is stored.
type passkeyRow struct {
	Credential     string // its id, base64url
	ID             string
	Person         kernel.PersonID
	Record         string // JSON of the library's credential record, without attestation
	Device         string
	MadeAt, UsedAt db.Time
}

func scanPasskey(rows *sql.Rows) (r passkeyRow, err error) {
	return r, rows.Scan(&r.Credential, &r.ID, &r.Person, &r.Record, &r.Device, &r.MadeAt, &r.UsedAt)
}

func insertPasskey(ctx context.Context, tx *db.Tx, r passkeyRow) error {
	_, err := tx.ExecContext(ctx, `
		insert into account_passkey (credential_id, id, person_id, record, device, made_at, used_at)
		values ($1, $2, $3, $4, $5, $6, $7)`,
		r.Credential, r.ID, r.Person, r.Record, r.Device, r.MadeAt, r.UsedAt)
	if db.IsUnique(err) { // WebAuthn, 7.1, step 26: a credential belongs to one account
		return errPasskeyKnown.Because(err)
	}
	return hersStill(err)
}

func passkeysOf(ctx context.Context, q db.Querier, person kernel.PersonID) ([]passkeyRow, error) {
	return db.All(ctx, q, scanPasskey, `
		select credential_id, id, person_id, record, device, made_at, used_at
		from account_passkey where person_id = $1 order by made_at, id`, person)
}

// usePasskey keeps the new counter; the passkey may have been removed meanwhile.
func usePasskey(ctx context.Context, tx *db.Tx, r passkeyRow, now time.Time) error {
	res, err := tx.ExecContext(ctx, `
		update account_passkey set record = $1, used_at = $2 where credential_id = $3 and person_id = $4`,
		r.Record, db.At(now), r.Credential, r.Person)
	return db.Changed(res, err, errPasskey)
}

func deletePasskey(ctx context.Context, tx *db.Tx, person kernel.PersonID, id string) error {
	res, err := tx.ExecContext(ctx, `delete from account_passkey where person_id = $1 and id = $2`, person, id)
	return db.Changed(res, err, errNoPasskey)
}

func insertCeremony(ctx context.Context, tx *db.Tx, digest, state string, ends time.Time) error {
	_, err := tx.ExecContext(ctx, `
		insert into account_ceremony (digest, state, ends_at) values ($1, $2, $3)`, digest, state, db.At(ends))
	return err
}

// useCeremony takes a ceremony once, while it lasts.
func useCeremony(ctx context.Context, tx *db.Tx, digest string) (string, error) {
	state, err := db.One(ctx, tx, db.Scan[string], `
		delete from account_ceremony where digest = $1 and ends_at > $2 returning state`, digest, db.At(tx.Now))
	if errors.Is(err, sql.ErrNoRows) {
		return "", errPasskey
	}
	return state, err
}

func sweepCeremonies(ctx context.Context, tx *db.Tx) error {
	_, err := tx.ExecContext(ctx, `delete from account_ceremony where ends_at <= $1`, db.At(tx.Now))
	return err
}
