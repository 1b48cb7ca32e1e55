package app

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// update rewrites the files that these tests compare with: go test ./internal/app
// -update, or UPDATE=1. Read the difference before you keep it.
var update = flag.Bool("update", os.Getenv("UPDATE") == "1", "rewrite the files that tests compare with")

// golden compares got with a file, or writes it.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test ./internal/app -update makes it", err)
	}
	if bytes.Equal(got, want) {
		return
	}
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		if gotLines[i] != wantLines[i] {
			t.Fatalf("%s is out of step from line %d: now %q, there %q; if that is meant, go test ./internal/app -update", path, i+1, gotLines[i], wantLines[i])
		}
	}
	t.Fatalf("%s is out of step: %d lines now, %d there; if that is meant, go test ./internal/app -update", path, len(gotLines), len(wantLines))
}

// The contract of the API changes only on purpose.
func TestTheContractOfTheAPIChangesOnPurpose(t *testing.T) {
	h := openHouse(t, filepath.Join(t.TempDir(), "test.db"))
	w := h.call(nil, http.MethodGet, "/api/openapi.json", "")
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	var doc map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	info, ok := doc["info"].(map[string]any)
	if !ok || info["version"] == "" {
		t.Fatalf("the description does not say its version: %v", doc["info"])
	}
	info["version"] = "" // of the build, not of the contract
	raw, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/openapi.json", append(raw, '\n'))
}

// Each operation says what it is for, and what it takes has limits.
func TestEveryOperationIsDescribed(t *testing.T) {
	h := openHouse(t, filepath.Join(t.TempDir(), "test.db"))
	seen := map[string]string{}
	for path, item := range h.site.API.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete} {
			if op == nil {
				continue
			}
			at := method + " " + path
			if op.Summary == "" || op.OperationID == "" {
				t.Errorf("%s has no summary or no id", at)
			}
			if len(op.Tags) != 1 {
				t.Errorf("%s has tags %v, want the one of its context", at, op.Tags)
			}
			if len(op.Security) == 0 {
				t.Errorf("%s asks for no scope", at)
			}
			if was := seen[op.OperationID]; was != "" {
				t.Errorf("%s and %s are both %s", at, was, op.OperationID)
			}
			seen[op.OperationID] = at
		}
	}
}

// The list of routes is kept beside, for tests that visit every page from outside.
func TestTheListOfRoutesIsInStep(t *testing.T) {
	h := openHouse(t, filepath.Join(t.TempDir(), "test.db"))
	golden(t, "testdata/routes.txt", fmt.Appendln(nil, strings.Join(h.site.Routes, "\n")))
}
