package bagit

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/lib/zipsafe"
)

var most = Limits{
	Listing:   zipsafe.Listing{Directory: 1 << 20, Files: 1000},
	Unpacking: zipsafe.Unpacking{Bytes: 10 << 20, Ratio: 100, Floor: 1 << 20},
	File:      2 << 20,
}

func bagOf(t *testing.T, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		if err := w.Add(files[i], []byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(Epoch, "test"); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func open(t *testing.T, raw []byte) (*Bag, error) {
	t.Helper()
	return Open(t.Context(), bytes.NewReader(raw), int64(len(raw)), most)
}

// repacked is a bag with its files changed by f; a nil content drops the file.
func repacked(t *testing.T, raw []byte, f func(name string, content []byte) (string, []byte)) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, file := range z.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name, content := f(file.Name, content)
		if content == nil {
			continue
		}
		to, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	raw := bagOf(t, "a.txt", "un", "pieces/é ß.txt", "deux", "empty", "")
	b, err := open(t, raw)
	if err != nil || len(b.Findings) > 0 {
		t.Fatalf("%v %q", err, b.Findings)
	}
	if got := strings.Join(b.Files(), "|"); got != "a.txt|empty|pieces/é ß.txt" {
		t.Errorf("files: %s", got)
	}
	if got, err := b.Read("pieces/é ß.txt", 4); err != nil || string(got) != "deux" {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := b.Read("a.txt", 1); !errors.Is(err, errTooLarge) {
		t.Errorf("two bytes are read as one: %v", err)
	}
	if _, err := b.Open("b.txt"); err == nil || b.Has("b.txt") {
		t.Error("a file that is not there opens")
	}
	if got := b.SHA256("empty"); got != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("digest of nothing: %s", got)
	}
	if again := bagOf(t, "a.txt", "un", "pieces/é ß.txt", "deux", "empty", ""); !bytes.Equal(raw, again) {
		t.Error("the same files give other bytes")
	}
}

// Other programs wrap a bag in a folder, leave entries for folders, mark digests as
// binary, write capital letters: it is the same bag.
func TestABagRepackedByOthersIsWhole(t *testing.T) {
	raw := repacked(t, bagOf(t, "a.txt", "un"), func(name string, content []byte) (string, []byte) {
		if name == manifest {
			content = bytes.ToUpper(content[:64])
			content = append(content, " *data/a.txt\r\n"...)
		}
		if name == tagManifest {
			return "ma-musette/other.txt", []byte("x")
		}
		return "ma-musette/" + name, content
	})
	b, err := open(t, raw)
	if err != nil || !slices.Equal(b.Findings, []string{tagManifest + " is missing"}) || !b.Has("a.txt") {
		t.Errorf("%v %q", err, b.Findings)
	}
}

func TestWhatDoesNotHoldIsSaid(t *testing.T) {
	whole := bagOf(t, "a.txt", "un", "b.txt", "deux")
	for want, change := range map[string]func(string, []byte) (string, []byte){
		"data/a.txt was altered": func(name string, content []byte) (string, []byte) {
			if name == "data/a.txt" {
				content = []byte("UN")
			}
			return name, content
		},
		"data/b.txt is missing": func(name string, content []byte) (string, []byte) {
			if name == "data/b.txt" {
				return name, nil
			}
			return name, content
		},
		"data/c.txt is not in the manifest": func(name string, content []byte) (string, []byte) {
			if name == infoFile {
				return "data/c.txt", content
			}
			return name, content
		},
		"manifest-sha256.txt is missing": func(name string, content []byte) (string, []byte) {
			if name == manifest {
				return name, nil
			}
			return name, content
		},
		"data/a.txt is listed twice in manifest-sha256.txt": func(name string, content []byte) (string, []byte) {
			if name == manifest {
				content = bytes.Repeat(content, 2)
			}
			return name, content
		},
	} {
		b, err := open(t, repacked(t, whole, change))
		if err != nil || !slices.Contains(b.Findings, want) {
			t.Errorf("%s: %v %q", want, err, b.Findings)
		}
	}
}

func TestWhatLeadsElsewhereOrSwellsIsRefused(t *testing.T) {
	rename := func(to string) []byte {
		return repacked(t, bagOf(t, "a.txt", "un"), func(name string, content []byte) (string, []byte) {
			if name == "data/a.txt" {
				name = to
			}
			return name, content
		})
	}
	zeros := strings.Repeat("\x00", 1<<20)
	for name, raw := range map[string][]byte{
		"a path that climbs":  rename("data/../../a.txt"),
		"a Windows path":      rename(`data\..\a.txt`),
		"an absolute path":    rename("/data/a.txt"),
		"twice the same name": rename("bagit.txt"),
		"no bag":              repacked(t, bagOf(t), func(_ string, content []byte) (string, []byte) { return fmt.Sprint(len(content)), content }),
		"no ZIP":              []byte("PK\x03\x04 and nothing"),
		"a bomb":              bagOf(t, "a", zeros, "b", zeros),
		"a file too large":    bagOf(t, "a", strings.Repeat("0123456789abcdef"+zeros[:100], 20_000)),
	} {
		if b, err := open(t, raw); err == nil {
			t.Errorf("%s is taken, with %q", name, b.Findings)
		}
	}
	// the neighbour of the bomb: one such file is nothing to fear
	if b, err := open(t, bagOf(t, "a", zeros[:1<<20-4096])); err != nil || len(b.Findings) > 0 {
		t.Errorf("zeros: %v", err)
	}
}
