package timeline

import "strconv"

// Words are what the picture says by itself, in the reader's language.
type Words struct {
	Title  string     // names the picture for who does not see it
	Months [12]string // short names of months, for a window of a year or two
}

const (
	rowHeight = 44 // a label and its bar
	headRoom  = 32 // the years, above the first lane
)

// Height is the height of a picture of so many lanes, in pixels.
func Height(lanes int) int { return headRoom + max(1, lanes)*rowHeight }

// Chart is a picture ready to be drawn at several sizes.
type Chart struct {
	bars   []Bar
	window Window
	words  Words
	order  []int
	long   []int    // how long each label is, in order
	placed []Placed // of the size drawn last

	// What is the same at every size, escaped once: for each bar in order, its
	// beginning up to the place of its label, then its label.
	text []byte
	cuts [][2]int
}

// New prepares a picture of the bars that meet the window.
func New(bars []Bar, w Window, words Words) *Chart {
	c := &Chart{bars: bars, window: w, words: words, order: inOrder(bars, w)}
	c.cuts, c.long = make([][2]int, len(c.order)), make([]int, len(c.order))
	c.placed = make([]Placed, 0, len(c.order))
	c.text = make([]byte, 0, len(c.order)*160)
	for n, i := range c.order {
		b := &bars[i]
		c.long[n] = measure(b.Label)
		c.text = appendHead(c.text, b)
		c.cuts[n][0] = len(c.text)
		c.text = escape(c.text, b.Label)
		c.cuts[n][1] = len(c.text)
	}
	return c
}

func appendHead(dst []byte, b *Bar) []byte {
	if b.Href != "" {
		dst = append(dst, `<a href="`...)
		dst = escape(dst, b.Href)
		dst = append(dst, `"><title>`...)
	} else {
		dst = append(dst, `<g><title>`...)
	}
	dst = escape(dst, b.Label)
	if b.Note != "" {
		dst = append(dst, `, `...)
		dst = escape(dst, b.Note)
	}
	return append(dst, `</title><text x="`...)
}

// Append draws the picture at one size and appends it to dst.
//
// Colours and textures are classes of the style sheet (fill, hatched, open, grid,
// axis, dash); without it the picture reads in black: plain bars and outlined ones.
func (c *Chart) Append(dst []byte, size Size) []byte {
	var lanes int
	c.placed, lanes = lay(c.placed[:0], c.bars, c.order, c.long, c.window, size)
	height := Height(lanes)
	dst = append(dst, `<svg viewBox="0 0 `...)
	dst = strconv.AppendInt(dst, int64(size), 10)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, int64(height), 10)
	dst = append(dst, `" width="`...)
	dst = strconv.AppendInt(dst, int64(size), 10)
	dst = append(dst, `" height="`...)
	dst = strconv.AppendInt(dst, int64(height), 10)
	dst = append(dst, `" role="group" aria-label="`...)
	dst = escape(dst, c.words.Title)
	dst = append(dst, `"><defs><pattern id="hatch`...)
	dst = append(dst, suffix(size)...)
	dst = append(dst, `" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V6"/></pattern></defs>`...)
	dst = appendGrid(dst, c.window, size, height, c.words)
	from := 0
	for n := range c.placed {
		p := &c.placed[n]
		b, cut := &c.bars[p.Bar], c.cuts[n]
		head, label := c.text[from:cut[0]], c.text[cut[0]:cut[1]]
		from = cut[1]
		dst = append(dst, head...)
		dst = appendLabel(dst, p, b, label)
		dst = appendShape(dst, p, b, size)
	}
	return append(dst, `</svg>`...)
}

// suffix tells the three textures of one page apart.
func suffix(size Size) string {
	switch size {
	case Wide:
		return ""
	case Mid:
		return "-m"
	}
	return "-s"
}

func appendLabel(dst []byte, p *Placed, b *Bar, whole []byte) []byte {
	dst = tenths(dst, p.LabelX)
	dst = append(dst, `" y="`...)
	dst = strconv.AppendInt(dst, int64(top(p)+15), 10)
	if p.LabelAtEnd {
		dst = append(dst, `" text-anchor="end`...)
	}
	dst = append(dst, `">`...)
	if len(p.Label) == len(b.Label) {
		dst = append(dst, whole...)
	} else {
		dst = escape(dst, p.Label)
	}
	return append(dst, `</text>`...)
}

func appendShape(dst []byte, p *Placed, b *Bar, size Size) []byte {
	switch b.Texture {
	case Hatched:
		dst = append(dst, `<rect class="hatched`...)
		dst = append(dst, suffix(size)...)
		dst = append(dst, `" fill="none" stroke="currentColor" x="`...)
	case Outline:
		dst = append(dst, `<rect class="open" fill="none" stroke="currentColor" x="`...)
	case Plain:
		dst = append(dst, `<rect class="fill" x="`...)
	}
	dst = tenths(dst, p.X)
	dst = append(dst, `" y="`...)
	dst = strconv.AppendInt(dst, int64(top(p)+21), 10)
	dst = append(dst, `" width="`...)
	dst = tenths(dst, p.Width)
	dst = append(dst, `" height="13"/>`...)
	if p.Before {
		dst = appendChevron(dst, p.X-30, top(p), "l-5 5.5 5 5.5")
	}
	if p.After {
		dst = appendChevron(dst, p.X+p.Width+30, top(p), "l5 5.5-5 5.5")
	}
	if b.Href != "" {
		return append(dst, `</a>`...)
	}
	return append(dst, `</g>`...)
}

func top(p *Placed) int { return headRoom + p.Lane*rowHeight }

func appendChevron(dst []byte, x, top int, shape string) []byte {
	dst = append(dst, `<path class="axis" fill="none" stroke="currentColor" d="M`...)
	dst = tenths(dst, x)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, int64(top+22), 10)
	dst = append(dst, shape...)
	return append(dst, `"/>`...)
}

// tenths writes tenths of a pixel as pixels.
func tenths(dst []byte, n int) []byte {
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	dst = strconv.AppendInt(dst, int64(n/10), 10)
	if r := n % 10; r != 0 {
		dst = append(dst, '.', byte('0'+r))
	}
	return dst
}

// special marks the bytes that markup gives a meaning, or that XML does not know.
var special = func() (marks [256]bool) {
	for c := range byte(' ') {
		marks[c] = true
	}
	for _, c := range []byte("&<>\"\x7f") {
		marks[c] = true
	}
	return marks
}()

// escape writes text as HTML and XML both read it; signs that XML does not know
// become spaces.
func escape(dst []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		if !special[s[i]] {
			continue
		}
		dst = append(dst, s[from:i]...)
		switch s[i] {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '"':
			dst = append(dst, "&#34;"...)
		default:
			dst = append(dst, ' ')
		}
		from = i + 1
	}
	return append(dst, s[from:]...)
}
