package expedition

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"digiwork/internal/kernel"
)

// Node is a place on the map: an axis, or a theme under it.
type Node struct {
	Card    *Card
	Signals []Sign // that stand here first
	Also    int    // those that stand here too, beside their first place
	Themes  []Node // of an axis
}

// Sign is what stands on the map: a reference of the expedition, or an item that a
// sibling context keeps.
type Sign struct {
	Card *Card
	Item *Item
}

// Title is the title of what stands there.
func (s Sign) Title() string {
	if s.Card != nil {
		return s.Card.Title
	}
	return s.Item.Title
}

// Address is where it comes from, "" if nowhere.
func (s Sign) Address() string {
	if s.Card != nil {
		return s.Card.Fields["address"]
	}
	return s.Item.URL
}

// Count is how many signs stand on a node and on its themes.
func (n Node) Count() int {
	c := len(n.Signals)
	for _, t := range n.Themes {
		c += t.Count()
	}
	return c
}

// Map is an expedition laid out by axis and theme.
type Map struct {
	Axes   []Node
	Loose  []Node // themes without an axis
	Unset  []Sign // signs without a place
	Placed int
}

// Lay lays the map out; items are what sibling contexts offer, with their places.
func (b *Book) Lay(items []Item) Map {
	under := map[string][]Sign{}
	also := map[string]int{}
	var m Map
	put := func(place string, s Sign) {
		if c := b.Card(place); c == nil || c.Kind != "axis" && c.Kind != "theme" {
			m.Unset = append(m.Unset, s)
			return
		}
		under[place] = append(under[place], s)
		m.Placed++
	}
	for _, c := range b.Of("reference") {
		place := ""
		if to := b.First(c, "place"); to != nil {
			place = to.ID
		}
		put(place, Sign{Card: c})
		for _, to := range b.To(c, "also") {
			also[to.ID]++
		}
	}
	for i := range items {
		put(items[i].Place, Sign{Item: &items[i]})
	}
	node := func(c *Card) Node { return Node{Card: c, Signals: under[c.ID], Also: also[c.ID]} }
	for _, a := range b.Of("axis") {
		n := node(a)
		for _, t := range b.From(a, "theme", "axis") {
			n.Themes = append(n.Themes, node(t))
		}
		m.Axes = append(m.Axes, n)
	}
	for _, t := range b.Of("theme") {
		if b.First(t, "axis") == nil {
			m.Loose = append(m.Loose, node(t))
		}
	}
	return m
}

// Gap is what the map lacks: an axis without themes, or a node without signs.
type Gap struct {
	Card   *Card
	Themes bool // it lacks themes; signs otherwise
}

// Gaps lists what the map lacks, in its own order.
func (m Map) Gaps() []Gap {
	var all []Gap
	for _, a := range m.Axes {
		if len(a.Themes) == 0 {
			all = append(all, Gap{a.Card, true})
		}
		if a.Count() == 0 && len(a.Themes) == 0 {
			all = append(all, Gap{Card: a.Card})
		}
		for _, t := range a.Themes {
			if t.Count() == 0 {
				all = append(all, Gap{Card: t.Card})
			}
		}
	}
	return all
}

// outline is an element of OPML 2.0.
type outline struct {
	Text string    `xml:"text,attr"`
	Type string    `xml:"type,attr,omitempty"`
	URL  string    `xml:"url,attr,omitempty"`
	In   []outline `xml:"outline"`
}

// OPML is the map as an outline (OPML 2.0): axes, themes, then signs as links. It
// holds no date: equal maps give equal bytes.
func (b *Book) OPML(m Map) ([]byte, error) {
	type body struct {
		In []outline `xml:"outline"`
	}
	doc := struct {
		XMLName xml.Name `xml:"opml"`
		Version string   `xml:"version,attr"`
		Title   string   `xml:"head>title"`
		Body    body     `xml:"body"`
	}{Version: "2.0", Title: b.Name}
	for _, n := range slices.Concat(m.Axes, m.Loose) {
		doc.Body.In = append(doc.Body.In, outlineOf(n))
	}
	doc.Body.In = append(doc.Body.In, signOutlines(m.Unset)...)
	raw, err := xml.MarshalIndent(doc, "", "  ")
	return append([]byte(xml.Header), append(raw, '\n')...), err
}

func outlineOf(n Node) outline {
	o := outline{Text: n.Card.Title}
	for _, t := range n.Themes {
		o.In = append(o.In, outlineOf(t))
	}
	o.In = append(o.In, signOutlines(n.Signals)...)
	return o
}

func signOutlines(signs []Sign) []outline {
	var all []outline
	for _, s := range signs {
		o := outline{Text: s.Title(), URL: s.Address()}
		if o.URL != "" {
			o.Type = "link"
		}
		all = append(all, o)
	}
	return all
}

// Mermaid is the map as a Mermaid mindmap.
func (b *Book) Mermaid(m Map) string {
	var out strings.Builder
	out.WriteString("mindmap\n  root((" + mermaidText(b.Name) + "))\n")
	n := 0
	var write func(node Node, depth int)
	line := func(depth int, text string) {
		n++
		fmt.Fprintf(&out, "%sn%d[%s]\n", strings.Repeat("  ", depth), n, mermaidText(text))
	}
	write = func(node Node, depth int) {
		line(depth, node.Card.Title)
		for _, t := range node.Themes {
			write(t, depth+1)
		}
		for _, s := range node.Signals {
			line(depth+1, s.Title())
		}
	}
	for _, node := range slices.Concat(m.Axes, m.Loose) {
		write(node, 2)
	}
	return out.String()
}

// mermaidText quotes a text for Mermaid: entities for what would end the quote.
func mermaidText(s string) string {
	return `"` + strings.NewReplacer(`"`, "#quot;", "#", "#35;", "\n", " ").Replace(s) + `"`
}

// Change is one line of the difference between two outlines.
type Change struct {
	Gone bool
	Path string // from the axis down
}

// Compare says what differs between an outline kept earlier and the present map, by
// the full way down to each line.
func Compare(before, now []byte) ([]Change, error) {
	a, err := ways(before)
	if err != nil {
		return nil, err
	}
	b, err := ways(now)
	if err != nil {
		return nil, err
	}
	var all []Change
	for _, w := range a {
		if !slices.Contains(b, w) {
			all = append(all, Change{true, w})
		}
	}
	for _, w := range b {
		if !slices.Contains(a, w) {
			all = append(all, Change{false, w})
		}
	}
	return all, nil
}

func ways(opml []byte) ([]string, error) {
	var doc struct {
		Body struct {
			In []outline `xml:"outline"`
		} `xml:"body"`
	}
	if err := xml.Unmarshal(opml, &doc); err != nil {
		return nil, fmt.Errorf("outline: %w", err)
	}
	var all []string
	var visit func(o outline, above string)
	visit = func(o outline, above string) {
		way := o.Text
		if above != "" {
			way = above + " › " + o.Text
		}
		all = append(all, way)
		for _, in := range o.In {
			visit(in, way)
		}
	}
	for _, o := range doc.Body.In {
		visit(o, "")
	}
	return all, nil
}

// snapshotEntry is the card that keeps the map of today.
func (b *Book) snapshotEntry(m Map, title string, day kernel.Date) (Entry, error) {
	raw, err := b.OPML(m)
	return Entry{Title: title, Fields: map[string]string{"date": string(day), "outline": string(raw)}}, err
}
