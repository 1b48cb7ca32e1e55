// Package once makes a repeated write harmless: the same key and request give
// the first outcome again, over restarts and on every process.
//
// A request carries its key in the context (With). The use case wraps what it
// writes in Do, inside its own transaction: key and effect become durable
// together, so a crash leaves both or none. Only digests and the id of what
// was made are kept; the answer is built again from the item.
package once

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/base64"
	"errors"
	"hash"
	"io"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Migrations of the one table.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Messages are the refusals.
//
//go:embed messages/*.json
var Messages embed.FS

// Kept is how long a key is remembered.
const Kept = 24 * time.Hour

var (
	// ErrOtherRequest says that a key came back with another request.
	ErrOtherRequest = kernel.NewFault(kernel.Invalid, "once.other_request").On("Idempotency-Key")
	// ErrRunning says that the same request is under way.
	ErrRunning = kernel.NewFault(kernel.Conflict, "once.running").After(time.Second)
	// ErrKey says that a key is not one.
	ErrKey = kernel.NewFault(kernel.Invalid, "once.key").On("Idempotency-Key")
)

// Request is a write that carries a key. The request is digested while it is
// read, so that nothing of it has to be kept.
type Request struct {
	key string
	sum hash.Hash
}

// New prepares a request: key as sent, and what names the operation (method and
// path). ErrKey if the key is not 1 to 255 visible ASCII characters.
func New(key, operation string) (*Request, error) {
	if len(key) == 0 || len(key) > 255 {
		return nil, ErrKey
	}
	for _, c := range []byte(key) {
		if c < 0x21 || c > 0x7e {
			return nil, ErrKey
		}
	}
	r := &Request{key: key, sum: sha256.New()}
	io.WriteString(r.sum, operation+"\x00") //nolint:errcheck,gosec // a hash never fails
	return r, nil
}

// Body passes b through, digesting what is read of it.
func (r *Request) Body(b io.ReadCloser) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{io.TeeReader(b, r.sum), b}
}

// Write adds to the digest of the request, for forms whose fields are read apart.
func (r *Request) Write(p []byte) (int, error) { return r.sum.Write(p) }

type ctxKey struct{}

// With puts the request in the context.
func With(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, ctxKey{}, r)
}

// From returns the request of the context, or nil.
func From(ctx context.Context) *Request {
	r, _ := ctx.Value(ctxKey{}).(*Request)
	return r
}

// Do runs f once for the key in ctx, in tx; without a key it just runs f.
// f makes its effect in tx and returns the id of what it made or changed. When
// the same request was done before, f is not run and made is the first id.
//
// ErrOtherRequest if the key served for something else. When f fails nothing is
// kept and the request may be sent again.
func Do(ctx context.Context, tx *db.Tx, f func() (made string, err error)) (made string, again bool, err error) {
	var id string
	made, again, err = Known(ctx, tx, "", func() (err error) {
		if id, err = f(); err != nil {
			return err
		}
		return note(ctx, tx, id)
	})
	if again || err != nil {
		return made, again, err
	}
	return id, false, nil
}

// Known is Do for what has its id before it is made: one statement less.
func Known(ctx context.Context, tx *db.Tx, id string, f func() error) (made string, again bool, err error) {
	r := From(ctx)
	if r == nil {
		return id, false, f()
	}
	person := kernel.ActorFrom(ctx).Person
	key, request := text([]byte(r.key)), base64.RawURLEncoding.EncodeToString(r.sum.Sum(nil))
	res, err := tx.ExecContext(ctx, `
		insert into once_key (person, key_digest, request_digest, item, at) values ($1, $2, $3, $4, $5)
		on conflict do nothing`, person, key, request, id, db.At(tx.Now))
	if err != nil {
		return "", false, err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return "", false, err
	}
	if n == 0 {
		made, err = before(ctx, tx, person, key, request)
		return made, true, err
	}
	return id, false, f()
}

// note writes the id of what a request made beside its key.
func note(ctx context.Context, tx *db.Tx, made string) error {
	r := From(ctx)
	if r == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, `update once_key set item = $1 where person = $2 and key_digest = $3`,
		made, kernel.ActorFrom(ctx).Person, text([]byte(r.key)))
	return err
}

// Before looks whether the request of ctx was carried out before, for use cases that
// take several transactions: made is what the last of them, the one with Do, made.
// The body has been read.
func Before(ctx context.Context, d *db.DB) (made string, done bool, err error) {
	r := From(ctx)
	if r == nil {
		return "", false, nil
	}
	key, request := text([]byte(r.key)), base64.RawURLEncoding.EncodeToString(r.sum.Sum(nil))
	made, err = before(ctx, d.Read(), kernel.ActorFrom(ctx).Person, key, request)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return made, err == nil, err
}

type line struct {
	request, item string
	at            db.Time
}

func scanLine(rows *sql.Rows) (l line, err error) {
	return l, rows.Scan(&l.request, &l.item, &l.at)
}

func before(ctx context.Context, q db.Querier, person kernel.PersonID, key, request string) (string, error) {
	l, err := db.One(ctx, q, scanLine, `
		select request_digest, item, at from once_key where person = $1 and key_digest = $2`, person, key)
	if err != nil {
		return "", err
	}
	if l.request != request {
		return "", ErrOtherRequest
	}
	return l.item, nil
}

func text(raw []byte) string {
	d := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(d[:])
}

// Sweep forgets keys older than Kept.
func Sweep(ctx context.Context, d *db.DB) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `delete from once_key where at < $1`, db.At(tx.Now.Add(-Kept)))
		return err
	})
}

// Forget removes the lines of a person who leaves.
func Forget(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	_, err := tx.ExecContext(ctx, `delete from once_key where person = $1`, person)
	return err
}
