// Package feed reads what sites publish to be followed: RSS 0.9 to 2.0, Atom 0.3 and
// 1.0, JSON Feed 1.0 and 1.1.
//
// The formats are told apart and parsed by gofeed, which knows what feeds are like in
// the wild. What this package adds is what a house needs before it shows them: whole
// addresses, moments in UTC, plain titles, text without anything that acts or calls
// elsewhere, and bounds.
package feed

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"
)

// Feed is a feed as it is now.
type Feed struct {
	Title       string
	Description string
	Address     string // of the site
	Language    string // as it says, such as fr-FR
	Entries     []Entry
}

// Entry is one of its articles. At least one of ID, Address and Title is set.
type Entry struct {
	ID        string // as the feed names it
	Title     string // plain text
	Address   string // of the page, whole; empty when there is none
	Author    string
	Published time.Time // UTC; zero when nobody says, or when it cannot be read
	Updated   time.Time
	HTML      string // content made harmless by Harmless
	Text      string // the same as plain text
	Tags      []string
}

// Bounds of what is read.
const (
	MostBytes   = 16 << 20 // of a feed
	mostEntries = 2000     // the newest a feed lists first
	mostText    = 200_000  // characters of an entry
	mostLine    = 1000     // characters of a title or a name
	mostTags    = 50
)

var (
	// ErrNotFeed says that a text is not a feed, and why.
	ErrNotFeed = errors.New("not a feed")
	// ErrTooLarge says that a feed is larger than 16 MiB.
	ErrTooLarge = errors.New("the feed is too large")
)

// Parse reads a feed. address is where it comes from: what it says of other
// addresses is taken from there.
//
// ErrNotFeed with the reason, ErrTooLarge.
func Parse(raw []byte, address string) (Feed, error) {
	if len(raw) > MostBytes {
		return Feed{}, ErrTooLarge
	}
	base, err := url.Parse(address)
	if err != nil {
		return Feed{}, fmt.Errorf("%w: its address: %w", ErrNotFeed, err)
	}
	f, err := parse(raw)
	if err != nil {
		return Feed{}, err
	}
	out := Feed{Title: line(f.Title), Description: line(f.Description), Language: line(f.Language), Address: whole(base, f.Link)}
	for _, it := range f.Items[:min(len(f.Items), mostEntries)] {
		if e := entry(base, it); e.ID != "" || e.Address != "" || e.Title != "" {
			out.Entries = append(out.Entries, e)
		}
	}
	return out, nil
}

// parse asks gofeed; a feed that makes it panic is no feed.
func parse(raw []byte) (f *gofeed.Feed, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, err = nil, fmt.Errorf("%w: %v", ErrNotFeed, p)
		}
	}()
	f, err = gofeed.NewParser().Parse(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotFeed, err)
	}
	if f.FeedVersion == "" && f.Title == "" && f.Link == "" && len(f.Items) == 0 {
		return nil, fmt.Errorf("%w: it says nothing", ErrNotFeed)
	}
	return f, nil
}

func entry(base *url.URL, it *gofeed.Item) Entry {
	e := Entry{ID: line(it.GUID), Title: line(it.Title), Address: whole(base, it.Link)}
	if e.Address == "" { // a guid is often the address
		e.Address = whole(base, it.GUID)
		if !strings.Contains(it.GUID, "://") {
			e.Address = ""
		}
	}
	var names []string
	for _, p := range it.Authors {
		if p != nil && p.Name != "" {
			names = append(names, line(p.Name))
		}
	}
	e.Author = strings.Join(names, ", ")
	if it.PublishedParsed != nil {
		e.Published = it.PublishedParsed.UTC()
	}
	if it.UpdatedParsed != nil {
		e.Updated = it.UpdatedParsed.UTC()
	}
	html := it.Content
	if strings.TrimSpace(html) == "" {
		html = it.Description
	}
	e.HTML = Harmless(short(html, mostText))
	e.Text = Plain(e.HTML)
	for _, tag := range it.Categories[:min(len(it.Categories), mostTags)] {
		if tag = line(tag); tag != "" {
			e.Tags = append(e.Tags, tag)
		}
	}
	return e
}

// whole is an address of a page taken from base, or "" when it is none.
func whole(base *url.URL, address string) string {
	u, err := base.Parse(strings.TrimSpace(address))
	if address == "" || err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}

// line is a title or a name: plain, on one line.
func line(s string) string {
	return short(strings.Join(strings.Fields(Plain(short(s, 4*mostLine))), " "), mostLine)
}

func short(s string, most int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most])
}
