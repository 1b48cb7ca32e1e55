package expedition

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// expeditionBody is the JSON face of an expedition in a list.
type expeditionBody struct {
	ID         string     `json:"id" example:"exp_01hq3k9m2abcdefghijklm" doc:"Stable identifier."`
	Version    int64      `json:"version"`
	Name       string     `json:"name" doc:"Shared data, kept in clear."`
	Question   string     `json:"question"`
	Lang       string     `json:"lang" enum:"fr,en"`
	Visibility Visibility `json:"visibility" enum:"private,partners,public"`
	Licence    string     `json:"licence"`
	Owner      string     `json:"owner" doc:"Name of the circle or person it belongs to; empty when she has left."`
}

func bodyOf(v View) expeditionBody {
	return expeditionBody{string(v.ID), v.Version, v.Name, v.Question, v.Lang, v.Visibility, v.Licence, v.Owner}
}

// newBody is what makes an expedition.
type newBody struct {
	Name       string     `json:"name" minLength:"1" maxLength:"500" doc:"At most 120 characters. Shared data, kept in clear."`
	Question   string     `json:"question,omitempty" maxLength:"2000"`
	Lang       string     `json:"lang" enum:"fr,en"`
	Visibility Visibility `json:"visibility" enum:"private,partners,public"`
	Licence    string     `json:"licence,omitempty"`
	Circle     string     `json:"circle,omitempty" doc:"A circle of the actor it will belong to; the actor's own without it."`
}

// cardBody is a card: its fields and ties are those of its kind.
type cardBody struct {
	ID      string              `json:"id,omitempty" readOnly:"true"`
	Version int64               `json:"version,omitempty" doc:"The one that was read, when it replaces a card."`
	Kind    string              `json:"kind" doc:"axis, theme, reference, scenario, tension, territory, track, trial and so on; does not change afterwards."`
	Title   string              `json:"title" maxLength:"2000"`
	Fields  map[string]string   `json:"fields"`
	Ties    map[string][]string `json:"ties" doc:"Ids of cards, or NAME:ID of what a part keeps, by the name of the tie."`
}

func cardOf(c *Card) cardBody {
	return cardBody{c.ID, c.Version, c.Kind, c.Title, c.Fields, c.Ties}
}

// API registers the JSON operations.
func (s *Service) API(api huma.API) {
	tags := []string{"expedition"}
	huma.Register(api, huma.Operation{
		OperationID: "expedition-list", Method: http.MethodGet, Path: "/expeditions", Tags: tags, Security: web.Scope("read"),
		Summary: "List my expeditions", Description: "Those the actor belongs to, newest first.",
	}, func(ctx context.Context, _ *struct{}) (*web.Body[web.List[expeditionBody]], error) {
		l, err := s.List(ctx)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		items := make([]expeditionBody, len(l.Mine))
		for i, v := range l.Mine {
			items[i] = bodyOf(v)
		}
		return web.Listed(items, ""), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "expedition-create", Method: http.MethodPost, Path: "/expeditions", Tags: tags, Security: web.Scope("write"),
		Summary: "Open an expedition", DefaultStatus: 201, Errors: []int{422, 429},
	}, func(ctx context.Context, in *struct {
		web.Once
		Body newBody
	}) (*web.Body[expeditionBody], error) {
		d := Draft{Name: in.Body.Name, Question: in.Body.Question, Lang: in.Body.Lang, Visibility: in.Body.Visibility, Licence: in.Body.Licence, Circle: kernel.CircleID(in.Body.Circle)}
		id, err := s.Create(ctx, d)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		v, err := s.view(ctx, id)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Created(bodyOf(v)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "expedition-file", Method: http.MethodGet, Path: "/expeditions/{id}", Tags: tags, Security: web.Scope("read"),
		Summary: "Take an expedition away", Errors: []int{404},
		Description: "The file that `digiwork expedition import` and the pages take up again: every card the actor reads, without what a partner keeps to itself.",
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	}) (*web.Body[json.RawMessage], error) {
		raw, err := s.Take(ctx, kernel.ExpeditionID(in.ID))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(json.RawMessage(raw)), nil
	})
	s.cardAPI(api, tags)
}

func (s *Service) cardAPI(api huma.API, tags []string) {
	huma.Register(api, huma.Operation{
		OperationID: "expedition-card-create", Method: http.MethodPost, Path: "/expeditions/{id}/cards", Tags: tags, Security: web.Scope("write"),
		Summary: "Add a card", DefaultStatus: 201, Errors: []int{403, 404, 422, 429},
		Description: "Which role may add which kind is that of the pages: watchers bring references, notes and observations; editors everything.",
	}, func(ctx context.Context, in *struct {
		web.Once
		ID   string `path:"id"`
		Body cardBody
	}) (*web.Body[cardBody], error) {
		id := kernel.ExpeditionID(in.ID)
		if err := s.May(ctx, id, Speak); err != nil {
			return nil, web.Problem(ctx, err)
		}
		k, err := offered(in.Body.Kind)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		card, err := s.Add(ctx, id, k.Name, Entry{Title: in.Body.Title, Fields: in.Body.Fields, Ties: in.Body.Ties})
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		c, err := s.card(ctx, id, card)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Created(cardOf(c)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "expedition-card-read", Method: http.MethodGet, Path: "/expeditions/{id}/cards/{card}", Tags: tags, Security: web.Scope("read"),
		Summary: "Read a card", Errors: []int{404},
	}, func(ctx context.Context, in *struct {
		ID   string `path:"id"`
		Card string `path:"card"`
	}) (*web.Body[cardBody], error) {
		c, err := s.card(ctx, kernel.ExpeditionID(in.ID), in.Card)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(cardOf(c)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "expedition-card-replace", Method: http.MethodPut, Path: "/expeditions/{id}/cards/{card}", Tags: tags, Security: web.Scope("write"),
		Summary: "Replace a card", Description: "The version before is kept. 409 with `current` on a stale version.", Errors: []int{403, 404, 409, 422},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID   string `path:"id"`
		Card string `path:"card"`
		Body cardBody
	}) (*web.Body[cardBody], error) {
		id := kernel.ExpeditionID(in.ID)
		err := s.Change(ctx, id, in.Card, in.Body.Version, Entry{Title: in.Body.Title, Fields: in.Body.Fields, Ties: in.Body.Ties})
		c, readErr := s.card(ctx, id, in.Card)
		switch {
		case errors.Is(err, errMoved) && readErr == nil:
			return nil, web.Stale(ctx, err, cardOf(c))
		case err != nil:
			return nil, web.Problem(ctx, err)
		case readErr != nil:
			return nil, web.Problem(ctx, readErr)
		}
		return web.OK(cardOf(c)), nil
	})
}
