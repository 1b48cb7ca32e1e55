package app

import "digiwork/internal/kernel"

// Who may what in portrait.
func init() {
	makers["address"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		name := "nom-" + owner.handle
		if err := h.app.Portrait.TakeAddress(h.as(owner), name, kernel.GrantID(of("grant"))); err != nil {
			h.t.Fatal(err)
		}
		return name
	}
	shared = append(shared, "GET /s/{token}/{file}", "GET /folio/{name}", "GET /folio/{name}/{file}")
	decide(map[string]rule{
		"GET /reveler/show":                    {want: gets{303, 200, 200, 200, 200}},
		"GET /reveler/show/{face}":             {of: "face", want: gets{303, 404, 404, 404, 200}},
		"GET /reveler/show/{face}/{file}":      {of: "face -cv.pdf", want: gets{303, 404, 404, 404, 200}},
		"GET /reveler/received/{grant}/{file}": {of: "shown -cv", want: gets{303, 404, 404, 200, 404}},
		"GET /reveler/cards/{grant}":           {of: "grant", want: gets{303, 404, 404, 404, 200}},
		"POST /reveler/address":                {body: "name=mon-nom&grant={grant}", want: gets{401, 422, 422, 422, 303}},
		"POST /reveler/address/drop":           {want: gets{401, 303, 303, 303, 303}},
		"GET /s/{token}/{file}":                {of: "link -cv", want: gets{200, 200, 200, 200, 200}},
		"GET /folio/{name}":                    {of: "address", want: gets{200, 200, 200, 200, 200}},
		"GET /folio/{name}/{file}":             {of: "address -resume.json", want: gets{200, 200, 200, 200, 200}},
	})
}
