package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"digiwork/internal/platform/db"
	"digiwork/internal/testkit"
)

type sample struct {
	text  string
	n     int64
	raw   []byte
	at    time.Time
	sound bool
}

func lineSample(l *db.Line) sample {
	return sample{l.Text(), l.Int(), l.Bytes(), l.Time().Time, l.Bool()}
}

func samples(bytes string) db.Steps {
	return db.Steps{Context: "x", Files: fstest.MapFS{"migrations/0001_a.sql": &fstest.MapFile{Data: []byte(
		"-- +goose Up\ncreate table x_s (id text not null primary key, n bigint not null, raw " + bytes + " not null, at text not null, sound boolean not null);\n")}}}
}

func TestPointReadsOneRowByItsKey(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		bytes := "blob"
		if db.IsPostgres(where) {
			bytes = "bytea"
		}
		d := testkit.Open(t, where, db.Content, samples(bytes))
		at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		put := func(id string) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.ExecContext(t.Context(), `insert into x_s (id, n, raw, at, sound) values ($1, $2, $3, $4, $5)`, id, 7, []byte{0, 1}, db.At(at), true)
				return err
			})
		}
		read := func(id string) (sample, error) {
			return db.Point(t.Context(), d.Read(), lineSample, `select id, n, raw, at, sound from x_s where id = $1`, id)
		}
		if _, err := read("é"); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("no row: err = %v", err)
		}
		if err := put("é"); err != nil {
			t.Fatal(err)
		}
		got, err := read("é")
		if err != nil || got.text != "é" || got.n != 7 || string(got.raw) != "\x00\x01" || !got.at.Equal(at) || !got.sound {
			t.Errorf("%+v, %v", got, err)
		}
		var wg sync.WaitGroup
		for i := range 64 { // more than there are connections; each sees what was written before it asked
			wg.Go(func() {
				id := fmt.Sprint(i)
				if err := put(id); err != nil {
					t.Error(err)
				}
				if got, err := read(id); err != nil || got.text != id {
					t.Errorf("%s: %+v, %v", id, got, err)
				}
			})
		}
		wg.Wait()
	})
}

func TestPointSaysWhatIsWrong(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		if err := d.Write(t.Context(), insert("a")); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Point(t.Context(), d.Read(), (*db.Line).Int, `select id from x_a where id = $1`, "a"); err == nil {
			t.Error("a text was read as a number")
		}
		if _, err := db.Point(t.Context(), d.Read(), lineSample, `select id from x_a where id = $1`, "a"); err == nil {
			t.Error("columns that are not there were read")
		}
		if _, err := db.Point(t.Context(), d.Read(), (*db.Line).Text, `select nothing from x_a`); err == nil {
			t.Error("a query that is wrong was answered")
		}
		if got, err := db.Point(t.Context(), d.Read(), (*db.Line).Text, `select id from x_a where id = $1`, "a"); err != nil || got != "a" {
			t.Errorf("after a failure: %q, %v", got, err) // the connection was made again
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := db.Point(ctx, d.Read(), (*db.Line).Text, `select id from x_a where id = $1`, "a"); err == nil {
			t.Error("an ended request was answered")
		}
	}, steps("x", "a"))
}
