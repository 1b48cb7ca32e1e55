package recognition

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// drawing is the map at one width: what she did on the left, what it shows on the
// right, a thread between them. Words keep their size, so each width has its own.
type drawing struct {
	Width, Height int
	Left, Right   []node
	Threads       []string // paths
}

// node is a name in the drawing, on at most three lines, from the top down.
type node struct {
	Lines   []string
	Text    []int // y of each line
	X, Y    int   // of its words, and of the middle of its mark
	Dot     int   // x of its mark
	Sources []shape
}

// shape is a mark of provenance: of what source, and where.
type shape struct {
	Source Source
	X      int
}

// Sizes, in units of the drawing.
const (
	lineHigh   = 18
	nodeGap    = 16
	markWide   = 18
	glyph      = 7.4 // a letter of 14 px, on the average
	drawnMost  = 40  // competences drawn; the table has all
	linesOf    = 3
	drawMargin = 12
)

// draw lays out the map at a width.
func (m *Map) draw(width int) drawing {
	rows := m.Rows[:min(len(m.Rows), drawnMost)]
	marks := 0
	for i := range rows {
		marks = max(marks, len(rows[i].Sources())*markWide)
	}
	gap := width / 6
	left, right := (width-gap)*2/5, (width-gap)*3/5-marks
	d := drawing{Width: width}
	y := drawMargin
	for _, c := range m.Shown {
		n := newNode(c.Title, left, &y)
		n.X, n.Dot = left, left+8
		d.Left = append(d.Left, n)
	}
	high := y
	y = drawMargin
	for i := range rows {
		n := newNode(rows[i].Title, right, &y)
		n.Dot = left + gap
		x := n.Dot
		for _, p := range rows[i].Sources() {
			n.Sources = append(n.Sources, shape{p, x})
			x += markWide
		}
		n.X = n.Dot + marks
		d.Right = append(d.Right, n)
	}
	d.Height = max(high, y)
	spread(d.Left, d.Height)
	spread(d.Right, d.Height)
	for i := range rows {
		for k, c := range m.Shown {
			if slices.Contains(rows[i].Links, c.ID) {
				d.Threads = append(d.Threads, thread(d.Left[k], d.Right[i]))
			}
		}
	}
	return d
}

// newNode places a name below what is already there.
func newNode(name string, wide int, y *int) node {
	n := node{Lines: wrapped(name, int(float64(wide)/glyph), linesOf)}
	for i := range n.Lines {
		n.Text = append(n.Text, *y+lineHigh*i+lineHigh*3/4)
	}
	n.Y = *y + len(n.Lines)*lineHigh/2
	*y += len(n.Lines)*lineHigh + nodeGap
	return n
}

// spread moves a column down so that it is as high as the other one.
func spread(column []node, high int) {
	if len(column) == 0 {
		return
	}
	last := column[len(column)-1]
	used := last.Y + len(last.Lines)*lineHigh/2 + nodeGap
	step := (high - used) / len(column)
	for i := range column {
		by := step*i + step/2
		column[i].Y += by
		for k := range column[i].Text {
			column[i].Text[k] += by
		}
	}
}

func thread(from, to node) string {
	x1, x2 := from.Dot+6, to.Dot-6
	half := (x1 + x2) / 2
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, from.Y, half, from.Y, half, to.Y, x2, to.Y)
}

// wrapped breaks a name into lines of at most wide letters; what does not fit ends
// in an ellipsis, and stands whole in the table.
func wrapped(name string, wide, most int) []string {
	var lines []string
	now := ""
	for _, word := range strings.Fields(name) {
		switch {
		case now == "":
			now = word
		case utf8.RuneCountInString(now)+1+utf8.RuneCountInString(word) <= wide:
			now += " " + word
		default:
			lines, now = append(lines, now), word
		}
	}
	lines = append(lines, now)
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] += " …"
	}
	for i, l := range lines {
		if r := []rune(l); len(r) > wide+1 {
			lines[i] = string(r[:max(1, wide-1)]) + "…"
		}
	}
	return lines
}
