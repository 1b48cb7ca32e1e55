package vae

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) juryPages(m *web.Mux) {
	m.Page("GET /reveler/vae/jury", s.listSittings)
	m.Page("GET /reveler/vae/jury/{grant}", s.showSitting)
	m.Page("GET /reveler/vae/jury/{grant}/out/{name}", s.takeHanded)
	m.Page("POST /reveler/vae/jury/{grant}/opinions", s.opine)
	m.Page("GET /reveler/vae/jury/{grant}/decision", s.askDecision)
	m.Page("POST /reveler/vae/jury/{grant}/decision", s.decide)
	m.Page("GET /reveler/vae/referentials/new", s.newReferential)
	m.Page("POST /reveler/vae/referentials", s.addReferential)
	m.Page("GET /reveler/vae/referentials/{id}", s.showReferential)
	m.Page("GET /reveler/vae/referentials/{id}/edit", s.editReferential)
	m.Page("POST /reveler/vae/referentials/{id}", s.saveReferential)
}

func juryPath(grant kernel.GrantID) string { return home + "/jury/" + url.PathEscape(string(grant)) }

func (s *Service) listSittings(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	open, done, mine, err := s.Waiting(ctx)
	if err != nil {
		return err
	}
	page := frame(i18n.T(ctx, "vae.jury.title"), upHome(ctx))
	page.Lede = i18n.T(ctx, "vae.jury.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(page, juryPage(open, done, mine)))
}

// sittingForm is what a member typed: opinions by competence, and for a decision the
// blocs.
type sittingForm struct {
	Word, Reason map[string]string
	Bloc, Why    map[string]string
	All          string
	Key          string
	Refused      web.Refusals
}

func readSitting(form url.Values) sittingForm {
	f := sittingForm{Word: map[string]string{}, Reason: map[string]string{}, Bloc: map[string]string{}, Why: map[string]string{}, All: strings.TrimSpace(form.Get("reason")), Key: form.Get("idempotency_key")}
	for name := range form {
		v := strings.TrimSpace(form.Get(name))
		for prefix, into := range map[string]map[string]string{"word.": f.Word, "reason.": f.Reason, "bloc.": f.Bloc, "blocreason.": f.Why} {
			if about, ok := strings.CutPrefix(name, prefix); ok {
				into[about] = v
			}
		}
	}
	return f
}

func (s *Service) sittingIn(r *http.Request) (*Sitting, error) {
	return s.Sitting(r.Context(), kernel.GrantID(r.PathValue("grant")))
}

func (s *Service) showSitting(w http.ResponseWriter, r *http.Request) error {
	t, err := s.sittingIn(r)
	if err != nil {
		return err
	}
	me := kernel.ActorFrom(r.Context()).Person
	f := sittingForm{Word: map[string]string{}, Reason: map[string]string{}}
	for _, o := range t.Opinions {
		if o.By == me {
			f.Word[o.About], f.Reason[o.About] = o.Word, o.Reason
		}
	}
	return s.renderSitting(w, r, t, f)
}

func (s *Service) renderSitting(w http.ResponseWriter, r *http.Request, t *Sitting, f sittingForm) error {
	ctx := r.Context()
	page := frame(t.Copy.Certification.Title, web.Link{Path: home + "/jury", Text: i18n.T(ctx, "vae.jury.title")})
	page.Lede = i18n.T(ctx, "vae.sitting.lede", "name", t.Copy.Candidate, "jury", t.Circle.Name)
	page.Refused = len(f.Refused) > 0
	return web.Render(w, r, f.Refused.Status(), web.Layout(page, sittingPage(t, f)))
}

func (s *Service) opine(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	t, err := s.sittingIn(r)
	if err != nil {
		return err
	}
	f := readSitting(form)
	var said []Opinion
	for about, word := range f.Word {
		said = append(said, Opinion{About: about, Word: word, Reason: f.Reason[about]})
	}
	for about, reason := range f.Reason {
		if f.Word[about] == "" && reason != "" {
			said = append(said, Opinion{About: about, Reason: reason})
		}
	}
	err = s.Opine(r.Context(), t.Grant, said)
	if f.Refused = web.Refused(err); len(f.Refused) > 0 {
		return s.renderSitting(w, r, t, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, juryPath(t.Grant), "vae.opined")
}

func (s *Service) askDecision(w http.ResponseWriter, r *http.Request) error {
	t, err := s.sittingIn(r)
	if err != nil {
		return err
	}
	return s.renderDecision(w, r, t, readSitting(nil))
}

func (s *Service) renderDecision(w http.ResponseWriter, r *http.Request, t *Sitting, f sittingForm) error {
	ctx := r.Context()
	switch {
	case !t.Circle.Owner:
		return errNotHead
	case t.Outcome != "":
		return errDecided
	}
	page := frame(i18n.T(ctx, "vae.decision.title"), web.Link{Path: juryPath(t.Grant), Text: t.Copy.Certification.Title})
	page.Lede, page.Refused = i18n.T(ctx, "vae.decision.lede", "name", t.Copy.Candidate), len(f.Refused) > 0
	return web.Render(w, r, f.Refused.Status(), web.Layout(page, decisionPage(t, f)))
}

func (s *Service) decide(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f := readSitting(form)
	d := Decision{Reason: f.All}
	for about, word := range f.Word {
		d.Words = append(d.Words, Opinion{About: about, Word: word, Reason: f.Reason[about]})
	}
	for bloc, word := range f.Bloc {
		d.Blocs = append(d.Blocs, Granted{Bloc: bloc, Granted: word == "yes", Reason: f.Why[bloc]})
	}
	slices.SortFunc(d.Words, func(a, b Opinion) int { return strings.Compare(a.About, b.About) })
	slices.SortFunc(d.Blocs, func(a, b Granted) int { return strings.Compare(a.Bloc, b.Bloc) })
	grant := kernel.GrantID(r.PathValue("grant"))
	err = s.Decide(ctx, grant, d)
	if f.Refused = web.Refused(err); len(f.Refused) > 0 {
		t, err := s.sittingIn(r)
		if err != nil {
			return err
		}
		return s.renderDecision(w, r, t, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, juryPath(grant), "vae.decided")
}

// takeHanded sends the frozen copy, or a part of it: dossier.json, dossier.pdf,
// dossier.odt, or an annex by its number.
func (s *Service) takeHanded(w http.ResponseWriter, r *http.Request) error {
	t, err := s.sittingIn(r)
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	if name == signedName {
		return send(w, name, mediaJSON, t.signed)
	}
	base, kind, _ := strings.Cut(name, ".")
	if n, ok := strings.CutPrefix(base, "annex-"); ok {
		number, err := strconv.Atoi(n)
		if err != nil {
			return errNotFoundVAE
		}
		a, raw, _, err := t.annex(number)
		if err != nil {
			return err
		}
		return send(w, name, a.Media, raw)
	}
	if base != "dossier" {
		return errNotFoundVAE
	}
	return sendCopy(r.Context(), w, t.Copy, name, kind)
}

// charged are the circles the actor looks after.
func charged(all []Circle) []Circle {
	return slices.DeleteFunc(slices.Clone(all), func(c Circle) bool { return !c.Owner })
}

func (s *Service) referentialForm(ctx context.Context, t typed, id string) typed {
	t.Action, t.Back, t.Do = home+"/referentials", upHome(ctx), "vae.save"
	if id != "" {
		t.Action = home + "/referentials/" + url.PathEscape(id)
		t.Back = web.Link{Path: t.Action, Text: t.Certification.Title}
	}
	return t
}

func (s *Service) newReferential(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := s.own(ctx); err != nil {
		return err
	}
	mine, err := s.Circles.Mine(ctx)
	if err != nil {
		return err
	}
	t := s.referentialForm(ctx, typed{}, "")
	t.Circles = charged(mine)
	return s.renderTyped(w, r, i18n.T(ctx, "vae.referential.new"), t)
}

func (s *Service) addReferential(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if _, err := s.own(ctx); err != nil {
		return err
	}
	mine, err := s.Circles.Mine(ctx)
	if err != nil {
		return err
	}
	t := s.referentialForm(ctx, readTyped(form), "")
	t.Circles, t.Circle = charged(mine), form.Get("circle")
	id, err := s.Keep(ctx, Referential{Circle: kernel.CircleID(t.Circle), Certification: t.Certification})
	if t.Refused = web.Refused(err); len(t.Refused) > 0 {
		return s.renderTyped(w, r, i18n.T(ctx, "vae.referential.new"), t)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, home+"/referentials/"+url.PathEscape(id), "vae.referential.kept")
}

func (s *Service) showReferential(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := s.beginning(ctx, "", r.PathValue("id"))
	if err != nil {
		return err
	}
	_, c, err := s.Referential(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	for _, x := range b.Certification.Blocs {
		b.Chosen = append(b.Chosen, x.ID)
	}
	b.Keeper = c.Owner
	return s.renderBeginning(w, r, b)
}

func (s *Service) editReferential(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	ref, c, err := s.Referential(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !c.Owner {
		return errNotKeeper
	}
	t := s.referentialForm(ctx, typed{Certification: ref.Certification, Version: ref.Version}, ref.ID)
	return s.renderTyped(w, r, i18n.T(ctx, "vae.referential.edit"), t)
}

func (s *Service) saveReferential(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ref, _, err := s.Referential(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	t := s.referentialForm(ctx, readTyped(form), ref.ID)
	_, err = s.Keep(ctx, Referential{ID: ref.ID, Version: t.Version, Certification: t.Certification})
	if t.Stale = isStale(err); t.Stale {
		t.Version, t.Key = ref.Version, ""
	}
	if t.Refused = web.Refused(err); len(t.Refused) > 0 || t.Stale {
		return s.renderTyped(w, r, i18n.T(ctx, "vae.referential.edit"), t)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, home+"/referentials/"+url.PathEscape(ref.ID), "vae.referential.kept")
}
