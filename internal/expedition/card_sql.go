package expedition

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// asText is a map as JSON with sorted keys.
func asText(v any) (string, error) {
	raw, err := json.Marshal(v)
	return string(raw), err
}

func insertCard(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, c Card) error {
	fields, err := asText(c.Fields)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into expedition_card (expedition_id, id, kind, place, title, fields, circle_id, by_person, version, changed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		id, c.ID, c.Kind, c.Place, c.Title, fields, c.Circle, c.By, c.Version, db.At(c.At))
	if err != nil {
		return err
	}
	return insertTies(ctx, tx, id, c)
}

func insertTies(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, c Card) error {
	for name, targets := range c.Ties {
		for i, t := range targets {
			if _, err := tx.ExecContext(ctx, `
				insert into expedition_tie (expedition_id, card_id, name, place, target) values ($1, $2, $3, $4, $5)`,
				id, c.ID, name, i, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// updateCard writes c if its version is the current one.
func updateCard(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, c Card) error {
	fields, err := asText(c.Fields)
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `
		update expedition_card set title = $1, fields = $2, by_person = $3, changed_at = $4, version = version + 1
		where expedition_id = $5 and id = $6 and version = $7`, c.Title, fields, c.By, db.At(c.At), id, c.ID, c.Version)
	if err := db.Changed(res, err, errMoved); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `delete from expedition_tie where expedition_id = $1 and card_id = $2`, id, c.ID); err != nil {
		return err
	}
	return insertTies(ctx, tx, id, c)
}

func insertPast(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, c Card) error {
	fields, err := asText(c.Fields)
	if err != nil {
		return err
	}
	ties, err := asText(c.Ties)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into expedition_past (expedition_id, card_id, version, title, fields, ties, by_person, changed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`, id, c.ID, c.Version, c.Title, fields, ties, c.By, db.At(c.At))
	return err
}

func pastOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID, card string) ([]Card, error) {
	return db.All(ctx, q, func(rows *sql.Rows) (c Card, err error) {
		var at db.Time
		var fields, ties string
		if err := rows.Scan(&c.ID, &c.Version, &c.Title, &fields, &ties, &c.By, &at); err != nil {
			return c, err
		}
		c.At = at.Time
		return c, errors.Join(json.Unmarshal([]byte(fields), &c.Fields), json.Unmarshal([]byte(ties), &c.Ties))
	}, `
		select card_id, version, title, fields, ties, by_person, changed_at
		from expedition_past where expedition_id = $1 and card_id = $2 order by version desc`, id, card)
}

func scanCard(rows *sql.Rows) (c Card, err error) {
	var at db.Time
	var fields string
	if err := rows.Scan(&c.ID, &c.Kind, &c.Place, &c.Title, &fields, &c.Circle, &c.By, &c.Version, &at); err != nil {
		return c, err
	}
	c.At, c.Ties = at.Time, map[string][]string{}
	return c, json.Unmarshal([]byte(fields), &c.Fields)
}

func cardsOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID) ([]Card, error) {
	return db.All(ctx, q, scanCard, `
		select id, kind, place, title, fields, circle_id, by_person, version, changed_at
		from expedition_card where expedition_id = $1 order by place, id`, id)
}

// tieRow is one tie of one card.
type tieRow struct{ card, name, target string }

func scanTie(rows *sql.Rows) (t tieRow, err error) { return t, rows.Scan(&t.card, &t.name, &t.target) }

func allTies(ctx context.Context, q db.Querier, id kernel.ExpeditionID) ([]tieRow, error) {
	return db.All(ctx, q, scanTie, `
		select card_id, name, target from expedition_tie where expedition_id = $1 order by card_id, name, place`, id)
}

func tiesNamed(ctx context.Context, q db.Querier, id kernel.ExpeditionID, name string) (map[string][]string, error) {
	rows, err := db.All(ctx, q, scanTie, `
		select card_id, name, target from expedition_tie where expedition_id = $1 and name = $2 order by card_id, place`, id, name)
	all := map[string][]string{}
	for _, t := range rows {
		all[t.card] = append(all[t.card], t.target)
	}
	return all, err
}

func cardByID(ctx context.Context, q db.Querier, id kernel.ExpeditionID, card string) (Card, error) {
	c, err := db.One(ctx, q, scanCard, `
		select id, kind, place, title, fields, circle_id, by_person, version, changed_at
		from expedition_card where expedition_id = $1 and id = $2`, id, card)
	if errors.Is(err, sql.ErrNoRows) {
		return c, errNoCard
	}
	if err != nil {
		return c, err
	}
	rows, err := db.All(ctx, q, scanTie, `
		select card_id, name, target from expedition_tie where expedition_id = $1 and card_id = $2 order by name, place`, id, card)
	for _, t := range rows {
		c.Ties[t.name] = append(c.Ties[t.name], t.target)
	}
	return c, err
}

// head is what a tie needs to know of a card.
type head struct {
	id, kind string
	circle   kernel.CircleID
}

func cardHeads(ctx context.Context, q db.Querier, id kernel.ExpeditionID) (map[string]head, error) {
	rows, err := db.All(ctx, q, func(rows *sql.Rows) (h head, err error) { return h, rows.Scan(&h.id, &h.kind, &h.circle) }, `
		select id, kind, circle_id from expedition_card where expedition_id = $1`, id)
	all := make(map[string]head, len(rows))
	for _, h := range rows {
		all[h.id] = h
	}
	return all, err
}

func countCards(ctx context.Context, q db.Querier, id kernel.ExpeditionID) (n, last int, err error) {
	type counted struct{ n, last int }
	c, err := db.One(ctx, q, func(rows *sql.Rows) (c counted, err error) { return c, rows.Scan(&c.n, &c.last) }, `
		select count(*), coalesce(max(place), 0) from expedition_card where expedition_id = $1`, id)
	return c.n, c.last, err
}

// deleteCard removes a card, the ties to it, and the remarks about it; gone are the
// ids of all of them.
func deleteCard(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, card string) (gone []string, err error) {
	gone, err = db.All(ctx, tx, db.Scan[string], `
		select c.id from expedition_card c join expedition_tie t on t.expedition_id = c.expedition_id and t.card_id = c.id
		where c.expedition_id = $1 and c.kind = 'remark' and t.name = 'about' and t.target = $2`, id, card)
	if err != nil {
		return nil, err
	}
	gone = append(gone, card)
	for _, g := range gone {
		if _, err := tx.ExecContext(ctx, `delete from expedition_tie where expedition_id = $1 and target = $2`, id, g); err != nil {
			return nil, err
		}
		if _, err := tx.ExecContext(ctx, `delete from expedition_card where expedition_id = $1 and id = $2`, id, g); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

func releaseCard(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, card string) error {
	_, err := tx.ExecContext(ctx, `update expedition_card set circle_id = '' where expedition_id = $1 and id = $2`, id, card)
	return err
}

// neighbour is the card of the same kind just before or after c; "" at the end.
func neighbour(ctx context.Context, q db.Querier, id kernel.ExpeditionID, c Card, down bool) (string, int, error) {
	type near struct {
		id    string
		place int
	}
	scan := func(rows *sql.Rows) (n near, err error) { return n, rows.Scan(&n.id, &n.place) }
	var n near
	var err error
	if down {
		n, err = db.One(ctx, q, scan, `
			select id, place from expedition_card where expedition_id = $1 and kind = $2 and place > $3 order by place limit 1`, id, c.Kind, c.Place)
	} else {
		n, err = db.One(ctx, q, scan, `
			select id, place from expedition_card where expedition_id = $1 and kind = $2 and place < $3 order by place desc limit 1`, id, c.Kind, c.Place)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, nil
	}
	return n.id, n.place, err
}

func placeCard(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, card string, place int) error {
	_, err := tx.ExecContext(ctx, `update expedition_card set place = $1 where expedition_id = $2 and id = $3`, place, id, card)
	return err
}
