package circle

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// onePage is how many lines a page shows.
const onePage = 100

// Pages registers the HTML routes.
func (s *Service) Pages(m *web.Mux) {
	m.Page("GET /circles", s.listCircles)
	m.Page("POST /circles", s.createCircle)
	m.Page("GET /circles/{id}", s.showCircle)
	m.Page("POST /circles/{id}", s.renameCircle)
	m.Page("GET /circles/{id}/leave", s.askLeave)
	m.Page("POST /circles/{id}/leave", s.leaveCircle)
	m.Page("POST /circles/{id}/members/{person}/role", s.changeRole)
	m.Page("GET /circles/{id}/members/{person}/remove", s.askRemove)
	m.Page("POST /circles/{id}/members/{person}/remove", s.removeMember)
	m.Page("POST /circles/{id}/invitations", s.inviteSomebody)
	m.Page("POST /circles/{id}/invitations/{invitation}/withdraw", s.withdrawInvitation)
	m.Page("GET /invitations/{token}", s.showInvitation)
	m.Page("POST /invitations/{token}", s.acceptInvitation)
}

func path(id kernel.CircleID) string { return "/circles/" + url.PathEscape(string(id)) }

func circleOf(r *http.Request) kernel.CircleID { return kernel.CircleID(r.PathValue("id")) }

func (s *Service) listCircles(w http.ResponseWriter, r *http.Request) error {
	return s.renderList(w, r, nil, nil)
}

func (s *Service) renderList(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx := r.Context()
	views, next, err := s.Mine(ctx, r.URL.Query().Get("cursor"), onePage)
	if err != nil {
		return err
	}
	page := web.Page{
		Title: i18n.T(ctx, "circle.list.title"), Lede: i18n.T(ctx, "circle.list.lede"),
		Room: "cercles", Refused: len(refused) > 0,
	}
	return web.Render(w, r, refused.Status(), web.Layout(page, listPage(views, next, form, refused)))
}

func (s *Service) createCircle(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := s.Create(r.Context(), form.Get("name"), Kind(form.Get("kind")))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderList(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(v.ID), "circle.made")
}

// kinds are the options of a circle's kind.
func kinds(ctx context.Context, chosen string) []web.Option {
	options := make([]web.Option, len(Kinds))
	for i, k := range Kinds {
		key := "circle.kind." + string(k)
		options[i] = web.Option{Value: string(k), Text: i18n.T(ctx, key), Help: i18n.T(ctx, key+".help"), Chosen: string(k) == chosen}
	}
	return options
}

// facts is one line about a circle: what it is, how many, what the actor is in it.
func facts(ctx context.Context, v View) string {
	return i18n.T(ctx, "circle.kind."+string(v.Kind)) + ", " + i18n.N(ctx, "circle.list.members", v.Members) +
		" · " + i18n.T(ctx, "circle.you."+string(v.Role))
}

// circlePageData is what the page of a circle shows.
type circlePageData struct {
	View        View
	Members     []Line
	Next        string
	Invitations []Invitation
	Mail        bool // an address may be given
}

func (s *Service) showCircle(w http.ResponseWriter, r *http.Request) error {
	return s.renderCircle(w, r, circleForms{})
}

func (s *Service) renderCircle(w http.ResponseWriter, r *http.Request, f circleForms) error {
	ctx, id := r.Context(), circleOf(r)
	v, err := s.Show(ctx, id)
	if err != nil {
		return err
	}
	p := circlePageData{View: v, Mail: s.canPost()}
	if p.Members, p.Next, err = s.Members(ctx, id, r.URL.Query().Get("cursor"), onePage); err != nil {
		return err
	}
	if v.Role == Owner {
		if p.Invitations, err = s.Invitations(ctx, id); err != nil {
			return err
		}
	}
	if len(f.NameRefused) == 0 {
		f.Name = v.Name
	}
	f.Version = strconv.FormatInt(v.Version, 10)
	page := web.Page{
		Title: v.Name, Room: "cercles", Up: web.Link{Path: "/circles"}, Under: factsLine(facts(ctx, v)),
		Refused: len(f.NameRefused)+len(f.InviteRefused) > 0,
	}
	status := f.NameRefused.Status()
	if len(f.InviteRefused) > 0 {
		status = f.InviteRefused.Status()
	}
	return web.Render(w, r, status, web.Layout(page, circlePage(p, f)))
}

func (s *Service) renameCircle(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		version = 0 // a version that nobody has: stale
	}
	v, err := s.Rename(r.Context(), circleOf(r), version, form.Get("name"))
	if kernel.KindOf(err) == kernel.Conflict {
		err = errStale.On("name") // what was typed comes back, with the name as it is now above it
	}
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderCircle(w, r, circleForms{Name: form.Get("name"), Key: form, NameRefused: refused})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(v.ID), "circle.renamed")
}
