package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// axe is the accessibility checker, from npm.
var axe = sync.OnceValues(func() (string, error) {
	path, err := module("axe-core/axe.min.js")
	if err != nil || path == "" {
		return "", err
	}
	raw, err := os.ReadFile(path) //nolint:gosec // the path is our own
	return string(raw), err
})

// Accessible fails the test for each rule of WCAG 2.2 A and AA, and each best
// practice, that axe finds broken on the page. It says where.
func (b *Tab) Accessible() {
	b.t.Helper()
	script, err := axe()
	if err != nil {
		b.t.Fatalf("axe: %v", err)
	}
	if script == "" {
		missing(b.t, "axe-core (make deps)")
	}
	type violation struct {
		ID, Help string
		Nodes    []struct{ HTML, FailureSummary string }
	}
	if b.noScript { // axe itself is a script; the page has run none of its own
		b.do("let axe run", scripts(true))
		defer b.do("stop scripts again", scripts(false))
	}
	b.do("load axe", eval[chromedp.Void](script+"; undefined"))
	broken := get(b, "axe", eval[[]violation](`axe.run(document, {resultTypes: ['violations'], runOnly: {type: 'tag', values:
		['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}}).then((r) => r.violations)`))
	for _, v := range broken {
		for _, n := range v.Nodes {
			b.t.Errorf("%s: %s: %s\n\t%s\n\t%s", b.URL(), v.ID, v.Help, n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", " "))
		}
	}
}

// Fits fails the test if the page must be scrolled sideways.
func (b *Tab) Fits() {
	b.t.Helper()
	wide := get(b, "measure", eval[string](`(() => { const w = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= w) return '';
		const all = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > w + 1 && !e.closest('.tablebox'));
		return document.documentElement.scrollWidth + ' px of ' + w + ': ' + all.slice(0, 5).map((e) => e.outerHTML.slice(0, 120)).join(' // '); })()`))
	if wide != "" {
		b.t.Errorf("%s scrolls sideways: %s", b.URL(), wide)
	}
}

// Resize changes the window and the scheme the system prefers.
func (b *Tab) Resize(width, height int, dark bool) {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.do("resize", chromedp.EmulateViewport(int64(width), int64(height)), media(scheme))
}

// Screenshot draws the whole page at a width, light or dark, checks that it does not
// scroll sideways, and keeps the picture as name-light-360.png in the folder named
// by TEST_SCREENSHOTS, if it is set.
func (b *Tab) Screenshot(name string, width, height int, dark bool) {
	b.t.Helper()
	b.Resize(width, height, dark)
	b.Fits()
	folder := os.Getenv("TEST_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture := get(b, "screenshot", chromedp.FullScreenshot(100))
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	path := filepath.Join(folder, fmt.Sprintf("%s-%s-%d.png", name, scheme, width))
	if err := os.MkdirAll(folder, 0o750); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, picture, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// Everywhere does something at the sizes and in the schemes a page must hold: a
// phone and a table, light and dark.
func (b *Tab) Everywhere(do func()) {
	b.t.Helper()
	for _, width := range []int{320, 360, 1440} {
		for _, dark := range []bool{false, true} {
			b.Resize(width, 900, dark)
			do()
		}
	}
	b.Resize(1280, 900, false)
}
