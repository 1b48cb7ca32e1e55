package peer

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// askedBody is the JSON face of a request, as its owner sees it.
type askedBody struct {
	ID          string       `json:"id"`
	Activity    string       `json:"activity"`
	Competences []Competence `json:"competences"`
	Name        string       `json:"name"`
	Email       string       `json:"email,omitempty"`
	Person      string       `json:"person,omitempty" doc:"Somebody asked by name, who shares a circle."`
	Message     string       `json:"message,omitempty"`
	Language    string       `json:"language" enum:"fr,en"`
	State       State        `json:"state" enum:"waiting,later,answered,declined,withdrawn,over"`
	CreatedAt   time.Time    `json:"created_at"`
	Until       time.Time    `json:"until"`
	URL         string       `json:"url,omitempty" doc:"To hand over, while it waits. Whoever holds it sees the activity."`
}

func askedBodyOf(q Request) askedBody {
	b := askedBody{
		ID: string(q.ID), Activity: string(q.Activity), Competences: q.Competences, Name: q.Name, Email: q.Mail, Person: string(q.Person),
		Message: q.Message, Language: q.Lang, State: q.State, CreatedAt: q.MadeAt.UTC(), Until: q.Until.UTC(), URL: q.URL,
	}
	if b.Competences == nil {
		b.Competences = []Competence{}
	}
	return b
}

// askBody is what makes a request.
type askBody struct {
	Activity    string       `json:"activity" minLength:"1" maxLength:"64"`
	Competences []Competence `json:"competences,omitempty" maxItems:"50"`
	Name        string       `json:"name,omitempty" maxLength:"200" doc:"How the actor calls whom she asks. Not needed with person."`
	Email       string       `json:"email,omitempty" maxLength:"254" doc:"A letter leaves there, if this instance sends mail."`
	Person      string       `json:"person,omitempty" maxLength:"64"`
	Message     string       `json:"message,omitempty" maxLength:"4000"`
	Language    string       `json:"language" enum:"fr,en"`
	Until       string       `json:"until" maxLength:"40" doc:"A day, its end in the actor's zone, or a moment."`
}

// errandBody is a request somebody made to the actor, before it is opened.
type errandBody struct {
	Grant string    `json:"grant"`
	From  string    `json:"from"`
	Until time.Time `json:"until"`
}

// seenBody is a request as the person asked sees it.
type seenBody struct {
	From        string       `json:"from"`
	Until       time.Time    `json:"until"`
	State       State        `json:"state" enum:"waiting,later"`
	Message     string       `json:"message,omitempty"`
	Competences []Competence `json:"competences" doc:"To be named by their places, from 0."`
	Activity    seenActivity `json:"activity"`
}

type seenActivity struct {
	Kind         string `json:"kind"`
	Title        string `json:"title"`
	Start        string `json:"start,omitempty"`
	End          string `json:"end,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Place        string `json:"place,omitempty"`
	Narrative    string `json:"narrative,omitempty"`
}

func seenBodyOf(a Asked) seenBody {
	v := a.Activity
	b := seenBody{
		From: a.By, Until: a.Until.UTC(), State: a.State, Message: a.Message, Competences: a.Competences,
		Activity: seenActivity{v.Kind, v.Title, v.Start, v.End, v.Organisation, v.Place, v.Text},
	}
	if b.Competences == nil {
		b.Competences = []Competence{}
	}
	return b
}

// answerBody is what somebody says she saw.
type answerBody struct {
	Relation    string `json:"relation" maxLength:"500"`
	Start       string `json:"start,omitempty" maxLength:"10"`
	End         string `json:"end,omitempty" maxLength:"10"`
	Sight       Sight  `json:"sight" enum:"seen,heard" doc:"First-hand, or not."`
	Competences []int  `json:"competences,omitempty" maxItems:"50"`
	Words       string `json:"words" maxLength:"20000"`
}

func (b answerBody) answer() (Answer, error) {
	a := Answer{Relation: b.Relation, Sight: b.Sight, Competences: b.Competences, Words: b.Words}
	var err error
	if a.Start, err = kernel.ParseDate(b.Start); err == nil {
		a.End, err = kernel.ParseDate(b.End)
	}
	if err != nil {
		return a, errDates.Because(err)
	}
	return a, nil
}

// wordBody is a recommendation, received or written.
type wordBody struct {
	ID        string     `json:"id"`
	Activity  string     `json:"activity,omitempty" doc:"Of one received."`
	About     string     `json:"about,omitempty" doc:"Of one written: the name of its subject, empty when she has left."`
	Said      Said       `json:"said"`
	Both      bool       `json:"reciprocal" doc:"Each of the two recommended the other."`
	CreatedAt time.Time  `json:"created_at"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func receivedBodyOf(r Received) wordBody {
	return wordBody{ID: string(r.ID), Activity: string(r.Activity), Said: r.Said, Both: r.Both, CreatedAt: r.At.UTC(), RevokedAt: moment(r.Revoked)}
}

func writtenBodyOf(w Written) wordBody {
	return wordBody{ID: string(w.ID), About: w.About, Said: w.Said, Both: w.Both, CreatedAt: w.At.UTC(), RevokedAt: moment(w.Revoked)}
}

// one is the input of an operation on one thing.
type one struct {
	ID string `path:"id" maxLength:"64"`
}

// given is the input of an operation on a request made to the actor.
type given struct {
	Grant string `path:"grant" maxLength:"64"`
}

func bodies[T, B any](all []T, of func(T) B) []B {
	items := make([]B, len(all))
	for i, v := range all {
		items[i] = of(v)
	}
	return items
}

// API registers the JSON operations.
func (s *Service) API(api huma.API) {
	tags := []string{"peer"}
	s.requestAPI(api, tags)
	s.givenAPI(api, tags)
	s.wordAPI(api, tags)
}

func (s *Service) requestAPI(api huma.API, tags []string) {
	huma.Register(api, huma.Operation{
		OperationID: "peer-request-list", Method: http.MethodGet, Path: "/peers/requests", Tags: tags, Security: web.Scope("read"),
		Summary: "List what I asked", Description: "All of it, newest first.",
	}, func(ctx context.Context, _ *struct{}) (*web.Body[web.List[askedBody]], error) {
		all, err := s.Requests(ctx)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Listed(bodies(all, askedBodyOf), ""), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "peer-request-send", Method: http.MethodPost, Path: "/peers/requests", Tags: tags, Security: web.Scope("share"),
		Summary:     "Ask somebody what they saw",
		Description: "Lends the one activity named until the request is answered or over. Whom: a person of one of the actor's circles, an address, or whoever is handed `url`. 409 if they said no, or are being asked already; 429 beyond 20 a day.",
		Errors:      []int{409, 422, 429}, DefaultStatus: 201,
	}, func(ctx context.Context, in *struct {
		web.Once
		Body askBody
	}) (*web.Body[askedBody], error) {
		b := in.Body
		q, err := s.Send(ctx, Ask{
			Activity: kernel.ItemID(b.Activity), Competences: b.Competences, Name: b.Name, Mail: b.Email, Person: kernel.PersonID(b.Person),
			Message: b.Message, Lang: b.Language, Until: b.Until,
		})
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Created(askedBodyOf(q)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "peer-request-read", Method: http.MethodGet, Path: "/peers/requests/{id}", Tags: tags, Security: web.Scope("read"),
		Summary: "Read one of my requests", Errors: []int{404},
	}, func(ctx context.Context, in *one) (*web.Body[askedBody], error) {
		q, err := s.Request(ctx, kernel.ItemID(in.ID))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(askedBodyOf(q)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "peer-request-withdraw", Method: http.MethodDelete, Path: "/peers/requests/{id}", Tags: tags, Security: web.Scope("share"),
		Summary: "Withdraw a request", Description: "Its link shows nothing any more. Harmless when it is closed already.", Errors: []int{404},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID string `path:"id" maxLength:"64"`
	}) (*struct{}, error) {
		return nothing(ctx, s.Withdraw(ctx, kernel.ItemID(in.ID)))
	})
}

// nothing answers an operation that gives nothing back.
func nothing(ctx context.Context, err error) (*struct{}, error) {
	if err != nil {
		return nil, web.Problem(ctx, err)
	}
	return nil, nil //nolint:nilnil // 204
}

func (s *Service) givenAPI(api huma.API, tags []string) {
	huma.Register(api, huma.Operation{
		OperationID: "peer-asked-list", Method: http.MethodGet, Path: "/peers/asked", Tags: tags, Security: web.Scope("read"),
		Summary: "List what I was asked by name", Description: "What waits for an answer. Nothing of what is lent is read.",
	}, func(ctx context.Context, _ *struct{}) (*web.Body[web.List[errandBody]], error) {
		all, err := s.AskedOfMe(ctx)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		items := make([]errandBody, len(all))
		for i, e := range all {
			items[i] = errandBody{string(e.Grant), e.OwnerName, e.Until.UTC()}
		}
		return web.Listed(items, ""), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "peer-asked-read", Method: http.MethodGet, Path: "/peers/asked/{grant}", Tags: tags, Security: web.Scope("read"),
		Summary: "Read what I am asked", Description: "The activity named and nothing else. The owner's journal notes it. 404 and 410 alike once closed.", Errors: []int{404, 410},
	}, func(ctx context.Context, in *given) (*web.Body[seenBody], error) {
		a, err := s.Open(ctx, s.ByGrant(kernel.GrantID(in.Grant)))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(seenBodyOf(a)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "peer-asked-answer", Method: http.MethodPost, Path: "/peers/asked/{grant}", Tags: tags, Security: web.Scope("write"),
		Summary:     "Say what I saw",
		Description: "Signs an EndorsementCredential with the actor's own key, leaves it in the musette of whom it is about, and closes the request.",
		Errors:      []int{403, 404, 409, 410, 422}, DefaultStatus: 201,
	}, func(ctx context.Context, in *struct {
		web.Once
		Grant string `path:"grant" maxLength:"64"`
		Body  answerBody
	}) (*web.Body[wordBody], error) {
		a, err := in.Body.answer()
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		id, err := s.Say(ctx, s.ByGrant(kernel.GrantID(in.Grant)), a)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		w, err := s.WroteOne(ctx, id)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Created(writtenBodyOf(w)), nil
	})
	for _, way := range []struct {
		name, summary, text string
		do                  func(context.Context, Door) error
	}{
		{"later", "Answer later", "The request stays open; who asks sees that it was read.", s.Later},
		{"decline", "Say no", "Without a reason. The same person cannot ask again.", s.Decline},
	} {
		huma.Register(api, huma.Operation{
			OperationID: "peer-asked-" + way.name, Method: http.MethodPost, Path: "/peers/asked/{grant}/" + way.name, Tags: tags, Security: web.Scope("write"),
			Summary: way.summary, Description: way.text, Errors: []int{403, 404, 409, 410}, DefaultStatus: 204,
		}, func(ctx context.Context, in *struct {
			web.Once
			Grant string `path:"grant" maxLength:"64"`
		}) (*struct{}, error) {
			return nothing(ctx, way.do(ctx, s.ByGrant(kernel.GrantID(in.Grant))))
		})
	}
}

func (s *Service) wordAPI(api huma.API, tags []string) {
	huma.Register(api, huma.Operation{
		OperationID: "peer-word-list", Method: http.MethodGet, Path: "/peers/words", Tags: tags, Security: web.Scope("read"),
		Summary: "List recommendations received", Description: "All of them, newest first, with what weighs them and never a figure.",
	}, func(ctx context.Context, _ *struct{}) (*web.Body[web.List[wordBody]], error) {
		all, err := s.Words(ctx)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Listed(bodies(all, receivedBodyOf), ""), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "peer-word-read", Method: http.MethodGet, Path: "/peers/words/{id}", Tags: tags, Security: web.Scope("read"),
		Summary: "Read a recommendation received", Errors: []int{404},
	}, func(ctx context.Context, in *one) (*web.Body[wordBody], error) {
		r, err := s.Word(ctx, kernel.ItemID(in.ID))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(receivedBodyOf(r)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "peer-word-credential", Method: http.MethodGet, Path: "/peers/words/{id}/credential", Tags: tags, Security: web.Scope("read"),
		Summary: "Take the signed credential", Description: "An EndorsementCredential (Open Badges 3.0), as its author signed it.", Errors: []int{404},
	}, func(ctx context.Context, in *one) (*web.Body[json.RawMessage], error) {
		raw, err := s.Credential(ctx, kernel.ItemID(in.ID))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(json.RawMessage(raw)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "peer-word-discard", Method: http.MethodDelete, Path: "/peers/words/{id}", Tags: tags, Security: web.Scope("write"),
		Summary: "Remove a recommendation from my musette", Description: "Its author keeps the words, and can still revoke the credential.", Errors: []int{404},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID string `path:"id" maxLength:"64"`
	}) (*struct{}, error) {
		return nothing(ctx, s.Discard(ctx, kernel.ItemID(in.ID)))
	})
	huma.Register(api, huma.Operation{
		OperationID: "peer-written-list", Method: http.MethodGet, Path: "/peers/written", Tags: tags, Security: web.Scope("read"),
		Summary: "List recommendations I wrote", Description: "All of them, newest first.",
	}, func(ctx context.Context, _ *struct{}) (*web.Body[web.List[wordBody]], error) {
		all, err := s.Wrote(ctx)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Listed(bodies(all, writtenBodyOf), ""), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "peer-written-revoke", Method: http.MethodPost, Path: "/peers/written/{id}/revoke", Tags: tags, Security: web.Scope("write"),
		Summary: "Take my words back", Description: "The credential verifies as revoked from now on, and no face shows it. Harmless when it was done before.", Errors: []int{404}, DefaultStatus: 204,
	}, func(ctx context.Context, in *struct {
		web.Once
		ID string `path:"id" maxLength:"64"`
	}) (*struct{}, error) {
		return nothing(ctx, s.Revoke(ctx, kernel.ItemID(in.ID)))
	})
}
