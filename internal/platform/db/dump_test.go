package db_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"digiwork/internal/platform/db"
	"digiwork/internal/testkit"
)

func wide() db.Steps {
	return db.Steps{Context: "w", Files: fstest.MapFS{"migrations/0001_w.sql": &fstest.MapFile{Data: []byte(
		"-- +goose Up\ncreate table w_a (id text not null primary key, n bigint not null, ok boolean not null, raw bytea not null);\n")}}}
}

func TestADumpIsTheSameOnBothEngines(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		d := testkit.Open(t, where, db.Content, wide())
		const n = 500
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			for i := range n {
				if _, err := tx.ExecContext(t.Context(), `insert into w_a (id, n, ok, raw) values ($1, $2, $3, $4)`,
					fmt.Sprintf("é\n%03d", i), int64(i)<<40, i%2 == 0, bytes.Repeat([]byte{byte(i), 0}, i%3)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		var first bytes.Buffer
		if rows, err := d.Dump(t.Context(), &first, wide()); err != nil || rows != n {
			t.Fatalf("%d rows, %v", rows, err)
		}
		if _, err := d.Load(t.Context(), bytes.NewReader(first.Bytes()), wide()); !errors.Is(err, db.ErrNotEmpty) {
			t.Errorf("into a database in use: %v", err)
		}
		testkit.Each(t, func(t *testing.T, where string) { // each engine reads each
			into := testkit.Open(t, where, db.Content)
			if rows, err := into.Load(t.Context(), bytes.NewReader(first.Bytes()), wide()); err != nil || rows != n {
				t.Fatalf("loaded %d rows, %v", rows, err)
			}
			read := func(d *db.DB) []string {
				all, err := db.All(t.Context(), d.Read(), db.Scan[string], `
					select id || '/' || cast(n as text) || '/' || case when ok then 'y' else 'n' end || '/' || cast(length(raw) as text) from w_a order by n`)
				if err != nil {
					t.Fatal(err)
				}
				return all
			}
			if !slices.Equal(read(into), read(d)) {
				t.Error("what was loaded differs")
			}
		})
	})
}

func TestABrokenDumpIsRefused(t *testing.T) {
	t.Parallel()
	d := testkit.Open(t, t.TempDir()+"/a.db", db.Content, wide())
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.ExecContext(t.Context(), `insert into w_a (id, n, ok, raw) values ('a', 1, true, $1)`, []byte("x"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if _, err := d.Dump(t.Context(), &whole, wide()); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{
		"empty": nil, "not gzip": []byte("hello"), "half": whole.Bytes()[:whole.Len()/2], "without its end": whole.Bytes()[:whole.Len()-9],
	} {
		into := testkit.Open(t, t.TempDir()+"/b.db", db.Content)
		if _, err := into.Load(t.Context(), bytes.NewReader(raw), wide()); !errors.Is(err, db.ErrDump) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
