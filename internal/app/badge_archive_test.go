package app

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"digiwork/internal/badge"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/musette"
	"digiwork/internal/testkit"
)

// A badge leaves with its archive, and verifies on another server, or with the archive
// alone, when the one that issued it is gone.
func TestBadgesVerifyAfterTheirServerIsGone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h := openHouse(t, where)
		h.app.Signing.Base, h.app.Badge.Base = "https://gone.example", "https://gone.example"
		p := h.people()
		ada, bob := h.as(p.ada), h.as(p.bob)
		by := badge.By{Kind: badge.KindCircle, ID: p.a("circle")}
		id, err := h.app.Badge.MakeAchievement(ada, by, badge.Design{Name: "Coudre", Description: "Coudre un cahier", Criteria: "Un cahier", Type: "Competency"})
		done(t, err)
		_, err = h.app.Badge.OfferMembers(ada, id, []kernel.PersonID{p.bob.id}, badge.Words{Evidence: "Un cahier de 96 pages"}, false)
		done(t, err)
		waiting, _, err := h.app.Badge.Waiting(bob)
		done(t, err)
		done(t, h.app.Badge.Accept(bob, waiting[0].ID))
		var out bytes.Buffer
		done(t, h.app.Musette.Export(bob, &out))

		// With the archive alone, as the command line does.
		z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
		done(t, err)
		library := &credential.Library{}
		done(t, library.Add("bob.zip", out.Bytes()))
		n := 0
		for _, f := range z.File {
			if !strings.Contains(f.Name, "/credentials/") || !strings.Contains(f.Name, "credential") || strings.Contains(filepath.Base(f.Name), "context-") || strings.Contains(filepath.Base(f.Name), "document-") || strings.HasSuffix(f.Name, credential.SourcesFile) {
				continue
			}
			n++
			r, err := f.Open()
			done(t, err)
			text, err := io.ReadAll(r)
			done(t, err)
			report := credential.Verify(text, credential.Options{At: time.Now(), With: library, Lang: "en"})
			if !report.Valid || report.Get(credential.CheckStatus).Code != "status.known" || report.Get(credential.CheckIssuer).Code != "issuer.known" {
				t.Errorf("%s: %+v", f.Name, report.Checks)
			}
		}
		if n != 3 {
			t.Errorf("%d forms of the badge in the archive, want 3", n)
		}

		// On another server.
		there := openHouse(t, filepath.Join(t.TempDir(), "there.db"))
		carl := there.add("carl", false)
		file := filepath.Join(t.TempDir(), "bob.zip")
		done(t, os.WriteFile(file, out.Bytes(), 0o600))
		incoming, closeAll, err := openLocal([]string{file}, musette.Unlock{})
		done(t, err)
		_, _, err = there.app.Musette.Import(there.as(carl), incoming, false)
		done(t, err)
		done(t, closeAll())
		all, err := there.app.Badge.Credentials(there.as(carl))
		done(t, err)
		if len(all) != 1 {
			t.Fatalf("%d badges arrived", len(all))
		}
		_, report, err := there.app.Badge.Credential(there.as(carl), all[0].ID)
		done(t, err)
		if !report.Valid || report.Get(credential.CheckIssuer).Code != "issuer.known" {
			t.Errorf("on another server: %+v", report.Checks)
		}
		var again bytes.Buffer
		done(t, there.app.Musette.Export(there.as(carl), &again))
		if a, b := inside(t, out.Bytes(), "musette.json"), inside(t, again.Bytes(), "musette.json"); !bytes.Equal(a, b) {
			t.Error("musette.json differs after the journey")
		}
	})
}

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
