package intake

import (
	"strings"

	"golang.org/x/net/html"
)

// htmlText is the text of a piece of HTML: paragraphs, lines and list items on
// lines of their own, scripts and styles left out. It is for fields that a format
// defines as HTML; other texts are kept as typed.
func htmlText(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	z := html.NewTokenizer(strings.NewReader(s))
	var b strings.Builder
	hidden := ""
	newLine := func() {
		if t := b.String(); t != "" && !strings.HasSuffix(t, "\n") {
			b.WriteByte('\n')
		}
	}
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(b.String())
		case html.TextToken:
			if hidden == "" {
				b.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "script", "style":
				hidden = string(name)
			case "br", "p", "div", "ul", "ol", "h1", "h2", "h3", "h4", "tr":
				newLine()
			case "li":
				newLine()
				b.WriteString("- ")
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if string(name) == hidden {
				hidden = ""
			}
			switch string(name) {
			case "p", "div", "li", "h1", "h2", "h3", "h4", "tr":
				newLine()
			}
		case html.CommentToken, html.DoctypeToken:
		}
	}
}
