package outline

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/net/html/charset"
)

// ReadOPML reads the feeds and links of an OPML file, in any encoding it declares.
//
// ErrNotOPML, ErrTooLarge.
func ReadOPML(r io.Reader) (List, error) {
	raw, err := readAll(r)
	if err != nil {
		return List{}, err
	}
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.CharsetReader = charset.NewReaderLabel
	d.Strict = false // entities of HTML in titles are common
	d.Entity = xml.HTMLEntity
	var l List
	var folders []string
	var depth, outlines int
	var opened []bool // whether each open outline is a folder
	seen := false
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, _ := d.InputPos()
			return List{}, fmt.Errorf("%w: line %d: %w", ErrNotOPML, line, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			switch name := strings.ToLower(t.Name.Local); {
			case depth == 1 && name != "opml":
				return List{}, fmt.Errorf("%w: it begins with <%s>", ErrNotOPML, short(t.Name.Local))
			case depth == 1:
				seen = true
			case name == "title" && outlines == 0:
				var title string
				if err := d.DecodeElement(&title, &t); err != nil {
					return List{}, fmt.Errorf("%w: %w", ErrNotOPML, err)
				}
				depth--
				l.Title = short(title)
			case name == "outline":
				outlines++
				folder, err := l.outline(t, folders)
				if err != nil {
					return List{}, err
				}
				opened = append(opened, folder != "")
				if folder != "" {
					folders = append(folders, folder)
				}
				if len(folders) > mostFolders || depth > 4*mostFolders {
					return List{}, ErrTooLarge
				}
			}
		case xml.EndElement:
			depth--
			if strings.EqualFold(t.Name.Local, "outline") && len(opened) > 0 {
				if opened[len(opened)-1] {
					folders = folders[:len(folders)-1]
				}
				opened = opened[:len(opened)-1]
			}
		}
	}
	if !seen {
		return List{}, ErrNotOPML
	}
	return l, nil
}

// outline keeps an element that has an address; one that has none is a folder.
func (l *List) outline(t xml.StartElement, folders []string) (folder string, err error) {
	a := map[string]string{}
	for _, at := range t.Attr {
		a[strings.ToLower(at.Name.Local)] = at.Value
	}
	title := short(a["text"])
	if title == "" {
		title = short(a["title"])
	}
	line := Line{Title: title, Feed: a["xmlurl"], Address: a["htmlurl"], Note: a["description"], Folders: folders}
	if line.Address == "" {
		line.Address = a["url"]
	}
	if line.Feed == "" && line.Address == "" {
		if title == "" {
			title = "…"
		}
		return title, nil
	}
	line.Added, _ = parseTime(a["created"]) //nolint:errcheck // a date nobody can read is no date
	return "", l.add(line)
}

func parseTime(s string) (time.Time, error) {
	var err error
	for _, layout := range []string{time.RFC1123, time.RFC1123Z, time.RFC3339, "Mon, _2 Jan 2006 15:04:05 MST"} {
		var t time.Time
		if t, err = time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, err
}

// WriteOPML writes a list as OPML 2.0, its folders as nested outlines in the order
// of their first line.
func WriteOPML(w io.Writer, l List) error {
	type outline struct {
		Text     string     `xml:"text,attr"`
		Title    string     `xml:"title,attr,omitempty"`
		Type     string     `xml:"type,attr,omitempty"`
		Feed     string     `xml:"xmlUrl,attr,omitempty"`
		Address  string     `xml:"htmlUrl,attr,omitempty"`
		URL      string     `xml:"url,attr,omitempty"`
		Note     string     `xml:"description,attr,omitempty"`
		Created  string     `xml:"created,attr,omitempty"`
		Outlines []*outline `xml:"outline"`
	}
	root := &outline{}
	place := map[string]*outline{"": root}
	for _, line := range l.Lines {
		parent, path := root, ""
		for _, f := range line.Folders {
			path += f + "\x00"
			if place[path] == nil {
				place[path] = &outline{Text: f}
				parent.Outlines = append(parent.Outlines, place[path])
			}
			parent = place[path]
		}
		o := &outline{Text: line.Title, Note: line.Note}
		if line.Feed != "" {
			o.Title, o.Type, o.Feed, o.Address = line.Title, "rss", line.Feed, line.Address
		} else {
			o.Type, o.URL = "link", line.Address
		}
		if !line.Added.IsZero() {
			o.Created = line.Added.UTC().Format(time.RFC1123)
		}
		parent.Outlines = append(parent.Outlines, o)
	}
	file := struct {
		XMLName xml.Name   `xml:"opml"`
		Version string     `xml:"version,attr"`
		Title   string     `xml:"head>title"`
		Body    []*outline `xml:"body>outline"`
	}{Version: "2.0", Title: l.Title, Body: root.Outlines}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	return errors.Join(e.Encode(file), e.Close())
}
