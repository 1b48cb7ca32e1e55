package expedition

import (
	"context"
	"database/sql"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func partnersOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID) ([]kernel.CircleID, error) {
	return db.All(ctx, q, db.Scan[kernel.CircleID], `
		select circle_id from expedition_partner where expedition_id = $1 order by circle_id`, id)
}

func insertPartner(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, circle kernel.CircleID) error {
	_, err := tx.ExecContext(ctx, `
		insert into expedition_partner (expedition_id, circle_id) values ($1, $2) on conflict do nothing`, id, circle)
	return err
}

func deletePartner(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, circle kernel.CircleID) error {
	_, err := tx.ExecContext(ctx, `delete from expedition_partner where expedition_id = $1 and circle_id = $2`, id, circle)
	return err
}

func roleOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID, person kernel.PersonID) (Role, error) {
	r, err := db.One(ctx, q, db.Scan[Role], `
		select role from expedition_role where expedition_id = $1 and person_id = $2`, id, person)
	if errors.Is(err, sql.ErrNoRows) {
		return Nobody, nil
	}
	return r, err
}

func rolesOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID) (map[kernel.PersonID]Role, error) {
	type given struct {
		person kernel.PersonID
		role   Role
	}
	rows, err := db.All(ctx, q, func(rows *sql.Rows) (g given, err error) { return g, rows.Scan(&g.person, &g.role) }, `
		select person_id, role from expedition_role where expedition_id = $1`, id)
	all := make(map[kernel.PersonID]Role, len(rows))
	for _, g := range rows {
		all[g.person] = g.role
	}
	return all, err
}

func putRole(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, person kernel.PersonID, role Role) error {
	_, err := tx.ExecContext(ctx, `
		insert into expedition_role (expedition_id, person_id, role) values ($1, $2, $3)
		on conflict (expedition_id, person_id) do update set role = excluded.role`, id, person, role)
	return err
}

func deleteRole(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `delete from expedition_role where expedition_id = $1 and person_id = $2`, id, person)
	return err
}

// credit is how one person, or a name from a file, is named.
type credit struct {
	Place  int
	Person kernel.PersonID
	Named  string
}

func creditsOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID) ([]credit, error) {
	return db.All(ctx, q, func(rows *sql.Rows) (c credit, err error) { return c, rows.Scan(&c.Place, &c.Person, &c.Named) }, `
		select place, person_id, named from expedition_credit where expedition_id = $1 order by place`, id)
}

func insertCredit(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, c credit) error {
	_, err := tx.ExecContext(ctx, `
		insert into expedition_credit (expedition_id, place, person_id, named) values ($1, $2, $3, $4)`, id, c.Place, c.Person, c.Named)
	return err
}

func deleteCredit(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `delete from expedition_credit where expedition_id = $1 and person_id = $2`, id, person)
	return err
}

func ownedBy(ctx context.Context, q db.Querier, person kernel.PersonID) ([]kernel.ExpeditionID, error) {
	return db.All(ctx, q, db.Scan[kernel.ExpeditionID], `
		select id from expedition_expedition where person_id = $1 order by id`, person)
}

func countCardsBy(ctx context.Context, q db.Querier, person kernel.PersonID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `
		select count(*) from expedition_card c join expedition_expedition x on x.id = c.expedition_id
		where c.by_person = $1 and x.person_id <> $2`, person, person)
}

// forgetPerson takes a person's id out of every row, and counts the cards she wrote.
func forgetPerson(ctx context.Context, tx *db.Tx, person kernel.PersonID) (int, error) {
	n, err := countCardsBy(ctx, tx, person)
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `update expedition_card set by_person = '' where by_person = $1`, person); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `update expedition_past set by_person = '' where by_person = $1`, person); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `delete from expedition_role where person_id = $1`, person); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `delete from expedition_credit where person_id = $1`, person)
	return n, err
}
