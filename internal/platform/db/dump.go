package db

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A dump is the same for both engines: gzip of JSON lines. The first says what it
// is; then come, for each table, its name and columns, and one line a row; the
// last counts the rows, so that a truncated dump is recognised.
const (
	dumpFormat  = "digiwork-backup"
	dumpVersion = 1
	lineMost    = 64 << 20
	loadBatch   = 200     // rows of one transaction
	loadBytes   = 4 << 20 // or so many bytes
)

// ErrDump says that a file is no dump, or not a whole one.
var ErrDump = errors.New("this is not a whole DigiWork backup; use another copy")

// ErrNotEmpty says that a dump is restored into an empty database only.
var ErrNotEmpty = errors.New("this database already holds something; restore into an empty one")

type dumpHead struct {
	Format  string           `json:"format"`
	Version int              `json:"version"`
	MadeAt  string           `json:"made_at"`
	Steps   map[string]int64 `json:"steps"`
}

type dumpTable struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

type dumpEnd struct {
	Rows int64 `json:"rows"`
}

// cell is a value of any column: text, integer, boolean or bytes.
type cell struct {
	S *string `json:"s,omitempty"`
	I *int64  `json:"i,omitempty"`
	B *bool   `json:"b,omitempty"`
	X []byte  `json:"x,omitempty"`
	E bool    `json:"e,omitempty"` // empty bytes
}

func cellOf(v any) (cell, error) {
	switch v := v.(type) {
	case nil:
		return cell{}, nil
	case string:
		return cell{S: &v}, nil
	case int64:
		return cell{I: &v}, nil
	case bool:
		return cell{B: &v}, nil
	case []byte:
		return cell{X: v, E: len(v) == 0}, nil
	}
	return cell{}, fmt.Errorf("db: a column holds %T", v)
}

func (c cell) value() any {
	switch {
	case c.S != nil:
		return *c.S
	case c.I != nil:
		return *c.I
	case c.B != nil:
		return *c.B
	case c.X != nil || c.E:
		return append([]byte{}, c.X...)
	}
	return nil
}

// Dump writes every table of contexts as they are at one moment, while others go
// on writing. It says how many rows there were.
func (d *DB) Dump(ctx context.Context, w io.Writer, contexts ...Steps) (rows int64, err error) {
	head := dumpHead{Format: dumpFormat, Version: dumpVersion, MadeAt: d.Now().Format(time.RFC3339), Steps: map[string]int64{}}
	for _, c := range contexts {
		p, err := d.provider(c)
		if err != nil {
			return 0, d.wrap(err)
		}
		if head.Steps[c.Context], _, err = versions(ctx, p); err != nil {
			return 0, d.wrap(err)
		}
	}
	tables, err := d.tables(ctx, contexts)
	if err != nil {
		return 0, d.wrap(err)
	}
	z := gzip.NewWriter(w)
	out := json.NewEncoder(z)
	err = d.Snapshot(ctx, func(q Querier) error {
		if err := out.Encode(head); err != nil {
			return err
		}
		for _, t := range tables {
			n, err := dumpRows(ctx, q, out, t)
			if err != nil {
				return fmt.Errorf("%s: %w", t, err)
			}
			rows += n
		}
		return out.Encode(dumpEnd{rows})
	})
	return rows, errors.Join(err, z.Close())
}

func dumpRows(ctx context.Context, q Querier, out *json.Encoder, table string) (n int64, err error) {
	var b Build
	b.Add(`select * from `).name(table)
	rows, err := q.QueryContext(ctx, b.SQL())
	if err != nil {
		return 0, explain(err)
	}
	defer rows.Close() //nolint:errcheck // Err says what matters
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	if err := out.Encode(dumpTable{table, columns}); err != nil {
		return 0, err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return 0, err
	}
	values, into, cells := make([]any, len(columns)), make([]any, len(columns)), make([]cell, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return n, err
		}
		for i, v := range values {
			if n, ok := v.(int64); ok && types[i].DatabaseTypeName() == "BOOLEAN" {
				v = n != 0 // SQLite keeps truth as a number
			}
			if cells[i], err = cellOf(v); err != nil {
				return n, err
			}
		}
		if err := out.Encode(cells); err != nil {
			return n, err
		}
		n++
	}
	return n, explain(rows.Err())
}

// tables lists the tables of contexts, so that each can be filled after those before it.
func (d *DB) tables(ctx context.Context, contexts []Steps) ([]string, error) {
	// In the order of their making: a table comes after those it refers to.
	query := `select name from sqlite_master where type = 'table' order by rowid`
	if d.Dialect == Postgres {
		query = `select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
			where n.nspname = current_schema() and c.relkind in ('r', 'p') order by c.oid`
	}
	all, err := All(ctx, d.Read(), Scan[string], query)
	if err != nil {
		return nil, err
	}
	kept := all[:0]
	for _, t := range all {
		owner, rest, _ := strings.Cut(t, "_")
		if rest != "schema" && slices.ContainsFunc(contexts, func(c Steps) bool { return c.Context == owner }) {
			kept = append(kept, t)
		}
	}
	return kept, nil
}

// Load fills an empty database from a dump of either engine: the tables are made
// as they were when it was written, filled, then brought up to date.
//
// ErrNotEmpty, ErrNewer or ErrDump before anything but empty tables is written;
// a database that a broken dump left half full is not to be used.
func (d *DB) Load(ctx context.Context, r io.Reader, contexts ...Steps) (rows int64, err error) {
	now, err := d.Standing(ctx, contexts...)
	if err != nil {
		return 0, err
	}
	if !now.Fresh {
		return 0, d.wrap(ErrNotEmpty)
	}
	z, err := gzip.NewReader(bufio.NewReaderSize(r, 1<<20))
	if err != nil {
		return 0, ErrDump
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(make([]byte, 1<<20), lineMost)
	var head dumpHead
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &head) != nil || head.Format != dumpFormat {
		return 0, ErrDump
	}
	if head.Version > dumpVersion {
		return 0, ErrNewer
	}
	if err := d.migrateTo(ctx, head.Steps, contexts); err != nil {
		return 0, err
	}
	known, err := d.tables(ctx, contexts)
	if err != nil {
		return 0, err
	}
	l := loader{d: d, ctx: ctx, known: known}
	for lines.Scan() {
		if err := l.line(lines.Bytes()); err != nil {
			return l.rows, err
		}
	}
	if err := errors.Join(lines.Err(), l.flush()); err != nil {
		return l.rows, fmt.Errorf("%w (%w)", ErrDump, err)
	}
	if !l.ended || l.said != l.rows {
		return l.rows, ErrDump
	}
	_, err = d.Migrate(ctx, contexts...)
	return l.rows, err
}

// migrateTo makes the tables as they were at given steps.
func (d *DB) migrateTo(ctx context.Context, at map[string]int64, contexts []Steps) error {
	for _, c := range contexts {
		p, err := d.provider(c)
		if err != nil {
			return d.wrap(err)
		}
		_, last, err := versions(ctx, p)
		switch {
		case err != nil:
			return d.wrap(err)
		case at[c.Context] > last:
			return d.wrap(fmt.Errorf("%s: %w", c.Context, ErrNewer))
		case at[c.Context] == 0:
			continue // a context the dump does not know; made by Migrate later
		}
		if _, err := p.UpTo(ctx, at[c.Context]); err != nil {
			return d.wrap(explain(err))
		}
	}
	return nil
}

// loader reads the lines of a dump after the first.
type loader struct {
	d       *DB
	ctx     context.Context // of the one Load it serves
	known   []string
	table   dumpTable
	insert  string
	waiting [][]any
	bytes   int
	rows    int64
	said    int64
	ended   bool
}

func (l *loader) line(raw []byte) error {
	if len(raw) > 0 && raw[0] == '[' {
		return l.row(raw)
	}
	if err := l.flush(); err != nil {
		return err
	}
	var end struct {
		Rows *int64 `json:"rows"`
	}
	if err := json.Unmarshal(raw, &end); err != nil || l.ended {
		return ErrDump
	}
	if end.Rows != nil {
		l.ended, l.said = true, *end.Rows
		return nil
	}
	var t dumpTable
	if err := json.Unmarshal(raw, &t); err != nil || !slices.Contains(l.known, t.Table) || len(t.Columns) == 0 {
		return ErrDump
	}
	var b Build
	b.Add(`insert into `).name(t.Table).Add(` (`)
	for i, c := range t.Columns {
		if i > 0 {
			b.Add(`, `)
		}
		b.name(c)
	}
	b.Add(`) values `)
	List(&b, make([]any, len(t.Columns)))
	l.table, l.insert = t, b.SQL()
	return nil
}

func (l *loader) row(raw []byte) error {
	var cells []cell
	if err := json.Unmarshal(raw, &cells); err != nil || len(cells) != len(l.table.Columns) || l.ended {
		return ErrDump
	}
	values := make([]any, len(cells))
	for i, c := range cells {
		values[i] = c.value()
	}
	l.waiting, l.bytes = append(l.waiting, values), l.bytes+len(raw)
	if len(l.waiting) < loadBatch && l.bytes < loadBytes {
		return nil
	}
	return l.flush()
}

func (l *loader) flush() error {
	if len(l.waiting) == 0 {
		return nil
	}
	err := l.d.Write(l.ctx, func(tx *Tx) error {
		for _, values := range l.waiting {
			if _, err := tx.ExecContext(l.ctx, l.insert, values...); err != nil {
				return err
			}
		}
		return nil
	})
	l.rows += int64(len(l.waiting))
	l.waiting, l.bytes = l.waiting[:0], 0
	return err
}
