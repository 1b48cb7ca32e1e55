package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"

	"github.com/a-h/templ"
)

// Site is what all pages of an instance share. It is read-only once it serves.
type Site struct {
	Name     string // of the instance, in its keeper's words; may be empty
	Keeper   string // who keeps it, in her own words; may be empty
	Base     string // its address, as --base-url; https makes cookies Secure
	Demo     bool   // invented people: a banner says so on every page
	Catalog  *i18n.Catalog
	Log      *slog.Logger
	Rooms    []Room
	Links    []Anchor       // of the colophon: privacy, accessibility, help
	Start    string         // where the wordmark leads a signed-in person; "/" if empty
	SignIn   string         // page that signs in; "" until there is one
	SignOut  string         // POST that signs out
	Account  string         // page of the signed-in person's account
	Proxies  []netip.Prefix // whose X-Forwarded-For counts
	Observe  func(Sample)   // is told of every answer; may be nil
	KeepPref func(ctx context.Context, lang, theme string) error

	// Alert is what a signed-in person must know on whatever page she is; nil when
	// there is nothing. Pages shown to others do not say it.
	Alert func(ctx context.Context) templ.Component
}

// Room is one room of the house in the navigation.
type Room struct {
	Code    string // the accent's name in the style sheet: "musette"
	Group   string // "self", "together", "beyond"
	Path    string
	Icon    string
	NameKey string                         // "web.room." and the code, if empty
	Open    func(ctx context.Context) bool // nil: open to who is signed in
}

func (r Room) name(ctx context.Context) string {
	if r.NameKey == "" {
		return i18n.T(ctx, "web.room."+r.Code)
	}
	return i18n.T(ctx, r.NameKey)
}

func (r Room) open(ctx context.Context) bool {
	if r.Open == nil {
		return !kernel.ActorFrom(ctx).IsVisitor()
	}
	return r.Open(ctx)
}

// Anchor is a link whose words are a message.
type Anchor struct{ Path, Key string }

// Middleware wraps a handler.
type Middleware func(http.Handler) http.Handler

// Secure reports whether the site is reached over https.
func (s *Site) Secure() bool { return strings.HasPrefix(s.Base, "https://") }

// room finds a room by code.
func (s *Site) room(code string) (Room, bool) {
	for _, r := range s.Rooms {
		if r.Code == code {
			return r, true
		}
	}
	return Room{}, false
}

// open lists the rooms of a group that are open to the actor.
func (s *Site) open(ctx context.Context, group string) []Room {
	var open []Room
	for _, r := range s.Rooms {
		if r.Group == group && r.open(ctx) {
			open = append(open, r)
		}
	}
	return open
}

// groups are the parts of the navigation, in order.
var groups = []string{"self", "together", "beyond"}

// frame is what a page knows of its request.
type frame struct {
	site   *Site
	theme  string // "light", "dark" or ""
	path   string
	back   string // where to return after changing language or theme
	shared bool
	record *record
	flash  string // key of a message left by the page before
	told   bool   // the message was shown
}

type frameKey struct{}

var bare = &frame{site: &Site{}, record: &record{}}

// frameOf gives the frame of a request; an empty one for a component rendered alone.
func frameOf(ctx context.Context) *frame {
	if f, ok := ctx.Value(frameKey{}).(*frame); ok {
		return f
	}
	return bare
}

// Speak gives each request its language, theme and frame. It comes after whatever
// signs the actor in: her own language is then the second choice, after the one
// kept in this browser.
func (s *Site) Speak(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, s.spoken(r))
	})
}

// isShared reports whether a request is for a page that somebody shows by a link, or
// under an address she chose for it.
func isShared(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/s/") || strings.HasPrefix(r.URL.Path, "/folio/")
}

// spoken returns r with language, theme and frame in its context.
func (s *Site) spoken(r *http.Request) *http.Request {
	ctx := r.Context()
	if _, done := ctx.Value(frameKey{}).(*frame); done {
		return r
	}
	a := kernel.ActorFrom(ctx)
	f := &frame{site: s, path: r.URL.Path, shared: isShared(r), record: recordOf(ctx)}
	f.theme = Theme(r, a.Theme)
	f.back = back(r)
	f.flash = flashOf(r)
	ctx = i18n.In(i18n.With(context.WithValue(ctx, frameKey{}, f), s.catalog()), Lang(r, a.Lang))
	return r.WithContext(ctx)
}

func (s *Site) catalog() *i18n.Catalog {
	if s.Catalog == nil {
		return &i18n.Catalog{}
	}
	return s.Catalog
}

func (s *Site) log() *slog.Logger {
	if s.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Log
}

// back is where a person should land after changing how pages look: the page she
// sees, which for an answered form is the page she came from.
func back(r *http.Request) string {
	if r.Method == http.MethodGet {
		return Local(r.URL.RequestURI())
	}
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host {
		return "/"
	}
	return Local(u.RequestURI())
}

// Local returns path if it leads to a page of this site, and "/" otherwise.
func Local(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}
