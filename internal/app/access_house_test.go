package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	form "mime/multipart"
	"net/http"
	"net/http/httptest"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"digiwork/internal/account"
	"digiwork/internal/circle"
	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// What only ada may read, unless she shows it.
const (
	herWork   = "Réparer la serre du 7391"
	herCircle = "Jardin du 7391"
)

const homeBase = "http://localhost:8080"

// house is the whole program on a fresh database.
type house struct {
	t     *testing.T
	app   *App
	site  *Site
	asked int
	born  int
}

// openHouse joins the program at where; it has no listener.
func openHouse(t *testing.T, where string) *house {
	t.Helper()
	dir := t.TempDir()
	o := options{base: homeBase, limits: gate.Limits{Items: 10_000, Bytes: 1 << 30}, log: slog.New(slog.DiscardHandler)}
	a, err := New(t.Context(), place{database: where, dir: dir, key: filepath.Join(dir, "instance.key")}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	site, err := a.Site(o, ServeConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return &house{t: t, app: a, site: site}
}

// somebody is a person with a browser signed in and a token.
type somebody struct {
	id     kernel.PersonID
	handle string
	cookie string
	token  string
}

// add makes a person; she comes in by the link of the operator, as people do.
func (h *house) add(handle string, admin bool) *somebody {
	h.t.Helper()
	h.born++
	handle = fmt.Sprintf("%s%d", handle, h.born)
	ctx := h.t.Context()
	id, url, err := h.app.Account.AddPerson(ctx, account.NewPerson{Handle: handle, Name: "Personne " + handle, Admin: admin})
	if err != nil {
		h.t.Fatal(err)
	}
	session, err := h.app.Account.Enter(ctx, path.Base(url), account.Visit{Agent: "test"})
	if err != nil {
		h.t.Fatal(err)
	}
	_, token, err := h.app.Account.CreateTokenFor(ctx, id, account.NewToken{Name: "test", Scopes: []string{"all"}})
	if err != nil {
		h.t.Fatal(err)
	}
	return &somebody{id, handle, session.Reveal(), token.Reveal()}
}

// as is the context of a request from somebody's browser.
func (h *house) as(p *somebody) context.Context {
	h.t.Helper()
	ctx, err := h.app.Gate.Enter(h.t.Context(), gate.Credential{Cookie: p.cookie})
	if err != nil {
		h.t.Fatal(err)
	}
	return ctx
}

// call asks as p (nil: a visitor): the API with a token, pages with a cookie. Each
// call comes from another address, so that no limit per address is met.
func (h *house) call(p *somebody, method, at, body string) *httptest.ResponseRecorder {
	h.t.Helper()
	kind := "application/x-www-form-urlencoded"
	if strings.HasPrefix(body, "{") {
		kind = "application/json"
	}
	raw := []byte(body)
	if text, ok := strings.CutPrefix(body, "file:"); ok {
		raw, kind = filePart(h.t, text)
	}
	r := httptest.NewRequestWithContext(h.t.Context(), method, homeBase+at, bytes.NewReader(raw))
	h.asked++
	r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:4000", h.asked>>16&255, h.asked>>8&255, h.asked&255)
	if body != "" {
		r.Header.Set("Content-Type", kind)
	}
	if method == http.MethodDelete && at == "/api/v1/me" {
		r.Header.Set("Confirm", "erase")
	}
	r.Header.Set("Origin", homeBase)
	r.Header.Set("Accept-Language", "fr")
	if p != nil && strings.HasPrefix(at, "/api/") {
		r.Header.Set("Authorization", "Bearer "+p.token)
	} else if p != nil {
		r.AddCookie(&http.Cookie{Name: h.app.Account.CookieName(), Value: p.cookie})
	}
	w := httptest.NewRecorder()
	h.site.Handler.ServeHTTP(w, r)
	return w
}

// filePart is a form with one file.
func filePart(t *testing.T, text string) (raw []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	m := form.NewWriter(&b)
	name := "serre.csv"
	if strings.HasPrefix(text, "\x89PNG") {
		name = "serre.png"
	}
	f, err := m.CreateFormFile("files", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), m.FormDataContentType()
}

// must is call by somebody who may: it returns the JSON answered, or the last part
// of where a page goes on under "location".
func (h *house) must(p *somebody, method, at, body string) map[string]any {
	h.t.Helper()
	w := h.call(p, method, at, body)
	if w.Code >= 400 {
		h.t.Fatalf("%s %s = %d %s", method, at, w.Code, w.Body)
	}
	got := map[string]any{}
	if to := w.Header().Get("Location"); to != "" {
		got["location"] = path.Base(to)
	} else if w.Code != http.StatusNoContent {
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			h.t.Fatalf("%s %s: %v: %s", method, at, err, w.Body)
		}
	}
	return got
}

// people of one row of the table: ada is in charge, bob belongs to her circle and
// was shown a face, eve is a stranger, mallory is in charge of things of the same
// kind and keeps the instance. A nil one is a visitor.
type people struct {
	h                      *house
	ada, bob, eve, mallory *somebody
	made                   map[string]string
}

func (h *house) people() *people {
	h.t.Helper()
	return &people{h: h, ada: h.add("ada", false), bob: h.add("bob", false), eve: h.add("eve", false), mallory: h.add("mallory", true), made: map[string]string{}}
}

// anew forgets the things made, so that the next row gets its own.
func (p *people) anew() { p.made = map[string]string{} }

// a gives the id of ada's thing of a kind, made when first asked for.
func (p *people) a(kind string) string {
	p.h.t.Helper()
	if _, ok := p.made[kind]; !ok {
		p.made[kind] = p.make(kind, p.ada, p.bob, herWork, herCircle)
	}
	return p.made[kind]
}

// theirs makes a thing of the same kind for somebody else.
func (p *people) theirs(kind string, who *somebody) string {
	p.h.t.Helper()
	other := &people{h: p.h, ada: who, bob: p.eve, eve: p.eve, mallory: p.ada, made: map[string]string{}}
	return other.make(kind, who, p.eve, "Autre chose", "Autre cercle")
}

// makers make things of the parts of the house, by their kind, for an owner who has
// a friend; of gives another thing of hers.
var makers = map[string]func(h *house, owner, friend *somebody, title string, of func(kind string) string) string{}

func (p *people) make(kind string, owner, friend *somebody, title, circleName string) string {
	p.h.t.Helper()
	post := func(at, body string, pairs ...any) string {
		return fmt.Sprint(p.h.must(owner, http.MethodPost, "/api/v1"+at, fmt.Sprintf(body, pairs...))["id"])
	}
	page := func(at, body string) string {
		return fmt.Sprint(p.h.must(owner, http.MethodPost, at, body)["location"])
	}
	ctx := p.h.as(owner)
	of := func(kind string) string {
		if p.made[kind] == "" {
			p.made[kind] = p.make(kind, owner, friend, title, circleName)
		}
		return p.made[kind]
	}
	switch kind {
	case "activity":
		return post("/activities", `{"title":%q,"kind":"job","start":"2019-03"}`, title)
	case "edited": // with one earlier version
		p.h.must(owner, http.MethodPut, "/api/v1/activities/"+of("activity"), fmt.Sprintf(`{"version":1,"title":%q,"kind":"job","start":"2020"}`, title))
		return of("activity")
	case "tool":
		return post("/entries", `{"shape":"tool","fields":{"title":%q}}`, title)
	case "letter":
		return page("/musette/letters", "language=fr&sender=Ada&detail=&rights=access&to="+title)
	case "piece":
		return post("/activities/"+of("activity")+"/pieces", "file:%s", title)
	case "picture":
		var b strings.Builder
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
			p.h.t.Fatal(err)
		}
		return post("/activities/"+of("activity")+"/pieces", "file:%s", b.String())
	case "linkpiece": // how the page behind a link calls a piece
		return p.shownAt(nil, "/s/"+of("link"))
	case "shownpiece":
		return p.shownAt(friend, "/portillon/received/"+of("shown"))
	case "face":
		return post("/faces", `{"name":%q,"language":"fr","shows":{"profile":["name"],"activities":[%q],"pieces":[%q,%q],"originals":[%q]},"hides":[]}`, title, of("activity"), of("piece"), of("picture"), of("piece"))
	case "grant", "link":
		g := p.h.must(owner, http.MethodPost, "/api/v1/grants", fmt.Sprintf(`{"face":%q,"to":{"link":true},"purpose":"essai","until":%q}`, of("face"), of("until")))
		p.made["grant"], p.made["link"] = fmt.Sprint(g["id"]), path.Base(fmt.Sprint(g["url"]))
		return p.made[kind]
	case "shown":
		return post("/grants", `{"face":%q,"to":{"person":%q},"purpose":"essai","until":%q}`, of("face"), friend.id, of("until"))
	case "circle":
		id := post("/circles", `{"name":%q,"kind":"guild"}`, circleName)
		i, err := p.h.app.Circle.Invite(ctx, kernel.CircleID(id), "")
		if err == nil {
			_, err = p.h.app.Circle.AcceptAs(p.h.as(friend), kernel.CircleID(id), i.Token)
		}
		if err != nil {
			p.h.t.Fatal(err)
		}
		return id
	case "invitation", "welcome":
		var i circle.Invitation
		i, err := p.h.app.Circle.Invite(ctx, kernel.CircleID(of("circle")), "")
		if err != nil {
			p.h.t.Fatal(err)
		}
		p.made["invitation"], p.made["welcome"] = i.ID, i.Token
		return p.made[kind]
	case "token":
		return post("/tokens", `{"name":%q,"scopes":["read"]}`, title)
	case "preview":
		return page("/musette/import", "file:titre;début\n"+title+";2019-03\n")
	case "outcome":
		return page("/musette/import/"+of("preview"), "")
	case "session":
		all, err := p.h.app.Account.Sessions(ctx)
		if err != nil || len(all) == 0 {
			p.h.t.Fatalf("%d sessions, %v", len(all), err)
		}
		return all[0].ID
	case "seat": // an invitation to the instance
		url, _, err := p.h.app.Account.Invite(ctx, "")
		if err != nil {
			p.h.t.Fatal(err)
		}
		all, err := p.h.app.Account.Invitations(ctx)
		if err != nil {
			p.h.t.Fatal(err)
		}
		p.made["join"] = path.Base(url)
		return all[0].ID
	case "join":
		of("seat")
		return p.made["join"]
	case "until":
		return p.h.app.DB.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	case "ada":
		return string(owner.id)
	case "bob":
		return string(friend.id)
	}
	if made, ok := makers[kind]; ok {
		return made(p.h, owner, friend, title, of)
	}
	p.h.t.Fatalf("nobody knows how to make a %s", kind)
	return ""
}

var pieceAddress = regexp.MustCompile(`/pieces/([^"]+)"`)

// shownAt finds what a page calls the first piece it shows.
func (p *people) shownAt(who *somebody, at string) string {
	p.h.t.Helper()
	w := p.h.call(who, http.MethodGet, at, "")
	found := pieceAddress.FindStringSubmatch(w.Body.String())
	if found == nil {
		p.h.t.Fatalf("%s = %d shows no piece: %s", at, w.Code, w.Body)
	}
	return found[1]
}
