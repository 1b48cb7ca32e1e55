package watch

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// Frames gives pages their place inside an expedition, and requests the guest code
// their browser holds.
type Frames interface {
	Enter(r *http.Request) *http.Request
	Page(ctx context.Context, id kernel.ExpeditionID, title string) (web.Page, error)
}

// Pages registers the HTML routes.
func (s *Service) Pages(m *web.Mux) {
	page := func(pattern string, h web.Handler) {
		m.Page(pattern, func(w http.ResponseWriter, r *http.Request) error { return h(w, s.Frames.Enter(r)) })
	}
	page("GET /expeditions/{id}/watch", s.listSignals)
	page("POST /expeditions/{id}/watch", s.addSignal)
	page("GET /expeditions/{id}/watch/new", s.newSignal)
	page("GET /expeditions/{id}/watch/signals/{signal}", s.showSignal)
	page("POST /expeditions/{id}/watch/signals/{signal}", s.markSignal)
	page("POST /expeditions/{id}/watch/signals/{signal}/sort", s.sortSignal)
	page("POST /expeditions/{id}/watch/signals/{signal}/unfold", s.unfoldSignal)
	page("POST /expeditions/{id}/watch/signals/{signal}/reread", s.rereadSignal)
	page("POST /expeditions/{id}/watch/signals/{signal}/notes", s.addNote)
	page("POST /expeditions/{id}/watch/signals/{signal}/notes/{note}/remove", s.removeNote)
	page("GET /expeditions/{id}/watch/signals/{signal}/notes.json", s.giveNotes)
	page("GET /expeditions/{id}/watch/feeds", s.listFeeds)
	page("POST /expeditions/{id}/watch/feeds", s.addFeed)
	page("POST /expeditions/{id}/watch/feeds/{feed}/remove", s.removeFeed)
	page("POST /expeditions/{id}/watch/refresh", s.refreshFeeds)
	page("GET /expeditions/{id}/watch/files", s.askFile)
	page("GET /expeditions/{id}/watch/files/{format}", s.giveFile)
	page("GET /expeditions/{id}/watch/reviews", s.listReviews)
	page("POST /expeditions/{id}/watch/reviews", s.publishReview)
	page("GET /expeditions/{id}/watch/reviews.atom", s.feedReviews)
	page("GET /expeditions/{id}/watch/reviews/{review}", s.showReview)
	page("GET /expeditions/{id}/watch/reviews/{review}/text", s.reviewText)
	page("POST /expeditions/{id}/watch/reviews/{review}/send", s.sendReview)
	page("POST /expeditions/{id}/watch/reviews/{review}/remove", s.removeReview)
	m.Upload("POST /expeditions/{id}/watch/files", mostFile+1<<20, func(w http.ResponseWriter, r *http.Request) error { return s.takeFile(w, s.Frames.Enter(r)) })
}

func idOf(r *http.Request) kernel.ExpeditionID { return kernel.ExpeditionID(r.PathValue("id")) }

// path is a page of the watch.
func path(id kernel.ExpeditionID, rest ...string) string {
	p := "/expeditions/" + url.PathEscape(string(id)) + "/watch"
	for _, r := range rest {
		p += "/" + url.PathEscape(r)
	}
	return p
}

// Path is the first page of the watch of an expedition.
func Path(id kernel.ExpeditionID) string { return path(id) }

// SignalPath is the page of a signal.
func SignalPath(id kernel.ExpeditionID, signal string) string { return path(id, "signals", signal) }

// KindOf says in words what a signal is.
func KindOf(ctx context.Context, g Signal) string {
	if g.Grade == "" {
		return i18n.T(ctx, "watch.signal")
	}
	return i18n.T(ctx, "watch.grade."+string(g.Grade))
}

// again keeps the key of a form that comes back.
func again(form url.Values) templ.Component {
	if form == nil {
		return web.SubmitOnce()
	}
	return web.SubmitAgain(form.Get("idempotency_key"))
}

// render shows a page inside the expedition, with a form's faults.
func (s *Service) render(w http.ResponseWriter, r *http.Request, title, lede string, refused web.Refusals, body templ.Component) error {
	page, err := s.Frames.Page(r.Context(), idOf(r), title)
	if err != nil {
		return err
	}
	page.Lede, page.Refused = lede, len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(page, body))
}

// mayWatch reports whether the actor may change the watch: which forms are shown.
func (s *Service) mayWatch(ctx context.Context, id kernel.ExpeditionID) bool {
	return s.Expeditions.May(ctx, id, watch) == nil
}

type listView struct {
	ID      kernel.ExpeditionID
	Ask     Ask
	All     []Listed
	Next    string
	Axes    []Axis
	Counts  map[State]int
	May     bool
	Form    url.Values
	Refused web.Refusals
	Mark    templ.SafeURL // the bookmarklet
}

func (s *Service) listSignals(w http.ResponseWriter, r *http.Request) error {
	return s.renderList(w, r, nil, nil)
}

func (s *Service) newSignal(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return s.renderList(w, r, url.Values{"address": {q.Get("address")}, "title": {q.Get("title")}}, nil)
}

func askOf(q url.Values) Ask {
	a := Ask{State: State(q.Get("state")), Grade: Grade(q.Get("grade")), Axis: q.Get("axis"), Tag: oneLine(q.Get("tag")), Words: q.Get("words"), After: q.Get("after")}
	if !slices.Contains(States, a.State) {
		a.State = ""
	}
	if !slices.Contains(Grades, a.Grade) {
		a.Grade = ""
	}
	return a
}

func (s *Service) renderList(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx, id := r.Context(), idOf(r)
	v := listView{ID: id, Ask: askOf(r.URL.Query()), Form: form, Refused: refused, May: s.mayWatch(ctx, id)}
	var err error
	if v.All, v.Next, err = s.List(ctx, id, v.Ask); err != nil {
		return err
	}
	if v.Axes, err = s.Expeditions.Axes(ctx, id); err != nil {
		return err
	}
	if v.Counts, err = s.Counts(ctx, id); err != nil {
		return err
	}
	v.Mark = templ.SafeURL("javascript:location.href='" + s.Base + path(id, "new") + "?address='+encodeURIComponent(location.href)+'&title='+encodeURIComponent(document.title)")
	return s.render(w, r, i18n.T(ctx, "watch.title"), i18n.T(ctx, "watch.lede"), refused, listPage(v))
}

// next is the address of the page that follows, with the same choices.
func (v listView) next() string {
	q := url.Values{"after": {v.Next}}
	for name, value := range map[string]string{"state": string(v.Ask.State), "grade": string(v.Ask.Grade), "axis": v.Ask.Axis, "tag": v.Ask.Tag} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return path(v.ID) + "?" + q.Encode()
}

func draftOf(form url.Values) (Draft, error) {
	at, err := web.Date(form, "published")
	d := Draft{
		Address: form.Get("address"), Title: form.Get("title"), Author: form.Get("author"), Note: form.Get("note"), Published: at,
		State: State(form.Get("state")), Grade: Grade(form.Get("grade")), Axis: form.Get("axis"), Tags: strings.Split(form.Get("tags"), ","),
	}
	if n, e := strconv.ParseInt(form.Get("version"), 10, 64); e == nil {
		d.Version = n
	}
	return d, err
}

func (s *Service) addSignal(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	d, wrong := draftOf(form)
	made := ""
	if wrong == nil {
		made, wrong = s.Add(r.Context(), idOf(r), d)
	}
	if refused := web.Refused(wrong); len(refused) > 0 {
		return s.renderList(w, r, form, refused)
	}
	if wrong != nil {
		return wrong
	}
	return web.SeeOther(w, r, path(idOf(r), "signals", made), "watch.added")
}

type signalView struct {
	ID      kernel.ExpeditionID
	Show    Show
	Axes    []Axis
	May     bool
	Form    url.Values // what was typed of the signal
	Note    url.Values // what was typed of a note
	Refused web.Refusals
}

func (s *Service) showSignal(w http.ResponseWriter, r *http.Request) error {
	return s.renderSignal(w, r, nil, nil, nil)
}

func (s *Service) renderSignal(w http.ResponseWriter, r *http.Request, form, note url.Values, refused web.Refusals) error {
	ctx, id := r.Context(), idOf(r)
	v := signalView{ID: id, Form: form, Note: note, Refused: refused, May: s.mayWatch(ctx, id)}
	var err error
	if v.Show, err = s.Show(ctx, id, r.PathValue("signal")); err != nil {
		return err
	}
	if v.Axes, err = s.Expeditions.Axes(ctx, id); err != nil {
		return err
	}
	if form == nil {
		g := v.Show.Signal
		v.Form = url.Values{
			"address": {g.Address}, "title": {g.Title}, "author": {g.Author}, "note": {g.Note}, "published": {string(g.Published)}, "state": {string(g.State)},
			"grade": {string(g.Grade)}, "axis": {g.Axis}, "tags": {strings.Join(g.Tags, ", ")}, "version": {strconv.FormatInt(g.Version, 10)},
		}
	}
	return s.render(w, r, v.Show.Title, "", refused, signalPage(v))
}

func (s *Service) markSignal(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	d, wrong := draftOf(form)
	signal := r.PathValue("signal")
	if wrong == nil {
		wrong = s.Mark(r.Context(), idOf(r), signal, d)
	}
	if refused := web.Refused(wrong); len(refused) > 0 {
		return s.renderSignal(w, r, form, nil, refused)
	}
	if wrong != nil {
		return wrong
	}
	return web.SeeOther(w, r, path(idOf(r), "signals", signal), "watch.marked")
}

// act reads a form that only asks for something, does it, and goes to.
func act(w http.ResponseWriter, r *http.Request, to, said string, do func(ctx context.Context, form url.Values) error) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := do(r.Context(), form); err != nil {
		return err
	}
	return web.SeeOther(w, r, to, said)
}

func (s *Service) sortSignal(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, path(idOf(r))+"?state=new", "watch.sorted", func(ctx context.Context, form url.Values) error {
		return s.Sort(ctx, idOf(r), r.PathValue("signal"), State(form.Get("state")))
	})
}

func (s *Service) unfoldSignal(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, path(idOf(r), "signals", r.PathValue("signal")), "watch.unfolded", func(ctx context.Context, _ url.Values) error {
		return s.Unfold(ctx, idOf(r), r.PathValue("signal"))
	})
}

func (s *Service) rereadSignal(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, path(idOf(r), "signals", r.PathValue("signal")), "watch.asked", func(ctx context.Context, _ url.Values) error {
		return s.Reread(ctx, idOf(r), r.PathValue("signal"))
	})
}

func (s *Service) addNote(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = s.Highlight(r.Context(), idOf(r), r.PathValue("signal"), form.Get("quote"), form.Get("body"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderSignal(w, r, nil, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "signals", r.PathValue("signal")), "watch.noted")
}

func (s *Service) removeNote(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, path(idOf(r), "signals", r.PathValue("signal")), "watch.note.removed", func(ctx context.Context, _ url.Values) error {
		return s.Unhighlight(ctx, idOf(r), r.PathValue("signal"), r.PathValue("note"))
	})
}

func (s *Service) giveNotes(w http.ResponseWriter, r *http.Request) error {
	v, err := s.Show(r.Context(), idOf(r), r.PathValue("signal"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", `application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"`)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(Annotations(v))
}

type feedsView struct {
	ID      kernel.ExpeditionID
	Feeds   []Feed
	May     bool
	Form    url.Values
	Refused web.Refusals
}

func (s *Service) listFeeds(w http.ResponseWriter, r *http.Request) error {
	return s.renderFeeds(w, r, nil, nil)
}

func (s *Service) renderFeeds(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx, id := r.Context(), idOf(r)
	feeds, err := s.Feeds(ctx, id)
	if err != nil {
		return err
	}
	return s.render(w, r, i18n.T(ctx, "watch.feeds.title"), i18n.T(ctx, "watch.feeds.lede"), refused, feedsPage(feedsView{id, feeds, s.mayWatch(ctx, id), form, refused}))
}

func (s *Service) addFeed(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	_, err = s.Follow(r.Context(), idOf(r), form.Get("address"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderFeeds(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "feeds"), "watch.followed")
}

func (s *Service) removeFeed(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, path(idOf(r), "feeds"), "watch.unfollowed", func(ctx context.Context, _ url.Values) error {
		return s.Unfollow(ctx, idOf(r), r.PathValue("feed"))
	})
}

func (s *Service) refreshFeeds(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, path(idOf(r), "feeds"), "watch.asked", func(ctx context.Context, _ url.Values) error {
		return s.Refresh(ctx, idOf(r))
	})
}

func (s *Service) askFile(w http.ResponseWriter, r *http.Request) error {
	return s.renderFile(w, r, nil, nil)
}

func (s *Service) renderFile(w http.ResponseWriter, r *http.Request, came *Arrival, refused web.Refusals) error {
	ctx, id := r.Context(), idOf(r)
	return s.render(w, r, i18n.T(ctx, "watch.files.title"), i18n.T(ctx, "watch.files.lede"), refused, filesPage(id, came, s.mayWatch(ctx, id), refused))
}

func (s *Service) takeFile(w http.ResponseWriter, r *http.Request) error {
	_, files, err := web.ReadUpload(r, web.Limits{File: mostFile, Total: mostFile, Files: 1}, "files")
	if err != nil {
		return err
	}
	var raw []byte
	if len(files) > 0 {
		raw = files[0].Body
	}
	came, err := s.Take(r.Context(), idOf(r), raw)
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderFile(w, r, nil, refused)
	}
	if err != nil {
		return err
	}
	return s.renderFile(w, r, &came, nil)
}

var errNoFormat = kernel.NewFault(kernel.NotFound, "watch.no_format")

func (s *Service) giveFile(w http.ResponseWriter, r *http.Request) error {
	format := r.PathValue("format")
	f, ok := Formats[format]
	if !ok {
		return errNoFormat
	}
	var b strings.Builder
	if err := s.Give(r.Context(), &b, idOf(r), format); err != nil {
		return err
	}
	w.Header().Set("Content-Type", f.Media)
	w.Header().Set("Content-Disposition", `attachment; filename="`+f.Name+`"`)
	_, err := io.WriteString(w, b.String())
	return err
}

type reviewsView struct {
	ID      kernel.ExpeditionID
	All     []Review
	Picks   []Rubric // nil for who may only read
	Form    url.Values
	Refused web.Refusals
}

func (s *Service) listReviews(w http.ResponseWriter, r *http.Request) error {
	return s.renderReviews(w, r, nil, nil)
}

func (s *Service) renderReviews(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx, id := r.Context(), idOf(r)
	v := reviewsView{ID: id, Form: form, Refused: refused}
	var err error
	if v.All, err = s.Reviews(ctx, id); err != nil {
		return err
	}
	if s.mayWatch(ctx, id) {
		if v.Picks, err = s.Picks(ctx, id); err != nil {
			return err
		}
	}
	return s.render(w, r, i18n.T(ctx, "watch.reviews.title"), i18n.T(ctx, "watch.reviews.lede"), refused, reviewsPage(v))
}

func (s *Service) publishReview(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	made, err := s.Publish(r.Context(), idOf(r), form.Get("title"), form.Get("words"), form["signals"])
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderReviews(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(idOf(r), "reviews", made), "watch.review.made")
}

func (s *Service) showReview(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), idOf(r)
	v, err := s.Review(ctx, id, r.PathValue("review"))
	if err != nil {
		return err
	}
	return s.render(w, r, v.Title, i18n.Day(ctx, v.MadeAt), nil, reviewPage(id, v, s.mayWatch(ctx, id)))
}

func (s *Service) reviewText(w http.ResponseWriter, r *http.Request) error {
	v, err := s.Review(r.Context(), idOf(r), r.PathValue("review"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/markdown; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="review.md"`)
	_, err = io.WriteString(w, Markdown(v, i18n.T(r.Context(), "watch.axis.none")))
	return err
}

func (s *Service) sendReview(w http.ResponseWriter, r *http.Request) error {
	to := path(idOf(r), "reviews", r.PathValue("review"))
	return act(w, r, to, "watch.review.sent", func(ctx context.Context, _ url.Values) error {
		return s.Send(ctx, idOf(r), r.PathValue("review"), to, i18n.T(ctx, "watch.axis.none"))
	})
}

func (s *Service) removeReview(w http.ResponseWriter, r *http.Request) error {
	return act(w, r, path(idOf(r), "reviews"), "watch.review.removed", func(ctx context.Context, _ url.Values) error {
		return s.Withdraw(ctx, idOf(r), r.PathValue("review"))
	})
}

// atomFeed is the reviews as others subscribe to them (RFC 4287).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Content struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	} `xml:"content"`
}

// feedLength is how many reviews the feed holds.
const feedLength = 20

func (s *Service) feedReviews(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), idOf(r)
	all, err := s.Reviews(ctx, id)
	if err != nil {
		return err
	}
	names, err := s.Expeditions.Names(ctx, []kernel.ExpeditionID{id})
	if err != nil {
		return err
	}
	f := atomFeed{
		ID: s.Base + path(id, "reviews.atom"), Title: i18n.T(ctx, "watch.reviews.of", "name", names[id]), Updated: time.Unix(0, 0).UTC().Format(time.RFC3339),
		Author: names[id], Links: []atomLink{{"self", s.Base + path(id, "reviews.atom")}, {"alternate", s.Base + path(id, "reviews")}},
	}
	for i, head := range all[:min(len(all), feedLength)] {
		v, err := s.Review(ctx, id, head.ID)
		if err != nil {
			return err
		}
		where := s.Base + path(id, "reviews", v.ID)
		e := atomEntry{ID: where, Title: v.Title, Updated: v.MadeAt.UTC().Format(time.RFC3339), Link: atomLink{"alternate", where}}
		e.Content.Type, e.Content.Text = "text", Markdown(v, i18n.T(ctx, "watch.axis.none"))
		if f.Entries = append(f.Entries, e); i == 0 {
			f.Updated = e.Updated
		}
	}
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	x := xml.NewEncoder(w)
	x.Indent("", " ")
	return errors.Join(x.Encode(f), x.Close())
}

// axisOptions are the axes of the map, for a choice; first is what no axis is called.
func axisOptions(axes []Axis, chosen, first string) []web.Option {
	out := []web.Option{{Value: "", Text: first, Chosen: chosen == ""}}
	for _, a := range axes {
		out = append(out, web.Option{Value: a.ID, Text: a.Title, Chosen: a.ID == chosen})
	}
	return out
}

func gradeOptions(ctx context.Context, chosen, first string) []web.Option {
	out := []web.Option{{Value: "", Text: first, Chosen: chosen == ""}}
	for _, g := range Grades {
		out = append(out, web.Option{Value: string(g), Text: i18n.T(ctx, "watch.grade."+string(g)), Chosen: string(g) == chosen})
	}
	return out
}

func stateOptions(ctx context.Context, chosen string) []web.Option {
	var out []web.Option
	for _, g := range States {
		out = append(out, web.Option{Value: string(g), Text: i18n.T(ctx, "watch.state."+string(g)), Chosen: string(g) == chosen})
	}
	return out
}

// factsOf is a signal on one line: site, author, date, axis, tags.
func factsOf(ctx context.Context, axes []Axis, g Signal) string {
	facts := []string{g.Host()}
	if g.Author != "" {
		facts = append(facts, g.Author)
	}
	if g.Published != "" {
		facts = append(facts, i18n.Date(ctx, g.Published))
	}
	for _, a := range axes {
		if a.ID == g.Axis {
			facts = append(facts, a.Title)
		}
	}
	for _, t := range g.Tags {
		facts = append(facts, "#"+t)
	}
	return strings.Join(facts, " · ")
}

// pickOptions are the signals a review may hold, all chosen at first.
func pickOptions(v reviewsView) []web.Option {
	var out []web.Option
	for _, rubric := range v.Picks {
		for _, g := range rubric.Signals {
			o := web.Option{Value: g.ID, Text: g.Title, Help: fmt.Sprintf("%s, %s", orDash(rubric.Title), g.Host()), Chosen: v.Form == nil || slices.Contains(v.Form["signals"], g.ID)}
			out = append(out, o)
		}
	}
	return out
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
