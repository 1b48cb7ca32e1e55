package app

import (
	"fmt"
	"net/http"
	"strings"
)

// Who may what in watch. Ada's expedition is private and belongs to her circle: bob,
// a member, reads.
func init() {
	last := func(h *house, owner *somebody, at, body string) string {
		where := strings.Split(fmt.Sprint(h.must(owner, http.MethodPost, at, body)["location"]), "/")
		return where[len(where)-1]
	}
	makers["signal"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		return last(h, owner, "/expeditions/"+of("expedition")+"/watch", "address=https://gazette.example/"+of("expedition")+"&title="+strings.ReplaceAll(herWork, " ", "+"))
	}
	makers["review"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		return last(h, owner, "/expeditions/"+of("expedition")+"/watch/reviews", "title=R&signals="+of("signal"))
	}
	reads := gets{303, 404, 404, 200, 200}
	watches, never := gets{401, 404, 404, 403, 303}, gets{401, 404, 404, 403, 404}
	decide(map[string]rule{
		"GET /expeditions/{id}/watch":                                       {of: "expedition", want: reads},
		"POST /expeditions/{id}/watch":                                      {of: "expedition", body: "address=https://a.example/1", want: watches},
		"GET /expeditions/{id}/watch/new":                                   {of: "expedition", want: reads},
		"GET /expeditions/{id}/watch/signals/{signal}":                      {of: "expedition signal", want: reads},
		"POST /expeditions/{id}/watch/signals/{signal}":                     {of: "expedition signal", body: "address=https://a.example/2&title=T&state=kept&version=1", want: watches},
		"POST /expeditions/{id}/watch/signals/{signal}/sort":                {of: "expedition signal", body: "state=aside", want: watches},
		"POST /expeditions/{id}/watch/signals/{signal}/unfold":              {of: "expedition signal", want: watches},
		"POST /expeditions/{id}/watch/signals/{signal}/reread":              {of: "expedition signal", want: watches},
		"POST /expeditions/{id}/watch/signals/{signal}/notes":               {of: "expedition signal", body: "quote=x", want: gets{401, 404, 404, 403, 422}},
		"POST /expeditions/{id}/watch/signals/{signal}/notes/{note}/remove": {of: "expedition signal -never", want: never},
		"GET /expeditions/{id}/watch/signals/{signal}/notes.json":           {of: "expedition signal", want: reads},
		"GET /expeditions/{id}/watch/feeds":                                 {of: "expedition", want: reads},
		"POST /expeditions/{id}/watch/feeds":                                {of: "expedition", body: "address=https://a.example/feed", want: watches},
		"POST /expeditions/{id}/watch/feeds/{feed}/remove":                  {of: "expedition -never", want: never},
		"POST /expeditions/{id}/watch/refresh":                              {of: "expedition", want: watches},
		"GET /expeditions/{id}/watch/files":                                 {of: "expedition", want: reads},
		"POST /expeditions/{id}/watch/files":                                {of: "expedition", body: "file:@book{a, title = {T}, url = {https://b.example/}}", want: gets{401, 404, 404, 403, 200}},
		"GET /expeditions/{id}/watch/files/{format}":                        {of: "expedition -csl", want: reads},
		"GET /expeditions/{id}/watch/reviews":                               {of: "expedition", want: reads},
		"POST /expeditions/{id}/watch/reviews":                              {of: "expedition", body: "title=R&signals={signal}", want: watches},
		"GET /expeditions/{id}/watch/reviews.atom":                          {of: "expedition", want: reads},
		"GET /expeditions/{id}/watch/reviews/{review}":                      {of: "expedition review", want: reads},
		"GET /expeditions/{id}/watch/reviews/{review}/text":                 {of: "expedition review", want: reads},
		"POST /expeditions/{id}/watch/reviews/{review}/send":                {of: "expedition review", want: gets{401, 404, 404, 503, 503}},
		"POST /expeditions/{id}/watch/reviews/{review}/remove":              {of: "expedition review", want: watches},
	})
}
