package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestMarkupIsWhole parses the frame's pages as a browser does and looks for what a
// parser forgives and a reader pays for: ids twice, labels without a field, inline
// script or style, targets that are not there.
func TestMarkupIsWhole(t *testing.T) {
	h := build(t, func(m *Mux) {
		m.Page("GET /face", shows(faceFrame, facePage("T", nil)))
		m.Page("GET /gate", shows(gateFrame, gatePage()))
		m.Page("GET /s/{token}", shows(Page{Title: "T", Bare: true}, Text("x")))
	})
	h.Demo = true
	for _, signedIn := range []bool{false, true} {
		if signedIn {
			h.actor = ada
		}
		for _, path := range []string{"/face", "/gate", "/s/x", "/offline", "/nowhere"} {
			w := h.get(path)
			doc, err := html.Parse(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			p := inspect(doc)
			if d := p.twice(); len(d) > 0 {
				t.Errorf("%s: ids twice: %v", path, d)
			}
			for _, ref := range p.refs {
				if !slices.Contains(p.ids, ref) {
					t.Errorf("%s: nothing has the id %q", path, ref)
				}
			}
			if len(p.inline) > 0 {
				t.Errorf("%s: inline: %v", path, p.inline)
			}
			if p.h1 != 1 {
				t.Errorf("%s: %d h1", path, p.h1)
			}
			if bare := path == "/s/x" || path == "/offline"; bare == p.demo {
				t.Errorf("%s: demo banner %v", path, p.demo)
			}
		}
	}
}

type markup struct {
	ids, refs, inline []string
	h1                int
	demo              bool
}

func (p *markup) twice() []string {
	var twice []string
	seen := map[string]bool{}
	for _, id := range p.ids {
		if seen[id] {
			twice = append(twice, id)
		}
		seen[id] = true
	}
	return twice
}

func inspect(doc *html.Node) *markup {
	p := &markup{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "h1" {
			p.h1++
		}
		src := false
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				p.ids = append(p.ids, a.Val)
			case a.Key == "for", a.Key == "popovertarget":
				p.refs = append(p.refs, a.Val)
			case a.Key == "aria-describedby", a.Key == "aria-labelledby":
				p.refs = append(p.refs, strings.Fields(a.Val)...)
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				p.refs = append(p.refs, a.Val[1:])
			case a.Key == "style", strings.HasPrefix(a.Key, "on"):
				p.inline = append(p.inline, n.Data+" "+a.Key)
			case a.Key == "src":
				src = true
			case a.Key == "class" && a.Val == "banner":
				p.demo = true
			}
		}
		if n.Data == "style" || n.Data == "script" && !src {
			p.inline = append(p.inline, n.Data)
		}
	}
	return p
}

// A shared page carries nothing of who looks at it: a signed-in reader and a visitor
// get the same bytes.
func TestASharedPageIsTheSameForEveryone(t *testing.T) {
	h := build(t, func(m *Mux) { m.Page("GET /s/{token}", shows(Page{Title: "Élodie", Bare: true}, Text("x"))) })
	visitor := h.get("/s/x")
	h.actor = ada
	reader := h.get("/s/x")
	if visitor.Code != http.StatusOK || visitor.Body.String() != reader.Body.String() {
		t.Errorf("they differ:\n%s\n%s", visitor.Body, reader.Body)
	}
	if strings.Contains(reader.Body.String(), "Ada") || strings.Contains(reader.Body.String(), "/musette") {
		t.Error("a shared page names its reader or the house")
	}
}
