package musette

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"digiwork/internal/lib/bagit"
	"digiwork/internal/lib/credential"
)

// CheckReport is what looking at an archive found.
type CheckReport struct {
	Valid       bool     `json:"valid"`
	Items       int      `json:"items"`
	Files       int      `json:"files"`
	Credentials int      `json:"credentials"` // of them, that could be read
	Keys        bool     `json:"keys"`        // sealed signing keys are in it
	Findings    []string `json:"findings"`
}

// CheckArchive looks at an archive without any instance: digests, form, the files
// items speak of, the words of the rooms, the signatures of credentials. now is the
// moment the answer is for. It reads file by file, whatever the size.
func CheckArchive(ctx context.Context, r io.ReaderAt, size int64, now time.Time, rooms []Room) CheckReport {
	report := CheckReport{Findings: []string{}}
	b, err := bagit.Open(ctx, r, size, bagLimits)
	if err != nil {
		report.Findings = append(report.Findings, err.Error())
		return report
	}
	c := checker{bag: b, rooms: rooms}
	if err := c.items(); err != nil {
		c.find("%s", err)
	}
	report.Items, report.Files = c.n, len(b.Files())
	report.Credentials = c.credentials(ctx, now)
	report.Keys = b.Has(keysPath)
	report.Findings = append(append(report.Findings, b.Findings...), c.findings...)
	if err := ctx.Err(); err != nil {
		report.Findings = append(report.Findings, err.Error())
	}
	report.Valid = len(report.Findings) == 0
	return report
}

// checker looks at what lies in a bag.
type checker struct {
	bag      *bagit.Bag
	rooms    []Room
	n        int // items
	findings []string
}

// findingsMost is how many findings are said one by one.
const findingsMost = 100

func (c *checker) find(format string, args ...any) {
	if len(c.findings) < findingsMost {
		c.findings = append(c.findings, fmt.Sprintf(format, args...))
	}
}

// items reads musette.json: the files it speaks of are there, and are what it says.
func (c *checker) items() error {
	r, err := c.bag.Open("musette.json")
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // only read
	return readJSON(r, func(a *archiveItem) error {
		if a.Room != importRoom {
			c.n++
		}
		c.item(a, a)
		for i := range a.History {
			c.item(a, &a.History[i])
		}
		return nil
	})
}

// item looks at an item, or at one earlier version of it.
func (c *checker) item(of, a *archiveItem) {
	for _, f := range a.digests() {
		switch got := c.bag.SHA256(f.path); {
		case !c.bag.Has(f.path):
			c.find("the file of %s is missing: %.120s", of.ID, f.path)
		case got != f.sha256:
			c.find("the file of %s is not the one it had: %.120s", of.ID, f.path)
		}
	}
	if a.Content == nil || len(c.findings) > 0 || roomOf(c.rooms, of.Room) == nil {
		return
	}
	files, err := wordsOf(c.bag, a)
	if err == nil {
		_, err = a.item(c.rooms, files)
	}
	if err != nil {
		c.find("%s of %.40s cannot be read again: %s", of.ID, of.Room, err)
	}
}

// wordsOf reads the files of an item that its room wrote.
func wordsOf(b *bagit.Bag, a *archiveItem) (documents, error) {
	if len(a.Files) == 0 {
		return nil, nil
	}
	files := documents{}
	for name, d := range a.Files {
		text, err := b.Read(d.Path, archiveWordsMost)
		if err != nil {
			return nil, err
		}
		files[name] = d.document(text)
	}
	return files, nil
}

// credentialsMost bounds the credentials that are verified.
const credentialsMost = 5_000

// credentials verifies the proofs of what lies in credentials/, with what lies beside
// them and nothing else, and counts what could be read. A proof that does not hold is
// a finding; an issuer who cannot be asked is not.
func (c *checker) credentials(ctx context.Context, now time.Time) int {
	library, sources := c.library()
	n := 0
	for _, path := range c.bag.Files() {
		if !strings.HasPrefix(path, credentialsFolder+"/") || path == sourcesPath || sources[path] {
			continue
		}
		if n == credentialsMost || ctx.Err() != nil {
			break
		}
		text, err := c.bag.Read(path, pieceMost)
		if err != nil {
			c.find("%s", err)
			continue
		}
		r := credential.Verify(text, credential.Options{At: now, With: library, Lang: "en"})
		for _, check := range r.Checks {
			switch {
			case check.OK == nil:
			case check.Name == credential.CheckParse && *check.OK:
				n++
			case check.Name == credential.CheckProof && !*check.OK:
				c.find("%.120s: %s", path, check.Detail)
			}
		}
	}
	return n
}

// source is a line of the list of what verifies credentials.
type source struct {
	Address string    `json:"address"`
	File    string    `json:"file"`
	KnownAt time.Time `json:"known_at"`
}

func readSources(raw []byte) ([]source, error) {
	var list struct {
		Documents []source `json:"documents"`
	}
	err := json.Unmarshal(raw, &list)
	return list.Documents, err
}

// library is what the archive holds to verify its credentials, and which files that is.
func (c *checker) library() (*credential.Library, map[string]bool) {
	library, files := &credential.Library{}, map[string]bool{}
	if !c.bag.Has(sourcesPath) {
		return library, files
	}
	raw, err := c.bag.Read(sourcesPath, pieceMost)
	if err != nil {
		c.find("%s", err)
		return library, files
	}
	listed, err := readSources(raw)
	if err != nil {
		c.find("%s: %s", sourcesPath, err)
	}
	for _, d := range listed {
		path := credentialsFolder + "/" + d.File
		files[path] = true
		text, err := c.bag.Read(path, archiveWordsMost)
		if err != nil {
			c.find("%s", err)
			continue
		}
		_ = library.AddDocument(d.Address, text, d.KnownAt) //nolint:errcheck // what is no document verifies nothing: its credential says so
	}
	return library, files
}
