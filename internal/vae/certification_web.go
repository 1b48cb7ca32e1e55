package vae

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// typed is the form of a certification written by hand.
type typed struct {
	Certification Certification
	Aim, Gain     []int // places of blocs
	Variant       string
	Choose        bool // blocs are aimed at, and may be gained already
	Action        string
	Back          web.Link
	Do            string // key of what the button says
	Version       int64
	Key           string
	Refused       web.Refusals
	Stale         bool

	Circles []Circle // that may keep a new referential
	Circle  string
}

// spare is how many empty blocs a form offers.
const spare = 2

func readTyped(form url.Values) typed {
	t := typed{Variant: form.Get("variant"), Key: form.Get("idempotency_key"), Certification: Certification{
		Title: strings.TrimSpace(form.Get("title")), Code: strings.ToUpper(strings.Join(strings.Fields(form.Get("code")), "")),
		Certifier: strings.TrimSpace(form.Get("certifier")), Level: strings.TrimSpace(form.Get("level")),
	}}
	t.Version = number(form.Get("version"))
	ticked := func(name string, place int) bool { return slices.Contains(form[name], strconv.Itoa(place)) }
	for i := range blocsMost + 1 {
		b := Bloc{
			ID: form.Get(blocField(i, "key")), Code: strings.ToUpper(strings.TrimSpace(form.Get(blocField(i, "code")))),
			Title: strings.TrimSpace(form.Get(blocField(i, "title"))), Competences: lines(form.Get(blocField(i, "competences"))),
		}
		if b.Title == "" && len(b.Competences) == 0 {
			continue
		}
		if ticked("aim", i) {
			t.Aim = append(t.Aim, len(t.Certification.Blocs))
		}
		if ticked("gain", i) {
			t.Gain = append(t.Gain, len(t.Certification.Blocs))
		}
		t.Certification.Blocs = append(t.Certification.Blocs, b)
	}
	return t
}

// number reads a version; what is none is a version that nothing has.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func (s *Service) newFile(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.own(r.Context()); err != nil {
		return err
	}
	return s.renderTyped(w, r, i18n.T(r.Context(), "vae.new.title"), s.newTyped(r.Context(), typed{Variant: string(Alone)}))
}

func (s *Service) newTyped(ctx context.Context, t typed) typed {
	t.Action, t.Back, t.Do, t.Choose = home+"/new", upHome(ctx), "vae.begin", false
	return t
}

func (s *Service) renderTyped(w http.ResponseWriter, r *http.Request, title string, t typed) error {
	page := frame(title, t.Back)
	page.Refused = len(t.Refused) > 0
	status := t.Refused.Status()
	if t.Stale {
		status = http.StatusConflict
	}
	return web.Render(w, r, status, web.Layout(page, typedPage(t)))
}

func (s *Service) typeFile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if _, err := s.own(ctx); err != nil {
		return err
	}
	t := s.newTyped(ctx, readTyped(form))
	t.Certification.inherit(Certification{})
	var all []string
	for _, b := range t.Certification.Blocs {
		all = append(all, b.ID)
	}
	id, err := s.Begin(ctx, t.Certification, all, Variant(t.Variant), "")
	if t.Refused = web.Refused(err); len(t.Refused) > 0 {
		return s.renderTyped(w, r, i18n.T(ctx, "vae.new.title"), t)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, filePath(id), "vae.begun")
}

func (s *Service) editCertification(w http.ResponseWriter, r *http.Request) error {
	_, f, err := s.file(r.Context(), fileIn(r))
	if err != nil {
		return err
	}
	t := f.typed(r.Context(), typed{Certification: f.Certification, Variant: string(f.Variant), Version: f.Version})
	for i, b := range f.Certification.Blocs {
		if slices.Contains(f.Aimed, b.ID) {
			t.Aim = append(t.Aim, i)
		}
		if f.has(b.ID) {
			t.Gain = append(t.Gain, i)
		}
	}
	return s.renderTyped(w, r, i18n.T(r.Context(), "vae.edit.title"), t)
}

func (f *File) typed(_ context.Context, t typed) typed {
	t.Action, t.Back, t.Do, t.Choose = filePath(f.ID)+"/certification", web.Link{Path: filePath(f.ID), Text: f.Certification.Title}, "vae.save", true
	return t
}

func (s *Service) saveCertification(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	_, f, err := s.file(ctx, fileIn(r))
	if err != nil {
		return err
	}
	t := f.typed(ctx, readTyped(form))
	t.Certification.Until, t.Certification.Source = f.Certification.Until, f.Certification.Source
	err = s.Change(ctx, f.ID, t.Version, t.Certification, t.Aim, t.Gain, Variant(t.Variant))
	if t.Stale = isStale(err); t.Stale {
		t.Version, t.Key = f.Version, ""
	}
	if t.Refused = web.Refused(err); len(t.Refused) > 0 || t.Stale {
		return s.renderTyped(w, r, i18n.T(ctx, "vae.edit.title"), t)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, filePath(f.ID), "vae.saved")
}
