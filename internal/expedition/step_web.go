package expedition

import (
	"context"
	"net/http"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

func (s *Service) stepPages(page func(string, web.Handler)) {
	s.mapPages(page)
	s.votePages(page)
	s.methodPages(page)
	for _, step := range []string{PageSynthesis, PageTracks, PageCampaigns, PageGame, PageModels} {
		page("GET /expeditions/{id}/"+step, s.showStep(step))
	}
}

// showStep is the page of one step.
func (s *Service) showStep(step string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		b, err := s.open(r)
		if err != nil {
			return err
		}
		ctx := r.Context()
		p := frame(ctx, b, i18n.T(ctx, "expedition.page."+step))
		p.Lede = i18n.T(ctx, "expedition.page."+step+".lede")
		return web.Render(w, r, http.StatusOK, web.Layout(p, s.stepBody(ctx, b, step)))
	}
}

func (s *Service) stepBody(ctx context.Context, b *Book, step string) templ.Component {
	switch step {
	case PageTracks:
		return tracksPage(b)
	case PageCampaigns:
		return campaignsPage(b, s.today(ctx))
	case PageGame:
		return gamePage(b, b.Game())
	}
	return stepPage(b, step)
}

// special is what the page of a card has for its kind only.
func (s *Service) special(r *http.Request, b *Book, c *Card) (templ.Component, error) {
	switch c.Kind {
	case "scenario":
		return templ.Join(scenarioBody(b, c), critiquesBody(b, c)), nil
	case "model":
		return critiquesBody(b, c), nil
	case "track":
		return templ.Join(trackBody(b, c), critiquesBody(b, c)), nil
	case "trial":
		return trialBody(c, s.today(r.Context())), nil
	case "choice":
		v, err := choiceOf(b, c, nil, nil)
		return choiceBody(v), err
	case "result":
		ranked, err := c.Outcome()
		return resultBody(c, ranked), err
	case "snapshot":
		m, err := s.laid(r, b)
		if err != nil {
			return nil, err
		}
		now, err := b.OPML(m)
		if err != nil {
			return nil, err
		}
		changes, err := Compare([]byte(c.Fields["outline"]), now)
		return snapshotBody(b, c, changes), err
	}
	return templ.NopComponent, nil
}
