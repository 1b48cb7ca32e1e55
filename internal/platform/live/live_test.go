package live_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"digiwork/internal/platform/background"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/live"
	"digiwork/internal/testkit"

	"go.uber.org/goleak"
)

// A child process speaks instead of testing: see TestAnotherProcessIsHeard.
func TestMain(m *testing.M) {
	if where := os.Getenv("LIVE_TEST_SPEAK"); where != "" {
		if err := speak(where); err != nil {
			slog.Error("speak", "err", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

func speak(where string) error {
	d, err := db.Open(context.Background(), where, db.Content)
	if err != nil {
		return err
	}
	h := live.New(d, slog.New(slog.DiscardHandler))
	return errors.Join(note(context.Background(), d, h, "exp_1"), d.Close())
}

// note writes something and says so in the same transaction.
func note(ctx context.Context, d *db.DB, h *live.Hub, topic string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, `insert into x_note (topic) values ($1)`, topic); err != nil {
			return err
		}
		return h.Notify(ctx, tx, topic)
	})
}

func open(t *testing.T, where string) (*db.DB, *live.Hub) {
	t.Helper()
	d := testkit.Open(t, where, db.Content, steps)
	h := live.New(d, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	g := &background.Group{Log: slog.Default()}
	h.Start(ctx, g)
	t.Cleanup(func() { cancel(); g.Wait() })
	return d, h
}

// heard waits for a wake-up after which seen is true: one may come for nothing.
func heard(t *testing.T, c <-chan struct{}, seen func() bool) {
	t.Helper()
	for end := time.After(10 * time.Second); ; {
		select {
		case _, ok := <-c:
			if !ok {
				t.Fatal("the subscription ended")
			}
			if seen() {
				return
			}
		case <-end:
			t.Fatal("nobody said that it changed")
		}
	}
}

func notes(t *testing.T, d *db.DB, topic string) int {
	t.Helper()
	n, err := db.One(t.Context(), d.Read(), db.Scan[int], `select count(*) from x_note where topic = $1`, topic)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhoSubscribedIsWokenAfterTheCommitOnly(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		d := testkit.Open(t, where, db.Content, steps)
		h := live.New(d, slog.Default()) // not started: what is heard is its own
		mine, other := h.Subscribe(t.Context(), "exp_1"), h.Subscribe(t.Context(), "exp_2")
		no := errors.New("no")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if err := h.Notify(t.Context(), tx, "exp_1"); err != nil {
				return err
			}
			return no
		})
		if !errors.Is(err, no) {
			t.Fatal(err)
		}
		select {
		case <-mine:
			t.Error("woken for what was undone")
		default:
		}
		if err := note(t.Context(), d, h, "exp_1"); err != nil {
			t.Fatal(err)
		}
		heard(t, mine, func() bool { return notes(t, d, "exp_1") == 1 })
		select {
		case <-other:
			t.Error("woken for another topic")
		default:
		}
	})
}

// Two hubs on one database are two servers; a command is a third process.
func TestAnotherProcessIsHeard(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		d, h := open(t, where)
		c := h.Subscribe(t.Context(), "exp_1")
		for n := range 2 {
			cmd := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // ourselves
			cmd.Env = append(os.Environ(), "LIVE_TEST_SPEAK="+where)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			heard(t, c, func() bool { return notes(t, d, "exp_1") == n+1 })
		}
	})
}

func TestTwoServersHearEachOther(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		here, h := open(t, where)
		there, other := open(t, where)
		var phones []<-chan struct{}
		for range 100 {
			phones = append(phones, other.Subscribe(t.Context(), "exp_1"))
		}
		for n := range 5 {
			if err := note(t.Context(), here, h, "exp_1"); err != nil {
				t.Fatal(err)
			}
			for _, c := range phones {
				heard(t, c, func() bool { return notes(t, there, "exp_1") == n+1 })
			}
		}
	})
}

// A server of PostgreSQL that goes away takes the connection with it; whoever waits
// is woken once there is another, since something may have been missed.
func TestALostConnectionIsMadeAgain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		if !db.IsPostgres(where) {
			return // a file has no connection to lose
		}
		d, h := open(t, where)
		c := h.Subscribe(t.Context(), "exp_1")
		listening := func() []int {
			pids, err := db.All(t.Context(), d.Read(), db.Scan[int],
				`select pid from pg_stat_activity where query like 'listen %' and query like '%' || current_schema() || '%' and pid <> pg_backend_pid()`)
			if err != nil {
				t.Fatal(err)
			}
			return pids
		}
		heard(t, c, func() bool { return len(listening()) == 1 })
		was := listening()[0]
		if _, err := db.One(t.Context(), d.Read(), db.Scan[bool], `select pg_terminate_backend($1)`, was); err != nil {
			t.Fatal(err)
		}
		heard(t, c, func() bool { l := listening(); return len(l) == 1 && l[0] != was })
		cmd := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // ourselves
		cmd.Env = append(os.Environ(), "LIVE_TEST_SPEAK="+where)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		heard(t, c, func() bool { return notes(t, d, "exp_1") == 1 })
	})
}

func TestASubscriptionEnds(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		_, h := open(t, where)
		ctx, cancel := context.WithCancel(t.Context())
		left, stopped := h.Subscribe(ctx, "exp_1"), h.Subscribe(t.Context(), "exp_1")
		cancel()
		for range left { //nolint:revive // until it is closed
		}
		h.Close()
		for range stopped { //nolint:revive // until it is closed
		}
		if _, ok := <-h.Subscribe(t.Context(), "exp_1"); ok {
			t.Error("a hub that is closed takes subscriptions")
		}
	})
}

func TestATopicIsAnID(t *testing.T) {
	d, h := open(t, t.TempDir()+"/x.db")
	for _, topic := range []string{"", "Ada Lovelace", "é", strings.Repeat("a", 201)} {
		err := d.Write(t.Context(), func(tx *db.Tx) error { return h.Notify(t.Context(), tx, topic) })
		if err == nil {
			t.Errorf("topic %q is taken", topic)
		}
	}
}

var steps = db.Steps{Context: "x", Files: fstest.MapFS{"migrations/0001_x.sql": &fstest.MapFile{
	Data: []byte("-- +goose Up\ncreate table x_note (topic text not null);\n"),
}}}
