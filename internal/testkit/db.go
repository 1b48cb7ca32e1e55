// Package testkit is what tests of every context share.
package testkit

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"digiwork/internal/platform/db"
)

var schemas atomic.Int64

// Each runs f once per engine, in parallel, with the place of a fresh, empty
// database: what --database takes. PostgreSQL runs when TEST_POSTGRES_URL is
// set, as it is in make test; a skip when CI=true is a failure.
func Each(t *testing.T, f func(t *testing.T, where string)) {
	t.Helper()
	t.Run(string(db.SQLite), func(t *testing.T) {
		t.Parallel()
		f(t, filepath.Join(t.TempDir(), "test.db"))
	})
	t.Run(string(db.Postgres), func(t *testing.T) {
		t.Parallel()
		f(t, freshSchema(t))
	})
}

// EachDB runs f once per engine, in parallel, on a fresh, migrated database.
func EachDB(t *testing.T, f func(t *testing.T, d *db.DB), steps ...db.Steps) {
	t.Helper()
	Each(t, func(t *testing.T, where string) { f(t, Open(t, where, db.Content, steps...)) })
}

// Open opens and migrates half of the database at where, and closes it with the test.
func Open(t testing.TB, where string, half db.Half, steps ...db.Steps) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), where, half)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := d.Migrate(t.Context(), steps...); err != nil {
		t.Fatal(err)
	}
	return d
}

// dropSchema drops a schema of a test. A program that was killed may leave a session
// that is still ending, and a drop that crosses it is told of a deadlock: it is tried
// again.
func dropSchema(admin *sql.DB, schema string) (err error) {
	for try := range 20 {
		_, err = admin.Exec(`drop schema if exists ` + schema + ` cascade`) //nolint:noctx // the test's context is over
		if err == nil || !strings.Contains(err.Error(), "40P01") {
			return err
		}
		time.Sleep(time.Duration(try+1) * 50 * time.Millisecond)
	}
	return err
}

func freshSchema(t *testing.T) string {
	t.Helper()
	base := os.Getenv("TEST_POSTGRES_URL")
	if base == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("TEST_POSTGRES_URL is not set: run make test")
		}
		t.Skip("TEST_POSTGRES_URL is not set: run make test")
	}
	schema := fmt.Sprintf("t_%d_%d_%d", os.Getpid(), time.Now().UnixMilli(), schemas.Add(1))
	admin, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.ExecContext(t.Context(), `create schema `+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, s := range []string{schema, schema + "_keys"} {
			if err := dropSchema(admin, s); err != nil {
				t.Error(err)
			}
		}
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}
