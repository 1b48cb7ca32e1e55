package app

import (
	"context"
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/peer"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/recognition"
	"digiwork/internal/testkit"
)

// answered is what somebody says she saw.
var answered = peer.Answer{Name: "Rosa", Relation: "nous travaillions ensemble", Sight: peer.FirstHand, Words: "Cela tombait juste."}

// spoken is the context of a request whose words are said in French.
func (h *house) spoken(ctx context.Context) context.Context {
	return i18n.In(i18n.With(ctx, h.app.Messages), "fr")
}

// ask sends a request of owner's about one of her activities.
func (h *house) ask(owner *somebody, activity string, to *somebody) peer.Request {
	h.t.Helper()
	h.asked++ // each is somebody else: nobody is asked twice
	ask := peer.Ask{Activity: kernel.ItemID(activity), Name: "Rosa " + strconv.Itoa(h.asked), Lang: "fr", Until: h.app.DB.Now().AddDate(0, 1, 0).Format(time.DateOnly)}
	if to != nil {
		ask.Person = to.id
	}
	q, err := h.app.Peer.Send(h.spoken(h.as(owner)), ask)
	if err != nil {
		h.t.Fatal(err)
	}
	return q
}

// guest answers by a link as somebody without an account, and gives the token of her page.
func (h *house) guest(link string, says bool) (token string) {
	h.t.Helper()
	at, err := h.app.Peer.Become(h.t.Context(), link)
	if err != nil {
		h.t.Fatal(err)
	}
	token = path.Base(at)
	if says {
		ctx, err := h.app.Gate.Enter(h.t.Context(), gate.Credential{Guest: token})
		if err == nil {
			_, err = h.app.Peer.Say(h.spoken(ctx), h.app.Peer.ByGuest, answered)
		}
		if err != nil {
			h.t.Fatal(err)
		}
	}
	return token
}

// Who may what in peer. A link is for whoever holds it; a guest's page is hers, and
// whoever is signed in is nobody there.
func init() {
	makers["asklink"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		return path.Base(h.ask(owner, of("activity"), nil).URL)
	}
	makers["request"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		return string(h.ask(owner, of("activity"), nil).ID)
	}
	makers["asked"] = func(h *house, owner, friend *somebody, _ string, of func(string) string) string {
		of("circle") // they know each other
		before, err := h.app.Peer.Requests(h.as(owner))
		if err != nil {
			h.t.Fatal(err)
		}
		for _, q := range before { // nobody is asked twice at once
			if err := h.app.Peer.Withdraw(h.as(owner), q.ID); err != nil {
				h.t.Fatal(err)
			}
		}
		return string(h.ask(owner, of("activity"), friend).Grant)
	}
	makers["guest"] = func(h *house, _, _ *somebody, _ string, of func(string) string) string {
		return h.guest(of("asklink"), false)
	}
	makers["word"] = func(h *house, owner, _ *somebody, _ string, of func(string) string) string {
		h.guest(of("asklink"), true)
		words, err := h.app.Peer.Words(h.as(owner))
		if err != nil || len(words) == 0 {
			h.t.Fatalf("%d words, %v", len(words), err)
		}
		return string(words[0].ID)
	}
	makers["wrote"] = func(h *house, owner, friend *somebody, _ string, _ func(string) string) string {
		activity := h.must(friend, "POST", "/api/v1/activities", `{"title":"T","kind":"job","start":"2019"}`)["id"].(string)
		link := path.Base(h.ask(friend, activity, nil).URL)
		id, err := h.app.Peer.Say(h.spoken(h.as(owner)), h.app.Peer.ByLink(link), answered)
		if err != nil {
			h.t.Fatal(err)
		}
		return string(id)
	}
	makers["guestword"] = func(h *house, _, _ *somebody, _ string, of func(string) string) string {
		ctx, err := h.app.Gate.Enter(h.t.Context(), gate.Credential{Guest: of("guest")})
		if err != nil {
			h.t.Fatal(err)
		}
		id, err := h.app.Peer.Say(h.spoken(ctx), h.app.Peer.ByGuest, answered)
		if err != nil {
			h.t.Fatal(err)
		}
		return string(id)
	}
	said := "name=R&relation=ensemble&sight=seen&words=juste"
	json := `{"relation":"ensemble","sight":"seen","words":"juste"}`
	rules := map[string]rule{
		"GET /reveler/peers":                         {want: gets{303, 200, 200, 200, 200}},
		"GET /reveler/peers/new":                     {want: gets{303, 200, 200, 200, 200}},
		"GET /reveler/peers/written":                 {want: gets{303, 200, 200, 200, 200}},
		"POST /reveler/peers/new":                    {body: "activity={activity}&name=Rosa&language=fr&until={until}", want: gets{401, 422, 422, 422, 303}},
		"GET /reveler/peers/requests/{id}":           {of: "request", want: gets{303, 404, 404, 404, 200}},
		"POST /reveler/peers/requests/{id}/withdraw": {of: "request", want: gets{401, 404, 404, 404, 303}},
		"GET /reveler/peers/words/{id}":              {of: "word", want: gets{303, 404, 404, 404, 200}},
		"GET /reveler/peers/words/{id}/credential":   {of: "word", want: gets{303, 404, 404, 404, 200}},
		"GET /reveler/peers/words/{id}/delete":       {of: "word", want: gets{303, 404, 404, 404, 200}},
		"POST /reveler/peers/words/{id}/delete":      {of: "word", want: gets{401, 404, 404, 404, 303}},
		"GET /reveler/peers/written/revoke":          {want: gets{303, 200, 200, 200, 200}},
		"POST /reveler/peers/written/revoke":         {want: gets{401, 303, 303, 303, 303}},
		"GET /reveler/peers/written/{id}/revoke":     {of: "wrote", want: gets{303, 404, 404, 404, 200}},
		"POST /reveler/peers/written/{id}/revoke":    {of: "wrote", want: gets{401, 404, 404, 404, 303}},
		"GET /reveler/peers/asked/{grant}":           {of: "asked", want: gets{303, 404, 404, 200, 404}},
		"POST /reveler/peers/asked/{grant}":          {of: "asked", body: said, want: gets{401, 404, 404, 303, 404}},
		"POST /reveler/peers/asked/{grant}/later":    {of: "asked", want: gets{401, 404, 404, 303, 404}},
		"POST /reveler/peers/asked/{grant}/decline":  {of: "asked", want: gets{401, 404, 404, 303, 404}},
		"GET /p/done":                              {want: gets{200, 200, 200, 200, 200}},
		"GET /p/{token}":                           {of: "asklink", want: gets{200, 200, 200, 200, 200}},
		"POST /p/{token}":                          {of: "asklink", body: said, want: gets{401, 303, 410, 410, 410}},
		"POST /p/{token}/guest":                    {of: "asklink", want: gets{303, 403, 403, 403, 403}},
		"POST /p/{token}/later":                    {of: "asklink", want: gets{303, 303, 303, 303, 403}},
		"POST /p/{token}/decline":                  {of: "asklink", want: gets{303, 410, 410, 410, 410}},
		"GET /g/{token}":                           {of: "guest", want: gets{200, 200, 200, 200, 200}},
		"GET /g/{token}/answer":                    {of: "guest", want: gets{200, 200, 200, 200, 200}},
		"POST /g/{token}/answer":                   {of: "guest", body: said, want: gets{303, 410, 410, 410, 410}},
		"POST /g/{token}/later":                    {of: "guest", want: gets{303, 303, 303, 303, 303}},
		"POST /g/{token}/decline":                  {of: "guest", want: gets{303, 410, 410, 410, 410}},
		"POST /g/{token}/mail":                     {of: "guest", body: "email=rosa@example.org", want: gets{503, 503, 503, 503, 503}},
		"POST /g/{token}/code":                     {of: "guest", body: "code=12345678", want: gets{422, 422, 422, 422, 422}},
		"GET /g/{token}/words/{id}/revoke":         {of: "guest guestword", want: gets{200, 200, 200, 200, 200}},
		"POST /g/{token}/words/{id}/revoke":        {of: "guest guestword", want: gets{303, 303, 303, 303, 303}},
		"GET /g/{token}/erase":                     {of: "guest", want: gets{200, 200, 200, 200, 200}},
		"POST /g/{token}/erase":                    {of: "guest", want: gets{303, 404, 404, 404, 404}},
		"GET /api/v1/peers/requests":               {want: gets{401, 200, 200, 200, 200}},
		"POST /api/v1/peers/requests":              {body: `{"activity":"{activity}","name":"Rosa","language":"fr","until":"{until}"}`, want: gets{401, 422, 422, 422, 201}},
		"GET /api/v1/peers/requests/{id}":          {of: "request", want: gets{401, 404, 404, 404, 200}},
		"DELETE /api/v1/peers/requests/{id}":       {of: "request", want: gets{401, 404, 404, 404, 204}},
		"GET /api/v1/peers/asked":                  {want: gets{401, 200, 200, 200, 200}},
		"GET /api/v1/peers/asked/{grant}":          {of: "asked", want: gets{401, 404, 404, 200, 404}},
		"POST /api/v1/peers/asked/{grant}":         {of: "asked", body: json, want: gets{401, 404, 404, 201, 404}},
		"POST /api/v1/peers/asked/{grant}/later":   {of: "asked", want: gets{401, 404, 404, 204, 404}},
		"POST /api/v1/peers/asked/{grant}/decline": {of: "asked", want: gets{401, 404, 404, 204, 404}},
		"GET /api/v1/peers/words":                  {want: gets{401, 200, 200, 200, 200}},
		"GET /api/v1/peers/words/{id}":             {of: "word", want: gets{401, 404, 404, 404, 200}},
		"GET /api/v1/peers/words/{id}/credential":  {of: "word", want: gets{401, 404, 404, 404, 200}},
		"DELETE /api/v1/peers/words/{id}":          {of: "word", want: gets{401, 404, 404, 404, 204}},
		"GET /api/v1/peers/written":                {want: gets{401, 200, 200, 200, 200}},
		"POST /api/v1/peers/written/{id}/revoke":   {of: "wrote", want: gets{401, 404, 404, 404, 204}},
	}
	for route, r := range rules {
		r.alone = true // nobody asks more than a few a day, or asks the same person twice
		rules[route] = r
		if strings.Contains(route, " /p/{token}") || strings.Contains(route, " /g/{token}") {
			shared = append(shared, route)
		}
	}
	decide(rules)
}

// What a guest signs verifies with the list that is served; taken back, it verifies
// as revoked; once she has erased herself, her list still says so.
func TestWhatAGuestSignsVerifiesByWhatIsServed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, where string) {
		h := openHouse(t, where)
		ada := h.add("ada", false)
		verify := func(id kernel.ItemID) (valid bool, status string) {
			t.Helper()
			raw, err := h.app.Peer.Credential(h.as(ada), id)
			if err != nil {
				t.Fatal(err)
			}
			var with credential.Library
			for _, address := range credential.Needs(raw) {
				if !strings.HasPrefix(address, homeBase) {
					continue
				}
				list := h.call(nil, http.MethodGet, strings.TrimPrefix(address, homeBase), "")
				if list.Code != http.StatusOK {
					t.Fatalf("%s = %d", address, list.Code)
				}
				if err := with.AddDocument(address, list.Body.Bytes(), time.Now()); err != nil {
					t.Fatal(err)
				}
			}
			r := credential.Verify(raw, credential.Options{At: time.Now().Add(time.Minute), With: &with})
			return r.Valid, r.Get(credential.CheckStatus).Code
		}
		page := map[string]string{}
		word := map[string]kernel.ItemID{}
		for _, title := range []string{"stands", "revoked"} {
			activity := h.must(ada, http.MethodPost, "/api/v1/activities", `{"title":"`+title+`","kind":"job","start":"2019"}`)["id"].(string)
			page[title] = h.guest(path.Base(h.ask(ada, activity, nil).URL), true)
			words, err := h.app.Peer.Words(h.as(ada))
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range words {
				if w.Title == title {
					word[title] = w.ID
				}
			}
			if valid, status := verify(word[title]); !valid || status != "status.known" {
				t.Errorf("%s: valid %v, %s", title, valid, status)
			}
		}
		for title, words := range map[string]string{"stands": "stand", "revoked": "revoke"} {
			if w := h.call(nil, http.MethodPost, "/g/"+page[title]+"/erase", "words="+words); w.Code != http.StatusSeeOther {
				t.Fatalf("erase: %d %s", w.Code, w.Body)
			}
			if w := h.call(nil, http.MethodGet, "/g/"+page[title], ""); w.Code != http.StatusNotFound {
				t.Errorf("erased, her page is %d", w.Code)
			}
		}
		if valid, _ := verify(word["stands"]); !valid {
			t.Error("left standing, it does not verify")
		}
		if valid, status := verify(word["revoked"]); valid || status != "status.revoked" {
			t.Errorf("taken back: valid %v, %s", valid, status)
		}
		if w := h.call(ada, http.MethodPost, "/account/leave", ""); w.Code != http.StatusOK {
			t.Fatalf("leave: %d %s", w.Code, w.Body)
		}
	})
}

// A competence that a peer named is recognised on the map of who has it, until the
// words are taken back; a guest nobody checked leaves it told.
func TestAWordSpeaksOfTheCompetencesItNames(t *testing.T) {
	h := openHouse(t, filepath.Join(t.TempDir(), "test.db"))
	ada, bob := h.add("ada", false), h.add("bob", false)
	activity := h.must(ada, http.MethodPost, "/api/v1/activities", `{"title":"Souder","kind":"job","start":"2019"}`)["id"].(string)
	if _, err := h.app.Recognition.Keep(h.as(ada), []recognition.Saying{{Title: "Souder à l'arc"}, {Title: "Lire un plan"}}); err != nil {
		t.Fatal(err)
	}
	proved := func() (titles []string) {
		t.Helper()
		m, err := h.app.Recognition.Map(h.as(ada))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range m.Rows {
			if r.Proved() {
				titles = append(titles, r.Title)
			}
		}
		return titles
	}
	said := answered
	said.Competences = []int{0}
	ask := func(name string) string {
		t.Helper()
		q, err := h.app.Peer.Send(h.spoken(h.as(ada)), peer.Ask{
			Activity: kernel.ItemID(activity), Competences: []peer.Competence{{Name: "Souder à l'arc"}, {Name: "Lire un plan"}},
			Name: name, Lang: "fr", Until: h.app.DB.Now().AddDate(0, 1, 0).Format(time.DateOnly),
		})
		if err != nil {
			t.Fatal(err)
		}
		return path.Base(q.URL)
	}
	guest, err := h.app.Gate.Enter(t.Context(), gate.Credential{Guest: h.guest(ask("Rosa"), false)})
	if err == nil {
		_, err = h.app.Peer.Say(h.spoken(guest), h.app.Peer.ByGuest, said)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := proved(); len(got) != 0 {
		t.Errorf("a guest nobody checked proves %q", got)
	}
	id, err := h.app.Peer.Say(h.spoken(h.as(bob)), h.app.Peer.ByLink(ask("Bob")), said)
	if err != nil {
		t.Fatal(err)
	}
	if got := proved(); !slices.Equal(got, []string{"Souder à l'arc"}) {
		t.Errorf("bob named welding, and proves %q", got)
	}
	if err := h.app.Peer.Revoke(h.as(bob), id); err != nil {
		t.Fatal(err)
	}
	if got := proved(); len(got) != 0 {
		t.Errorf("taken back, it proves %q", got)
	}
}
