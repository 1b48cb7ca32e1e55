package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/platform/db"
	"digiwork/internal/platform/seal"
	"digiwork/internal/testkit"

	"pgregory.net/rapid"
)

var steps = db.Steps{Context: "seal", Files: seal.Migrations}

func open(t *testing.T, where, file string) (*seal.Keys, *db.DB) {
	t.Helper()
	d := testkit.Open(t, where, db.Keys, steps)
	k, _, err := seal.Open(t.Context(), d, file)
	if err != nil {
		t.Fatal(err)
	}
	return k, d
}

func TestWhatIsSealedOpensOnlyInItsPlace(t *testing.T) {
	t.Parallel()
	k, _ := open(t, filepath.Join(t.TempDir(), "a.db"), filepath.Join(t.TempDir(), "k"))
	for _, owner := range []string{"ada", "bob"} {
		if err := k.Create(t.Context(), owner); err != nil {
			t.Fatal(err)
		}
	}
	ada, _ := k.Of(t.Context(), "ada") //nolint:errcheck // a nil key fails below
	bob, _ := k.Of(t.Context(), "bob") //nolint:errcheck // a nil key fails below
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "plain")
		ad := rapid.String().Draw(t, "ad")
		s := ada.Seal(ad, plain)
		got, err := ada.Open(ad, s)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened %q, %v", got, err)
		}
		if (len(s)-29)%seal.Step != 0 {
			t.Fatalf("the length %d tells more than steps", len(s))
		}
		if _, err := ada.Open(ad+"x", s); !errors.Is(err, seal.ErrSealed) {
			t.Fatal("opened in another place")
		}
		if _, err := bob.Open(ad, s); !errors.Is(err, seal.ErrSealed) {
			t.Fatal("opened by another person's key")
		}
		s[rapid.IntRange(0, len(s)-1).Draw(t, "at")] ^= 1
		if _, err := ada.Open(ad, s); !errors.Is(err, seal.ErrSealed) {
			t.Fatal("opened although altered")
		}
	})
}

func TestAMissingOrWrongKeyFileIsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		dir := t.TempDir()
		file := filepath.Join(dir, "k")
		_, d := open(t, where, file)
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode = %v, %v", info.Mode(), err)
		}
		aside := file + ".aside"
		if err := os.Rename(file, aside); err != nil {
			t.Fatal(err)
		}
		if _, _, err := seal.Open(t.Context(), d, file); !errors.Is(err, seal.ErrNoFile) {
			t.Errorf("missing: err = %v", err)
		}
		if _, err := os.Stat(file); err == nil {
			t.Error("a new key was made for a database that has one")
		}
		other := filepath.Join(dir, "other")
		open(t, filepath.Join(t.TempDir(), "b.db"), other)
		if _, _, err := seal.Open(t.Context(), d, other); !errors.Is(err, seal.ErrWrongFile) {
			t.Errorf("wrong: err = %v", err)
		}
		if _, _, err := seal.Open(t.Context(), d, aside); err != nil {
			t.Errorf("the right file is refused: %v", err)
		}
	})
}

func TestRotationKeepsEverythingReadable(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		file := filepath.Join(t.TempDir(), "k")
		k, d := open(t, where, file)
		other, _, err := seal.Open(t.Context(), d, file) // another process
		if err != nil {
			t.Fatal(err)
		}
		var sealed [][]byte
		owners := []string{"ada", "bob", "eve"}
		for _, o := range owners {
			if err := k.Create(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			key, err := k.Of(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			sealed = append(sealed, key.Seal("x", []byte(o)))
		}
		digest := k.Digest("mail", "ada@example.org")
		ring, err := k.Ring(t.Context())
		if err != nil || len(ring) != 1 {
			t.Fatal(ring, err)
		}
		if err := k.Retire(t.Context(), ring[0].ID); !errors.Is(err, seal.ErrLastKey) {
			t.Errorf("the only key was retired: %v", err)
		}
		if _, err := k.AddKey(); err != nil {
			t.Fatal(err)
		}
		if err := k.Retire(t.Context(), ring[0].ID); !errors.Is(err, seal.ErrKeyInUse) {
			t.Errorf("a key in use was retired: %v", err)
		}
		if n, err := k.Rotate(t.Context()); err != nil || n != 4 {
			t.Errorf("rotated %d, %v; want 4", n, err)
		}
		if err := k.Retire(t.Context(), ring[0].ID); err != nil {
			t.Error(err)
		}
		for i, o := range owners { // the other process has never seen the new key
			key, err := other.Of(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := key.Open("x", sealed[i]); err != nil || string(got) != o {
				t.Errorf("%s: %q, %v", o, got, err)
			}
		}
		if !bytes.Equal(other.Digest("mail", "ada@example.org"), digest) {
			t.Error("rotation changed the digests of look-up")
		}
	})
}

func TestADestroyedKeyIsNowhere(t *testing.T) {
	t.Parallel()
	where := filepath.Join(t.TempDir(), "a.db")
	k, d := open(t, where, filepath.Join(t.TempDir(), "k"))
	if err := k.Create(t.Context(), "per_victim"); err != nil {
		t.Fatal(err)
	}
	wrapped, err := db.One(t.Context(), d.Read(), db.Scan[[]byte], `select wrapped from seal_key where owner = 'per_victim'`)
	if err != nil {
		t.Fatal(err)
	}
	if !inFiles(t, where, wrapped) {
		t.Fatal("the test does not see the key where it is")
	}
	if err := k.Destroy(t.Context(), "per_victim"); err != nil {
		t.Fatal(err)
	}
	if inFiles(t, where, wrapped) {
		t.Error("the destroyed key is still in a file")
	}
	if _, err := k.Of(t.Context(), "per_victim"); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("err = %v", err)
	}
	if err := k.Create(t.Context(), "per_victim"); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Of(t.Context(), "per_victim"); !errors.Is(err, seal.ErrNoKey) {
		t.Error("a key was made for somebody who was erased")
	}
}

func inFiles(t *testing.T, where string, needle []byte) bool {
	t.Helper()
	files, err := filepath.Glob(strings.TrimSuffix(where, ".db") + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f) //nolint:gosec // the test's own file
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, needle) {
			return true
		}
	}
	return false
}

func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	d, err := db.Open(f.Context(), filepath.Join(dir, "a.db"), db.Keys)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := d.Migrate(f.Context(), steps); err != nil {
		f.Fatal(err)
	}
	k, _, err := seal.Open(f.Context(), d, filepath.Join(dir, "k"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{1, 2, 3})
	f.Add(k.SealText("x", []byte("hello")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := k.OpenText("y", raw); !errors.Is(err, seal.ErrSealed) {
			t.Errorf("opened: %v", err)
		}
	})
}
