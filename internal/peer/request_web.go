package peer

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/web"
)

// askDays is how long a request stays open unless its owner says otherwise.
const askDays = 30

// askForm is a request being written.
type askForm struct {
	Values      url.Values
	Activities  []gate.Item
	Competences []gate.Item // she named in her own room
	Friends     map[kernel.PersonID]string
	Mail        bool
	Refused     web.Refusals
}

func (s *Service) newRequest(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	until := time.Now().In(kernel.ActorFrom(ctx).Location()).AddDate(0, 0, askDays).Format(time.DateOnly)
	values := url.Values{"activity": {r.URL.Query().Get("activity")}, "language": {i18n.Lang(ctx)}, "until": {until}}
	return s.renderAsk(w, r, values, nil)
}

func (s *Service) renderAsk(w http.ResponseWriter, r *http.Request, values url.Values, refused web.Refusals) error {
	ctx := r.Context()
	f := askForm{Values: values, Mail: s.canPost(), Refused: refused}
	var err error
	if f.Activities, f.Competences, f.Friends, err = s.Askable(ctx); err != nil {
		return err
	}
	page := s.inside(ctx, i18n.T(ctx, "peer.ask.title"), i18n.T(ctx, "peer.ask.lede"), home, "peer.nav.words")
	page.Refused = len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(page, askPage(f)))
}

func (s *Service) sendRequest(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	ask := Ask{
		Activity: kernel.ItemID(form.Get("activity")), Name: form.Get("name"), Mail: form.Get("email"), Person: kernel.PersonID(form.Get("person")),
		Message: form.Get("message"), Lang: form.Get("language"), Until: form.Get("until"),
	}
	if ask.Competences, err = s.named(ctx, form); err != nil {
		return err
	}
	q, err := s.Send(ctx, ask)
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderAsk(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, at("requests", q.ID, ""), sentKey(q))
}

// named lists the competences ticked and typed, a line each.
func (s *Service) named(ctx context.Context, form url.Values) ([]Competence, error) {
	_, known, _, err := s.Askable(ctx)
	if err != nil {
		return nil, err
	}
	var all []Competence
	for _, it := range known {
		if slices.Contains(form["known"], string(it.ID)) {
			all = append(all, competenceOf(it.View))
		}
	}
	for line := range strings.Lines(form.Get("competences")) {
		all = append(all, Competence{Name: line})
	}
	return all, nil
}

// sentKey is what is said of a request that was just made.
func sentKey(q Request) string {
	switch {
	case q.Person != "":
		return "peer.request.given"
	case q.Mailed():
		return "peer.request.sent"
	}
	return "peer.request.made"
}

func (s *Service) showRequest(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := s.Request(ctx, itemOf(r))
	if err != nil {
		return err
	}
	page := s.inside(ctx, i18n.T(ctx, "peer.request.title", "name", q.Name), stateSaid(ctx, q), home, "peer.nav.words")
	return web.Render(w, r, http.StatusOK, web.Layout(page, requestPage(q)))
}

func (s *Service) withdrawRequest(w http.ResponseWriter, r *http.Request) error {
	if err := s.Withdraw(r.Context(), itemOf(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, at("requests", itemOf(r), ""), "peer.request.withdrawn")
}

// stateSaid says where a request stands, with the day.
func stateSaid(ctx context.Context, q Request) string {
	day := q.StateAt
	if q.State == Waiting || q.State == Over {
		day = q.Until
	}
	return i18n.T(ctx, "peer.state."+string(q.State), "day", i18n.FullDay(ctx, day))
}

// letterSaid says what became of a letter; "" when there is none.
func letterSaid(ctx context.Context, q Request) string {
	switch {
	case q.Mail == "":
		return ""
	case q.Letter == "":
		return i18n.T(ctx, "peer.letter.none", "address", q.Mail)
	}
	return i18n.T(ctx, map[mail.State]string{
		mail.Waiting: "peer.letter.waiting", mail.Left: "peer.letter.left", mail.Refused: "peer.letter.refused",
	}[q.Letter], "address", q.Mail)
}

// activityOptions offers the activities, the chosen one ticked.
func activityOptions(ctx context.Context, f askForm) []web.Option {
	all := []web.Option{{Text: i18n.T(ctx, "peer.ask.activity.choose")}}
	for _, it := range f.Activities {
		text := it.View.Title
		if period := i18n.Period(ctx, kernel.Date(it.View.Start), kernel.Date(it.View.End)); period != "" {
			text += " (" + period + ")"
		}
		all = append(all, web.Option{Value: string(it.ID), Text: text, Chosen: f.Values.Get("activity") == string(it.ID)})
	}
	return all
}

// knownOptions offers the competences she named, those of the chosen activity first.
func knownOptions(f askForm) []web.Option {
	chosen := kernel.ItemID(f.Values.Get("activity"))
	var near, far []web.Option
	for _, it := range f.Competences {
		o := web.Option{Value: string(it.ID), Text: it.View.Title, Chosen: slices.Contains(f.Values["known"], string(it.ID))}
		if slices.Contains(it.View.Links, chosen) {
			near = append(near, o)
		} else {
			far = append(far, o)
		}
	}
	return append(near, far...)
}

// friendOptions offers the people she shares a circle with, by name.
func friendOptions(ctx context.Context, f askForm) []web.Option {
	var all []web.Option
	for id, name := range f.Friends {
		all = append(all, web.Option{Value: string(id), Text: name, Chosen: f.Values.Get("person") == string(id)})
	}
	slices.SortFunc(all, func(a, b web.Option) int { return strings.Compare(a.Text, b.Text) })
	return append([]web.Option{{Text: i18n.T(ctx, "peer.ask.person.none")}}, all...)
}
