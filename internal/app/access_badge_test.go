package app

import (
	"context"
	"path"
	"strings"

	"digiwork/internal/badge"
	"digiwork/internal/kernel"
)

// Who may what in badge. What a badge stands for is public; what somebody holds, was
// offered or decides about is hers.
func init() {
	design := func(h *house, ctx context.Context, by badge.By) badge.AchievementID {
		id, err := h.app.Badge.MakeAchievement(ctx, by, badge.Design{Name: "Badge d'essai", Description: "Un essai", Criteria: "Essayer", Type: "Badge"})
		if err != nil {
			h.t.Fatal(err)
		}
		return id
	}
	offer := func(h *house, ctx context.Context, id badge.AchievementID, to badge.To) badge.Award {
		all, err := h.app.Badge.Offer(ctx, id, []badge.To{to}, false)
		if err != nil {
			h.t.Fatal(err)
		}
		return all[0]
	}
	ofPerson := func(p *somebody) badge.By { return badge.By{Kind: badge.KindPerson, ID: string(p.id)} }
	makers["achievement"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		return string(design(h, h.as(owner), badge.By{Kind: badge.KindCircle, ID: of("circle")}))
	}
	makers["award"] = func(h *house, owner, _ *somebody, title string, of func(string) string) string {
		ctx := h.as(owner)
		return string(offer(h, ctx, design(h, ctx, ofPerson(owner)), badge.To{Words: badge.Words{Label: title}}).ID)
	}
	makers["offer"] = func(h *house, owner, friend *somebody, title string, _ func(string) string) string {
		ctx := h.as(friend)
		return string(offer(h, ctx, design(h, ctx, ofPerson(friend)), badge.To{Person: owner.id, Words: badge.Words{Label: "Ada", Evidence: title}}).ID)
	}
	makers["badge"] = func(h *house, owner, _ *somebody, title string, _ func(string) string) string {
		id, err := h.app.Badge.Import(h.as(owner), []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:x:`+kernel.NewID[string]("x", h.app.DB.Now())+`","type":["VerifiableCredential"],"name":"`+title+`","issuer":"https://example.org/i","credentialSubject":{"id":"urn:example:x"}}`))
		if err != nil {
			h.t.Fatal(err)
		}
		return string(id)
	}
	makers["shownbadge"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		link, err := h.app.Badge.Share(h.as(owner), kernel.ItemID(of("badge")), "essai", of("until"))
		if err != nil {
			h.t.Fatal(err)
		}
		return path.Base(link)
	}
	makers["claim"] = func(h *house, owner, _ *somebody, _ string, _ func(string) string) string {
		link, err := h.app.Badge.OpenClaims(h.as(owner), design(h, h.as(owner), ofPerson(owner)))
		if err != nil {
			h.t.Fatal(err)
		}
		return path.Base(link)
	}
	makers["offerlink"] = func(h *house, owner, _ *somebody, _ string, _ func(string) string) string {
		ctx := h.as(owner)
		return offer(h, ctx, design(h, ctx, ofPerson(owner)), badge.To{Words: badge.Words{Label: "Léa"}}).Words.Token
	}
	// Who issues is named by what it issues: a circle's badge tells its name.
	shared = append(shared, "GET /badges/{id}", "GET /badges/shown/{token}", "GET /badges/shown/{token}/{form}")
	hers, circle := gets{303, 404, 404, 404, 200}, gets{303, 404, 404, 403, 200}
	changes, decides := gets{401, 404, 404, 404, 303}, gets{401, 404, 404, 403, 303}
	all := gets{200, 200, 200, 200, 200}
	rules := map[string]rule{
		"GET /verify":                            {want: all},
		"POST /verify":                           {body: "file:rien", want: all},
		"GET /badges/{id}":                       {of: "achievement", want: all},
		"GET /badges/picture/{id}":               {of: "achievement", want: all},
		"GET /badges/claim/{token}":              {of: "claim", want: all},
		"POST /badges/claim/{token}":             {of: "claim", body: "evidence=Trois cahiers", want: gets{401, 303, 303, 303, 303}},
		"GET /badges/offer/{token}":              {of: "offerlink", want: all},
		"POST /badges/offer/{token}":             {of: "offerlink", want: gets{401, 303, 404, 404, 404}},
		"GET /badges/shown/{token}":              {of: "shownbadge", want: all},
		"GET /badges/shown/{token}/{form}":       {of: "shownbadge -badge.json", want: all},
		"GET /reveler/badges":                    {want: gets{303, 200, 200, 200, 200}},
		"POST /reveler/badges":                   {body: "file:rien", want: gets{401, 422, 422, 422, 422}},
		"POST /reveler/badges/record":            {body: "items={badge}", want: gets{401, 404, 404, 404, 200}},
		"GET /reveler/badges/{id}":               {of: "badge", want: hers},
		"GET /reveler/badges/{id}/file/{form}":   {of: "badge -badge.json", want: hers},
		"POST /reveler/badges/{id}/part":         {of: "badge", want: gets{401, 404, 404, 404, 404}},
		"POST /reveler/badges/{id}/recheck":      {of: "badge", want: changes},
		"GET /reveler/badges/{id}/remove":        {of: "badge", want: hers},
		"POST /reveler/badges/{id}/remove":       {of: "badge", want: changes},
		"POST /reveler/badges/{id}/share":        {of: "badge", body: "purpose=essai&until={until}", want: gets{401, 404, 404, 404, 200}},
		"GET /reveler/issue":                     {want: gets{303, 200, 200, 200, 200}},
		"POST /reveler/issue":                    {body: "file:rien", want: gets{401, 422, 422, 422, 422}},
		"GET /reveler/issue/{id}":                {of: "achievement", want: circle},
		"POST /reveler/issue/{id}":               {of: "achievement", body: "file:rien", want: gets{401, 404, 404, 403, 422}},
		"POST /reveler/issue/{id}/awards":        {of: "achievement", body: "name=Léa", want: decides},
		"POST /reveler/issue/{id}/list":          {of: "achievement", body: "file:nom\nLéa\n", want: gets{401, 404, 404, 403, 200}},
		"POST /reveler/issue/{id}/claims":        {of: "achievement", want: gets{401, 404, 404, 403, 200}},
		"POST /reveler/issue/{id}/claims/close":  {of: "achievement", want: decides},
		"GET /reveler/awards/{award}":            {of: "award", want: hers},
		"POST /reveler/awards/{award}":           {of: "award", body: "do=withdraw", want: changes},
		"GET /reveler/offers/{award}":            {of: "offer", want: hers},
		"POST /reveler/offers/{award}/accept":    {of: "offer", want: changes},
		"POST /reveler/offers/{award}/decline":   {of: "offer", want: changes},
		"POST /vc-api/status/credentials/status": {body: "{}", want: gets{404, 404, 404, 404, 404}},
	}
	for _, root := range strings.Fields("/vc-api /vc-api/status /vc-api/eddsa-rdfc-2022 /vc-api/eddsa-jcs-2022 /vc-api/ecdsa-rdfc-2019 /vc-api/ecdsa-jcs-2019") {
		for _, at := range strings.Fields("/credentials/verify /presentations/verify /credentials/issue") {
			if !strings.HasSuffix(at, "issue") || !strings.Contains(root, "ecdsa") {
				rules["POST "+root+at] = rule{body: "{}", want: gets{404, 404, 404, 404, 404}}
			}
		}
	}
	decide(rules)
}
