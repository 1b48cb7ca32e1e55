package browsertest

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"digiwork/internal/testkit/browser"
)

// files are the addresses that give a file, or a word to a machine, not a page.
var files = []string{
	"/api/openapi.json", "/.well-known/did.json", "/healthz", "/readyz", "/manifest.webmanifest", "/sw.js", "/favicon.ico",
	"/musette/export/file", "/musette/pieces/{id}/original", "/musette/pieces/{id}/preview",
	"/portillon/journal.csv", "/portillon/grants/{id}/receipt", "/portillon/received/{id}/pieces/{piece}", "/s/{token}/pieces/{piece}",
}

// pages are the paths of every page of the program that this test can fill, as its
// router has them: a test of internal/app keeps the list in step. Another of its tests
// looks at what lies deeper in the rooms, with the things of the table of access.
func (f *full) pages(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("../app/testdata/routes.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(raw)) {
		path, ok := strings.CutPrefix(strings.TrimSpace(line), "GET ")
		if ok && !strings.HasPrefix(path, "/api/v1/") && !slices.Contains(files, path) && f.fills(path) {
			all = append(all, strings.TrimSuffix(path, "{$}"))
		}
	}
	if len(all) < 50 {
		t.Fatalf("only %d pages", len(all))
	}
	return all
}

// full is a house in which every page has something to show.
type full struct {
	*house
	ada, bob *person
	holes    map[string][]string // what fills the holes of a path, in their order
}

// filled puts a life into a house. Only what every page needs is made.
func filled(t *testing.T) *full {
	t.Helper()
	h := open(t)
	f := &full{house: h, ada: h.person("ada", "Ada", "--admin"), bob: h.person("bob", "Bob")}
	f.ada.make("/activities", map[string]any{"title": "Vendre du pain", "kind": "job", "start": "2019-03", "end": "2021", "organisation": "Boulangerie", "place": "Nantes", "paid": true, "narrative": "Une boulangerie.\n\nDeux fours.", "tags": []string{"pain"}, "tools": []string{"four"}, "hours_per_week": 35})
	life := f.ada.make("/activities", map[string]any{"title": "Tenir les comptes du jardin", "kind": "volunteering", "start": "2020", "paid": false, "with_whom": "Les voisines"})
	id := text(life["id"])
	f.ada.post("/musette/items/"+id, url.Values{"version": {"1"}, "title": {"Tenir les comptes du jardin partagé"}, "kind": {"volunteering"}, "start": {"2020"}})
	f.ada.upload("/musette/items/"+id+"/pieces", "attestation.txt", "Elle tient les comptes.")
	for shape, fields := range map[string]map[string]string{
		"method": {"title": "Clore un exercice", "steps": "Compter\nVérifier"}, "tool": {"title": "Tableur"}, "note": {"text": "Ce mardi", "narrative": "Ce mardi", "title": "Ce mardi"},
		"document": {"title": "Contrat"}, "status": {"title": "Salariée"}, "workplace": {"title": "Atelier"}, "contact": {"title": "Zoé"}, "skill": {"title": "Compter"},
	} {
		form := url.Values{}
		for name, value := range fields {
			form.Set(name, value)
		}
		f.ada.post("/musette/kept/"+shape, form)
	}
	letter := f.ada.post("/musette/letters", url.Values{"to": {"La plateforme"}, "language": {"fr"}, "sender": {"Ada"}, "rights": {"access"}})
	face := text(f.ada.make("/faces", map[string]any{"name": "Trésorière", "language": "fr", "shows": map[string]any{"profile": []string{"name"}, "activities": []string{id}}, "hides": []string{}})["id"])
	until := time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	link := f.ada.make("/grants", map[string]any{"face": face, "to": map[string]any{"link": true}, "purpose": "Pour la mairie", "until": until})
	token := text(link["url"])[strings.LastIndex(text(link["url"]), "/")+1:]
	shown := text(f.bob.make("/grants", map[string]any{"face": f.bob.make("/faces", map[string]any{"name": "À moi", "language": "fr", "shows": map[string]any{"profile": []string{"name"}, "activities": []string{text(f.bob.make("/activities", map[string]any{"title": "Peindre", "kind": "job", "start": "2022"})["id"])}}, "hides": []string{}})["id"], "to": map[string]any{"person": f.ada.id}, "purpose": "Regarde", "until": until})["id"])
	circle := text(f.ada.make("/circles", map[string]any{"name": "Jardin", "kind": "guild"})["id"])
	joining := text(f.ada.make("/circles/"+circle+"/invitations", map[string]any{})["token"])
	f.bob.post("/invitations/"+joining, nil)
	welcome := text(f.ada.make("/circles/"+circle+"/invitations", map[string]any{})["token"])
	f.ada.make("/tokens", map[string]any{"name": "Tableur", "scopes": []string{"read"}})
	preview := f.ada.upload("/musette/import", "vie.csv", "titre;début\nBalade;2018\n;\n")
	outcome := f.ada.post("/musette/import/"+f.ada.upload("/musette/import", "autre.csv", "titre;début\nPromenade;2017\n"), nil)
	f.holes = map[string][]string{
		"/musette/import/{id}": {preview}, "/musette/import/done/{id}": {outcome}, "/musette/items/{id}/versions/{version}": {id, "1"},
		"/musette/items/": {id}, "/musette/letters/": {letter}, "/musette/kept/{shape}": {"method"}, "/musette/reflect/{year}": {"2020"},
		"/portillon/faces/{id}": {face}, "/portillon/grants/{id}": {text(link["id"])}, "/portillon/received/{id}": {shown},
		"/circles/{id}": {circle, f.bob.id}, "/invitations/{token}": {welcome}, "/s/{token}": {token},
		"/confirm/{token}": {"over"}, "/enter/{token}": {"over"}, "/setup/{token}": {"over"}, "/join/{token}": {"over"},
	}
	return f
}

var hole = regexp.MustCompile(`\{[a-z]+\}`)

// fills reports whether things are known for the holes of a path.
func (f *full) fills(path string) bool {
	return len(f.holes[f.longest(path)]) >= len(hole.FindAllString(path, -1))
}

// longest is the beginning of a path under which its things are known.
func (f *full) longest(path string) string {
	best := ""
	for prefix := range f.holes {
		if strings.HasPrefix(path, prefix) && len(prefix) > len(best) {
			best = prefix
		}
	}
	return best
}

// at puts a thing into each hole of a path.
func (f *full) at(t *testing.T, path string) string {
	t.Helper()
	best := f.longest(path)
	things := f.holes[best]
	return hole.ReplaceAllStringFunc(path, func(string) string {
		if len(things) == 0 {
			t.Fatalf("%s has more holes than %v", path, f.holes[best])
		}
		thing := things[0]
		things = things[1:]
		return thing
	})
}

// closed are the pages that answer with a refusal here: their pages are looked at too.
var closed = map[string]int{
	"/confirm/{token}": http.StatusGone, "/enter/{token}": http.StatusGone, "/setup/{token}": http.StatusGone, "/join/{token}": http.StatusGone,
	"/sign-up": http.StatusForbidden,
}

// ownLanguage are the pages in the language of what they show, not of who reads.
var ownLanguage = []string{"/s/{token}", "/portillon/received/{id}", "/musette/letters/{id}/sheet", "/offline"}

// view is a window, on a system that prefers light or dark.
type view struct {
	width int
	dark  bool
}

// views say how somebody looks at every page in a language: each page is seen on a
// phone and on a desk, light and dark, by people who have a life in the house, none,
// or no account. Which words stand on a page changes its layout, not its colours.
var views = map[string]map[string][]view{
	"fr": {"ada": {{360, false}, {1440, true}}, "eve": {{1440, false}}, "": {{360, true}}},
	"en": {"ada": {{360, true}, {1440, false}}, "eve": {{360, false}}, "": {{1440, true}}},
}

// look judges the page that is open: axe, no scrolling sideways, nothing from
// elsewhere, nothing that the browser complains of.
func (f *full) look(t *testing.T, b *browser.Tab, views []view) {
	t.Helper()
	for _, v := range views {
		b.Resize(v.width, 900, v.dark)
		b.Accessible()
		b.Fits()
		if n := browser.Eval[int](b, `[...document.querySelectorAll('figure.chart:has(> div > svg)')].filter((f) => [...f.querySelectorAll(':scope > div > svg')].filter((s) => s.checkVisibility()).length !== 1).length`); n > 0 {
			t.Errorf("%s at %d: %d charts show no drawing, or several", b.URL(), v.width, n)
		}
	}
	b.OnlyFrom(f.base)
	for _, c := range b.Complaints() {
		if !strings.Contains(c, "Failed to load resource: the server responded with a status of 4") {
			t.Errorf("%s: the browser complains: %s", b.URL(), c)
		}
	}
	b.Forget()
}

// Every page, in both languages, with a life in it, without one, and for a visitor.
func TestEveryPageIsForEverybody(t *testing.T) {
	f := filled(t)
	f.person("eve", "Eve")
	for _, lang := range []string{"fr", "en"} {
		for _, who := range []string{"ada", "eve", ""} {
			t.Run(lang+"-"+who, func(t *testing.T) {
				b := browser.Open(t, browser.Lang(lang))
				if who != "" {
					f.signIn(b, who, in(t, lang))
					speak(b, f.base, lang)
				}
				seen := map[string]bool{}
				for _, path := range f.pages(t) {
					if who != "ada" && hole.MatchString(path) && closed[path] == 0 && !strings.HasPrefix(path, "/s/") && !strings.HasPrefix(path, "/invitations/") {
						continue // hers alone: the access table says so
					}
					code := b.Status(f.base + f.at(t, path))
					if want := closed[path]; code >= 500 || who == "ada" && code >= 400 && code != want {
						t.Errorf("%s for %q = %d", path, who, code)
					}
					if at := b.URL(); !seen[at] { // many lead a visitor to one page
						seen[at] = true
						f.look(t, b, views[lang][who])
					}
					if got := browser.Eval[string](b, "document.documentElement.lang"); got != lang && !slices.Contains(ownLanguage, path) {
						t.Errorf("%s speaks %q, want %q", path, got, lang)
					}
				}
			})
		}
	}
}

// speak sets the language of the account from the foot of the page.
func speak(b *browser.Tab, base, lang string) {
	b.Go(base + "/about")
	press(b, `footer button[name="lang"][value=`+strconv.Quote(lang)+`]`)
}

// A form sent without what it asks, or with what cannot be, comes back: accessible,
// with its refusals tied to their fields.
func TestEveryRefusedFormIsForEverybody(t *testing.T) {
	for lang, view := range map[string]view{"fr": {360, false}, "en": {1440, true}} {
		t.Run(lang, func(t *testing.T) {
			f := filled(t)
			b := browser.Open(t, browser.Lang(lang))
			say := in(t, lang)
			f.signIn(b, "ada", say)
			speak(b, f.base, lang)
			b.Resize(view.width, 900, view.dark)
			refusals := 0
			for _, path := range f.pages(t) {
				if closed[path] == 0 {
					refusals += f.spoil(t, b, f.base+f.at(t, path), say("web.title.refused"), view)
				}
			}
			if refusals < 10 {
				t.Errorf("only %d forms came back with refusals", refusals)
			}
		})
	}
}

// spoil sends each form of a page badly, and says how many came back refused.
func (f *full) spoil(t *testing.T, b *browser.Tab, at, refused string, v view) (refusals int) {
	t.Helper()
	b.Status(at)
	forms := browser.Eval[int](b, spoilable+`.length`)
	for i := range forms {
		b.Status(at)
		if browser.Eval[int](b, spoilable+`.length`) <= i {
			break // a form sent before has changed the page
		}
		browser.Eval[bool](b, `(() => { const f = `+spoilable+`[`+strconv.Itoa(i)+`]; f.noValidate = true;
			for (const e of f.querySelectorAll('input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([type=file]), textarea')) {
				e.removeAttribute('maxlength'); e.value = e.required || e.type !== 'text' ? '' : 'x'.repeat(30000) }
			f.querySelector('button[type=submit]').setAttribute('aria-label', 'this button'); return true; })()`)
		b.Press("this button")
		if b.Has(`[aria-invalid="true"]`) {
			refusals++
			if !strings.HasPrefix(b.Title(), strings.Join(strings.Fields(refused), " ")) {
				t.Errorf("%s came back titled %q", at, b.Title())
			}
		}
		f.look(t, b, []view{v})
	}
	return refusals
}

// spoilable selects the forms with something to type in.
const spoilable = `[...document.querySelectorAll('main form[method=post]')].filter((f) => f.querySelector('button[type=submit]') &&
	[...f.querySelectorAll('input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([type=file]), textarea')].length)`

// The first page is light, and asks nothing of anybody else.
func TestTheFirstPageIsLight(t *testing.T) {
	h := open(t)
	for _, lang := range []string{"fr", "en"} {
		b := browser.Open(t, browser.Phone(), browser.Lang(lang))
		b.Go(h.base + "/")
		if got := b.TransferBytes(); got > 100_000 {
			t.Errorf("the first page weighs %d bytes", got)
		}
		b.OnlyFrom(h.base)
		if c := b.Complaints(); len(c) > 0 {
			t.Errorf("the browser complains: %v", c)
		}
	}
}
