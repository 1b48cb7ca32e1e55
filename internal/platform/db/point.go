package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// Line is one row of a read by key, column after column, in the order of the
// query. The first column that is not what was asked for ends the reading: Point
// returns it as an error.
type Line struct {
	values []driver.Value
	next   int
	err    error
}

func column[T any](l *Line) (v T) {
	if l.err != nil || l.next >= len(l.values) {
		l.err = errors.Join(l.err, io.ErrUnexpectedEOF)
		return v
	}
	raw := l.values[l.next]
	l.next++
	v, ok := raw.(T)
	if !ok {
		l.err = fmt.Errorf("db: column %d holds %T", l.next, raw)
	}
	return v
}

// Text is the next column, a text.
func (l *Line) Text() string { return column[string](l) }

// Int is the next column, an integer.
func (l *Line) Int() int64 { return column[int64](l) }

// Bytes is the next column, bytes that the caller may keep.
func (l *Line) Bytes() []byte { return column[[]byte](l) }

// Time is the next column, a moment.
func (l *Line) Time() (t Time) {
	if err := t.Scan(l.Text()); err != nil && l.err == nil {
		l.err = err
	}
	return t
}

// Bool is the next column, true or false.
func (l *Line) Bool() bool {
	if l.next < len(l.values) {
		if n, ok := l.values[l.next].(int64); ok { // SQLite has no other way to say it
			l.next++
			return n != 0
		}
	}
	return column[bool](l)
}

// Point reads the one row of a key; no row is sql.ErrNoRows. It is One for what
// every request reads: on SQLite it goes straight to the driver, which takes half
// the time.
func Point[T any](ctx context.Context, q Querier, scan func(*Line) T, query string, args ...any) (v T, err error) {
	var l Line
	if r, ok := q.(*reader); ok && r.points != nil {
		l.values, err = r.points.read(ctx, query, args)
		err = explain(err)
	} else {
		l.values, err = One(ctx, q, scanLine, query, args...)
	}
	if err != nil {
		return v, err
	}
	v = scan(&l)
	return v, l.err
}

func scanLine(rows *sql.Rows) ([]driver.Value, error) {
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values, into := make([]driver.Value, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	return values, rows.Scan(into...)
}

// points are connections of the SQLite driver itself, each with its prepared
// statements.
type points struct {
	driver driver.Driver
	dsn    string
	free   chan *point
}

type point struct {
	conn  driver.Conn
	stmts map[string]driver.StmtQueryContext
}

func newPoints(d driver.Driver, dsn string, n int) *points {
	p := &points{driver: d, dsn: dsn, free: make(chan *point, n)}
	for range n {
		p.free <- &point{stmts: map[string]driver.StmtQueryContext{}}
	}
	return p
}

// read gives the columns of the only row. A connection that failed is made again
// by whoever comes next.
func (p *points) read(ctx context.Context, query string, args []any) ([]driver.Value, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := <-p.free
	values, err := c.read(context.WithoutCancel(ctx), p, query, args)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		err = errors.Join(err, c.close())
	}
	p.free <- c
	return values, err
}

func (c *point) read(ctx context.Context, p *points, query string, args []any) (values []driver.Value, err error) {
	st, err := c.prepared(p, query)
	if err != nil {
		return nil, err
	}
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return nil, err
		}
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	rows, err := st.QueryContext(ctx, named)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values = make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(values); errors.Is(err, io.EOF) {
		return nil, sql.ErrNoRows
	} else if err != nil {
		return nil, err
	}
	return values, nil
}

func (c *point) prepared(p *points, query string) (driver.StmtQueryContext, error) {
	if st, ok := c.stmts[query]; ok {
		return st, nil
	}
	if c.conn == nil {
		conn, err := p.driver.Open(p.dsn)
		if err != nil {
			return nil, err
		}
		c.conn = conn
	}
	st, err := c.conn.Prepare(query)
	if err != nil {
		return nil, err
	}
	q, ok := st.(driver.StmtQueryContext)
	if !ok {
		return nil, errors.Join(fmt.Errorf("db: the driver's statement is a %T", st), st.Close())
	}
	c.stmts[query] = q
	return q, nil
}

// close closes the connection and its statements; the next read opens another.
func (c *point) close() (err error) {
	for query, st := range c.stmts {
		if s, ok := st.(driver.Stmt); ok {
			err = errors.Join(err, s.Close())
		}
		delete(c.stmts, query)
	}
	if c.conn != nil {
		err = errors.Join(err, c.conn.Close())
		c.conn = nil
	}
	return err
}

// close waits for what is being read.
func (p *points) close() (err error) {
	for range cap(p.free) {
		err = errors.Join(err, (<-p.free).close())
	}
	return err
}
