package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"digiwork/internal/platform/db"
)

// upgrade makes the tables of a new database, and upgrades a SQLite file after a
// copy beside it. A PostgreSQL database that people use is upgraded on demand only:
// until then this program, which may run beside the one before it, serves with the
// tables as they are. closed are the parts whose tables are not there yet.
func upgrade(ctx context.Context, d *db.DB, allowed bool, steps []db.Steps) (closed []string, err error) {
	now, err := d.Standing(ctx, steps...)
	if err != nil || !now.Behind() {
		return nil, err
	}
	if now.Fresh || allowed || d.Dialect == db.SQLite {
		_, err := d.Migrate(ctx, steps...)
		return nil, err
	}
	return now.Absent, cannotServe(d, now)
}

// cannotServe says why this program cannot serve with tables that stand so, or nil.
func cannotServe(d *db.DB, now db.Standing) error {
	var missing []string
	for _, name := range now.Absent {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			missing = append(missing, name) // the house itself stands on these
		}
	}
	if missing = append(missing, now.TooOld...); len(missing) == 0 || d.Dialect == db.SQLite {
		return nil
	}
	return fmt.Errorf("%s: %s: %w", d.Where, strings.Join(missing, ", "), db.ErrBehind)
}

// resumeClock lets time go on from the last writing when the machine's clock is
// behind it, and says what else the operator has to do.
func (a *App) resumeClock(ctx context.Context) error {
	last, err := lastWrite(ctx, a.DB)
	if err != nil {
		return err
	}
	if behind := a.DB.Resume(last); behind > time.Minute {
		a.Log.WarnContext(ctx, "the clock went back", "err", sentence(errClockBehind(behind)))
	}
	a.KeysDB.Resume(last)
	if len(a.closed) > 0 {
		a.Log.WarnContext(ctx, "rooms stay closed", "contexts", a.closed, "err", db.ErrBehind)
	}
	return nil
}
