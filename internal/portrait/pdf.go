package portrait

import (
	"bytes"
	"context"
	"strings"
	"time"

	"digiwork/internal/platform/i18n"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// A4 in millimetres, letters in points.
const (
	pdfMargin = 20.0
	pdfWide   = 210 - 2*pdfMargin
	pdfDates  = 34.0 // the column of dates
	pdfFamily = "go"

	legendLead = 4.2 // between lines of the legend
)

// printer writes a portrait on A4.
type printer struct {
	*fpdf.Fpdf
	ctx context.Context
}

// PDF writes the portrait on A4 with its font inside. ctx says the language of
// words; at is noted as the date of the document. Who reads with a screen reader
// reads the page instead: the file has no structure beyond its lines.
func (p *Portrait) PDF(ctx context.Context, at time.Time) ([]byte, error) {
	d := &printer{fpdf.New("P", "mm", "A4", ""), ctx}
	d.SetMargins(pdfMargin, pdfMargin, pdfMargin)
	d.SetAutoPageBreak(true, pdfMargin)
	d.SetCatalogSort(true)
	d.SetCellMargin(0)
	d.SetCreationDate(at.UTC())
	d.SetModificationDate(at.UTC())
	d.SetTitle(printable(p.title(ctx)), true)
	d.SetLang(p.Language)
	d.AddUTF8FontFromBytes(pdfFamily, "", goregular.TTF)
	d.AddUTF8FontFromBytes(pdfFamily, "B", gobold.TTF)
	d.AliasNbPages("")
	d.SetFooterFunc(func() {
		d.SetY(-13)
		d.letters("", 8.5, soft)
		d.CellFormat(0, 5, printable(i18n.T(ctx, "portrait.pdf.page", "n", d.PageNo()))+" / {nb}", "", 0, "C", false, 0, "")
	})
	d.AddPage()
	d.head(p)
	for _, part := range p.Parts {
		d.part(part)
	}
	d.legend(p)
	var out bytes.Buffer
	if err := d.Output(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// title names the document.
func (p *Portrait) title(ctx context.Context) string {
	if p.Name != "" {
		return p.Name
	}
	return i18n.T(ctx, "portrait.cv")
}

// colour is red, green, blue: those of the light page.
type colour [3]int

var (
	ink    = colour{0x23, 0x1f, 0x1a}
	soft   = colour{0x52, 0x49, 0x3e}
	line   = colour{0xdd, 0xd3, 0xc1}
	accent = colour{0x77, 0x56, 0x00}

	sourceColours = map[Source]colour{Told: {0x5d, 0x51, 0x40}, Imported: {0x5d, 0x51, 0x40}, Peers: {0x45, 0x46, 0x9a}, Seal: {0x1d, 0x66, 0x3a}}
)

func (d *printer) letters(style string, size float64, c colour) {
	d.SetFont(pdfFamily, style, size)
	d.SetTextColor(c[0], c[1], c[2])
}

// say writes a text between the margins at x, and goes below it.
func (d *printer) say(x, lead float64, text string) {
	if text = printable(strings.TrimSpace(text)); text == "" {
		return
	}
	d.SetX(x)
	d.MultiCell(pdfMargin+pdfWide-x, lead, text, "", "L", false)
}

func (d *printer) head(p *Portrait) {
	d.letters("", 24, ink)
	d.say(pdfMargin, 10, p.title(d.ctx))
	if p.Headline != "" {
		d.letters("", 13, soft)
		d.say(pdfMargin, 6.5, p.Headline)
	}
	var contacts []string
	for _, c := range p.Contacts {
		contacts = append(contacts, c.Text)
	}
	d.letters("", 9.5, soft)
	d.Ln(1.5)
	d.say(pdfMargin, 5, strings.Join(contacts, "   "))
	if p.About != "" {
		d.Ln(3)
		d.letters("", 10.5, ink)
		d.say(pdfMargin, 5.4, p.About)
	}
}

func (d *printer) part(part Part) {
	d.Ln(5)
	d.room(24)
	d.letters("", 14, accent)
	d.say(pdfMargin, 7, i18n.T(d.ctx, "portrait.part_"+string(part.Name)))
	d.rule(accent, 0.4)
	for i := range part.Lines {
		if i > 0 {
			d.rule(line, 0.2)
		}
		d.line(&part.Lines[i])
	}
}

// room begins a new page unless that much is left on this one.
func (d *printer) room(high float64) {
	if _, tall := d.GetPageSize(); d.GetY()+high > tall-pdfMargin {
		d.AddPage()
	}
}

func (d *printer) rule(c colour, width float64) {
	y := d.GetY() + 1.2
	d.SetDrawColor(c[0], c[1], c[2])
	d.SetLineWidth(width)
	d.Line(pdfMargin, y, pdfMargin+pdfWide, y)
	d.SetY(y + 2)
}

func (d *printer) line(l *Line) {
	d.room(18)
	x, page, top := pdfMargin, d.PageNo(), d.GetY()
	if w := when(d.ctx, l); w != "" {
		d.letters("", 9.5, soft)
		d.MultiCell(pdfDates-4, 4.8, printable(w), "", "L", false)
		x += pdfDates
	}
	low := d.GetY()
	d.SetY(top)
	d.letters("B", 11, ink)
	d.say(x, 5.4, l.Title)
	d.letters("", 9.5, soft)
	d.say(x, 4.8, facts(d.ctx, l))
	d.letters("", 10, ink)
	d.say(x, 5.1, l.Purpose)
	d.say(x, 5.1, l.Text)
	d.letters("", 9, soft)
	d.say(x, 4.6, strings.Join(l.Tags, "   "))
	d.mark(x, l)
	if d.PageNo() == page {
		d.SetY(max(low, d.GetY()))
	}
}

// mark draws where a line comes from: a shape, then the word, then a colour.
func (d *printer) mark(x float64, l *Line) {
	d.room(6)
	y := d.GetY() + 2.6
	c := sourceColours[l.Source]
	d.SetDrawColor(c[0], c[1], c[2])
	d.SetLineWidth(0.3)
	switch l.Source {
	case Peers:
		d.Circle(x+1.2, y, 1.1, "D")
		d.Circle(x+2.6, y, 1.1, "D")
	case Seal:
		d.Rect(x+0.4, y-1.4, 2.8, 2.8, "D")
		d.Rect(x+1.1, y-0.7, 1.4, 1.4, "D")
	case Told, Imported:
		d.SetDashPattern([]float64{0.6, 0.5}, 0)
		d.Circle(x+1.6, y, 1.4, "D")
		d.SetDashPattern(nil, 0)
	}
	d.letters("", 9, c)
	d.say(x+5, 5, l.mark(d.ctx))
}

// legend says what the marks mean, and under which promise the face was shown.
func (d *printer) legend(p *Portrait) {
	var says []string
	for _, s := range []Source{Seal, Peers, Told} {
		says = append(says, i18n.T(d.ctx, "portrait.legend_"+string(s)))
	}
	says = append(says, p.notices()...)
	if !p.Until.IsZero() {
		says = append(says, i18n.T(d.ctx, "portrait.shown_until", "day", i18n.FullDay(d.ctx, p.Until), "words", p.Purpose))
	}
	d.Ln(3)
	d.room(legendLead * float64(len(says)))
	d.letters("", 8.5, soft)
	for _, s := range says {
		d.say(pdfMargin, legendLead, s)
	}
}

// printable replaces what the font has no sign for, and what is no letter at all.
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
		case r > 0xFFFF: // the font ends there
			return '?'
		}
		return r
	}, s)
}
