package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"
)

// ErrNewer says that a newer program has written this database. An old program
// that went on would corrupt it.
var ErrNewer = errors.New("a newer program wrote this database: run that program, or restore the backup made before the upgrade")

// ErrBehind says that the schema waits for migrations nobody asked for.
var ErrBehind = errors.New("the database waits for an upgrade: make a backup, then run digiwork migrate, or serve --migrate")

// Steps are the migrations of one context, in a folder called migrations.
type Steps struct {
	Context string
	Files   fs.FS
	Least   int64 // the step this program can work with; 0 is the last one
}

// Migrate brings the tables of each context up to date and says how many steps
// it took. Every context numbers its own files and has its own version table,
// so contexts never wait for each other. Nothing is changed when any context is
// newer than this program. A SQLite database that holds something is first
// copied beside itself.
func (d *DB) Migrate(ctx context.Context, contexts ...Steps) (int, error) {
	var todo []*goose.Provider
	fresh := true
	for _, c := range contexts {
		p, err := d.provider(c)
		if err != nil {
			return 0, d.wrap(fmt.Errorf("migrations of %s: %w", c.Context, err))
		}
		at, last, err := versions(ctx, p)
		if err != nil {
			return 0, d.wrap(fmt.Errorf("migrations of %s: %w", c.Context, explain(err)))
		}
		fresh = fresh && at == 0
		switch {
		case at > last:
			return 0, d.wrap(fmt.Errorf("%s is at step %d, this program knows %d: %w", c.Context, at, last, ErrNewer))
		case at < last:
			todo = append(todo, p)
		}
	}
	if len(todo) > 0 && !fresh {
		if err := d.copyBeside(ctx); err != nil {
			return 0, d.wrap(err)
		}
	}
	steps := 0
	for _, p := range todo {
		done, err := p.Up(ctx)
		if err != nil {
			return steps, d.wrap(explain(err))
		}
		steps += len(done)
	}
	return steps, nil
}

// Standing says how the tables of several contexts stand.
type Standing struct {
	Fresh  bool     // no context has any table yet
	Absent []string // contexts without a table
	Older  []string // contexts that wait for an upgrade; this program works with them as they are
	TooOld []string // contexts that this program cannot work with until they are upgraded
}

// Behind reports whether anything waits for an upgrade.
func (s Standing) Behind() bool { return len(s.Absent)+len(s.Older)+len(s.TooOld) > 0 }

// Standing compares the tables of contexts with what this program knows. It changes
// nothing; ErrNewer when the program is the older of the two.
func (d *DB) Standing(ctx context.Context, contexts ...Steps) (Standing, error) {
	s := Standing{Fresh: true}
	for _, c := range contexts {
		p, err := d.provider(c)
		if err != nil {
			return s, d.wrap(err)
		}
		at, last, err := versions(ctx, p)
		if err != nil {
			return s, d.wrap(explain(err))
		}
		s.Fresh = s.Fresh && at == 0
		switch {
		case at > last:
			return s, d.wrap(fmt.Errorf("%s is at step %d, this program knows %d: %w", c.Context, at, last, ErrNewer))
		case at == 0:
			s.Absent = append(s.Absent, c.Context)
		case at < last && c.Least > 0 && at >= c.Least:
			s.Older = append(s.Older, c.Context)
		case at < last:
			s.TooOld = append(s.TooOld, c.Context)
		}
	}
	return s, nil
}

func versions(ctx context.Context, p *goose.Provider) (at, last int64, err error) {
	sources := p.ListSources()
	if len(sources) == 0 {
		return 0, 0, errors.New("no migration is known")
	}
	at, err = p.GetDBVersion(ctx)
	return at, sources[len(sources)-1].Version, err
}

func (d *DB) provider(c Steps) (*goose.Provider, error) {
	dialect := database.DialectSQLite3
	if d.Dialect == Postgres {
		dialect = database.DialectPostgres
	}
	store, err := database.NewStore(dialect, c.Context+"_schema")
	if err != nil {
		return nil, err
	}
	opts := []goose.ProviderOption{goose.WithStore(store)}
	if d.Dialect == Postgres { // two servers may start at once
		l, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithSessionLocker(l))
	}
	files, err := fs.Sub(c.Files, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider("", d.write, forDialect{files, d.Dialect}, opts...)
}

// copyBeside keeps the file as it was before an upgrade, once per upgrade.
func (d *DB) copyBeside(ctx context.Context) error {
	if d.Dialect != SQLite {
		return nil
	}
	to := d.Where + ".before-upgrade"
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, err := d.write.ExecContext(ctx, `vacuum into $1`, to)
	return explain(err)
}

// forDialect hides 0004_search.sqlite.sql from PostgreSQL and the reverse.
// A file with no engine in its name is for both.
type forDialect struct {
	fs.FS
	d Dialect
}

// Glob implements fs.GlobFS.
func (f forDialect) Glob(pattern string) ([]string, error) {
	all, err := fs.Glob(f.FS, pattern)
	if err != nil {
		return nil, err
	}
	var keep []string
	for _, n := range all {
		_, tag, tagged := strings.Cut(strings.TrimSuffix(n, ".sql"), ".")
		if !tagged || tag == string(f.d) {
			keep = append(keep, n)
		}
	}
	return keep, nil
}

// Checkpoint moves what the write-ahead log holds into the file and empties the
// log, so that what was deleted with secure_delete is in neither. It does
// nothing on PostgreSQL.
func (d *DB) Checkpoint(ctx context.Context) error {
	if d.Dialect != SQLite {
		return nil
	}
	var busy, log, moved int
	return explain(d.write.QueryRowContext(ctx, `pragma wal_checkpoint(truncate)`).Scan(&busy, &log, &moved))
}

// Check asks the engine whether the database is whole: nil, or what is wrong.
func (d *DB) Check(ctx context.Context) error {
	if d.Dialect != SQLite {
		return explain(d.write.PingContext(ctx))
	}
	var said string
	if err := d.write.QueryRowContext(ctx, `pragma quick_check(1)`).Scan(&said); err != nil {
		return explain(err)
	}
	if said != "ok" {
		return errNotOurs.Because(errors.New(said))
	}
	return nil
}

// Snapshot runs f on one unchanging view of the database, while others write.
func (d *DB) Snapshot(ctx context.Context, f func(Querier) error) error {
	pool, opt := d.read.pool, &sql.TxOptions{ReadOnly: true}
	if d.Dialect == Postgres {
		opt.Isolation = sql.LevelRepeatableRead
	} else {
		opt = nil // query_only readers; a deferred transaction in WAL sees one state
	}
	t, err := pool.BeginTx(ctx, opt)
	if err != nil {
		return explain(err)
	}
	return errors.Join(f(t), ignoreDone(t.Rollback()))
}
