package account

import (
	"context"
	"net/http"
	"slices"
	"time"

	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// tokenBody is the JSON face of a token: never the token itself, but once.
type tokenBody struct {
	ID         string     `json:"id" example:"tok_01hq3k9m2abcdefghijklm"`
	Name       string     `json:"name" doc:"What it is for, in the person's words."`
	Scopes     []string   `json:"scopes"`
	ByOperator bool       `json:"by_operator" doc:"Made from the command line by whoever keeps the instance."`
	CreatedAt  time.Time  `json:"created_at"`
	EndsAt     time.Time  `json:"ends_at"`
	LastUsedAt *time.Time `json:"last_used_at" doc:"To ten minutes; null if never."`
	Token      string     `json:"token,omitempty" doc:"The token, in the answer that makes it and nowhere else."`
}

func tokenOf(t Token) tokenBody {
	b := tokenBody{
		ID: t.ID, Name: t.Name, Scopes: t.Scopes, ByOperator: t.ByOperator,
		CreatedAt: t.MadeAt, EndsAt: t.EndsAt,
	}
	if !t.UsedAt.IsZero() {
		b.LastUsedAt = &t.UsedAt
	}
	return b
}

// newTokenBody asks for a token.
type newTokenBody struct {
	Name   string   `json:"name,omitempty" maxLength:"80" doc:"What it is for; kept sealed."`
	Scopes []string `json:"scopes" minItems:"1" maxItems:"8" doc:"read, write, share, import, export, erase, vc-api; all is every one but vc-api. Never more than the caller's own."`
	Days   int      `json:"days,omitempty" minimum:"1" maximum:"366" doc:"Until it ends; 366 if left out."`
}

func (s *Service) apiTokens(api huma.API) {
	tags := []string{"account"}
	huma.Register(api, huma.Operation{
		OperationID: "token-list", Method: http.MethodGet, Path: "/tokens", Tags: tags, Security: web.Scope("read"),
		Summary: "My tokens", Description: "Those that have not ended, the newest first.",
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden},
	}, func(ctx context.Context, in *web.Cursor) (*web.Body[web.List[tokenBody]], error) {
		tokens, err := s.Tokens(ctx)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		page, next := pageOf(tokens, *in)
		var items []tokenBody
		for _, t := range page {
			items = append(items, tokenOf(t))
		}
		return web.Listed(items, next), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "token-create", Method: http.MethodPost, Path: "/tokens", Tags: tags, Security: web.Scope("write"),
		Summary: "Make a token", Description: "The token is in this answer and in no other. Sent twice with one Idempotency-Key, the request gets the same token again.",
		DefaultStatus: http.StatusCreated,
		Errors:        []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}, func(ctx context.Context, in *struct {
		web.Once
		Body newTokenBody
	}) (*web.Body[tokenBody], error) {
		made, token, err := s.CreateToken(ctx, NewToken{Name: in.Body.Name, Scopes: in.Body.Scopes, Days: in.Body.Days})
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		b := tokenOf(made)
		b.Token = token.Reveal()
		return web.Created(b), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "token-revoke", Method: http.MethodDelete, Path: "/tokens/{id}", Tags: tags, Security: web.Scope("write"),
		Summary: "Take a token back", Description: "From the next request on it opens nothing, on any process.",
		DefaultStatus: http.StatusNoContent,
		Errors:        []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		web.Once
		ID string `path:"id" maxLength:"40"`
	}) (*struct{}, error) {
		if err := s.RevokeToken(ctx, in.ID); err != nil {
			return nil, web.Problem(ctx, err)
		}
		return nil, nil //nolint:nilnil // 204 has no body
	})
}

// pageOf cuts a page out of a short list; the cursor is the id of the last one shown.
func pageOf(tokens []Token, at web.Cursor) (page []Token, next string) {
	if at.Cursor != "" {
		i := slices.IndexFunc(tokens, func(t Token) bool { return t.ID < at.Cursor })
		if i < 0 {
			return nil, ""
		}
		tokens = tokens[i:]
	}
	if len(tokens) <= at.Limit {
		return tokens, ""
	}
	return tokens[:at.Limit], tokens[at.Limit-1].ID
}
