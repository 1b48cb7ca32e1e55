package expedition

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// Pages registers the HTML routes.
func (s *Service) Pages(m *web.Mux) {
	page := func(pattern string, h web.Handler) { m.Page(pattern, s.guests(h)) }
	page("GET /expeditions", s.listExpeditions)
	page("POST /expeditions", s.createExpedition)
	page("GET /expeditions/join", s.askCode)
	page("POST /expeditions/join", s.takeCode)
	page("GET /expeditions/{id}", s.showExpedition)
	page("GET /expeditions/{id}/settings", s.showSettings)
	page("POST /expeditions/{id}/settings", s.saveSettings)
	page("POST /expeditions/{id}/partners", s.addPartner)
	page("POST /expeditions/{id}/partners/{circle}/end", s.dropPartner)
	page("POST /expeditions/{id}/people/{person}/role", s.giveRole)
	page("POST /expeditions/{id}/door", s.turnDoor)
	page("POST /expeditions/{id}/credit", s.nameMe)
	page("GET /expeditions/{id}/delete", s.askDelete)
	page("POST /expeditions/{id}/delete", s.deleteExpedition)
	m.Upload("POST /expeditions/import", mostFile+1<<20, s.importFile)
	s.filePages(page)
	s.cahierPages(page)
	s.cardPages(page)
	s.stepPages(page)
}

// guestCookie holds the code of a guest for half a day.
const guestCookie = "expedition_guest"

// Enter gives a request the code its browser holds, so that May knows its guest.
// Sibling contexts call it before they ask.
func (s *Service) Enter(r *http.Request) *http.Request {
	c, err := r.Cookie(guestCookie)
	if err != nil {
		return r
	}
	return r.WithContext(WithGuest(r.Context(), c.Value))
}

func (s *Service) guests(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error { return h(w, s.Enter(r)) }
}

func path(id kernel.ExpeditionID, rest ...string) string {
	p := "/expeditions/" + url.PathEscape(string(id))
	for _, r := range rest {
		p += "/" + url.PathEscape(r)
	}
	return p
}

func idOf(r *http.Request) kernel.ExpeditionID { return kernel.ExpeditionID(r.PathValue("id")) }

// open is the book of a page.
func (s *Service) open(r *http.Request) (*Book, error) { return s.Open(r.Context(), idOf(r)) }

// frame is the place of a page inside an expedition.
func frame(ctx context.Context, b *Book, title string) web.Page {
	p := web.Page{
		Title: title, Head: title + ", " + b.Name, Room: "expedition", Up: web.Link{Path: path(b.ID), Text: b.Name},
		SubnavName: i18n.T(ctx, "expedition.steps"), Index: b.Visibility == Public,
	}
	for _, step := range append(append([]string(nil), Steps...), "cahier") {
		for _, t := range b.Tabs {
			if t.Before == step {
				p.Subnav = append(p.Subnav, web.Link{Path: t.Path, Text: t.Text})
			}
		}
		p.Subnav = append(p.Subnav, web.Link{Path: path(b.ID, step), Text: i18n.T(ctx, "expedition.page."+step)})
	}
	return p
}

// Page is the frame of a page of a sibling context inside an expedition: the way up
// and the tabs. The title is the caller's.
func (s *Service) Page(ctx context.Context, id kernel.ExpeditionID, title string) (web.Page, error) {
	b, err := s.Open(ctx, id)
	if err != nil {
		return web.Page{}, err
	}
	return frame(ctx, b, title), nil
}

// again makes a form count once; it keeps its key when it comes back.
func again(form url.Values) templ.Component {
	if form == nil {
		return web.SubmitOnce()
	}
	return web.SubmitAgain(form.Get("idempotency_key"))
}

func version(form url.Values) int64 {
	n, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		return 0 // a version that nobody has: stale
	}
	return n
}

func (s *Service) listExpeditions(w http.ResponseWriter, r *http.Request) error {
	return s.renderList(w, r, nil, nil)
}

func (s *Service) renderList(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx := r.Context()
	l, err := s.List(ctx)
	if err != nil {
		return err
	}
	circles, err := s.MyCircles(ctx)
	if err != nil {
		return err
	}
	page := web.Page{
		Title: i18n.T(ctx, "expedition.list.title"), Lede: i18n.T(ctx, "expedition.list.lede"),
		Room: "expedition", Refused: len(refused) > 0, Index: true,
	}
	return web.Render(w, r, refused.Status(), web.Layout(page, listPage(l, circles, form, refused)))
}

func draftOf(form url.Values) Draft {
	return Draft{
		Name: form.Get("name"), Question: form.Get("question"), Lang: form.Get("lang"), Visibility: Visibility(form.Get("visibility")),
		Licence: form.Get("licence"), Circle: kernel.CircleID(form.Get("circle")),
	}
}

func (s *Service) createExpedition(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, err := s.Create(r.Context(), draftOf(form))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderList(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(id), "expedition.made")
}

func (s *Service) askCode(w http.ResponseWriter, r *http.Request) error {
	return s.renderJoin(w, r, "", nil)
}

func (s *Service) renderJoin(w http.ResponseWriter, r *http.Request, typed string, refused web.Refusals) error {
	ctx := r.Context()
	page := web.Page{Title: i18n.T(ctx, "expedition.join.title"), Lede: i18n.T(ctx, "expedition.join.lede"), Room: "expedition", Refused: len(refused) > 0}
	return web.Render(w, r, refused.Status(), web.Layout(page, joinPage(typed, refused)))
}

func (s *Service) takeCode(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, code, err := s.Knock(r.Context(), web.ClientKey(r.Context()), form.Get("code"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderJoin(w, r, form.Get("code"), refused)
	}
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{
		Name: guestCookie, Value: code, Path: "/", MaxAge: 12 * 3600, HttpOnly: true,
		Secure: strings.HasPrefix(s.Base, "https://"), SameSite: http.SameSiteLaxMode,
	})
	return web.SeeOther(w, r, path(id), "expedition.joined")
}

func (s *Service) showExpedition(w http.ResponseWriter, r *http.Request) error {
	return s.renderOverview(w, r, nil, nil)
}

func (s *Service) renderOverview(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx := r.Context()
	b, err := s.open(r)
	if err != nil {
		return err
	}
	credits, mine, err := s.Credits(ctx, b.ID)
	if err != nil {
		return err
	}
	if form != nil {
		mine = form.Get("named")
	}
	circles, err := s.MyCircles(ctx)
	if err != nil {
		return err
	}
	p := frame(ctx, b, b.Name)
	p.Head, p.Up, p.Lede, p.Under, p.Refused = b.Name, web.Link{Path: "/expeditions"}, b.Question, overviewMarks(b), len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(p, overviewPage(b, circles, credits, mine, form, refused)))
}

func (s *Service) showSettings(w http.ResponseWriter, r *http.Request) error {
	return s.renderSettings(w, r, nil, nil)
}

func (s *Service) renderSettings(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx := r.Context()
	v, err := s.Settings(ctx, idOf(r))
	if err != nil {
		return err
	}
	b, err := s.open(r)
	if err != nil {
		return err
	}
	if form == nil {
		form = url.Values{"name": {v.Name}, "question": {v.Question}, "lang": {v.Lang}, "visibility": {string(v.Visibility)}, "licence": {v.Licence}}
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.settings.title"))
	p.Refused, p.Index = len(refused) > 0, false
	return web.Render(w, r, refused.Status(), web.Layout(p, settingsPage(v, form, refused)))
}

func (s *Service) saveSettings(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id := idOf(r)
	err = s.Reframe(r.Context(), id, version(form), draftOf(form))
	if errors.Is(err, errStale) {
		err = errStale.On("name") // what was typed comes back
	}
	return s.settled(w, r, form, err, "expedition.settings.saved")
}

// settled answers a change of settings: the page again with what was refused, or a
// word that it is done.
func (s *Service) settled(w http.ResponseWriter, r *http.Request, form url.Values, err error, said string) error {
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderSettings(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "settings"), said)
}

func (s *Service) addPartner(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = s.AddPartner(r.Context(), idOf(r), kernel.CircleID(form.Get("circle")))
	return s.settled(w, r, nil, err, "expedition.partner.added")
}

func (s *Service) dropPartner(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	err := s.DropPartner(r.Context(), idOf(r), kernel.CircleID(r.PathValue("circle")))
	return s.settled(w, r, nil, err, "expedition.partner.ended")
}

func (s *Service) giveRole(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = s.GiveRole(r.Context(), idOf(r), kernel.PersonID(r.PathValue("person")), Role(form.Get("role")))
	return s.settled(w, r, nil, err, "expedition.role.given")
}

func (s *Service) turnDoor(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if form.Get("open") == "" {
		return s.settled(w, r, nil, s.CloseDoor(r.Context(), idOf(r)), "expedition.door.closed")
	}
	return s.settled(w, r, nil, s.OpenDoor(r.Context(), idOf(r)), "expedition.door.opened")
}

func (s *Service) nameMe(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = s.NameMe(r.Context(), idOf(r), form.Get("named"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderOverview(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r)), "expedition.credit.saved")
}

func (s *Service) askDelete(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := s.May(ctx, idOf(r), Lead); err != nil {
		return err
	}
	b, err := s.open(r)
	if err != nil {
		return err
	}
	p := frame(ctx, b, i18n.T(ctx, "expedition.delete.title"))
	p.Index = false
	return web.Render(w, r, http.StatusOK, web.Layout(p, deletePage(b)))
}

func (s *Service) deleteExpedition(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := s.Delete(r.Context(), idOf(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/expeditions", "expedition.deleted")
}

// languages are the options of an expedition's language.
func languages(ctx context.Context, chosen string) []web.Option {
	if chosen == "" {
		chosen = i18n.Lang(ctx)
	}
	return web.Choose(chosen, "fr", "Français", "en", "English")
}

func visibilities(ctx context.Context, chosen string) []web.Option {
	if chosen == "" {
		chosen = string(Private)
	}
	var all []web.Option
	for _, v := range Visibilities {
		key := "expedition.visibility." + string(v)
		all = append(all, web.Option{Value: string(v), Text: i18n.T(ctx, key), Help: i18n.T(ctx, key+".help"), Chosen: chosen == string(v)})
	}
	return all
}

func licences(ctx context.Context, chosen string) []web.Option {
	var all []web.Option
	for _, l := range Licences {
		all = append(all, web.Option{Value: l, Text: licence(ctx, l), Chosen: l == chosen})
	}
	return all
}

func circleOptions(ctx context.Context, circles []Circle, chosen string, mine bool) []web.Option {
	var all []web.Option
	if mine {
		all = append(all, web.Option{Text: i18n.T(ctx, "expedition.circle.mine"), Chosen: chosen == ""})
	}
	for _, c := range circles {
		all = append(all, web.Option{Value: string(c.ID), Text: c.Name, Chosen: chosen == string(c.ID)})
	}
	return all
}

func roleOptions(ctx context.Context, given Role) []web.Option {
	all := []web.Option{{Text: i18n.T(ctx, "expedition.role.none"), Chosen: given == Nobody}}
	for _, r := range GivenRoles {
		all = append(all, web.Option{Value: string(r), Text: i18n.T(ctx, "expedition.role."+string(r)), Chosen: r == given})
	}
	return all
}
