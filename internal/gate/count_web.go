package gate

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// countPages are the pages of counts: those one is asked for, and those of a circle.
func (s *Service) countPages(m *web.Mux) {
	m.Page("GET /portillon/counts", s.showCounts)
	m.Page("GET /portillon/counts/{id}", s.showCount)
	m.Page("POST /portillon/counts/{id}/answer", s.answerCount)
	m.Page("POST /portillon/counts/{id}/take-back", s.takeBack)
	m.Page("POST /portillon/counts/{id}/settle", s.settleNow)
	m.Page("POST /portillon/counts/{id}/drop", s.dropCount)
	m.Page("GET /portillon/circles/{id}/counts", s.showCircleCounts)
	m.Page("GET /portillon/circles/{id}/counts/new", s.newCount)
	m.Page("POST /portillon/circles/{id}/counts", s.saveCount)
}

func (s *Service) showCounts(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	counts, err := s.Counts(ctx, "")
	if err != nil {
		return err
	}
	page := frame(ctx, i18n.T(ctx, "gate.counts.title"), i18n.T(ctx, "gate.counts.lede"))
	return web.Render(w, r, http.StatusOK, web.Layout(page, countsPage(counts, true)))
}

func circleCounts(id kernel.CircleID) string { return "/portillon/circles/" + string(id) + "/counts" }

func (s *Service) showCircleCounts(w http.ResponseWriter, r *http.Request) error {
	ctx, circle := r.Context(), kernel.CircleID(r.PathValue("id"))
	counts, err := s.Counts(ctx, circle)
	if err != nil {
		return err
	}
	names, err := s.Circles.CircleNames(ctx, []kernel.CircleID{circle})
	if err != nil {
		return err
	}
	keeps := s.keeper(ctx, circle) == nil
	page := web.Page{Title: i18n.T(ctx, "gate.counts.of", "circle", names[circle]), Lede: i18n.T(ctx, "gate.counts.lede"), Room: "cercles"}
	page.Up = web.Link{Path: "/circles/" + string(circle), Text: names[circle]}
	return web.Render(w, r, http.StatusOK, web.Layout(page, circleCountsPage(circle, counts, keeps)))
}

// countForm is a count being asked for.
type countForm struct {
	Circle  kernel.CircleID
	Purpose string
	Asked   []string
	Words   string
	Until   string
	Least   string
	Refused web.Refusals
	Key     string
}

func (s *Service) newCount(w http.ResponseWriter, r *http.Request) error {
	later := s.DB.Now().In(kernel.ActorFrom(r.Context()).Location()).AddDate(0, 0, 14)
	return s.composeCount(w, r, http.StatusOK, countForm{Asked: []string{"kinds"}, Until: later.Format(time.DateOnly)})
}

func (s *Service) composeCount(w http.ResponseWriter, r *http.Request, code int, cf countForm) error {
	ctx := r.Context()
	cf.Circle = kernel.CircleID(r.PathValue("id"))
	if err := s.keeper(ctx, cf.Circle); err != nil {
		return err
	}
	cf.Least = s.DB.Now().In(kernel.ActorFrom(ctx).Location()).Format(time.DateOnly)
	page := web.Page{Title: i18n.T(ctx, "gate.count.new"), Lede: i18n.T(ctx, "gate.count.new.lede"), Room: "cercles"}
	page.Up = web.Link{Path: circleCounts(cf.Circle), Text: i18n.T(ctx, "gate.counts.title")}
	page.Refused = len(cf.Refused) > 0
	return web.Render(w, r, code, web.Layout(page, countNewPage(cf)))
}

func (s *Service) saveCount(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	cf := countForm{Purpose: form.Get("purpose"), Asked: form["questions"], Words: form.Get("words"), Until: form.Get("until"), Key: form.Get("idempotency_key")}
	c, err := s.OpenCount(r.Context(), CountAsk{
		Circle: kernel.CircleID(r.PathValue("id")), Purpose: cf.Purpose, Questions: cf.Asked, Words: wordsTyped(form), Until: cf.Until,
	})
	if cf.Refused = web.Refused(err); len(cf.Refused) > 0 {
		return s.composeCount(w, r, cf.Refused.Status(), cf)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/portillon/counts/"+c.ID, "gate.count.opened")
}

// wordsTyped reads words apart by commas or lines.
func wordsTyped(form url.Values) []string {
	return strings.FieldsFunc(form.Get("words"), func(r rune) bool { return r == ',' || r == '\n' || r == ';' })
}

// countView is one count as its reader sees it.
type countView struct {
	Count
	Row     Row    // what would be counted of her
	Seen    string // its fingerprint
	Over    bool
	Refused web.Refusals
}

func (s *Service) showCount(w http.ResponseWriter, r *http.Request) error {
	return s.sayCount(w, r, http.StatusOK, nil)
}

func (s *Service) sayCount(w http.ResponseWriter, r *http.Request, code int, refused web.Refusals) error {
	ctx := r.Context()
	c, err := s.CountByID(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := countView{Count: c, Over: c.Over(s.DB.Now()), Refused: refused}
	if c.State == CountOpen {
		if v.Row, v.Seen, err = s.MyRow(ctx, c); err != nil {
			return err
		}
	}
	page := frame(ctx, i18n.T(ctx, "gate.count.title", "circle", c.CircleName), "")
	page.Up = web.Link{Path: "/portillon/counts", Text: i18n.T(ctx, "gate.counts.title")}
	page.Refused = len(refused) > 0
	return web.Render(w, r, code, web.Layout(page, countPage(v)))
}

func (s *Service) answerCount(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	say := form.Get("say")
	if say != saidYes && say != saidNo {
		err = errCountSay
	} else {
		err = s.Answer(r.Context(), r.PathValue("id"), say == saidYes, form.Get("row"))
	}
	if refused := web.Refused(err); len(refused) > 0 {
		return s.sayCount(w, r, refused.Status(), refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/portillon/counts/"+r.PathValue("id"), "gate.count.said_"+say)
}

var errCountSay = kernel.NewFault(kernel.Invalid, "gate.count.say").On("say")

func (s *Service) takeBack(w http.ResponseWriter, r *http.Request) error {
	return s.actOn(w, r, s.TakeBack, "gate.count.taken_back")
}

func (s *Service) dropCount(w http.ResponseWriter, r *http.Request) error {
	return s.actOn(w, r, s.DropCount, "gate.count.given_up")
}

func (s *Service) settleNow(w http.ResponseWriter, r *http.Request) error {
	settle := func(ctx context.Context, id string) error {
		_, err := s.SettleCount(ctx, id)
		return err
	}
	return s.actOn(w, r, settle, "gate.count.settled")
}

// actOn does one thing to a count and shows it again.
func (s *Service) actOn(w http.ResponseWriter, r *http.Request, act func(context.Context, string) error, said string) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := act(r.Context(), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/portillon/counts/"+id, said)
}

// cellName is what a cell is called; the words of a circle are their own names.
func cellName(ctx context.Context, question, cell string) string {
	switch question {
	case askWords:
		return cell
	case "kinds":
		return i18n.T(ctx, "gate.kind_"+cell)
	}
	return i18n.T(ctx, "gate.count."+question+"_"+cell)
}

// rowText says what a row gives to one question.
func rowText(ctx context.Context, question string, cells []string) string {
	if len(cells) == 0 {
		return i18n.T(ctx, "gate.count.nothing")
	}
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = cellName(ctx, question, c)
	}
	return i18n.List(ctx, names...)
}

func questionOptions(ctx context.Context, cf countForm) []web.Option {
	var all []web.Option
	for _, code := range Questions() {
		all = append(all, web.Option{
			Value: code, Text: i18n.T(ctx, "gate.count.ask."+code), Help: i18n.T(ctx, "gate.count.help."+code), Chosen: slices.Contains(cf.Asked, code),
		})
	}
	return all
}

// countLine says in a list how far a count is, and what its reader said.
func countLine(ctx context.Context, c Count) string {
	if c.State != CountOpen {
		return i18n.T(ctx, "gate.count.is_"+c.State, "day", i18n.FullDay(ctx, c.Settled))
	}
	mine := c.Mine
	if mine == "" {
		mine = "nothing"
	}
	return i18n.T(ctx, "gate.count.is_open", "day", i18n.FullDay(ctx, c.Until)) + " " + i18n.T(ctx, "gate.count.mine_"+mine)
}
