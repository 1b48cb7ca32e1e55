package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	pollEvery  = 100 * time.Millisecond // how often SQLite is asked whether another process wrote
	probeEvery = 15 * time.Second       // how long PostgreSQL may be silent before it is asked whether it is there
)

// Signal tells the other processes that listen on this database, once tx is durable,
// what payload says: ids, less than 8,000 bytes, never words. On SQLite it does
// nothing: Listen notices every writing of another process.
func (d *DB) Signal(ctx context.Context, tx *Tx, payload string) error {
	if d.Dialect != Postgres {
		return nil
	}
	_, err := tx.ExecContext(ctx, `select pg_notify('digiwork_' || current_schema(), $1)`, payload)
	return err
}

// Listen calls heard with each payload that any process signals, this one included,
// until ctx ends or the connection is lost; the caller then calls it again. It calls
// heard with "" when anything may have happened: at its start, and on SQLite when
// another process wrote something. SQLite is asked only while wanted.
func (d *DB) Listen(ctx context.Context, wanted func() bool, heard func(payload string)) error {
	if d.Dialect == Postgres {
		return d.listenPostgres(ctx, heard)
	}
	heard("")
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	last := int64(0)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if !wanted() {
			continue
		}
		now, err := d.dataVersion(ctx)
		if err != nil {
			return err
		}
		if now != last {
			last = now
			heard("")
		}
	}
}

// dataVersion is a number that changes when another process commits. It is asked on
// the writer's own connection, where our own commits do not count.
func (d *DB) dataVersion(ctx context.Context) (v int64, err error) {
	err = d.Write(ctx, func(tx *Tx) error {
		v, err = One(ctx, tx, Scan[int64], `pragma data_version`)
		return err
	})
	return v, err
}

func (d *DB) listenPostgres(ctx context.Context, heard func(string)) error {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return explain(err)
	}
	err = conn.Raw(func(c any) error {
		own, ok := c.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("db: the driver gave %T", c)
		}
		// The connection listens for ever: it never goes back to the pool.
		return errors.Join(driver.ErrBadConn, hear(ctx, own.Conn(), heard))
	})
	if ctx.Err() != nil {
		return nil //nolint:nilerr // it was told to end
	}
	return explain(err)
}

func hear(ctx context.Context, c *pgx.Conn, heard func(string)) error {
	var schema string
	if err := c.QueryRow(ctx, `select current_schema()`).Scan(&schema); err != nil {
		return err
	}
	if _, err := c.Exec(ctx, `listen `+pgx.Identifier{"digiwork_" + schema}.Sanitize()); err != nil {
		return err
	}
	heard("")
	for {
		silence, cancel := context.WithTimeout(ctx, probeEvery)
		n, err := c.WaitForNotification(silence)
		cancel()
		switch {
		case err == nil:
			heard(n.Payload)
		case ctx.Err() != nil || silence.Err() == nil:
			return err
		default: // silent for long: a server that lost its power says nothing either
			if err := c.Ping(ctx); err != nil {
				return err
			}
		}
	}
}
