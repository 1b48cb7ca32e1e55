package vae

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// What pages say of the things of this room.

// nearCover is the shape of a nearness.
var nearCover = map[Nearness]string{Has: "yes", Partly: "partly", Missing: "no"}

func blocAnchor(i int) string { return "b" + strconv.Itoa(i+1) }

func place(i int) string { return strconv.Itoa(i) }

func ticked(places []int, i int) bool { return slices.Contains(places, i) }

func kept(version int64) string { return strconv.FormatInt(version, 10) }

// dueLine is a day ahead in one line.
func dueLine(ctx context.Context, d Due) string {
	return i18n.T(ctx, "vae.due.line", "what", i18n.T(ctx, "vae.due."+d.Kind), "date", i18n.Date(ctx, d.On))
}

// listedFacts is what the register says of a certification, in one line.
func listedFacts(ctx context.Context, l Listed) string {
	all := []string{l.Code}
	if l.Level != "" {
		all = append(all, i18n.T(ctx, "vae.level.line", "level", l.Level))
	}
	all = append(all, i18n.N(ctx, "vae.blocs.count", l.Blocs))
	if l.Closed {
		all = append(all, i18n.T(ctx, "vae.closed.tag"))
	}
	if !l.Experience {
		all = append(all, i18n.T(ctx, "vae.noexperience"))
	}
	return strings.Join(append(all, l.Certifiers...), ", ")
}

func certificationFacts(ctx context.Context, c Certification, l Listed) []web.Fact {
	all := []web.Fact{{Term: i18n.T(ctx, "vae.certification.code"), Text: c.Code}, {Term: i18n.T(ctx, "vae.certification.certifier"), Text: c.Certifier}, {Term: i18n.T(ctx, "vae.certification.level"), Text: c.Level}}
	if c.Until != "" {
		all = append(all, web.Fact{Term: i18n.T(ctx, "vae.certification.until"), Text: i18n.Date(ctx, kernel.Date(c.Until))})
	}
	if l.Code != "" && !l.Experience {
		all = append(all, web.Fact{Term: i18n.T(ctx, "vae.ways"), Text: i18n.T(ctx, "vae.noexperience")})
	}
	return all
}

// blocOptions are the blocs a file may aim at; one gained already is not offered.
func blocOptions(ctx context.Context, b beginning) []web.Option {
	var all []web.Option
	for _, x := range b.Certification.Blocs {
		o := web.Option{Value: x.ID, Text: blocLine(x), Chosen: slices.Contains(b.Chosen, x.ID)}
		if slices.ContainsFunc(b.Gained, func(g Gained) bool { return g.Bloc == x.ID }) {
			o.Chosen, o.Disabled, o.Help = false, true, i18n.T(ctx, "vae.gained.already")
		}
		all = append(all, o)
	}
	return all
}

func circleOptions(all []Circle) []web.Option {
	options := make([]web.Option, len(all))
	for i, c := range all {
		options[i] = web.Option{Value: string(c.ID), Text: c.Name}
	}
	return options
}

// knownPath is the page of something a person said.
func knownPath(k *Known) string {
	if k.Competence && !strings.HasPrefix(string(k.ID), "skl_") {
		return "/reveler/competences/" + string(k.ID)
	}
	return "/musette/items/" + string(k.ID)
}

// blocs are those of the form, with some empty ones.
func (t typed) blocs() []Bloc {
	return append(slices.Clone(t.Certification.Blocs), make([]Bloc, spare)...)
}

// claims are what she says of the competences of a bloc.
func (w *Whole) claims(b Bloc) map[string]string {
	all := map[string]string{}
	if p, ok := w.part("bloc." + b.ID); ok {
		for _, k := range b.points() {
			all[k.ID] = p.Values[claimField(k.ID)]
		}
	}
	return all
}

func (w *Whole) gained(ctx context.Context) []string {
	c := Copy{Certification: w.Certification, Gained: w.Gained}
	return c.gainedLines(ctx)
}

// outlined is a line of the outline of a dossier.
type outlined struct{ Path, Title, Note string }

func (v fileView) line(ctx context.Context, p *Part) outlined {
	l := outlined{Path: partPath(v.File, p.Code), Title: partTitle(ctx, v.File, p), Note: i18n.T(ctx, "vae.part.new")}
	if p.Version > 0 {
		l.Note = i18n.N(ctx, "vae.counts.words", p.Words(v.File))
		if i := slices.IndexFunc(v.Lacks, func(x Lack) bool { return x.Code == p.Code }); i >= 0 {
			l.Note += " " + lackFields(ctx, v.Lacks[i])
		}
	}
	return l
}

// outline is the parts of a dossier in their order, activities told for blocs aside.
func (v fileView) outline(ctx context.Context, d Dossier) []outlined {
	var all []outlined
	for i := range shapes {
		sh := &shapes[i]
		switch {
		case sh.dossier != d || !v.may(sh) || sh.kind == "told":
		case sh.kind == "bloc":
			for _, b := range v.Blocs() {
				if p, ok := v.part("bloc." + b.ID); ok {
					l := v.line(ctx, p)
					l.Title = blocLine(b)
					all = append(all, l)
				}
			}
		case sh.many:
			for _, p := range v.of(sh.kind) {
				all = append(all, v.line(ctx, p))
			}
		default:
			if p, ok := v.part(sh.kind); ok {
				all = append(all, v.line(ctx, p))
			}
		}
	}
	return all
}

// told is the activities told for a bloc.
func (v fileView) told(ctx context.Context, b Bloc) []outlined {
	var all []outlined
	for _, p := range v.of("told") {
		if p.Bloc == b.ID {
			all = append(all, v.line(ctx, p))
		}
	}
	return all
}

// activityOptions are the activities of the musette, and none.
func (v fileView) activityOptions(ctx context.Context) []web.Option {
	all := []web.Option{{Text: i18n.T(ctx, "vae.add.nothing")}}
	for _, k := range v.Known {
		if isActivity(k.ID) {
			all = append(all, web.Option{Value: string(k.ID), Text: k.Title})
		}
	}
	return all
}

func (v fileView) mayBecome(s State) bool { return slices.Contains(v.Next(), s) }

func (v fileView) stepOptions(ctx context.Context) []web.Option {
	var all []web.Option
	for _, s := range v.Next() {
		all = append(all, web.Option{Value: string(s), Text: i18n.T(ctx, "vae.state."+string(s)), Help: i18n.T(ctx, "vae.state."+string(s)+".help"), Chosen: v.Step.State == string(s)})
	}
	return all
}

// lackLine says that nothing of a kind was begun.
func lackLine(ctx context.Context, f *File, l Lack) string {
	if b, ok := f.Certification.bloc(l.Bloc); ok {
		return i18n.T(ctx, "vae.lack."+l.Code, "bloc", blocLine(b))
	}
	return i18n.T(ctx, "vae.lack."+l.Code)
}

func (v fileView) lackTitle(ctx context.Context, l Lack) string {
	if p, ok := v.part(l.Code); ok {
		return partTitle(ctx, v.File, p)
	}
	return ""
}

func lackFields(ctx context.Context, l Lack) string {
	all := make([]string, len(l.Keys))
	for i := range l.Keys {
		all[i] = fieldLabel(ctx, &l.Keys[i])
	}
	return i18n.T(ctx, "vae.lack.fields", "what", i18n.List(ctx, all...))
}

func outPath(f *File, d Dossier, kind string) string {
	return filePath(f.ID) + "/out/" + string(d) + "." + kind
}

// partOptions are the parts that may be opened to a companion.
func (v shareView) partOptions(ctx context.Context) []web.Option {
	var all []web.Option
	for _, p := range v.Parts {
		o := web.Option{Value: p.Code, Text: partTitle(ctx, v.File, p), Chosen: slices.Contains(v.Chosen, p.Code)}
		if b, ok := v.Certification.bloc(p.Bloc); ok && p.Kind() == "told" {
			o.Help = blocLine(b)
		}
		all = append(all, o)
	}
	return all
}

// ticket is a loan as the owner sees it.
func (v shareView) ticket(ctx context.Context, l loanLine) web.Ticket {
	t := web.Ticket{
		ID: "g-" + string(l.ID), Icon: "people", Via: i18n.T(ctx, "vae.loan.circle"), Title: l.ToName, Purpose: l.Purpose,
		Ends: i18n.T(ctx, "vae.loan.until", "date", i18n.Day(ctx, l.Until)), Looks: i18n.N(ctx, "vae.loan.looks", int(l.Looks)),
		Spent: !l.Withdrawn.IsZero() || l.Decided,
	}
	if t.Note = i18n.N(ctx, "vae.loan.parts", l.Parts); l.SHA256 != "" {
		t.Note = i18n.T(ctx, "vae.loan.copy", "digest", l.SHA256)
	}
	switch {
	case l.Decided:
		t.Ends = i18n.T(ctx, "vae.loan.kept")
	case !l.Withdrawn.IsZero():
		t.Ends = i18n.T(ctx, "vae.loan.over")
	default:
		t.Action = closeForm(v, l)
	}
	return t
}

// input is the comment on a part.
func (f lentForm) input(ctx context.Context, code, title string) web.Input {
	in := web.Input{Name: "text", ID: "text-" + code, Label: i18n.T(ctx, "vae.comment.on", "part", title), Rows: 3, Max: commentMost}
	if f.Part == code {
		in.ID, in.Value, in.Refused = "", f.Text, f.Refused
	}
	return in
}

// blocs are those the copy aims at.
func (t *Sitting) blocs() []Bloc { return t.Copy.Certification.chosen(t.Copy.Aimed) }

// name is who said something; the jury as a whole has its own.
func (t *Sitting) name(ctx context.Context, o Opinion) string {
	switch {
	case o.By == "":
		return i18n.T(ctx, "vae.jury.whole")
	case t.Names[o.By] == "":
		return i18n.T(ctx, "vae.jury.left")
	}
	return t.Names[o.By]
}

// genuine reports whether the copy carries the candidate's signature, unbroken.
func (t *Sitting) genuine() bool {
	return slices.ContainsFunc(t.Report.Checks, func(c credential.Check) bool { return c.Name == credential.CheckProof && c.OK != nil && *c.OK })
}

func wordOptions(ctx context.Context, chosen string) []web.Option {
	return web.Choose(chosen, "yes", i18n.T(ctx, "vae.claim.yes"), "partly", i18n.T(ctx, "vae.claim.partly"), "no", i18n.T(ctx, "vae.claim.no"))
}

func extensionOf(a Annex) string { return path.Ext(a.File) }

func credentialPath(r Result, g Granted) string {
	return home + "/results/" + string(r.ID) + "/credentials/" + g.Bloc
}
