package vae

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// partForm is a part in the editor.
type partForm struct {
	File     *Whole
	Part     *Part
	Fields   []Field
	Values   map[string]string
	Picks    []kernel.ItemID
	Key      string
	Refused  web.Refusals
	Now      *Part // what another window wrote meanwhile
	From     int64 // the earlier version taken up, not kept yet
	Reused   bool  // what stands here comes from another file
	Comments []Comment
	Near     map[string]Near // by competence
}

func partPath(f *File, code string) string { return filePath(f.ID) + "/parts/" + code }

// dossierPath is the page of the dossier that a part belongs to.
func dossierPath(f *File, code string) string {
	return filePath(f.ID) + "/" + string(shapeOf(code).dossier)
}

func (s *Service) partIn(r *http.Request) (*partForm, error) {
	w, err := s.Whole(r.Context(), fileIn(r))
	if err != nil {
		return nil, err
	}
	p, ok := w.part(r.PathValue("part"))
	if !ok {
		return nil, errNotFoundVAE
	}
	f := &partForm{File: w, Part: p, Fields: w.fields(p.Code, p.Bloc), Values: p.Values, Picks: p.Picks, Near: map[string]Near{}}
	for _, c := range w.Comments {
		if c.Part == p.Code {
			f.Comments = append(f.Comments, c)
		}
	}
	if b, ok := w.Certification.bloc(p.Bloc); ok {
		for _, n := range near(b, w.Known) {
			f.Near[n.ID] = n
		}
	}
	return f, nil
}

func (s *Service) editPart(w http.ResponseWriter, r *http.Request) error {
	f, err := s.partIn(r)
	if err != nil {
		return err
	}
	if f.Part.Version == 0 {
		was, err := s.elsewhere(r.Context(), f.File.File, f.Part.Code)
		if err != nil {
			return err
		}
		if was != nil {
			f.Values, f.Reused = was.Values, true
		}
	}
	if at := r.URL.Query().Get("version"); at != "" {
		past, err := s.Versions(r.Context(), f.File, f.Part.Code)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(past, func(p *Part) bool { return p.Version == number(at) })
		if i < 0 {
			return errNotFoundVAE
		}
		f.Values, f.Picks, f.From = past[i].Values, past[i].Picks, past[i].Version
	}
	return s.renderPart(w, r, f)
}

func (s *Service) renderPart(w http.ResponseWriter, r *http.Request, f *partForm) error {
	ctx := r.Context()
	page := frame(partTitle(ctx, f.File.File, f.Part), web.Link{
		Path: dossierPath(f.File.File, f.Part.Code), Text: i18n.T(ctx, "vae."+string(shapeOf(f.Part.Code).dossier)+".title"),
	})
	page.Refused = len(f.Refused) > 0 || f.Now != nil
	status := f.Refused.Status()
	if f.Now != nil {
		status = http.StatusConflict
	}
	return web.Render(w, r, status, web.Layout(page, partPage(f)))
}

func (s *Service) savePart(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f, err := s.partIn(r)
	if err != nil {
		return err
	}
	f.Values, f.Picks, f.Key = map[string]string{}, nil, form.Get("idempotency_key")
	var wrong error
	for i := range f.Fields {
		d := &f.Fields[i]
		f.Values[d.Name] = form.Get(d.Name)
		if d.Input == Day {
			day, err := web.Date(form, d.Name)
			if err != nil {
				wrong = err
				continue
			}
			f.Values[d.Name] = string(day)
		}
	}
	for _, id := range form["pieces"] {
		f.Picks = append(f.Picks, kernel.ItemID(id))
	}
	if wrong == nil {
		wrong = s.Save(ctx, f.File.ID, f.Part.Code, number(form.Get("version")), f.Values, f.Picks)
	}
	if isStale(wrong) {
		f.Now, f.Key = f.Part, ""
		return s.renderPart(w, r, f)
	}
	if f.Refused = web.Refused(wrong); len(f.Refused) > 0 {
		return s.renderPart(w, r, f)
	}
	if wrong != nil {
		return wrong
	}
	return web.SeeOther(w, r, partPath(f.File.File, f.Part.Code), "vae.part.kept")
}

func (s *Service) addPart(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id := fileIn(r)
	code, err := s.Add(r.Context(), id, form.Get("kind"), form.Get("bloc"), kernel.ItemID(form.Get("activity")))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, filePath(id)+"/parts/"+code)
}

func (s *Service) showVersions(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.partIn(r)
	if err != nil {
		return err
	}
	past, err := s.Versions(ctx, f.File, f.Part.Code)
	if err != nil {
		return err
	}
	page := frame(i18n.T(ctx, "vae.versions.title"), web.Link{Path: partPath(f.File.File, f.Part.Code), Text: partTitle(ctx, f.File.File, f.Part)})
	return web.Render(w, r, http.StatusOK, web.Layout(page, versionsPage(f, past)))
}

func (s *Service) askDrop(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.partIn(r)
	if err != nil {
		return err
	}
	if f.Part.Version == 0 || !shapeOf(f.Part.Code).many {
		return errNotFoundVAE
	}
	at := partPath(f.File.File, f.Part.Code)
	page := frame(i18n.T(ctx, "vae.drop.title"), web.Link{Path: at, Text: partTitle(ctx, f.File.File, f.Part)})
	return web.Render(w, r, http.StatusOK, web.Layout(page, web.Confirm(web.Confirmation{
		Does: []string{i18n.N(ctx, "vae.drop.words", f.Part.Words(f.File.File))}, DoesTitle: i18n.T(ctx, "vae.delete.goes"), DoesIcon: "warn",
		Keeps: []string{i18n.T(ctx, "vae.delete.musette")}, KeepsTitle: i18n.T(ctx, "vae.delete.stays"), KeepsIcon: "check",
		Action: at + "/delete", Do: i18n.T(ctx, "vae.drop.do"), Stop: true, Instead: web.Link{Path: at, Text: i18n.T(ctx, "vae.keep")},
	})))
}

func (s *Service) dropPart(w http.ResponseWriter, r *http.Request) error {
	f, err := s.partIn(r)
	if err != nil {
		return err
	}
	if err := s.Drop(r.Context(), f.File.ID, f.Part.Code); err != nil {
		return err
	}
	return web.SeeOther(w, r, dossierPath(f.File.File, f.Part.Code), "vae.dropped")
}

// input is a field of the form.
func (f *partForm) input(ctx context.Context, d *Field) web.Input {
	in := web.Input{Name: d.Name, Label: fieldLabel(ctx, d), Value: f.Values[d.Name], Max: lineMost, Refused: f.Refused, Autocomplete: "off"}
	if key := "vae.help." + d.Key; d.Key != "" && i18n.Has(ctx, key) && d.Row < 2 {
		in.Help = i18n.T(ctx, key)
	}
	switch d.Input {
	case Lines:
		in.Max, in.Rows = linesMost, 6
		if d.Name == "words" || d.Name == "did" {
			in.Rows = 12
		}
	case Amount:
		in.Narrow = true
	case Tick:
		in.Value = "on"
	case Line, Day, Choice:
	}
	return in
}

// options are those of a choice; none may be chosen too.
func (f *partForm) options(ctx context.Context, d *Field) []web.Option {
	var all []web.Option
	for _, v := range vocabularies[d.Options] {
		all = append(all, web.Option{Value: v, Text: i18n.T(ctx, "vae."+d.Options+"."+v), Chosen: f.Values[d.Name] == v})
	}
	return all
}

// choice is a group of few options.
func (f *partForm) choice(ctx context.Context, d *Field) web.Group {
	g := web.Group{Name: d.Name, Legend: fieldLabel(ctx, d), Options: f.options(ctx, d), Refused: f.Refused}
	if len(d.Name) > len("claim.") && d.Label != "" {
		g.Help = because(ctx, f.Near[d.Name[len("claim."):]])
	}
	return g
}

// because says why a competence looks near, in one sentence.
func because(ctx context.Context, n Near) string {
	if len(n.Because) == 0 {
		return i18n.T(ctx, "vae.because.nothing")
	}
	r := n.Because[0]
	return i18n.T(ctx, "vae.because", "what", r.Known.Title, "words", i18n.List(ctx, r.Words...))
}

// pieceOptions are the pieces of the musette, those chosen first.
func (f *partForm) pieceOptions(ctx context.Context) []web.Option {
	var first, rest []web.Option
	for _, q := range f.File.Pieces {
		o := web.Option{Value: string(q.ID), Text: q.Title, Chosen: slices.Contains(f.Picks, q.ID)}
		if q.Date != "" {
			o.Text += ", " + i18n.Date(ctx, q.Date)
		}
		if o.Chosen {
			first = append(first, o)
		} else {
			rest = append(rest, o)
		}
	}
	return append(first, rest...)
}

// begins reports whether what is asked of competences begins with field i.
func (f *partForm) begins(i int) bool {
	return f.Fields[i].Label != "" && (i == 0 || f.Fields[i-1].Label == "")
}

func (f *partForm) version() string { return strconv.FormatInt(f.Part.Version, 10) }
