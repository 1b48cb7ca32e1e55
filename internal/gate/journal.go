package gate

import (
	"context"
	"database/sql"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Line is one line of the journal: somebody looked at something, count times
// between First and Last, under a grant or as operator of the instance.
type Line struct {
	ID          string
	Grant       kernel.GrantID // empty for the operator
	What        string         // "face", "piece", "loan", "loan_file", "deposit", "kept", "counted", "refused", or an Act
	Who         string         // "link", "operator", "count" or the id of a person
	Name        string         // of the person; empty if she has left
	First, Last time.Time
	Count       int64
}

// somebody reports whether a line speaks of a person of this instance.
func (l Line) somebody() bool { return l.Who != operator && l.Who != whoLink && l.Who != whoCount }

// entry is what note writes.
type entry struct {
	grant     kernel.GrantID
	what, who string
}

// span is how long visits of the same kind share a line.
const span = 10 * time.Minute

// note writes a line, or counts one more on the line of these ten minutes.
func (s *Service) note(ctx context.Context, tx *db.Tx, owner kernel.PersonID, e entry) error {
	now := db.At(tx.Now)
	_, err := tx.ExecContext(ctx, `
		insert into gate_journal (owner, id, span, grant_id, what, who, first_at, last_at, count)
		values ($1, $2, $3, $4, $5, $6, $7, $7, 1)
		on conflict (owner, span, grant_id, what, who)
		do update set last_at = excluded.last_at, count = gate_journal.count + 1`,
		owner, kernel.NewID[string]("jrn", tx.Now), db.At(tx.Now.Truncate(span)), e.grant, e.what, e.who, now)
	return err
}

func scanLine(rows *sql.Rows) (l Line, err error) {
	var first, last db.Time
	err = rows.Scan(&l.ID, &l.Grant, &l.What, &l.Who, &first, &last, &l.Count)
	l.First, l.Last = first.Time, last.Time
	return l, err
}

// Journal lists who looked at what, newest first: at most limit lines older than
// cursor (empty for the newest), and the cursor of the next page, empty at the end.
func (s *Service) Journal(ctx context.Context, cursor string, limit int) (lines []Line, next string, err error) {
	p, err := s.Own(ctx)
	if err != nil {
		return nil, "", err
	}
	if cursor == "" {
		cursor = "jrn_~"
	}
	lines, err = db.All(ctx, s.DB.Read(), scanLine, `
		select id, grant_id, what, who, first_at, last_at, count from gate_journal
		where owner = $1 and id < $2 order by id desc limit $3`, p.Owner(), cursor, limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(lines) > limit {
		lines = lines[:limit]
		next = lines[limit-1].ID
	}
	var ids []kernel.PersonID
	for _, l := range lines {
		if l.somebody() {
			ids = append(ids, kernel.PersonID(l.Who))
		}
	}
	names, err := s.People.Names(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	for i := range lines {
		lines[i].Name = names[kernel.PersonID(lines[i].Who)]
	}
	return lines, next, nil
}

type looked struct {
	grant kernel.GrantID
	n     int64
}

func scanLooked(rows *sql.Rows) (l looked, err error) { return l, rows.Scan(&l.grant, &l.n) }

func looksOf(ctx context.Context, q db.Querier, owner kernel.PersonID) (map[kernel.GrantID]int64, error) {
	rows, err := db.All(ctx, q, scanLooked, `
		select grant_id, sum(count) from gate_journal where owner = $1 and what in ('face', 'loan') group by grant_id`, owner)
	if err != nil {
		return nil, err
	}
	m := map[kernel.GrantID]int64{}
	for _, r := range rows {
		m[r.grant] = r.n
	}
	return m, nil
}
