package intake

import (
	"errors"
	"io"
)

// tagGuard reads XML through and stops at a tag with more than maxAttributes
// attributes, or a DOCTYPE longer than maxDoctype: encoding/xml builds a whole tag
// before anybody can say no. It follows comments, CDATA sections, processing
// instructions and quotes, so that nothing hides an attribute from it.
type tagGuard struct {
	r     io.Reader
	state guardState
	quote byte
	seen  string // what came after <!
	last  uint32 // the last four bytes, to see the end of a comment
	equal int    // = signs outside quotes in this tag
	depth int    // of < in a DOCTYPE
	size  int    // of the DOCTYPE
}

type guardState int

const (
	inText guardState = iota
	afterLess
	inTag
	afterBang
	inComment
	inCData
	inInstruction
	inDoctype
)

const (
	maxAttributes = 1_000
	maxDoctype    = 64 << 10
)

var errTag = errors.New("a tag with too many attributes")

func (g *tagGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	for i, c := range p[:n] {
		if !g.step(c) {
			return i, errTag
		}
	}
	return n, err
}

func (g *tagGuard) step(c byte) bool {
	switch g.state {
	case inText:
		if c == '<' {
			g.state = afterLess
		}
	case afterLess:
		g.state, g.quote, g.equal, g.seen, g.last = inTag, 0, 0, "", 0
		switch c {
		case '!':
			g.state = afterBang
		case '?':
			g.state = inInstruction
		case '>':
			g.state = inText
		}
	case inTag:
		return g.tag(c)
	case afterBang:
		g.bang(c)
	case inComment:
		g.until(c, 0xffffff, '-'<<16|'-'<<8|'>')
	case inCData:
		g.until(c, 0xffffff, ']'<<16|']'<<8|'>')
	case inInstruction:
		g.until(c, 0xffff, '?'<<8|'>')
	case inDoctype:
		return g.doctype(c)
	}
	return true
}

func (g *tagGuard) tag(c byte) bool {
	switch {
	case g.quote != 0:
		if c == g.quote {
			g.quote = 0
		}
	case c == '"' || c == '\'':
		g.quote = c
	case c == '>':
		g.state = inText
	case c == '=':
		g.equal++
	}
	return g.equal <= maxAttributes
}

// bang tells a comment, a CDATA section and a DOCTYPE apart.
func (g *tagGuard) bang(c byte) {
	g.seen += string(rune(c))
	switch {
	case g.seen == "--":
		g.state = inComment
	case g.seen == "[CDATA[":
		g.state = inCData
	case g.seen != "--"[:min(len(g.seen), 2)] && g.seen != "[CDATA["[:min(len(g.seen), 7)]:
		g.state, g.size, g.depth = inDoctype, 0, 0
		if c == '>' {
			g.state = inText
		}
	}
}

// until goes back to text when the last bytes, under a mask, are the end looked
// for.
func (g *tagGuard) until(c byte, mask, end uint32) {
	if g.last = g.last<<8 | uint32(c); g.last&mask == end {
		g.state = inText
	}
}

// doctype follows a directive to its end, within a size.
func (g *tagGuard) doctype(c byte) bool {
	switch {
	case g.quote != 0:
		if c == g.quote {
			g.quote = 0
		}
	case c == '"' || c == '\'':
		g.quote = c
	case c == '<':
		g.depth++
	case c == '>' && g.depth == 0:
		g.state = inText
	case c == '>':
		g.depth--
	}
	g.size++
	return g.size <= maxDoctype
}
