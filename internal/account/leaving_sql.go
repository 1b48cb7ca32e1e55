package account

import (
	"context"
	"database/sql"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// keeps counts what this context keeps of a person.
func keeps(ctx context.Context, q db.Querier, person kernel.PersonID) (map[string]int, error) {
	return db.One(ctx, q, func(rows *sql.Rows) (map[string]int, error) {
		var sessions, tokens, passkeys, invitations int
		err := rows.Scan(&sessions, &tokens, &passkeys, &invitations)
		return map[string]int{keySessions: sessions, keyTokens: tokens, keyPasskeys: passkeys, keyInvitations: invitations}, err
	}, `
		select (select count(*) from account_session where person_id = $1),
			(select count(*) from account_token where person_id = $2),
			(select count(*) from account_passkey where person_id = $3),
			(select count(*) from account_link where person_id = $4 and kind = 'invite')`,
		person, person, person, person)
}

// removePerson deletes a person with all that hangs on her, and keeps that she left.
// When nobody remains, the instance may be set up again.
func removePerson(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	if _, err := tx.ExecContext(ctx, `delete from account_session where person_id = $1`, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from account_token where person_id = $1`, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from account_passkey where person_id = $1`, person); err != nil {
		return err
	}
	if err := deleteCodes(ctx, tx, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from account_openid where person_id = $1`, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from account_link where person_id = $1`, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from account_person where id = $1`, person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `
		insert into account_departure (person_id, left_at, forgotten_at) values ($1, $2, '')
		on conflict (person_id) do nothing`, person, db.At(tx.Now)); err != nil {
		return err
	}
	c, err := counts(ctx, tx)
	if err != nil || c.People > 0 {
		return err
	}
	return dropSetting(ctx, tx, settingFirst)
}

func forgotten(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `
		update account_departure set forgotten_at = $1 where person_id = $2 and forgotten_at = ''`,
		db.At(tx.Now), person)
	return err
}

// departing are people whose erasure has not ended.
func departing(ctx context.Context, q db.Querier) ([]kernel.PersonID, error) {
	return db.All(ctx, q, db.Scan[kernel.PersonID], `
		select person_id from account_departure where forgotten_at = '' order by left_at`)
}
