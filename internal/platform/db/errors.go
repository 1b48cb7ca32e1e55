package db

import (
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"digiwork/internal/kernel"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Messages are what a person reads when a database cannot serve.
//
//go:embed messages/*.json
var Messages embed.FS

var (
	errBusy     = kernel.NewFault(kernel.Unavailable, "db.busy").After(2 * time.Second)
	errFull     = kernel.NewFault(kernel.Unavailable, "db.full")
	errReadOnly = kernel.NewFault(kernel.Unavailable, "db.read_only")
	errAway     = kernel.NewFault(kernel.Unavailable, "db.away").After(5 * time.Second)
	errNotOurs  = kernel.NewFault(kernel.Internal, "db.not_ours")
)

// explain gives the errors an operator or a person can act on a sentence, and
// leaves the others as they are.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*kernel.Fault](err); ok {
		return err
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
			return errBusy.Because(err)
		case lib.SQLITE_FULL, lib.SQLITE_IOERR:
			return errFull.Because(err)
		case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
			return errReadOnly.Because(err)
		case lib.SQLITE_NOTADB, lib.SQLITE_CORRUPT:
			return errNotOurs.Because(err)
		}
		return err
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case strings.HasPrefix(e.Code, "08"), strings.HasPrefix(e.Code, "57P"), e.Code == "25006":
			return errAway.Because(err)
		case strings.HasPrefix(e.Code, "53"):
			return errFull.Because(err)
		case e.Code == "55P03", e.Code == "57014": // a lock that others keep
			return errBusy.Because(err)
		}
		return err
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return errAway.Because(err)
	}
	if _, ok := errors.AsType[net.Error](err); ok || lostConnection(err) {
		return errAway.Because(err)
	}
	return err
}

// lostConnection reports what the driver says when the server goes away in the middle
// of something.
func lostConnection(err error) bool {
	for _, cut := range []error{driver.ErrBadConn, io.ErrUnexpectedEOF, io.EOF, net.ErrClosed, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, cut) {
			return true
		}
	}
	return pgconn.SafeToRetry(err) // nothing was sent: the connection was closed before
}

// IsUnique reports a broken unique constraint on either engine.
func IsUnique(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == lib.SQLITE_CONSTRAINT_UNIQUE || e.Code() == lib.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "23505"
	}
	return false
}

// IsOrphan reports, on either engine, that the row which a new one refers to has gone
// meanwhile.
func IsOrphan(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == lib.SQLITE_CONSTRAINT_FOREIGNKEY
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "23503"
}

// lostRace reports that PostgreSQL asks to run the transaction again.
func lostRace(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "40001" || e.Code == "40P01")
}

// wrap names the database an error is about.
func (d *DB) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", d.Where, err)
}
