package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the PostgreSQL driver
	_ "modernc.org/sqlite"             // the SQLite driver
)

// Dialect names an engine. Only this package and migrations may ask for it.
type Dialect string

// The engines.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Half says which of the two databases of an instance is meant: what people
// keep, or the wrapped keys that open it. They never lie in the same file.
type Half int

// The halves.
const (
	Content Half = iota // NAME.db, or the schema of the address
	Keys                // NAME.keys.db, or the schema digiwork_keys
)

// readers is how many connections read SQLite at once. Each has its own page
// cache, so the number is also a bound of memory.
const readers = 4

// DB is one database: one writer, and a pool to read with.
type DB struct {
	Dialect Dialect
	Where   string // file path or address without password, for messages

	half   Half
	write  *sql.DB
	read   reader
	queue  *queue // SQLite only
	now    func() time.Time
	steady *steady // behind now, unless a test gave another clock
}

// IsPostgres reports whether where is an address of PostgreSQL rather than a file.
func IsPostgres(where string) bool {
	return strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://")
}

// Open opens half of the database at where: a file path is SQLite and is made
// when missing; postgres:// is PostgreSQL. The caller closes it.
func Open(ctx context.Context, where string, half Half) (*DB, error) {
	if IsPostgres(where) {
		return openPostgres(ctx, where, half)
	}
	return openSQLite(ctx, where, half)
}

// KeysPath is the file of wrapped keys that lies beside the SQLite file at path.
func KeysPath(path string) string { return strings.TrimSuffix(path, ".db") + ".keys.db" }

func openSQLite(ctx context.Context, path string, half Half) (*DB, error) {
	if strings.ContainsRune(path, '?') {
		return nil, fmt.Errorf("the path of a database holds no question mark: %q", path)
	}
	if half == Keys {
		path = KeysPath(path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator's own path
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	dsn := u.String() + "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=journal_mode(wal)&_pragma=synchronous(full)"
	if half == Keys {
		dsn += "&_pragma=secure_delete(1)"
	}
	w, err := sql.Open("sqlite", dsn+"&_pragma=cache_size(-32768)")
	if err != nil {
		return nil, err
	}
	w.SetMaxOpenConns(2) // the writer's own, and one for migrations and checkpoints
	d := (&DB{Dialect: SQLite, Where: path, half: half, write: w}).wound()
	if d.queue, err = newQueue(ctx, d); err != nil {
		return nil, errors.Join(explain(err), w.Close())
	}
	readDSN := dsn + "&_pragma=query_only(1)&_pragma=cache_size(-4096)"
	r, err := sql.Open("sqlite", readDSN)
	if err != nil {
		return nil, errors.Join(err, d.queue.close(), w.Close())
	}
	r.SetMaxOpenConns(readers)
	r.SetMaxIdleConns(readers)
	d.read.pool, d.read.cached = r, true
	d.read.points = newPoints(r.Driver(), readDSN, readers)
	return d, nil
}

func openPostgres(ctx context.Context, where string, half Half) (*DB, error) {
	u, err := url.Parse(where)
	if err != nil {
		return nil, errors.New("the address of PostgreSQL cannot be read: postgres://user@host:port/name")
	}
	q := u.Query()
	schema := q.Get("search_path")
	if half == Keys {
		if schema == "" {
			schema = "digiwork"
		}
		schema += "_keys"
		q.Set("search_path", schema)
	}
	for name, patience := range map[string]string{
		"connect_timeout": "5",    // seconds: a host that lost its power refuses nothing
		"lock_timeout":    "5000", // milliseconds, as SQLite's busy_timeout
	} {
		if !q.Has(name) {
			q.Set(name, patience)
		}
	}
	u.RawQuery = q.Encode()
	p, err := sql.Open("pgx", u.String())
	if err != nil {
		return nil, err
	}
	p.SetMaxOpenConns(16)
	p.SetMaxIdleConns(16)
	if half == Keys {
		var b Build
		b.Add(`create schema if not exists `).name(schema)
		if _, err := p.ExecContext(ctx, b.SQL()); err != nil && !IsUnique(err) {
			return nil, errors.Join(explain(err), p.Close())
		}
	}
	d := (&DB{Dialect: Postgres, Where: u.Redacted(), half: half, write: p}).wound()
	d.read.pool = p
	return d, errors.Join(explain(p.PingContext(ctx)))
}

// Close waits for writing under way, then closes both pools.
func (d *DB) Close() error {
	var errs []error
	if d.queue != nil {
		errs = append(errs, d.queue.close())
	}
	errs = append(errs, d.read.close())
	if d.read.pool != d.write {
		errs = append(errs, d.write.Close())
	}
	return errors.Join(errs...)
}

// Writer is the pool of the migrator, of backups and of doctor.
func (d *DB) Writer() *sql.DB { return d.write }

// Querier is what a query needs: a Tx or the read pool.
type Querier interface {
	QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error)
}

// Read returns the pool for queries outside a transaction.
func (d *DB) Read() Querier { return &d.read }

// Now is the time this database writes: UTC, to the millisecond.
func (d *DB) Now() time.Time { return d.now().UTC().Truncate(time.Millisecond) }

// SetClock gives the database another clock, for tests of what time does.
func (d *DB) SetClock(now func() time.Time) { d.now, d.steady = now, nil }

func (d *DB) wound() *DB {
	d.steady = newSteady()
	d.now = d.steady.now
	return d
}

// reader is a pool whose statements are prepared once. Preparing costs SQLite
// more than running; pgx keeps its own.
type reader struct {
	pool   *sql.DB
	cached bool
	stmts  sync.Map // text to *sql.Stmt
	points *points  // SQLite: for reads of one row by its key
}

func (r *reader) prepared(ctx context.Context, q string) (*sql.Stmt, error) {
	if st, ok := r.stmts.Load(q); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := r.pool.PrepareContext(ctx, q)
	if err != nil {
		return nil, err
	}
	if was, loaded := r.stmts.LoadOrStore(q, st); loaded {
		return was.(*sql.Stmt), st.Close()
	}
	return st, nil
}

// QueryContext reads. On SQLite it does not stop half-way when ctx ends: our
// queries are short, and watching a context costs as much as reading a row.
func (r *reader) QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	if !r.cached {
		rows, err := r.pool.QueryContext(ctx, q, args...)
		return rows, explain(err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	st, err := r.prepared(ctx, q)
	if err != nil {
		return nil, explain(err)
	}
	rows, err := st.QueryContext(ctx, args...)
	return rows, explain(err)
}

// ExecContext refuses: reading does not write.
func (r *reader) ExecContext(context.Context, string, ...any) (sql.Result, error) {
	return nil, errors.New("db: the reading side was asked to write")
}

func (r *reader) close() error {
	var errs []error
	if r.points != nil {
		errs = append(errs, r.points.close())
	}
	r.stmts.Range(func(_, st any) bool {
		errs = append(errs, st.(*sql.Stmt).Close())
		return true
	})
	return errors.Join(append(errs, r.pool.Close())...)
}

// One scans exactly one row; no row is sql.ErrNoRows.
func One[T any](ctx context.Context, q Querier, scan func(*sql.Rows) (T, error), query string, args ...any) (T, error) {
	all, err := All(ctx, q, scan, query, args...)
	var zero T
	switch {
	case err != nil:
		return zero, err
	case len(all) == 0:
		return zero, sql.ErrNoRows
	case len(all) > 1:
		return zero, fmt.Errorf("db: %d rows where one was expected", len(all))
	}
	return all[0], nil
}

// All scans every row.
func All[T any](ctx context.Context, q Querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err says what matters
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, explain(rows.Err())
}

// Scan reads a row of one column; pass it to One or All.
func Scan[T any](rows *sql.Rows) (v T, err error) { return v, rows.Scan(&v) }

// Changed is nil when a statement changed at least one row, otherwise unless.
func Changed(res sql.Result, err, unless error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return unless
	}
	return nil
}

// Time is a moment in UTC as fixed-width text: it sorts, compares and
// aggregates alike on both engines, and you can read it.
type Time struct{ time.Time }

const layout = "2006-01-02T15:04:05.000Z"

// At is t as a database keeps it.
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Millisecond)} }

// Value implements driver.Valuer. The zero time is the empty text.
func (t Time) Value() (driver.Value, error) {
	if t.IsZero() {
		return "", nil
	}
	return t.UTC().Format(layout), nil
}

// Scan implements sql.Scanner.
func (t *Time) Scan(v any) (err error) {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("db: time stored as %T", v)
	}
	if s == "" {
		t.Time = time.Time{}
		return nil
	}
	t.Time, err = time.Parse(time.RFC3339, s) // what layout writes, read by the short way
	return err
}
