package recognition

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

// Addresses of the pages.
const (
	home          = "/reveler"
	tellingsAt    = home + "/tellings"
	competencesAt = home + "/competences"
	findAt        = home + "/find"
	mapAt         = home + "/map"
	booksAt       = home + "/referentials"
)

// Pages are the room: what she told, what she can do, and what carries it.
func (s *Service) Pages(m *web.Mux) {
	m.Page("GET /reveler", s.showHome)
	m.Page("GET /reveler/map", s.showMap)
	m.Page("GET /reveler/referentials", s.showBooks)
	m.Page("GET /reveler/tellings/new", s.newTelling)
	m.Page("POST /reveler/tellings", s.beginTelling)
	m.Page("GET /reveler/tellings/{id}", s.showTelling)
	m.Page("GET /reveler/tellings/{id}/{step}", s.showStep)
	m.Page("POST /reveler/tellings/{id}/{step}", s.saveStep)
	m.Page("POST /reveler/tellings/{id}/delete", s.dropTelling)
	m.Page("GET /reveler/find/{id}", s.showFind)
	m.Page("POST /reveler/find/{id}", s.wordChosen)
	m.Page("POST /reveler/find/{id}/keep", s.keepChosen)
	m.Page("GET /reveler/competences/new", s.newCompetence)
	m.Page("POST /reveler/competences", s.saveNewCompetence)
	m.Page("GET /reveler/competences/{id}", s.showCompetence)
	m.Page("GET /reveler/competences/{id}/edit", s.editCompetence)
	m.Page("POST /reveler/competences/{id}", s.saveCompetence)
	m.Page("POST /reveler/competences/{id}/follow", s.followReference)
	m.Page("POST /reveler/competences/{id}/delete", s.dropCompetence)
}

func itemID(r *http.Request) kernel.ItemID { return kernel.ItemID(r.PathValue("id")) }

// frame is a page beside the others of the room.
func (s *Service) frame(ctx context.Context, title, lede string) web.Page {
	p := web.Page{Title: title, Lede: lede, Room: "reveler"}
	for _, a := range s.Doors {
		p.Subnav = append(p.Subnav, web.Link{Path: a.Path, Text: i18n.T(ctx, a.Key)})
	}
	return p
}

// inside is a page that one comes to from another.
func (s *Service) inside(ctx context.Context, title, lede string, up web.Link) web.Page {
	p := s.frame(ctx, title, lede)
	p.Up = up
	return p
}

func homeLink(ctx context.Context) web.Link {
	return web.Link{Path: home, Text: i18n.T(ctx, "recognition.up")}
}

// filled reads a posted form and makes its sending count once: the hidden key of the
// form and what it says become the request's idempotency key.
func filled(r *http.Request) (context.Context, url.Values, error) {
	form, err := web.ReadForm(r)
	if err != nil {
		return nil, nil, err
	}
	ctx, key := r.Context(), form.Get("idempotency_key")
	if key == "" || once.From(ctx) != nil {
		return ctx, form, nil
	}
	req, err := once.New(key, "POST "+r.URL.Path)
	if err != nil {
		return nil, nil, err
	}
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range form[name] {
			if _, err := req.Write([]byte(name + "\x00" + v + "\x00")); err != nil {
				return nil, nil, err
			}
		}
	}
	return once.With(ctx, req), form, nil
}

var errAgain = kernel.NewFault(kernel.Invalid, "recognition.form.again")

// refused gives the fields at fault. A form changed after it was sent, or made from a
// version that is no longer there, gets a new key and is to be sent again; its
// summary leads to first.
func refused(err error, key *string, first string) web.Refusals {
	switch {
	case errors.Is(err, once.ErrOtherRequest):
		*key = ""
		err = errAgain.On(first)
	case errors.Is(err, errStale):
		*key = ""
		err = errStale.On(first).Because(err)
	}
	return web.Refused(err)
}

// homeView is what the first page of the room shows.
type homeView struct {
	Map      *Map
	Tellings []*Telling
	Done     Carriers
	Small    bool
}

func (s *Service) showHome(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v homeView
	var err error
	if v.Map, err = s.Map(ctx); err != nil {
		return err
	}
	if v.Tellings, err = s.Tellings(ctx); err != nil {
		return err
	}
	all, err := s.Carriers(ctx)
	if err != nil {
		return err
	}
	v.Done = all.Done()
	books, err := s.Library.Entries()
	if err != nil {
		return err
	}
	v.Small = len(books) == 0
	return web.Render(w, r, http.StatusOK, web.Layout(s.frame(ctx, i18n.T(ctx, "recognition.title"), i18n.T(ctx, "recognition.lede")), homePage(&v)))
}

func (s *Service) showBooks(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := s.Gate.Own(ctx); err != nil {
		return err
	}
	books, err := s.Library.Entries()
	if err != nil {
		return err
	}
	page := s.inside(ctx, i18n.T(ctx, "recognition.books.title"), i18n.T(ctx, "recognition.books.lede"), homeLink(ctx))
	return web.Render(w, r, http.StatusOK, web.Layout(page, booksPage(books)))
}
