package musette

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/web"
)

// Pages registers the pages of the room.
func (s *Service) Pages(m *web.Mux) {
	m.Page("GET /musette", s.showOverview)
	m.Page("POST /musette", s.searchOverview)
	s.activityPages(m)
	s.itemPages(m)
	s.keptPages(m)
	s.piecePages(m)
	s.welcomePages(m)
	s.viewPages(m)
	s.letterPages(m)
}

// Addresses of the room.
const (
	home       = "/musette"
	keptPath   = home + "/kept"
	lettersAt  = home + "/letters"
	piecesAt   = keptPath + "/pieces"
	welcomeAt  = "/welcome"
	activityAt = home + "/activities"
	itemRoot   = home + "/items/"
)

// itemPath is the page of a thing of the musette.
func itemPath(id kernel.ItemID) string { return itemRoot + string(id) }

// frame is a page of the room beside the others.
func (s *Service) frame(ctx context.Context, title string) web.Page {
	nav := []web.Link{
		{Path: home, Text: i18n.T(ctx, "musette.nav.path")},
		{Path: home + "/daily", Text: i18n.T(ctx, "musette.nav.daily")},
		{Path: home + "/reflect", Text: i18n.T(ctx, "musette.nav.reflect")},
		{Path: home + "/social", Text: i18n.T(ctx, "musette.nav.social")},
		{Path: keptPath, Text: i18n.T(ctx, "musette.nav.kept")},
	}
	if s.Doors.Faces != "" {
		nav = append(nav, web.Link{Path: s.Doors.Faces, Text: i18n.T(ctx, "musette.nav.faces")})
	}
	return web.Page{Title: title, Room: room, Subnav: nav}
}

// inside is a page one step inside the room, with the way back above its title.
func inside(title string, up web.Link) web.Page {
	return web.Page{Title: title, Room: room, Up: up}
}

// homeLink is the way back to the whole life.
func homeLink(ctx context.Context) web.Link {
	return web.Link{Path: home, Text: i18n.T(ctx, "musette.up")}
}

// filled reads a posted form and makes its sending count once: the hidden key of
// the form and what it says become the request's idempotency key.
func filled(r *http.Request) (context.Context, url.Values, error) {
	form, err := web.ReadForm(r)
	if err != nil {
		return nil, nil, err
	}
	ctx, err := onceOf(r.Context(), r.URL.Path, form)
	return ctx, form, err
}

func onceOf(ctx context.Context, path string, form url.Values) (context.Context, error) {
	key := form.Get("idempotency_key")
	if key == "" || once.From(ctx) != nil {
		return ctx, nil
	}
	req, err := once.New(key, "POST "+path)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range form[name] {
			if _, err := req.Write([]byte(name + "\x00" + v + "\x00")); err != nil {
				return nil, err
			}
		}
	}
	return once.With(ctx, req), nil
}

var errAgain = kernel.NewFault(kernel.Invalid, "musette.form.again")

// refused reads what is wrong with a form that is shown again. A form that has served
// already, and comes back with other words by the browser's "back", gets a new key:
// sending it once more keeps a second thing. first is its first field.
func refused(err error, key *string, first string) web.Refusals {
	if errors.Is(err, once.ErrOtherRequest) {
		*key = ""
		err = errAgain.On(first)
	}
	return web.Refused(err)
}
