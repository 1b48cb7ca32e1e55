package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/background"
	"digiwork/internal/platform/db"
	"digiwork/internal/testkit"

	"go.uber.org/goleak"
)

var steps = db.Steps{Context: "jobs", Files: Migrations}

var quiet = slog.New(slog.DiscardHandler)

// clock is a time that tests move.
type clock struct{ ns atomic.Int64 }

func newClock(ds ...*db.DB) *clock {
	c := &clock{}
	c.ns.Store(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).UnixNano())
	for _, d := range ds {
		d.SetClock(func() time.Time { return time.Unix(0, c.ns.Load()) })
	}
	return c
}

func (c *clock) pass(d time.Duration) { c.ns.Add(int64(d)) }

func newID() string { return kernel.NewID[string]("act", time.Now()) }

func add(t *testing.T, d *db.DB, r *Runner, j Job) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return r.Add(t.Context(), tx, j) }); err != nil {
		t.Fatal(err)
	}
}

func runDue(t *testing.T, r *Runner) int {
	t.Helper()
	n, err := r.RunDue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestJobIsDoneExactlyWhenItsTransactionHolds(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		var done []string
		r := New(d, quiet)
		r.On("note", func(_ context.Context, subject string) error {
			done = append(done, subject)
			return nil
		})
		kept, lost := newID(), newID()
		add(t, d, r, Job{Kind: "note", Subject: kept})
		no := errors.New("no")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			return errors.Join(r.Add(t.Context(), tx, Job{Kind: "note", Subject: lost}), no)
		})
		if !errors.Is(err, no) {
			t.Fatalf("the failing use case says %v", err)
		}
		if n := runDue(t, r); n != 1 || len(done) != 1 || done[0] != kept {
			t.Errorf("%d runs, done %v; want one, %s", n, done, kept)
		}
		if n := runDue(t, r); n != 0 {
			t.Errorf("%d runs after the job was done; want none", n)
		}
	}, steps)
}

func TestWordsAreNotASubject(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		r := New(d, quiet)
		r.On("note", func(context.Context, string) error { return nil })
		r.Every("sweep", time.Hour, func(context.Context) error { return nil })
		for _, j := range []Job{
			{Kind: "note", Subject: "ada@example.org"},
			{Kind: "note", Subject: "act_short"},
			{Kind: "note", Subject: newID() + " and more"},
			{Kind: "nobody", Subject: newID()},
			{Kind: "sweep"}, // a schedule is not added
		} {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return r.Add(t.Context(), tx, j) }); err == nil {
				t.Errorf("%+v was accepted", j)
			}
		}
		add(t, d, r, Job{Kind: "note", Subject: newID()})
		add(t, d, r, Job{Kind: "note"})
		if n := runDue(t, r); n != 2 {
			t.Errorf("%d runs of the two legitimate jobs", n)
		}
	}, steps)
}

func TestFailureIsTriedAgainLaterAndLater(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		c := newClock(d)
		tries, fails := 0, 3
		r := New(d, quiet)
		r.On("note", func(context.Context, string) error {
			tries++
			if tries == 2 {
				panic("a bug")
			}
			if tries <= fails {
				return errors.New("away")
			}
			return nil
		})
		add(t, d, r, Job{Kind: "note", Subject: newID()})
		runDue(t, r)
		for i, pause := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second} {
			c.pass(pause - time.Millisecond)
			if runDue(t, r); tries != i+1 {
				t.Fatalf("try %d came before its pause of %v was over", tries, pause)
			}
			c.pass(time.Millisecond)
			if runDue(t, r); tries != i+2 {
				t.Fatalf("%d tries after a pause of %v; want %d", tries, pause, i+2)
			}
		}
		if s, err := r.State(t.Context()); err != nil || s != (State{}) {
			t.Errorf("state after success: %+v, %v", s, err)
		}
	}, steps)
}

func TestFaultThatSaysWhenIsObeyed(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		c := newClock(d)
		tries := 0
		r := New(d, quiet)
		r.On("note", func(context.Context, string) error {
			tries++
			return kernel.NewFault(kernel.TooMany, "x.y").After(time.Hour)
		})
		add(t, d, r, Job{Kind: "note", Subject: newID()})
		runDue(t, r)
		c.pass(59 * time.Minute)
		runDue(t, r)
		if tries != 1 {
			t.Errorf("%d tries within the hour asked for", tries)
		}
		c.pass(time.Minute)
		if runDue(t, r); tries != 2 {
			t.Errorf("%d tries after the hour; want 2", tries)
		}
	}, steps)
}

func TestHopelessJobWaitsForTheOperator(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		c := newClock(d)
		works, tries, refused := false, 0, 0
		r := New(d, quiet)
		r.On("weak", func(context.Context, string) error {
			if tries++; works {
				return nil
			}
			return errors.New("away")
		})
		r.On("wrong", func(context.Context, string) error {
			if refused++; works {
				return nil
			}
			return Permanent(errors.New("never"))
		})
		add(t, d, r, Job{Kind: "weak", Subject: newID()})
		add(t, d, r, Job{Kind: "wrong", Subject: newID()})
		start := d.Now()
		for range 200 {
			runDue(t, r)
			c.pass(time.Hour)
		}
		if tries != mostTries || refused != 1 {
			t.Errorf("%d and %d tries in %v; want %d and 1", tries, refused, d.Now().Sub(start), mostTries)
		}
		if s, err := r.State(t.Context()); err != nil || s.Stuck != 2 || s.Waiting != 0 {
			t.Errorf("state: %+v, %v; want two stuck", s, err)
		}
		works = true
		if n, err := r.Retry(t.Context()); err != nil || n != 2 {
			t.Errorf("retry: %d, %v", n, err)
		}
		if n := runDue(t, r); n != 2 {
			t.Errorf("%d jobs done after the retry; want 2", n)
		}
		if s, err := r.State(t.Context()); err != nil || s != (State{}) {
			t.Errorf("state at the end: %+v, %v", s, err)
		}
	}, steps)
}

// Two processes on one database: each has its own handle.
func twoProcesses(t *testing.T, f func(t *testing.T, a, b *db.DB)) {
	testkit.Each(t, func(t *testing.T, where string) {
		f(t, testkit.Open(t, where, db.Content, steps), testkit.Open(t, where, db.Content, steps))
	})
}

func TestTwoProcessesShareTheWork(t *testing.T) {
	twoProcesses(t, func(t *testing.T, a, b *db.DB) {
		const many = 60
		var mu sync.Mutex
		times := map[string]int{}
		runner := func(d *db.DB) *Runner {
			r := New(d, quiet)
			r.On("note", func(_ context.Context, subject string) error {
				mu.Lock()
				defer mu.Unlock()
				times[subject]++
				return nil
			})
			return r
		}
		ra, rb := runner(a), runner(b)
		for range many {
			add(t, a, ra, Job{Kind: "note", Subject: newID()})
		}
		var wg sync.WaitGroup
		for _, r := range []*Runner{ra, ra, rb, rb} {
			wg.Go(func() {
				if _, err := r.RunDue(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		runDue(t, ra) // whoever lost every race stopped early
		if len(times) != many {
			t.Errorf("%d jobs done; want %d", len(times), many)
		}
		for subject, n := range times {
			if n != 1 {
				t.Errorf("%s was done %d times", subject, n)
			}
		}
	})
}

func TestJobOfADeadProcessIsTakenOver(t *testing.T) {
	twoProcesses(t, func(t *testing.T, a, b *db.DB) {
		c := newClock(a, b)
		done := 0
		count := func(context.Context, string) error { done++; return nil }
		dying, heir := New(a, quiet), New(b, quiet)
		dying.On("note", count)
		heir.On("note", count)
		add(t, a, dying, Job{Kind: "note", Subject: newID()})
		claims, err := dying.claim(t.Context(), 1) // and here the process is killed
		if err != nil || len(claims) != 1 {
			t.Fatalf("claim: %v, %v", claims, err)
		}
		c.pass(lease - time.Second)
		if n := runDue(t, heir); n != 0 {
			t.Fatalf("the heir took %d jobs under somebody's lease", n)
		}
		c.pass(2 * time.Second)
		late, err := heir.claim(t.Context(), 1)
		if err != nil || len(late) != 1 || late[0].Tries != 2 {
			t.Fatalf("the heir's claim: %+v, %v", late, err)
		}
		// The first was only slow: what it says now no longer counts.
		if err := dying.run(t.Context(), claims[0]); err != nil {
			t.Fatal(err)
		}
		if s, err := heir.State(t.Context()); err != nil || s.Waiting != 1 {
			t.Errorf("state: %+v, %v; want the job still the heir's", s, err)
		}
		if err := heir.run(t.Context(), late[0]); err != nil {
			t.Fatal(err)
		}
		if s, err := heir.State(t.Context()); err != nil || s.Waiting != 0 || done != 2 {
			t.Errorf("state: %+v, %v, done %d times; want none waiting, done twice", s, err, done)
		}
	})
}

func TestJobThatKillsItsProcessIsNotTakenForEver(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		c := newClock(d)
		r := New(d, quiet)
		r.On("bomb", func(context.Context, string) error { return nil })
		add(t, d, r, Job{Kind: "bomb", Subject: newID()})
		for range mostTries {
			if claims, err := r.claim(t.Context(), 1); err != nil || len(claims) != 1 {
				t.Fatalf("claim: %v, %v", claims, err)
			}
			c.pass(lease + time.Second)
		}
		runDue(t, r)
		if s, err := r.State(t.Context()); err != nil || s.Stuck != 1 {
			t.Errorf("state: %+v, %v; want it stuck", s, err)
		}
	}, steps)
}

func TestScheduleRunsOnceAPauseWhateverTheProcesses(t *testing.T) {
	twoProcesses(t, func(t *testing.T, a, b *db.DB) {
		c := newClock(a, b)
		runs, fail := 0, false
		runner := func(d *db.DB) *Runner {
			r := New(d, quiet)
			r.Every("sweep", time.Hour, func(context.Context) error {
				if runs++; fail {
					return errors.New("away")
				}
				return nil
			})
			if err := r.Arm(t.Context()); err != nil {
				t.Fatal(err)
			}
			return r
		}
		ra, rb := runner(a), runner(b)
		step := func(pass time.Duration, want int) {
			t.Helper()
			c.pass(pass)
			runDue(t, ra)
			runDue(t, rb)
			if runs != want {
				t.Fatalf("%d runs; want %d", runs, want)
			}
		}
		step(0, 1)
		step(59*time.Minute, 1)
		step(time.Minute, 2)
		fail = true
		step(time.Hour, 3)
		step(10*time.Second, 4) // a failed run comes back sooner
		fail = false
		step(20*time.Second, 5)
		step(time.Hour-time.Second, 5)
		step(time.Second, 6)
		if s, err := ra.State(t.Context()); err != nil || s != (State{}) {
			t.Errorf("schedules are counted: %+v, %v", s, err)
		}
	})
}

func TestUnknownKindIsLeftToANewerProgram(t *testing.T) {
	twoProcesses(t, func(t *testing.T, a, b *db.DB) {
		newer, older := New(a, quiet), New(b, quiet)
		done := 0
		newer.On("new", func(context.Context, string) error { done++; return nil })
		older.On("old", func(context.Context, string) error { return nil })
		add(t, a, newer, Job{Kind: "new", Subject: newID()})
		if n := runDue(t, older); n != 0 {
			t.Errorf("the older program ran %d jobs it does not know", n)
		}
		if runDue(t, newer); done != 1 {
			t.Errorf("the newer program did it %d times", done)
		}
	})
}

func TestJobsOfAPersonGoWithHer(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		var done []string
		r := New(d, quiet)
		r.On("note", func(_ context.Context, subject string) error {
			done = append(done, subject)
			return nil
		})
		hers, others, nobodys := newID(), newID(), newID()
		add(t, d, r, Job{Kind: "note", Subject: hers, Person: "per_ada"})
		add(t, d, r, Job{Kind: "note", Subject: others, Person: "per_bob"})
		add(t, d, r, Job{Kind: "note", Subject: nobodys})
		for _, person := range []kernel.PersonID{"per_ada", ""} {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return r.Leave(t.Context(), tx, person) }); err != nil {
				t.Fatal(err)
			}
		}
		runDue(t, r)
		if got := strings.Join(done, " "); len(done) != 2 || strings.Contains(got, hers) {
			t.Errorf("done %v after she left; want %s and %s", done, others, nobodys)
		}
	}, steps)
}

func TestStoppingReleasesWhatIsUnderWay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		d := testkit.Open(t, where, db.Content, steps)
		before := goleak.IgnoreCurrent()
		started, stops := make(chan struct{}), atomic.Bool{}
		r := New(d, quiet)
		r.On("slow", func(ctx context.Context, _ string) error {
			close(started)
			<-ctx.Done()
			stops.Store(true)
			return ctx.Err()
		})
		var g background.Group
		g.Log = quiet
		ctx, stop := context.WithCancel(t.Context())
		if err := r.Start(ctx, &g); err != nil {
			t.Fatal(err)
		}
		add(t, d, r, Job{Kind: "slow", Subject: newID()}) // the commit wakes the loop
		<-started
		stop()
		g.Wait()
		if !stops.Load() {
			t.Error("Wait came back before the work")
		}
		claims, err := r.claim(t.Context(), 1)
		if err != nil || len(claims) != 1 || claims[0].Tries != 1 {
			t.Errorf("after the stop: %+v, %v; want the job free and nothing counted", claims, err)
		}
		if err := goleak.Find(before, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener")); err != nil {
			t.Error(err)
		}
	})
}

func TestManyJobsAtOnceAreAllDone(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		const many = 40
		var left sync.WaitGroup
		left.Add(many)
		r := New(d, quiet)
		r.On("note", func(context.Context, string) error { left.Done(); return nil })
		g := background.Group{Log: quiet}
		ctx, stop := context.WithCancel(t.Context())
		if err := r.Start(ctx, &g); err != nil {
			t.Fatal(err)
		}
		for range many {
			add(t, d, r, Job{Kind: "note", Subject: newID()})
		}
		left.Wait() // ends with the test's own limit otherwise
		stop()
		g.Wait()
		if s, err := r.State(t.Context()); err != nil || s != (State{}) {
			t.Errorf("state: %+v, %v", s, err)
		}
	}, steps)
}

func TestBackoffGrowsToItsLimit(t *testing.T) {
	last := time.Duration(0)
	total := time.Duration(0)
	for try := 1; try <= mostTries; try++ {
		p := backoff(try)
		if p < last || p > lastPause || p < firstPause {
			t.Errorf("pause %v after try %d, %v before", p, try, last)
		}
		last = p
		total += p
	}
	if days := fmt.Sprintf("%.1f", total.Hours()/24); days < "3.0" || days > "4.0" {
		t.Errorf("a job is tried for %s days", days)
	}
}
