package gate

import (
	"context"
	"net/http"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// countPayload is the JSON face of a count.
type countPayload struct {
	ID         string    `json:"id"`
	Circle     string    `json:"circle"`
	CircleName string    `json:"circle_name"`
	Purpose    string    `json:"purpose"`
	Questions  []string  `json:"questions"`
	Words      []string  `json:"words"`
	MadeAt     time.Time `json:"made_at"`
	Until      time.Time `json:"until"`
	State      string    `json:"state" enum:"open,published,short,held,dropped" doc:"short: fewer than five people; held: too close to an earlier count; nothing is published then."`
	People     int       `json:"people" doc:"Counted; 0 unless published."`
	Tallies    []Tally   `json:"tallies"`
	Mine       string    `json:"mine" enum:"yes,no," doc:"What you said; nobody else reads it."`
}

func countPayloadOf(c Count) countPayload {
	return countPayload{
		ID: c.ID, Circle: string(c.Circle), CircleName: c.CircleName, Purpose: c.Purpose, Questions: c.Questions, Words: orEmpty(c.Words),
		MadeAt: c.Made, Until: c.Until, State: c.State, People: c.People, Tallies: orEmpty(c.Tallies), Mine: c.Mine,
	}
}

func orEmpty[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// countAskPayload is what an owner of a circle asks.
type countAskPayload struct {
	Purpose   string   `json:"purpose" doc:"Why, in words: every member reads it, in clear."`
	Questions []string `json:"questions" doc:"Any of kinds, statuses, paid, hours, words."`
	Words     []string `json:"words,omitempty" doc:"For the question words: tags, methods or tools to look for, 20 at most."`
	Until     string   `json:"until" doc:"A day (its end, in your zone) or a moment, RFC 3339; 90 days at most."`
}

// answerPayload is what a member says.
type answerPayload struct {
	Yes bool   `json:"yes"`
	Row string `json:"row,omitempty" doc:"Fingerprint of the row you saw; needed to say yes."`
}

// rowPayload is what a count would take of one person.
type rowPayload struct {
	Cells map[string][]string `json:"cells" doc:"By question."`
	Row   string              `json:"row" doc:"Fingerprint, to be sent with a yes."`
}

// countAPI registers the operations of counts.
func (s *Service) countAPI(api huma.API) {
	type one struct {
		ID string `path:"id"`
	}
	type change struct {
		web.Once
		ID string `path:"id"`
	}
	list := func(ctx context.Context, circle kernel.CircleID) (*web.Body[web.List[countPayload]], error) {
		counts, err := s.Counts(ctx, circle)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		all := make([]countPayload, len(counts))
		for i, c := range counts {
			all[i] = countPayloadOf(c)
		}
		return web.Listed(all, ""), nil
	}
	huma.Register(api, huma.Operation{
		OperationID: "count-list", Method: http.MethodGet, Path: "/counts", Tags: []string{"gate"}, Security: web.Scope("read"),
		Summary: "Counts of your circles", Description: "Newest first.",
	}, func(ctx context.Context, _ *web.Cursor) (*web.Body[web.List[countPayload]], error) {
		return list(ctx, "")
	})
	huma.Register(api, huma.Operation{
		OperationID: "count-list-circle", Method: http.MethodGet, Path: "/circles/{id}/counts", Tags: []string{"gate"}, Security: web.Scope("read"),
		Summary: "Counts of a circle", Description: "For its members, newest first.", Errors: []int{404},
	}, func(ctx context.Context, in *one) (*web.Body[web.List[countPayload]], error) {
		return list(ctx, kernel.CircleID(in.ID))
	})
	huma.Register(api, huma.Operation{
		OperationID: "count-open", Method: http.MethodPost, Path: "/circles/{id}/counts", Tags: []string{"gate"}, Security: web.Scope("write"), DefaultStatus: http.StatusCreated,
		Summary: "Ask to be counted", Description: "For owners of the circle; one count at a time. What is asked does not change afterwards.", Errors: []int{403, 404, 409, 422},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID   string `path:"id"`
		Body countAskPayload
	}) (*web.Body[countPayload], error) {
		c, err := s.OpenCount(ctx, CountAsk{kernel.CircleID(in.ID), in.Body.Purpose, in.Body.Questions, in.Body.Words, in.Body.Until})
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Created(countPayloadOf(c)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "count-read", Method: http.MethodGet, Path: "/counts/{id}", Tags: []string{"gate"}, Security: web.Scope("read"),
		Summary: "Read a count", Description: "For members of its circle. A hidden cell is small, or would let a small one be worked out.", Errors: []int{404},
	}, func(ctx context.Context, in *one) (*web.Body[countPayload], error) {
		c, err := s.CountByID(ctx, in.ID)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(countPayloadOf(c)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "count-row", Method: http.MethodGet, Path: "/counts/{id}/row", Tags: []string{"gate"}, Security: web.Scope("read"),
		Summary: "Your row of a count", Description: "Exactly what would be counted of you, from your musette now.", Errors: []int{404},
	}, func(ctx context.Context, in *one) (*web.Body[rowPayload], error) {
		c, err := s.CountByID(ctx, in.ID)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		row, seen, err := s.MyRow(ctx, c)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(rowPayload{row, seen}), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "count-answer", Method: http.MethodPut, Path: "/counts/{id}/answer", Tags: []string{"gate"}, Security: web.Scope("share"), DefaultStatus: http.StatusNoContent,
		Summary: "Say yes or no", Description: "Until the end; the last word counts. Nobody sees who said what.", Errors: []int{404, 409},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID   string `path:"id"`
		Body answerPayload
	}) (*struct{}, error) {
		return nil, problem(ctx, s.Answer(ctx, in.ID, in.Body.Yes, in.Body.Row))
	})
	for _, act := range []struct {
		id, method, path, summary, about, scope string
		do                                      func(context.Context, string) error
	}{
		{"count-take-back", http.MethodDelete, "/counts/{id}/answer", "Take back what you said", "Until publication.", "share", s.TakeBack},
		{"count-drop", http.MethodDelete, "/counts/{id}", "Give a count up", "For owners of the circle; what people said is deleted.", "write", s.DropCount},
	} {
		huma.Register(api, huma.Operation{
			OperationID: act.id, Method: act.method, Path: act.path, Tags: []string{"gate"}, Security: web.Scope(act.scope), DefaultStatus: http.StatusNoContent,
			Summary: act.summary, Description: act.about, Errors: []int{403, 404, 409},
		}, func(ctx context.Context, in *change) (*struct{}, error) { return nil, problem(ctx, act.do(ctx, in.ID)) })
	}
	huma.Register(api, huma.Operation{
		OperationID: "count-settle", Method: http.MethodPost, Path: "/counts/{id}/settle", Tags: []string{"gate"}, Security: web.Scope("write"),
		Summary: "Publish what may be", Description: "For owners of the circle, once the end has come; otherwise the program does so within the hour.", Errors: []int{403, 404, 409},
	}, func(ctx context.Context, in *change) (*web.Body[countPayload], error) {
		c, err := s.SettleCount(ctx, in.ID)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(countPayloadOf(c)), nil
	})
}

// problem is err as the API says it, nil for none.
func problem(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return web.Problem(ctx, err)
}
