package office

import (
	"bytes"
	"strconv"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
)

// A4, in millimetres, and sizes of letters, in points.
const (
	margin    = 22.0
	bodySize  = 10.5
	noteSize  = 8.5
	lead      = 5.4 // between lines of text
	noteLead  = 4.2
	cellLead  = 4.6
	family    = "go"
	indent    = 5.0
	afterText = 2.2
)

var headSizes = [...]float64{16, 13, 11}

// PDF writes the document as PDF 1.x on A4, with its fonts inside and an outline of its
// headings; it says how many pages that makes.
func PDF(d Document) (raw []byte, pages int, err error) {
	p := &printer{Fpdf: fpdf.New("P", "mm", "A4", "")}
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(true, margin)
	p.SetCompression(true)
	p.SetCatalogSort(true)
	p.SetCreationDate(d.At.UTC())
	p.SetModificationDate(d.At.UTC())
	p.SetTitle(d.Title, true)
	p.SetAuthor(d.Author, true)
	p.SetLang(d.Lang)
	p.AddUTF8FontFromBytes(family, "", goregular.TTF)
	p.AddUTF8FontFromBytes(family, "B", gobold.TTF)
	p.AddUTF8FontFromBytes(family, "I", goitalic.TTF)
	p.AliasNbPages("")
	p.SetFooterFunc(func() {
		p.SetY(-14)
		p.SetFont(family, "", noteSize)
		p.CellFormat(0, 5, printable(strings.TrimSpace(d.Foot+"   "+strconv.Itoa(p.PageNo())))+" / {nb}", "", 0, "C", false, 0, "")
	})
	p.AddPage()
	p.write("B", 22, 10, d.Title, 4)
	for _, k := range d.Blocks {
		p.block(k)
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, 0, err
	}
	return out.Bytes(), p.PageCount(), nil
}

type printer struct{ *fpdf.Fpdf }

func (p *printer) write(style string, size, height float64, text string, after float64) {
	p.SetFont(family, style, size)
	p.MultiCell(0, height, printable(text), "", "L", false)
	p.Ln(after)
}

func (p *printer) block(k Block) {
	switch {
	case k.Heading != nil:
		level := min(max(k.Heading.Level, 1), 3)
		size := headSizes[level-1]
		if _, height := p.GetPageSize(); p.GetY() > height-margin-30 {
			p.AddPage() // a heading does not end a page
		}
		p.Ln(size / 5)
		p.Bookmark(printable(k.Heading.Text), level-1, -1)
		p.write("B", size, size/2, k.Heading.Text, 1.6)
	case k.List != nil:
		p.SetFont(family, "", bodySize)
		for _, s := range k.List {
			p.SetX(margin)
			p.CellFormat(indent, lead, "•", "", 0, "L", false, 0, "")
			p.SetLeftMargin(margin + indent)
			p.MultiCell(0, lead, printable(s), "", "L", false)
			p.SetLeftMargin(margin)
		}
		p.Ln(afterText)
	case k.Table != nil:
		p.table(k.Table)
	case k.Break:
		p.AddPage()
	case k.Note != "":
		p.write("", noteSize, noteLead, k.Note, afterText)
	default:
		p.write("", bodySize, lead, k.Text, afterText)
	}
}

// table draws rows that break over pages whole, and repeats the heads on each page.
func (p *printer) table(t *Table) {
	width, height := p.GetPageSize()
	parts := t.Widths
	if parts == nil {
		for range t.Heads {
			parts = append(parts, 1)
		}
	}
	sum := 0
	for _, n := range parts {
		sum += n
	}
	widths := make([]float64, len(parts))
	for i, n := range parts {
		widths[i] = (width - 2*margin) * float64(n) / float64(sum)
	}
	p.row("B", widths, t.Heads)
	for _, r := range t.Rows {
		p.SetFont(family, "", noteSize)
		if p.GetY()+p.tall(widths, r) > height-margin {
			p.AddPage()
			p.row("B", widths, t.Heads)
		}
		p.row("", widths, r)
	}
	p.Ln(afterText * 2)
}

// tall is how high a row is.
func (p *printer) tall(widths []float64, cells []string) float64 {
	most := 1
	for i, c := range cells {
		most = max(most, len(p.SplitText(printable(c), widths[i]-2)))
	}
	return float64(most)*cellLead + 2
}

func (p *printer) row(style string, widths []float64, cells []string) {
	p.SetFont(family, style, noteSize)
	_, page := p.GetPageSize()
	height := min(p.tall(widths, cells), page-2*margin)
	x, y := p.GetXY()
	p.SetDrawColor(140, 140, 140)
	for i, c := range cells {
		p.Rect(x, y, widths[i], height, "D")
		p.SetXY(x, y+1)
		p.MultiCell(widths[i], cellLead, printable(c), "", "L", false)
		x += widths[i]
	}
	p.SetXY(margin, y+height)
}

// printable replaces what the fonts have no sign for, and what is no letter at all.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r == 0x202F, r == 0x2009, r == 0x2007:
			return 0xA0
		case r == 0x2011:
			return '-'
		case r < ' ', r == 0x200B, r == 0xFEFF, r == 0xAD:
			return -1
		case r > 0xFFFF: // the fonts end there
			return '?'
		}
		return r
	}, s)
}
