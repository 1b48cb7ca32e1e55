package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/seal"
)

type backupCmd struct {
	Out string `required:"" help:"File to write; FILE.keys is written beside it." placeholder:"FILE"`
}

// Run implements the command.
func (c *backupCmd) Run(e *env) error {
	return e.with(func(a *App) error {
		rows, err := a.Backup(e.ctx, c.Out)
		if err != nil {
			return err
		}
		return e.say(map[string]any{"file": c.Out, "keys": c.Out + ".keys", "rows": rows},
			"Wrote %s (%d rows) and %s.keys.\nKeep the keys elsewhere, and replace them with each new backup rather than collecting them: an old keys file opens what was erased since.", c.Out, rows, c.Out)
	})
}

// Backup writes the content to out and the wrapped keys to out.keys, from a
// snapshot each, while others write. Content comes first: whoever was erased in
// between is in the content without a key.
func (a *App) Backup(ctx context.Context, out string) (rows int64, err error) {
	rows, err = dumpTo(ctx, a.DB, out, steps())
	if err != nil {
		return 0, err
	}
	_, err = dumpTo(ctx, a.KeysDB, out+".keys", keySteps())
	return rows, err
}

// dumpTo writes a dump: whole, durable and readable by its owner alone, or not at all.
func dumpTo(ctx context.Context, d *db.DB, path string, steps []db.Steps) (rows int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".backup-*") // mode 0600
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeIfThere(f.Name()))
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	rows, err = d.Dump(ctx, w, steps...)
	if err := errors.Join(err, w.Flush(), f.Sync(), f.Close()); err != nil {
		return 0, err
	}
	return rows, os.Rename(f.Name(), path)
}

type restoreCmd struct {
	File string `arg:"" help:"Backup of the content."`
	Keys string `required:"" help:"The newest keys file there is: who was erased since the backup stays erased." placeholder:"FILE.keys"`
}

// Run implements the command.
func (c *restoreCmd) Run(e *env) error {
	p := e.cfg.place("digiwork")
	if _, err := os.Stat(p.key); err != nil {
		return fmt.Errorf("%s: %w", p.key, seal.ErrNoFile)
	}
	rows, gone, err := restore(e.ctx, e, p, c.File, c.Keys)
	if err != nil {
		return err
	}
	return e.say(map[string]any{"rows": rows, "erased_again": gone}, "Restored %d rows. %d erased people stay erased.", rows, gone)
}

// restore fills an empty database from a backup, then erases again whoever was
// erased after it was made.
func restore(ctx context.Context, e *env, p place, file, keys string) (rows int64, gone int, err error) {
	if rows, err = fill(ctx, p, file, keys); err != nil {
		return 0, 0, err
	}
	a, err := New(ctx, p, options{base: "http://localhost:8080", limits: e.cfg.limits(), migrate: true, log: e.log})
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	owners, err := a.Keys.Tombstones(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, owner := range owners {
		known, err := a.Gate.Known(ctx, owner)
		if err != nil {
			return 0, 0, err
		}
		if !known {
			continue
		}
		if _, err := a.Account.Erase(ctx, kernel.PersonID(owner)); err != nil {
			return 0, 0, err
		}
		gone++
	}
	return rows, gone, nil
}

func fill(ctx context.Context, p place, file, keys string) (rows int64, err error) {
	load := func(half db.Half, path string, steps []db.Steps) (n int64, err error) {
		f, err := os.Open(path) //nolint:gosec // the operator's own path
		if err != nil {
			return 0, err
		}
		d, err := db.Open(ctx, p.database, half)
		if err != nil {
			return 0, errors.Join(err, f.Close())
		}
		n, err = d.Load(ctx, f, steps...)
		if err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return n, errors.Join(err, f.Close(), d.Close())
	}
	if _, err := load(db.Keys, keys, keySteps()); err != nil {
		return 0, err
	}
	return load(db.Content, file, steps())
}

// backups is where the administration page keeps the backups it makes.
type backups struct{ a *App }

func (b backups) dir() string { return filepath.Join(b.a.place.dir, "backups") }

// Now writes a backup into the folder of backups and gives its name.
func (b backups) Now(ctx context.Context) (string, error) {
	if err := os.MkdirAll(b.dir(), 0o700); err != nil {
		return "", err
	}
	name := "digiwork-" + b.a.DB.Now().Format("20060102-150405") + ".backup"
	_, err := b.a.Backup(ctx, filepath.Join(b.dir(), name))
	return name, err
}

// list gives the names of the backups, newest first.
func (b backups) list() ([]os.FileInfo, error) {
	entries, err := os.ReadDir(b.dir())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var all []os.FileInfo
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".backup") {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		all = append(all, info)
	}
	slices.SortFunc(all, func(x, y os.FileInfo) int { return strings.Compare(y.Name(), x.Name()) })
	return all, err
}
