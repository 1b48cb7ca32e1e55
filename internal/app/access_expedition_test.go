package app

import (
	"fmt"
	"net/http"
	"net/url"

	"digiwork/internal/kernel"
)

// Who may what in expedition. Ada's expedition belongs to her circle and is private:
// bob, a member, reads it and leaves remarks.
func init() {
	makers["expedition"] = func(h *house, owner, _ *somebody, title string, of func(string) string) string {
		return fmt.Sprint(h.must(owner, http.MethodPost, "/expeditions", "name="+url.QueryEscape(title)+"&lang=fr&visibility=private&circle="+of("circle"))["location"])
	}
	makers["axis"] = func(h *house, owner, _ *somebody, title string, of func(string) string) string {
		return fmt.Sprint(h.must(owner, http.MethodPost, "/expeditions/"+of("expedition")+"/new/axis", "title="+url.QueryEscape(title))["location"])
	}
	card := func(kind, body string) {
		makers[kind] = func(h *house, owner, _ *somebody, title string, of func(string) string) string {
			return fmt.Sprint(h.must(owner, http.MethodPost, "/expeditions/"+of("expedition")+"/new/"+kind, body+"&title="+url.QueryEscape(title))["location"])
		}
	}
	card("scenario", "slogan=x")
	card("track", "steps=x")
	card("tension", "one_side=x")
	makers["snapshot"] = func(h *house, owner, _ *somebody, title string, of func(string) string) string {
		of("axis")
		h.must(owner, http.MethodPost, "/expeditions/"+of("expedition")+"/map/versions", "title="+url.QueryEscape(title))
		cards, err := h.app.Expedition.Cards(h.as(owner), kernel.ExpeditionID(of("expedition")), "snapshot")
		if err != nil || len(cards) != 1 {
			h.t.Fatalf("%d snapshots, %v", len(cards), err)
		}
		return cards[0].ID
	}
	makers["choice"] = func(h *house, owner, _ *somebody, title string, of func(string) string) string {
		first := of("track")
		second := fmt.Sprint(h.must(owner, http.MethodPost, "/expeditions/"+of("expedition")+"/new/track", "title=Autre")["location"])
		return fmt.Sprint(h.must(owner, http.MethodPost, "/expeditions/"+of("expedition")+"/choices/new",
			"criteria=c&policies=p&among="+first+"&among="+second+"&title="+url.QueryEscape(title))["location"])
	}
	makers["vote"] = func(h *house, owner, _ *somebody, title string, of func(string) string) string {
		first := of("scenario")
		second := fmt.Sprint(h.must(owner, http.MethodPost, "/expeditions/"+of("expedition")+"/new/scenario", "title=Autre")["location"])
		return fmt.Sprint(h.must(owner, http.MethodPost, "/expeditions/"+of("expedition")+"/votes/new",
			"method=approval&options="+first+"&options="+second+"&question="+url.QueryEscape(title))["location"])
	}
	reads, leads := gets{303, 404, 404, 200, 200}, gets{303, 404, 404, 403, 200}
	speaks, edits := gets{401, 404, 404, 303, 303}, gets{401, 404, 404, 403, 303}
	decide(map[string]rule{
		"GET /api/v1/expeditions":                               {want: gets{401, 200, 200, 200, 200}},
		"POST /api/v1/expeditions":                              {body: `{"name":"X","lang":"fr","visibility":"private"}`, want: gets{401, 201, 201, 201, 201}},
		"GET /api/v1/expeditions/{id}":                          {of: "expedition", want: gets{401, 404, 404, 200, 200}},
		"POST /api/v1/expeditions/{id}/cards":                   {of: "expedition", body: `{"kind":"axis","title":"A","fields":{},"ties":{}}`, want: gets{401, 404, 404, 403, 201}},
		"GET /api/v1/expeditions/{id}/cards/{card}":             {of: "expedition axis", want: gets{401, 404, 404, 200, 200}},
		"PUT /api/v1/expeditions/{id}/cards/{card}":             {of: "expedition axis", body: `{"version":1,"kind":"axis","title":"B","fields":{},"ties":{}}`, want: gets{401, 404, 404, 403, 200}},
		"GET /expeditions":                                      {want: gets{200, 200, 200, 200, 200}},
		"POST /expeditions":                                     {body: "name=X&lang=fr&visibility=private", want: gets{401, 303, 303, 303, 303}},
		"GET /expeditions/join":                                 {want: gets{200, 200, 200, 200, 200}},
		"POST /expeditions/join":                                {body: "code=NEVER222", want: gets{404, 404, 404, 404, 404}},
		"GET /expeditions/{id}":                                 {of: "expedition", want: reads},
		"GET /expeditions/{id}/settings":                        {of: "expedition", want: leads},
		"POST /expeditions/{id}/settings":                       {of: "expedition", body: "name=Y&lang=fr&visibility=private&version=1", want: edits},
		"POST /expeditions/{id}/partners":                       {of: "expedition", body: "circle={circle}", want: gets{401, 404, 404, 403, 422}},
		"POST /expeditions/{id}/partners/{circle}/end":          {of: "expedition circle", want: edits},
		"POST /expeditions/{id}/people/{person}/role":           {of: "expedition bob", body: "role=reader", want: edits},
		"POST /expeditions/{id}/door":                           {of: "expedition", body: "open=1", want: edits},
		"POST /expeditions/{id}/credit":                         {of: "expedition", body: "named=A", want: speaks},
		"GET /expeditions/{id}/delete":                          {of: "expedition", want: leads},
		"POST /expeditions/{id}/delete":                         {of: "expedition", want: edits},
		"GET /expeditions/{id}/new/{kind}":                      {of: "expedition -axis", want: leads},
		"POST /expeditions/{id}/new/{kind}":                     {of: "expedition -axis", body: "title=Z", want: edits},
		"GET /expeditions/{id}/cards/{card}":                    {of: "expedition axis", want: reads},
		"GET /expeditions/{id}/cards/{card}/edit":               {of: "expedition axis", want: leads},
		"POST /expeditions/{id}/cards/{card}":                   {of: "expedition axis", body: "title=Z&version=1", want: edits},
		"GET /expeditions/{id}/cards/{card}/remove":             {of: "expedition axis", want: leads},
		"POST /expeditions/{id}/cards/{card}/remove":            {of: "expedition axis", want: edits},
		"POST /expeditions/{id}/cards/{card}/move":              {of: "expedition axis", want: edits},
		"POST /expeditions/{id}/cards/{card}/release":           {of: "expedition axis", want: gets{401, 404, 404, 404, 404}}, // it is no partner's own
		"POST /expeditions/{id}/cards/{card}/remarks":           {of: "expedition axis", body: "text=Z", want: speaks},
		"GET /expeditions/{id}/cards/{card}/history":            {of: "expedition axis", want: reads},
		"POST /expeditions/{id}/cards/{card}/history/{version}": {of: "expedition axis -9", body: "version=1", want: gets{401, 404, 404, 403, 404}},
		"GET /expeditions/{id}/walk/{card}":                     {of: "expedition axis", want: reads},
		"GET /expeditions/import":                               {want: gets{303, 200, 200, 200, 200}},
		"POST /expeditions/import":                              {body: "file:no expedition", want: gets{401, 422, 422, 422, 422}},
		"GET /expeditions/{id}/file":                            {of: "expedition", want: reads},
		"POST /expeditions/{id}/fork":                           {of: "expedition", want: speaks},
		"GET /expeditions/{id}/cahier":                          {of: "expedition", want: reads},
		"GET /expeditions/{id}/cahier/{form}":                   {of: "expedition -epub", want: reads},
		"GET /expeditions/{id}/search":                          {of: "expedition", want: reads},
		"GET /expeditions/{id}/map/{file}":                      {of: "expedition -map.opml", want: reads},
		"POST /expeditions/{id}/map/versions":                   {of: "expedition", body: "title=V", want: edits},
		"GET /expeditions/{id}/cards/{card}/outline.opml":       {of: "expedition snapshot", want: reads},
		"POST /expeditions/{id}/gather":                         {of: "expedition", body: "title=T&tensions={tension}", want: edits},
		"GET /expeditions/{id}/choices/new":                     {of: "expedition", want: leads},
		"POST /expeditions/{id}/choices/new":                    {of: "expedition", body: "title=C&criteria=c&policies=p&among={track}&among=x", want: gets{401, 404, 404, 403, 422}},
		"POST /expeditions/{id}/cards/{card}/choice":            {of: "expedition choice", body: "version=1&weight.0.0=1", want: edits},
		"GET /expeditions/{id}/cards/{card}/adapt":              {of: "expedition track", want: reads},
		"POST /expeditions/{id}/cards/{card}/adapt":             {of: "expedition track", body: "begin=2037-01-01", want: edits},
		"GET /expeditions/{id}/votes/new":                       {of: "expedition", want: leads},
		"POST /expeditions/{id}/votes/new":                      {of: "expedition", body: "question=Q&method=approval&options={scenario}&options=x", want: gets{401, 404, 404, 403, 422}},
		"GET /expeditions/{id}/votes/{vote}":                    {of: "expedition vote", want: reads},
		"POST /expeditions/{id}/votes/{vote}/links":             {of: "expedition vote", body: "links=2", want: gets{401, 404, 404, 403, 200}},
		"POST /expeditions/{id}/votes/{vote}/close":             {of: "expedition vote", body: "keep=1", want: edits},
		"GET /s/vote/{token}":                                   {of: "-never", want: gets{404, 404, 404, 404, 404}},
		"POST /s/vote/{token}":                                  {of: "-never", want: gets{404, 404, 404, 404, 404}},
		"GET /expeditions/{id}/map":                             {of: "expedition", want: reads},
		"GET /expeditions/{id}/synthesis":                       {of: "expedition", want: reads},
		"GET /expeditions/{id}/scenarios":                       {of: "expedition", want: reads},
		"GET /expeditions/{id}/territories":                     {of: "expedition", want: reads},
		"GET /expeditions/{id}/tracks":                          {of: "expedition", want: reads},
		"GET /expeditions/{id}/campaigns":                       {of: "expedition", want: reads},
		"GET /expeditions/{id}/game":                            {of: "expedition", want: reads},
		"GET /expeditions/{id}/models":                          {of: "expedition", want: reads},
	})
}
