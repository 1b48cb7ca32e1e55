// Package outline reads and writes lists of addresses that people carry from one
// tool to another: OPML 2.0 for feeds (http://opml.org/spec2.opml) and the bookmark
// files that every browser writes since Netscape (NETSCAPE-Bookmark-file-1).
//
// Both are nested: what an address stands under is its path of folders. Only http
// and https addresses are kept; the others are counted, not lost in silence.
package outline

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Line is an address in a list.
type Line struct {
	Title   string
	Address string    // of the page; of the site, for a feed
	Feed    string    // address of the feed; empty for a bookmark
	Folders []string  // outermost first
	Tags    []string  // of a bookmark
	Note    string    // what was written about it
	Added   time.Time // zero when nobody says
}

// List is what a file holds.
type List struct {
	Title   string
	Lines   []Line
	Skipped int // lines whose address is not one of a page
}

// What comes in is bounded.
const (
	mostBytes   = 16 << 20
	mostLines   = 20_000
	mostFolders = 16 // one inside the other
	mostText    = 2000
)

var (
	// ErrTooLarge says that a file is larger than any list somebody keeps: 16 MiB or
	// 20,000 lines.
	ErrTooLarge = errors.New("the list is too large")
	// ErrNotOPML says that a file is not OPML, and at which line it stops to be.
	ErrNotOPML = errors.New("not an OPML file")
	// ErrNotBookmarks says that a file is not a bookmark file.
	ErrNotBookmarks = errors.New("not a bookmark file")
)

func (l *List) add(line Line) error {
	if len(l.Lines) >= mostLines {
		return ErrTooLarge
	}
	line.Title, line.Note = short(line.Title), short(line.Note)
	if !isPage(line.Address) {
		line.Address = ""
	}
	if !isPage(line.Feed) {
		line.Feed = ""
	}
	if line.Address == "" && line.Feed == "" {
		l.Skipped++
		return nil
	}
	line.Folders = append([]string(nil), line.Folders...)
	l.Lines = append(l.Lines, line)
	return nil
}

func isPage(address string) bool {
	scheme, rest, ok := strings.Cut(address, "://")
	scheme = strings.ToLower(scheme)
	return ok && (scheme == "http" || scheme == "https") && rest != ""
}

// short is text on one line, cut where nobody reads on.
func short(s string) string {
	s = strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), "\uFFFD")
	if r := []rune(s); len(r) > mostText {
		return string(r[:mostText])
	}
	return s
}

func readAll(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the list: %w", err)
	}
	if len(raw) > mostBytes {
		return nil, ErrTooLarge
	}
	return raw, nil
}
