package vae

import (
	"context"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/office"
	"digiwork/internal/platform/i18n"
)

// document is a copy as it is printed, in the language it was written in.
func (c *Copy) document(ctx context.Context) office.Document {
	ctx = i18n.In(ctx, c.Lang)
	title := i18n.T(ctx, "vae."+string(c.Dossier)+".title")
	d := office.Document{Title: title, Author: c.Candidate, Lang: c.Lang, Foot: c.Candidate + ", " + c.Certification.Title, At: c.At}
	d.Say(c.Candidate)
	d.Say(certificationLine(c.Certification))
	var aimed []string
	for _, b := range c.Certification.chosen(c.Aimed) {
		aimed = append(aimed, blocLine(b))
	}
	d.Head(2, i18n.T(ctx, "vae.copy.aimed"))
	d.List(aimed)
	if len(c.Gained) > 0 {
		d.Head(2, i18n.T(ctx, "vae.copy.gained"))
		d.List(c.gainedLines(ctx))
	}
	d.Note(i18n.T(ctx, "vae.copy.made", "date", i18n.Date(ctx, day(c.At))))
	d.Note(i18n.T(ctx, "vae.official"))
	for i, s := range c.Sections {
		if i == 0 || s.Level == 1 && c.Dossier == Validation {
			d.Break()
		}
		d.Head(s.Level, s.Title)
		for _, t := range s.Said {
			if t.Asked != "" {
				d.Head(3, t.Asked)
			}
			d.Say(t.Text)
		}
	}
	if len(c.Coverage) > 0 {
		d.Break()
		d.Head(1, i18n.T(ctx, "vae.coverage.title"))
		d.Note(i18n.T(ctx, "vae.coverage.note"))
		d.Table(c.coverageTable(ctx))
	}
	if len(c.Annexes) > 0 {
		d.Break()
		d.Head(1, i18n.T(ctx, "vae.annexes.title"))
		d.Note(i18n.T(ctx, "vae.annexes.note"))
		d.Table(c.annexTable(ctx))
	}
	return d
}

func certificationLine(c Certification) string {
	all := []string{c.Title}
	for _, s := range []string{c.Code, c.Certifier} {
		if s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, "\n")
}

func blocLine(b Bloc) string {
	if b.Code == "" {
		return b.Title
	}
	return b.Code + ", " + b.Title
}

// gainedLines says which blocs were obtained already, and from whom.
func (c *Copy) gainedLines(ctx context.Context) []string {
	var all []string
	for _, g := range c.Gained {
		b, ok := c.Certification.bloc(g.Bloc)
		if !ok {
			continue
		}
		line := blocLine(b)
		if g.By != "" {
			line = i18n.T(ctx, "vae.gained.by", "bloc", line, "jury", g.By, "date", i18n.Date(ctx, g.On))
		}
		all = append(all, line)
	}
	return all
}

func (c *Copy) coverageTable(ctx context.Context) office.Table {
	t := office.Table{Heads: []string{
		i18n.T(ctx, "vae.coverage.competence"), i18n.T(ctx, "vae.coverage.told"), i18n.T(ctx, "vae.coverage.proved"), i18n.T(ctx, "vae.coverage.recognised"),
	}, Widths: []int{5, 3, 2, 2}}
	for _, k := range c.Coverage {
		t.Rows = append(t.Rows, []string{k.Text, orNone(ctx, strings.Join(k.Told, "\n")), orNone(ctx, provedText(ctx, k)), orNone(ctx, strings.Join(k.Recognised, "\n"))})
	}
	return t
}

func provedText(ctx context.Context, k Covered) string {
	if len(k.Proved) == 0 {
		return ""
	}
	all := make([]string, len(k.Proved))
	for i, n := range k.Proved {
		all[i] = strconv.Itoa(n)
	}
	return i18n.N(ctx, "vae.coverage.annexes", len(all), "which", i18n.List(ctx, all...))
}

func orNone(ctx context.Context, s string) string {
	if s == "" {
		return i18n.T(ctx, "vae.cover.no")
	}
	return s
}

func (c *Copy) annexTable(ctx context.Context) office.Table {
	t := office.Table{Heads: []string{i18n.T(ctx, "vae.annexes.number"), i18n.T(ctx, "vae.annexes.what"), i18n.T(ctx, "vae.annexes.digest")}, Widths: []int{1, 5, 5}}
	for _, a := range c.Annexes {
		t.Rows = append(t.Rows, []string{strconv.Itoa(a.Number), a.line(ctx), a.SHA256})
	}
	return t
}

// line says what an annex is.
func (a Annex) line(ctx context.Context) string {
	all := []string{a.Title}
	if a.Date != "" {
		all = append(all, i18n.Date(ctx, kernel.Date(a.Date)))
	}
	for _, s := range []string{a.Author, a.Address} {
		if s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, ", ")
}
