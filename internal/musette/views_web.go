package musette

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) viewPages(m *web.Mux) {
	m.Page("GET /musette/daily", s.showDaily)
	m.Page("POST /musette/daily/quiet", s.saveQuiet)
	m.Page("GET /musette/reflect", s.showReflect)
	m.Page("GET /musette/reflect/{year}", s.showReview)
	m.Page("GET /musette/social", s.showSocial)
}

// dailyView is what the page of the day shows.
type dailyView struct {
	*Daily
	Load     []loadLine
	Said     string // how much it takes, in a sentence
	Days     []string
	Statuses []entryLine
	Ending   []web.Fact
	Contacts []entryLine
	Places   []entryLine
	Quiet    *quietForm
	Doors    Doors
}

// loadLine is an ongoing activity and its hours.
type loadLine struct {
	Path, Title, Hours, Paid string
	Width                    string // of its bar, of barWide; "" without hours
	Texture                  string // class of its bar
}

// barWide is how wide the bar of a whole week of work is drawn, in pixels.
const (
	barWide = 160
	barFull = 60 // hours that fill it
)

func (s *Service) showDaily(w http.ResponseWriter, r *http.Request) error {
	return s.dailyPage(w, r, nil, nil)
}

func (s *Service) dailyPage(w http.ResponseWriter, r *http.Request, typed *quietForm, refused web.Refusals) error {
	ctx := r.Context()
	d, err := s.Daily(ctx)
	if err != nil {
		return err
	}
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	say := newSpeech(ctx, pack)
	v := dailyView{Daily: d, Doors: s.Doors, Said: loadSaid(ctx, d), Days: strings.Fields(i18n.T(ctx, "musette.days"))}
	for _, a := range d.Ongoing {
		v.Load = append(v.Load, say.load(a))
	}
	for _, e := range d.Statuses {
		v.Statuses = append(v.Statuses, say.entryLine(e))
	}
	for _, e := range d.Ending {
		v.Ending = append(v.Ending, web.Fact{Term: i18n.Date(ctx, kernel.Date(e.Value("end"))), Body: entryLink(e)})
	}
	for _, e := range d.Contacts[:min(len(d.Contacts), 8)] {
		v.Contacts = append(v.Contacts, say.entryLine(e))
	}
	for _, e := range d.Workplaces {
		v.Places = append(v.Places, say.entryLine(e))
	}
	if v.Quiet, err = s.quietForm(ctx, typed, refused); err != nil {
		return err
	}
	page := s.frame(ctx, i18n.T(ctx, "musette.daily.title"))
	page.Lede, page.Refused = i18n.T(ctx, "musette.daily.lede"), len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(page, dailyPage(&v)))
}

func (say *speech) load(a *Activity) loadLine {
	l := loadLine{Path: itemPath(a.ID), Title: a.Title, Hours: say.hours(a.HoursPerWeek), Paid: say.paidOrNot(a.Paid), Texture: "fill"}
	if a.HoursPerWeek > 0 {
		l.Width = strconv.Itoa(int(max(2, min(barWide, a.HoursPerWeek*barWide/barFull))))
	}
	if !a.IsPaid() {
		l.Texture = "open"
	}
	return l
}

// loadSaid is the week in a sentence: what she noted, never more.
func loadSaid(ctx context.Context, d *Daily) string {
	if d.Hours == 0 {
		return ""
	}
	said := i18n.T(ctx, "musette.daily.hours", "hours", i18n.Decimal(ctx, d.Hours, 1))
	if d.Unpaid > 0 {
		said = i18n.T(ctx, "musette.daily.hours.unpaid", "hours", i18n.Decimal(ctx, d.Hours, 1), "unpaid", i18n.Decimal(ctx, d.Unpaid, 1))
	}
	if d.Unsaid > 0 {
		said += " " + i18n.N(ctx, "musette.daily.unsaid", d.Unsaid)
	}
	return said
}

// quietForm is the quiet hours as they are set or were typed.
type quietForm struct {
	Silent   bool
	From, To string // 19:00
	Days     string // digits, Sunday 0
	Refused  web.Refusals
}

var errHour = kernel.NewFault(kernel.Invalid, "musette.quiet.hour")

func clock(minutes int) string {
	at := strconv.Itoa(minutes % 60)
	if len(at) == 1 {
		at = "0" + at
	}
	hour := strconv.Itoa(minutes / 60)
	if len(hour) == 1 {
		hour = "0" + hour
	}
	return hour + ":" + at
}

// minutes reads an hour of the day: 19:00, 19 h, 19h30, 7.
func minutes(typed, field string) (int, error) {
	hour, minute, _ := strings.Cut(strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "h", ":").Replace(strings.ToLower(typed)), ":")
	h, err := strconv.Atoi(hour)
	if err != nil || h < 0 || h > 23 {
		return 0, errHour.On(field)
	}
	if minute == "" {
		return h * 60, nil
	}
	m, err := strconv.Atoi(minute)
	if err != nil || m < 0 || m > 59 {
		return 0, errHour.On(field)
	}
	return h*60 + m, nil
}

func (s *Service) quietForm(ctx context.Context, typed *quietForm, refused web.Refusals) (*quietForm, error) {
	if s.Quiet == nil {
		return nil, nil
	}
	if typed != nil {
		typed.Refused = refused
		return typed, nil
	}
	q, err := s.Quiet.QuietHours(ctx)
	if err != nil {
		return nil, err
	}
	f := &quietForm{Silent: q.Silent, From: clock(q.From), To: clock(q.To)}
	for day, quiet := range q.Days {
		if quiet {
			f.Days += strconv.Itoa(day)
		}
	}
	return f, nil
}

func (s *Service) saveQuiet(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	if s.Quiet == nil {
		return errNoItem
	}
	f := &quietForm{Silent: form.Get("silent") != "", From: form.Get("from"), To: form.Get("to"), Days: strings.Join(form["days"], "")}
	q, err := f.quiet()
	if refused := web.Refused(err); len(refused) > 0 {
		return s.dailyPage(w, r, f, refused)
	}
	if err != nil {
		return err
	}
	if err := s.Quiet.KeepQuiet(ctx, q); err != nil {
		return err
	}
	return web.SeeOther(w, r, home+"/daily", "musette.quiet.kept")
}

func (f *quietForm) quiet() (q Quiet, err error) {
	q.Silent = f.Silent
	if q.From, err = minutes(f.From, "from"); err != nil {
		return q, err
	}
	if q.To, err = minutes(f.To, "to"); err != nil {
		return q, err
	}
	for day := range q.Days {
		q.Days[day] = strings.Contains(f.Days, strconv.Itoa(day))
	}
	return q, nil
}

// days are the days of the week as boxes, Monday first; Sunday is 0 as in time.Weekday.
func (f *quietForm) days(ctx context.Context) web.Group {
	g := web.Group{Name: "days", Legend: i18n.T(ctx, "musette.quiet.days"), Refused: f.Refused}
	for i, name := range strings.Fields(i18n.T(ctx, "musette.days")) {
		value := strconv.Itoa((i + 1) % 7)
		g.Options = append(g.Options, web.Option{Value: value, Text: sentence(name), Chosen: strings.Contains(f.Days, value)})
	}
	return g
}

// reflectView is what the page for oneself shows.
type reflectView struct {
	*Reflection
	Prompts []promptView
	Typed   map[string]string
}

// promptView is a question and what was noted under it.
type promptView struct {
	Name, Title, Help string
	Notes             []*Entry
	More              int
}

// promptHelps say a little more of each question.
var promptHelps = map[string]string{"learned": "musette.prompt.learned.help", "wears": "musette.prompt.wears.help", "want": "musette.prompt.want.help"}

// noteMost is how many notes stand under a question before the list has the rest.
const noteMost = 3

func (s *Service) showReflect(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	ref, err := s.Reflect(ctx)
	if err != nil {
		return err
	}
	v := reflectView{Reflection: ref}
	for _, p := range Prompts {
		notes := ref.ByPrompt[p]
		v.Prompts = append(v.Prompts, promptView{
			Name: p, Title: i18n.T(ctx, promptKeys[p]), Help: i18n.T(ctx, promptHelps[p]),
			Notes: notes[:min(len(notes), noteMost)], More: max(0, len(notes)-noteMost),
		})
	}
	page := s.frame(ctx, i18n.T(ctx, "musette.reflect.title"))
	page.Lede = i18n.T(ctx, "musette.reflect.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(page, reflectPage(&v)))
}

// reviewView is a year told.
type reviewView struct {
	*Review
	Told  []told
	Notes []promptView
}

// told is a sentence of the review with what it speaks of.
type told struct {
	Said  string
	Links []web.Link
}

func (s *Service) showReview(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	year, err := strconv.Atoi(r.PathValue("year"))
	if err != nil || year < 1000 || year > 9999 {
		return errNoItem
	}
	rev, err := s.Review(ctx, year)
	if err != nil {
		return err
	}
	v := reviewView{Review: rev}
	v.tell(ctx)
	for _, p := range append([]string{""}, Prompts...) {
		if notes := rev.Notes[p]; len(notes) > 0 {
			title := i18n.T(ctx, "musette.prompt.anything")
			if p != "" {
				title = i18n.T(ctx, promptKeys[p])
			}
			v.Notes = append(v.Notes, promptView{Name: p, Title: title, Notes: notes})
		}
	}
	page := inside(i18n.T(ctx, "musette.review.title", "year", year), web.Link{Path: home + "/reflect", Text: i18n.T(ctx, "musette.reflect.title")})
	page.Lede = i18n.T(ctx, "musette.review.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(page, reviewPage(&v)))
}

// tell writes the year from the entries: sentences, no measure.
func (v *reviewView) tell(ctx context.Context) {
	say := func(key string, activities []*Activity) {
		if len(activities) == 0 {
			return
		}
		t := told{Said: i18n.N(ctx, key, len(activities), "year", v.Year)}
		for _, a := range activities {
			t.Links = append(t.Links, web.Link{Path: itemPath(a.ID), Text: a.Title})
		}
		v.Told = append(v.Told, t)
	}
	entries := func(key string, all []*Entry) {
		if len(all) == 0 {
			return
		}
		t := told{Said: i18n.N(ctx, key, len(all))}
		for _, e := range all {
			t.Links = append(t.Links, web.Link{Path: itemPath(e.ID), Text: e.Name()})
		}
		v.Told = append(v.Told, t)
	}
	say("musette.review.activities", v.Activities)
	say("musette.review.begun", v.Begun)
	say("musette.review.ended", v.Ended)
	say("musette.review.unpaid", v.Unpaid)
	entries("musette.review.statuses", v.Statuses)
	entries("musette.review.methods", v.Methods)
	if len(v.Pieces) > 0 {
		t := told{Said: i18n.N(ctx, "musette.review.pieces", len(v.Pieces))}
		for _, p := range v.Pieces {
			t.Links = append(t.Links, web.Link{Path: itemPath(p.ID), Text: p.Name()})
		}
		v.Told = append(v.Told, t)
	}
}

// socialView is what the page with others shows.
type socialView struct {
	*Social
	Attested []row
	Doors    Doors
}

func (s *Service) showSocial(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	so, err := s.Social(ctx)
	if err != nil {
		return err
	}
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	v := socialView{Social: so, Attested: newSpeech(ctx, pack).rows(so.Attested, nil), Doors: s.Doors}
	for i, a := range so.Attested {
		if by := a.Provenance.By; by != "" {
			v.Attested[i].facts = i18n.T(ctx, "musette.social.by", "who", by, "day", i18n.FullDay(ctx, a.Provenance.At))
		}
	}
	page := s.frame(ctx, i18n.T(ctx, "musette.social.title"))
	page.Lede = i18n.T(ctx, "musette.social.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(page, socialPage(&v)))
}

// to says who may see what a grant shows.
func to(ctx context.Context, g gate.Grant) string {
	switch {
	case g.To.Link:
		return i18n.T(ctx, "musette.social.link")
	case g.ToName == "":
		return i18n.T(ctx, "musette.social.left")
	}
	return g.ToName
}

// noteQuery is the address of a new note about something.
func noteQuery(prompt string) string {
	return keptPath + "/" + note.Name + "/new?" + url.Values{"about": {prompt}}.Encode()
}
