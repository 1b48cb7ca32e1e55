package recognition

import (
	"net/http"
	"net/url"
	"strconv"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// beginForm is the form that begins a telling.
type beginForm struct {
	Title, Of, Key string
	Done           Carriers
	Refused        web.Refusals
}

func (s *Service) newTelling(w http.ResponseWriter, r *http.Request) error {
	f := beginForm{Of: r.URL.Query().Get("of")}
	all, err := s.Carriers(r.Context())
	if err != nil {
		return err
	}
	if c, ok := all.Find(kernel.ItemID(f.Of)); ok {
		f.Title = c.Title
	}
	return s.beginPage(w, r, f, http.StatusOK)
}

func (s *Service) beginPage(w http.ResponseWriter, r *http.Request, f beginForm, status int) error {
	ctx := r.Context()
	all, err := s.Carriers(ctx)
	if err != nil {
		return err
	}
	f.Done = all.Done()
	page := s.inside(ctx, i18n.T(ctx, "recognition.tell.title"), i18n.T(ctx, "recognition.tell.lede"), homeLink(ctx))
	page.Refused = len(f.Refused) > 0
	return web.Render(w, r, status, web.Layout(page, tellBegin(&f)))
}

func (s *Service) beginTelling(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	f := beginForm{Title: form.Get("title"), Of: form.Get("activity"), Key: form.Get("idempotency_key")}
	id, err := s.BeginTelling(ctx, f.Title, kernel.ItemID(f.Of))
	if f.Refused = refused(err, &f.Key, "title"); len(f.Refused) > 0 {
		return s.beginPage(w, r, f, f.Refused.Status())
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, stepPath(id, 0))
}

func tellingPath(id kernel.ItemID) string { return tellingsAt + "/" + string(id) }

func stepPath(id kernel.ItemID, prompt int) string {
	return tellingPath(id) + "/" + strconv.Itoa(prompt+1)
}

// tellingView is a telling as it is read.
type tellingView struct {
	*Telling
	Of Carrier // the activity; zero for a free one
}

func (s *Service) showTelling(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	t, err := s.Telling(ctx, itemID(r))
	if err != nil {
		return err
	}
	all, err := s.Carriers(ctx)
	if err != nil {
		return err
	}
	v := tellingView{Telling: t}
	v.Of, _ = all.Find(t.Of)
	page := s.inside(ctx, t.Title, i18n.T(ctx, "recognition.tell.private"), homeLink(ctx))
	return web.Render(w, r, http.StatusOK, web.Layout(page, tellingPage(&v)))
}

// stepForm is one prompt of a telling.
type stepForm struct {
	*Telling
	Prompt  int
	Answer  string
	Version int64
	Key     string
	Refused web.Refusals
}

// prompt is the place of a prompt in the address of its page.
func prompt(r *http.Request) (int, error) {
	n, err := strconv.Atoi(r.PathValue("step"))
	if err != nil || n < 1 || n > len(Prompts) {
		return 0, errNoItem
	}
	return n - 1, nil
}

func (s *Service) showStep(w http.ResponseWriter, r *http.Request) error {
	t, err := s.Telling(r.Context(), itemID(r))
	if err != nil {
		return err
	}
	n, err := prompt(r)
	if err != nil {
		return err
	}
	return s.stepPage(w, r, &stepForm{Telling: t, Prompt: n, Answer: t.Answers[n], Version: t.Version}, http.StatusOK)
}

func (s *Service) stepPage(w http.ResponseWriter, r *http.Request, f *stepForm, status int) error {
	ctx := r.Context()
	page := s.inside(ctx, i18n.T(ctx, "recognition.prompt."+Prompts[f.Prompt]), "", web.Link{Path: tellingPath(f.ID), Text: f.Title})
	page.Refused = len(f.Refused) > 0
	return web.Render(w, r, status, web.Layout(page, stepPage(f)))
}

func (s *Service) saveStep(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	id := itemID(r)
	n, err := prompt(r)
	if err != nil {
		return err
	}
	version, err := versionIn(form)
	if err != nil {
		return err
	}
	answer := form.Get("answer")
	err = s.Answer(ctx, id, version, n, answer)
	key := form.Get("idempotency_key")
	if wrong := refused(err, &key, "answer"); len(wrong) > 0 {
		t, err := s.Telling(ctx, id)
		if err != nil {
			return err
		}
		f := &stepForm{Telling: t, Prompt: n, Answer: answer, Version: t.Version, Key: key, Refused: wrong}
		return s.stepPage(w, r, f, wrong.Status())
	}
	if err != nil {
		return err
	}
	if form.Get("go") == "next" && n+1 < len(Prompts) {
		return web.SeeOther(w, r, stepPath(id, n+1))
	}
	return web.SeeOther(w, r, tellingPath(id), "recognition.tell.kept")
}

// versionIn is the version a form was made from.
func versionIn(form url.Values) (int64, error) {
	n, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		return 0, errStale.Because(err)
	}
	return n, nil
}

func (s *Service) dropTelling(w http.ResponseWriter, r *http.Request) error {
	ctx, _, err := filled(r)
	if err != nil {
		return err
	}
	if err := s.RemoveTelling(ctx, itemID(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, home, "recognition.tell.dropped")
}
