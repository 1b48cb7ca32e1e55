package workshop

import (
	"context"
	"fmt"
	"html"
	"math"
	"net/url"
	"strconv"
	"strings"

	"digiwork/internal/platform/i18n"

	"rsc.io/qr"
)

// Record is what a table said, as its file. What is not revealed is not in it; no seat
// can be told from another.
func Record(b Board) map[string]any {
	roles, stakes := []string{}, []string{}
	for _, r := range b.Roles {
		roles = append(roles, r.Title)
	}
	for _, k := range b.Stakes {
		stakes = append(stakes, k.Title)
	}
	ideas := []map[string]any{}
	for _, d := range b.Ideas {
		ideas = append(ideas, map[string]any{"words": d.Words, "dots": d.Dots})
	}
	out := map[string]any{"name": b.Name, "phase": b.Phase, "roles": roles, "stakes": stakes, "ideas": ideas, "minutes": b.Minutes, "revealed": b.Reveal}
	if b.Reveal {
		out["mao"], out["mid"], out["words"] = means(b.Play.Positions), means(b.Play.Pressures), b.Play.Words
	}
	return out
}

// means are the cells as the file of MACTOR has them; null where nobody entered.
func means(of [][]Cell) [][]any {
	out := make([][]any, len(of))
	for i := range of {
		out[i] = make([]any, len(of[i]))
		for j, c := range of[i] {
			if c.N > 0 {
				out[i][j] = math.Round(c.Mean*100) / 100
			}
		}
	}
	return out
}

// said is a cell in words: the mean, and how far apart its seats lie.
func (c Cell) said(ctx context.Context) string {
	switch {
	case c.N == 0:
		return "–"
	case c.Min == c.Max:
		return i18n.Decimal(ctx, c.Mean, 0)
	}
	return i18n.T(ctx, "workshop.cell", "mean", i18n.Decimal(ctx, c.Mean, 1), "min", strconv.Itoa(c.Min), "max", strconv.Itoa(c.Max))
}

// alliances draws who stands with whom: a circle of roles, a full line between allies,
// a broken one between adversaries, the wider the more they agree or differ.
func alliances(ctx context.Context, b Board) string {
	r := b.Play.Result
	if r == nil {
		return ""
	}
	const width, height, radius = 640, 420, 150
	n := len(b.Roles)
	at := func(i int) (x, y float64) {
		turn := 2*math.Pi*float64(i)/float64(n) - math.Pi/2
		return width/2 + radius*1.25*math.Cos(turn), height/2 + radius*math.Sin(turn)
	}
	most := 1.0
	for i := range n {
		for j := range n {
			most = max(most, math.Abs(r.Positions[1].CAA[i][j]-r.Positions[1].DAA[i][j]))
		}
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg viewBox="0 0 %d %d" role="img" aria-labelledby="alliances-name"><title id="alliances-name">%s</title>`, width, height, html.EscapeString(i18n.T(ctx, "workshop.alliances")))
	for i := range n {
		for j := i + 1; j < n; j++ {
			net := r.Positions[1].CAA[i][j] - r.Positions[1].DAA[i][j]
			if math.Abs(net) < 0.25 {
				continue
			}
			x1, y1 := at(i)
			x2, y2 := at(j)
			dash := ""
			if net < 0 {
				dash = ` stroke-dasharray="6 6"`
			}
			fmt.Fprintf(&s, `<line x1="%.0f" y1="%.0f" x2="%.0f" y2="%.0f" stroke="currentColor" stroke-opacity="0.55" stroke-width="%.1f"%s/>`, x1, y1, x2, y2, 1+5*math.Abs(net)/most, dash)
		}
	}
	for i, role := range b.Roles {
		x, y := at(i)
		fmt.Fprintf(&s, `<circle cx="%.0f" cy="%.0f" r="%.1f" class="open"/>`, x, y, 7+6*math.Sqrt(max(r.R[i], 0)))
		anchor, dx := "middle", 0.0
		if math.Abs(x-width/2) > 20 {
			anchor, dx = "start", 18
			if x < width/2 {
				anchor, dx = "end", -18
			}
		}
		dy := 5.0
		if anchor == "middle" {
			if dy = 34; y < height/2 {
				dy = -24
			}
		}
		fmt.Fprintf(&s, `<text x="%.0f" y="%.0f" text-anchor="%s" font-size="15">%s</text>`, x+dx, y+dy, anchor, html.EscapeString(short(role.Title, 22)))
	}
	s.WriteString(`</svg>`)
	return s.String()
}

func short(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// code draws an address as a QR code: squares, no script, no picture to fetch.
func code(address, name string) string {
	c, err := qr.Encode(address, qr.M)
	if err != nil {
		return "" // longer than a code can hold: the address is written beside it
	}
	const quiet = 4
	var path strings.Builder
	for y := range c.Size {
		for x := range c.Size {
			if c.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	side := c.Size + 2*quiet
	return fmt.Sprintf(`<svg viewBox="0 0 %d %d" width="220" height="220" role="img" aria-label="%s"><rect width="%d" height="%d" fill="#fff"/><path d="%s" fill="#000"/></svg>`,
		side, side, html.EscapeString(name), side, side, path.String())
}

// drawing is what this file drew: every text in it is escaped.
func drawing(svg string) string { return svg }

// typed is what was typed in a field that came back, else what the seat entered.
func typed(form url.Values, m *Mine, kind Kind, target string) string {
	name := string(kind)
	if target != "" {
		name += "." + target
	}
	if form != nil {
		return form.Get(name)
	}
	if m == nil {
		return ""
	}
	e, ok := m.Entries[kind][target]
	switch {
	case !ok:
		return ""
	case kind == Words:
		return e.Words
	}
	return strconv.Itoa(e.Value)
}
