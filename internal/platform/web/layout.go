package web

import (
	"context"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/i18n"

	"github.com/a-h/templ"
)

// Page is one page's place in the frame.
type Page struct {
	Title string // the one h1, and the document's title; "" if the body has its own h1
	Head  string // the document's title where it differs from Title
	Room  string // code of the room: accent, name above the title, current link
	Up    Link   // where the name above the title leads, on a page inside a room
	Lede  string // one sentence under the title
	About string // description for search engines, on public pages

	Subnav     []Link          // pages beside this one
	SubnavName string          // what they are, read aloud; the room's name if empty
	Under      templ.Component // below the title: a mark, a date

	Bare    bool // a shared page: no navigation, not stored, not indexed
	Wide    bool // no column of rooms and no margin: the body draws its bands
	Index   bool // search engines may list it
	Refused bool // a form comes back: the document's title says so first

	Live    bool     // loads htmx, for what must change by itself
	Scripts []string // assets of the page: "passkey.js"
	Sheets  []string // more style sheets: "leaflet.css"
}

// Link is a link with its words.
type Link struct{ Path, Text string }

// Layout hangs body in the frame.
func Layout(p Page, body templ.Component) templ.Component { return layout(p, body) }

// documentTitle begins with the page.
func documentTitle(ctx context.Context, p Page) string {
	title := p.Head
	if title == "" {
		title = p.Title
	}
	if p.Refused {
		title = i18n.T(ctx, "web.title.refused") + " " + title
	}
	if p.Bare {
		return title
	}
	return title + " · DigiWork"
}

// current says which link of a subnav leads to this page.
func current(ctx context.Context, path string) string {
	f := frameOf(ctx)
	path, _, _ = strings.Cut(path, "?")
	switch {
	case path == f.path:
		return "page"
	case path != "/" && strings.HasPrefix(f.path, path+"/"):
		return "true"
	}
	return ""
}

// currentAmong is current for one of several links: where one leads exactly here, a
// link that merely contains it is not current too.
func currentAmong(ctx context.Context, links []Link, i int) string {
	here, longest := frameOf(ctx).path, -1
	for j, l := range links {
		path, _, _ := strings.Cut(l.Path, "?")
		if current(ctx, path) != "" && (longest < 0 || len(path) > len(links[longest].Path)) {
			longest = j
		}
	}
	switch {
	case i != longest:
		return ""
	case links[i].Path == here:
		return "page"
	}
	return "true"
}

// roomName is the name of a page's room, "" outside rooms.
func roomName(ctx context.Context, p Page) string {
	if r, ok := frameOf(ctx).site.room(p.Room); ok {
		return r.name(ctx)
	}
	return ""
}

// crumb is what stands above the title: the room, or the way up.
func crumb(ctx context.Context, p Page) string {
	if p.Up.Text != "" {
		return p.Up.Text
	}
	return roomName(ctx, p)
}

func subnavName(ctx context.Context, p Page) string {
	if p.SubnavName != "" {
		return p.SubnavName
	}
	if name := roomName(ctx, p); name != "" {
		return name
	}
	return p.Title
}

// other is the language that is not spoken on this page.
func other(ctx context.Context) string {
	if i18n.Lang(ctx) == "fr" {
		return "en"
	}
	return "fr"
}

// endonyms are the names of languages in themselves.
var endonyms = map[string]string{"fr": "Français", "en": "English"}

// htmxConfig keeps htmx within the content policy: no style of its own, no eval.
const htmxConfig = `{"includeIndicatorCSS":false,"extensions":"sse"}`

// themes are the choices of the colophon.
var themes = []string{"system", "light", "dark"}

func pressed(ctx context.Context, theme string) string {
	now := frameOf(ctx).theme
	return strconv.FormatBool(theme == now || theme == "system" && now == "")
}

func spokenHere(ctx context.Context, lang string) string {
	return strconv.FormatBool(lang == i18n.Lang(ctx))
}

// showRooms reports whether the page has the navigation of the rooms.
func showRooms(ctx context.Context, p Page) bool {
	if p.Bare || p.Wide {
		return false
	}
	site := frameOf(ctx).site
	for _, r := range site.Rooms {
		if r.open(ctx) {
			return true
		}
	}
	return false
}

// roomCurrent says whether a room's link leads to this page, or to the room it is in.
func roomCurrent(ctx context.Context, r Room) string {
	if frameOf(ctx).path == r.Path {
		return "page"
	}
	return "true"
}

// whose says who keeps this instance.
func whose(ctx context.Context) string {
	site := frameOf(ctx).site
	switch {
	case site.Name != "" && site.Keeper != "":
		return i18n.T(ctx, "web.colophon.kept", "name", site.Name, "keeper", site.Keeper)
	case site.Name != "":
		return i18n.T(ctx, "web.colophon.named", "name", site.Name)
	}
	return i18n.T(ctx, "web.colophon")
}

// scripts are the scripts of a page; a shared page loads none of the house's.
func scripts(p Page) []string {
	var all []string
	if !p.Bare {
		all = append(all, "site.js")
	}
	if p.Live {
		all = append(all, "htmx.js", "hx-sse.js")
	}
	return append(all, p.Scripts...)
}

func urls(names []string) []string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = asset.URL(n)
	}
	return all
}

// flash is the sentence left by the page before, said once.
func flash(ctx context.Context) string {
	f := frameOf(ctx)
	if f.flash == "" || !i18n.Has(ctx, f.flash) {
		return ""
	}
	f.told = true
	return i18n.T(ctx, f.flash)
}

// alert is what the person must know on every page, or nil.
func alert(ctx context.Context, p Page) templ.Component {
	site := frameOf(ctx).site
	if p.Bare || site.Alert == nil || kernel.ActorFrom(ctx).IsVisitor() {
		return nil
	}
	return site.Alert(ctx)
}

// start is where the wordmark leads.
func start(ctx context.Context, signedIn bool) string {
	if s := frameOf(ctx).site.Start; signedIn && s != "" {
		return s
	}
	return "/"
}
