package app

import (
	"context"
	"errors"
	"fmt"
	"os"

	"digiwork/internal/account"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// errForeign says that a database is somebody's, not the demonstration's.
var errForeign = errors.New("this database holds people whom the demonstration did not invent; nothing was changed in it: run serve without --demo, or give the demonstration a database of its own with --database or --data")

// demoOnly refuses a database that the demonstration did not make. A database that
// is missing or empty will do, and so will its own.
func demoOnly(ctx context.Context, p place) (err error) {
	if !db.IsPostgres(p.database) {
		if _, err := os.Stat(p.database); errors.Is(err, os.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
	}
	d, err := db.Open(ctx, p.database, db.Content)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	people := db.Steps{Context: "account", Files: account.Migrations}
	now, err := d.Standing(ctx, people)
	if err != nil || now.Fresh {
		return err
	}
	others, err := db.One(ctx, d.Read(), db.Scan[int], `select count(*) from account_person where not demo`)
	if err != nil {
		return err
	}
	if others > 0 {
		return fmt.Errorf("%s: %w", d.Where, errForeign)
	}
	return nil
}

// fillDemo makes the invented people of the demonstration and everything of theirs,
// unless they are there. What a crash left half made is erased and made again.
func (a *App) fillDemo(ctx context.Context) error {
	s, err := readScene(sceneFiles, a.DB.Now())
	if err != nil {
		return fmt.Errorf("demonstration: %w", err)
	}
	whole, err := a.demoIsWhole(ctx, s)
	if err != nil || whole {
		return err
	}
	return a.remakeDemo(ctx, s)
}

// remakeDemo erases whoever lives in the demonstration and makes its people anew.
func (a *App) remakeDemo(ctx context.Context, s *scene) error {
	if err := a.eraseDemo(ctx); err != nil {
		return fmt.Errorf("demonstration: erase: %w", err)
	}
	if err := (&stage{App: a, scene: s}).play(ctx); err != nil {
		return fmt.Errorf("demonstration: fill: %w", err)
	}
	return nil
}

// demoIsWhole reports whether the demonstration was made to its end. The last thing
// made is what the musette of the last person is for.
func (a *App) demoIsWhole(ctx context.Context, s *scene) (bool, error) {
	ids, err := a.demoPeople(ctx)
	if err != nil || len(ids) < len(s.People) {
		return false, err
	}
	last := &s.People[len(s.People)-1]
	as, leave, err := a.enterAs(ctx, last.Handle)
	if kernel.KindOf(err) == kernel.NotFound {
		return false, nil // she has left, or has another handle
	}
	if err != nil {
		return false, err
	}
	arranged, err := a.Musette.Arrangement(as)
	return arranged.Goal != "", errors.Join(err, leave())
}

// demoPeople are the ids of everybody in the demonstration, those who registered in
// it too, newest first: the last one made is the first to be erased, so that what is
// half erased is never taken for whole.
func (a *App) demoPeople(ctx context.Context) ([]kernel.PersonID, error) {
	return db.All(ctx, a.DB.Read(), db.Scan[kernel.PersonID], `
		select id from account_person where demo order by made_at desc, id desc`)
}

// eraseDemo erases everybody of the demonstration, as the command line would.
func (a *App) eraseDemo(ctx context.Context) error {
	ids, err := a.demoPeople(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := a.Account.Erase(ctx, id); err != nil && kernel.KindOf(err) != kernel.Gone {
			return err
		}
	}
	return nil
}

// resetDemo puts the demonstration back as it was made. Once begun it goes to its
// end, whether or not whoever asked waits for it.
func (a *App) resetDemo(ctx context.Context) error {
	ctx = once.With(context.WithoutCancel(ctx), nil) // many writes, not one request
	s, err := readScene(sceneFiles, a.DB.Now())
	if err != nil {
		return fmt.Errorf("demonstration: %w", err)
	}
	return a.remakeDemo(ctx, s)
}
