//go:build linux

package acceptancetest

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"digiwork/internal/lib/bagit"
)

// memoryMost is the most memory an import may take, whatever comes in, in KiB.
const memoryMost = 256 << 10

// life writes an archive with activities and pieces of some bytes each, and gives its
// path and its musette.json.
func life(t *testing.T, activities, pieces, bytesEach int) (path, musette string) {
	t.Helper()
	var items []string
	const at = `"2020-01-02T03:04:05Z"`
	for i := range activities {
		items = append(items, fmt.Sprintf(`    {
      "created_at": %s,
      "id": "act_%06d",
      "kind": "job",
      "narrative": %q,
      "provenance": {
        "source": "declared"
      },
      "room": "musette",
      "start": "2019",
      "title": "Mission %d",
      "updated_at": %s,
      "version": 1
    }`, at, i, strings.Repeat("Je tiens les comptes. ", 20), i, at))
	}
	noise := rand.New(rand.NewPCG(1, 2))
	file := make([]byte, bytesEach)
	path = filepath.Join(t.TempDir(), "life.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	b := bagit.NewWriter(f)
	for i := range pieces {
		for j := 0; j+8 <= len(file); j += 8 {
			v := noise.Uint64()
			for k := range 8 {
				file[j+k] = byte(v >> (8 * k))
			}
		}
		sum := fmt.Sprintf("%x", sha256.Sum256(file))
		name := fmt.Sprintf("pieces/%s-scan.bin", sum[:16])
		if err := b.Add(name, file); err != nil {
			t.Fatal(err)
		}
		items = append(items, fmt.Sprintf(`    {
      "created_at": %s,
      "file": {
        "name": "scan.bin",
        "path": %q,
        "sha256": %q,
        "size": %d
      },
      "id": "pce_%06d",
      "kind": "piece",
      "links": [
        "act_000000"
      ],
      "provenance": {
        "source": "declared"
      },
      "room": "musette",
      "title": "scan.bin",
      "updated_at": %s,
      "version": 1
    }`, at, name, sum, len(file), i, at))
	}
	musette = `{
  "@context": {
    "@vocab": "urn:digiwork:musette:1#",
    "end": "https://schema.org/endDate",
    "id": "@id",
    "narrative": "https://schema.org/description",
    "organisation": "https://schema.org/memberOf",
    "place": "https://schema.org/location",
    "sha256": "https://schema.org/sha256",
    "start": "https://schema.org/startDate",
    "title": "https://schema.org/name"
  },
  "format": "digiwork-musette",
  "items": [
` + strings.Join(items, ",\n") + `
  ],
  "version": 1
}
`
	if err := b.Add("musette.json", []byte(musette)); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(bagit.Epoch, "test"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path, musette
}

// within runs a command that is killed after some time, and says whether it ended
// well before, and how much memory it took, in KiB.
func (in instance) within(limit time.Duration, args ...string) (done bool, kib int) {
	in.t.Helper()
	cmd := in.command(args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		in.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	kill := time.After(limit)
	for {
		select {
		case <-kill:
			_ = cmd.Process.Kill() //nolint:errcheck // it may have ended
		case <-time.After(10 * time.Millisecond):
			kib = max(kib, greatest(cmd.Process.Pid))
		case err := <-ended:
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); err != nil && (!ok || !status.Signaled()) {
				in.t.Fatalf("digiwork %s: %v\n%s", strings.Join(args, " "), err, out.String())
			}
			return err == nil, kib
		}
	}
}

// greatest is the most memory a process has held until now, in KiB; 0 when it has
// ended. What the system says of an ended child counts its parent, too.
func greatest(pid int) (kib int) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(raw), "VmHWM:")
	_, _ = fmt.Sscan(after, &kib) //nolint:errcheck // a process that is ending has no such line
	return kib
}

// An archive larger than any upload, killed again and again in the middle of its
// import, comes back byte for byte in the end; nothing is there twice, and memory
// stays bounded.
func TestALargeArchiveSurvivesKills(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		in.person("ada")
		path, musette := life(t, 1_500, 14, 2<<20)
		kills, most := 0, 0
		for limit := 250 * time.Millisecond; ; limit = limit * 3 / 2 {
			done, kib := in.within(limit, "musette", "import", "--person", "ada", "--format", "archive", path)
			if most = max(most, kib); done {
				break
			}
			kills++
		}
		if kills == 0 {
			t.Error("it was never killed: the archive is too small for this machine")
		}
		if most > memoryMost {
			t.Errorf("it took %d MiB", most>>10)
		}
		t.Logf("%d kills, %d MiB", kills, most>>10)
		out := filepath.Join(t.TempDir(), "out.zip")
		done, kib := in.within(time.Minute, "musette", "export", "--person", "ada", "--out", out)
		if !done || kib > memoryMost {
			t.Errorf("the export ended: %v, and took %d MiB", done, kib>>10)
		}
		raw, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(musetteJSON(t, raw)); got != musette {
			t.Errorf("another musette came back, of %d bytes instead of %d", len(got), len(musette))
		}
		in.run(0, "musette", "check", out)
		in.run(0, "doctor")
		if said, _ := in.run(0, "musette", "import", "--person", "ada", path); !strings.Contains(said, "1514") || strings.Contains(said, "+ ") {
			t.Errorf("again: %s", said)
		}
	})
}

// The worst that the importers take, through to the vault: as large as a file may be,
// and made to take more memory than its size.
func TestAnImportStaysWithinMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("large files")
	}
	t.Parallel()
	dir := t.TempDir()
	in := instance{t: t, where: filepath.Join(dir, "a.db"), data: dir} // the engine takes no part in it
	for name, content := range greedy(t) {
		in.person(strings.ReplaceAll(name, ".", "-")) // each into an empty musette
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content(), 0o600); err != nil {
			t.Fatal(err)
		}
		done, kib := in.within(5*time.Minute, "musette", "import", "--person", strings.ReplaceAll(name, ".", "-"), path)
		t.Logf("%-22s %4d MiB", name, kib>>10)
		if !done || kib > memoryMost {
			t.Errorf("%s: ended %v, took %d MiB", name, done, kib>>10)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// greedy are files by name, made one at a time.
func greedy(t *testing.T) map[string]func() []byte {
	const file = 25 << 20
	fill := func(head, unit, tail string) func() []byte {
		return func() []byte { return []byte(head + strings.Repeat(unit, (file-len(head)-len(tail))/len(unit)) + tail) }
	}
	bag := func(items string, files ...string) []byte {
		var out bytes.Buffer
		b := bagit.NewWriter(&out)
		if err := b.Add("musette.json", []byte(`{"format":"digiwork-musette","items":[`+items+`],"version":1}`)); err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if err := b.Add(name, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Close(bagit.Epoch, "test"); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	const begins = `{"created_at":"2020-01-02T03:04:05Z","updated_at":"2020-01-02T03:04:05Z","kind":"job","provenance":{"source":"declared"},`
	with := func(versions int, members string) func() []byte {
		return func() []byte {
			var past []string
			for i := range versions {
				past = append(past, fmt.Sprintf(`%s"version":%d,%s}`, begins, i+1, members))
			}
			return bag(fmt.Sprintf(`%s"version":%d,"room":"musette","id":"act_a%d","history":[%s]}`, begins, versions+1, versions, strings.Join(past, ",")))
		}
	}
	return map[string]func() []byte{
		"entries.csv":       fill("Activité;Début;Récit\n", "Tri;2019;"+strings.Repeat("mot ", 300)+"\n", ""),
		"short-entries.csv": fill("Activité;Début\n", "Tri;2019\n", ""),
		"entries.json":      fill(`{"basics":{},"work":[`, `{"position":"`+strings.Repeat("a", 180)+`","startDate":"2019","name":"x"},`, `{}]}`),
		"cards.vcf":         fill("", "BEGIN:VCARD\nFN:a\nEND:VCARD\n", ""),
		"history.zip":       with(300, `"narrative":"`+strings.Repeat("n", 100_000)+`"`),
		"long-history.zip":  with(100_000, `"title":"a"`),
		"facts.zip":         with(250, `"facts":[`+strings.Repeat(`{"name":"a","text":""},`, 5_000)+`{"name":"a","text":""}]`),
		"tags.zip":          with(250, `"tags":[`+strings.Repeat(`"a",`, 30_000)+`"a"]`),
		"links.zip":         with(250, `"links":[`+strings.Repeat(`"act_a",`, 15_000)+`"act_a"]`),
		"hides.zip":         with(250, `"face":{"language":"fr","shows":{"profile":null,"activities":[]},"hides":[`+strings.Repeat(`"a",`, 30_000)+`"a"]}`),
		"files.zip": func() []byte {
			names := make([]string, 59_000)
			for i := range names {
				names[i] = fmt.Sprintf("pieces/%016x-%s", i, strings.Repeat("n", 40))
			}
			return bag("", names...)
		},
	}
}

// The import page takes a musette beyond the bound of a file, and nothing else; the API
// keeps to the bound.
func TestALargeArchiveComesThroughThePage(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		path, _ := life(t, 3, 13, 2<<20)
		archive, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(archive) <= 25<<20 {
			t.Fatalf("the archive has %d bytes", len(archive))
		}
		_, token := in.person("eve")
		s := in.serve()
		cookie := in.session(s, "ada")
		send := func(path, name string, content []byte, headers ...string) (*http.Response, string) {
			t.Helper()
			body, kind := multipartFile(t, name, bytes.NewReader(content))
			resp, text, err := s.ask(t.Context(), "POST", path, "", body, append(headers, "Content-Type", kind)...)
			if err != nil {
				t.Fatal(err)
			}
			return resp, text
		}
		other := bytes.Clone(archive)
		copy(other, "not a ZIP")
		for name, content := range map[string][]byte{"other.bin": other, "another.zip": zipped(t, other)} {
			if resp, _ := send("/musette/import", name, content, "Cookie", cookie); resp.StatusCode != 413 {
				t.Errorf("%s through the page: %d", name, resp.StatusCode)
			}
		}
		if resp, _ := send("/api/v1/imports", "life.zip", archive, "Authorization", "Bearer "+token); resp.StatusCode != 413 {
			t.Errorf("through the API: %d", resp.StatusCode)
		}
		resp, text := send("/musette/import", "life.zip", archive, "Cookie", cookie)
		if resp.StatusCode != 303 {
			t.Fatalf("the archive through the page: %d\n%.500s", resp.StatusCode, text)
		}
		preview := resp.Header.Get("Location")
		if code, text := s.call("GET", preview, "", nil, "Cookie", cookie); code != 200 || !strings.Contains(text, "13") {
			t.Errorf("the preview: %d\n%.500s", code, text)
		}
		resp, _, err = s.ask(t.Context(), "POST", preview, "", "", "Cookie", cookie, "Content-Type", "application/x-www-form-urlencoded")
		if err != nil || resp.StatusCode != 303 {
			t.Fatalf("kept: %v %v", resp, err)
		}
		out := filepath.Join(t.TempDir(), "out.zip")
		in.run(0, "musette", "export", "--person", "ada", "--out", out)
		var report struct{ Items, Files int }
		in.json(&report, "musette", "check", out)
		if report.Items != 16 {
			t.Errorf("%d items came in, want 16", report.Items)
		}
	})
}

// zipped is a ZIP of one file, not packed.
func zipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.CreateHeader(&zip.FileHeader{Name: "data/musette.json"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
