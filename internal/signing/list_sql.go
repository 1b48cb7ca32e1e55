package signing

import (
	"context"
	"database/sql"
	"errors"

	"digiwork/internal/platform/db"
)

func scanList(rows *sql.Rows) (l list, err error) {
	return l, rows.Scan(&l.id, &l.who.Kind, &l.who.ID, &l.issuer, &l.purpose, &l.number, &l.used, &l.version, &l.bits, &l.signed)
}

// takePlace counts one more place of the newest list that has any left.
func takePlace(ctx context.Context, tx *db.Tx, who Signer, issuer, purpose string) (list, bool, error) {
	l, err := db.One(ctx, tx, scanList, `
		update signing_list set used = used + 1
		where kind = $1 and holder = $2 and issuer = $3 and purpose = $4 and used < $5
			and number = (select max(number) from signing_list where kind = $6 and holder = $7 and issuer = $8 and purpose = $9)
		returning id, kind, holder, issuer, purpose, number, used, version, bits, signed`,
		who.Kind, who.ID, issuer, purpose, places, who.Kind, who.ID, issuer, purpose)
	if errors.Is(err, sql.ErrNoRows) {
		return l, false, nil
	}
	return l, err == nil, err
}

func lastNumber(ctx context.Context, tx *db.Tx, who Signer, issuer, purpose string) (int64, error) {
	return db.One(ctx, tx, db.Scan[int64], `
		select coalesce(max(number), 0) from signing_list
		where kind = $1 and holder = $2 and issuer = $3 and purpose = $4`, who.Kind, who.ID, issuer, purpose)
}

func insertList(ctx context.Context, tx *db.Tx, l list) error {
	_, err := tx.ExecContext(ctx, `
		insert into signing_list (id, kind, holder, issuer, purpose, number, used, version, bits, signed, signed_at)
		values ($1, $2, $3, $4, $5, $6, 0, 1, $7, $8, $9) on conflict do nothing`,
		l.id, l.who.Kind, l.who.ID, l.issuer, l.purpose, l.number, l.bits, l.signed, db.At(tx.Now))
	return err
}

func listByID(ctx context.Context, q db.Querier, id listID) (list, error) {
	l, err := db.One(ctx, q, scanList, `
		select id, kind, holder, issuer, purpose, number, used, version, bits, signed from signing_list where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return l, errNoList
	}
	return l, err
}

// takeList reads a list that is about to change; others who change it wait.
func takeList(ctx context.Context, tx *db.Tx, id listID) (list, error) {
	l, err := db.One(ctx, tx, scanList, `
		update signing_list set version = version + 1 where id = $1
		returning id, kind, holder, issuer, purpose, number, used, version, bits, signed`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return l, errNoEntry
	}
	return l, err
}

func updateList(ctx context.Context, tx *db.Tx, l list) error {
	_, err := tx.ExecContext(ctx, `update signing_list set bits = $1, signed = $2, signed_at = $3 where id = $4`,
		l.bits, l.signed, db.At(tx.Now), l.id)
	return err
}

func listsOf(ctx context.Context, q db.Querier, who Signer) ([]list, error) {
	return db.All(ctx, q, scanList, `
		select id, kind, holder, issuer, purpose, number, used, version, bits, signed from signing_list
		where kind = $1 and holder = $2 order by id`, who.Kind, who.ID)
}

// orphanList keeps the last word of somebody who has left.
func orphanList(ctx context.Context, tx *db.Tx, l list) error {
	_, err := tx.ExecContext(ctx, `
		update signing_list set holder = '', signed = $1, signed_at = $2 where id = $3`, l.signed, db.At(tx.Now), l.id)
	return err
}
