package expedition

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/foresight"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) methodPages(page func(string, web.Handler)) {
	page("GET /expeditions/{id}/territories", s.showTerritories)
	page("POST /expeditions/{id}/gather", s.gather)
	page("GET /expeditions/{id}/choices/new", s.newChoice)
	page("POST /expeditions/{id}/choices/new", s.makeChoice)
	page("POST /expeditions/{id}/cards/{card}/choice", s.weigh)
	page("GET /expeditions/{id}/cards/{card}/adapt", s.showAdapt)
	page("POST /expeditions/{id}/cards/{card}/adapt", s.adapt)
}

// today is the reader's day.
func (s *Service) today(ctx context.Context) time.Time {
	now := s.DB.Now().In(kernel.ActorFrom(ctx).Location())
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
}

func (s *Service) showTerritories(w http.ResponseWriter, r *http.Request) error {
	return s.renderTerritories(w, r, nil, nil)
}

func (s *Service) renderTerritories(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	b, err := s.open(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	p := frame(ctx, b, i18n.T(ctx, "expedition.page.territories"))
	p.Lede, p.Refused, p.Scripts = i18n.T(ctx, "expedition.page.territories.lede"), len(refused) > 0, []string{"gather.js"}
	return web.Render(w, r, refused.Status(), web.Layout(p, territoriesPage(b, form, refused)))
}

func (s *Service) gather(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	territory, err := s.Gather(r.Context(), idOf(r), form.Get("territory"), form.Get("title"), form["tensions"])
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderTerritories(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "cards", territory), "expedition.gather.done")
}

func tensionOptions(b *Book, chosen []string) []web.Option {
	var all []web.Option
	for _, c := range b.Of("tension") {
		var in []string
		for _, t := range b.From(c, "territory", "tensions") {
			in = append(in, t.Title)
		}
		all = append(all, web.Option{Value: c.ID, Text: c.Title, Help: strings.Join(in, ", "), Chosen: slices.Contains(chosen, c.ID)})
	}
	return all
}

func territoryOptions(ctx context.Context, b *Book, chosen string) []web.Option {
	all := []web.Option{{Text: i18n.T(ctx, "expedition.gather.fresh"), Chosen: chosen == ""}}
	for _, c := range b.Of("territory") {
		all = append(all, web.Option{Value: c.ID, Text: c.Title, Chosen: c.ID == chosen})
	}
	return all
}

func (s *Service) newChoice(w http.ResponseWriter, r *http.Request) error {
	return s.renderNewChoice(w, r, nil, nil)
}

func (s *Service) renderNewChoice(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	b, err := s.open(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := s.May(ctx, b.ID, Edit); err != nil {
		return err
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.choose.new"))
	p.Up, p.Index = web.Link{Path: path(b.ID, PageTracks), Text: i18n.T(ctx, "expedition.page.tracks")}, false
	p.Refused = len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(p, newChoicePage(b, form, refused)))
}

func (s *Service) makeChoice(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	card, err := s.Compare(r.Context(), idOf(r), form.Get("title"), Lines(form.Get("criteria")), Lines(form.Get("policies")), form["among"])
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderNewChoice(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "cards", card), "expedition.choose.made")
}

func trackOptions(b *Book, form url.Values) []web.Option {
	var all []web.Option
	for _, c := range b.Of("track") {
		all = append(all, web.Option{Value: c.ID, Text: c.Title, Chosen: form == nil || slices.Contains(form["among"], c.ID)})
	}
	return all
}

// choiceOf is the view of a comparison; a form that came back shows what was typed.
func choiceOf(b *Book, c *Card, form url.Values, refused web.Refusals) (choiceView, error) {
	v := choiceView{Book: b, Card: c, Tracks: b.To(c, "among"), Form: form, Refused: refused}
	var err error
	if v.Choice, err = c.Choosing(); err != nil {
		return v, err
	}
	if form == nil {
		v.Form = url.Values{"text": {c.Fields["text"]}, "kept": c.Ties["kept"]}
	}
	v.Judged, err = v.Choice.Judge(v.Tracks)
	return v, err
}

func (v choiceView) score(track string, k int) string {
	if typed := "score." + track + "." + strconv.Itoa(k); v.Form.Has(typed) {
		return v.Form.Get(typed)
	}
	return typedNumber(v.Choice.score(track, k))
}

func (v choiceView) weight(p, k int) string {
	if typed := "weight." + strconv.Itoa(p) + "." + strconv.Itoa(k); v.Form.Has(typed) {
		return v.Form.Get(typed)
	}
	return typedNumber(v.Choice.Policies[p].Weights[k])
}

func typedNumber(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// readNumber is a number as people type it; NaN when the field is empty, -1, which no
// field takes, when it is none.
func readNumber(typed string) float64 {
	if typed = strings.TrimSpace(typed); typed == "" {
		return math.NaN()
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(typed, ",", "."), 64)
	if err != nil || math.IsNaN(n) {
		return -1
	}
	return n
}

func keptOptions(v choiceView) []web.Option {
	var all []web.Option
	for _, c := range v.Tracks {
		all = append(all, web.Option{Value: c.ID, Text: c.Title, Chosen: slices.Contains(v.Form["kept"], c.ID)})
	}
	return all
}

func policyNames(r *foresight.MultipolResult, at []int) string {
	var names []string
	for _, p := range at {
		names = append(names, r.Policies[p].Name)
	}
	return strings.Join(names, ", ")
}

func (s *Service) weigh(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	b, c, err := s.one(r)
	if err != nil {
		return err
	}
	if c.Kind != "choice" {
		return errNoCard
	}
	now, err := c.Choosing()
	if err != nil {
		return err
	}
	given := Choosing{Scores: map[string][]float64{}}
	for _, track := range c.Ties["among"] {
		for k := range now.Criteria {
			given.Scores[track] = append(given.Scores[track], readNumber(form.Get("score."+track+"."+strconv.Itoa(k))))
		}
	}
	for p := range now.Policies {
		var weights []float64
		for k := range now.Criteria {
			weights = append(weights, readNumber(form.Get("weight."+strconv.Itoa(p)+"."+strconv.Itoa(k))))
		}
		given.Policies = append(given.Policies, Policy{Weights: weights})
	}
	err = s.Weigh(r.Context(), b.ID, c.ID, version(form), given, form["kept"], form.Get("text"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderChoice(w, r, b, c, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(b.ID, "cards", c.ID), "expedition.choose.saved")
}

func (s *Service) renderChoice(w http.ResponseWriter, r *http.Request, b *Book, c *Card, form url.Values, refused web.Refusals) error {
	v, err := choiceOf(b, c, form, refused)
	if err != nil {
		return err
	}
	p := frame(r.Context(), b, c.Title)
	p.Refused = true
	return web.Render(w, r, refused.Status(), web.Layout(p, choiceBody(v)))
}

func (s *Service) showAdapt(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return s.renderAdapt(w, r, form, nil)
}

func (s *Service) renderAdapt(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	b, c, err := s.one(r)
	if err != nil {
		return err
	}
	if c.Kind != "track" {
		return errNoCard
	}
	ctx := r.Context()
	var deeds []Deed
	if len(refused) == 0 && form.Get("begin") != "" {
		begin, err := web.Date(form, "begin")
		if err != nil {
			refused = web.Refused(err)
		} else {
			_, deeds = c.Adapt(form.Get("place"), begin.First())
		}
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.adapt.of", "title", c.Title))
	p.Up, p.Index, p.Refused = web.Link{Path: path(b.ID, "cards", c.ID), Text: c.Title}, false, len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(p, adaptPage(b, c, form, deeds, refused)))
}

func (s *Service) adapt(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	begin, err := web.Date(form, "begin")
	if err != nil {
		return s.renderAdapt(w, r, form, web.Refused(err))
	}
	trial, err := s.AdaptTrack(r.Context(), idOf(r), r.PathValue("card"), form.Get("place"), begin)
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderAdapt(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "cards", trial), "expedition.adapt.done")
}
