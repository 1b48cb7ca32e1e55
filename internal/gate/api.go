package gate

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

var ruleType = reflect.TypeFor[Rule]()

var errNoVersion = kernel.NewFault(kernel.Invalid, "gate.version").On("version")

// facePayload is the JSON face of a face.
type facePayload struct {
	ID       string   `json:"id" readOnly:"true"`
	Version  int64    `json:"version" readOnly:"true" doc:"Rises with each change."`
	Name     string   `json:"name" doc:"For its owner only; never shown."`
	Language string   `json:"language" enum:"fr,en" doc:"Of the page others see."`
	Shows    Shows    `json:"shows" doc:"What it lets see: fields of the profile, activities by ids or by a rule, pieces."`
	Hides    []string `json:"hides" doc:"Ids of items, or names of fields of an activity."`
}

func payloadOf(f Face) facePayload {
	b := facePayload{ID: string(f.ID), Version: f.Version, Name: f.Name, Language: f.Language, Shows: f.Shows, Hides: f.Hides}
	if b.Shows.Profile == nil {
		b.Shows.Profile = []string{}
	}
	if b.Hides == nil {
		b.Hides = []string{}
	}
	return b
}

// Schema describes a Choice: a list of ids, or an object with a rule.
func (Choice) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}},
		{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"rule": r.Schema(ruleType, true, "Rule")}},
	}}
}

// grantPayload is the JSON face of a grant.
type grantPayload struct {
	ID        string    `json:"id"`
	Face      string    `json:"face" doc:"Empty for a loan."`
	To        To        `json:"to"`
	ToName    string    `json:"to_name,omitempty" doc:"Empty for a link, or when they left."`
	Purpose   string    `json:"purpose"`
	MadeAt    time.Time `json:"made_at"`
	Until     time.Time `json:"until"`
	Open      bool      `json:"open"`
	Withdrawn string    `json:"withdrawn_at,omitempty"`
	URL       string    `json:"url,omitempty" doc:"Of a link."`
	Looks     int64     `json:"looks" doc:"Times it was looked at."`
	Waiting   int       `json:"waiting" doc:"Activities that match its rule since, and are not shown yet."`
	Room      string    `json:"room,omitempty" doc:"Of a loan: the room that works with what is lent."`
	Lent      []string  `json:"lent,omitempty" doc:"Titles of what is lent."`
	Files     bool      `json:"files,omitempty" doc:"Their files are lent too."`
	Answers   int       `json:"answers,omitempty" doc:"Answers a loan still waits for."`
	Kept      bool      `json:"kept,omitempty" doc:"A copy was kept with a decision: it stays with the circle."`
}

func (s *Service) payloadOf(g Grant) grantPayload {
	b := grantPayload{
		ID: string(g.ID), Face: string(g.Face), To: g.To, ToName: g.ToName, Purpose: g.Purpose,
		MadeAt: g.Made, Until: g.Until, Open: g.Open(s.DB.Now()), URL: g.URL, Looks: g.Looks, Waiting: g.Waiting,
		Room: g.Room, Lent: g.Lent, Files: g.Files, Answers: g.Answers, Kept: g.Kept,
	}
	if !g.Withdrawn.IsZero() {
		b.Withdrawn = g.Withdrawn.Format(time.RFC3339)
	}
	return b
}

type linePayload struct {
	At    time.Time `json:"at" doc:"Of the last visit of the line."`
	First time.Time `json:"first_at"`
	Grant string    `json:"grant"`
	Who   string    `json:"who" doc:"A name, link, operator, or empty for a person who has left."`
	What  string    `json:"what"`
	Count int64     `json:"count" doc:"Visits within ten minutes share a line."`
}

type grantAsk struct {
	Face    string `json:"face"`
	To      To     `json:"to" doc:"Exactly one of link, person, circle."`
	Purpose string `json:"purpose" doc:"Why, in words: the recipient reads it."`
	Until   string `json:"until" doc:"A day (its end, in the person's zone) or a moment, RFC 3339."`
}

// API registers the operations of faces, grants, journal and receipts.
func (s *Service) API(api huma.API) {
	s.faceAPI(api)
	s.grantAPI(api)
	s.countAPI(api)
	huma.Register(api, huma.Operation{
		OperationID: "journal-list", Method: http.MethodGet, Path: "/journal", Tags: []string{"gate"}, Security: web.Scope("read"),
		Summary: "Who looked", Description: "Every read of your items by somebody else, newest first.",
	}, func(ctx context.Context, in *web.Cursor) (*web.Body[web.List[linePayload]], error) {
		lines, next, err := s.Journal(ctx, in.Cursor, in.Limit)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		all := make([]linePayload, len(lines))
		for i, l := range lines {
			who := l.Name
			if !l.somebody() {
				who = l.Who
			}
			all[i] = linePayload{l.Last, l.First, string(l.Grant), who, l.What, l.Count}
		}
		return web.Listed(all, next), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "receipt-read", Method: http.MethodGet, Path: "/receipts/{grant}", Tags: []string{"gate"}, Security: web.Scope("read"),
		Summary: "Consent receipt", Description: "The record of a consent, with the fields of ISO/IEC TS 27560.", Errors: []int{404},
	}, func(ctx context.Context, in *struct {
		Grant string `path:"grant"`
	}) (*web.Body[Receipt], error) {
		r, err := s.Receipt(ctx, kernel.GrantID(in.Grant))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(r), nil
	})
}

func (s *Service) faceAPI(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "face-list", Method: http.MethodGet, Path: "/faces", Tags: []string{"gate"}, Security: web.Scope("read"),
		Summary: "List your faces", Description: "Oldest first.",
	}, func(ctx context.Context, _ *web.Cursor) (*web.Body[web.List[facePayload]], error) {
		faces, err := s.Faces(ctx)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		all := make([]facePayload, len(faces))
		for i, f := range faces {
			all[i] = payloadOf(f)
		}
		return web.Listed(all, ""), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "face-make", Method: http.MethodPost, Path: "/faces", Tags: []string{"gate"}, Security: web.Scope("share"), DefaultStatus: http.StatusCreated,
		Summary: "Make a face", Description: "A face shows nothing to anybody until a grant names it.", Errors: []int{422},
	}, func(ctx context.Context, in *struct {
		web.Once
		Body facePayload
	}) (*web.Body[facePayload], error) {
		f, err := s.SaveFace(ctx, faceIn(in.Body, ""))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Created(payloadOf(f)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "face-replace", Method: http.MethodPut, Path: "/faces/{id}", Tags: []string{"gate"}, Security: web.Scope("share"),
		Summary: "Replace a face", Description: "Open grants show the new choice at once; what newly matches a rule waits for you.", Errors: []int{404, 409, 422},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID   string `path:"id"`
		Body facePayload
	}) (*web.Body[facePayload], error) {
		if in.Body.Version == 0 {
			return nil, web.Problem(ctx, errNoVersion)
		}
		f, err := s.SaveFace(ctx, faceIn(in.Body, kernel.ItemID(in.ID)))
		if kernel.KindOf(err) == kernel.Conflict {
			if p, e := s.Own(ctx); e == nil {
				if now, e := s.Face(ctx, p, kernel.ItemID(in.ID)); e == nil {
					return nil, web.Stale(ctx, err, payloadOf(now))
				}
			}
		}
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(payloadOf(f)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "face-read", Method: http.MethodGet, Path: "/faces/{id}", Tags: []string{"gate"}, Security: web.Scope("read"),
		Summary: "Read a face", Errors: []int{404},
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	}) (*web.Body[facePayload], error) {
		p, err := s.Own(ctx)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		f, err := s.Face(ctx, p, kernel.ItemID(in.ID))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(payloadOf(f)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "face-delete", Method: http.MethodDelete, Path: "/faces/{id}", Tags: []string{"gate"}, Security: web.Scope("share"), DefaultStatus: http.StatusNoContent,
		Summary: "Delete a face", Description: "Every grant that shows it is withdrawn.", Errors: []int{404},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID string `path:"id"`
	}) (*struct{}, error) {
		if err := s.DeleteFace(ctx, kernel.ItemID(in.ID)); err != nil {
			return nil, web.Problem(ctx, err)
		}
		return nil, nil
	})
}

func faceIn(b facePayload, id kernel.ItemID) Face {
	return Face{ID: id, Version: b.Version, Name: b.Name, Language: b.Language, Shows: b.Shows, Hides: b.Hides}
}

func (s *Service) grantAPI(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "grant-make", Method: http.MethodPost, Path: "/grants", Tags: []string{"gate"}, Security: web.Scope("share"), DefaultStatus: http.StatusCreated,
		Summary: "Open the gate", Description: "Shows a face to a link, a person or a circle you belong to, for a purpose and until an end.", Errors: []int{422, 429},
	}, func(ctx context.Context, in *struct {
		web.Once
		Body grantAsk
	}) (*web.Body[grantPayload], error) {
		g, err := s.Grant(ctx, Ask{Face: kernel.ItemID(in.Body.Face), To: in.Body.To, Purpose: in.Body.Purpose, Until: in.Body.Until})
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Created(s.payloadOf(g)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "grant-list", Method: http.MethodGet, Path: "/grants", Tags: []string{"gate"}, Security: web.Scope("read"),
		Summary: "List your grants", Description: "Newest first, ended ones included.",
	}, func(ctx context.Context, _ *web.Cursor) (*web.Body[web.List[grantPayload]], error) {
		grants, err := s.Grants(ctx)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		all := make([]grantPayload, len(grants))
		for i, g := range grants {
			all[i] = s.payloadOf(g)
		}
		return web.Listed(all, ""), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "grant-withdraw", Method: http.MethodDelete, Path: "/grants/{id}", Tags: []string{"gate"}, Security: web.Scope("share"), DefaultStatus: http.StatusNoContent,
		Summary: "Withdraw a grant", Description: "It shows nothing any more, on every process. What was read cannot be taken back.", Errors: []int{404},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID string `path:"id"`
	}) (*struct{}, error) {
		if err := s.Withdraw(ctx, kernel.GrantID(in.ID)); err != nil {
			return nil, web.Problem(ctx, err)
		}
		return nil, nil
	})
}
