package timeline

import (
	"slices"
	"unicode/utf8"
)

// Bar is a stretch of time to draw.
type Bar struct {
	Label   string // written above the bar
	Note    string // said after the label when the bar is pointed at or read aloud
	Href    string // where the bar leads; "" is nowhere
	Start   Day
	End     Day  // not before Start
	GoesOn  bool // it has no end yet: End is then today
	Texture Texture
}

// Texture tells bars apart without colour alone.
type Texture uint8

// The textures.
const (
	Plain   Texture = iota // filled
	Hatched                // crossed by lines
	Outline                // its border alone
)

// Size is one of the three widths a picture is drawn at, in CSS pixels.
type Size int

// The sizes: a phone, half a table, a whole one.
const (
	Narrow Size = 330
	Mid    Size = 560
	Wide   Size = 860
)

// Gap is the least distance between two things of one lane, in pixels.
const Gap = 8

const (
	margin  = 16 // left and right of the window's days, in pixels
	least   = 6  // the least width of a bar, so that a single day is seen
	chevron = 9  // room for the sign that a bar goes on
)

// Placed is where a bar stands. Distances are tenths of a pixel, so that the
// picture is the same on every machine.
type Placed struct {
	Bar         int // index in the bars given
	Lane        int
	X, Width    int    // the bar itself
	Before      bool   // it began before the window
	After       bool   // it goes on, or ends after the window
	Label       string // what fits of the label
	LabelX      int
	LabelAtEnd  bool // LabelX is where the label ends, not where it begins
	left, right int  // what it occupies, label included
}

// Lay gives each bar that meets the window a place, in the order of starts, and
// tells how many lanes that takes.
func Lay(bars []Bar, w Window, size Size) (placed []Placed, lanes int) {
	order := inOrder(bars, w)
	long := make([]int, len(order))
	for n, i := range order {
		long[n] = measure(bars[i].Label)
	}
	return lay(nil, bars, order, long, w, size)
}

// inOrder lists the bars that meet the window: the earliest first, and the longest
// among equals.
func inOrder(bars []Bar, w Window) []int {
	order := make([]int, 0, len(bars))
	for i := range bars {
		if bars[i].Start <= w.To && bars[i].End >= w.From {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if bars[a].Start != bars[b].Start {
			return int(bars[a].Start) - int(bars[b].Start)
		}
		return int(bars[b].End) - int(bars[a].End)
	})
	return order
}

// lay is Lay for bars in order, whose labels are so long.
func lay(placed []Placed, bars []Bar, order, long []int, w Window, size Size) ([]Placed, int) {
	ends := make([]int, 0, 32) // for each lane, where its last thing ends
	for n, i := range order {
		p := place(&bars[i], long[n], w, int(size)*10)
		p.Bar = i
		p.Lane = slices.IndexFunc(ends, func(end int) bool { return end+Gap*10 <= p.left })
		if p.Lane < 0 {
			p.Lane = len(ends)
			ends = append(ends, 0)
		}
		ends[p.Lane] = p.right
		placed = append(placed, p)
	}
	return placed, len(ends)
}

// place puts a bar, whose label is so long, across a picture of so many tenths.
func place(b *Bar, long int, w Window, width int) Placed {
	p := Placed{Before: b.Start < w.From, After: b.GoesOn || b.End > w.To}
	p.X = x(max(b.Start, w.From), w, width)
	end := max(x(min(b.End, w.To)+1, w, width), p.X+least*10)
	if over := end - (width - (margin-1)*10); over > 0 { // the last day of the window, seen at its least width
		end -= over
		p.X = min(p.X, end-least*10)
	}
	p.Width = end - p.X
	p.left, p.right = p.X, end
	if p.Before {
		p.left -= chevron * 10
	}
	if p.After {
		p.right += chevron * 10
	}
	p.Label = b.Label
	if long > width-20 {
		p.Label, long = cut(b.Label, width-20)
	}
	p.LabelX = p.X
	if p.X+long > width {
		p.LabelAtEnd, p.LabelX = true, max(end, long)
		p.left, p.right = min(p.left, p.LabelX-long), max(p.right, p.LabelX)
	}
	if !p.LabelAtEnd {
		p.right = max(p.right, p.X+long)
	}
	return p
}

// x is where a day begins, in tenths of a pixel. The day after the window is its end.
func x(d Day, w Window, width int) int {
	room := int64(width - 2*margin*10)
	return margin*10 + int((int64(d)-int64(w.From))*room/(w.days()+1))
}

// cut shortens a label to so many tenths of a pixel and tells how long it is then.
func cut(label string, most int) (short string, long int) {
	kept, keptLong := 0, 0
	for i, c := range label {
		wide := advance(c)
		if long+wide > most {
			return label[:kept] + "…", keptLong + advance('…')
		}
		long += wide
		if c != ' ' && long+advance('…') <= most {
			kept, keptLong = i+utf8.RuneLen(c), long
		}
	}
	return label, long
}

func measure(s string) (long int) {
	for _, c := range s {
		if c < 128 {
			long += int(narrows[c])
		} else {
			long += advance(c)
		}
	}
	return long
}

// widest is the most that one character takes, in tenths of a pixel.
const widest = 145

// narrows are the characters that take less than the usual width.
var narrows [128]uint8

func init() {
	for i := range narrows {
		narrows[i] = 77
	}
	for chars, wide := range map[string]uint8{
		" .,:;'!|ijlI": 42, "()[]/-ftr\"`": 53, "cszvxykJ?": 70,
		"ABCDEFGHKLNOPQRSTUVXYZ&+=<>#~": 98, "mw": 118, "MW@%": 138,
	} {
		for _, c := range chars {
			narrows[c] = wide
		}
	}
}

// advance is how far a character moves the pen, in tenths of a pixel at 14 px: a
// little more than the widest of the fonts the style sheet may fall back to.
func advance(c rune) int {
	switch {
	case c < 128:
		return int(narrows[c])
	case c < 0x250: // Latin with accents
		return 82
	case c < 0x1100:
		return 100
	}
	return widest
}
