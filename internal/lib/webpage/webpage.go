// Package webpage reads an article on a page of the web: its title, who wrote it and
// when, its words, and the feeds the page points to.
//
// The article is found by readability (codeberg.org/readeck/go-readability, after
// Mozilla's). Metadata come from what pages say of themselves: link rel=canonical
// (RFC 6596), meta of Open Graph and Dublin Core, JSON-LD of schema.org as
// readability reads it. A page that forbids keeping its text says so by
// meta robots noarchive.
package webpage

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"digiwork/internal/lib/feed"

	"codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// Page is what a page says.
type Page struct {
	Title     string
	Author    string
	Site      string
	Language  string
	Published time.Time // UTC; zero when it does not say
	Canonical string    // the address it calls its own; empty when it does not say
	Text      string    // of the article; empty when none was found
	HTML      string    // the same with its shape, harmless
	NoArchive bool      // asks that its text is not kept
	Feeds     []Link
}

// Link is a feed a page points to.
type Link struct{ Title, Address string }

// Bounds of what is read.
const (
	MostBytes = 8 << 20
	mostText  = 400_000
	mostFeeds = 20
	mostDepth = 2000 // elements one inside the other
	mostNodes = 200_000
)

var (
	// ErrTooLarge says that a page is larger than 8 MiB, or too deep to be read.
	ErrTooLarge = errors.New("the page is too large")
	// ErrNotPage says that there is no page to read.
	ErrNotPage = errors.New("not a page")
)

// Read reads the page that address answered, whose type it said (as in the header
// Content-Type; may be empty).
//
// ErrNotPage, ErrTooLarge.
func Read(raw []byte, kind, address string) (Page, error) {
	if len(raw) > MostBytes {
		return Page{}, ErrTooLarge
	}
	base, err := url.Parse(address)
	if err != nil {
		return Page{}, fmt.Errorf("%w: %w", ErrNotPage, err)
	}
	if kind != "" && !strings.Contains(kind, "html") {
		return Page{}, fmt.Errorf("%w: it is %s", ErrNotPage, kind)
	}
	text, err := charset.NewReader(bytes.NewReader(raw), kind)
	if err != nil {
		return Page{}, fmt.Errorf("%w: %w", ErrNotPage, err)
	}
	doc, err := html.Parse(text)
	if err != nil {
		return Page{}, fmt.Errorf("%w: %w", ErrNotPage, err)
	}
	if !bounded(doc) {
		return Page{}, ErrTooLarge
	}
	p := Page{}
	p.head(doc, base)
	return p, p.article(doc, base)
}

// bounded reports whether a document can be walked through by what recurses.
func bounded(doc *html.Node) bool {
	nodes := 0
	for n, depth := doc, 0; n != nil; {
		if nodes++; nodes > mostNodes || depth > mostDepth {
			return false
		}
		switch {
		case n.FirstChild != nil:
			n, depth = n.FirstChild, depth+1
			continue
		case n == doc:
			return true
		}
		for n.NextSibling == nil {
			if n = n.Parent; n == nil || n == doc {
				return true
			}
			depth--
		}
		n = n.NextSibling
	}
	return true
}

// head reads the links and meta of a page, wherever they stand.
func (p *Page) head(doc *html.Node, base *url.URL) {
	for n := range doc.Descendants() {
		switch n.DataAtom {
		case atom.Link:
			a := attributes(n)
			to, err := base.Parse(a["href"])
			if err != nil || a["href"] == "" || to.Scheme != "http" && to.Scheme != "https" {
				continue
			}
			rel := strings.Fields(strings.ToLower(a["rel"]))
			for _, r := range rel {
				switch {
				case r == "canonical" && p.Canonical == "":
					p.Canonical = to.String()
				case r == "alternate" && isFeed(a["type"]) && len(p.Feeds) < mostFeeds:
					p.Feeds = append(p.Feeds, Link{Title: line(a["title"]), Address: to.String()})
				}
			}
		case atom.Meta:
			if a := attributes(n); strings.EqualFold(a["name"], "robots") && strings.Contains(strings.ToLower(a["content"]), "noarchive") {
				p.NoArchive = true
			}
		}
	}
}

func isFeed(kind string) bool {
	kind, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(kind)), ";")
	return kind == "application/rss+xml" || kind == "application/atom+xml" || kind == "application/feed+json"
}

func attributes(n *html.Node) map[string]string {
	a := make(map[string]string, len(n.Attr))
	for _, at := range n.Attr {
		a[at.Key] = at.Val
	}
	return a
}

// article finds the words. A page without an article keeps its title.
func (p *Page) article(doc *html.Node, base *url.URL) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrNotPage, r)
		}
	}()
	titled := title(doc)
	a, err := readability.FromDocument(doc, base)
	if err != nil {
		p.Title = titled
		return nil //nolint:nilerr // no article was found: the page stays a title and an address
	}
	if p.Title = line(a.Title()); p.Title == "" {
		p.Title = titled
	}
	p.Author, p.Site, p.Language = line(a.Byline()), line(a.SiteName()), line(a.Language())
	if at, err := a.PublishedTime(); err == nil {
		p.Published = at.UTC()
	}
	if a.Node == nil {
		return nil
	}
	var b strings.Builder
	if err := a.RenderHTML(&b); err != nil {
		return fmt.Errorf("%w: %w", ErrNotPage, err)
	}
	p.HTML = feed.Harmless(b.String())
	p.Text = feed.Plain(p.HTML)
	if len(p.Text) > mostText {
		return ErrTooLarge
	}
	return nil
}

func title(doc *html.Node) string {
	for n := range doc.Descendants() {
		if n.DataAtom == atom.Title && n.FirstChild != nil {
			return line(n.FirstChild.Data)
		}
	}
	return ""
}

// line is text on one line, cut where nobody reads on.
func line(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if r := []rune(s); len(r) > 1000 {
		return string(r[:1000])
	}
	return s
}
