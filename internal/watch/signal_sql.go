package watch

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/fold"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/search"
)

// tags are kept one a line.
func joined(tags []string) string { return strings.Join(tags, "\n") }

func split(tags string) []string {
	if tags == "" {
		return nil
	}
	return strings.Split(tags, "\n")
}

func takeTurn(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	_, err := tx.ExecContext(ctx, `
		insert into watch_turn (expedition_id, turn) values ($1, 1)
		on conflict (expedition_id) do update set turn = watch_turn.turn + 1`, id)
	return err
}

func insertSignal(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, g Signal) error {
	_, err := tx.ExecContext(ctx, `
		insert into watch_signal (expedition_id, id, lead_id, why, feed_id, address, title, author, published, text, print,
			state, grade, axis, tags, note, by_person, seen_at, kept_at, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		id, g.ID, g.Lead, string(g.Why), g.Feed, g.Address, g.Title, g.Author, g.Published, g.Text, int64(g.print), //nolint:gosec // its 64 bits
		g.State, g.Grade, g.Axis, joined(g.Tags), g.Note, g.by, db.At(g.SeenAt), db.At(g.KeptAt), g.Version)
	return err
}

func updateSignal(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, g Signal) error {
	res, err := tx.ExecContext(ctx, `
		update watch_signal set address = $1, title = $2, author = $3, published = $4, state = $5, grade = $6, axis = $7,
			tags = $8, note = $9, kept_at = $10, version = version + 1
		where expedition_id = $11 and id = $12 and version = $13`,
		g.Address, g.Title, g.Author, g.Published, g.State, g.Grade, g.Axis, joined(g.Tags), g.Note, db.At(g.KeptAt), id, g.ID, g.Version)
	return db.Changed(res, err, errStale)
}

// fillSignal writes what the page of a signal says, where nobody had said it.
func fillSignal(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, g Signal) error {
	_, err := tx.ExecContext(ctx, `
		update watch_signal set title = $1, author = $2, published = $3, text = $4, print = $5 where expedition_id = $6 and id = $7`,
		g.Title, g.Author, g.Published, g.Text, int64(g.print), id, g.ID) //nolint:gosec // its 64 bits
	return err
}

func keepLead(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, lead string) error {
	_, err := tx.ExecContext(ctx, `
		update watch_signal set state = 'kept', kept_at = $1, version = version + 1
		where expedition_id = $2 and id = $3 and state <> 'kept'`, db.At(tx.Now), id, lead)
	return err
}

func setLead(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, signal, lead string, why fold.Why) error {
	res, err := tx.ExecContext(ctx, `update watch_signal set lead_id = $1, why = $2 where expedition_id = $3 and id = $4`, lead, string(why), id, signal)
	return db.Changed(res, err, errNoSignal)
}

func insertApart(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, one, other string) error {
	_, err := tx.ExecContext(ctx, `
		insert into watch_apart (expedition_id, one_id, other_id) values ($1, $2, $3) on conflict do nothing`, id, one, other)
	return err
}

func apartPairs(ctx context.Context, q db.Querier, id kernel.ExpeditionID) ([][2]string, error) {
	return db.All(ctx, q, func(rows *sql.Rows) (p [2]string, err error) { return p, rows.Scan(&p[0], &p[1]) }, `
		select one_id, other_id from watch_apart where expedition_id = $1 order by one_id, other_id`, id)
}

// knownSignals are those that folding compares with, without their words.
func knownSignals(ctx context.Context, q db.Querier, id kernel.ExpeditionID) ([]Signal, error) {
	return db.All(ctx, q, func(rows *sql.Rows) (g Signal, err error) {
		var print int64
		err = rows.Scan(&g.ID, &g.Lead, &g.Address, &g.Title, &g.Published, &print)
		g.print = fold.Print(print) //nolint:gosec // its 64 bits
		return g, err
	}, `select id, lead_id, address, title, published, print from watch_signal where expedition_id = $1 order by id`, id)
}

func scanSignal(rows *sql.Rows) (g Signal, err error) {
	var print int64
	var why, tags string
	var seen, kept db.Time
	err = rows.Scan(&g.ID, &g.Lead, &why, &g.Feed, &g.Address, &g.Title, &g.Author, &g.Published, &g.Text, &print,
		&g.State, &g.Grade, &g.Axis, &tags, &g.Note, &g.by, &seen, &kept, &g.Version)
	g.Why, g.print, g.Tags, g.SeenAt, g.KeptAt = fold.Why(why), fold.Print(print), split(tags), seen.Time, kept.Time //nolint:gosec // its 64 bits
	return g, err
}

func signalByID(ctx context.Context, q db.Querier, id kernel.ExpeditionID, signal string) (Signal, error) {
	g, err := db.One(ctx, q, scanSignal, `
		select id, lead_id, why, feed_id, address, title, author, published, text, print, state, grade, axis, tags, note, by_person, seen_at, kept_at, version
		from watch_signal where expedition_id = $1 and id = $2`, id, signal)
	if errors.Is(err, sql.ErrNoRows) {
		return g, errNoSignal
	}
	return g, err
}

// signalOfJob finds a signal by its id alone, for the job that reads its page.
func signalOfJob(ctx context.Context, q db.Querier, signal string) (kernel.ExpeditionID, error) {
	id, err := db.One(ctx, q, db.Scan[kernel.ExpeditionID], `select expedition_id from watch_signal where id = $1`, signal)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errNoSignal
	}
	return id, err
}

// clusterOf is a lead and what was folded under it, in the order they came.
func clusterOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID, lead string) ([]Signal, error) {
	all, err := db.All(ctx, q, scanSignal, `
		select id, lead_id, why, feed_id, address, title, author, published, text, print, state, grade, axis, tags, note, by_person, seen_at, kept_at, version
		from watch_signal where expedition_id = $1 and (id = $2 or lead_id = $2) order by id`, id, lead)
	if err == nil && len(all) == 0 {
		return nil, errNoSignal
	}
	return all, err
}

func signalsByID(ctx context.Context, q db.Querier, id kernel.ExpeditionID, ids []string) ([]Signal, error) {
	var b db.Build
	b.Add(`select id, lead_id, why, feed_id, address, title, author, published, text, print, state, grade, axis, tags, note, by_person, seen_at, kept_at, version
		from watch_signal where expedition_id = `).Value(id).Add(` and id in `)
	db.List(&b, ids)
	b.Add(` order by id`)
	return db.All(ctx, q, scanSignal, b.SQL(), b.Args()...)
}

// allSignals are those of an expedition in a state, "" for all, newest first.
func allSignals(ctx context.Context, q db.Querier, id kernel.ExpeditionID, state State, most int) ([]Signal, error) {
	var b db.Build
	b.Add(`select id, lead_id, why, feed_id, address, title, author, published, text, print, state, grade, axis, tags, note, by_person, seen_at, kept_at, version
		from watch_signal where expedition_id = `).Value(id)
	if state != "" {
		b.Add(` and lead_id = '' and state = `).Value(state)
	}
	b.Add(` order by id desc limit `).Value(most)
	return db.All(ctx, q, scanSignal, b.SQL(), b.Args()...)
}

func keptSince(ctx context.Context, q db.Querier, id kernel.ExpeditionID, from db.Time) ([]Signal, error) {
	return db.All(ctx, q, scanSignal, `
		select id, lead_id, why, feed_id, address, title, author, published, '', print, state, grade, axis, tags, note, by_person, seen_at, kept_at, version
		from watch_signal where expedition_id = $1 and lead_id = '' and state = 'kept' and kept_at >= $2 order by id limit 500`, id, from)
}

// listed are one more than a page, so that the next page is known to be.
func listed(ctx context.Context, q db.Querier, id kernel.ExpeditionID, ask Ask, found []string) ([]Listed, error) {
	var b db.Build
	b.Add(`select s.id, s.lead_id, s.why, s.feed_id, s.address, s.title, s.author, s.published, '', s.print, s.state, s.grade, s.axis, s.tags, s.note, s.by_person, s.seen_at, s.kept_at, s.version,
			(select count(*) from watch_signal o where o.expedition_id = s.expedition_id and o.lead_id = s.id)
		from watch_signal s where s.expedition_id = `).Value(id).Add(` and s.lead_id = ''`)
	if ask.State != "" {
		b.Add(` and s.state = `).Value(ask.State)
	}
	if ask.Grade != "" {
		b.Add(` and s.grade = `).Value(ask.Grade)
	}
	switch ask.Axis {
	case "":
	case "-":
		b.Add(` and s.axis = ''`)
	default:
		b.Add(` and s.axis = `).Value(ask.Axis)
	}
	if ask.Tag != "" {
		b.Add(` and '
' || s.tags || '
' like `).Value("%\n" + likely(ask.Tag) + "\n%").Add(` escape '!'`)
	}
	if found != nil {
		b.Add(` and s.id in `)
		db.List(&b, found)
	} else if ask.After != "" {
		b.Add(` and s.id < `).Value(ask.After)
	}
	b.Add(` order by s.id desc limit `).Value(4*page + 1)
	return db.All(ctx, q, func(rows *sql.Rows) (l Listed, err error) {
		var print int64
		var why, tags string
		var seen, kept db.Time
		g := &l.Signal
		err = rows.Scan(&g.ID, &g.Lead, &why, &g.Feed, &g.Address, &g.Title, &g.Author, &g.Published, &g.Text, &print,
			&g.State, &g.Grade, &g.Axis, &tags, &g.Note, &g.by, &seen, &kept, &g.Version, &l.Sources)
		g.Why, g.print, g.Tags, g.SeenAt, g.KeptAt = fold.Why(why), fold.Print(print), split(tags), seen.Time, kept.Time //nolint:gosec // its 64 bits
		return l, err
	}, b.SQL(), b.Args()...)
}

// likely is a text that like takes as it is.
func likely(s string) string { return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) }

func countStates(ctx context.Context, q db.Querier, id kernel.ExpeditionID) (map[State]int, error) {
	type count struct {
		state State
		n     int
	}
	all, err := db.All(ctx, q, func(rows *sql.Rows) (c count, err error) { return c, rows.Scan(&c.state, &c.n) }, `
		select state, count(*) from watch_signal where expedition_id = $1 and lead_id = '' group by state`, id)
	counts := map[State]int{}
	for _, c := range all {
		counts[c.state] = c.n
	}
	return counts, err
}

func deleteAll(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	for _, f := range []func() (sql.Result, error){
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from watch_signal where expedition_id = $1`, id)
		},
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from watch_apart where expedition_id = $1`, id)
		},
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from watch_feed where expedition_id = $1`, id)
		},
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from watch_note where expedition_id = $1`, id)
		},
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from watch_review where expedition_id = $1`, id)
		},
		func() (sql.Result, error) {
			return tx.ExecContext(ctx, `delete from watch_turn where expedition_id = $1`, id)
		},
	} {
		if _, err := f(); err != nil {
			return err
		}
	}
	return search.DropSpace(ctx, tx, space(id))
}

func forgetPerson(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	_, one := tx.ExecContext(ctx, `update watch_signal set by_person = '' where by_person = $1`, person)
	_, two := tx.ExecContext(ctx, `update watch_note set by_person = '' where by_person = $1`, person)
	return errors.Join(one, two)
}
