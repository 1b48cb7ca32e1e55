package outline

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"
	"time"

	page "golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// ReadBookmarks reads the bookmark file of a browser.
//
// ErrNotBookmarks, ErrTooLarge.
func ReadBookmarks(r io.Reader) (List, error) {
	raw, err := readAll(r)
	if err != nil {
		return List{}, err
	}
	if head := bytes.ToUpper(raw[:min(len(raw), 1024)]); !bytes.Contains(head, []byte("NETSCAPE-BOOKMARK-FILE")) {
		return List{}, ErrNotBookmarks
	}
	text, err := charset.NewReader(bytes.NewReader(raw), "text/html")
	if err != nil {
		return List{}, fmt.Errorf("%w: %w", ErrNotBookmarks, err)
	}
	b := bookmarks{z: page.NewTokenizer(text)}
	if err := b.read(); err != nil {
		return List{}, err
	}
	return b.list, nil
}

// bookmarks walks through the file: <DT><H3> names the folder that the next <DL>
// holds, <DT><A> is a bookmark, and the <DD> after it a note.
type bookmarks struct {
	z       *page.Tokenizer
	list    List
	folders []string
	opened  []bool // whether each open <DL> has a name
	named   string // of the folder that is about to open
	noted   bool   // the text that follows is a note on the last line
}

func (b *bookmarks) read() error {
	for {
		switch b.z.Next() {
		case page.ErrorToken:
			if errors.Is(b.z.Err(), io.EOF) {
				return nil
			}
			return fmt.Errorf("%w: %w", ErrNotBookmarks, b.z.Err())
		case page.StartTagToken:
			if err := b.start(b.z.Token()); err != nil {
				return err
			}
		case page.EndTagToken:
			b.noted = false
			if t := b.z.Token(); t.Data == "dl" && len(b.opened) > 0 {
				if b.opened[len(b.opened)-1] {
					b.folders = b.folders[:len(b.folders)-1]
				}
				b.opened = b.opened[:len(b.opened)-1]
			}
		case page.TextToken:
			if n := len(b.list.Lines); b.noted && n > 0 {
				b.list.Lines[n-1].Note = short(b.list.Lines[n-1].Note + " " + string(b.z.Text()))
			}
		}
	}
}

func (b *bookmarks) start(t page.Token) error {
	b.noted = t.Data == "dd"
	switch t.Data {
	case "title", "h1":
		if title := short(b.text()); b.list.Title == "" {
			b.list.Title = title
		}
	case "h3":
		b.named = short(b.text())
	case "dl":
		b.opened = append(b.opened, b.named != "")
		if b.named != "" {
			b.folders = append(b.folders, b.named)
		}
		b.named = ""
		if len(b.opened) > 2*mostFolders {
			return ErrTooLarge
		}
	case "a":
		a := map[string]string{}
		for _, at := range t.Attr {
			a[at.Key] = at.Val
		}
		line := Line{Title: b.text(), Address: a["href"], Feed: a["feedurl"], Folders: b.folders}
		for _, tag := range strings.Split(a["tags"], ",") {
			if tag = short(tag); tag != "" {
				line.Tags = append(line.Tags, tag)
			}
		}
		if s, err := strconv.ParseInt(a["add_date"], 10, 64); err == nil && s > 0 {
			line.Added = fromEpoch(s)
		}
		return b.list.add(line)
	}
	return nil
}

// fromEpoch reads seconds since 1970, or the milli- or microseconds some write.
func fromEpoch(n int64) time.Time {
	for n > 1e11 {
		n /= 1000
	}
	return time.Unix(n, 0).UTC()
}

// text is the words up to the next tag.
func (b *bookmarks) text() string {
	if b.z.Next() == page.TextToken {
		return string(b.z.Text())
	}
	return ""
}

// WriteBookmarks writes a list as a file that every browser imports.
func WriteBookmarks(w io.Writer, l List) error {
	var b strings.Builder
	fmt.Fprintf(&b, "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=UTF-8\">\n<TITLE>%[1]s</TITLE>\n<H1>%[1]s</H1>\n<DL><p>\n", html.EscapeString(l.Title))
	var open []string
	for _, line := range l.Lines {
		same := 0
		for same < len(open) && same < len(line.Folders) && open[same] == line.Folders[same] {
			same++
		}
		for range len(open) - same {
			b.WriteString("</DL><p>\n")
		}
		open = append(open[:same:same], line.Folders[same:]...)
		for _, f := range line.Folders[same:] {
			fmt.Fprintf(&b, "<DT><H3>%s</H3>\n<DL><p>\n", html.EscapeString(f))
		}
		address := line.Address
		if address == "" {
			address = line.Feed
		}
		fmt.Fprintf(&b, "<DT><A HREF=\"%s\"", html.EscapeString(address))
		if line.Feed != "" {
			fmt.Fprintf(&b, " FEEDURL=\"%s\"", html.EscapeString(line.Feed))
		}
		if !line.Added.IsZero() {
			fmt.Fprintf(&b, " ADD_DATE=\"%d\"", line.Added.Unix())
		}
		if len(line.Tags) > 0 {
			fmt.Fprintf(&b, " TAGS=\"%s\"", html.EscapeString(strings.Join(line.Tags, ",")))
		}
		fmt.Fprintf(&b, ">%s</A>\n", html.EscapeString(line.Title))
		if line.Note != "" {
			fmt.Fprintf(&b, "<DD>%s\n", html.EscapeString(line.Note))
		}
	}
	for range len(open) + 1 {
		b.WriteString("</DL><p>\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
