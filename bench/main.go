// Command bench measures the program beside the fastest simple program we can
// write, in the same run, on the same machine, with the same client: what matters
// is the ratio. Figures are medians of five rounds, with their spread.
//
//	go run ./bench            1,000,000 activities of 5,000 people; some minutes
//	go run ./bench -short     a smoke test with few of each
//
// The program is a process of its own, as in life; so is the limit. The client
// alternates five hundred people, so that a cache of opened content holds at most
// half of what is asked.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// size is how much is measured.
type size struct {
	people, each int           // activities in all: people * each
	round        time.Duration // of one of five rounds
	steps        []int         // reads are shown at these totals too
}

var (
	full  = size{people: 5000, each: 200, round: 2 * time.Second, steps: []int{10_000, 100_000, 1_000_000}}
	small = size{people: 20, each: 200, round: 200 * time.Millisecond, steps: []int{4000}}
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "limit" {
		limit(os.Args[2:])
		return
	}
	short := flag.Bool("short", false, "a smoke test: does it run at all")
	flag.Parse()
	s := full
	if *short || os.Getenv("BENCH") == "short" {
		s = small
	}
	if err := run(context.Background(), s); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s size) (err error) {
	dir, err := os.MkdirTemp("", "digiwork-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the system cleans its temporary folder
	program := filepath.Join(dir, "digiwork")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program, "./cmd/digiwork") //nolint:gosec // our own program
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the program: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b := &bench{dir: dir, program: program, self: self, size: s}
	fmt.Printf("%d cores, %s, %d activities of %d people, SQLite with synchronous=FULL\n\n", runtime.NumCPU(), runtime.Version(), s.people*s.each, s.people)
	fmt.Printf("%-44s %16s %16s %7s   %s\n", "what", "ours", "limit", "ratio", "asked for")
	for _, measure := range []func(context.Context) error{b.growth, b.start, b.read, b.page, b.memory, b.create, b.search, b.imports} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}
