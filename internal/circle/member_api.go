package circle

import (
	"context"
	"net/http"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// memberBody is the JSON face of a member.
type memberBody struct {
	Person   string    `json:"person"`
	Name     string    `json:"name" doc:"Chosen by the person; shared data."`
	Role     Role      `json:"role" enum:"owner,member"`
	JoinedAt time.Time `json:"joined_at"`
}

func memberBodyOf(l Line) memberBody {
	return memberBody{string(l.Person), l.Name, l.Role, l.JoinedAt.UTC()}
}

// joinBody is either an invitation, by which the actor comes in, or a member and
// the role she gets.
type joinBody struct {
	Invitation string `json:"invitation,omitempty" maxLength:"2000" doc:"The token of an invitation, or its whole address: the actor comes in."`
	Person     string `json:"person,omitempty" maxLength:"64" doc:"A member, whom an owner gives a role."`
	Role       string `json:"role,omitempty" maxLength:"64" doc:"owner or member, with person."`
}

// token is the last part of an invitation's address.
func (b joinBody) token() string {
	address, _, _ := strings.Cut(strings.TrimSpace(b.Invitation), "?")
	address = strings.TrimSuffix(address, "/")
	return address[strings.LastIndexByte(address, '/')+1:]
}

func (s *Service) memberAPI(api huma.API, tags []string) {
	huma.Register(api, huma.Operation{
		OperationID: "circle-members", Method: http.MethodGet, Path: "/circles/{id}/members", Tags: tags, Security: web.Scope("read"),
		Summary: "List the members of a circle", Description: "In the order in which they joined. 404 for who does not belong.", Errors: []int{404, 422},
	}, func(ctx context.Context, in *struct {
		web.Cursor
		ID string `path:"id"`
	}) (*web.Body[web.List[memberBody]], error) {
		lines, next, err := s.Members(ctx, kernel.CircleID(in.ID), in.Cursor.Cursor, in.Limit)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		items := make([]memberBody, len(lines))
		for i, l := range lines {
			items[i] = memberBodyOf(l)
		}
		return web.Listed(items, next), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "circle-join", Method: http.MethodPost, Path: "/circles/{id}/members", Tags: tags, Security: web.Scope("write"),
		Summary:     "Come into a circle, or change a role",
		Description: "With `invitation`, the actor becomes a member: 410 for one that does not open. With `person` and `role`, an owner gives a member a role: 409 if nobody would look after the circle, 403 for who is no owner or for a person who has not come in by herself, 404 for who does not belong. Answers the member.",
		Errors:      []int{403, 404, 409, 410, 422, 429},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID   string `path:"id"`
		Body joinBody
	}) (*web.Body[memberBody], error) {
		line, err := s.join(ctx, kernel.CircleID(in.ID), in.Body)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(memberBodyOf(line)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "circle-leave", Method: http.MethodDelete, Path: "/circles/{id}/members", Tags: tags, Security: web.Scope("write"),
		Summary:     "Leave a circle, or remove a member",
		Description: "Without `person`, the actor leaves; whoever is the only member closes the circle. With `person`, an owner removes a member. 409 for the last owner while there are other members.",
		Errors:      []int{403, 404, 409},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID     string `path:"id"`
		Person string `query:"person" maxLength:"64" doc:"Empty is the actor."`
	}) (*struct{}, error) {
		return nil, s.depart(ctx, kernel.CircleID(in.ID), kernel.PersonID(in.Person))
	})
	huma.Register(api, huma.Operation{
		OperationID: "circle-remove", Method: http.MethodDelete, Path: "/circles/{id}/members/{person}", Tags: tags, Security: web.Scope("write"),
		Summary: "Remove a member", Description: "The same as with the query `person`.", Errors: []int{403, 404, 409},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID     string `path:"id"`
		Person string `path:"person"`
	}) (*struct{}, error) {
		return nil, s.depart(ctx, kernel.CircleID(in.ID), kernel.PersonID(in.Person))
	})
}

// join does what the body says: exactly one of the two.
func (s *Service) join(ctx context.Context, id kernel.CircleID, b joinBody) (Line, error) {
	switch {
	case (b.Invitation == "") == (b.Person == ""):
		return Line{}, errWho
	case b.Person != "":
		return s.SetRole(ctx, id, kernel.PersonID(b.Person), Role(b.Role))
	}
	return s.AcceptAs(ctx, id, b.token())
}

func (s *Service) depart(ctx context.Context, id kernel.CircleID, person kernel.PersonID) error {
	if person == "" {
		person = kernel.ActorFrom(ctx).Person
	}
	if _, err := s.Remove(ctx, id, person); err != nil {
		return web.Problem(ctx, err)
	}
	return nil
}
