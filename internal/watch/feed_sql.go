package watch

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

func insertFeed(ctx context.Context, tx *db.Tx, f Feed) error {
	_, err := tx.ExecContext(ctx, `
		insert into watch_feed (id, expedition_id, address, title, site, etag, modified, problem, pause, next_at, asked_at)
		values ($1, $2, $3, $4, $5, '', '', '', $6, $7, '')`,
		f.ID, f.expedition, f.Address, f.Title, f.Site, int64(f.pause/time.Second), db.At(f.NextAt))
	if db.IsUnique(err) {
		return errFeedTwice
	}
	return err
}

func updateFeed(ctx context.Context, tx *db.Tx, f Feed) error {
	_, err := tx.ExecContext(ctx, `
		update watch_feed set title = $1, site = $2, etag = $3, modified = $4, problem = $5, pause = $6, next_at = $7, asked_at = $8 where id = $9`,
		f.Title, f.Site, f.etag, f.modified, f.Problem, int64(f.pause/time.Second), db.At(f.NextAt), db.At(f.AskedAt), f.ID)
	return err
}

// moveFeed gives a feed another address, unless another feed of the expedition has it.
func moveFeed(ctx context.Context, tx *db.Tx, f Feed) error {
	res, err := tx.ExecContext(ctx, `
		update watch_feed set address = $1, next_at = $2, asked_at = $3
		where id = $4 and not exists (select 1 from watch_feed o where o.expedition_id = $5 and o.address = $1)`,
		f.Address, db.At(f.NextAt), db.At(f.AskedAt), f.ID, f.expedition)
	return db.Changed(res, err, errFeedTwice)
}

func scanFeed(rows *sql.Rows) (f Feed, err error) {
	var seconds int64
	var next, asked db.Time
	err = rows.Scan(&f.ID, &f.expedition, &f.Address, &f.Title, &f.Site, &f.etag, &f.modified, &f.Problem, &seconds, &next, &asked)
	f.pause, f.NextAt, f.AskedAt = time.Duration(seconds)*time.Second, next.Time, asked.Time
	return f, err
}

func feedByID(ctx context.Context, q db.Querier, id string) (Feed, error) {
	f, err := db.One(ctx, q, scanFeed, `
		select id, expedition_id, address, title, site, etag, modified, problem, pause, next_at, asked_at from watch_feed where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return f, errNoFeed
	}
	return f, err
}

func feedsOf(ctx context.Context, q db.Querier, id kernel.ExpeditionID) ([]Feed, error) {
	return db.All(ctx, q, scanFeed, `
		select id, expedition_id, address, title, site, etag, modified, problem, pause, next_at, asked_at
		from watch_feed where expedition_id = $1 order by title, id`, id)
}

func countFeeds(ctx context.Context, q db.Querier, id kernel.ExpeditionID) (int, error) {
	return db.One(ctx, q, db.Scan[int], `select count(*) from watch_feed where expedition_id = $1`, id)
}

func deleteFeed(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, feed string) error {
	res, err := tx.ExecContext(ctx, `delete from watch_feed where expedition_id = $1 and id = $2`, id, feed)
	return db.Changed(res, err, errNoFeed)
}

func dueFeeds(ctx context.Context, q db.Querier, now db.Time) ([]string, error) {
	return db.All(ctx, q, db.Scan[string], `select id from watch_feed where next_at <= $1 order by next_at limit 200`, now)
}

// putOff keeps feeds that were just given to the jobs from being given again.
func putOff(ctx context.Context, tx *db.Tx, feeds []string, to db.Time) error {
	var b db.Build
	b.Add(`update watch_feed set next_at = `).Value(to).Add(` where id in `)
	db.List(&b, feeds)
	_, err := tx.ExecContext(ctx, b.SQL(), b.Args()...)
	return err
}

// broughtBy are the addresses a feed brought already.
func broughtBy(ctx context.Context, q db.Querier, id kernel.ExpeditionID, feed string) (map[string]bool, error) {
	all, err := db.All(ctx, q, db.Scan[string], `select address from watch_signal where expedition_id = $1 and feed_id = $2`, id, feed)
	seen := make(map[string]bool, len(all))
	for _, a := range all {
		seen[a] = true
	}
	return seen, err
}
