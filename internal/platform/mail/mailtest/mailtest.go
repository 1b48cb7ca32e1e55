// Package mailtest runs a real mail server, mailpit, for tests.
//
// Mailpit is no dependency of the program: it is built apart, in a folder of the
// cache, at the version named here.
package mailtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"digiwork/internal/platform/background"
)

const version = "v1.27.11"

// Server is a mail server of this test, on loopback. It ends with the test.
type Server struct {
	Port int // of SMTP
	api  string
}

// Letter is what the server has received.
type Letter struct {
	ID, MessageID, Subject, Text string
	From, To                     string
	Header                       map[string][]string
}

// build makes the program once, or says why it cannot be made here.
var build = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "digiwork-test", "mailpit-"+version)
	program := filepath.Join(dir, "mailpit")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	apart, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(apart) //nolint:errcheck // an empty folder in the cache harms nobody
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "install", "github.com/axllent/mailpit@"+version)
	cmd.Dir = apart // outside the module: its own versions, not ours
	cmd.Env = append(os.Environ(), "GOBIN="+apart, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return program, os.Rename(filepath.Join(apart, "mailpit"), program) // whole or not at all: another test may build too
})

// Start runs a server with more flags of mailpit. A machine that cannot build it
// skips the test, unless CI is true.
func Start(t testing.TB, flags ...string) *Server {
	t.Helper()
	program, err := build()
	if err != nil && os.Getenv("CI") != "true" { //nolint:forbidigo // a test asks where it runs
		t.Skipf("mailpit cannot be built here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	web, smtp := freePort(t), freePort(t)
	args := append([]string{
		"--listen", net.JoinHostPort("127.0.0.1", strconv.Itoa(web)), "--smtp", net.JoinHostPort("127.0.0.1", strconv.Itoa(smtp)),
		"--disable-version-check", "--smtp-disable-rdns", "--quiet", "--database", filepath.Join(t.TempDir(), "mailpit.db"),
	}, flags...)
	ctx, cancel := context.WithCancel(context.Background())
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // our own program and flags
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	ended, group := make(chan struct{}), background.Group{Log: slog.New(slog.DiscardHandler)}
	group.Go(ctx, "mailpit", func(context.Context) error {
		defer close(ended)
		return cmd.Wait() // killed at the end, on purpose
	})
	t.Cleanup(func() { cancel(); <-ended })
	s := &Server{Port: smtp, api: "http://127.0.0.1:" + strconv.Itoa(web)}
	for end := time.Now().Add(30 * time.Second); !s.ready(t); {
		select {
		case <-ended:
			t.Fatalf("mailpit ended: %s", said.String())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			t.Fatal("mailpit does not answer")
		}
	}
	return s
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // we asked for tcp
}

func (s *Server) ready(t testing.TB) bool {
	for _, address := range []string{s.api[len("http://"):], net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))} {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return false
		}
		if err := c.Close(); err != nil {
			return false
		}
	}
	return true
}

func (s *Server) call(t testing.TB, method, path string, body, answer any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.api+path, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	raw, err = io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("mailpit %s %s: %d %s", method, path, resp.StatusCode, raw)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		t.Fatal(err)
	}
}

// Refuse makes the server answer every recipient with code; 0 ends that.
func (s *Server) Refuse(t testing.TB, code int) {
	t.Helper()
	type trigger struct{ ErrorCode, Probability int }
	want := map[string]trigger{"Recipient": {code, 100}}
	if code == 0 {
		want["Recipient"] = trigger{451, 0}
	}
	s.call(t, http.MethodPut, "/api/v1/chaos", want, nil)
}

// Letters are what arrived, newest first.
func (s *Server) Letters(t testing.TB) []Letter {
	t.Helper()
	var list struct {
		Messages []struct{ ID string } `json:"messages"`
	}
	s.call(t, http.MethodGet, "/api/v1/messages?limit=200", nil, &list)
	letters := make([]Letter, 0, len(list.Messages))
	for _, m := range list.Messages {
		type address struct{ Name, Address string }
		var full struct {
			ID, MessageID, Subject, Text string
			From                         address
			To                           []address
		}
		s.call(t, http.MethodGet, "/api/v1/message/"+m.ID, nil, &full)
		l := Letter{ID: full.ID, MessageID: full.MessageID, Subject: full.Subject, Text: full.Text, From: full.From.Address}
		for _, to := range full.To {
			l.To = to.Address
		}
		s.call(t, http.MethodGet, "/api/v1/message/"+m.ID+"/headers", nil, &l.Header)
		letters = append(letters, l)
	}
	return letters
}
