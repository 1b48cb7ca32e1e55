package gate

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

const countColumns = `id, circle, purpose, questions, words, made_at, until, state, settled_at, n, result`

func scanCount(rows *sql.Rows) (c Count, err error) {
	var made, until, settled db.Time
	var asked, words, result string
	if err := rows.Scan(&c.ID, &c.Circle, &c.Purpose, &asked, &words, &made, &until, &c.State, &settled, &c.People, &result); err != nil {
		return c, err
	}
	c.Made, c.Until, c.Settled = made.Time, until.Time, settled.Time
	c.Questions, c.Words = lines(asked), lines(words)
	if result != "" {
		err = json.Unmarshal([]byte(result), &c.Tallies)
	}
	return c, err
}

// lines reads what was joined by line breaks.
func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

func countRow(ctx context.Context, q db.Querier, id string) (Count, error) {
	c, err := db.One(ctx, q, scanCount, `select `+countColumns+` from gate_count where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return c, errNoCount
	}
	return c, err
}

// countsOf lists the newest counts of a circle.
func countsOf(ctx context.Context, q db.Querier, circle kernel.CircleID) ([]Count, error) {
	return db.All(ctx, q, scanCount, `select `+countColumns+` from gate_count where circle = $1 order by id desc limit $2`, circle, countsListed)
}

func publishedOf(ctx context.Context, q db.Querier, circle kernel.CircleID) ([]Count, error) {
	return db.All(ctx, q, scanCount, `select `+countColumns+` from gate_count where circle = $1 and state = 'published' order by id`, circle)
}

func countsDue(ctx context.Context, q db.Querier, now time.Time) ([]Count, error) {
	return db.All(ctx, q, scanCount, `select `+countColumns+` from gate_count where state = 'open' and until <= $1 order by id`, db.At(now))
}

func insertCount(ctx context.Context, tx *db.Tx, c Count) error {
	_, err := tx.ExecContext(ctx, `
		insert into gate_count (id, circle, purpose, questions, words, made_at, until, state, settled_at, n, result)
		values ($1, $2, $3, $4, $5, $6, $7, 'open', '', 0, '')`,
		c.ID, c.Circle, c.Purpose, strings.Join(c.Questions, "\n"), strings.Join(c.Words, "\n"), db.At(tx.Now), db.At(c.Until))
	if db.IsUnique(err) {
		return errCountOpen.Because(err)
	}
	return err
}

// settleCount ends an open count; errCountOver if it is not open any more.
func settleCount(ctx context.Context, tx *db.Tx, c Count, result string) error {
	res, err := tx.ExecContext(ctx, `
		update gate_count set state = $1, settled_at = $2, n = $3, result = $4 where id = $5 and state = 'open'`,
		c.State, db.At(tx.Now), c.People, result, c.ID)
	return db.Changed(res, err, errCountOver)
}

// contributionRecord is what a person said of a count, as it is stored.
type contributionRecord struct {
	owner  kernel.PersonID
	count  string
	at     db.Time
	sealed []byte
}

func scanContribution(rows *sql.Rows) (c contributionRecord, err error) {
	return c, rows.Scan(&c.owner, &c.count, &c.at, &c.sealed)
}

func contributionsTo(ctx context.Context, q db.Querier, count string) ([]contributionRecord, error) {
	return db.All(ctx, q, scanContribution, `
		select owner, count_id, at, sealed from gate_contribution where count_id = $1 order by owner`, count)
}

func contributionsOf(ctx context.Context, q db.Querier, owner kernel.PersonID) (map[string]contributionRecord, error) {
	rows, err := db.All(ctx, q, scanContribution, `
		select owner, count_id, at, sealed from gate_contribution where owner = $1`, owner)
	all := make(map[string]contributionRecord, len(rows))
	for _, r := range rows {
		all[r.count] = r
	}
	return all, err
}

func putContribution(ctx context.Context, tx *db.Tx, c contributionRecord) error {
	_, err := tx.ExecContext(ctx, `
		insert into gate_contribution (owner, count_id, at, sealed) values ($1, $2, $3, $4)
		on conflict (owner, count_id) do update set at = excluded.at, sealed = excluded.sealed`,
		c.owner, c.count, db.At(tx.Now), c.sealed)
	return err
}

func deleteContribution(ctx context.Context, tx *db.Tx, owner kernel.PersonID, count string) error {
	_, err := tx.ExecContext(ctx, `delete from gate_contribution where owner = $1 and count_id = $2`, owner, count)
	return err
}

func deleteContributions(ctx context.Context, tx *db.Tx, count string) error {
	_, err := tx.ExecContext(ctx, `delete from gate_contribution where count_id = $1`, count)
	return err
}

func insertCounted(ctx context.Context, tx *db.Tx, count, digest string) error {
	_, err := tx.ExecContext(ctx, `insert into gate_counted (count_id, digest) values ($1, $2)`, count, digest)
	return err
}

func countedIn(ctx context.Context, q db.Querier, count string) ([]string, error) {
	return db.All(ctx, q, db.Scan[string], `select digest from gate_counted where count_id = $1`, count)
}
