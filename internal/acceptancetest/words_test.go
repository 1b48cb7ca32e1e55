package acceptancetest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/platform/db"
)

// planted is a word nobody says by chance; each entrance gets its own.
func planted(n int) string { return fmt.Sprintf("zqxplanted%02dwortzq", n) }

// What a person says, through whichever entrance, is nowhere in clear: database,
// its log, keys, backup, temporary files, logs, metrics, dump.
func TestPlantedWordsAreNowhereInClear(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		tmp := t.TempDir()
		in.tmp = tmp
		metrics := freePort(t)
		_, token := in.person("ada")
		s := in.serve("--metrics", metrics, "--log-level", "debug")
		n := plantEverywhere(t, in, s, token)

		s.must(200, nil, "GET", "/api/v1/activities?limit=200", token, nil)
		look(t, "log", append([]byte("log:\n"), s.log.Bytes()...), n) // it may well be empty
		look(t, "metrics", []byte(fetch(t, "http://"+metrics+"/metrics")), n)
		inFolder(t, in.data, n)
		inFolder(t, tmp, n)
		out := filepath.Join(t.TempDir(), "backup")
		in.run(0, "backup", "--out", out)
		look(t, "backup", unpacked(t, out), n)
		look(t, "keys backup", unpacked(t, out+".keys"), n)
		if db.IsPostgres(in.where) {
			look(t, "dump", pgDump(t, in.where), n)
		} else {
			inFolder(t, filepath.Dir(in.where), n)
			s.kill() // a database that was not closed, with its log
			inFolder(t, filepath.Dir(in.where), n)
		}
	})
}

// plantEverywhere says a planted word through every entrance and gives their number.
func plantEverywhere(t *testing.T, in instance, s *server, token string) int {
	t.Helper()
	n := 0
	word := func() string { n++; return planted(n) }
	var a made
	full := map[string]any{
		"title": word(), "kind": "job", "start": "2020", "organisation": word(), "place": word(), "with_whom": word(), "purpose": word(),
		"narrative": word(), "tools": []string{word()}, "methods": []string{word()}, "tags": []string{word()}, "status": "employed",
	}
	s.must(201, &a, "POST", "/api/v1/activities", token, full, "Idempotency-Key", word())
	full["title"], full["version"] = word(), 1
	s.must(200, nil, "PUT", "/api/v1/activities/"+a.ID, token, full)
	full["title"] = word()
	s.must(409, nil, "PUT", "/api/v1/activities/"+a.ID, token, full) // refused: stale
	s.must(422, nil, "POST", "/api/v1/activities", token, map[string]any{"title": word(), "kind": word()})
	s.call("GET", "/nowhere/"+word()+"?q="+word(), token, nil)
	s.must(201, nil, "POST", "/api/v1/activities/"+a.ID+"/pieces", token, map[string]any{"url": "https://example.org/" + word(), "author": word()})
	file(t, s, token, "/api/v1/activities/"+a.ID+"/pieces", word()+".txt", "text of a piece: "+word(), 201)
	file(t, s, token, "/api/v1/imports?dry_run=true", "a.csv", "title;start;organisation\n"+word()+";2019;"+word()+"\n", 200)
	file(t, s, token, "/api/v1/imports", "b.csv", "title;start;organisation\n"+word()+";2018;"+word()+"\n", 200)
	file(t, s, token, "/api/v1/imports", word()+".bin", "no known format "+word(), 200)
	var f, g made
	s.must(201, &f, "POST", "/api/v1/faces", token, map[string]any{"name": word(), "language": "fr", "shows": map[string]any{"profile": []string{}, "activities": []string{a.ID}}, "hides": []string{}})
	s.must(201, &g, "POST", "/api/v1/grants", token, map[string]any{"face": f.ID, "to": map[string]bool{"link": true}, "purpose": word(), "until": "2027-06-01"})
	s.must(200, nil, "GET", g.URL[strings.Index(g.URL, "/s/"):], "", nil)
	cookie := in.session(s, "planter")
	form := func(path string, values url.Values) {
		code, text := s.call("POST", path, "", values.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Cookie", cookie, "Sec-Fetch-Site", "same-origin")
		if code >= 500 || code == 404 {
			t.Errorf("POST %s = %d\n%s", path, code, text)
		}
	}
	form("/portillon/profile", url.Values{"version": {"0"}, "name": {word()}, "about": {word()}, "email": {word() + "@example.org"}})
	form("/portillon/faces", url.Values{"version": {"0"}, "name": {strings.Repeat(word(), 20)}, "language": {"fr"}}) // refused: too long
	form("/musette/activities", url.Values{"title": {word()}, "kind": {"job"}, "start": {"2020"}, "organisation": {word()}})
	form("/musette/activities", url.Values{"title": {""}, "narrative": {word()}}) // refused: no title
	form("/musette", url.Values{"word": {word()}})                                // a search
	return n
}

func look(t *testing.T, where string, raw []byte, n int) {
	t.Helper()
	if len(raw) == 0 {
		t.Errorf("%s: there is nothing to look at", where)
	}
	lower := bytes.ToLower(raw)
	for i := 1; i <= n; i++ {
		for _, form := range [][]byte{[]byte(planted(i)), utf16(planted(i))} {
			if bytes.Contains(lower, form) {
				t.Errorf("%s holds the word %d in clear", where, i)
			}
		}
	}
}

func utf16(s string) []byte {
	var b []byte
	for _, c := range []byte(s) {
		b = append(b, c, 0)
	}
	return b
}

func inFolder(t *testing.T, dir string, n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(p) //nolint:gosec // the test's own folder
		if err != nil {
			return err
		}
		if len(raw) > 0 {
			look(t, d.Name(), raw, n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func unpacked(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path) //nolint:gosec // the test's own file
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func pgDump(t *testing.T, where string) []byte {
	t.Helper()
	u, err := url.Parse(where)
	if err != nil {
		t.Fatal(err)
	}
	schema := u.Query().Get("search_path")
	u.RawQuery = "sslmode=disable"
	bin := "pg_dump"
	if dir := os.Getenv("TEST_POSTGRES_BIN"); dir != "" {
		bin = filepath.Join(dir, bin)
	}
	raw, err := exec.CommandContext(t.Context(), bin, "--schema", schema, "--schema", schema+"_keys", u.String()).Output() //nolint:gosec // the test's own database
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(raw, []byte("gate_item")) {
		t.Fatal("the dump holds no vault")
	}
	return raw
}

// file posts one file.
func file(t *testing.T, s *server, token, path, name, content string, want int) string {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	w, err := m.CreateFormFile("files", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return s.must(want, nil, "POST", path, token, b.Bytes(), "Content-Type", m.FormDataContentType())
}
