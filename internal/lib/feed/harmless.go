package feed

import (
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// policy keeps the words and their shape. No picture, no frame, no form, no style:
// a page of ours asks nothing of anybody else.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "em", "i", "strong", "b", "ul", "ol", "li", "blockquote", "pre", "code", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "hr", "sub", "sup", "cite", "q", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowStandardURLs()
	p.AllowURLSchemes("http", "https")
	p.AllowRelativeURLs(false)
	p.AllowAttrs("href").OnElements("a")
	p.RequireNoReferrerOnLinks(true)
	p.RequireNoFollowOnLinks(true)
	return p
})

// Harmless is content of somebody else as it may be shown: text, its headings, lists
// and tables, and links. Nothing in it acts, styles, or calls another server.
func Harmless(content string) string { return strings.TrimSpace(policy().Sanitize(content)) }

// blocks end a paragraph of plain text.
var blocks = map[atom.Atom]bool{
	atom.P: true, atom.Br: true, atom.Div: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Blockquote: true, atom.Pre: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Tr: true, atom.Dd: true, atom.Dt: true, atom.Hr: true, atom.Table: true,
}

// silent hold no words for a reader.
var silent = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Template: true, atom.Noscript: true, atom.Iframe: true, atom.Head: true, atom.Svg: true}

// Plain is the text of some HTML: words, a line for each block.
func Plain(content string) string {
	if !strings.ContainsAny(content, "<&") {
		return strings.TrimSpace(content)
	}
	z := html.NewTokenizer(strings.NewReader(content))
	var b strings.Builder
	var hush atom.Atom
	for {
		switch z.Next() {
		case html.ErrorToken:
			return tidy(b.String())
		case html.TextToken:
			if hush == 0 {
				b.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			t := z.Token()
			switch {
			case hush != 0:
				if t.Type == html.EndTagToken && t.DataAtom == hush {
					hush = 0
				}
			case silent[t.DataAtom] && t.Type == html.StartTagToken:
				hush = t.DataAtom
			case blocks[t.DataAtom]:
				b.WriteByte('\n')
			case t.DataAtom == atom.Td || t.DataAtom == atom.Th:
				b.WriteByte(' ')
			}
		}
	}
}

// tidy leaves single spaces and single line ends.
func tidy(s string) string {
	var lines []string
	for l := range strings.Lines(s) {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}
