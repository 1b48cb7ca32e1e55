package musette

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) letterPages(m *web.Mux) {
	m.Page("GET /musette/letters", s.listLetters)
	m.Page("GET /musette/letters/new", s.newLetter)
	m.Page("POST /musette/letters", s.saveNewLetter)
	m.Page("GET /musette/letters/{id}/sheet", s.printLetter)
	m.Page("POST /musette/letters/{id}/progress", s.saveProgress)
}

// rightKeys name the rights and say when each serves.
var rightKeys = map[Right][2]string{
	Access:      {"musette.right.access", "musette.right.access.help"},
	Portability: {"musette.right.portability", "musette.right.portability.help"},
	Platform:    {"musette.right.platform", "musette.right.platform.help"},
}

var outcomeKeys = map[Outcome]string{
	Unanswered: "musette.outcome.none", Whole: "musette.outcome.whole", Partial: "musette.outcome.partial",
	Refused: "musette.outcome.refused", Longer: "musette.outcome.longer",
}

// letterLine is a letter in a list: where it stands, in words.
type letterLine struct {
	*Letter
	State State
	Said  string
}

// stands says where a letter stands on a day, and until when.
func stands(ctx context.Context, q *Request, today time.Time) string {
	due := i18n.Date(ctx, kernel.Date(q.Due().Format(time.DateOnly)))
	switch q.State(today) {
	case Draft:
		return i18n.T(ctx, "musette.letter.draft")
	case Waiting:
		return i18n.N(ctx, "musette.letter.waiting", days(today, q.Due()), "due", due)
	case Late:
		return i18n.N(ctx, "musette.letter.late", days(q.Due(), today), "due", due)
	case Done:
		return i18n.T(ctx, "musette.letter.done")
	case Short:
	}
	if q.Outcome == Refused {
		return i18n.T(ctx, "musette.letter.refused")
	}
	return i18n.T(ctx, "musette.letter.partial")
}

// days counts calendar days from one to another.
func days(from, to time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(to).Sub(day(from)).Hours()) / 24
}

func (s *Service) listLetters(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	letters, err := s.Letters(ctx)
	if err != nil {
		return err
	}
	today := s.today(ctx)
	all := make([]letterLine, len(letters))
	for i, l := range letters {
		all[i] = letterLine{l, l.State(today), stands(ctx, &l.Request, today)}
	}
	page := s.frame(ctx, i18n.T(ctx, "musette.letter.many"))
	page.Lede = i18n.T(ctx, "musette.letter.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(page, lettersPage(all)))
}

// letterForm is what a person typed of a letter.
type letterForm struct {
	ID                                             kernel.ItemID
	Version                                        int64
	Key                                            string
	To, Address, Language, Sender, Reference, Asks string
	Rights                                         []string
	Refused                                        web.Refusals
	Theirs                                         []change
}

func readLetterForm(form url.Values) letterForm {
	f := letterForm{
		Key: form.Get("idempotency_key"), To: form.Get("to"), Address: form.Get("address"), Language: form.Get("language"),
		Sender: form.Get("sender"), Reference: form.Get("reference"), Asks: form.Get("detail"), Rights: form["rights"],
	}
	if n, err := strconv.ParseInt(form.Get("version"), 10, 64); err == nil {
		f.Version = n
	}
	return f
}

// request is what was typed; what became of the letter is kept from before.
func (f *letterForm) request(was Request) Request {
	was.To, was.Address, was.Language = strings.TrimSpace(f.To), strings.TrimSpace(f.Address), f.Language
	was.Sender, was.Reference, was.Detail = strings.TrimSpace(f.Sender), strings.TrimSpace(f.Reference), strings.TrimSpace(f.Asks)
	was.Rights = nil
	for _, r := range f.Rights {
		was.Rights = append(was.Rights, Right(r))
	}
	return was
}

func (s *Service) newLetter(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := may(ctx, "write"); err != nil {
		return err
	}
	f := letterForm{Language: i18n.Lang(ctx), Sender: kernel.ActorFrom(ctx).Name, Rights: []string{string(Access)}}
	if right := r.URL.Query().Get("right"); slices.Contains(Rights, Right(right)) {
		f.Rights = []string{right}
	}
	return s.letterForm(w, r, f, http.StatusOK)
}

func (s *Service) letterForm(w http.ResponseWriter, r *http.Request, f letterForm, status int) error {
	ctx := r.Context()
	page := inside(i18n.T(ctx, "musette.letter.add"), web.Link{Path: lettersAt, Text: i18n.T(ctx, "musette.letter.many")})
	page.Lede = i18n.T(ctx, "musette.letter.new.lede")
	if f.ID != "" {
		page = inside(i18n.T(ctx, "musette.edit.title"), web.Link{Path: itemPath(f.ID), Text: i18n.T(ctx, "musette.edit.up")})
	}
	page.Refused = len(f.Refused) > 0 || len(f.Theirs) > 0
	return web.Render(w, r, status, web.Layout(page, letterFormPage(&f)))
}

func (s *Service) saveNewLetter(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	f := readLetterForm(form)
	l, err := s.AddLetter(ctx, f.request(Request{}))
	if err == nil {
		return web.SeeOther(w, r, itemPath(l.ID), "musette.letter.kept")
	}
	return s.refuseLetter(w, r, f, err)
}

func (s *Service) refuseLetter(w http.ResponseWriter, r *http.Request, f letterForm, err error) error {
	if f.Refused = refused(err, &f.Key, "to"); len(f.Refused) > 0 {
		return s.letterForm(w, r, f, f.Refused.Status())
	}
	return err
}

func (s *Service) editLetter(w http.ResponseWriter, r *http.Request, id kernel.ItemID) error {
	l, err := s.Letter(r.Context(), id)
	if err != nil {
		return err
	}
	f := letterForm{ID: id, Version: l.Version, To: l.To, Address: l.Address, Language: l.Language, Sender: l.Sender, Reference: l.Reference, Asks: l.Detail}
	for _, right := range l.Rights {
		f.Rights = append(f.Rights, string(right))
	}
	return s.letterForm(w, r, f, http.StatusOK)
}

func (s *Service) saveLetter(w http.ResponseWriter, r *http.Request, id kernel.ItemID) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	was, err := s.Letter(ctx, id)
	if err != nil {
		return err
	}
	f := readLetterForm(form)
	f.ID = id
	typed := f.request(was.Request)
	if _, err = s.ReviseLetter(ctx, id, f.Version, typed); err == nil {
		return web.SeeOther(w, r, itemPath(id), "musette.letter.changed")
	}
	if errors.Is(err, errStale) {
		pack, packErr := s.pack(ctx)
		if packErr != nil {
			return packErr
		}
		say := newSpeech(ctx, pack)
		f.Version, f.Key, f.Theirs = was.Version, "", changes(say.letterLines(was), say.letterLines(&Letter{Request: typed}))
		return s.letterForm(w, r, f, http.StatusConflict)
	}
	return s.refuseLetter(w, r, f, err)
}

// letterView is a letter to be read, printed and followed.
type letterView struct {
	*Letter
	State    State
	Said     string
	Next     []string // what to do now
	Today    string
	Progress progressForm
	Lang     string // of the letter
}

// progressForm is what became of a letter, as it is kept or was typed.
type progressForm struct {
	Key, Sent, Answered, Outcome string
	Refused                      web.Refusals
	Stale                        bool
}

func (s *Service) letterView(ctx context.Context, it *gate.Item) (*letterView, error) {
	l, err := letterOf(it)
	if err != nil {
		return nil, err
	}
	today := s.today(ctx)
	v := &letterView{
		Letter: l, State: l.State(today), Said: stands(ctx, &l.Request, today), Lang: l.Language, Today: today.Format(time.DateOnly),
		Progress: progressForm{Sent: string(l.Sent), Answered: string(l.Answered), Outcome: string(l.Outcome)},
	}
	v.Next = v.next(ctx)
	return v, nil
}

// printLetter shows the letter alone.
func (s *Service) printLetter(w http.ResponseWriter, r *http.Request) error {
	it, err := s.one(r.Context(), itemID(r))
	if err != nil {
		return err
	}
	v, err := s.letterView(r.Context(), &it)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, letterSheet(v))
}

// next says what can be done now.
func (v *letterView) next(ctx context.Context) []string {
	switch v.State {
	case Draft:
		return []string{i18n.T(ctx, "musette.letter.next.send"), i18n.T(ctx, "musette.letter.next.proof")}
	case Waiting:
		return []string{i18n.T(ctx, "musette.letter.next.wait"), i18n.T(ctx, "musette.letter.next.identity")}
	case Late:
		return []string{i18n.T(ctx, "musette.letter.next.remind"), i18n.T(ctx, "musette.letter.next.complain"), i18n.T(ctx, "musette.letter.next.others")}
	case Short:
		return []string{i18n.T(ctx, "musette.letter.next.why"), i18n.T(ctx, "musette.letter.next.complain"), i18n.T(ctx, "musette.letter.next.others")}
	case Done:
	}
	return []string{i18n.T(ctx, "musette.letter.next.import")}
}

func (v *letterView) outcomes(ctx context.Context) []web.Option {
	var all []web.Option
	for _, o := range Outcomes {
		all = append(all, web.Option{Value: string(o), Text: i18n.T(ctx, outcomeKeys[o]), Chosen: string(o) == v.Progress.Outcome})
	}
	return all
}

func (f *letterForm) rights(ctx context.Context) web.Group {
	g := web.Group{Name: "rights", Legend: i18n.T(ctx, "musette.letter.rights"), Help: i18n.T(ctx, "musette.letter.rights.help"), Refused: f.Refused}
	for _, right := range Rights {
		g.Options = append(g.Options, web.Option{Value: string(right), Text: i18n.T(ctx, rightKeys[right][0]), Help: i18n.T(ctx, rightKeys[right][1]), Chosen: slices.Contains(f.Rights, string(right))})
	}
	return g
}

// saveProgress notes what became of a letter.
func (s *Service) saveProgress(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	id := itemID(r)
	was, err := s.Letter(ctx, id)
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		return errStale.Because(err)
	}
	f := progressForm{Key: form.Get("idempotency_key"), Sent: form.Get("sent"), Answered: form.Get("answered"), Outcome: form.Get("outcome")}
	q := was.Request
	sent, sentErr := web.Date(form, "sent")
	answered, answeredErr := web.Date(form, "answered")
	q.Sent, q.Answered, q.Outcome = sent, answered, Outcome(f.Outcome)
	if err = errors.Join(sentErr, answeredErr); err == nil {
		if _, err = s.ReviseLetter(ctx, id, number, q); err == nil {
			return web.SeeOther(w, r, itemPath(id), "musette.letter.followed")
		}
	}
	f.Stale = errors.Is(err, errStale)
	if f.Refused = web.Refused(err); len(f.Refused) == 0 && !f.Stale {
		return err
	}
	return s.progressAgain(w, r, id, f, web.Status(err))
}

func (s *Service) progressAgain(w http.ResponseWriter, r *http.Request, id kernel.ItemID, f progressForm, status int) error {
	ctx := r.Context()
	now, past, err := s.History(ctx, id)
	if err != nil {
		return err
	}
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	v, err := s.itemView(ctx, newSpeech(ctx, pack), &now, past)
	if err != nil {
		return err
	}
	v.Letter.Progress = f
	page := inside(v.Name, web.Link{Path: v.Up, Text: v.UpText})
	page.Refused = true
	return web.Render(w, r, status, web.Layout(page, itemPage(v)))
}

// letterLines are the lines of a letter for its history.
func (say *speech) letterLines(l *Letter) []line {
	ctx := say.ctx
	var rights []string
	for _, right := range l.Rights {
		if keys, ok := rightKeys[right]; ok {
			rights = append(rights, i18n.T(ctx, keys[0]))
		}
	}
	outcome := ""
	if l.Outcome != Unanswered {
		outcome = i18n.T(ctx, outcomeKeys[l.Outcome])
	}
	return []line{
		{Name: "title", Label: i18n.T(ctx, "musette.letter.to"), Text: l.To},
		{Name: "address", Label: i18n.T(ctx, "musette.letter.address"), Text: l.Address, Long: true},
		{Name: "rights", Label: i18n.T(ctx, "musette.letter.rights"), Text: strings.Join(rights, ", ")},
		{Name: "sender", Label: i18n.T(ctx, "musette.letter.sender"), Text: l.Sender, Long: true},
		{Name: "reference", Label: i18n.T(ctx, "musette.letter.reference"), Text: l.Reference},
		{Name: "detail", Label: i18n.T(ctx, "musette.letter.detail"), Text: l.Detail, Long: true},
		{Name: "sent", Label: i18n.T(ctx, "musette.letter.sent"), Text: i18n.Date(ctx, l.Sent)},
		{Name: "answered", Label: i18n.T(ctx, "musette.letter.answered"), Text: i18n.Date(ctx, l.Answered)},
		{Name: "outcome", Label: i18n.T(ctx, "musette.letter.outcome"), Text: outcome},
	}
}

func (q *Request) asks(r Right) bool { return slices.Contains(q.Rights, r) }

// shown is the day on the letter: when it was sent, today until then.
func (v *letterView) shown() kernel.Date {
	if v.Sent != "" {
		return v.Sent
	}
	return kernel.Date(v.Today)
}

// inLang speaks the language of the letter.
func (v *letterView) inLang(ctx context.Context) context.Context { return i18n.In(ctx, v.Lang) }

// firstLine is the name above an address.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
