package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"digiwork/internal/app"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/testkit/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// house is the whole program, serving.
type house struct {
	t     testing.TB
	dir   string
	base  string
	setup string // where the first person comes in
}

// open runs serve on a free port of loopback until the test ends.
func open(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir()}
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var said bytes.Buffer
	var running sync.WaitGroup
	code := 0
	running.Go(func() {
		code = app.Run(ctx, []string{"serve", "--listen", "127.0.0.1:0", "--data", h.dir, "--json", "--log-level", "warn"}, nil, in, &said)
		_ = in.Close() //nolint:errcheck // a pipe closes
	})
	t.Cleanup(func() {
		stop()
		running.Wait()
		if code != 0 || strings.Contains(said.String(), "level=ERROR") {
			t.Errorf("serve ended with %d: %s", code, said.String())
		}
	})
	var greeting struct {
		URL   string `json:"url"`
		Setup string `json:"setup_url"`
	}
	if err := json.NewDecoder(out).Decode(&greeting); err != nil {
		t.Fatalf("serve says nothing: %v", err)
	}
	h.base, h.setup = greeting.URL, greeting.Setup
	return h
}

const password = "sept pierres au bord du chemin"

// person lives in the house; she has a token and a browser of her own, without a face.
type person struct {
	h      *house
	handle string
	id     string
	token  string
	client *http.Client
}

// person makes somebody by the command line, and signs her in.
func (h *house) person(handle, name string, more ...string) *person {
	h.t.Helper()
	secret := filepath.Join(h.t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		h.t.Fatal(err)
	}
	p := &person{h: h, handle: handle}
	p.id = h.run(append([]string{"person", "add", "--handle", handle, "--name", name, "--password-file", secret}, more...)...)["id"]
	p.token = h.run("token", "create", "--person", handle)["token"]
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	p.client = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	p.post("/sign-in", url.Values{"name": {handle}, "password": {password}})
	return p
}

func (h *house) run(args ...string) map[string]string {
	h.t.Helper()
	var out, errs bytes.Buffer
	if code := app.Run(h.t.Context(), append(args, "--data", h.dir, "--json"), nil, &out, &errs); code != 0 {
		h.t.Fatalf("%v = %d: %s", args, code, errs.String())
	}
	said := map[string]string{}
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		h.t.Fatal(err)
	}
	return said
}

// post sends a form of a page, and returns the last part of where it leads.
func (p *person) post(at string, form url.Values) string {
	p.h.t.Helper()
	return p.send(at, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// upload sends a file by the form of a page.
func (p *person) upload(at, name, content string) string {
	p.h.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	f, err := m.CreateFormFile("files", name)
	if err == nil {
		_, err = io.WriteString(f, content)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		p.h.t.Fatal(err)
	}
	return p.send(at, m.FormDataContentType(), &b)
}

func (p *person) send(at, kind string, body io.Reader) string {
	p.h.t.Helper()
	r, err := http.NewRequestWithContext(p.h.t.Context(), http.MethodPost, p.h.base+at, body)
	if err != nil {
		p.h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	res, raw := p.do(r)
	if res.StatusCode != http.StatusSeeOther {
		p.h.t.Fatalf("POST %s = %d %.600s", at, res.StatusCode, raw)
	}
	return path.Base(res.Header.Get("Location"))
}

func (p *person) do(r *http.Request) (*http.Response, []byte) {
	p.h.t.Helper()
	res, err := p.client.Do(r)
	if err != nil {
		p.h.t.Fatal(err)
	}
	raw, err := io.ReadAll(res.Body)
	if err := res.Body.Close(); err != nil {
		p.h.t.Fatal(err)
	}
	if err != nil {
		p.h.t.Fatal(err)
	}
	return res, raw
}

// get is a file she downloads.
func (p *person) get(at string) []byte {
	p.h.t.Helper()
	r, err := http.NewRequestWithContext(p.h.t.Context(), http.MethodGet, p.h.base+at, nil)
	if err != nil {
		p.h.t.Fatal(err)
	}
	res, raw := p.do(r)
	if res.StatusCode != http.StatusOK {
		p.h.t.Fatalf("GET %s = %d %.600s", at, res.StatusCode, raw)
	}
	return raw
}

// make asks the API for something new, and returns what it answers.
func (p *person) make(at string, body any) map[string]any {
	p.h.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		p.h.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(p.h.t.Context(), http.MethodPost, p.h.base+"/api/v1"+at, bytes.NewReader(raw))
	if err != nil {
		p.h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+p.token)
	res, raw := p.do(r)
	if res.StatusCode != http.StatusCreated {
		p.h.t.Fatalf("POST %s = %d %s", at, res.StatusCode, raw)
	}
	var made map[string]any
	if err := json.Unmarshal(raw, &made); err != nil {
		p.h.t.Fatal(err)
	}
	return made
}

// signIn brings a tab in as somebody.
func (h *house) signIn(b *browser.Tab, handle string, say words) {
	h.t.Helper()
	b.Go(h.base + "/sign-in")
	b.Fill(say("account.sign_in.name"), handle)
	b.Fill(say("account.password"), password)
	press(b, `form[action="/sign-in"] button`)
	if !strings.HasSuffix(b.URL(), "/musette") {
		h.t.Fatalf("after signing in at %s", b.URL())
	}
}

// press presses a button that shares its words with another of the page.
func press(b *browser.Tab, css string) {
	browser.Eval[bool](b, "document.querySelector("+strconv.Quote(css)+").setAttribute('aria-label', 'this button') === undefined")
	b.Press("this button")
}

// words says a message of the program in the language of a journey: what stands on
// the page is found by what it says.
type words func(key string, pairs ...any) string

func in(t testing.TB, lang string) words {
	t.Helper()
	catalog, err := app.Messages()
	if err != nil {
		t.Fatal(err)
	}
	ctx := i18n.With(kernel.WithActor(t.Context(), kernel.Actor{Lang: lang}), catalog)
	return func(key string, pairs ...any) string {
		if !i18n.Has(ctx, key) {
			t.Fatalf("no message %s", key)
		}
		return i18n.T(ctx, key, pairs...)
	}
}

func written(t testing.TB, name, content string) string {
	t.Helper()
	at := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return at
}

func text(v any) string { return fmt.Sprint(v) }
