package analysis

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/foresight"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// Frames gives pages their place inside an expedition, and requests the guest code
// their browser holds.
type Frames interface {
	Enter(r *http.Request) *http.Request
	Page(ctx context.Context, id kernel.ExpeditionID, title string) (web.Page, error)
}

// Pages registers the HTML routes.
func (s *Service) Pages(m *web.Mux) {
	page := func(pattern string, h web.Handler) {
		m.Page(pattern, func(w http.ResponseWriter, r *http.Request) error { return h(w, s.Frames.Enter(r)) })
	}
	page("GET /expeditions/{id}/analyses", s.listStudies)
	page("POST /expeditions/{id}/analyses", s.addStudy)
	page("GET /expeditions/{id}/analyses/{study}", s.showStudy)
	page("POST /expeditions/{id}/analyses/{study}", s.changeStudy)
	page("POST /expeditions/{id}/analyses/{study}/remove", s.removeStudy)
	page("GET /expeditions/{id}/analyses/{study}/result", s.giveResult)
}

func idOf(r *http.Request) kernel.ExpeditionID { return kernel.ExpeditionID(r.PathValue("id")) }

// Path is the page of the analyses of an expedition, or of one of them.
func Path(id kernel.ExpeditionID, rest ...string) string {
	p := "/expeditions/" + url.PathEscape(string(id)) + "/analyses"
	for _, r := range rest {
		p += "/" + url.PathEscape(r)
	}
	return p
}

func again(form url.Values) templ.Component {
	if form.Has("idempotency_key") {
		return web.SubmitAgain(form.Get("idempotency_key"))
	}
	return web.SubmitOnce()
}

func studyIn(form url.Values) Study {
	d := Study{Name: form.Get("name"), Method: form.Get("method"), Entered: form.Get("entered"), Words: form.Get("words")}
	if n, err := strconv.ParseInt(form.Get("version"), 10, 64); err == nil {
		d.Version = n
	}
	return d
}

type listView struct {
	ID      kernel.ExpeditionID
	All     []Study
	May     bool
	Form    url.Values
	Refused web.Refusals
}

func (s *Service) listStudies(w http.ResponseWriter, r *http.Request) error {
	method := r.URL.Query().Get("method")
	if !slices.Contains(foresight.Methods(), method) {
		method = foresight.Methods()[0]
	}
	return s.renderList(w, r, url.Values{"method": {method}, "entered": {Sample(method)}}, nil)
}

func (s *Service) renderList(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx, id := r.Context(), idOf(r)
	v := listView{ID: id, Form: form, Refused: refused, May: s.Expeditions.May(ctx, id, edit) == nil}
	var err error
	if v.All, err = s.Studies(ctx, id); err != nil {
		return err
	}
	return s.render(w, r, i18n.T(ctx, "analysis.title"), i18n.T(ctx, "analysis.lede"), refused, listPage(v))
}

func (s *Service) render(w http.ResponseWriter, r *http.Request, title, lede string, refused web.Refusals, body templ.Component) error {
	page, err := s.Frames.Page(r.Context(), idOf(r), title)
	if err != nil {
		return err
	}
	page.Lede, page.Refused = lede, len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(page, body))
}

func (s *Service) addStudy(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	made, err := s.Add(r.Context(), idOf(r), studyIn(form))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderList(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path(idOf(r), made), "analysis.added")
}

type studyView struct {
	ID      kernel.ExpeditionID
	Study   Study
	Result  foresight.Result
	Why     string // when there is none
	May     bool
	Form    url.Values
	Refused web.Refusals
}

func (s *Service) showStudy(w http.ResponseWriter, r *http.Request) error {
	return s.renderStudy(w, r, nil, nil)
}

func (s *Service) renderStudy(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx, id := r.Context(), idOf(r)
	d, err := s.Study(ctx, id, r.PathValue("study"))
	if err != nil {
		return err
	}
	v := studyView{ID: id, Study: d, Form: form, Refused: refused, May: s.Expeditions.May(ctx, id, edit) == nil}
	if form == nil {
		v.Form = url.Values{"name": {d.Name}, "entered": {d.Entered}, "words": {d.Words}, "version": {strconv.FormatInt(d.Version, 10)}}
	}
	if v.Result, err = Compute(ctx, d); err != nil {
		why := web.Refused(err)
		if len(why) == 0 {
			return err
		}
		v.Why = i18n.T(ctx, "analysis.none")
	}
	return s.render(w, r, d.Name, i18n.T(ctx, "analysis.method."+d.Method), refused, studyPage(v))
}

func (s *Service) changeStudy(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	d := studyIn(form)
	d.ID = r.PathValue("study")
	err = s.Change(r.Context(), idOf(r), d)
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderStudy(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, Path(idOf(r), d.ID), "analysis.kept")
}

func (s *Service) removeStudy(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := s.Remove(r.Context(), idOf(r), r.PathValue("study")); err != nil {
		return err
	}
	return web.SeeOther(w, r, Path(idOf(r)), "analysis.removed")
}

// giveResult writes the result as the command line prints it.
func (s *Service) giveResult(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, err := s.Study(ctx, idOf(r), r.PathValue("study"))
	if err != nil {
		return err
	}
	result, err := Compute(ctx, d)
	if err != nil {
		return err
	}
	raw, err := foresight.JSON(result, language(ctx))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="result.json"`)
	_, err = w.Write(raw)
	return err
}

// limitsOf are the known limits of a method, in the reader's language.
func limitsOf(ctx context.Context, method string) []string {
	said := foresight.Messages(language(ctx))
	var out []string
	for _, key := range foresight.Limits(method) {
		out = append(out, said[key])
	}
	return out
}
