// Command credential measures issuing and verifying badges beside Ed25519 alone, in
// the same run: through the library on one core, and over HTTP through the VC API of
// the program, on every core, client included.
//
//	go run ./bench/credential            some seconds of each
//	go run ./bench/credential -short     a smoke test
//
// The badge is one of Open Badges 3.0, 2.7 KB once signed.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/integrity"
)

func main() {
	short := flag.Bool("short", false, "a smoke test: does it run at all")
	flag.Parse()
	round := 2 * time.Second
	if *short || os.Getenv("BENCH") == "short" {
		round = 100 * time.Millisecond
	}
	if err := run(context.Background(), round); err != nil {
		fmt.Fprintln(os.Stderr, "bench/credential:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, round time.Duration) error {
	fmt.Printf("%d cores, %s\n\n%-34s %12s %8s   %s\n", runtime.NumCPU(), runtime.Version(), "what", "a second", "ratio", "asked for")
	if err := library(round); err != nil {
		return err
	}
	return overHTTP(ctx, round)
}

// badge is an achievement of about 2.7 KB once signed, every object with an identifier.
func badge() []byte {
	fill := func(n int) string { return strings.Repeat("sous la presse ", n/15+1)[:n] }
	piece := func(n string) map[string]any {
		return map[string]any{"id": "urn:uuid:5c1f6b1e-0d7c-4a9e-8d69-0a5b3c8d9e0" + n, "type": []any{"Evidence"}, "name": "Registre", "narrative": fill(300)}
	}
	text, err := json.Marshal(map[string]any{
		"@context": []any{credential.ContextV2, credential.ContextOB3}, "id": "urn:uuid:5c1f6b1e-0d7c-4a9e-8d69-0a5b3c8d9e00",
		"type": []any{"VerifiableCredential", "OpenBadgeCredential"}, "name": "Tenir les comptes", "description": fill(560),
		"issuer": map[string]any{"id": "urn:example:issuer", "type": []any{"Profile"}, "name": "La guilde des comptes"}, "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2031-01-01T00:00:00Z",
		"credentialSubject": map[string]any{"id": "urn:uuid:5c1f6b1e-0d7c-4a9e-8d69-0a5b3c8d9e10", "type": []any{"AchievementSubject"}, "achievement": map[string]any{
			"id": "urn:uuid:5c1f6b1e-0d7c-4a9e-8d69-0a5b3c8d9e11", "type": []any{"Achievement"}, "name": "Tenir les comptes", "description": "Quatre exercices",
			"criteria": map[string]any{"id": "urn:uuid:5c1f6b1e-0d7c-4a9e-8d69-0a5b3c8d9e12", "narrative": "Un exercice clos, approuvé par l'assemblée."},
		}},
		"evidence": []any{piece("1"), piece("2")},
	})
	if err != nil {
		panic(err)
	}
	return text
}

// median is the middle of five rounds: how often f ran in a second.
func median(round time.Duration, f func() error) (float64, error) {
	var rates []float64
	for range 5 {
		n, start := 0, time.Now()
		for time.Since(start) < round/5 {
			for range 8 {
				if err := f(); err != nil {
					return 0, err
				}
			}
			n += 8
		}
		rates = append(rates, float64(n)/time.Since(start).Seconds())
	}
	slices.Sort(rates)
	return rates[2], nil
}

// library compares the library with the bare signature, on one core.
func library(round time.Duration) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	by, err := credential.KeyIssuer(key)
	if err != nil {
		return err
	}
	message, now := make([]byte, 64), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	signature := ed25519.Sign(key, message)
	sign, err := median(round, func() error { ed25519.Sign(key, message); return nil })
	if err != nil {
		return err
	}
	check, err := median(round, func() error {
		if !ed25519.Verify(key.Public().(ed25519.PublicKey), message, signature) {
			return errors.New("no")
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %12.0f\n%-34s %12.0f\n", "Ed25519 alone, sign", sign, "Ed25519 alone, verify", check)
	for _, m := range []struct {
		suite         string
		issue, verify float64
	}{{integrity.EdDSARDFC, 0.12, 0.28}, {integrity.EdDSAJCS, 0.22, 0.45}} {
		o := credential.IssueOptions{At: now, Suites: []string{m.suite}}
		issued, err := credential.Issue(badge(), by, o)
		if err != nil {
			return err
		}
		text := badge()
		rate, err := median(round, func() error { _, err := credential.Issue(text, by, o); return err })
		if err != nil {
			return err
		}
		fmt.Printf("%-34s %12.0f %8.2f   %.2f\n", "library, issue "+m.suite, rate, rate/sign, m.issue)
		rate, err = median(round, func() error {
			if r := credential.Verify(issued.Text, credential.Options{At: now}); !r.Valid {
				return fmt.Errorf("not valid: %v", r.Checks)
			}
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Printf("%-34s %12.0f %8.2f   %.2f\n", "library, verify "+m.suite, rate, rate/check, m.verify)
	}
	return nil
}

// overHTTP asks the VC API of the program.
func overHTTP(ctx context.Context, round time.Duration) (err error) {
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
	server := exec.CommandContext(ctx, program, "serve", "--vc-api-open", "--listen", "127.0.0.1:0", "--data", dir, "--json") //nolint:gosec // our own program
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Process.Kill(), ignored(server.Wait())) }()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		return err
	}
	var said struct{ Listen string }
	if err := json.Unmarshal(line, &said); err != nil {
		return err
	}
	fmt.Println()
	for _, m := range []struct {
		name, suite   string
		issue, verify string
	}{{"proof set", "", "", ""}, {integrity.EdDSARDFC, "/" + integrity.EdDSARDFC, "3000", "4000"}, {integrity.EdDSAJCS, "/" + integrity.EdDSAJCS, "", ""}} {
		body := slices.Concat([]byte(`{"credential":`), badge(), []byte("}"))
		at := "/vc-api" + m.suite
		signed, err := ask(said.Listen, at+"/credentials/issue", body)
		if err != nil {
			return err
		}
		for _, c := range []struct {
			what, at, asked string
			body            []byte
			want            int
		}{{"issue", "/credentials/issue", m.issue, body, 201}, {"verify", "/credentials/verify", m.verify, signed, 200}} {
			rate, err := load(said.Listen, at+c.at, c.body, c.want, round)
			if err != nil {
				return err
			}
			fmt.Printf("%-34s %12.0f %8s   %s\n", "HTTP, "+c.what+" "+m.name, rate, "", c.asked)
		}
	}
	return nil
}

// ignored is for a program that was killed.
func ignored(error) error { return nil }

func ask(listen, at string, body []byte) ([]byte, error) {
	resp, err := http.Post("http://"+listen+at, "application/json", bytes.NewReader(body)) //nolint:noctx // a measure
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusCreated {
		err = fmt.Errorf("%s answers %s: %s", at, resp.Status, answer)
	}
	return answer, err
}

const connections = 16

// load asks over several connections at once, and counts the answers of a second.
func load(listen, at string, body []byte, want int, round time.Duration) (float64, error) {
	request := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", at, len(body), body)
	var done atomic.Int64
	var all sync.WaitGroup
	errs := make(chan error, connections)
	start := time.Now()
	for range connections {
		all.Go(func() {
			errs <- func() error {
				c, err := net.Dial("tcp", listen) //nolint:noctx // a measure
				if err != nil {
					return err
				}
				defer c.Close() //nolint:errcheck // a measure
				r := bufio.NewReaderSize(c, 16<<10)
				for time.Since(start) < round {
					if _, err := c.Write(request); err != nil {
						return err
					}
					resp, err := http.ReadResponse(r, nil)
					if err != nil {
						return err
					}
					if _, err := io.Copy(io.Discard, resp.Body); err != nil {
						return err
					}
					if resp.StatusCode != want {
						return fmt.Errorf("%s answers %s", at, resp.Status)
					}
					done.Add(1)
				}
				return nil
			}()
		})
	}
	all.Wait()
	took := time.Since(start).Seconds()
	var err error
	for range connections {
		err = errors.Join(err, <-errs)
	}
	return float64(done.Load()) / took, err
}
