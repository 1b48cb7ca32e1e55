package circle

import (
	"context"
	"net/http"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// invitationBody is the JSON face of an invitation, as an owner of the circle sees it.
type invitationBody struct {
	ID        string    `json:"id"`
	URL       string    `json:"url" doc:"To pass on; it lets one person in, once. Empty once it was used."`
	Token     string    `json:"token" doc:"The last part of url."`
	Email     string    `json:"email" doc:"Where it was sent; empty for a link. Forgotten once it is used or over."`
	Letter    string    `json:"letter" doc:"What became of the email: waiting, left or refused; empty if none was sent: pass the link on yourself."`
	CreatedAt time.Time `json:"created_at"`
	Until     time.Time `json:"until" doc:"The end of the seventh day, in the zone of who invites."`
}

func invitationBodyOf(i Invitation) invitationBody {
	return invitationBody{i.ID, i.URL, i.Token, i.To, string(i.Letter), i.MadeAt.UTC(), i.Until.UTC()}
}

// inviteBody is what makes an invitation.
type inviteBody struct {
	Email string `json:"email,omitempty" maxLength:"300" doc:"Sends the invitation where the instance sends mail; without it, the link is to be passed on."`
}

func (s *Service) invitationAPI(api huma.API, tags []string) {
	huma.Register(api, huma.Operation{
		OperationID: "circle-invite", Method: http.MethodPost, Path: "/circles/{id}/invitations", Tags: tags, Security: web.Scope("share"),
		Summary:       "Invite somebody into a circle",
		Description:   "Owners only. Single-use, seven days. 404 for who does not belong.",
		DefaultStatus: 201, Errors: []int{403, 404, 422, 429},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID   string      `path:"id"`
		Body *inviteBody `required:"false"`
	}) (*web.Body[invitationBody], error) {
		address := ""
		if in.Body != nil {
			address = in.Body.Email
		}
		i, err := s.Invite(ctx, kernel.CircleID(in.ID), address)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.Created(invitationBodyOf(i)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "circle-invitations", Method: http.MethodGet, Path: "/circles/{id}/invitations", Tags: tags, Security: web.Scope("share"),
		Summary: "List the invitations that wait", Description: "Owners only, newest first, all in one page. 404 for who does not belong.", Errors: []int{403, 404},
	}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	}) (*web.Body[web.List[invitationBody]], error) {
		all, err := s.Invitations(ctx, kernel.CircleID(in.ID))
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		items := make([]invitationBody, len(all))
		for i, one := range all {
			items[i] = invitationBodyOf(one)
		}
		return web.Listed(items, ""), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "circle-withdraw", Method: http.MethodDelete, Path: "/circles/{id}/invitations/{invitation}", Tags: tags, Security: web.Scope("share"),
		Summary: "Withdraw an invitation", Description: "Owners only: its link no longer opens anything.", Errors: []int{403, 404},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID         string `path:"id"`
		Invitation string `path:"invitation"`
	}) (*struct{}, error) {
		if err := s.Withdraw(ctx, kernel.CircleID(in.ID), in.Invitation); err != nil {
			return nil, web.Problem(ctx, err)
		}
		return nil, nil //nolint:nilnil // 204
	})
}
