package acceptancetest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/testkit"
)

// An export taken into another instance, of either engine, gives the same musette:
// exported again, musette.json has the same bytes. Imported twice, it creates nothing.
func TestAnExportGivesTheSameMusetteElsewhere(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		for i := range 5 {
			var a made
			body := activity(fmt.Sprintf("n° %d, œuvre « é »\n<b>", i))
			s.must(201, &a, "POST", "/api/v1/activities", token, body)
			if i%2 == 0 {
				body["version"], body["title"] = 1, "changed"
				s.must(200, nil, "PUT", "/api/v1/activities/"+a.ID, token, body)
			}
			if i == 0 {
				file(t, s, token, "/api/v1/activities/"+a.ID+"/pieces", "preuve é.txt", "byte\x01for byte", 201)
				s.link(token, a.ID)
			}
		}
		file(t, s, token, "/api/v1/imports", "a.csv", "titre;début;organisation\nTrésorière;2019-03;Jardin\n", 200)
		archive := []byte(s.must(200, nil, "GET", "/api/v1/export", token, nil))
		first := musetteJSON(t, archive)
		path := filepath.Join(t.TempDir(), "a.zip")
		if err := os.WriteFile(path, archive, 0o600); err != nil {
			t.Fatal(err)
		}
		in.run(0, "musette", "check", path)
		broken := bytes.Clone(archive)
		broken[len(broken)/2] ^= 1
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		in.run(1, "musette", "check", path)
		testkit.Each(t, func(t *testing.T, where string) { // parallel: after what is above
			into := instance{t: t, where: where, data: t.TempDir()}
			_, token := into.person("else")
			s := into.serve()
			report := file(t, s, token, "/api/v1/imports", "ma-musette.zip", string(archive), 200)
			if !strings.Contains(report, `"format":"musette"`) {
				t.Fatalf("report: %s", report)
			}
			again := musetteJSON(t, []byte(s.must(200, nil, "GET", "/api/v1/export", token, nil)))
			if !bytes.Equal(first, again) {
				t.Errorf("another musette came back:\n%s\n%s", first, again)
			}
			if report := file(t, s, token, "/api/v1/imports", "ma-musette.zip", string(archive), 200); !strings.Contains(report, `"created":{}`) {
				t.Errorf("the second import created something: %s", report)
			}
		})
	})
}

// The same file imported twice creates nothing, also when it was changed here since.
func TestTheSameFileTwiceCreatesNothing(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		const csv = "titre;début;organisation\nTrésorière;2019-03;Jardin\nLivreur;2018;Roulévite\n"
		if r := file(t, s, token, "/api/v1/imports?dry_run=true", "a.csv", csv, 200); !strings.Contains(r, `"activities":2`) {
			t.Errorf("dry run: %s", r)
		}
		var page struct{ Items []map[string]any }
		if s.must(200, &page, "GET", "/api/v1/activities", token, nil); len(page.Items) != 0 {
			t.Errorf("the dry run kept %d activities", len(page.Items))
		}
		file(t, s, token, "/api/v1/imports", "a.csv", csv, 200)
		s.must(200, &page, "GET", "/api/v1/activities", token, nil)
		page.Items[0]["title"] = "another title"
		s.must(200, nil, "PUT", "/api/v1/activities/"+page.Items[0]["id"].(string), token, page.Items[0])
		if r := file(t, s, token, "/api/v1/imports", "a.csv", csv, 200); !strings.Contains(r, `"created":{}`) {
			t.Errorf("again: %s", r)
		}
	})
}

// What the operator's commands leave is as its owner reads it: the archive in her
// language, and in her journal an import only where something was imported.
func TestCommandsSpeakToThePersonInHerWords(t *testing.T) {
	each(t, func(t *testing.T, in instance) {
		_, token := in.person("ada")
		s := in.serve()
		dir := t.TempDir()
		csv := filepath.Join(dir, "a.csv")
		if err := os.WriteFile(csv, []byte("titre;début\nTrésorière;2019-03\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		in.run(0, "musette", "import", "--person", "ada", "--dry-run", csv)
		if text := s.must(200, nil, "GET", "/api/v1/journal", token, nil); strings.Contains(text, "operator.import") || !strings.Contains(text, "operator.act") {
			t.Errorf("the journal after a dry run: %s", text)
		}
		if said, _ := in.run(0, "musette", "import", "--person", "ada", csv); !strings.Contains(said, "1 activities") {
			t.Errorf("the import says %q", said)
		}
		if text := s.must(200, nil, "GET", "/api/v1/journal", token, nil); strings.Count(text, "operator.import") != 1 {
			t.Errorf("the journal after an import: %s", text)
		}
		out := filepath.Join(dir, "out.zip")
		in.run(0, "musette", "export", "--person", "ada", "--out", out) // LANG=en
		raw, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if page := readmeOf(t, raw); !strings.Contains(page, `lang="fr"`) || !strings.Contains(page, "mars") {
			t.Errorf("the archive of somebody who reads French: %.500s", page)
		}
	})
}

func readmeOf(t *testing.T, raw []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("data/README.html")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}
