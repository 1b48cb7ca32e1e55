package acceptancetest

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/testkit"
)

// A content backup from before an erasure with the keys file from after it: all
// are readable but her. With the old keys file, everybody is: said, not hidden.
func TestAnErasedPersonStaysErasedInOldBackups(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, ada := in.person("ada")
		_, bob := in.person("bob")
		s := in.serve()
		var a, b made
		s.must(201, &a, "POST", "/api/v1/activities", ada, activity("of ada"))
		s.must(201, &b, "POST", "/api/v1/activities", bob, activity("of bob"))
		dir := t.TempDir()
		before, after := filepath.Join(dir, "before"), filepath.Join(dir, "after")
		in.run(0, "backup", "--out", before)
		s.must(200, nil, "DELETE", "/api/v1/me", ada, nil, "Confirm", "erase")
		in.run(0, "backup", "--out", after)
		s.stop()

		testkit.Each(t, func(t *testing.T, where string) { // into either engine
			into := instance{t: t, where: where, data: t.TempDir()}
			copyFile(t, filepath.Join(in.data, "instance.key"), filepath.Join(into.data, "instance.key"))
			into.run(0, "restore", before, "--keys", after+".keys")
			s := into.serve()
			s.must(200, nil, "GET", "/api/v1/activities/"+b.ID, bob, nil)
			if code, _ := s.call("GET", "/api/v1/activities/"+a.ID, ada, nil); code != 401 {
				t.Errorf("the erased person's token = %d", code)
			}
			into.run(1, "restore", before, "--keys", after+".keys") // not into a database in use
		})
	})
}

// Without its key file, or with another, a backup is not restored.
func TestARestoreNeedsItsKeyFile(t *testing.T) {
	t.Parallel()
	in := instance{t: t, where: filepath.Join(t.TempDir(), "a.db"), data: t.TempDir()}
	in.person("ada")
	out := filepath.Join(t.TempDir(), "b")
	in.run(0, "backup", "--out", out)
	into := instance{t: t, where: filepath.Join(t.TempDir(), "c.db"), data: t.TempDir()}
	if _, said := into.run(1, "restore", out, "--keys", out+".keys"); !strings.Contains(said, "key file") {
		t.Errorf("said %q", said)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	raw, err := os.ReadFile(from) //nolint:gosec // the test's own file
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// musetteJSON reads musette.json out of an archive.
func musetteJSON(t *testing.T, archive []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if filepath.Base(f.Name) != "musette.json" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	t.Fatal("the archive has no musette.json")
	return nil
}
