package instance

import (
	"context"
	"net/http"
	netmail "net/mail"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// Pages registers the HTML routes.
func (s *Service) Pages(m *web.Mux) {
	m.Page("GET /{$}", s.showHome)
	m.Page("GET /about", s.showAbout)
	m.Page("GET /about/data", s.showData)
	m.Page("GET /about/exit", s.showExit)
	m.Page("GET /about/licences", s.showLicences)
	m.Page("GET /privacy", s.showPrivacy)
	m.Page("GET /accessibility", s.showAccessibility)
	s.officePages(m)
}

// Links are the public pages, for the colophon of every page.
func Links() []web.Anchor {
	return []web.Anchor{
		{Path: "/about", Key: "instance.link.about"},
		{Path: "/about/data", Key: "instance.link.data"},
		{Path: "/privacy", Key: "instance.link.privacy"},
		{Path: "/accessibility", Key: "instance.link.accessibility"},
		{Path: "/about/exit", Key: "instance.link.exit"},
		{Path: "/about/licences", Key: "instance.link.licences"},
	}
}

// shown renders a public page, headed by the messages that begin with key.
func shown(w http.ResponseWriter, r *http.Request, key string, body templ.Component) error {
	ctx := r.Context()
	links := []web.Link{}
	for _, a := range Links() {
		links = append(links, web.Link{Path: a.Path, Text: i18n.T(ctx, nameOf(a.Key))})
	}
	return web.Render(w, r, http.StatusOK, web.Layout(web.Page{
		Title: i18n.T(ctx, key+"title"), Lede: i18n.T(ctx, key+"lede"), About: i18n.T(ctx, key+"lede"),
		Subnav: links, SubnavName: i18n.T(ctx, "instance.pages"), Index: true,
	}, body))
}

// nameOf is the key of a page's name beside the others: the colophon says more of
// the accessibility statement than its name.
func nameOf(key string) string {
	if key == "instance.link.accessibility" {
		return "instance.access.title"
	}
	return key
}

func (s *Service) showAbout(w http.ResponseWriter, r *http.Request) error {
	return shown(w, r, "instance.about.", aboutPage(s.About))
}

func (s *Service) showData(w http.ResponseWriter, r *http.Request) error {
	return shown(w, r, "instance.data.", dataPage(s.About, s.Post.Configured()))
}

func (s *Service) showPrivacy(w http.ResponseWriter, r *http.Request) error {
	return shown(w, r, "instance.privacy.", privacyPage(s.About))
}

func (s *Service) showAccessibility(w http.ResponseWriter, r *http.Request) error {
	return shown(w, r, "instance.access.", accessPage(s.About))
}

func (s *Service) showExit(w http.ResponseWriter, r *http.Request) error {
	return shown(w, r, "instance.exit.", exitPage(s.Paths))
}

func (s *Service) showLicences(w http.ResponseWriter, r *http.Request) error {
	front, err := asset.Licences()
	if err != nil {
		return err
	}
	return shown(w, r, "instance.licences.", licencesPage(front, modules()))
}

// contact is an address as it may be followed: "" if it is neither a mail address
// nor an https one.
func contact(address string) string {
	if a, err := netmail.ParseAddress(address); err == nil && a.Name == "" {
		return (&url.URL{Scheme: "mailto", Opaque: url.PathEscape(a.Address)}).String()
	}
	return site(address)
}

// site is an https address, or "".
func site(address string) string {
	if u, err := url.Parse(address); err == nil && u.Scheme == "https" && u.Host != "" {
		return u.String()
	}
	return ""
}

// module is a part of the program, with the page that gives its licence.
type module struct{ Path, Version, URL string }

// modules lists what the program was built from, by name.
func modules() []module {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	var all []module
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		all = append(all, module{m.Path, m.Version, "https://pkg.go.dev/" + m.Path + "@" + m.Version + "?tab=licenses"})
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// promise is one line of the privacy page.
type promise struct {
	name   string
	tested bool
}

// key is the message of the promise; its text and its test follow a dot.
func (p promise) key() string { return "instance.privacy." + p.name }

var promises = []promise{
	{"door", true},
	{"journal", true},
	{"withdraw", true},
	{"face", true},
	{"sealed", true},
	{"erase", true},
	{"operator", true},
	{"access", true},
	{"export", true},
	{"trackers", true},
	{"score", false},
}

func (p promise) mark(ctx context.Context) string {
	if p.tested {
		return i18n.T(ctx, "instance.privacy.tested")
	}
	return i18n.T(ctx, "instance.privacy.untested")
}
