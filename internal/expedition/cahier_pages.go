package expedition

import (
	"bytes"
	"embed"
	"html/template"
	"strconv"

	"digiwork/internal/platform/i18n"
)

//go:embed cahier/*
var cahierFiles embed.FS

// leaf is a page of a cahier.
type leaf struct {
	*cahier
	Title   string
	Chapter *Chapter
	Here    int // number of the chapter, from 1; 0 on others
	Suffix  string
}

// T says a sentence in the cahier's language.
func (l leaf) T(key string) string { return i18n.T(l.ctx, key) }

// Term is T before what it is.
func (l leaf) Term(key string) string { return term(l.ctx, l.T(key)) }

// Names are the people who took part.
func (l leaf) Names() string { return i18n.List(l.ctx, l.Credits...) }

// Page is the name of a chapter's page.
func (l leaf) Page(i int) string { return chapterFile(i) + l.Suffix }

// Map is the drawing of the map: made by svg.go, which escapes every text.
func (l leaf) Map() template.HTML { return template.HTML(l.Drawing) } //nolint:gosec // see svg.go

// Where leads to the section of a card.
func (l leaf) Where(id string) string {
	for i, ch := range l.Chapters {
		for _, s := range ch.Sections {
			if s.ID == id {
				if i+1 == l.Here {
					return "#" + id
				}
				return l.Page(i+1) + "#" + id
			}
		}
	}
	return ""
}

func chapterFile(i int) string { return "chapter-" + strconv.Itoa(i) }

var cahierTemplates = template.Must(template.New("cahier").Funcs(template.FuncMap{"inc": func(i int) int { return i + 1 }}).ParseFS(cahierFiles, "cahier/*.html"))

// write renders a page by the name of its template.
func (l leaf) write(name string) ([]byte, error) {
	var out bytes.Buffer
	err := cahierTemplates.ExecuteTemplate(&out, name, l)
	return out.Bytes(), err
}

// site is a zip of pages without script that open by themselves.
func (c *cahier) site() ([]byte, error) {
	index, err := leaf{cahier: c, Title: c.Name, Suffix: ".html"}.write("index.html")
	if err != nil {
		return nil, err
	}
	style, err := cahierFiles.ReadFile("cahier/style.css")
	if err != nil {
		return nil, err
	}
	files := []entry{{name: "index.html", body: index}, {name: "style.css", body: style}}
	for i := range c.Chapters {
		page, err := leaf{c, c.Chapters[i].Title, &c.Chapters[i], i + 1, ".html"}.write("chapter.html")
		if err != nil {
			return nil, err
		}
		files = append(files, entry{name: chapterFile(i+1) + ".html", body: page})
	}
	sources, err := leaf{cahier: c, Title: i18n.T(c.ctx, "expedition.cahier.sources"), Suffix: ".html"}.write("sources.html")
	if err != nil {
		return nil, err
	}
	files = append(files, entry{name: "sources.html", body: sources}, entry{name: "map.opml", body: c.Outline}, entry{name: "expedition.json", body: c.File})
	if c.Drawing != "" {
		files = append(files, entry{name: "map.svg", body: []byte(c.Drawing)})
	}
	return c.zipped(files)
}

// slides is one page: a card a slide, which prints a card a sheet.
func (c *cahier) slides() ([]byte, error) {
	return leaf{cahier: c, Title: c.Name}.write("slides.html")
}

// epub is EPUB 3.3. Its identifier is made of its content.
func (c *cahier) epub() ([]byte, error) {
	files := []entry{
		{name: "mimetype", body: []byte("application/epub+zip"), plain: true},
		{name: "META-INF/container.xml", body: []byte(container)},
	}
	book := epubLeaf{leaf{cahier: c, Title: c.Name, Suffix: ".xhtml"}}
	for _, name := range []string{"package.opf", "nav.xhtml", "cover.xhtml"} {
		body, err := book.render(name)
		if err != nil {
			return nil, err
		}
		files = append(files, entry{name: "EPUB/" + name, body: body})
	}
	for i := range c.Chapters {
		body, err := epubLeaf{leaf{c, c.Chapters[i].Title, &c.Chapters[i], i + 1, ".xhtml"}}.render("chapter.xhtml")
		if err != nil {
			return nil, err
		}
		files = append(files, entry{name: "EPUB/" + chapterFile(i+1) + ".xhtml", body: body})
	}
	body, err := epubLeaf{leaf{cahier: c, Title: i18n.T(c.ctx, "expedition.cahier.sources"), Suffix: ".xhtml"}}.render("sources.xhtml")
	if err != nil {
		return nil, err
	}
	style, err := cahierFiles.ReadFile("cahier/style.css")
	if err != nil {
		return nil, err
	}
	files = append(files, entry{name: "EPUB/sources.xhtml", body: body}, entry{name: "EPUB/style.css", body: style})
	return c.zipped(files)
}

const container = `<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
`
