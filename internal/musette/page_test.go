package musette

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/typography"

	"golang.org/x/net/html"
)

// page is a page as a browser without script reads it.
type page struct {
	answer
	root *html.Node
	st   *site
	who  kernel.PersonID
	lang string
	path string
}

// visit opens a page in a language.
func (st *site) visit(t testing.TB, who kernel.PersonID, lang, path string) page {
	t.Helper()
	return st.page(st.ask(t, who, "GET", path, nil, "Cookie", "lang="+lang, "Accept", "text/html"), who, lang, path)
}

func (st *site) page(a answer, who kernel.PersonID, lang, path string) page {
	a.t.Helper()
	root, err := html.Parse(strings.NewReader(a.Body.String()))
	if err != nil {
		a.t.Fatal(err)
	}
	return page{a, root, st, who, lang, path}
}

// is checks the status.
func (p page) is(status int) page {
	p.t.Helper()
	if p.Code != status {
		p.t.Fatalf("%s: %d, want %d\n%s", p.path, p.Code, status, p.text())
	}
	return p
}

// text is what the page says, with ordinary spaces.
func (p page) text() string {
	var b strings.Builder
	for n := range p.root.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return strings.Join(strings.Fields(typography.Plain(b.String())), " ")
}

// says checks that the page says each of the texts.
func (p page) says(texts ...string) page {
	p.t.Helper()
	for _, want := range texts {
		if !strings.Contains(p.text(), want) {
			p.t.Errorf("%s does not say %q:\n%s", p.path, want, p.text())
		}
	}
	return p
}

func (p page) hides(texts ...string) page {
	p.t.Helper()
	for _, no := range texts {
		if strings.Contains(p.Body.String(), no) {
			p.t.Errorf("%s says %q", p.path, no)
		}
	}
	return p
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(typography.Plain(b.String())), " ")
}

// all lists the elements of these names.
func (p page) all(names ...string) []*html.Node {
	var all []*html.Node
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(names, n.Data) {
			all = append(all, n)
		}
	}
	return all
}

// press fills the form that has this button and sends it, as a browser would; pairs
// are names and values. It follows the redirection.
func (p page) press(button string, pairs ...string) page {
	p.t.Helper()
	for _, f := range p.all("form") {
		values, found := formValues(f, button)
		if !found {
			continue
		}
		for i := 0; i < len(pairs); i += 2 {
			values.Del(pairs[i])
		}
		for i := 0; i < len(pairs); i += 2 {
			values.Add(pairs[i], pairs[i+1])
		}
		return p.send(f, values)
	}
	p.t.Fatalf("%s has no button %q:\n%s", p.path, button, p.text())
	return page{}
}

func (p page) send(f *html.Node, values url.Values) page {
	p.t.Helper()
	action := attr(f, "action")
	if attr(f, "enctype") == "multipart/form-data" {
		pairs := []string{}
		for name, vs := range values {
			if name != "files" {
				pairs = append(pairs, name, vs[0])
			}
		}
		body, kind := file(p.t, "files", values.Get("files.name"), values.Get("files"), pairs...)
		return p.follow(p.st.ask(p.t, p.who, "POST", action, body, "Content-Type", kind, "Cookie", "lang="+p.lang, "Accept", "text/html"), action)
	}
	return p.follow(p.st.ask(p.t, p.who, "POST", action, strings.NewReader(values.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Cookie", "lang="+p.lang, "Accept", "text/html"), action)
}

func (p page) follow(a answer, path string) page {
	p.t.Helper()
	if a.Code != http.StatusSeeOther {
		return p.st.page(a, p.who, p.lang, path)
	}
	to := a.Header().Get("Location")
	cookies := "lang=" + p.lang
	for _, c := range a.Result().Cookies() {
		cookies += "; " + c.Name + "=" + c.Value
	}
	headers := []string{"Cookie", cookies, "Accept", "text/html"}
	return p.st.page(p.st.ask(p.t, p.who, "GET", to, nil, headers...), p.who, p.lang, to)
}

// formValues is what a form would send when this button is pressed.
func formValues(f *html.Node, button string) (url.Values, bool) {
	values, found := url.Values{}, false
	for n := range f.Descendants() {
		if n.Type != html.ElementNode || attr(n, "name") == "" && n.Data != "button" {
			continue
		}
		name := attr(n, "name")
		switch n.Data {
		case "button":
			if strings.HasPrefix(textOf(n), button) {
				found = true
				if name != "" {
					values.Add(name, attr(n, "value"))
				}
			}
		case "textarea":
			values.Add(name, textOf(n))
		case "select":
			for o := range n.Descendants() {
				if o.Data == "option" && hasAttr(o, "selected") {
					values.Set(name, attr(o, "value"))
				}
			}
		case "input":
			if kind := attr(n, "type"); (kind == "checkbox" || kind == "radio") && !hasAttr(n, "checked") || kind == "file" {
				continue
			}
			values.Add(name, attr(n, "value"))
		}
	}
	return values, found
}

// value is what a field of the page holds.
func (p page) value(name string) string {
	for _, n := range p.all("input", "textarea", "select") {
		if attr(n, "name") != name || attr(n, "type") == "radio" && !hasAttr(n, "checked") {
			continue
		}
		switch n.Data {
		case "textarea":
			return textOf(n)
		case "select":
			for o := range n.Descendants() {
				if o.Data == "option" && hasAttr(o, "selected") {
					return attr(o, "value")
				}
			}
			return ""
		}
		return attr(n, "value")
	}
	p.t.Fatalf("%s has no field %q", p.path, name)
	return ""
}

// link is the address of the first link with these words.
func (p page) link(text string) string {
	p.t.Helper()
	for _, a := range p.all("a") {
		if strings.HasPrefix(textOf(a), text) {
			return attr(a, "href")
		}
	}
	p.t.Fatalf("%s has no link %q", p.path, text)
	return ""
}

func (p page) click(text string) page {
	p.t.Helper()
	return p.st.visit(p.t, p.who, p.lang, p.link(text))
}

// sound checks what every page must be: one title, headings without a gap, ids once,
// a label for each field, help and refusals tied to theirs, no key instead of words.
func (p page) sound() page {
	p.t.Helper()
	ids := map[string]int{}
	labels := map[string]bool{}
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
		if n.Data == "label" {
			labels[attr(n, "for")] = true
		}
	}
	for id, n := range ids {
		if n > 1 {
			p.t.Errorf("%s: the id %q is there %d times", p.path, id, n)
		}
	}
	p.headings()
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "input", "select", "textarea":
			if attr(n, "type") != "hidden" && !labels[attr(n, "id")] {
				p.t.Errorf("%s: the field %q has no label", p.path, attr(n, "name"))
			}
		case "a", "button":
			if textOf(n) == "" && attr(n, "aria-label") == "" {
				p.t.Errorf("%s: a link or button without words: %v", p.path, n.Attr)
			}
		}
		for _, tie := range []string{"aria-describedby", "aria-labelledby"} {
			for id := range strings.FieldsSeq(attr(n, tie)) {
				if ids[id] == 0 {
					p.t.Errorf("%s: %s names %q, which is not there", p.path, tie, id)
				}
			}
		}
	}
	if key := unsaid.FindString(p.text()); key != "" {
		p.t.Errorf("%s says a key: %q", p.path, key)
	}
	if strings.Contains(p.text(), "{") {
		p.t.Errorf("%s has an unfilled hole", p.path)
	}
	if missing := p.st.catalog.Missing(); len(missing) > 0 {
		p.t.Errorf("%s: no words for %v", p.path, missing)
	}
	return p
}

var unsaid = regexp.MustCompile(`musette\.[a-z_.]+`)

// headings checks that there is one title, and that no level is skipped below it.
func (p page) headings() {
	p.t.Helper()
	mains := p.all("main")
	if len(mains) != 1 {
		p.t.Errorf("%s: %d main", p.path, len(mains))
		return
	}
	level, titles := 0, 0
	for n := range mains[0].Descendants() {
		if n.Type != html.ElementNode || len(n.Data) != 2 || n.Data[0] != 'h' || n.Data[1] < '1' || n.Data[1] > '4' {
			continue
		}
		now := int(n.Data[1] - '0')
		switch {
		case now == 1:
			titles++
		case now > level+1:
			p.t.Errorf("%s: %s %q after h%d", p.path, n.Data, textOf(n), level)
		}
		if level = now; textOf(n) == "" {
			p.t.Errorf("%s: an empty %s", p.path, n.Data)
		}
	}
	if titles != 1 {
		p.t.Errorf("%s: %d h1", p.path, titles)
	}
}
