package recognition

import (
	"context"
	"net/http"

	"digiwork/internal/lib/skills"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// askBody is a text to be read.
type askBody struct {
	Text  string `json:"text,omitempty" maxLength:"100000" doc:"What was done, in the person's words."`
	Title string `json:"title,omitempty" maxLength:"1000" doc:"Of a post or an activity."`
	Lang  string `json:"lang,omitempty" enum:"fr,en" doc:"Guessed from the words when missing."`
	Limit int    `json:"limit,omitempty" minimum:"1" maximum:"200" default:"10"`
}

// hintBody is a suggestion, as the command line writes it.
type hintBody struct {
	URI     string   `json:"uri"`
	Label   string   `json:"label"`
	Scheme  string   `json:"scheme" doc:"esco, rome, or starter: our own small list."`
	Kind    string   `json:"kind" enum:"skill,occupation"`
	Code    string   `json:"code,omitempty"`
	Score   float64  `json:"score" doc:"Orders the suggestions of one text; it says nothing of the person, and two texts do not compare."`
	Because []string `json:"because" doc:"Words of the text, or the trade, that led there."`
}

// foundBody is what a text suggests.
type foundBody struct {
	Suggestions []hintBody `json:"suggestions" doc:"Best first."`
	Notices     []string   `json:"notices" doc:"Sentences of attribution to show beside them, where a licence asks for it."`
}

// mostBytes of a request: a text of 100,000 characters, as JSON may write it.
const mostBytes = 1 << 20

// API registers the JSON operations.
func (s *Service) API(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "skills-suggest", Method: http.MethodPost, Path: "/skills/suggest", Tags: []string{"recognition"}, Security: web.Scope("write"),
		Summary:     "Suggest competences and trades for a text",
		Description: "Answers what the command skills suggest answers. The text is read on this machine and not kept; nothing is inferred about anybody.",
		Errors:      []int{http.StatusUnprocessableEntity}, MaxBodyBytes: mostBytes,
	}, func(ctx context.Context, in *struct{ Body askBody }) (*web.Body[foundBody], error) {
		found, err := s.Suggest(ctx, skills.Query{Text: in.Body.Text, Title: in.Body.Title, Lang: in.Body.Lang, Limit: in.Body.Limit})
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		out := foundBody{Suggestions: []hintBody{}, Notices: skills.Notices(found)}
		for _, f := range found {
			out.Suggestions = append(out.Suggestions, hintBody{f.URI, f.Label, string(f.Scheme), f.Kind, f.Code, f.Score, f.Because})
		}
		return web.OK(out), nil
	})
}
