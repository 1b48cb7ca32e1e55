package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

const (
	batchMost = 256             // use cases that share one commit
	useCaseTo = 2 * time.Second // a use case is cut after
	pgTries   = 4               // a use case that lost a race on PostgreSQL is run again
)

// ErrSlow says that a use case held the writer too long and was cut.
var ErrSlow = errors.New("db: a use case held the writer for more than two seconds")

// Tx is a write transaction. Now is fixed at its start.
type Tx struct {
	Now time.Time

	q        runner
	deadline time.Time
	after    []func()
}

// runner runs statements: a *sql.Tx, or the writer's connection with what it has prepared.
type runner interface {
	QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error)
}

// QueryContext reads inside the transaction.
func (tx *Tx) QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	if time.Now().After(tx.deadline) {
		return nil, ErrSlow
	}
	rows, err := tx.q.QueryContext(ctx, q, args...)
	return rows, explain(err)
}

// ExecContext writes inside the transaction.
func (tx *Tx) ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error) {
	if time.Now().After(tx.deadline) {
		return nil, ErrSlow
	}
	res, err := tx.q.ExecContext(ctx, q, args...)
	return res, explain(err)
}

// AfterCommit calls f once what the transaction wrote is durable, and never otherwise.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// Write runs f in one durable transaction: nothing remains when f fails or panics.
//
// f does no network and seals nothing large; it may be run again from the start,
// when PostgreSQL asks for it or when a neighbour in the same commit failed, so it
// sets what is outside, it does not add to it.
// An error that is not f's means that the writing may or may not have happened:
// the caller repeats with the same idempotency key.
func (d *DB) Write(ctx context.Context, f func(tx *Tx) error) error {
	if d.queue != nil {
		return d.queue.do(ctx, f)
	}
	var err error
	for try := range pgTries {
		if err = d.writePostgres(ctx, f); !lostRace(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(try+1) * 5 * time.Millisecond):
		}
	}
	return err
}

func (d *DB) writePostgres(ctx context.Context, f func(tx *Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, 5*useCaseTo)
	defer cancel()
	t, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return explain(err)
	}
	tx := &Tx{Now: d.Now(), q: t, deadline: time.Now().Add(5 * useCaseTo)}
	if err := call(f, tx); err != nil {
		return errors.Join(err, ignoreDone(t.Rollback()))
	}
	if err := t.Commit(); err != nil {
		return explain(err)
	}
	for _, g := range tx.after {
		g()
	}
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// call runs f and turns a panic into an error: one use case cannot take the
// writer of all the others down.
func call(f func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("db: panic in a use case: %v\n%s", p, debug.Stack())
		}
	}()
	return f(tx)
}

// queue is the one writer of a SQLite database.
type queue struct {
	d    *DB
	conn *sql.Conn
	jobs chan *job
	done chan struct{}
	prep prepared
	last time.Time
	wary int // batches that still run each use case in a savepoint of its own
}

// waryFor is how many batches are wary after one use case failed.
const waryFor = 16

type job struct {
	ctx context.Context
	f   func(*Tx) error
	tx  *Tx
	err error
	end chan struct{}
}

func newQueue(ctx context.Context, d *DB) (*queue, error) {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	q := &queue{d: d, conn: conn, jobs: make(chan *job, batchMost), done: make(chan struct{}), prep: prepared{conn: conn, stmts: map[string]*sql.Stmt{}}}
	go q.run() // the writer: ended by close, panics of use cases are caught in call
	return q, nil
}

// errClosed says that the database is being closed.
var errClosed = errors.New("db: the database is closed")

func (q *queue) do(ctx context.Context, f func(*Tx) error) (err error) {
	j := &job{ctx: ctx, f: f, end: make(chan struct{})}
	defer func() {
		if recover() != nil { // sending on a closed channel: the program is stopping
			err = errClosed
		}
	}()
	select {
	case q.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	}
	<-j.end // never abandoned: the caller must know whether it happened
	return j.err
}

func (q *queue) close() error {
	close(q.jobs)
	<-q.done
	return errors.Join(q.prep.close(), q.conn.Close())
}

func (q *queue) run() {
	defer close(q.done)
	batch := make([]*job, 0, batchMost)
	for first := range q.jobs {
		batch = append(batch[:0], first)
	fill:
		for len(batch) < batchMost {
			select {
			case j, ok := <-q.jobs:
				if !ok {
					break fill
				}
				batch = append(batch, j)
			default:
				break fill
			}
		}
		q.commit(batch)
		for _, j := range batch {
			if j.err == nil {
				for _, g := range j.tx.after {
					g()
				}
			}
			close(j.end)
		}
		clear(batch)
	}
}

// commit runs a batch and makes it durable with one commit. A job that fails is
// undone alone; when the commit itself fails, all of them failed.
//
// Most batches succeed: they run without savepoints, which cost two statements a
// job. When a job fails the batch is undone and runs again, each job apart.
func (q *queue) commit(batch []*job) {
	if q.wary == 0 && q.together(batch) {
		return
	}
	q.wary = max(q.wary, waryFor) - 1
	q.transact(batch, func(ctx context.Context) bool {
		for _, j := range batch {
			if j.over() {
				continue
			}
			if j.err = q.apart(ctx, j); errors.Is(j.err, errBroken) {
				fail(batch, j.err)
				return false
			}
		}
		return true
	})
}

// together runs a batch as one, and reports whether its jobs are decided: all
// done, or all failed with the commit, or the only one failed.
func (q *queue) together(batch []*job) (decided bool) {
	decided = true
	q.transact(batch, func(context.Context) bool {
		for _, j := range batch {
			if j.over() {
				continue
			}
			if err := q.attempt(j); err != nil {
				if decided = len(batch) == 1; decided || errors.Is(err, ErrSlow) {
					j.err = err
				}
				return false
			}
		}
		return true
	})
	return decided
}

// transact runs f between begin and commit, or rolls back when f says no.
func (q *queue) transact(batch []*job, f func(context.Context) bool) {
	ctx := context.Background()
	if _, err := q.prep.ExecContext(ctx, "begin immediate"); err != nil {
		fail(batch, explain(err))
		return
	}
	if f(ctx) {
		_, err := q.prep.ExecContext(ctx, "commit")
		if err == nil {
			return
		}
		fail(batch, explain(err))
	}
	_, _ = q.prep.ExecContext(ctx, "rollback") //nolint:errcheck // the transaction may be gone, and what failed is said already
}

// fail says err of every job that has not failed by itself.
func fail(batch []*job, err error) {
	for _, j := range batch {
		if j.err == nil {
			j.err = err
		}
	}
}

// over reports whether a job has nothing more to do: it failed, or whoever asked
// has gone.
func (j *job) over() bool {
	if j.err == nil {
		j.err = j.ctx.Err()
	}
	return j.err != nil
}

// errBroken says that the whole transaction is lost, not one savepoint.
var errBroken = errors.New("db: the transaction was lost")

// attempt runs a job within its time.
func (q *queue) attempt(j *job) error {
	j.tx = &Tx{Now: q.now(), q: &q.prep, deadline: time.Now().Add(useCaseTo)}
	err := call(j.f, j.tx)
	if err == nil && time.Now().After(j.tx.deadline) {
		err = ErrSlow
	}
	return err
}

// apart runs a job in a savepoint.
func (q *queue) apart(ctx context.Context, j *job) error {
	if _, err := q.prep.ExecContext(ctx, "savepoint u"); err != nil {
		return errors.Join(errBroken, err)
	}
	err := q.attempt(j)
	if err != nil {
		if _, e := q.prep.ExecContext(ctx, "rollback to u"); e != nil {
			return errors.Join(err, errBroken, e)
		}
	}
	if _, e := q.prep.ExecContext(ctx, "release u"); e != nil {
		return errors.Join(err, errBroken, e)
	}
	return err
}

// now never goes back, even when the machine's clock does: order of writing is
// order of time.
func (q *queue) now() time.Time {
	if t := q.d.Now(); t.After(q.last) {
		q.last = t
	}
	return q.last
}

// prepared runs statements of one connection, each prepared once.
type prepared struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func (p *prepared) stmt(ctx context.Context, q string) (*sql.Stmt, error) {
	if st := p.stmts[q]; st != nil {
		return st, nil
	}
	st, err := p.conn.PrepareContext(ctx, q)
	if err == nil {
		p.stmts[q] = st
	}
	return st, err
}

// QueryContext reads. The context's end is not watched: the job's time is.
func (p *prepared) QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	ctx = context.WithoutCancel(ctx)
	st, err := p.stmt(ctx, q)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// ExecContext writes.
func (p *prepared) ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error) {
	ctx = context.WithoutCancel(ctx)
	st, err := p.stmt(ctx, q)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, args...)
}

func (p *prepared) close() error {
	var errs []error
	for _, st := range p.stmts {
		errs = append(errs, st.Close())
	}
	return errors.Join(errs...)
}
