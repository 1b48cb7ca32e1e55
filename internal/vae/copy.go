package vae

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
)

// Copy is a dossier as it leaves: everything in it is text, nothing refers to the
// vault. It is what is signed, frozen, printed and read by a jury.
type Copy struct {
	Dossier       Dossier       `json:"dossier"`
	Lang          string        `json:"language"`
	Candidate     string        `json:"candidate"`
	DID           string        `json:"candidateKey,omitempty"` // the signer of the file
	At            time.Time     `json:"made"`
	Variant       Variant       `json:"variant"`
	Certification Certification `json:"certification"`
	Aimed         []string      `json:"aimed"`
	Gained        []Gained      `json:"gained,omitempty"`
	Sections      []Section     `json:"sections"`
	Coverage      []Covered     `json:"coverage"`
	Annexes       []Annex       `json:"annexes"`
	Words         int           `json:"words"`
}

// Section is a title and what stands under it.
type Section struct {
	Level int    `json:"level"`
	Title string `json:"title"`
	Code  string `json:"part,omitempty"`
	Said  []Said `json:"said,omitempty"`
}

// Said is what was asked and what was answered.
type Said struct {
	Asked string `json:"asked,omitempty"`
	Text  string `json:"text"`
}

// Covered is what a dossier of validation shows of one competence.
type Covered struct {
	Bloc       string   `json:"bloc"`
	Competence string   `json:"competence"`
	Text       string   `json:"text"`
	Told       []string `json:"told,omitempty"`       // titles of activities analysed against it
	Proved     []int    `json:"proved,omitempty"`     // annexes of those activities
	Recognised []string `json:"recognised,omitempty"` // by whom
}

// Annex is a piece joined to a dossier, under the number the text calls it by.
type Annex struct {
	Number  int           `json:"number"`
	Title   string        `json:"title"`
	Date    string        `json:"date,omitempty"`
	Author  string        `json:"author,omitempty"`
	Address string        `json:"address,omitempty"` // of a page
	SHA256  string        `json:"sha256,omitempty"`  // of the file, byte for byte
	Size    int64         `json:"size,omitempty"`
	File    string        `json:"file,omitempty"` // its name in a frozen copy
	Media   string        `json:"media,omitempty"`
	piece   kernel.ItemID // in the vault
}

// copyOf makes the copy of a dossier, in the reader's language.
func (w *Whole) copyOf(ctx context.Context, d Dossier, at time.Time) Copy {
	c := Copy{
		Dossier: d, Lang: i18n.Lang(ctx), At: at.UTC().Truncate(time.Second), Variant: w.Variant, Certification: w.Certification, Aimed: w.Aimed, Gained: slices.Clone(w.Gained),
		Candidate: kernel.ActorFrom(ctx).Name, Annexes: w.annexes(d), Sections: []Section{}, Coverage: []Covered{},
	}
	for i := range c.Gained {
		c.Gained[i].Result = "" // an id of the vault
	}
	if p, ok := w.part("identity"); ok {
		c.Candidate = cmp.Or(p.Values["name"], c.Candidate)
	}
	numbers := map[kernel.ItemID]int{}
	for _, a := range c.Annexes {
		numbers[a.piece] = a.Number
	}
	for i := range shapes {
		sh := &shapes[i]
		if sh.dossier != d || !w.may(sh) || sh.kind == "annexes" {
			continue
		}
		if sh.kind == "bloc" || sh.kind == "told" {
			for _, b := range w.Blocs() {
				c.Sections = append(c.Sections, w.blocSections(ctx, sh, b, numbers)...)
			}
			continue
		}
		for _, p := range w.of(sh.kind) {
			if s := w.section(ctx, p, 1, numbers); len(s.Said) > 0 {
				c.Sections = append(c.Sections, s)
			}
		}
	}
	for _, p := range w.Parts {
		if sh := shapeOf(p.Code); sh != nil && sh.dossier == d && w.may(sh) {
			c.Words += p.Words(w.File)
		}
	}
	if d == Validation {
		c.Coverage = w.coverage(numbers)
	}
	return c
}

// blocSections are a bloc and what is said for it.
func (w *Whole) blocSections(ctx context.Context, sh *shape, b Bloc, numbers map[kernel.ItemID]int) []Section {
	title := b.Title
	if b.Code != "" {
		title = b.Code + ", " + b.Title
	}
	var all []Section
	for _, p := range w.of(sh.kind) {
		if p.Bloc != b.ID {
			continue
		}
		if sh.kind == "bloc" {
			s := w.section(ctx, p, 1, numbers)
			s.Title = title
			return []Section{s}
		}
		all = append(all, w.section(ctx, p, 2, numbers))
	}
	if len(all) == 0 {
		return nil
	}
	return append([]Section{{Level: 1, Title: title}}, all...)
}

// section is a part as it is read.
func (w *Whole) section(ctx context.Context, p *Part, level int, numbers map[kernel.ItemID]int) Section {
	s := Section{Level: level, Code: p.Code, Title: partTitle(ctx, w.File, p)}
	for _, d := range w.fields(p.Code, p.Bloc) {
		v := p.Values[d.Name]
		if v == "" || d.Name == "title" && shapeOf(p.Code).many {
			continue
		}
		asked := d.Label
		if asked == "" && (d.Name != "words" || len(s.Said) > 0) {
			asked = fieldLabel(ctx, &d)
		}
		s.Said = append(s.Said, Said{Asked: asked, Text: valueText(ctx, &d, v)})
	}
	var called []string
	for _, id := range p.Picks {
		if n := numbers[id]; n > 0 {
			called = append(called, strconv.Itoa(n))
		}
	}
	if len(called) > 0 {
		s.Said = append(s.Said, Said{Asked: i18n.T(ctx, "vae.copy.annexes"), Text: i18n.List(ctx, called...)})
	}
	return s
}

// annexes numbers the pieces joined to a dossier: in the order in which its parts call
// them, then those joined to the whole.
func (w *Whole) annexes(d Dossier) []Annex {
	all := []Annex{}
	for _, p := range w.Parts {
		if sh := shapeOf(p.Code); sh == nil || sh.dossier != d || !w.may(sh) || p.Bloc != "" && !slices.Contains(w.Aimed, p.Bloc) {
			continue
		}
		for _, id := range p.Picks {
			i := slices.IndexFunc(w.Pieces, func(q Piece) bool { return q.ID == id })
			if i < 0 || slices.ContainsFunc(all, func(a Annex) bool { return a.piece == id }) {
				continue
			}
			q := w.Pieces[i]
			a := Annex{Number: len(all) + 1, Title: q.Title, Date: string(q.Date), Author: q.Author, Address: q.Address, piece: id}
			if q.Blob != nil {
				a.SHA256, a.Size, a.Media = q.Blob.SHA256, q.Blob.Size, q.Blob.Media
			}
			all = append(all, a)
		}
	}
	return all
}

// coverage is what the dossier of validation shows of each competence of the blocs it
// aims at.
func (w *Whole) coverage(numbers map[kernel.ItemID]int) []Covered {
	all := []Covered{}
	for _, b := range w.Blocs() {
		for _, n := range near(b, w.Known) {
			c := Covered{Bloc: b.ID, Competence: n.ID, Text: n.Text}
			for _, p := range w.of("told") {
				if p.Bloc != b.ID || p.Values[howField(n.ID)] == "" {
					continue
				}
				c.Told = append(c.Told, p.Values["title"])
				for _, id := range p.Picks {
					if k := numbers[id]; k > 0 && !slices.Contains(c.Proved, k) {
						c.Proved = append(c.Proved, k)
					}
				}
			}
			for _, r := range n.Because {
				for _, by := range r.Known.Attested {
					if !slices.Contains(c.Recognised, by) {
						c.Recognised = append(c.Recognised, by)
					}
				}
			}
			slices.Sort(c.Proved)
			all = append(all, c)
		}
	}
	return all
}

// partTitle is what a part is called.
func partTitle(ctx context.Context, f *File, p *Part) string {
	if t := p.Values["title"]; t != "" {
		return t
	}
	if b, ok := f.Certification.bloc(p.Bloc); ok && p.Kind() == "bloc" {
		return b.Title
	}
	return i18n.T(ctx, "vae.part."+p.Kind())
}

func fieldLabel(ctx context.Context, d *Field) string {
	if d.Label != "" {
		return d.Label
	}
	label := i18n.T(ctx, "vae.field."+d.Key)
	if d.Row > 0 {
		label = i18n.T(ctx, "vae.row", "label", label, "n", d.Row)
	}
	return label
}

// valueText is a value as people read it.
func valueText(ctx context.Context, d *Field, v string) string {
	switch d.Input {
	case Choice:
		return i18n.T(ctx, "vae."+d.Options+"."+v)
	case Day:
		return i18n.Date(ctx, kernel.Date(v))
	case Tick:
		return i18n.T(ctx, "vae.ticked")
	case Line, Lines, Amount:
	}
	return strings.TrimSpace(v)
}
