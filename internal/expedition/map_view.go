package expedition

import (
	"context"
	"fmt"
	"io"
	"slices"

	"digiwork/internal/platform/i18n"

	"github.com/a-h/templ"
)

// mostDots is how many signs are drawn on one line; the rest is a number.
const mostDots = 18

// href is where something drawn leads; "" where it leads nowhere.
type href func(c *Card) string

// inside leads to the pages of an expedition.
func (b *Book) inside(c *Card) string { return path(b.ID, "cards", c.ID) }

// DrawMap draws the map: axes left and right of the subject, their themes, a dot for
// each sign.
func (b *Book) drawMap(ctx context.Context, m Map, lead href) string {
	nodes := slices.Concat(m.Axes, m.Loose)
	rows := (len(nodes) + 1) / 2
	tops := make([]float64, rows+1)
	for r := range rows {
		most := 1
		for _, n := range nodes[2*r : min(2*r+2, len(nodes))] {
			most = max(most, len(n.Themes))
		}
		tops[r+1] = tops[r] + 94 + 54*float64(most)
	}
	const width, middle = 960.0, 480.0
	height := max(tops[rows], 220)
	centre := height / 2
	d := &drawing{w: width, h: height, label: i18n.T(ctx, "expedition.map.drawn", "name", b.Name, "axes", len(m.Axes), "signals", m.Placed)}
	for i, n := range nodes {
		y := tops[i/2] + 60
		if i%2 == 0 {
			d.path("thread", fmt.Sprintf("M%s %sC410 %s 420 %s 340 %s", num(middle), num(centre), num(centre), num(y-6), num(y-6)))
		} else {
			d.path("thread", fmt.Sprintf("M%s %sC550 %s 540 %s 620 %s", num(middle), num(centre), num(centre), num(y-6), num(y-6)))
		}
		b.drawAxis(ctx, d, n, y, i%2 == 0, lead)
	}
	d.ground(middle, centre, 82)
	lines := wrap(b.Name, 16, 4)
	for i, l := range lines {
		d.text(middle, centre+6+26*(float64(i)-float64(len(lines)-1)/2), "middle", "t-big", 21, l)
	}
	return d.whole()
}

// drawAxis draws one axis with its themes; side mirrors it to the left.
func (b *Book) drawAxis(ctx context.Context, d *drawing, n Node, y float64, left bool, lead href) {
	x, spine, text, first, step, anchor := 630.0, 634.0, 654.0, 659.0, 13.0, "start"
	if left {
		x, spine, text, first, step, anchor = 330, 326, 306, 301, -13, "end"
	}
	d.link(lead(n.Card), "", func() {
		lines := wrap(n.Card.Title, 28, 2)
		for i, l := range lines {
			d.text(x, y-24*float64(len(lines)-1-i), anchor, "t-big", 21, l)
		}
	})
	if len(n.Themes) == 0 {
		b.drawSigns(ctx, d, n, x, first+(x-text), y+20, step, anchor)
		return
	}
	for i, t := range n.Themes {
		ty := y + 52 + 54*float64(i)
		d.path("thread", fmt.Sprintf("M%s %sV%sQ%s %s %s %s", num(spine), num(y+12), num(ty-10), num(spine), num(ty-4), num(spine+step-1), num(ty-4)))
		d.link(lead(t.Card), t.Card.Title+", "+i18n.N(ctx, "expedition.map.signals", t.Count()), func() {
			d.text(text, ty, anchor, "t-15", 15, short(t.Card.Title, 44))
			b.drawSigns(ctx, d, t, text, first, ty+17, step, anchor)
		})
	}
}

func (b *Book) drawSigns(ctx context.Context, d *drawing, n Node, text, first, y, step float64, anchor string) {
	count := len(n.Signals)
	if count == 0 {
		d.text(text, y+4, anchor, "t-soft", 14, i18n.T(ctx, "expedition.map.none"))
		return
	}
	for i := range min(count, mostDots) {
		d.dot(first+step*float64(i), y, 4)
	}
	if count > mostDots {
		d.text(first+step*mostDots, y+5, anchor, "t-soft", 14, fmt.Sprintf("+%d", count-mostDots))
	}
}

// drawn is a drawing as a part of a page. Everything in it went through the escaping
// of svg.go.
func drawn(svg string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, svg)
		return err
	})
}

// gapText says what is missing.
func gapText(ctx context.Context, g Gap) string {
	if g.Themes {
		return i18n.T(ctx, "expedition.map.gap.themes", "title", g.Card.Title)
	}
	return i18n.T(ctx, "expedition.map.gap.signals", "title", g.Card.Title)
}
