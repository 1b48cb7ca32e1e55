package expedition

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
)

// The forms of a cahier.
const (
	SiteForm   = "site"   // a zip of pages that open by themselves
	PDFForm    = "pdf"    // to print
	EPUBForm   = "epub"   // to read on anything
	SlidesForm = "slides" // one page, one card a slide
)

// Forms are all forms.
var Forms = []string{SiteForm, PDFForm, EPUBForm, SlidesForm}

var errForm = kernel.NewFault(kernel.NotFound, "expedition.cahier.form")

// cahier is a whole expedition as it is published.
type cahier struct {
	Name, Question, Lang, Origin string
	Licence                      string // in words
	Credits                      []string
	Date                         string // the latest date its material speaks of, "" for none
	Chapters                     []Chapter
	Sources                      []Reference
	Drawing                      string // of the map, SVG; "" without axes
	Outline                      []byte // of the map, OPML
	File                         []byte // the whole expedition, to take up again

	ctx context.Context
}

// Cahier publishes what the reader sees of an expedition, in the expedition's own
// language. Equal content gives equal bytes: every date in it comes from the content.
//
// NotFound for a form that is none.
func (s *Service) Cahier(ctx context.Context, id kernel.ExpeditionID, form string) ([]byte, error) {
	b, err := s.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	c, err := s.bind(i18n.In(ctx, b.Lang), b)
	if err != nil {
		return nil, err
	}
	switch form {
	case SiteForm:
		return c.site()
	case PDFForm:
		return c.pdf()
	case EPUBForm:
		return c.epub()
	case SlidesForm:
		return c.slides()
	}
	return nil, errForm
}

// bind gathers what is published. What a partner keeps to itself is left out, even
// for its own members.
func (s *Service) bind(ctx context.Context, b *Book) (*cahier, error) {
	f, err := s.fileOf(ctx, b)
	if err != nil {
		return nil, err
	}
	items, err := s.Placed(ctx, b)
	if err != nil {
		return nil, err
	}
	c := &cahier{Name: b.Name, Question: b.Question, Lang: b.Lang, Origin: b.Origin, Licence: licence(ctx, b.Licence), Credits: f.Credits, ctx: ctx}
	if c.File, err = f.Bytes(); err != nil {
		return nil, err
	}
	m := b.Lay(items)
	if c.Outline, err = b.OPML(m); err != nil {
		return nil, err
	}
	if len(m.Axes) > 0 {
		c.Drawing = b.drawMap(ctx, m, func(*Card) string { return "" })
	}
	for _, step := range Steps {
		ch := Chapter{Title: i18n.T(ctx, "expedition.page."+step)}
		for _, k := range KindsOn(step) {
			for _, card := range b.Of(k.Name) {
				if card.Circle != "" || k.Name == "snapshot" {
					continue
				}
				section, err := b.section(ctx, card)
				if err != nil {
					return nil, err
				}
				ch.Sections = append(ch.Sections, section)
			}
		}
		if len(ch.Sections) > 0 {
			c.Chapters = append(c.Chapters, ch)
		}
	}
	for _, p := range s.Parts {
		if b.Sample() {
			break
		}
		ch, err := p.Chapter(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		if ch.Title != "" {
			c.Chapters = append(c.Chapters, ch)
		}
	}
	c.Sources, c.Date = b.sources(items), b.date()
	return c, nil
}

// section is a card in a cahier, with what stands against it right beside.
func (b *Book) section(ctx context.Context, c *Card) (Section, error) {
	k := KindOf(c.Kind)
	s := Section{ID: c.ID, Kind: i18n.T(ctx, "expedition.kind."+c.Kind), Title: c.Title}
	for _, f := range k.Fields {
		v := c.Fields[f.Name]
		label := i18n.T(ctx, "expedition.field."+f.Name)
		switch {
		case v == "" || f.Input == Hidden:
		case f.Name == "text":
			for _, p := range Paragraphs(v) {
				s.Text = append(s.Text, Paragraph{Text: p})
			}
		case f.Input == Text:
			s.Text = append(s.Text, Paragraph{label, v})
		case f.Input == List:
			s.Text = append(s.Text, Paragraph{label, strings.Join(Lines(v), " ; ")})
		case f.Input == Address:
			s.Lean = append(s.Lean, Reference{Label: term(ctx, label), Title: v, URL: v})
		case k.Said && f.Name == k.Fields[0].Name && len(c.Fields) == 1: // its title says it
		default:
			s.Lines = append(s.Lines, term(ctx, label)+" "+shown(ctx, f, v))
		}
	}
	counts, err := countLines(ctx, c)
	if err != nil {
		return s, err
	}
	s.Lines = append(s.Lines, counts...)
	for _, t := range k.Ties {
		label := term(ctx, i18n.T(ctx, "expedition.tie."+t.Name))
		for _, target := range c.Ties[t.Name] {
			if to := b.Card(target); to != nil && to.Circle == "" {
				s.Lean = append(s.Lean, Reference{label, to.Title, to.ID, ""})
			} else if it, ok := b.Item(target); ok {
				s.Lean = append(s.Lean, Reference{label, it.Title, "", it.URL})
			}
		}
	}
	for _, against := range b.From(c, "critique", "of") {
		s.Text = append(s.Text, Paragraph{strings.TrimSpace(i18n.T(ctx, "expedition.kind.critique") + " " + against.Fields["by"]), against.Title + ". " + against.Fields["text"]})
	}
	return s, nil
}

// countLines are the counts of a vote, one line an option.
func countLines(ctx context.Context, c *Card) ([]string, error) {
	if c.Kind != "result" {
		return nil, nil
	}
	var lines []string
	if n := c.Fields["ballots"]; n != "" {
		lines = append(lines, i18n.N(ctx, "expedition.vote.ballots", atoi(n)))
	}
	ranked, err := c.Outcome()
	for _, r := range ranked {
		lines = append(lines, fmt.Sprintf("%d. %s %s", r.Place, term(ctx, r.Title), strings.Trim(strings.Join(strings.Fields(fmt.Sprint(r.Counts)), ", "), "[]")))
	}
	return lines, err
}

// sources are all addresses, by title, each once.
func (b *Book) sources(items []Item) []Reference {
	var all []Reference
	seen := map[string]bool{}
	add := func(title, url string) {
		if url != "" && !seen[url] {
			seen[url] = true
			all = append(all, Reference{Title: title, URL: url})
		}
	}
	for _, c := range b.Of("reference") {
		add(c.Title, c.Fields["address"])
	}
	for _, it := range items {
		add(it.Title, it.URL)
	}
	slices.SortStableFunc(all, func(x, y Reference) int { return cmp.Compare(strings.ToLower(x.Title), strings.ToLower(y.Title)) })
	return all
}

// date is the latest date that cards speak of.
func (b *Book) date() string {
	latest := ""
	for _, c := range b.Cards {
		if c.Circle != "" {
			continue
		}
		for _, f := range KindOf(c.Kind).Fields {
			if f.Input == Day {
				latest = max(latest, c.Fields[f.Name])
			}
		}
	}
	return latest
}

// stamp is the moment that files carry: the first second of the content's date.
func (c *cahier) stamp() time.Time {
	if t := kernel.Date(c.Date).First(); !t.IsZero() && t.Year() >= 1980 {
		return t
	}
	return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) // the first day a zip knows
}

// entry is a file in a zip.
type entry struct {
	name  string
	body  []byte
	plain bool // stored as it is
}

// zipped packs files in their order, with the content's date.
func (c *cahier) zipped(files []entry) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: c.stamp()}
		if f.plain {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.body); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}
