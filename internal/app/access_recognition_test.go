package app

import "digiwork/internal/recognition"

// Who may what in recognition.
func init() {
	makers["telling"] = func(h *house, owner, _ *somebody, title string, _ func(string) string) string {
		id, err := h.app.Recognition.BeginTelling(h.as(owner), title, "")
		if err == nil {
			err = h.app.Recognition.Answer(h.as(owner), id, 1, 1, "J'ai tenu les comptes.")
		}
		if err != nil {
			h.t.Fatal(err)
		}
		return string(id)
	}
	makers["competence"] = func(h *house, owner, _ *somebody, title string, _ func(string) string) string {
		id, err := h.app.Recognition.Keep(h.as(owner), []recognition.Saying{{Title: title}})
		if err != nil {
			h.t.Fatal(err)
		}
		return string(id)
	}
	decide(map[string]rule{
		"GET /reveler":                          {want: gets{303, 200, 200, 200, 200}},
		"GET /reveler/map":                      {want: gets{303, 200, 200, 200, 200}},
		"GET /reveler/referentials":             {want: gets{303, 200, 200, 200, 200}},
		"GET /reveler/tellings/new":             {want: gets{303, 200, 200, 200, 200}},
		"POST /reveler/tellings":                {body: "title=Un moment", want: gets{401, 303, 303, 303, 303}},
		"GET /reveler/tellings/{id}":            {of: "telling", want: gets{303, 404, 404, 404, 200}},
		"GET /reveler/tellings/{id}/{step}":     {of: "telling -1", want: gets{303, 404, 404, 404, 200}},
		"POST /reveler/tellings/{id}/{step}":    {of: "telling -1", body: "version=2&answer=Un soir", want: gets{401, 404, 404, 404, 303}},
		"POST /reveler/tellings/{id}/delete":    {of: "telling", want: gets{401, 404, 404, 404, 303}},
		"GET /reveler/find/{id}":                {of: "telling", want: gets{303, 404, 404, 404, 200}},
		"POST /reveler/find/{id}":               {of: "telling", body: "uri=urn:digiwork:competence:accounts", want: gets{401, 404, 404, 404, 200}},
		"POST /reveler/find/{id}/keep":          {of: "telling", body: "uri=urn:digiwork:competence:accounts&title.0=Tenir les comptes", want: gets{401, 404, 404, 404, 303}},
		"GET /reveler/competences/new":          {want: gets{303, 200, 200, 200, 200}},
		"POST /reveler/competences":             {body: "title=Tenir les comptes", want: gets{401, 303, 303, 303, 303}},
		"GET /reveler/competences/{id}":         {of: "competence", want: gets{303, 404, 404, 404, 200}},
		"GET /reveler/competences/{id}/edit":    {of: "competence", want: gets{303, 404, 404, 404, 200}},
		"POST /reveler/competences/{id}":        {of: "competence", body: "version=1&title=Tenir", want: gets{401, 404, 404, 404, 303}},
		"POST /reveler/competences/{id}/follow": {of: "competence", body: "uri=none", want: gets{401, 404, 404, 404, 404}},
		"POST /reveler/competences/{id}/delete": {of: "competence", want: gets{401, 404, 404, 404, 303}},
		"POST /api/v1/skills/suggest":           {body: `{"text":"J'ai tenu les comptes","lang":"fr","limit":3}`, want: gets{401, 200, 200, 200, 200}},
	})
}
