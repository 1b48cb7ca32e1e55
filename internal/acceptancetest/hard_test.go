package acceptancetest

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"digiwork/internal/platform/db"

	"golang.org/x/sys/unix"
)

// On each of these days the program says what to do, loses nothing it had promised,
// and goes on once the day is over.

// unavailable checks an answer of the API that says "not now": 503, when to come
// back, and a sentence.
func (s *server) unavailable(method, path, token string, body any, code string) {
	s.t.Helper()
	resp, text := s.answer(method, path, token, body)
	var p struct {
		Status int
		Detail string
		Code   string
	}
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" ||
		resp.Header.Get("Content-Type") != "application/problem+json" || decode(text, &p) != nil || p.Status != 503 || p.Code != code || p.Detail == "" {
		s.t.Errorf("%s %s = %d, Retry-After %q, %s %s\nwant 503 and %q\n%s", method, path, resp.StatusCode, resp.Header.Get("Retry-After"), resp.Header.Get("Content-Type"), text, code, s.log)
	}
}

// kept checks that every acknowledged activity is there.
func (s *server) kept(token string, ids []string) {
	s.t.Helper()
	for _, id := range ids {
		s.must(200, nil, "GET", "/api/v1/activities/"+id, token, nil)
	}
}

// add writes an activity that must be acknowledged.
func (s *server) add(token, title string) string {
	s.t.Helper()
	var a made
	s.must(201, &a, "POST", "/api/v1/activities", token, activity(title))
	return a.ID
}

// rows is the instance's own database, for what only a test does to it.
func (in instance) rows() *sql.DB {
	in.t.Helper()
	driver, where := "sqlite", in.where+"?_pragma=busy_timeout(5000)"
	if db.IsPostgres(in.where) {
		driver, where = "pgx", in.where
	}
	d, err := sql.Open(driver, where)
	if err != nil {
		in.t.Fatal(err)
	}
	in.t.Cleanup(func() {
		if err := d.Close(); err != nil {
			in.t.Error(err)
		}
	})
	return d
}

func (in instance) exec(d *sql.DB, query string, args ...any) {
	in.t.Helper()
	if _, err := d.ExecContext(in.t.Context(), query, args...); err != nil {
		in.t.Fatal(err)
	}
}

// No file of the process can grow: what a full disk does to it, without a disk.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	in := instance{t: t, where: filepath.Join(t.TempDir(), "a.db"), data: t.TempDir()}
	_, token := in.person("ada")
	s := in.serve()
	kept := []string{s.add(token, "before")}
	path, _ := s.link(token, kept[0])

	var free unix.Rlimit
	if err := unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_FSIZE, nil, &free); err != nil {
		t.Fatal(err)
	}
	if err := unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 512, Max: free.Max}, nil); err != nil {
		t.Fatal(err)
	}
	for range 3 { // the first failure does not change what the next ones say
		s.unavailable("POST", "/api/v1/activities", token, activity("during"), "db.full")
	}
	s.kept(token, kept) // her own things can be read
	if code, text := s.call("GET", path, "", nil, "Accept", "application/json"); code != 503 {
		t.Errorf("a visit that cannot be written in the journal = %d %s", code, text)
	}

	if err := unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_FSIZE, &free, nil); err != nil {
		t.Fatal(err)
	}
	kept = append(kept, s.add(token, "after"))
	s.must(200, nil, "GET", path, "", nil)
	s.kill()
	again := in.serve()
	again.kept(token, kept)
	var page struct{ Items []made }
	again.must(200, &page, "GET", "/api/v1/activities", token, nil)
	if len(page.Items) != len(kept) {
		t.Errorf("%d activities, %d were acknowledged", len(page.Items), len(kept))
	}
	if out, _ := in.run(0, "doctor"); !strings.Contains(out, "well") {
		t.Errorf("doctor said %s", out)
	}
}

// Another program holds the database: it answers "later", and reading goes on.
func TestALockedDatabase(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		kept := []string{s.add(token, "before")}
		other, err := in.rows().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hold := func(query string) {
			if _, err := other.ExecContext(t.Context(), query); err != nil {
				t.Fatal(err)
			}
		}
		if db.IsPostgres(in.where) {
			hold(`begin`)
			hold(`lock table gate_item in exclusive mode`) // against writing, as SQLite's
		} else {
			hold(`begin exclusive`)
		}
		s.unavailable("POST", "/api/v1/activities", token, activity("during"), "db.busy")
		s.kept(token, kept)
		if !db.IsPostgres(in.where) { // a lock of one table does not stop the others' commands
			if _, said := in.run(1, "token", "create", "--person", "ada"); !strings.Contains(said, "busy") {
				t.Errorf("a command said %q", said)
			}
		}
		hold(`rollback`)
		if err := other.Close(); err != nil {
			t.Error(err)
		}
		kept = append(kept, s.add(token, "after"))
		s.kept(token, kept)
		s.stop()
	})
}

// A key file that is missing or is another's stops everything before anything is
// written; with its own, all is as before.
func TestAKeyFileThatIsMissingOrAnothers(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		kept := []string{s.add(token, "before")}
		s.stop()
		key, right, other := filepath.Join(in.data, "instance.key"), filepath.Join(in.data, "right.key"), instance{t: t, where: filepath.Join(t.TempDir(), "b.db"), data: t.TempDir()}
		other.person("eve")
		for day, do := range map[string]func(){
			"missing":   func() {},
			"another's": func() { copyFile(t, filepath.Join(other.data, "instance.key"), key) },
		} {
			if err := os.Rename(key, right); err != nil {
				t.Fatal(err)
			}
			do()
			for _, command := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"token", "create", "--person", "ada"}, {"backup", "--out", filepath.Join(t.TempDir(), "b")}, {"migrate"}} {
				if out, said := in.run(1, command...); out != "" || !strings.Contains(said, "key") {
					t.Errorf("%s, %v: said %q %q", day, command, out, said)
				}
			}
			if out, _ := in.run(1, "doctor"); !strings.Contains(out, "ILL") {
				t.Errorf("%s: doctor said %s", day, out)
			}
			if _, err := os.Stat(key); day == "missing" && err == nil {
				t.Error("a key was made for a database that has another")
			}
			if err := os.Rename(right, key); err != nil {
				t.Fatal(err)
			}
		}
		s = in.serve()
		s.kept(token, kept)
		s.add(token, "after")
	})
}

// A database that a newer program wrote is left alone.
func TestANewerDatabase(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		kept := []string{s.add(token, "before")}
		s.stop()
		d := in.rows()
		in.exec(d, `insert into account_schema (version_id, is_applied) values (9999, true)`)
		for _, command := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"serve", "--migrate", "--listen", "127.0.0.1:0"}, {"migrate"}, {"person", "add", "--handle", "bob", "--name", "Bob"}} {
			if _, said := in.run(1, command...); !strings.Contains(said, "newer program") {
				t.Errorf("%v: said %q", command, said)
			}
		}
		in.exec(d, `delete from account_schema where version_id = 9999`)
		s = in.serve()
		s.kept(token, kept)
		s.add(token, "after")
	})
}

// The clock is set back by three days between two starts: time goes on from the last
// writing, what has ended stays ended, and the operator is told.
func TestAClockThatWentBack(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		kept := []string{s.add(token, "before")}
		path, _ := s.link(token, kept[0]) // open for a week
		s.must(201, nil, "POST", "/api/v1/activities", token, activity("with a key"), "Idempotency-Key", "k1")
		s.stop()
		d := in.rows()
		// As if all this had happened nine days later: now the clock is nine days behind.
		in.exec(d, `update once_key set at = $1`, db.At(time.Now().AddDate(0, 0, 9)))
		s = in.serve()
		if code, text := s.call("GET", path, "", nil); code != http.StatusGone {
			t.Errorf("a link that had ended is %d again\n%s", code, text)
		}
		kept = append(kept, s.add(token, "on that day"))
		s.kept(token, kept)
		s.must(201, nil, "POST", "/api/v1/activities", token, activity("with a key"), "Idempotency-Key", "k1")
		if out, _ := in.run(1, "doctor"); !strings.Contains(out, "clock is 216h") {
			t.Errorf("doctor said %s", out)
		}
		s.stop()
		if !strings.Contains(s.log.String(), "set it right") {
			t.Errorf("serve said %s", s.log)
		}
		in.exec(d, `update once_key set at = $1`, db.At(time.Now())) // the clock was set right
		s = in.serve()
		s.kept(token, kept)
		s.must(200, nil, "GET", path, "", nil)
		in.run(0, "doctor")
	})
}

// On PostgreSQL a new program serves beside the old one, with the tables of the old
// one, until somebody asks for the upgrade.
func TestANewProgramOnTheTablesOfTheOneBefore(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		kept := []string{s.add(token, "before")}
		s.stop()
		d := in.rows()
		gone := in.withdraw(d, "signing")
		s = in.serve()
		kept = append(kept, s.add(token, "between"))
		s.kept(token, kept)
		out, _ := in.run(0, "doctor")
		waits := strings.Contains(out, "waits for an upgrade")
		if waits != db.IsPostgres(in.where) { // SQLite was upgraded by serve
			t.Errorf("doctor said %s", out)
		}
		in.run(0, "migrate")
		if out, _ := in.run(0, "doctor"); strings.Contains(out, "waits for an upgrade") {
			t.Errorf("after migrate doctor said %s", out)
		}
		s.kept(token, kept) // the process that was there goes on
		s.stop()
		s = in.serve()
		s.kept(token, kept)
		s.add(token, "after")
		for _, table := range gone {
			in.exec(d, `select count(*) from `+table)
		}
	})
}

// withdraw takes the tables of a context away, as if it were new, and names them.
func (in instance) withdraw(d *sql.DB, context string) (tables []string) {
	in.t.Helper()
	names := `select name from sqlite_master where type = 'table' and name like $1 || '\_%' escape '\'`
	if db.IsPostgres(in.where) {
		names = `select table_name from information_schema.tables where table_schema = current_schema() and table_name like $1 || '\_%'`
	}
	rows, err := d.QueryContext(in.t.Context(), names, context)
	if err != nil {
		in.t.Fatal(err)
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			in.t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := rows.Close(); err != nil || len(tables) < 2 {
		in.t.Fatalf("tables of %s: %v %v", context, tables, err)
	}
	for _, name := range tables {
		in.exec(d, `drop table `+name)
	}
	return tables
}

// answer is a call of which the header matters too.
func (s *server) answer(method, path, token string, body any) (*http.Response, string) {
	s.t.Helper()
	resp, text, err := s.ask(s.t.Context(), method, path, token, body)
	if err != nil {
		s.t.Fatal(fmt.Errorf("%s %s: %w\n%s", method, path, err, s.log))
	}
	return resp, text
}
