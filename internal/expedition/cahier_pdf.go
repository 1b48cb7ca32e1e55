package expedition

import (
	"bytes"
	"fmt"
	"strings"

	"digiwork/internal/platform/i18n"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// pdf is the cahier to print, A4, in the Go fonts, which hold every letter of French.
// The pages of the site are its accessible version.
func (c *cahier) pdf() ([]byte, error) {
	p := &printer{Fpdf: fpdf.New("P", "mm", "A4", ""), cahier: c}
	p.SetCreationDate(c.stamp())
	p.SetModificationDate(c.stamp())
	p.SetCatalogSort(true)
	p.SetTitle(c.Name, true)
	p.SetLang(c.Lang)
	p.SetMargins(22, 20, 22)
	p.SetAutoPageBreak(true, 22)
	p.AddUTF8FontFromBytes("go", "", goregular.TTF)
	p.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	p.SetFooterFunc(func() {
		p.SetY(-15)
		p.SetFont("go", "", 8)
		p.CellFormat(0, 5, fmt.Sprintf("%s, %d", printable(short(c.Name, 80)), p.PageNo()), "", 0, "C", false, 0, "")
	})
	p.cover()
	for i := range c.Chapters {
		p.chapter(&c.Chapters[i])
	}
	p.sources()
	var out bytes.Buffer
	err := p.Output(&out)
	return out.Bytes(), err
}

type printer struct {
	*fpdf.Fpdf
	cahier *cahier
}

// printable leaves out what the fonts have no shape for, and narrow spaces become
// ordinary no-break ones.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\u202f':
			return '\u00a0'
		case c == '\n' || c >= ' ' && c < 0x2500 && c != '\u2060':
			return c
		}
		return -1
	}, s)
}

func (p *printer) block(style string, size, line float64, text string) {
	p.SetFont("go", style, size)
	p.MultiCell(0, line, printable(text), "", "L", false)
}

func (p *printer) cover() {
	p.AddPage()
	p.SetY(80)
	p.block("", 28, 12, p.cahier.Name)
	p.Ln(4)
	if p.cahier.Question != "" {
		p.block("", 13, 6.5, p.cahier.Question)
	}
	p.Ln(10)
	for _, line := range []string{p.cahier.Origin, p.cahier.Licence, i18n.List(p.cahier.ctx, p.cahier.Credits...), p.cahier.Date} {
		if line != "" {
			p.block("", 9.5, 5, line)
		}
	}
}

func (p *printer) chapter(ch *Chapter) {
	p.AddPage()
	p.Bookmark(printable(ch.Title), 0, -1)
	p.block("", 22, 10, ch.Title)
	for _, s := range ch.Sections {
		p.section(s)
	}
}

func (p *printer) section(s Section) {
	if p.GetY() > 245 {
		p.AddPage()
	}
	p.Ln(6)
	p.Bookmark(printable(short(s.Title, 90)), 1, -1)
	if s.Kind != "" {
		p.block("", 8.5, 4.5, s.Kind)
	}
	p.block("B", 12.5, 6, s.Title)
	for _, l := range s.Lines {
		p.block("", 9, 4.6, l)
	}
	for _, t := range s.Text {
		p.Ln(1)
		if t.Label != "" {
			p.block("B", 9, 4.6, t.Label)
		}
		p.block("", 10.5, 5.2, t.Text)
	}
	for _, l := range s.Lean {
		text := l.Label + " " + l.Title
		if l.URL != "" && l.URL != l.Title {
			text += ", " + l.URL
		}
		p.block("", 8.5, 4.4, text)
	}
}

func (p *printer) sources() {
	if len(p.cahier.Sources) == 0 {
		return
	}
	p.AddPage()
	title := i18n.T(p.cahier.ctx, "expedition.cahier.sources")
	p.Bookmark(printable(title), 0, -1)
	p.block("", 22, 10, title)
	for _, r := range p.cahier.Sources {
		p.Ln(2)
		p.block("", 10, 5, r.Title)
		p.block("", 8.5, 4.4, r.URL)
	}
}
