package recognition

import (
	"net/http"
	"net/url"
	"slices"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func competencePath(id kernel.ItemID) string { return competencesAt + "/" + string(id) }

// competenceView is a competence as it is read.
type competenceView struct {
	Row
	Standing []Standing
	Notices  []string
	From     []*Telling // it came from
	Ask      string     // where a peer is asked for a word; "" when nobody can be
}

func (s *Service) showCompetence(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	c, err := s.Competence(ctx, itemID(r))
	if err != nil {
		return err
	}
	carriers, err := s.Carriers(ctx)
	if err != nil {
		return err
	}
	voices, err := s.voices(ctx)
	if err != nil {
		return err
	}
	v := competenceView{Row: mapOf([]*Competence{c}, carriers, voices).Rows[0], Notices: notices(c.Refs)}
	if v.Standing, err = s.standing(ctx, c.Refs); err != nil {
		return err
	}
	if v.Ask = s.Ask; s.Ask != "" && len(v.Done) > 0 {
		v.Ask += "?activity=" + url.QueryEscape(string(v.Done[0].ID))
	}
	tellings, err := s.Tellings(ctx)
	if err != nil {
		return err
	}
	for _, t := range tellings {
		if slices.Contains(c.Links, t.ID) {
			v.From = append(v.From, t)
		}
	}
	page := s.inside(ctx, c.Title, "", homeLink(ctx))
	page.Under = marks(v.Sources())
	return web.Render(w, r, http.StatusOK, web.Layout(page, competencePage(&v)))
}

// competenceForm is what she says of a competence, as a form.
type competenceForm struct {
	ID      kernel.ItemID // empty for a new one
	Version int64
	Saying
	Key     string
	Offered Carriers
	Refused web.Refusals
}

func (s *Service) newCompetence(w http.ResponseWriter, r *http.Request) error {
	return s.competenceForm(w, r, competenceForm{}, http.StatusOK)
}

func (s *Service) editCompetence(w http.ResponseWriter, r *http.Request) error {
	c, err := s.Competence(r.Context(), itemID(r))
	if err != nil {
		return err
	}
	return s.competenceForm(w, r, competenceForm{ID: c.ID, Version: c.Version, Saying: c.Saying}, http.StatusOK)
}

func (s *Service) competenceForm(w http.ResponseWriter, r *http.Request, f competenceForm, status int) error {
	ctx := r.Context()
	var err error
	if f.Offered, err = s.Carriers(ctx); err != nil {
		return err
	}
	page := s.inside(ctx, i18n.T(ctx, "recognition.competence.new"), i18n.T(ctx, "recognition.competence.new.lede"), homeLink(ctx))
	if f.ID != "" {
		page = s.inside(ctx, i18n.T(ctx, "recognition.competence.edit"), "", web.Link{Path: competencePath(f.ID), Text: i18n.T(ctx, "recognition.competence.back")})
	}
	page.Refused = len(f.Refused) > 0
	return web.Render(w, r, status, web.Layout(page, competenceFormPage(&f)))
}

// readCompetence reads the form; was is the competence before, of which references
// and tellings can be let go but not invented.
func readCompetence(form url.Values, was Saying) Saying {
	c := Saying{Title: form.Get("title"), Level: form.Get("level"), Text: form.Get("text"), Because: was.Because}
	for _, ref := range was.Refs {
		if slices.Contains(form["ref"], ref.URI) {
			c.Refs = append(c.Refs, ref)
		}
	}
	for _, id := range was.Links {
		if isTelling(id) {
			c.Links = append(c.Links, id)
		}
	}
	for _, id := range slices.Concat(form["done"], form["piece"]) {
		c.Links = append(c.Links, kernel.ItemID(id))
	}
	return c
}

func (s *Service) saveNewCompetence(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	f := competenceForm{Saying: readCompetence(form, Saying{}), Key: form.Get("idempotency_key")}
	id, err := s.Keep(ctx, []Saying{f.Saying})
	if f.Refused = refused(err, &f.Key, "title"); len(f.Refused) > 0 {
		return s.competenceForm(w, r, f, f.Refused.Status())
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, competencePath(id), "recognition.kept")
}

func (s *Service) saveCompetence(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	was, err := s.Competence(ctx, itemID(r))
	if err != nil {
		return err
	}
	version, err := versionIn(form)
	if err != nil {
		return err
	}
	f := competenceForm{ID: was.ID, Version: was.Version, Saying: readCompetence(form, was.Saying), Key: form.Get("idempotency_key")}
	err = s.Revise(ctx, was.ID, version, f.Saying)
	if f.Refused = refused(err, &f.Key, "title"); len(f.Refused) > 0 {
		return s.competenceForm(w, r, f, f.Refused.Status())
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, competencePath(was.ID), "recognition.changed")
}

// followReference puts what replaced a reference in its place.
func (s *Service) followReference(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	c, err := s.Competence(ctx, itemID(r))
	if err != nil {
		return err
	}
	all, err := s.standing(ctx, c.Refs)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(st Standing) bool { return st.URI == form.Get("uri") && st.Now != nil })
	if i < 0 {
		return errNoItem
	}
	now := c.Saying
	now.Refs = slices.Clone(now.Refs)
	now.replace(all[i].URI, *all[i].Now)
	if err := s.Revise(ctx, c.ID, c.Version, now); err != nil {
		return err
	}
	return web.SeeOther(w, r, competencePath(c.ID), "recognition.changed")
}

func (s *Service) dropCompetence(w http.ResponseWriter, r *http.Request) error {
	ctx, _, err := filled(r)
	if err != nil {
		return err
	}
	if err := s.RemoveCompetence(ctx, itemID(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, home, "recognition.dropped")
}
