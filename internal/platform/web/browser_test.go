package web

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/asset"
	"digiwork/internal/testkit/browser"

	"github.com/a-h/templ"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// all puts components one after the other.
func all(cs ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, c := range cs {
			if err := c.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// raw is markup of a test's own page.
func raw(html string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, html)
		return err
	})
}

var (
	faceFrame = Page{
		Title: "Pour une association", Room: "musette", Up: Link{"/musette", "La Musette, visages"}, Lede: "Le même parcours, vu d’un côté.",
		Subnav: []Link{{"/musette", "Parcours"}, {"/musette/faces", "Visages"}, {"/musette/methods", "Méthodes"}}, Under: Mark(Told),
	}
	gateFrame = Page{Title: "Ce que je montre, et qui a regardé", Room: "portillon", Lede: "Rien ne sort sans passer par ici."}
)

// facePage is a form with one of each field.
func facePage(title string, refused Refusals) templ.Component {
	return all(
		raw(`<form method="post" action="/musette/faces/1" class="stack-l stack">`),
		SubmitOnce(),
		Summary(refused),
		Field(Input{Name: "name", Label: "Nom de ce visage", Help: "Pour vous seulement.", Value: "Pour une association"}),
		Field(Input{Name: "title", Label: "Titre montré", Help: "Une ligne.", Value: title, Refused: refused, Max: 80}),
		DateField(Input{Name: "start", Label: "Début", Value: "2019"}),
		Textarea(Input{Name: "text", Label: "Récit", Value: "\nUne ligne <b>à moi</b>", Required: true}),
		Select(Input{Name: "kind", Label: "Genre", Value: "care"}, Choose("", "job", "Emploi", "care", "Soin d’un proche")),
		Checks(Group{Name: "shows", Legend: "Moi", Help: "Deux cochées.", Options: []Option{
			{Value: "name", Text: "Prénom et nom", Chosen: true}, {Value: "town", Text: "Commune", Help: "Saint-Avre", Chosen: true}, {Value: "age", Text: "Âge", Disabled: true}}}),
		Radios(Group{Name: "dates", Legend: "Les dates", Required: true, Refused: refused, Options: Choose("year", "year", "L’année seulement", "none", "Aucune date")}),
		Check(Input{Name: "original", Label: "Envoyer l’original", Help: "Avec ses données de prise de vue."}, false),
		Field(Input{Name: "file", Label: "Un fichier", Type: "file", Accept: "image/*"}),
		raw(`<div class="actions"><button class="btn" type="submit">Garder ce visage</button></div></form>`),
	)
}

func gatePage() templ.Component {
	at := time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)
	lines := []Line{
		{At: at, Said: Strong("test.who", "who", "lien de la <ressourcerie>", "what", "le visage")},
		{At: at.AddDate(0, 0, -4), Said: Text("Quelqu’un a essayé le lien retiré."), Refused: true},
	}
	return all(
		raw(`<section aria-labelledby="o"><h2 id="o">Deux laissez-passer</h2><div class="passes mt">`),
		Pass(Ticket{ID: "g1", Icon: "link", Via: "Par un lien", Title: "Pour une association", Purpose: "Candidature au conseil", Note: "Montre trois activités.", Opened: "Ouvert le 23 novembre", Ends: "Finit le 30 novembre", Left: "dans 7 jours", Looks: "Regardé 2 fois", Action: raw(`<form method="post" action="/x"><button class="btn btn-stop" aria-describedby="g1">Retirer</button></form>`)}),
		Pass(Ticket{ID: "g2", Icon: "person", Via: "À une personne, refermé", Title: "Pour un employeur", Spent: true}),
		raw(`</div></section><section class="part" aria-labelledby="j"><h2 id="j">Le journal</h2>`),
		templ.ComponentFunc(func(ctx context.Context, w io.Writer) error { return Journal(Days(ctx, lines)).Render(ctx, w) }),
		Pager("/gate?kind=all", "abc"),
		raw(`</section><section class="part" aria-labelledby="v"><h2 id="v">Demandes</h2>`),
		Void("Personne ne vous demande rien.", "Vous pouvez ne pas répondre.", Link{"/gate/help", "Comment ça marche"}),
		Notice("Tout est refermé."),
		Facts([]Fact{{Term: "Quand", Text: "Depuis 2021"}, {Term: "Source", Body: Mark(Seal)}, {Term: "Rien"}}),
		Tag("payé"), Mark(Peers), Mark(Imported), Mark("invented"), IconLarge("gate"),
		Figure(Chart{ID: "c1", Caption: "Deux activités depuis 2019.", Narrow: raw(`<svg viewBox="0 0 330 40" width="330" height="40" role="img" aria-label="Frise"><rect class="fill" x="0" y="10" width="80" height="13"/></svg>`),
			TableName: "Les activités", Table: raw(`<table><tr><th scope="col">Quoi</th><th scope="col">Quand</th></tr><tr><td>Soin</td><td>2019</td></tr></table>`)}),
		raw(`</section>`),
	)
}

// serve runs the sample house for a browser; it is signed in when actor is.
func serve(t *testing.T, actor kernel.Actor) (*house, string) {
	t.Helper()
	if err := asset.Complete(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	h := build(t, func(m *Mux) {
		m.Handle("GET /assets/", asset.Handler())
		m.Page("GET /musette", shows(Page{Title: "Ma vie de travail", Room: "musette"}, Text("Bonjour")))
		m.Page("GET /musette/faces", shows(faceFrame, facePage("Trésorière", nil)))
		m.Page("POST /musette/faces/{id}", func(w http.ResponseWriter, r *http.Request) error {
			form, err := ReadForm(r)
			if err != nil {
				return err
			}
			if title := form.Get("title"); title == "" || form.Get("dates") == "none" {
				var refused Refusals
				if title == "" {
					refused = append(refused, kernel.NewFault(kernel.Invalid, "test.empty").On("title"))
				}
				refused = append(refused, kernel.NewFault(kernel.Invalid, "test.long").With("max", 1).On("dates"))
				p := faceFrame
				p.Refused = true
				return Render(w, r, refused.Status(), Layout(p, facePage(title, refused)))
			}
			return SeeOther(w, r, "/musette/faces", "test.saved")
		})
		m.Page("GET /gate", shows(gateFrame, gatePage()))
		m.Page("GET /confirm", shows(Page{Title: "Montrer ce visage ?", Room: "portillon"}, Confirm(Confirmation{
			DoesIcon: "eye", DoesTitle: "On verra", Does: []string{"Votre nom"}, KeepsIcon: "hidden", KeepsTitle: "On ne verra pas", Keeps: []string{"Votre âge"},
			Fields: Textarea(Input{Name: "purpose", Label: "Pour quoi"}), Action: "/gate", Do: "Ouvrir jusqu’au 30 novembre", Instead: Link{"/gate", "Ne rien ouvrir"}, Note: "Ce qui aura été lu ne peut pas être repris."})))
		m.Page("GET /s/{token}", shows(Page{Title: "Élodie Marchetti", Room: "portillon", Bare: true}, Text("Trésorière bénévole")))
		m.Page("GET /{$}", shows(Page{Head: "DigiWork : ce que vous avez fait vous appartient", Room: "musette", Wide: true, Index: true, About: "Un endroit à soi."},
			raw(`<div class="band"><div class="stack"><h1 class="hero">Ce que vous avez fait vous appartient.</h1><p class="lede">Emplois, missions, bénévolat.</p></div></div>`)))
		m.Page("GET /broken", fails(io.ErrUnexpectedEOF))
		m.Page("GET /live", shows(Page{Title: "En direct", Live: true, Sheets: []string{"leaflet.css"}, Scripts: []string{"leaflet.js"}}, Text("x")))
	})
	h.actor = actor
	s := httptest.NewServer(h.handler)
	t.Cleanup(s.Close)
	h.Base = ""
	return h, s.URL
}

func TestPagesAreAccessibleEverywhere(t *testing.T) {
	for who, actor := range map[string]kernel.Actor{"visitor": {}, "ada": ada} {
		_, base := serve(t, actor)
		for name, path := range map[string]string{"home": "/", "musette": "/musette", "face": "/musette/faces", "gate": "/gate", "confirm": "/confirm", "shared": "/s/x", "offline": "/offline", "unknown": "/nowhere", "broken": "/broken"} {
			t.Run(who+" "+name, func(t *testing.T) {
				b := browser.Open(t)
				b.Status(base + path)
				b.Screenshot("frame-"+name+"-"+who, 320, 900, false)
				b.Screenshot("frame-"+name+"-"+who, 360, 900, false)
				b.Accessible()
				b.Screenshot("frame-"+name+"-"+who, 1440, 900, true)
				b.Accessible()
				b.OnlyFrom(base)
			})
		}
	}
}

func TestARefusedFormKeepsWhatWasTyped(t *testing.T) {
	_, base := serve(t, ada)
	for name, opts := range map[string][]browser.Option{"with scripts": nil, "without": {browser.NoScript()}, "on a phone": {browser.Phone(), browser.NoScript()}} {
		t.Run(name, func(t *testing.T) {
			b := browser.Open(t, opts...)
			b.Go(base + "/musette/faces")
			b.Fill("Titre montré", "")
			b.Fill("Récit", "Ce que j’ai fait.\nEt après.")
			b.Choose("Genre", "Emploi")
			b.Press("Garder ce visage")
			if got := b.Title(); !strings.HasPrefix(got, "À revoir : Pour une association") {
				t.Errorf("title %q", got)
			}
			b.See("2 réponses sont à revoir")
			b.Accessible()
			if got := b.Filled("Titre montré"); got != "" {
				t.Errorf("title = %q", got)
			}
			b.Click("Il manque un titre.")
			if got := b.URL(); !strings.HasSuffix(got, "#title") {
				t.Errorf("the link leads to %s", got)
			}
			b.Fill("Titre montré", "Trésorière")
			b.Press("Garder ce visage")
			b.See("C’est gardé.")
			b.Go(base + "/musette/faces")
			if b.Says("C’est gardé.") {
				t.Error("said twice")
			}
			if c := b.Complaints(); len(c) > 1 || len(c) == 1 && !strings.Contains(c[0], "422") {
				t.Errorf("complaints: %v", c)
			}
		})
	}
}

func TestRoomsOpenOnAPhoneWithoutScript(t *testing.T) {
	_, base := serve(t, ada)
	b := browser.Open(t, browser.Phone(), browser.NoScript())
	b.Go(base + "/gate")
	visible := func() bool {
		return browser.Eval[bool](b, `document.querySelector('.rooms a').checkVisibility()`)
	}
	if visible() {
		t.Error("the rooms cover a phone's page")
	}
	b.Click("Pièces")
	if !visible() {
		t.Fatal("the rooms do not open")
	}
	b.Accessible()
	b.Screenshot("frame-rooms", 360, 800, false)
	if got := b.Texts(".rooms a[aria-current]"); !slices.Equal(got, []string{"Le Portillon"}) {
		t.Errorf("current: %v", got)
	}
	if got := b.Texts(".rooms a[data-room]"); !slices.Equal(got, []string{"La Musette", "Le Portillon", "L'Expédition"}) {
		t.Errorf("rooms: %v", got)
	}
	b.Click("La Musette")
	if got := b.Text("h1"); got != "Ma vie de travail" {
		t.Errorf("h1 = %q", got)
	}
}

func TestAPersonChoosesLanguageAndTheme(t *testing.T) {
	_, base := serve(t, kernel.Actor{})
	b := browser.Open(t, browser.NoScript(), browser.Lang("de, en;q=0.8"))
	b.Go(base + "/musette/faces?x=1")
	if got := browser.Eval[string](b, `document.documentElement.lang`); got != "en" {
		t.Errorf("the browser asks for English and gets %s", got)
	}
	b.Click("Français")
	if got := b.URL(); got != base+"/musette/faces?x=1" {
		t.Errorf("back at %s", got)
	}
	b.See("Langue :")
	b.Click("sombre")
	if got := browser.Eval[string](b, `getComputedStyle(document.body).backgroundColor`); got != "rgb(26, 23, 20)" {
		t.Errorf("dark is %s", got)
	}
	b.Accessible()
	b.Click("comme l'appareil")
	if b.Has("html[data-theme]") {
		t.Error("the theme is still chosen")
	}
}

func TestTheSkipLinkComesFirst(t *testing.T) {
	_, base := serve(t, ada)
	b := browser.Open(t)
	b.Go(base + "/gate")
	b.Key(browser.TabKey)
	if got := b.Focused(); got != "Aller au contenu" {
		t.Errorf("the first stop is %q", got)
	}
	b.Key(browser.EnterKey)
	if got := browser.Eval[string](b, `document.activeElement.id`); got != "contenu" {
		t.Errorf("it leads to %q", got)
	}
}

func TestAFirstPageWeighsLessThan100KB(t *testing.T) {
	_, base := serve(t, ada)
	for _, path := range []string{"/", "/gate", "/musette/faces"} {
		b := browser.Open(t)
		b.Go(base + path)
		b.See("DigiWork")
		got := browser.Eval[int](b, `document.fonts.ready.then(() => document.fonts.size)`)
		size := 0 // whatever the browser found in its cache, a first visit fetches all
		for _, url := range b.Requests() {
			size += weight(t, url)
		}
		if size > 100_000 || size < 20_000 || got < 3 {
			t.Errorf("%s weighs %d bytes with %d fonts: %v", path, size, got, b.Requests())
		} else {
			t.Logf("%s weighs %d bytes in %d requests", path, size, len(b.Requests()))
		}
		b.OnlyFrom(base)
	}
}

// weight is what an address weighs on its way, packed as for a browser.
func weight(t *testing.T, url string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read whole
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return len(raw)
}

func TestTheContentPolicyIsKept(t *testing.T) {
	_, base := serve(t, ada)
	for _, path := range []string{"/", "/gate", "/musette/faces", "/live", "/s/x", "/offline", "/nowhere"} {
		b := browser.Open(t)
		status := b.Status(base + path)
		b.See("DigiWork")
		for _, c := range b.Complaints() {
			if status < 400 || !strings.Contains(c, "404") {
				t.Errorf("%s: %s", path, c)
			}
		}
	}
	b := browser.Open(t)
	b.Go(base + "/live")
	if !browser.Eval[bool](b, `typeof htmx === 'object' && typeof L === 'object'`) {
		t.Error("htmx and leaflet are not there")
	}
}

func TestWithoutANetworkAPageSaysSo(t *testing.T) {
	h, _ := serve(t, ada)
	s := httptest.NewServer(h.handler)
	b := browser.Open(t)
	b.Go(s.URL + "/gate")
	if !browser.Eval[bool](b, `navigator.serviceWorker.ready.then((r) => !!r.active)`) {
		t.Fatal("no service worker")
	}
	kept := browser.Eval[[]string](b, `caches.keys().then((ns) => Promise.all(ns.map((n) => caches.open(n).then((c) => c.keys())))).then((all) => all.flat().map((r) => new URL(r.url).pathname))`)
	for _, path := range kept {
		if path != "/offline" && !strings.HasPrefix(path, "/assets/") {
			t.Errorf("it keeps %s", path)
		}
	}
	if len(kept) < 5 {
		t.Errorf("it keeps only %v", kept)
	}
	s.CloseClientConnections()
	s.Close()
	b.Status(s.URL + "/musette")
	b.See("Pas de réseau pour l'instant")
	b.See("No network for now")
	if b.Says("Ada Lovelace") {
		t.Error("the offline page shows a name")
	}
	b.Screenshot("frame-offline", 360, 800, true)
}
