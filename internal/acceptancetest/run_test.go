package acceptancetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"digiwork/internal/testkit"
)

// program is the path of the program under test, built once.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "digiwork-acceptance-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	program = filepath.Join(dir, "digiwork")
	build := exec.Command("go", "build", "-o", program, "digiwork/cmd/digiwork") //nolint:gosec,noctx // our own program
	build.Stderr = os.Stderr
	code := 1
	if err := build.Run(); err == nil {
		code = m.Run()
	}
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// instance is one instance: a database, a data folder, and people with tokens.
type instance struct {
	t     *testing.T
	where string // --database
	data  string // --data
	tmp   string // TMPDIR, if not the system's
}

// each runs f on a fresh instance of each engine.
func each(t *testing.T, f func(t *testing.T, in instance)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, where string) { f(t, instance{t: t, where: where, data: t.TempDir()}) })
}

// command prepares the program with this instance's settings.
func (in instance) command(args ...string) *exec.Cmd {
	args = append(args, "--database", in.where, "--data", in.data)
	cmd := exec.CommandContext(in.t.Context(), program, args...) //nolint:gosec // our own program
	cmd.Env = append(os.Environ(), "LANG=en")
	if in.tmp != "" {
		cmd.Env = append(cmd.Env, "TMPDIR="+in.tmp)
	}
	return cmd
}

// run runs a command that must end with code, and gives its two outputs.
func (in instance) run(code int, args ...string) (stdout, stderr string) {
	in.t.Helper()
	cmd := in.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() //nolint:errcheck // the code says it
	if got := cmd.ProcessState.ExitCode(); got != code {
		in.t.Fatalf("digiwork %s: exit %d, want %d\n%s%s", strings.Join(args, " "), got, code, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

// person adds a person and gives a token of hers with every scope.
func (in instance) person(handle string) (id, token string) {
	in.t.Helper()
	var p struct{ ID string }
	in.json(&p, "person", "add", "--handle", handle, "--name", "Name of "+handle)
	var tk struct{ Token string }
	in.json(&tk, "token", "create", "--person", handle)
	if p.ID == "" || tk.Token == "" {
		in.t.Fatalf("person %q, token of %d characters", p.ID, len(tk.Token))
	}
	return p.ID, tk.Token
}

// json runs a command with --json and reads its one document.
func (in instance) json(v any, args ...string) {
	in.t.Helper()
	out, _ := in.run(0, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), v); err != nil {
		in.t.Fatalf("digiwork %s --json: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// server is a running process.
type server struct {
	t   *testing.T
	cmd *exec.Cmd
	URL string
	log *bytes.Buffer
}

// serve starts a server on a free port and waits until it says where.
func (in instance) serve(args ...string) *server {
	in.t.Helper()
	cmd := in.command(append([]string{"serve", "--listen", "127.0.0.1:0", "--json"}, args...)...)
	s := &server{t: in.t, cmd: cmd, log: &bytes.Buffer{}}
	cmd.Stderr = s.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		in.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		in.t.Fatal(err)
	}
	in.t.Cleanup(s.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	var said struct{ Listen string }
	if err != nil || json.Unmarshal([]byte(line), &said) != nil {
		in.t.Fatalf("the server did not start: %v\n%s%s", err, line, s.log)
	}
	s.URL = "http://" + said.Listen
	return s
}

// kill ends the process at once, as a power cut would.
func (s *server) kill() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill() //nolint:errcheck // it may have ended
		_ = s.cmd.Wait()         //nolint:errcheck // killed
	}
}

// stop asks the process to end, and waits.
func (s *server) stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Fatalf("the server ended badly: %v\n%s", err, s.log)
	}
}

var client = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// call makes a request and gives status and body. headers come in pairs.
func (s *server) call(method, path, token string, body any, headers ...string) (int, string) {
	s.t.Helper()
	code, text, err := s.try(method, path, token, body, headers...)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, s.log)
	}
	return code, text
}

func (s *server) try(method, path, token string, body any, headers ...string) (int, string, error) {
	s.t.Helper()
	resp, text, err := s.ask(s.t.Context(), method, path, token, body, headers...)
	if err != nil {
		return 0, "", err
	}
	return resp.StatusCode, text, nil
}

// ask makes a request whose answer is read whole.
func (s *server) ask(ctx context.Context, method, path, token string, body any, headers ...string) (*http.Response, string, error) {
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	case []byte:
		in = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			return nil, "", err
		}
		in = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, s.URL+path, in)
	if err != nil {
		return nil, "", err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close() //nolint:errcheck // read whole
	raw, err := io.ReadAll(resp.Body)
	return resp, string(raw), err
}

// must makes a request that must answer with code, and reads its JSON into v if not nil.
func (s *server) must(code int, v any, method, path, token string, body any, headers ...string) string {
	s.t.Helper()
	got, text := s.call(method, path, token, body, headers...)
	if got != code {
		s.t.Fatalf("%s %s = %d, want %d\n%s\n%s", method, path, got, code, text, s.log)
	}
	if v != nil {
		if err := json.Unmarshal([]byte(text), v); err != nil {
			s.t.Fatalf("%s %s: %v\n%s", method, path, err, text)
		}
	}
	return text
}

type made struct {
	ID      string
	Version int64
	URL     string
}

func activity(title string) map[string]any {
	return map[string]any{"title": title, "kind": "volunteering", "start": "2021-09", "organisation": "Jardin des Rives", "paid": false}
}

// link shows one activity by a link, and gives the path of the link.
func (s *server) link(token, activity string) (path, grant string) {
	s.t.Helper()
	var f, g made
	s.must(201, &f, "POST", "/api/v1/faces", token, map[string]any{
		"name": "face", "language": "fr", "shows": map[string]any{"profile": []string{"name"}, "activities": []string{activity}}, "hides": []string{}})
	s.must(201, &g, "POST", "/api/v1/grants", token, map[string]any{
		"face": f.ID, "to": map[string]bool{"link": true}, "purpose": "pour le comité", "until": time.Now().AddDate(0, 0, 7).Format(time.DateOnly)})
	i := strings.Index(g.URL, "/s/")
	if i < 0 {
		s.t.Fatalf("the grant has no link: %+v", g)
	}
	return g.URL[i:], g.ID
}

// kill9 is a power cut in the middle of other requests.
func (s *server) kill9() { _ = s.cmd.Process.Kill() } //nolint:errcheck // it may have ended

func decode(text string, v any) error { return json.Unmarshal([]byte(text), v) }

// fetch reads an address of this machine.
func fetch(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read whole
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// freePort is a loopback address nobody listens on now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // only its number was needed
	return l.Addr().String()
}

// session adds a person and signs her in with a browser's cookie, by the link the
// operator got.
func (in instance) session(s *server, handle string) (cookie string) {
	in.t.Helper()
	var p struct {
		SignIn string `json:"sign_in_url"`
	}
	in.json(&p, "person", "add", "--handle", handle, "--name", "Name of "+handle)
	i := strings.Index(p.SignIn, "/enter/")
	if i < 0 {
		in.t.Fatalf("no sign-in link: %q", p.SignIn)
	}
	r, err := http.NewRequestWithContext(in.t.Context(), http.MethodPost, s.URL+p.SignIn[i:], strings.NewReader(""))
	if err != nil {
		in.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := client.Do(r)
	if err != nil {
		in.t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // only its cookie is wanted
	for _, c := range resp.Cookies() {
		if c.Name == "digiwork" {
			return c.Name + "=" + c.Value
		}
	}
	in.t.Fatalf("POST /enter = %d, without a session", resp.StatusCode)
	return ""
}
