package circle

import (
	"context"
	"errors"
	"net/http"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// circleBody is the JSON face of a circle, as one of its members sees it.
type circleBody struct {
	ID        string    `json:"id" example:"cir_01hq3k9m2abcdefghijklm" doc:"Stable identifier."`
	Version   int64     `json:"version" doc:"Rises with each change of the name."`
	Name      string    `json:"name" doc:"Shared data, kept in clear."`
	Kind      Kind      `json:"kind" enum:"guild,organisation,team,territory,jury,expedition"`
	Role      Role      `json:"role" enum:"owner,member" doc:"The actor's own."`
	Members   int       `json:"members" doc:"How many belong."`
	CreatedAt time.Time `json:"created_at"`
}

func bodyOf(v View) circleBody {
	return circleBody{string(v.ID), v.Version, v.Name, v.Kind, v.Role, v.Members, v.MadeAt.UTC()}
}

// newBody is what makes a circle.
type newBody struct {
	Name string `json:"name" minLength:"1" maxLength:"500" doc:"At most 120 characters. Shared data, kept in clear."`
	Kind Kind   `json:"kind" enum:"guild,organisation,team,territory,jury,expedition" doc:"Does not change afterwards."`
}

// renameBody is what replaces a circle; its other members are read-only.
type renameBody struct {
	Name    string `json:"name" minLength:"1" maxLength:"500" doc:"At most 120 characters. Shared data, kept in clear."`
	Version int64  `json:"version" minimum:"1" doc:"The one that was read."`
}

// API registers the JSON operations.
func (s *Service) API(api huma.API) {
	tags := []string{"circle"}
	huma.Register(api, huma.Operation{
		OperationID: "circle-list", Method: http.MethodGet, Path: "/circles", Tags: tags, Security: web.Scope("read"),
		Summary: "List my circles", Description: "Those the actor belongs to, oldest first.", Errors: []int{422},
	}, func(ctx context.Context, in *struct{ web.Cursor }) (*web.Body[web.List[circleBody]], error) {
		views, next, err := s.Mine(ctx, in.Cursor.Cursor, in.Limit)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		items := make([]circleBody, len(views))
		for i, v := range views {
			items[i] = bodyOf(v)
		}
		return web.Listed(items, next), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "circle-create", Method: http.MethodPost, Path: "/circles", Tags: tags, Security: web.Scope("write"),
		Summary: "Gather a circle", Description: "The actor becomes its first owner.", DefaultStatus: 201, Errors: []int{422, 429},
	}, func(ctx context.Context, in *struct {
		web.Once
		Body newBody
	}) (*web.Body[circleBody], error) {
		v, err := s.Create(ctx, in.Body.Name, in.Body.Kind)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Created(bodyOf(v)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "circle-read", Method: http.MethodGet, Path: "/circles/{id}", Tags: tags, Security: web.Scope("read"),
		Summary: "Read a circle", Description: "404 for who does not belong.", Errors: []int{404},
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	}) (*web.Body[circleBody], error) {
		v, err := s.Show(ctx, kernel.CircleID(in.ID))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(bodyOf(v)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "circle-rename", Method: http.MethodPut, Path: "/circles/{id}", Tags: tags, Security: web.Scope("write"),
		Summary: "Rename a circle", Description: "Owners only. Everything but the name is read-only. 404 for who does not belong; 409 with `current` on a stale version.",
		Errors: []int{403, 404, 409, 422},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID   string `path:"id"`
		Body renameBody
	}) (*web.Body[circleBody], error) {
		v, err := s.Rename(ctx, kernel.CircleID(in.ID), in.Body.Version, in.Body.Name)
		if errors.Is(err, errStale) {
			now, readErr := s.Current(ctx, kernel.CircleID(in.ID))
			if readErr != nil {
				return nil, web.Problem(ctx, readErr)
			}
			return nil, web.Stale(ctx, err, bodyOf(now))
		}
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(bodyOf(v)), nil
	})
	s.memberAPI(api, tags)
	s.invitationAPI(api, tags)
}
