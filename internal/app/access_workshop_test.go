package app

import (
	"fmt"
	"net/http"
	"strings"
)

// Who may what in workshop. Ada's expedition is private and belongs to her circle: bob,
// a member, reads. Nobody here sits at the table: seats are of browsers, not of people.
func init() {
	makers["table"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		at := strings.Split(fmt.Sprint(h.must(owner, http.MethodPost, "/expeditions/"+of("expedition")+"/tables",
			"name="+strings.ReplaceAll(herWork, " ", "+")+"&roles=Infirmi%C3%A8re%0ADirection&stakes=Horaires")["location"]), "/")
		return at[len(at)-1]
	}
	makers["closedtable"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		at := strings.Split(fmt.Sprint(h.must(owner, http.MethodPost, "/expeditions/"+of("expedition")+"/tables", "name=T&roles=A%0AB&stakes=S")["location"]), "/")
		h.must(owner, http.MethodPost, "/expeditions/"+of("expedition")+"/tables/"+at[len(at)-1]+"/close", "")
		return at[len(at)-1]
	}
	makers["idea"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		h.must(owner, http.MethodPost, "/tables/"+of("table")+"/ideas", "idea=T&desk="+of("expedition"))
		w := h.call(owner, http.MethodGet, "/expeditions/"+of("expedition")+"/tables/"+of("table"), "").Body.String()
		_, rest, _ := strings.Cut(w, "/carry/")
		id, _, _ := strings.Cut(rest, `"`)
		return id
	}
	reads, leads := gets{303, 404, 404, 200, 200}, gets{401, 404, 404, 403, 303}
	seats := gets{404, 404, 404, 404, 404}
	decide(map[string]rule{
		"GET /expeditions/{id}/tables":                       {of: "expedition", want: reads},
		"POST /expeditions/{id}/tables":                      {of: "expedition", body: "name=T&roles=A%0AB&stakes=S", want: leads},
		"GET /expeditions/{id}/tables/{table}":               {of: "expedition table", want: reads},
		"POST /expeditions/{id}/tables/{table}/move":         {of: "expedition table", body: "phase=silent&step=1&version=1", want: leads},
		"POST /expeditions/{id}/tables/{table}/close":        {of: "expedition table", want: leads},
		"POST /expeditions/{id}/tables/{table}/minutes":      {of: "expedition table", body: "minutes=M&version=1", want: leads},
		"POST /expeditions/{id}/tables/{table}/paper":        {of: "expedition table", body: "role=r1&position.s1=2", want: leads},
		"POST /expeditions/{id}/tables/{table}/carry/{idea}": {of: "expedition table idea", want: leads},
		"POST /expeditions/{id}/tables/{table}/handover":     {of: "expedition table", want: gets{401, 404, 404, 403, 200}},
		"GET /expeditions/{id}/tables/{table}/print":         {of: "expedition table", want: gets{303, 404, 404, 403, 200}},
		"GET /expeditions/{id}/tables/{table}/file":          {of: "expedition table", want: reads},
		"GET /tables/join":                                   {want: gets{200, 200, 200, 200, 200}},
		"POST /tables/join":                                  {body: "code=NEVER222", want: seats},
		"GET /tables/{table}":                                {of: "table", want: seats},
		"POST /tables/{table}/seat":                          {of: "table", body: "role=r1", want: seats},
		"POST /tables/{table}/entries":                       {of: "table", body: "position.s1=1", want: gets{409, 409, 409, 409, 409}}, // the table does not gather entries yet
		"POST /tables/{table}/ideas":                         {of: "table", body: "idea=I&desk={expedition}", want: gets{409, 409, 409, 409, 303}},
		"POST /tables/{table}/dots":                          {of: "table", body: "seen=x", want: seats},
		"POST /tables/{table}/forget":                        {of: "table", want: seats},
		"GET /tables/{table}/desk/{key}":                     {of: "table -never", want: gets{403, 403, 403, 403, 403}},
		"GET /tables/{table}/live":                           {of: "closedtable", want: gets{303, 404, 404, 204, 204}},
	})
}
