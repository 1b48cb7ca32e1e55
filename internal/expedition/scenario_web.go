package expedition

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) votePages(page func(string, web.Handler)) {
	page("GET /expeditions/{id}/scenarios", s.showScenarios)
	page("GET /expeditions/{id}/votes/new", s.newVote)
	page("POST /expeditions/{id}/votes/new", s.makeVote)
	page("GET /expeditions/{id}/votes/{vote}", s.showVote)
	page("POST /expeditions/{id}/votes/{vote}/links", s.makeLinks)
	page("POST /expeditions/{id}/votes/{vote}/close", s.closeVote)
	page("GET /s/vote/{token}", s.showBooth)
	page("POST /s/vote/{token}", s.castBallot)
}

func (s *Service) showScenarios(w http.ResponseWriter, r *http.Request) error {
	b, err := s.open(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	votes, err := s.Votes(ctx, b)
	if err != nil {
		return err
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.page.scenarios"))
	p.Lede = i18n.T(ctx, "expedition.page.scenarios.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(p, scenariosPage(b, votes)))
}

func (s *Service) newVote(w http.ResponseWriter, r *http.Request) error {
	return s.renderNewVote(w, r, nil, nil)
}

func (s *Service) renderNewVote(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx := r.Context()
	b, err := s.open(r)
	if err != nil {
		return err
	}
	if err := s.May(ctx, b.ID, Lead); err != nil {
		return err
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.vote.new"))
	p.Up, p.Index = web.Link{Path: path(b.ID, PageScenarios), Text: i18n.T(ctx, "expedition.page.scenarios")}, false
	p.Refused = len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(p, newVotePage(b, form, refused)))
}

func (s *Service) makeVote(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	vote, err := s.OpenVote(r.Context(), idOf(r), VoteDraft{
		Question: form.Get("question"), Method: Method(form.Get("method")), Steps: form.Get("steps") != "", Options: form["options"],
	})
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderNewVote(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "votes", vote), "expedition.vote.made")
}

func (s *Service) showVote(w http.ResponseWriter, r *http.Request) error {
	return s.renderVote(w, r, nil, nil)
}

func (s *Service) renderVote(w http.ResponseWriter, r *http.Request, links []string, refused web.Refusals) error {
	ctx := r.Context()
	b, err := s.open(r)
	if err != nil {
		return err
	}
	v, t, err := s.Vote(ctx, b, r.PathValue("vote"))
	if err != nil {
		return err
	}
	p := frame(ctx, b, v.Question)
	p.Up, p.Index = web.Link{Path: path(b.ID, PageScenarios), Text: i18n.T(ctx, "expedition.page.scenarios")}, false
	p.Refused = len(refused) > 0
	ranked, err := v.Ranking()
	if err != nil {
		return err
	}
	return web.Render(w, r, refused.Status(), web.Layout(p, votePage(b, v, t, ranked, links, refused)))
}

func (s *Service) makeLinks(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	urls, err := s.MakeLinks(r.Context(), idOf(r), r.PathValue("vote"), atoi(form.Get("links")))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderVote(w, r, nil, refused)
	}
	if err != nil {
		return err
	}
	return s.renderVote(w, r, urls, nil) // shown once: only their digests are kept
}

func (s *Service) closeVote(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	keep, err := strconv.Atoi(form.Get("keep"))
	if err != nil {
		keep = -1
	}
	card, err := s.CloseVote(r.Context(), idOf(r), r.PathValue("vote"), keep)
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderVote(w, r, nil, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "cards", card), "expedition.vote.done")
}

func (s *Service) showBooth(w http.ResponseWriter, r *http.Request) error {
	return s.renderBooth(w, r, nil, nil)
}

func (s *Service) renderBooth(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx, token := r.Context(), r.PathValue("token")
	v, err := s.Booth(ctx, web.ClientKey(ctx), token)
	if err != nil {
		return err
	}
	p := web.Page{Title: v.Question, Lede: v.Name, Bare: true, Refused: len(refused) > 0}
	ranked, err := v.Ranking()
	if err != nil {
		return err
	}
	return web.Render(w, r, refused.Status(), web.Layout(p, boothPage(token, v, ranked, form, refused)))
}

func (s *Service) castBallot(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, token := r.Context(), r.PathValue("token")
	v, err := s.Booth(ctx, web.ClientKey(ctx), token)
	if err != nil {
		return err
	}
	choices := make([]int, len(v.Options))
	var missing web.Refusals
	for i := range choices {
		name := "option-" + strconv.Itoa(i)
		typed := form.Get(name)
		choices[i] = atoi(typed)
		if v.Method == Judgement && typed == "" {
			missing = append(missing, errBallot.On(name))
		}
	}
	if len(missing) > 0 && !v.Spent && v.Result == "" {
		return s.renderBooth(w, r, form, missing)
	}
	err = s.Cast(ctx, token, choices)
	if kernel.KindOf(err) == kernel.Gone { // spent or closed: the page says which
		return s.renderBooth(w, r, nil, nil)
	}
	if err != nil {
		return err
	}
	p := web.Page{Title: v.Question, Lede: v.Name, Bare: true}
	return web.Render(w, r, http.StatusOK, web.Layout(p, castPage()))
}

// methods are the ways of counting, with what each asks.
func methods(ctx context.Context, chosen string) []web.Option {
	var all []web.Option
	for _, m := range []Method{Approval, Judgement} {
		key := "expedition.vote.method." + string(m)
		all = append(all, web.Option{Value: string(m), Text: i18n.T(ctx, key), Help: i18n.T(ctx, key+".help"), Chosen: chosen == string(m)})
	}
	return all
}

// scenarioOptions are all scenarios, ticked unless the form comes back.
func scenarioOptions(b *Book, form url.Values) []web.Option {
	var all []web.Option
	for _, c := range b.Of("scenario") {
		all = append(all, web.Option{Value: c.ID, Text: c.Title, Help: c.Fields["slogan"], Chosen: form == nil || slices.Contains(form["options"], c.ID)})
	}
	return all
}

func gradeOptions(ctx context.Context, chosen string) []web.Option {
	var all []web.Option
	for g := gradeCount - 1; g >= 0; g-- {
		n := strconv.Itoa(g)
		all = append(all, web.Option{Value: n, Text: i18n.T(ctx, "expedition.grade."+n), Chosen: n == chosen})
	}
	return all
}

// actorName is who an impact is on.
func actorName(ctx context.Context, b *Book, c *Card) string {
	if a := b.First(c, "actor"); a != nil {
		return a.Title
	}
	return i18n.T(ctx, "expedition.impact.everybody")
}
