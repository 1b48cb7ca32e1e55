// Package shared finds the public test data that lives beside the checkout.
// The data is not part of the project: tests have a small sample of their own,
// and compare with the real files when they are there.
package shared

import (
	"os"
	"path/filepath"
	"testing"
)

// Path is the path of a file or folder of the test data, for instance
// "imports/ics/google.ics". When it is missing the test is skipped, or fails
// when CI=true: a green run of CI has seen the real files.
//
// The folder is named by DIGIWORK_TEST_DATA, or is shared/data in a folder
// above the checkout.
func Path(t testing.TB, name string) string {
	t.Helper()
	for _, root := range roots() {
		p := filepath.Join(root, filepath.FromSlash(name))
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("test data %s is missing; set DIGIWORK_TEST_DATA", name)
	}
	t.Skipf("test data %s is not here; set DIGIWORK_TEST_DATA to try it", name)
	return ""
}

// Read is the content of a file of the test data.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(Path(t, name)) //nolint:gosec // the path is the test's own
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func roots() []string {
	if named := os.Getenv("DIGIWORK_TEST_DATA"); named != "" {
		return []string{named}
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil
	}
	var all []string
	for {
		all = append(all, filepath.Join(dir, "shared", "data"))
		up := filepath.Dir(dir)
		if up == dir {
			return all
		}
		dir = up
	}
}
