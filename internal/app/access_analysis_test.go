package app

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Who may what in analysis. Ada's expedition is private and belongs to her circle: bob,
// a member, reads.
func init() {
	const matrix = "method=micmac&entered=" + "%2CA%2CB%0AA%2C0%2C1%0AB%2C1%2C0%0A"
	makers["study"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		at := strings.Split(fmt.Sprint(h.must(owner, http.MethodPost, "/expeditions/"+of("expedition")+"/analyses", "name="+url.QueryEscape(herWork)+"&"+matrix)["location"]), "/")
		return at[len(at)-1]
	}
	reads, edits := gets{303, 404, 404, 200, 200}, gets{401, 404, 404, 403, 303}
	decide(map[string]rule{
		"GET /expeditions/{id}/analyses":                 {of: "expedition", want: reads},
		"POST /expeditions/{id}/analyses":                {of: "expedition", body: "name=N&" + matrix, want: edits},
		"GET /expeditions/{id}/analyses/{study}":         {of: "expedition study", want: reads},
		"POST /expeditions/{id}/analyses/{study}":        {of: "expedition study", body: "name=N&version=1&" + matrix, want: edits},
		"POST /expeditions/{id}/analyses/{study}/remove": {of: "expedition study", want: edits},
		"GET /expeditions/{id}/analyses/{study}/result":  {of: "expedition study", want: reads},
	})
}
