package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"digiwork/internal/platform/db"
	"digiwork/internal/testkit"
)

func steps(context string, tables ...string) db.Steps {
	files := fstest.MapFS{}
	for i, n := range tables {
		files[fmt.Sprintf("migrations/%04d_%s.sql", i+1, n)] = &fstest.MapFile{
			Data: []byte("-- +goose Up\ncreate table x_" + n + " (id text not null primary key);\n"),
		}
	}
	return db.Steps{Context: context, Files: files}
}

func insert(id string) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := tx.ExecContext(context.Background(), `insert into x_a (id) values ($1)`, id)
		return err
	}
}

func count(t *testing.T, d *db.DB) int {
	t.Helper()
	n, err := db.One(t.Context(), d.Read(), db.Scan[int], `select count(*) from x_a`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOneFailureHarmsNoNeighbour(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		sentinel := errors.New("no")
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					if err := insert(fmt.Sprint(i))(tx); err != nil {
						return err
					}
					switch i % 4 {
					case 1:
						return sentinel
					case 2:
						panic("in a use case")
					case 3:
						return insert(fmt.Sprint(i))(tx) // breaks the primary key
					}
					return nil
				})
				switch {
				case i%4 == 0 && err != nil:
					t.Errorf("%d: %v", i, err)
				case i%4 == 1 && !errors.Is(err, sentinel):
					t.Errorf("%d: err = %v", i, err)
				case i%4 == 2 && (err == nil || !strings.Contains(err.Error(), "panic")):
					t.Errorf("%d: err = %v", i, err)
				case i%4 == 3 && !db.IsUnique(err):
					t.Errorf("%d: err = %v", i, err)
				}
			})
		}
		wg.Wait()
		if n := count(t, d); n != 50 {
			t.Errorf("%d rows remain, want 50", n)
		}
	}, steps("x", "a"))
}

func TestAfterCommitOnlyWhenDurable(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		called := 0
		write := func(fail error) {
			_ = d.Write(t.Context(), func(tx *db.Tx) error { //nolint:errcheck // the second fails on purpose
				tx.AfterCommit(func() { called++ })
				return fail
			})
		}
		write(nil)
		write(errors.New("no"))
		if called != 1 {
			t.Errorf("called %d times, want 1", called)
		}
	}, steps("x", "a"))
}

func TestAnEndedRequestWritesNothing(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := d.Write(ctx, insert("late")); err == nil {
			t.Error("an ended request was written")
		}
		if n := count(t, d); n != 0 {
			t.Errorf("%d rows", n)
		}
	}, steps("x", "a"))
}

func TestReadingCannotWrite(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		if _, err := d.Read().ExecContext(t.Context(), `insert into x_a (id) values ('1')`); err == nil {
			t.Error("the reading side wrote")
		}
	}, steps("x", "a"))
}

func TestMigrateRefusesANewerDatabaseAndLeavesItAlone(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		if _, err := d.Migrate(t.Context(), steps("y", "z"), steps("x", "a")); !errors.Is(err, db.ErrNewer) {
			t.Errorf("err = %v, want %v", err, db.ErrNewer)
		}
		if _, err := db.All(t.Context(), d.Read(), db.Scan[string], `select id from x_z`); err == nil {
			t.Error("a table was made in a database that was refused")
		}
	}, steps("x", "a", "b"))
}

func TestMigrateTwiceAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		d := testkit.Open(t, where, db.Content, steps("x", "a"))
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := d.Migrate(t.Context(), steps("y", "c")); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestUpgradeCopiesTheFileFirst(t *testing.T) {
	t.Parallel()
	where := filepath.Join(t.TempDir(), "it's a #1 %41 path.db")
	d := testkit.Open(t, where, db.Content, steps("x", "a"))
	if err := d.Write(t.Context(), insert("before")); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Migrate(t.Context(), steps("x", "a", "b")); err != nil || n != 1 {
		t.Fatalf("took %d steps: %v", n, err)
	}
	old := testkit.Open(t, where+".before-upgrade", db.Content, steps("x", "a"))
	if n := count(t, old); n != 1 {
		t.Errorf("the copy holds %d rows, want 1", n)
	}
}

func TestKeysLieApart(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		content := testkit.Open(t, where, db.Content, steps("x", "a"))
		keys := testkit.Open(t, where, db.Keys, steps("k", "k"))
		if _, err := db.All(t.Context(), content.Read(), db.Scan[string], `select id from x_k`); err == nil {
			t.Error("the keys are in the content database")
		}
		if _, err := db.All(t.Context(), keys.Read(), db.Scan[string], `select id from x_k`); err != nil {
			t.Error(err)
		}
	})
}

func TestTimesSortAsText(t *testing.T) {
	a, _ := db.At(time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)).Value()
	b, _ := db.At(time.Date(2026, 1, 2, 5, 4, 5, 7e6, time.FixedZone("", 7200))).Value()
	if a.(string) >= b.(string) || a != "2026-01-02T03:04:05.006Z" {
		t.Errorf("%v, %v", a, b)
	}
	var back db.Time
	if err := back.Scan(a); err != nil || !back.Equal(time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)) {
		t.Errorf("%v, %v", back, err)
	}
}

func TestSnapshotDoesNotSeeLaterWrites(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		if err := d.Write(t.Context(), insert("1")); err != nil {
			t.Fatal(err)
		}
		err := d.Snapshot(t.Context(), func(q db.Querier) error {
			for range 2 {
				n, err := db.One(t.Context(), q, db.Scan[int], `select count(*) from x_a`)
				if err != nil {
					return err
				}
				if n != 1 {
					t.Errorf("the snapshot holds %d rows, want 1", n)
				}
				if err := d.Write(t.Context(), insert("2")); err != nil && !db.IsUnique(err) {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, d); n != 2 {
			t.Errorf("%d rows after the snapshot, want 2", n)
		}
	}, steps("x", "a"))
}

func TestNoRowIsSaid(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		if _, err := db.One(t.Context(), d.Read(), db.Scan[string], `select id from x_a`); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("err = %v", err)
		}
	}, steps("x", "a"))
}
