package app

import (
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// Who may what with the counts of a circle: members are asked, owners ask.
func init() {
	makers["count"] = func(h *house, owner, _ *somebody, title string, of func(string) string) string {
		c, err := h.app.Gate.OpenCount(h.as(owner), gate.CountAsk{
			Circle: kernel.CircleID(of("circle")), Purpose: title, Questions: []string{"kinds"}, Until: h.app.DB.Now().AddDate(0, 0, 9).Format(time.DateOnly),
		})
		if err != nil {
			h.t.Fatal(err)
		}
		return c.ID
	}
	decide(map[string]rule{
		"GET /portillon/received":                {want: gets{303, 200, 200, 200, 200}},
		"POST /portillon/faces/preview":          {body: "language=fr&choose=items&item={activity}&profile=name", want: gets{401, 200, 200, 200, 200}},
		"GET /portillon/counts":                  {want: gets{303, 200, 200, 200, 200}},
		"GET /portillon/counts/{id}":             {of: "count", want: gets{303, 404, 404, 200, 200}},
		"POST /portillon/counts/{id}/answer":     {of: "count", body: "say=no", want: gets{401, 404, 404, 303, 303}},
		"POST /portillon/counts/{id}/take-back":  {of: "count", want: gets{401, 404, 404, 303, 303}},
		"POST /portillon/counts/{id}/settle":     {of: "count", want: gets{401, 404, 404, 403, 409}},
		"POST /portillon/counts/{id}/drop":       {of: "count", want: gets{401, 404, 404, 403, 303}},
		"GET /portillon/circles/{id}/counts":     {of: "circle", want: gets{303, 404, 404, 200, 200}},
		"GET /portillon/circles/{id}/counts/new": {of: "circle", want: gets{303, 404, 404, 403, 200}},
		"POST /portillon/circles/{id}/counts":    {of: "circle", body: "purpose=essai&questions=kinds&until={until}", want: gets{401, 404, 404, 403, 303}},
		"GET /api/v1/counts":                     {want: gets{401, 200, 200, 200, 200}},
		"GET /api/v1/circles/{id}/counts":        {of: "circle", want: gets{401, 404, 404, 200, 200}},
		"POST /api/v1/circles/{id}/counts":       {of: "circle", body: `{"purpose":"essai","questions":["kinds"],"until":"{until}"}`, want: gets{401, 404, 404, 403, 201}},
		"GET /api/v1/counts/{id}":                {of: "count", want: gets{401, 404, 404, 200, 200}},
		"GET /api/v1/counts/{id}/row":            {of: "count", want: gets{401, 404, 404, 200, 200}},
		"PUT /api/v1/counts/{id}/answer":         {of: "count", body: `{"yes":false}`, want: gets{401, 404, 404, 204, 204}},
		"DELETE /api/v1/counts/{id}/answer":      {of: "count", want: gets{401, 404, 404, 204, 204}},
		"DELETE /api/v1/counts/{id}":             {of: "count", want: gets{401, 404, 404, 403, 204}},
		"POST /api/v1/counts/{id}/settle":        {of: "count", want: gets{401, 404, 404, 403, 409}},
	})
}
