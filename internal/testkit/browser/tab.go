package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"strings"
	"time"

	"digiwork/internal/lib/typography"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

//go:embed find.js
var finder string

// found selects what find has marked.
const found chromedp.CSS = `[data-found="here"]`

// find marks the thing of a kind ("press" or "field") that has this name.
func (b *Tab) find(kind, name string) {
	b.t.Helper()
	if why := get(b, "find "+name, eval[string]("("+finder+")("+quote(kind)+","+quote(name)+`,"here")`)); why != "" {
		b.t.Fatalf("no %s named %q on %s: %s", kind, name, b.URL(), why)
	}
}

func eval[T any](expression string) chromedp.Action[T] {
	return chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise)
}

// quote makes a JavaScript string.
func quote(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string is always JSON
	}
	return string(raw)
}

// Go opens an address and fails on an answer that is no success.
func (b *Tab) Go(url string) {
	b.t.Helper()
	if status := b.Status(url); status >= 400 {
		b.t.Fatalf("%s: %d", url, status)
	}
}

// Status opens an address and returns the status of the answer.
func (b *Tab) Status(url string) int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	res, err := chromedp.Run(ctx, chromedp.NavigateResponse(url))
	if err != nil {
		b.t.Fatalf("go to %s: %v", url, err)
	}
	return int(res.Status)
}

// Click presses the link, button or summary with this name. If that leads to another
// page, it waits for it.
func (b *Tab) Click(name string) {
	b.t.Helper()
	b.find("press", name)
	leaves := get(b, "look at "+name, eval[bool](`(() => { const e = document.querySelector('`+string(found)+`');
		const scripted = [...e.attributes, ...(e.form ? e.form.attributes : [])].some((a) => /^hx-|^data-hx-/.test(a.name)) && !!window.htmx;
		if (scripted || e.tagName === 'SUMMARY' || e.hasAttribute('popovertarget')) return false;
		if (e.tagName === 'A') return e.target !== '_blank' && !e.hasAttribute('download') && e.href.split('#')[0] !== location.href.split('#')[0];
		return !!e.form && e.type === 'submit' && e.form.method !== 'dialog' && (e.form.noValidate || e.formNoValidate || e.form.checkValidity()); })()`))
	b.click(name, leaves)
}

// Press is Click for a button: it sends the form.
func (b *Tab) Press(name string) {
	b.t.Helper()
	b.Click(name)
}

func (b *Tab) click(name string, leaves bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	var err error
	if leaves {
		_, err = chromedp.RunResponse(ctx, chromedp.Click(found))
	} else {
		err = chromedp.Do(ctx, chromedp.Click(found))
	}
	if err != nil {
		b.t.Fatalf("click %q on %s: %v", name, b.URL(), err)
	}
}

// Fill writes into the field with this label, in place of what was there.
func (b *Tab) Fill(label, text string) {
	b.t.Helper()
	b.find("field", label)
	kind := get(b, "look at "+label, eval[string](`document.querySelector('`+string(found)+`').type`))
	switch kind {
	case "checkbox", "radio", "file":
		b.t.Fatalf("%q is a %s: use Choose or Upload", label, kind)
	case "select-one", "date", "time", "month", "week", "color", "range", "number":
		b.do("fill "+label, set(text))
	default:
		b.do("fill "+label, set(""), chromedp.SendKeys(found, text))
	}
}

// set gives a field its value as if it had been typed.
func set(value string) chromedp.Action[chromedp.Void] {
	return eval[chromedp.Void](`(() => { const e = document.querySelector('` + string(found) + `'); e.focus(); e.value = ` + quote(value) + `;
		e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true})); })()`)
}

// Choose ticks the box or chooses the option with this label; in a select, option is
// the text to choose.
func (b *Tab) Choose(label string, option ...string) {
	b.t.Helper()
	b.find("field", label)
	if len(option) == 0 {
		b.do("choose "+label, eval[chromedp.Void](`document.querySelector('`+string(found)+`').click()`))
		return
	}
	ok := get(b, "choose "+label, eval[bool](`(() => { const e = document.querySelector('`+string(found)+`');
		const o = [...e.options].find((o) => o.text.replace(/[\u00a0\u202f\s]+/g, ' ').replace(/’/g, "'").trim() === `+quote(clean(option[0]))+`);
		if (!o) return false; e.value = o.value; e.dispatchEvent(new Event('change', {bubbles: true})); return true; })()`))
	if !ok {
		b.t.Fatalf("%q has no option %q", label, option[0])
	}
}

// Upload puts files into the file field with this label.
func (b *Tab) Upload(label string, paths ...string) {
	b.t.Helper()
	b.find("field", label)
	b.do("upload to "+label, chromedp.SetUploadFiles(found, paths))
}

// Key sends keys to what has the focus: kb.Tab, kb.Enter, or letters.
func (b *Tab) Key(keys string) {
	b.t.Helper()
	b.do("press keys", chromedp.KeyEvent(keys))
}

// TabKey and EnterKey are for Key.
const (
	TabKey    = kb.Tab
	EnterKey  = kb.Enter
	EscapeKey = kb.Escape
)

// Focused is the name of what has the focus.
func (b *Tab) Focused() string {
	b.t.Helper()
	return clean(get(b, "focus", eval[string](`(() => { const e = document.activeElement; if (!e || e === document.body) return '';
		return e.getAttribute('aria-label') || (e.labels && e.labels[0] ? e.labels[0].textContent : e.textContent) || e.id; })()`)))
}

// Text is what the first match of a selector says, with ordinary spaces.
func (b *Tab) Text(css string) string {
	b.t.Helper()
	return clean(get(b, "text of "+css, chromedp.Text(chromedp.CSS(css), chromedp.RetryInterval(10*time.Millisecond))))
}

// Texts is what every match of a selector says.
func (b *Tab) Texts(css string) []string {
	b.t.Helper()
	all := get(b, "texts of "+css, eval[[]string](`[...document.querySelectorAll(`+quote(css)+`)].map((e) => e.textContent)`))
	for i, s := range all {
		all[i] = clean(s)
	}
	return all
}

// Value is what a field holds, by selector.
func (b *Tab) Value(css string) string {
	b.t.Helper()
	return get(b, "value of "+css, chromedp.Value(chromedp.CSS(css)))
}

// Filled is what the field with this label holds.
func (b *Tab) Filled(label string) string {
	b.t.Helper()
	b.find("field", label)
	return get(b, "value of "+label, eval[string](`document.querySelector('`+string(found)+`').value`))
}

// Has reports whether a selector matches anything now.
func (b *Tab) Has(css string) bool {
	b.t.Helper()
	return get(b, "look for "+css, eval[bool](`document.querySelector(`+quote(css)+`) !== null`))
}

// See waits until the page shows these words.
func (b *Tab) See(words string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		text, err := chromedp.Run(ctx, eval[string](`document.body ? document.body.innerText : ''`))
		if err == nil && strings.Contains(clean(text), clean(words)) {
			return
		}
		select {
		case <-ctx.Done():
			b.t.Fatalf("%s does not say %q; it says:\n%s", b.URL(), words, clean(text))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Says reports whether the page shows these words now.
func (b *Tab) Says(words string) bool {
	b.t.Helper()
	return strings.Contains(clean(get(b, "read", eval[string](`document.body.innerText`))), clean(words))
}

// URL is the address of the page.
func (b *Tab) URL() string { b.t.Helper(); return get(b, "address", chromedp.Location()) }

// Title is the document's title.
func (b *Tab) Title() string { b.t.Helper(); return clean(get(b, "title", chromedp.Title())) }

// HTML is the whole document as the browser has it.
func (b *Tab) HTML() string {
	b.t.Helper()
	return get(b, "html", eval[string](`document.documentElement.outerHTML`))
}

// Eval runs an expression in the page, for what has no name.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	return get(b, expression, eval[T](expression))
}

// clean makes what is shown comparable with what is typed: one ordinary space
// wherever there is any, and straight apostrophes.
func clean(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(typography.Plain(s)), " "), "’", "'")
}

// hear notes requests, bytes and complaints. It must not ask the browser anything.
func (b *Tab) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
		b.pending[e.RequestID] = true
	case *network.EventLoadingFinished:
		b.bytes += e.EncodedDataLength
		delete(b.pending, e.RequestID)
	case *network.EventLoadingFailed:
		delete(b.pending, e.RequestID)
	case *runtime.EventExceptionThrown:
		b.console = append(b.console, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.console = append(b.console, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// Requests lists every address asked for since the tab was opened or forgot them.
func (b *Tab) Requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.requests...)
}

// TransferBytes is how much came over the wire since then, headers included, once
// everything asked for is here.
func (b *Tab) TransferBytes() int {
	b.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		b.mu.Lock()
		waiting, size := len(b.pending), int(b.bytes)
		b.mu.Unlock()
		if waiting == 0 {
			return size
		}
		if time.Now().After(end) {
			b.t.Fatalf("%d requests do not end: %v", waiting, b.Requests())
		}
	}
}

// Forget starts counting requests and bytes anew.
func (b *Tab) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests, b.bytes, b.console = nil, 0, nil
}

// Complaints lists what the browser complained of: scripts that broke, files that
// are not there, what the content policy refused.
func (b *Tab) Complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.console...)
}

// OnlyFrom fails the test if anything was asked of another site than base.
func (b *Tab) OnlyFrom(base string) {
	b.t.Helper()
	for _, url := range b.Requests() {
		if !strings.HasPrefix(url, base+"/") && url != base && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "blob:") {
			b.t.Errorf("the page asks %s", url)
		}
	}
}
