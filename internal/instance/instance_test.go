package instance

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/typography"
	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/web"
	"digiwork/internal/testkit"
	"digiwork/internal/testkit/house"
)

// office is an instance with the contexts it asks played by a test.
type office struct {
	*Service
	house   *house.House
	mux     *web.Mux
	catalog *i18n.Catalog
	handler http.Handler

	mode    string
	counts  Counts
	backups []Backup
	found   []Finding
	jobs    jobs.State
	retried int
	mailOn  bool
	sent    []string
	fail    error // of copies and letters
	blind   error // of counting
}

func (o *office) Count(context.Context) (Counts, error)        { return o.counts, o.blind }
func (o *office) Registration(context.Context) (string, error) { return o.mode, nil }
func (o *office) SetRegistration(_ context.Context, mode string) error {
	o.mode = mode
	return o.fail
}

func (o *office) Now(context.Context) (string, error) {
	if o.fail != nil {
		return "", o.fail
	}
	name := "digiwork-" + string(rune('a'+len(o.backups))) + ".backup"
	o.backups = append([]Backup{{name, time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC), 3 << 20}}, o.backups...)
	return name, nil
}
func (o *office) List(context.Context) ([]Backup, error)     { return o.backups, nil }
func (o *office) Check(context.Context) ([]Finding, error)   { return o.found, o.fail }
func (o *office) Configured() bool                           { return o.mailOn }
func (o *office) State(context.Context) (jobs.State, error)  { return o.jobs, nil }
func (o *office) Retry(context.Context) (n int64, err error) { o.retried++; return 2, o.fail }

func (o *office) Try(_ context.Context, address string) error {
	if o.fail != nil {
		return o.fail
	}
	if _, err := mail.Address(address); err != nil {
		return err
	}
	o.sent = append(o.sent, address)
	return nil
}

// doors says whose a bearer is: ada keeps the instance, "ada by token" is a program
// of hers, eve does not keep it.
type doors struct{ *house.House }

// Recognise implements gate.Sessions.
func (d doors) Recognise(ctx context.Context, c gate.Credential) (kernel.Actor, error) {
	person, program := strings.CutSuffix(c.Bearer, " by token")
	a, err := d.House.Recognise(ctx, gate.Credential{Bearer: person})
	a.Admin, a.Lang = person == "ada", "" // she never chose a language: the browser's
	if !program && !a.IsVisitor() {
		a.SignedAt = time.Now()
	}
	return a, err
}

func open(t *testing.T, where string) *office {
	t.Helper()
	h := house.Open(t, where)
	h.Gate.Sessions = doors{h}
	o := &office{house: h, mode: "invitation", counts: Counts{1214, 2}, mailOn: true, catalog: &i18n.Catalog{}}
	h.DB.SetClock(func() time.Time { return time.Date(2037, 3, 24, 9, 0, 0, 0, time.UTC) })
	o.Service = &Service{
		DB: h.DB, People: o, Doors: o, Backups: o, Health: o, Post: o, Jobs: o,
		About: About{
			Name: "Pays d’Ysole", Keeper: "la coopérative Les Rives", Contact: "maison@ysole.example", Place: "Saint-Avre, chez un hébergeur associatif",
			Engine: "SQLite", Version: "0.1.0", Source: "https://code.example/digiwork",
		},
		Rooms: []Room{{"musette", "musette", "/musette"}, {"portillon", "gate", "/gate"}, {"cercles", "circle", "/circles"}},
		Paths: Paths{Start: "/musette", SignIn: "/sign-in", SignUp: "/sign-up", Account: "/account", Export: "/export", Erase: "/account/erase"},
		Settings: []Setting{
			{Name: "--listen", Value: "127.0.0.1:8080", Help: "Address to serve on."},
			{Name: "--mail-password-file", Value: "/run/secrets/PLANTED", Secret: true, Set: true, Help: "Password."},
			{Name: "--other-secret", Secret: true, Help: "None."},
			{Name: "--name", Set: true, Help: "Name."},
		},
	}
	if err := errors.Join(o.catalog.Add("instance", Messages), o.catalog.Add("web", web.Messages), o.catalog.Add("mail", mail.Messages)); err != nil {
		t.Fatal(err)
	}
	site := &web.Site{Name: "Pays d’Ysole", Catalog: o.catalog, SignIn: "/sign-in", Start: "/musette", Links: Links()}
	o.mux = web.NewMux(site)
	site.Pages(o.mux)
	o.Pages(o.mux)
	o.mux.Handle("GET /assets/", asset.Handler())
	handler, err := site.Wrap(o.mux, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, err := h.Gate.Enter(r.Context(), gate.Credential{Bearer: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")})
			if err != nil {
				t.Error(err)
			}
			if key := r.Header.Get("Idempotency-Key"); key != "" {
				q, err := once.New(key, r.Method+" "+r.URL.Path)
				if err != nil {
					t.Error(err)
				}
				r.Body = q.Body(r.Body)
				ctx = once.With(ctx, q)
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	o.handler = handler
	return o
}

func each(t *testing.T, f func(t *testing.T, o *office)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, where string) { f(t, open(t, where)) })
}

func (o *office) ask(who, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Authorization", "Bearer "+who)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w
}

func says(t *testing.T, what string, w *httptest.ResponseRecorder, status int, words ...string) {
	t.Helper()
	if w.Code != status {
		t.Fatalf("%s: %d; want %d: %s", what, w.Code, status, w.Body)
	}
	for _, word := range words {
		if !strings.Contains(typography.Plain(w.Body.String()), word) {
			t.Errorf("%s does not say %q", what, word)
		}
	}
}

// access says, for each route, what each kind of person gets.
var access = map[string]struct {
	body string
	want map[string]int
}{
	"GET /{$}":                    {"", public},
	"GET /about":                  {"", public},
	"GET /about/data":             {"", public},
	"GET /about/exit":             {"", public},
	"GET /about/licences":         {"", public},
	"GET /privacy":                {"", public},
	"GET /accessibility":          {"", public},
	"GET /instance":               {"", kept(303, 200)},
	"GET /instance/health":        {"", kept(303, 200)},
	"GET /instance/settings":      {"", kept(303, 200)},
	"POST /instance/registration": {"registration=open", kept(401, 303)},
	"POST /instance/backup":       {"", kept(401, 303)},
	"POST /instance/mail":         {"email=ada@ysole.example", kept(401, 303)},
	"POST /instance/jobs":         {"", kept(401, 303)},
}

var public = map[string]int{"": 200, "eve": 200, "ada": 200, "ada by token": 200}

func kept(visitor, status int) map[string]int {
	return map[string]int{"": visitor, "eve": 404, "eve by token": 404, "ada": status, "ada by token": 403}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		tried := 0
		for _, route := range o.mux.Routes() {
			a, ok := access[route]
			if !ok {
				if strings.Contains(route, "instance") || strings.Contains(route, "about") {
					t.Errorf("nobody decided who may %s", route)
				}
				continue
			}
			tried++
			method, path, _ := strings.Cut(route, " ")
			for who, want := range a.want {
				if got := o.ask(who, method, strings.TrimSuffix(path, "{$}"), a.body).Code; got != want {
					t.Errorf("%s as %q: %d; want %d", route, who, got, want)
				}
			}
		}
		if tried != len(access) {
			t.Errorf("%d routes tried; the table has %d", tried, len(access))
		}
		if len(o.backups) != 1 || o.retried != 1 || len(o.sent) != 1 {
			t.Errorf("done by others than the keeper: %d backups, %d retries, %d letters", len(o.backups), o.retried, len(o.sent))
		}
	})
}

func TestThePagesSayWhoCanRead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		key := map[string]string{
			"fr": "Qui fait tourner la machine avec la clé de l’instance peut tout lire",
			"en": "Whoever runs the machine with the instance key can read everything",
		}
		for lang, words := range key {
			for _, path := range []string{"/", "/about/data", "/privacy"} {
				says(t, path+" in "+lang, o.ask("", "GET", path, "", "Cookie", "lang="+lang), 200, words)
			}
			for path := range access {
				if method, path, _ := strings.Cut(path, " "); method == "GET" && !strings.HasPrefix(path, "/instance") {
					page := strings.ToLower(o.ask("", "GET", strings.TrimSuffix(path, "{$}"), "", "Cookie", "lang="+lang).Body.String())
					for _, never := range []string{"zero knowledge", "zero-knowledge", "end to end", "end-to-end", "bout en bout", "connaissance nulle"} {
						if strings.Contains(page, never) {
							t.Errorf("%s says %q", path, never)
						}
					}
				}
			}
		}
		if missing := o.catalog.Missing(); len(missing) > 0 {
			t.Errorf("messages that do not exist: %v", missing)
		}
	})
}

func TestHomeOffersTheWaysThatAreOpen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		has := func(w *httptest.ResponseRecorder, path string) bool {
			return strings.Contains(w.Body.String(), `class="btn" href="`+path+`"`)
		}
		for mode, want := range map[string]struct{ path, words string }{
			"open": {"/sign-up", "Créer un compte"}, "invitation": {"/sign-in", "sur invitation"}, "closed": {"/sign-in", "ne s’ouvrent pas d’ici"},
		} {
			o.mode = mode
			w := o.ask("", "GET", "/", "")
			says(t, "home when "+mode, w, 200, want.words, "Ce que vous avez fait vous appartient.", "Les Cercles", "Livraisons à vélo")
			if !has(w, want.path) || mode != "open" && strings.Contains(w.Body.String(), "/sign-up") {
				t.Errorf("home when %s does not lead to %s alone", mode, want.path)
			}
		}
		if w := o.ask("eve", "GET", "/", ""); !has(w, "/musette") || strings.Contains(w.Body.String(), "/sign-up") {
			t.Error("home does not lead who is signed in to her musette")
		}
		o.Rooms = o.Rooms[:1]
		if w := o.ask("", "GET", "/", ""); strings.Contains(w.Body.String(), "Les Cercles") {
			t.Error("home shows a room that is not open")
		}
		says(t, "home in English", o.ask("", "GET", "/", "", "Cookie", "lang=en"), 200, "What you have done belongs to you.", "Deliveries by bike")
	})
}

func TestAboutSaysWhatTheKeeperSays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		says(t, "about", o.ask("", "GET", "/about", ""), 200, "la coopérative Les Rives", `href="mailto:maison@ysole.example"`, "0.1.0", `href="https://code.example/digiwork"`)
		says(t, "data", o.ask("", "GET", "/about/data", ""), 200, "SQLite", "Saint-Avre", "Un courriel sort de la maison")
		o.mailOn = false
		o.About = About{Engine: "PostgreSQL", Contact: "javascript:alert(1)", Source: "javascript:alert(2)", Demo: true}
		w := o.ask("", "GET", "/about", "")
		says(t, "about without settings", w, 200, "ne s’est pas encore nommée", "démonstration")
		if strings.Contains(w.Body.String(), `href="javascript:`) {
			t.Error("a link runs script")
		}
		says(t, "data without settings", o.ask("", "GET", "/about/data", ""), 200, "PostgreSQL", "n’a pas précisé", "n’envoie pas de courriel")
		o.About.Contact = "https://ysole.example/contact"
		says(t, "accessibility", o.ask("", "GET", "/accessibility", ""), 200, `href="https://ysole.example/contact"`, "lecteur d’écran", "Aucun audit")
		says(t, "exit", o.ask("", "GET", "/about/exit", ""), 200, `href="/export"`, `href="/account/erase"`)
		says(t, "licences", o.ask("", "GET", "/about/licences", ""), 200, "EUPL-1.2", "htmx")
	})
}

func TestPrivacyPageNamesATestForEachPromise(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		page := typography.Plain(o.ask("", "GET", "/privacy", "").Body.String())
		tested := 0
		for _, p := range promises {
			for _, key := range []string{p.key(), p.key() + ".text", p.key() + ".test"} {
				text := o.catalog.Text("fr", key)
				if text == "" || !strings.Contains(page, typography.Plain(text)) {
					t.Errorf("the page does not say %s: %q", key, text)
				}
			}
			if p.tested {
				tested++
			}
		}
		if got := strings.Count(page, "L’épreuve :</strong>"); got != tested {
			t.Errorf("%d tests are named; want %d", got, tested)
		}
		if got := strings.Count(page, "Sans épreuve :</strong>"); got != len(promises)-tested {
			t.Errorf("%d promises say that they are not tested; want %d", got, len(promises)-tested)
		}
	})
}

func TestOfficeCountsAndShowsNoSecret(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		o.jobs = jobs.State{Waiting: 3, Late: 1, Stuck: 2, Oldest: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
		for range fewBackups + 2 {
			if _, err := o.Now(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		w := o.ask("ada", "GET", "/instance", "")
		says(t, "overview", w, 200, "1 214 comptes", "dont 2 qui tiennent", "3 tâches attendent", "en retard, depuis le 23 novembre 2026 à 9 h", "2 tâches ont été abandonnées", `value="invitation" checked`, "digiwork-l.backup", "3 Mo")
		if got := strings.Count(w.Body.String(), ".backup</th>"); got != fewBackups {
			t.Errorf("%d backups are listed; want %d", got, fewBackups)
		}
		says(t, "in English", o.ask("ada", "GET", "/instance", "", "Cookie", "lang=en"), 200, "1,214 accounts", "2 jobs were given up")
		w = o.ask("ada", "GET", "/instance/settings", "")
		says(t, "settings", w, 200, "127.0.0.1:8080", "valeur de départ", "caché, mais présent", "absent", "vide")
		if strings.Contains(w.Body.String(), "PLANTED") {
			t.Error("a secret is shown")
		}
		says(t, "health without findings", o.ask("ada", "GET", "/instance/health", ""), 200, "rien à examiner")
		o.found = []Finding{{Fine, "Base", "Entière."}, {Unsure, "Horloge", "En avance."}, {Serious, "Clé", "Absente."}}
		says(t, "health", o.ask("ada", "GET", "/instance/health", ""), 200, "Bon :", "À regarder :", "Grave :", `class="ok"`, `class="unknown"`, `class="no"`, "Absente.")
		o.mailOn = false
		o.backups = nil
		o.jobs = jobs.State{}
		says(t, "an empty office", o.ask("ada", "GET", "/instance", ""), 200, "Aucun serveur de courriel", "Aucune sauvegarde", "Rien n’attend.")
		if missing := o.catalog.Missing(); len(missing) > 0 {
			t.Errorf("messages that do not exist: %v", missing)
		}
	})
}

func TestOfficeActsAndSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		says(t, "no such mode", o.ask("ada", "POST", "/instance/registration", "registration=friends"), 422, "Choisissez qui peut créer un compte")
		if o.mode != "invitation" {
			t.Errorf("registration is %s", o.mode)
		}
		says(t, "open", o.ask("ada", "POST", "/instance/registration", "registration=open"), 303)
		if o.mode != "open" {
			t.Errorf("registration is %s", o.mode)
		}
		says(t, "no address", o.ask("ada", "POST", "/instance/mail", "email=nobody"), 422, "incomplète ou mal formée", `value="nobody"`)
		o.fail = kernel.NewFault(kernel.Unavailable, "mail.try.reach")
		says(t, "no server", o.ask("ada", "POST", "/instance/mail", "email=ada@ysole.example"), 503, "Le serveur de courriel ne répond pas", `value="ada@ysole.example"`)
		o.fail = errors.New("disk full at /srv/PLANTED")
		w := o.ask("ada", "POST", "/instance/backup", "")
		if w.Code != 500 || strings.Contains(w.Body.String(), "PLANTED") {
			t.Errorf("a failed backup: %d", w.Code)
		}
		o.fail, o.blind = nil, errors.New("no table")
		if w := o.ask("ada", "GET", "/instance", ""); w.Code != 500 {
			t.Errorf("people cannot be counted: %d", w.Code)
		}
		says(t, "backup", o.ask("ada", "POST", "/instance/backup", ""), 303)
		if len(o.backups) != 1 {
			t.Errorf("%d backups", len(o.backups))
		}
	})
}

func TestOfficeActsOnceForAKey(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		o.fail = errors.New("disk full")
		if w := o.ask("ada", "POST", "/instance/backup", "a=1", "Idempotency-Key", "k1"); w.Code != 500 {
			t.Errorf("failed: %d", w.Code)
		}
		o.fail = nil
		for range 3 { // a failure is not remembered, a success is
			if w := o.ask("ada", "POST", "/instance/backup", "a=1", "Idempotency-Key", "k1"); w.Code != 303 {
				t.Errorf("backup: %d %s", w.Code, w.Body)
			}
			if w := o.ask("ada", "POST", "/instance/mail", "email=ada@ysole.example", "Idempotency-Key", "k2"); w.Code != 303 {
				t.Errorf("letter: %d %s", w.Code, w.Body)
			}
		}
		if len(o.backups) != 1 || len(o.sent) != 1 {
			t.Errorf("%d backups and %d letters; want one each", len(o.backups), len(o.sent))
		}
	})
}

func TestContactIsALinkOnlyWhenItIsSafe(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"maison@ysole.example":    "mailto:maison@ysole.example",
		"a+b@ysole.example":       "mailto:a+b@ysole.example",
		"https://ysole.example/c": "https://ysole.example/c",
		"http://ysole.example":    "", "javascript:alert(1)": "", "Ada <a@b.c>": "", "data:text/html,x": "", "": "", "12 rue des Rives": "", "https:": "",
		"a?subject=x@b.c": "mailto:a%3Fsubject=x@b.c",
	} {
		if got := contact(address); got != want {
			t.Errorf("%q leads to %q; want %q", address, got, want)
		}
	}
}
