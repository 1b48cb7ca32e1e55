package musette

import (
	"context"
	"errors"
	"net/http"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// draftBody is what a program says of an activity.
type draftBody struct {
	Title        string   `json:"title" minLength:"1" maxLength:"200" example:"Vendeuse en boulangerie" doc:"In the person's own words."`
	Kind         string   `json:"kind" enum:"job,mission,volunteering,care,learning,mandate,project,other"`
	Start        *string  `json:"start" nullable:"true" maxLength:"10" example:"2019-03" doc:"A year, a month or a day: 2019, 2019-03, 2019-03-02. Null only for an imported entry that has no date."`
	End          *string  `json:"end,omitempty" nullable:"true" maxLength:"10" doc:"As start. Absent or null: it goes on."`
	Organisation *string  `json:"organisation,omitempty" nullable:"true" maxLength:"300"`
	Place        *string  `json:"place,omitempty" nullable:"true" maxLength:"300"`
	WithWhom     *string  `json:"with_whom,omitempty" nullable:"true" maxLength:"300"`
	Purpose      *string  `json:"purpose,omitempty" nullable:"true" maxLength:"300" doc:"What it was for."`
	Paid         *bool    `json:"paid,omitempty" nullable:"true" doc:"Absent or null: not said."`
	Status       *string  `json:"status,omitempty" nullable:"true" maxLength:"80" example:"employed" doc:"Id of a word of a vocabulary pack, or any words."`
	HoursPerWeek *float64 `json:"hours_per_week,omitempty" nullable:"true" minimum:"0" maximum:"168" doc:"0 or null: not said."`
	Narrative    *string  `json:"narrative,omitempty" nullable:"true" maxLength:"20000" doc:"Plain text, line breaks kept."`
	Tools        []string `json:"tools,omitempty" nullable:"true" maxItems:"50"`
	Methods      []string `json:"methods,omitempty" nullable:"true" maxItems:"50"`
	Tags         []string `json:"tags,omitempty" nullable:"true" maxItems:"50"`
}

// revisionBody replaces a version of an activity.
type revisionBody struct {
	draftBody
	Version int64 `json:"version" minimum:"1" doc:"The version it replaces."`
}

// activityBody is the JSON face of an activity. It is not Activity: the API keeps
// its promises when the domain changes.
type activityBody struct {
	ID           string         `json:"id" example:"act_1jd3k9m2abcdefghijklm"`
	Version      int64          `json:"version" doc:"Rises with each change, from 1."`
	Title        string         `json:"title"`
	Kind         string         `json:"kind"`
	Start        *string        `json:"start" nullable:"true"`
	End          *string        `json:"end" nullable:"true"`
	Organisation string         `json:"organisation"`
	Place        string         `json:"place"`
	WithWhom     string         `json:"with_whom"`
	Purpose      string         `json:"purpose"`
	Paid         *bool          `json:"paid" nullable:"true"`
	Status       string         `json:"status"`
	HoursPerWeek *float64       `json:"hours_per_week" nullable:"true"`
	Narrative    string         `json:"narrative"`
	Tools        []string       `json:"tools" nullable:"false"`
	Methods      []string       `json:"methods" nullable:"false"`
	Tags         []string       `json:"tags" nullable:"false"`
	CreatedAt    time.Time      `json:"created_at"`
	UpdatedAt    time.Time      `json:"updated_at"`
	Provenance   provenanceBody `json:"provenance"`
}

// provenanceBody says where an item comes from.
type provenanceBody struct {
	Source string     `json:"source" enum:"declared,imported,attested"`
	Format string     `json:"format,omitempty" doc:"Of the file it was imported from."`
	File   string     `json:"file,omitempty"`
	At     *time.Time `json:"at,omitempty" doc:"When it was imported or attested."`
	By     string     `json:"by,omitempty" doc:"Who attests."`
}

func provenanceOf(p gate.Provenance) provenanceBody {
	b := provenanceBody{Source: p.Source, Format: p.Format, File: p.File, By: p.By}
	if b.Source == "" {
		b.Source = gate.Declared
	}
	if !p.At.IsZero() {
		at := p.At.UTC()
		b.At = &at
	}
	return b
}

func bodyOf(a *Activity) activityBody {
	b := activityBody{
		ID: string(a.ID), Version: a.Version, Title: a.Title, Kind: string(a.Kind), Start: dateOrNull(a.Start), End: dateOrNull(a.End),
		Organisation: a.Organisation, Place: a.Place, WithWhom: a.WithWhom, Purpose: a.Purpose, Paid: a.Paid, Status: a.Status,
		Narrative: a.Narrative, Tools: some(a.Tools), Methods: some(a.Methods), Tags: some(a.Tags),
		CreatedAt: a.CreatedAt.UTC(), UpdatedAt: a.UpdatedAt.UTC(), Provenance: provenanceOf(a.Provenance),
	}
	if a.HoursPerWeek != 0 {
		b.HoursPerWeek = &a.HoursPerWeek
	}
	return b
}

func dateOrNull(d kernel.Date) *string {
	if d == "" {
		return nil
	}
	s := string(d)
	return &s
}

// some is list, never null.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (b *draftBody) content() Content {
	c := Content{
		Title: b.Title, Kind: Kind(b.Kind), Start: kernel.Date(value(b.Start)), End: kernel.Date(value(b.End)),
		Organisation: value(b.Organisation), Place: value(b.Place), WithWhom: value(b.WithWhom), Purpose: value(b.Purpose),
		Paid: b.Paid, Status: value(b.Status), Narrative: value(b.Narrative), Tools: b.Tools, Methods: b.Methods, Tags: b.Tags,
	}
	if b.HoursPerWeek != nil {
		c.HoursPerWeek = *b.HoursPerWeek
	}
	return c
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// activityMost is the largest body of an activity, in bytes: every text at its
// longest, each character escaped.
const activityMost = 1 << 20

// API registers the JSON operations.
func (s *Service) API(api huma.API) {
	s.activityAPI(api)
	s.pieceAPI(api)
	s.entryAPI(api)
}

func (s *Service) activityAPI(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "activity-create", Method: http.MethodPost, Path: "/activities", Tags: []string{"musette"}, Security: web.Scope("write"),
		DefaultStatus: http.StatusCreated, MaxBodyBytes: activityMost,
		Summary: "Keep an activity", Description: "Title, kind and start are enough. It is declared by the person, visible to her alone.",
		Errors: []int{http.StatusUnprocessableEntity, http.StatusConflict, http.StatusTooManyRequests},
	}, func(ctx context.Context, in *struct {
		web.Once
		Body draftBody
	}) (*web.Body[activityBody], error) {
		a, err := s.AddActivity(ctx, in.Body.content())
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Created(bodyOf(a)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "activity-list", Method: http.MethodGet, Path: "/activities", Tags: []string{"musette"}, Security: web.Scope("read"),
		Summary: "List activities", Description: "By start, newest first, then by id; a bare year counts as its 1 January, what has no start comes last. Only the person's own.",
		Errors: []int{http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *struct{ web.Cursor }) (*web.Body[web.List[activityBody]], error) {
		page, next, err := s.Activities(ctx, in.Cursor.Cursor, in.Limit)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		items := make([]activityBody, len(page))
		for i, a := range page {
			items[i] = bodyOf(a)
		}
		return web.Listed(items, next), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "activity-read", Method: http.MethodGet, Path: "/activities/{id}", Tags: []string{"musette"}, Security: web.Scope("read"),
		Summary: "Read an activity", Description: "Another person's activity answers as one that does not exist.",
		Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	}) (*web.Body[activityBody], error) {
		a, err := s.Activity(ctx, kernel.ItemID(in.ID))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(bodyOf(a)), nil
	})
	s.activityChangesAPI(api)
}

func (s *Service) activityChangesAPI(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "activity-replace", Method: http.MethodPut, Path: "/activities/{id}", Tags: []string{"musette"}, Security: web.Scope("write"),
		MaxBodyBytes: activityMost,
		Summary:      "Replace an activity", Description: "What it was stays in its history. A stale version is refused with 409, and `current` holds the activity as it is now. An activity without a start may stay without one.",
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
		web.Once
		Body revisionBody
	}) (*web.Body[activityBody], error) {
		id := kernel.ItemID(in.ID)
		a, err := s.ReviseActivity(ctx, id, in.Body.Version, in.Body.content())
		if err != nil {
			return nil, s.problem(ctx, id, err)
		}
		return web.OK(bodyOf(a)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "activity-delete", Method: http.MethodDelete, Path: "/activities/{id}", Tags: []string{"musette"}, Security: web.Scope("write"),
		DefaultStatus: http.StatusNoContent,
		Summary:       "Delete an activity", Description: "With its history. Its pieces stay among the person's pieces. With `version`, only if it is still the current one.",
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ID      string `path:"id"`
		Version int64  `query:"version" minimum:"0" doc:"0: whatever is there."`
		web.Once
	}) (*struct{}, error) {
		id := kernel.ItemID(in.ID)
		if err := s.RemoveActivity(ctx, id, in.Version, false); err != nil {
			return nil, s.problem(ctx, id, err)
		}
		return &struct{}{}, nil
	})
}

// problem adds the activity as it is now to the refusal of a stale version.
func (s *Service) problem(ctx context.Context, id kernel.ItemID, err error) error {
	if !errors.Is(err, errStale) {
		return web.Problem(ctx, err)
	}
	now, readErr := s.Activity(ctx, id)
	if readErr != nil {
		return web.Problem(ctx, err)
	}
	return web.Stale(ctx, err, bodyOf(now))
}
