package expedition

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// The colours of a drawing that stands alone; on our pages the style sheet wins over
// these attributes.
const (
	inkColour    = "#231f1a"
	softColour   = "#52493e"
	accentColour = "#3c4a9d"
	sheetColour  = "#fffdf9"
	lineColour   = "#ddd3c1"
)

// drawing writes SVG. Every text goes through its escaping.
type drawing struct {
	strings.Builder
	class string // of the svg, for pages
	w, h  float64
	label string
}

// whole is the drawing as an element.
func (d *drawing) whole() string {
	class := ""
	if d.class != "" {
		class = ` class="` + d.class + `"`
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg"%s viewBox="0 0 %s %s" width="%s" height="%s" role="group" aria-label="%s" font-family="serif">`,
		class, num(d.w), num(d.h), num(d.w), num(d.h), html.EscapeString(d.label)) + d.String() + "</svg>"
}

// num is a number as short as half a pixel allows.
func num(v float64) string {
	s := fmt.Sprintf("%.1f", math.Round(v*10)/10)
	return strings.TrimSuffix(s, ".0")
}

func (d *drawing) text(x, y float64, anchor, class string, size int, s string) {
	fill := inkColour
	if class == "t-soft" {
		fill = softColour
	}
	fmt.Fprintf(d, `<text class="%s" x="%s" y="%s" text-anchor="%s" font-size="%d" fill="%s">%s</text>`, class, num(x), num(y), anchor, size, fill, html.EscapeString(s))
}

func (d *drawing) path(class, points string) {
	fmt.Fprintf(d, `<path class="%s" fill="none" stroke="%s" d="%s"/>`, class, accentColour, points)
}

func (d *drawing) dot(x, y, r float64) {
	fmt.Fprintf(d, `<circle class="dot" cx="%s" cy="%s" r="%s" fill="%s"/>`, num(x), num(y), num(r), accentColour)
}

func (d *drawing) ground(x, y, r float64) {
	fmt.Fprintf(d, `<circle class="ground" cx="%s" cy="%s" r="%s" fill="%s" stroke="%s"/>`, num(x), num(y), num(r), sheetColour, lineColour)
}

// link draws inside an anchor; without an address it draws without one.
func (d *drawing) link(href, title string, draw func()) {
	if href != "" {
		fmt.Fprintf(d, `<a href="%s">`, html.EscapeString(href))
	}
	if title != "" {
		d.WriteString("<title>" + html.EscapeString(title) + "</title>")
	}
	draw()
	if href != "" {
		d.WriteString("</a>")
	}
}

// short is s cut to so many characters, with a sign that it was.
func short(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return strings.TrimRight(string(r[:most-1]), " ,;:") + "…"
}

// wrap cuts s into lines of at most so many characters, between words, at most so many
// lines; the last one says if more was there.
func wrap(s string, most, lines int) []string {
	var all []string
	line := ""
	for w := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = w
		case len([]rune(line))+1+len([]rune(w)) <= most:
			line += " " + w
		default:
			all, line = append(all, line), w
		}
	}
	if line != "" {
		all = append(all, line)
	}
	if len(all) > lines {
		all = all[:lines]
		all[lines-1] = short(all[lines-1]+" …", most)
		if !strings.HasSuffix(all[lines-1], "…") {
			all[lines-1] += "…"
		}
	}
	for i := range all {
		all[i] = short(all[i], most)
	}
	return all
}
