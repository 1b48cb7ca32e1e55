package foresight

import (
	"os"
	"testing"
)

// sample is a file of our own test data.
func sample(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
