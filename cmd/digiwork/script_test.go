package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/app"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test program is the program, under its own name, in the scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"digiwork": func() {
			os.Exit(app.Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// The scripts read like the manual; each has a folder of its own as data folder.
func TestTheCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("LANG", "en")
			env.Setenv("DIGIWORK_DATA", filepath.Join(env.WorkDir, "data"))
			return os.Mkdir(filepath.Join(env.WorkDir, "data"), 0o700)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"onejson":   oneJSON,
			"fromafter": fromAfter,
			"execcode":  execCode,
		},
	})
}

// execCode runs a command that ends with this code: execcode 2 digiwork nonsense.
func execCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: execcode CODE COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// oneJSON checks that the last command's output is one JSON document and nothing
// else, and that it holds members with these names.
func oneJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("onejson cannot be negated")
	}
	in := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	var doc map[string]any
	ts.Check(in.Decode(&doc))
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		ts.Fatalf("something follows the document: %v", err)
	}
	for _, name := range args {
		if _, ok := doc[name]; !ok {
			ts.Fatalf("the document has no %s: %v", name, doc)
		}
	}
}

// fromAfter makes a database look as if a newer program had written it: fromafter
// FILE CONTEXT.
func fromAfter(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fromafter FILE CONTEXT")
	}
	d, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = d.Exec(`insert into ` + args[1] + `_schema (version_id, is_applied) values (9999, true)`) //nolint:noctx // a moment
	ts.Check(errors.Join(err, d.Close()))
}
