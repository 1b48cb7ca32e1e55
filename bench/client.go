package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// process is a server under measure.
type process struct {
	cmd *exec.Cmd
	url string
	up  time.Duration // from its start to its first answer
}

// serve starts the program on data and waits for its first answer.
func (b *bench) serve(ctx context.Context, data string) (*process, error) {
	since := time.Now()
	p, err := spawn(exec.CommandContext(ctx, b.program, "serve", "--listen", "127.0.0.1:0", "--data", data, "--json")) //nolint:gosec // our own program
	if err != nil {
		return nil, err
	}
	resp, err := http.Get(p.url + "/healthz") //nolint:noctx // a measure
	if err != nil {
		return nil, err
	}
	p.up = time.Since(since)
	return p, resp.Body.Close()
}

// limit starts the simple program that a measure is compared with.
func (b *bench) limit(ctx context.Context, what, file string) (*process, error) {
	return spawn(exec.CommandContext(ctx, b.self, "limit", what, file)) //nolint:gosec // ourselves
}

func spawn(cmd *exec.Cmd) (*process, error) {
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var said struct{ Listen string }
	if err != nil || json.Unmarshal(line, &said) != nil || said.Listen == "" {
		return nil, errors.Join(fmt.Errorf("%s did not start: %s", cmd.Path, line), cmd.Process.Kill())
	}
	return &process{cmd: cmd, url: "http://" + said.Listen}, nil
}

func (p *process) stop() {
	_ = p.cmd.Process.Kill() //nolint:errcheck // it may have ended
	_ = p.cmd.Wait()         //nolint:errcheck // killed
}

// resident is the memory of the process, in bytes.
func (p *process) resident() (int64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			var kb int64
			_, err := fmt.Sscan(rest, &kb)
			return kb << 10, err
		}
	}
	return 0, errors.New("the system does not say how much memory a process has")
}

// request is one request of a load: its bytes, ready to be sent.
type request []byte

func get(host, path string, headers ...string) request {
	return request("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + strings.Join(headers, "") + "\r\n")
}

func post(host, path, body string, headers ...string) request {
	return request(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s",
		path, host, len(body), strings.Join(headers, ""), body))
}

// load sends requests on connections for a while; next gives the n-th. It counts
// answers of status want and takes their times. The same client measures ours and
// the limit.
func load(p *process, connections int, d time.Duration, want int, next func(n int64) request) (perSecond float64, p99 time.Duration, err error) {
	host := strings.TrimPrefix(p.url, "http://")
	var n atomic.Int64
	var mu sync.Mutex
	var times []time.Duration
	var errs []error
	var wg sync.WaitGroup
	begin := time.Now()
	end := begin.Add(d)
	for range connections {
		wg.Go(func() {
			mine, err := one(host, end, want, func() request { return next(n.Add(1)) })
			mu.Lock()
			defer mu.Unlock()
			times = append(times, mine...)
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, 0, err
	}
	took := time.Since(begin)
	slices.Sort(times)
	if len(times) == 0 {
		return 0, 0, errors.New("no answer")
	}
	return float64(len(times)) / took.Seconds(), times[len(times)*99/100], nil
}

// one keeps a connection busy until end.
func one(host string, end time.Time, want int, next func() request) (times []time.Duration, err error) {
	c, err := net.Dial("tcp", host) //nolint:noctx // a measure
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	r := bufio.NewReaderSize(c, 64<<10)
	for time.Now().Before(end) {
		since := time.Now()
		if _, err := c.Write(next()); err != nil {
			return times, err
		}
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return times, err
		}
		if resp.StatusCode != want {
			raw, _ := io.ReadAll(resp.Body) //nolint:errcheck // for the message
			return times, fmt.Errorf("answered %s: %s", resp.Status, bytes.TrimSpace(raw))
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return times, err
		}
		times = append(times, time.Since(since))
	}
	return times, nil
}
