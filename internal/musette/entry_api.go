package musette

import (
	"context"
	"errors"
	"net/http"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// entryBody is the JSON face of a method, a tool, a paper, a status, a workplace, a
// contact or a note.
type entryBody struct {
	ID         string            `json:"id" example:"mth_1jd3k9m2abcdefghijklm"`
	Version    int64             `json:"version"`
	Shape      string            `json:"shape"`
	Name       string            `json:"name" doc:"Its title, or how its text begins."`
	Fields     map[string]string `json:"fields" doc:"What is said in each field, by name; empty ones are there too."`
	CreatedAt  time.Time         `json:"created_at"`
	UpdatedAt  time.Time         `json:"updated_at"`
	Provenance provenanceBody    `json:"provenance"`
}

func entryBodyOf(e *Entry) entryBody {
	b := entryBody{
		ID: string(e.ID), Version: e.Version, Shape: e.Shape.Name, Name: e.Name(), Fields: map[string]string{},
		CreatedAt: e.CreatedAt.UTC(), UpdatedAt: e.UpdatedAt.UTC(), Provenance: provenanceOf(e.Provenance),
	}
	for i, f := range e.Shape.Fields {
		b.Fields[f.Name] = e.Values[i]
	}
	return b
}

// entryDraftBody is what a program says of an entry.
type entryDraftBody struct {
	Fields map[string]string `json:"fields" doc:"By name; fields the shape does not have are ignored."`
}

type entryRevisionBody struct {
	entryDraftBody
	Version int64 `json:"version" minimum:"1" doc:"The version it replaces."`
}

// values puts fields in the order of a shape.
func values(shape *Shape, fields map[string]string) []string {
	all := make([]string, len(shape.Fields))
	for i, f := range shape.Fields {
		all[i] = fields[f.Name]
	}
	return all
}

const shapeNames = "`method`, `tool`, `document`, `status`, `workplace`, `contact` or `note`"

func (s *Service) entryAPI(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "entry-list", Method: http.MethodGet, Path: "/entries", Tags: []string{"musette"}, Security: web.Scope("read"),
		Summary: "List what is kept of a shape", Description: "shape is " + shapeNames + ". Notes newest first, the rest by name.", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		Shape string `query:"shape" required:"true" maxLength:"20"`
	}) (*web.Body[web.List[entryBody]], error) {
		shape := ShapeByName(in.Shape)
		if shape == nil {
			return nil, web.Problem(ctx, errNoItem)
		}
		entries, err := s.Entries(ctx, shape)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		items := make([]entryBody, len(entries))
		for i, e := range entries {
			items[i] = entryBodyOf(e)
		}
		return web.Listed(items, ""), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "entry-create", Method: http.MethodPost, Path: "/entries", Tags: []string{"musette"}, Security: web.Scope("write"),
		DefaultStatus: http.StatusCreated,
		Summary:       "Keep a method, a tool, a note…", Description: "shape is " + shapeNames + ". Notes and contacts can never be shown to anybody else.",
		Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *struct {
		web.Once
		Body struct {
			Shape string `json:"shape" maxLength:"20"`
			entryDraftBody
		}
	}) (*web.Body[entryBody], error) {
		shape := ShapeByName(in.Body.Shape)
		if shape == nil {
			return nil, web.Problem(ctx, errNoItem)
		}
		e, err := s.AddEntry(ctx, shape, values(shape, in.Body.Fields))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Created(entryBodyOf(e)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "entry-read", Method: http.MethodGet, Path: "/entries/{id}", Tags: []string{"musette"}, Security: web.Scope("read"),
		Summary: "Read an entry", Description: "Another person's entry answers as one that does not exist.", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	}) (*web.Body[entryBody], error) {
		e, err := s.Entry(ctx, kernel.ItemID(in.ID))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(entryBodyOf(e)), nil
	})
	s.entryChangesAPI(api)
}

func (s *Service) entryChangesAPI(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "entry-replace", Method: http.MethodPut, Path: "/entries/{id}", Tags: []string{"musette"}, Security: web.Scope("write"),
		Summary: "Replace an entry", Description: "What it was stays in its history. A stale version is refused with 409, and `current` holds the entry as it is now.",
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
		web.Once
		Body entryRevisionBody
	}) (*web.Body[entryBody], error) {
		id := kernel.ItemID(in.ID)
		shape := shapeOf(id)
		if shape == nil {
			return nil, web.Problem(ctx, errNoItem)
		}
		e, err := s.ReviseEntry(ctx, id, in.Body.Version, values(shape, in.Body.Fields))
		if errors.Is(err, errStale) {
			if now, readErr := s.Entry(ctx, id); readErr == nil {
				return nil, web.Stale(ctx, err, entryBodyOf(now))
			}
		}
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(entryBodyOf(e)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "entry-delete", Method: http.MethodDelete, Path: "/entries/{id}", Tags: []string{"musette"}, Security: web.Scope("write"),
		DefaultStatus: http.StatusNoContent,
		Summary:       "Delete an entry", Description: "With its history.", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
		web.Once
	}) (*struct{}, error) {
		if err := s.RemoveEntry(ctx, kernel.ItemID(in.ID), 0); err != nil {
			return nil, web.Problem(ctx, err)
		}
		return &struct{}{}, nil
	})
}
