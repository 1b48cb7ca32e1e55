package jobs

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime/debug"
	"slices"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/background"
	"digiwork/internal/platform/db"
)

// Migrations of the one table.
//
//go:embed migrations/*.sql
var Migrations embed.FS

const (
	lease  = 5 * time.Minute // how long a claim holds
	cut    = 4 * time.Minute // when a work is cut: before others may claim it
	look   = time.Second     // how often the table is looked at when nothing wakes the runner
	atOnce = 4               // jobs that one process does at the same time

	firstPause = 10 * time.Second // after the first failure; doubles with each
	lastPause  = 6 * time.Hour
	mostTries  = 24 // about three and a half days, then the job is stuck
)

// Work does one job. It may be called twice for the same subject, so it sets and
// does not add. Its error goes to the log: it holds ids and codes, never words.
type Work func(ctx context.Context, subject string) error

// Job is something to do later.
type Job struct {
	Kind    string          // which Work does it: "mail.send"
	Subject string          // the id of what it is about, "" for nothing in particular
	Person  kernel.PersonID // whose it is: it goes with her; "" for nobody's
	At      time.Time       // not before; the zero time is at once
}

var (
	errSubject = errors.New("jobs: a subject is an id")
	errKind    = errors.New("jobs: nobody does this kind of job")
	errTimes   = errors.New("jobs: tried too often")
)

// id is what kernel.NewID makes.
var id = regexp.MustCompile(`^[a-z]{2,8}_[0-9a-z]{22}$`)

// Permanent marks an error that trying again cannot mend: the job is stuck at once.
func Permanent(err error) error { return permanent{err} }

type permanent struct{ error }

// Unwrap gives the cause.
func (p permanent) Unwrap() error { return p.error }

// Runner adds jobs and does those that are due.
type Runner struct {
	db    *db.DB
	log   *slog.Logger
	works map[string]work
	kinds []string
	wake  chan struct{}
}

type work struct {
	do    Work
	every time.Duration // zero for a job that is done once
}

// New makes a runner on d. Its clock is the database's.
func New(d *db.DB, log *slog.Logger) *Runner {
	return &Runner{db: d, log: log, works: map[string]work{}, wake: make(chan struct{}, 1)}
}

// On says who does the jobs of a kind. It is called before Start, once a kind.
func (r *Runner) On(kind string, do Work) { r.on(kind, work{do: do}) }

// Every does something now and then: once each time pause has passed after its
// end, in one process whatever their number. It is called before Start.
func (r *Runner) Every(kind string, pause time.Duration, do func(ctx context.Context) error) {
	r.on(kind, work{do: func(ctx context.Context, _ string) error { return do(ctx) }, every: pause})
}

func (r *Runner) on(kind string, w work) {
	if _, ok := r.works[kind]; ok {
		panic("jobs: two works for " + kind)
	}
	r.works[kind] = w
	r.kinds = append(r.kinds, kind)
	slices.Sort(r.kinds)
}

// Add puts a job into tx. It is done once tx is durable.
func (r *Runner) Add(ctx context.Context, tx *db.Tx, j Job) error {
	if j.Subject != "" && !id.MatchString(j.Subject) {
		return errSubject
	}
	if w, ok := r.works[j.Kind]; !ok || w.every != 0 {
		return fmt.Errorf("%w: %s", errKind, j.Kind)
	}
	if j.At.Before(tx.Now) {
		j.At = tx.Now
	}
	if err := insertJob(ctx, tx, kernel.NewID[string]("job", tx.Now), j); err != nil {
		return fmt.Errorf("add job: %w", err)
	}
	tx.AfterCommit(r.nudge)
	return nil
}

// nudge makes the loop look at the table now.
func (r *Runner) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Arm makes the schedules known to the database. Start and RunDue rely on it.
func (r *Runner) Arm(ctx context.Context) error {
	return r.db.Write(ctx, func(tx *db.Tx) error {
		for _, kind := range r.kinds {
			if r.works[kind].every == 0 {
				continue
			}
			if err := insertSchedule(ctx, tx, kind); err != nil {
				return fmt.Errorf("arm %s: %w", kind, err)
			}
		}
		return nil
	})
}

// Start does jobs in the background until ctx ends; g.Wait then waits for those
// under way.
func (r *Runner) Start(ctx context.Context, g *background.Group) error {
	if err := r.Arm(ctx); err != nil {
		return err
	}
	g.Go(ctx, "jobs", func(ctx context.Context) error {
		r.loop(ctx, g)
		return nil
	})
	return nil
}

func (r *Runner) loop(ctx context.Context, g *background.Group) {
	busy := make(chan struct{}, atOnce)
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		case <-r.wake:
		}
		claims, err := r.claim(ctx, cap(busy)-len(busy))
		if err != nil && ctx.Err() == nil {
			r.log.ErrorContext(ctx, "jobs cannot be claimed", "err", err)
		}
		for _, c := range claims {
			busy <- struct{}{}
			g.Go(ctx, c.Kind, func(ctx context.Context) error {
				defer func() { <-busy; r.nudge() }()
				return r.run(ctx, c)
			})
		}
		next.Reset(look)
	}
}

// RunDue does what is due, one job after the other, until nothing is, and says how
// many it did. It is for commands and tests: a server calls Start.
func (r *Runner) RunDue(ctx context.Context) (int, error) {
	for n := 0; ; n++ {
		claims, err := r.claim(ctx, 1)
		if err != nil || len(claims) == 0 {
			return n, err
		}
		if err := r.run(ctx, claims[0]); err != nil {
			return n, err
		}
	}
}

// claim takes at most most due jobs for this process. Looking first costs no
// writing while nothing is due.
func (r *Runner) claim(ctx context.Context, most int) ([]claim, error) {
	if most == 0 || len(r.kinds) == 0 {
		return nil, nil
	}
	due, err := anyDue(ctx, r.db.Read(), r.kinds, r.db.Now())
	if err != nil || !due {
		return nil, err
	}
	var claims []claim
	err = r.db.Write(ctx, func(tx *db.Tx) error {
		claims, err = claimDue(ctx, tx, kernel.NewID[string]("lea", tx.Now), r.kinds, most)
		return err
	})
	return claims, err
}

// run does a claimed job and writes down how it went. Its error is that of writing
// down; what the work said is in the log and in the table.
func (r *Runner) run(ctx context.Context, c claim) error {
	w := r.works[c.Kind]
	err := errTimes
	if c.Tries <= mostTries || w.every != 0 { // beyond, the job takes the process down each time
		err = attempt(ctx, w.do, c.Subject)
	}
	stopping := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	var f finish
	switch {
	case err == nil:
		f = finish{done: w.every == 0, pause: w.every}
	case stopping:
		f = finish{tries: max(c.Tries-1, 0)} // not its fault: whoever starts next takes it
	default:
		f = r.after(ctx, c, err, w.every)
	}
	return r.db.Write(ctx, func(tx *db.Tx) error { return finishClaim(ctx, tx, c, f) })
}

// after decides what follows a failure, and logs it.
func (r *Runner) after(ctx context.Context, c claim, err error, every time.Duration) finish {
	p, never := errors.AsType[permanent](err)
	if never {
		err = p.error
	}
	f := finish{tries: c.Tries, pause: backoff(c.Tries)}
	if every != 0 {
		f.pause = min(f.pause, every)
	} else {
		f.stuck = never || c.Tries >= mostTries
	}
	if fault, ok := errors.AsType[*kernel.Fault](err); ok {
		f.pause = max(f.pause, fault.Wait)
	}
	if f.stuck {
		r.log.ErrorContext(ctx, "job given up", "job", c.ID, "kind", c.Kind, "subject", c.Subject, "tries", c.Tries, "err", err)
	} else {
		r.log.WarnContext(ctx, "job will be tried again", "job", c.ID, "kind", c.Kind, "subject", c.Subject, "tries", c.Tries, "pause", f.pause, "err", err)
	}
	return f
}

// backoff is the pause after so many tries: 10 s, 20 s, 40 s… six hours at most.
func backoff(tries int) time.Duration {
	pause := firstPause
	for range tries - 1 {
		if pause *= 2; pause >= lastPause {
			return lastPause
		}
	}
	return pause
}

// attempt does the work within its time. A panic is a failure like another.
func attempt(ctx context.Context, do Work, subject string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, cut)
	defer cancel()
	return do(ctx, subject)
}

// State is how the table stands, for the operator.
type State struct {
	Waiting int       // to be done, now or later
	Late    int       // due for more than five minutes
	Stuck   int       // failed too often
	Oldest  time.Time // since when the oldest late job is due; zero if none is
}

// State counts jobs. Schedules are not counted: they always wait.
func (r *Runner) State(ctx context.Context) (State, error) {
	return state(ctx, r.db.Read(), r.db.Now().Add(-lease))
}

// Retry lets stuck jobs be tried from the start, and says how many.
func (r *Runner) Retry(ctx context.Context) (n int64, err error) {
	err = r.db.Write(ctx, func(tx *db.Tx) error {
		n, err = unstick(ctx, tx)
		tx.AfterCommit(r.nudge)
		return err
	})
	return n, err
}

// Leave removes the jobs of a person, in the transaction that erases her.
func (r *Runner) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	return deleteOf(ctx, tx, person)
}
