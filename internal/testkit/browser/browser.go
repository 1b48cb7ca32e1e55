// Package browser drives a real Chromium for tests, the way a person does: by the
// names she reads. What has no name cannot be clicked or filled, so every journey
// is an accessibility test too. It is the only package that knows the library.
//
// Every wait has an end. Without Chromium a test is skipped, or fails when CI=true.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// patience is how long a single step may take.
const patience = 20 * time.Second

// shared is the one browser of a test program. It starts with the first tab and
// stops with the last, or with Main.
var shared struct {
	sync.Mutex
	users int
	ctx   context.Context //nolint:containedctx // the browser lives as long as its context
	stop  context.CancelFunc
}

// Main runs the tests of a package with one browser from first to last, and stops
// it. Use it in TestMain where many tests open tabs one after the other.
func Main(m *testing.M) int {
	if find() == "" {
		return m.Run()
	}
	if _, err := acquire(); err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		return 1
	}
	defer release()
	return m.Run()
}

func acquire() (context.Context, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.users == 0 {
		opts := []chromedp.ExecAllocatorOption{
			chromedp.ExecPath(find()), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
			chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
			chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-extensions", true), chromedp.Flag("disable-sync", true),
			chromedp.Flag("hide-scrollbars", true), chromedp.Flag("font-render-hinting", "none"),
		}
		if os.Geteuid() == 0 {
			opts = append(opts, chromedp.NoSandbox) // Chromium refuses to sandbox root
		}
		alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
		ctx, stop := chromedp.NewContext(alloc)
		if err := chromedp.Do(ctx); err != nil {
			stop()
			stopAlloc()
			return nil, err
		}
		shared.ctx, shared.stop = ctx, func() {
			_ = chromedp.Cancel(ctx) // closes the browser and waits; it is gone either way
			stop()
			stopAlloc()
		}
	}
	shared.users++
	return shared.ctx, nil
}

func release() {
	shared.Lock()
	defer shared.Unlock()
	if shared.users--; shared.users == 0 {
		shared.stop()
	}
}

// find is the path of Chromium, "" if there is none.
func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Option changes how a tab is opened.
type Option func(*options)

type options struct {
	headers  network.Headers
	noScript bool
	dark     bool
	lang     string
	width    int64
	height   int64
}

// NoScript opens a tab in which pages run no script.
func NoScript() Option { return func(o *options) { o.noScript = true } }

// Dark opens a tab on a system that prefers dark.
func Dark() Option { return func(o *options) { o.dark = true } }

// Lang sets what the browser asks for: "en". It is "fr" otherwise.
func Lang(lang string) Option { return func(o *options) { o.lang = lang } }

// Size sets the window, in CSS pixels. It is 1280 by 900 otherwise.
func Size(width, height int) Option {
	return func(o *options) { o.width, o.height = int64(width), int64(height) }
}

// Phone is the size of an old phone.
func Phone() Option { return Size(360, 800) }

// Header is sent with every request: to sign in a test's person.
func Header(name, value string) Option {
	return func(o *options) { o.headers[name] = value }
}

// Tab is one page of a browser that shares no cookie and no store with other tabs.
type Tab struct {
	t   testing.TB
	ctx context.Context //nolint:containedctx // a tab lives as long as its context

	noScript bool

	mu       sync.Mutex
	requests []string
	pending  map[network.RequestID]bool
	bytes    float64
	console  []string
}

// Open gives a fresh tab. Without Chromium the test is skipped, or fails when CI=true.
func Open(t testing.TB, opts ...Option) *Tab {
	t.Helper()
	if find() == "" {
		missing(t, "Chromium")
	}
	o := options{headers: network.Headers{}, lang: "fr", width: 1280, height: 900}
	for _, opt := range opts {
		opt(&o)
	}
	root, err := acquire()
	if err != nil {
		t.Fatalf("browser: %v", err)
	}
	t.Cleanup(release)
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &Tab{t: t, ctx: ctx, noScript: o.noScript, pending: map[network.RequestID]bool{}}
	// The first step opens the tab, which lives as long as that step's context: it
	// must be the tab's own, never one with an end.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("browser: %v", err)
	}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatalf("browser: %v", err)
	}
	b.do("open a tab", o.steps()...)
	return b
}

// missing skips the test, or fails it in CI: a green run there has seen the pages.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", what)
	}
	t.Skipf("%s is not installed", what)
}

// steps prepare a tab before its first page.
func (o options) steps() []chromedp.Action[chromedp.Void] {
	o.headers["Accept-Language"] = o.lang
	scheme := "light"
	if o.dark {
		scheme = "dark"
	}
	return []chromedp.Action[chromedp.Void]{
		call(network.Enable, network.EnableParams{}),
		call(log.Enable, struct{}{}),
		call(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: o.headers}),
		scripts(!o.noScript),
		media(scheme),
		chromedp.EmulateViewport(o.width, o.height),
	}
}

func scripts(run bool) chromedp.Action[chromedp.Void] {
	return call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !run})
}

func media(scheme string) chromedp.Action[chromedp.Void] {
	return call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// call makes a step of a command of the protocol.
func call[P, R any](cmd cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, cmd, params)
		return err
	})
}

// do runs steps within the patience of one.
func (b *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// get runs a step that has an answer.
func get[T any](b *Tab, what string, step chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, step)
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
	return v
}

// module is the path of a file of an npm package beside the checkout's go.mod; ""
// if npm has not brought it.
func module(name string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			path := filepath.Join(dir, "node_modules", filepath.FromSlash(name))
			if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
				return "", nil
			}
			return path, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod above the test")
		}
		dir = up
	}
}
