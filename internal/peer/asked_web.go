package peer

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// askedView is a request with the ways to answer it.
type askedView struct {
	Asked   Asked
	Base    string // where the forms are posted
	SignIn  string // for a visitor who has an account
	Writes  bool   // the actor may write the answer here
	Named   bool   // she brings a name of her own: an account
	Values  url.Values
	Refused web.Refusals
}

func (s *Service) showGiven(w http.ResponseWriter, r *http.Request) error {
	return s.renderAsked(w, r, s.ByGrant(grantOf(r)), nil, nil)
}

func grantOf(r *http.Request) kernel.GrantID { return kernel.GrantID(r.PathValue("grant")) }

func (s *Service) showLinked(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodHead {
		return nil // nothing was shown: nothing to note
	}
	if s.Looks != nil && kernel.ActorFrom(r.Context()).IsVisitor() {
		if err := s.Looks.Take(web.ClientKey(r.Context())); err != nil {
			return err
		}
	}
	return s.renderAsked(w, r, s.ByLink(r.PathValue("token")), nil, nil)
}

// renderAsked shows a request at the address it was asked for at.
func (s *Service) renderAsked(w http.ResponseWriter, r *http.Request, door Door, values url.Values, refused web.Refusals) error {
	ctx := r.Context()
	a, err := s.Open(ctx, door)
	if err != nil {
		return err
	}
	actor := kernel.ActorFrom(ctx)
	v := askedView{Asked: a, Base: r.URL.Path, Writes: !actor.IsVisitor() && !a.Self, Named: !isGuest(actor.Person), Values: values, Refused: refused}
	if s.SignIn != "" && actor.IsVisitor() {
		v.SignIn = s.SignIn + "?next=" + url.QueryEscape(r.URL.Path)
	}
	head := loneHead{Title: i18n.T(ctx, "peer.asked.title", "name", aboutName(ctx, a.By)), Lede: i18n.T(ctx, "peer.asked.lede")}
	switch {
	case isGuest(actor.Person):
		head.Up = guestHome(r)
		return renderAlone(w, r, refused, head, askedPage(v))
	case actor.IsVisitor():
		return renderAlone(w, r, refused, head, askedPage(v))
	}
	page := s.inside(ctx, head.Title, head.Lede, writtenPath, "peer.nav.written")
	page.Refused = len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(page, askedPage(v)))
}

// answerOf reads the answer of a form; a date that is none is among the refusals.
func answerOf(form url.Values) (Answer, web.Refusals) {
	var wrong web.Refusals
	date := func(field string) kernel.Date {
		d, err := web.Date(form, field)
		wrong = append(wrong, web.Refused(err)...)
		return d
	}
	a := Answer{Name: form.Get("name"), Relation: form.Get("relation"), Sight: Sight(form.Get("sight")), Words: form.Get("words"), Start: date("start"), End: date("end")}
	for _, v := range form["competences"] {
		n, err := strconv.Atoi(v)
		if err != nil {
			n = -1 // refused with the field
		}
		a.Competences = append(a.Competences, n)
	}
	return a, wrong
}

// answer writes the answer a form brings, and leads on.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, door Door, next string) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, wrong := answerOf(form)
	if len(wrong) > 0 {
		return s.renderAsked(w, r, door, form, wrong)
	}
	_, err = s.Say(r.Context(), door, a)
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderAsked(w, r, door, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, next, "peer.answered")
}

func (s *Service) answerGiven(w http.ResponseWriter, r *http.Request) error {
	return s.answer(w, r, s.ByGrant(grantOf(r)), writtenPath)
}

func (s *Service) answerLinked(w http.ResponseWriter, r *http.Request) error {
	return s.answer(w, r, s.ByLink(r.PathValue("token")), writtenPath)
}

func (s *Service) laterGiven(w http.ResponseWriter, r *http.Request) error {
	if err := s.Later(r.Context(), s.ByGrant(grantOf(r))); err != nil {
		return err
	}
	return web.SeeOther(w, r, writtenPath, "peer.later.done")
}

func (s *Service) declineGiven(w http.ResponseWriter, r *http.Request) error {
	if err := s.Decline(r.Context(), s.ByGrant(grantOf(r))); err != nil {
		return err
	}
	return web.SeeOther(w, r, writtenPath, "peer.decline.done")
}

func (s *Service) laterLinked(w http.ResponseWriter, r *http.Request) error {
	if err := s.Later(r.Context(), s.ByLink(r.PathValue("token"))); err != nil {
		return err
	}
	return web.SeeOther(w, r, askedPath+"done", "peer.later.done")
}

func (s *Service) declineLinked(w http.ResponseWriter, r *http.Request) error {
	if err := s.Decline(r.Context(), s.ByLink(r.PathValue("token"))); err != nil {
		return err
	}
	return web.SeeOther(w, r, askedPath+"done", "peer.decline.done")
}

// showDone is where an answer by link ends: it knows nothing of whose it was.
func (s *Service) showDone(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return renderAlone(w, r, nil, loneHead{Title: i18n.T(ctx, "peer.done.title")}, donePage())
}

// competenceOptions offers the competences of a request, by their places.
func competenceOptions(v askedView) []web.Option {
	all := make([]web.Option, len(v.Asked.Competences))
	for i, c := range v.Asked.Competences {
		n := strconv.Itoa(i)
		all[i] = web.Option{Value: n, Text: c.Name}
		for _, chosen := range v.Values["competences"] {
			all[i].Chosen = all[i].Chosen || chosen == n
		}
	}
	return all
}

func sightOptions(ctx context.Context, v askedView) []web.Option {
	return web.Choose(v.Values.Get("sight"),
		string(FirstHand), i18n.T(ctx, "peer.sight.seen.choose"), string(Reported), i18n.T(ctx, "peer.sight.heard.choose"))
}

// activityFacts is what a request shows of the activity.
func activityFacts(ctx context.Context, a Asked) []web.Fact {
	v := a.Activity
	period := ""
	if v.Start != "" || v.End != "" {
		period = i18n.Period(ctx, kernel.Date(v.Start), kernel.Date(v.End))
	}
	return []web.Fact{
		{Term: i18n.T(ctx, "peer.activity.when"), Text: period},
		{Term: i18n.T(ctx, "peer.activity.organisation"), Text: v.Organisation},
		{Term: i18n.T(ctx, "peer.activity.place"), Text: v.Place},
		{Term: i18n.T(ctx, "peer.activity.with"), Text: v.WithWhom},
		{Term: i18n.T(ctx, "peer.activity.purpose"), Text: v.Purpose},
	}
}

// otherPath is where a request is put off or refused, beside where it is answered.
func otherPath(v askedView, way string) string { return strings.TrimSuffix(v.Base, "/answer") + way }
