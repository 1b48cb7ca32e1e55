// Command gotest runs `go test -json` and says what a person needs of it: a line for
// each package, the whole output of what failed, what was skipped and why, and as
// its last line "N passed, N failed" (", N skipped" where some were).
//
//	go run ./internal/testkit/gotest -timeout 20m ./...
//
// Arguments are those of go test. It fails if a test failed, a package did not build,
// or no test ran at all.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	// An interrupt reaches go test too, which ends its tests; then the tally is told.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...) //nolint:gosec,noctx // the arguments are the developer's; go test has a timeout
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "gotest:", err)
		return 2
	}
	tally := newTally(stdout)
	lines := bufio.NewReaderSize(out, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			tally.read(line)
		}
		if err != nil {
			break
		}
	}
	failed := cmd.Wait() != nil
	return tally.close(failed)
}
