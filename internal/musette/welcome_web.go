package musette

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// welcomePages are the first steps: what it is for, then its parts, then the acts.
// Each can be left at any moment; nothing is empty and waiting afterwards.
func (s *Service) welcomePages(m *web.Mux) {
	m.Page("GET /welcome", s.askGoal)
	m.Page("POST /welcome", s.saveGoal)
	m.Page("GET /welcome/parts", s.askParts)
	m.Page("POST /welcome/parts", s.saveParts)
	m.Page("GET /welcome/acts", s.showActs)
	m.Page("GET /welcome/five", s.askFive)
	m.Page("POST /welcome/five", s.saveFive)
}

// goalKeys name the goals and say a little more of each.
var goalKeys = map[string][2]string{
	"know":    {"musette.goal.know", "musette.goal.know.help"},
	"thin":    {"musette.goal.thin", "musette.goal.thin.help"},
	"rich":    {"musette.goal.rich", "musette.goal.rich.help"},
	"several": {"musette.goal.several", "musette.goal.several.help"},
	"change":  {"musette.goal.change", "musette.goal.change.help"},
	"proofs":  {"musette.goal.proofs", "musette.goal.proofs.help"},
}

func (s *Service) askGoal(w http.ResponseWriter, r *http.Request) error {
	return s.goalPage(w, r, nil)
}

func (s *Service) goalPage(w http.ResponseWriter, r *http.Request, refused web.Refusals) error {
	ctx := r.Context()
	a, err := s.Arrangement(ctx)
	if err != nil {
		return err
	}
	g := web.Group{Name: "goal", Legend: i18n.T(ctx, "musette.goal"), Help: i18n.T(ctx, "musette.goal.help"), Refused: refused}
	for _, goal := range Goals {
		g.Options = append(g.Options, web.Option{Value: goal, Text: i18n.T(ctx, goalKeys[goal][0]), Help: i18n.T(ctx, goalKeys[goal][1]), Chosen: goal == a.Goal})
	}
	page := web.Page{Title: i18n.T(ctx, "musette.welcome.title"), Lede: i18n.T(ctx, "musette.welcome.lede"), Room: room, Refused: len(refused) > 0}
	return web.Render(w, r, refused.Status(), web.Layout(page, goalPage(g)))
}

func (s *Service) saveGoal(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	goal := form.Get("goal")
	if goal == "" { // not saying is an answer too
		return web.SeeOther(w, r, welcomeAt+"/parts")
	}
	err = s.Arrange(ctx, func(a *Arrangement) {
		if a.Goal != goal {
			a.Goal, a.Parts = goal, nil
		}
	})
	if refused := web.Refused(err); len(refused) > 0 {
		return s.goalPage(w, r, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, welcomeAt+"/parts")
}

// partWords name the parts of a musette and say what each is.
func partWords(ctx context.Context, part string) (text, help string) {
	switch part {
	case partActivities:
		return i18n.T(ctx, "musette.activity.many"), i18n.T(ctx, "musette.activity.lede")
	case partPieces:
		return i18n.T(ctx, "musette.piece.many"), i18n.T(ctx, "musette.piece.lede")
	case partLetters:
		return i18n.T(ctx, "musette.letter.many"), i18n.T(ctx, "musette.letter.lede")
	}
	sh := ShapeByName(part)
	return i18n.T(ctx, sh.ManyKey), i18n.T(ctx, sh.LedeKey)
}

func (s *Service) askParts(w http.ResponseWriter, r *http.Request) error {
	return s.partsPage(w, r, nil)
}

func (s *Service) partsPage(w http.ResponseWriter, r *http.Request, refused web.Refusals) error {
	ctx := r.Context()
	a, err := s.Arrangement(ctx)
	if err != nil {
		return err
	}
	parts := web.Group{Name: "parts", Legend: i18n.T(ctx, "musette.parts"), Help: i18n.T(ctx, "musette.parts.help"), Refused: refused}
	for _, p := range Parts {
		text, help := partWords(ctx, p)
		parts.Options = append(parts.Options, web.Option{Value: p, Text: text, Help: help, Chosen: a.Shows(p)})
	}
	words := web.Group{Name: "pack", Legend: i18n.T(ctx, "musette.pack"), Help: i18n.T(ctx, "musette.pack.help"), Refused: refused}
	for _, p := range Packs() {
		words.Options = append(words.Options, web.Option{Value: p.ID, Text: p.Name.In(i18n.Lang(ctx)), Help: p.About.In(i18n.Lang(ctx)), Chosen: p.ID == PackByID(a.Pack).ID})
	}
	page := web.Page{Title: i18n.T(ctx, "musette.parts.title"), Lede: i18n.T(ctx, "musette.parts.lede"), Room: room, Up: web.Link{Path: welcomeAt, Text: i18n.T(ctx, "musette.welcome.title")}, Refused: len(refused) > 0}
	return web.Render(w, r, refused.Status(), web.Layout(page, partsPage(parts, words)))
}

func (s *Service) saveParts(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	err = s.Arrange(ctx, func(a *Arrangement) {
		a.Parts, a.Pack = append([]string{}, form["parts"]...), form.Get("pack")
	})
	if refused := web.Refused(err); len(refused) > 0 {
		return s.partsPage(w, r, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, welcomeAt+"/acts")
}

// act is a first thing one can do.
type act struct{ Path, Icon, Text, Help string }

func (s *Service) showActs(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, err := s.Arrangement(ctx)
	if err != nil {
		return err
	}
	acts := []act{{welcomeAt + "/five", "plus", i18n.T(ctx, "musette.act.five"), i18n.T(ctx, "musette.act.five.help")}}
	add := func(wanted bool, more act) {
		if wanted && more.Path != "" {
			acts = append(acts, more)
		}
	}
	add(true, act{s.Doors.Import, "in", i18n.T(ctx, "musette.import"), i18n.T(ctx, "musette.act.import.help")})
	add(a.Shows(note.Name), act{keptPath + "/" + note.Name + "/new", note.Icon, i18n.T(ctx, note.AddKey), i18n.T(ctx, note.LedeKey)})
	add(a.Shows(method.Name), act{keptPath + "/" + method.Name + "/new", method.Icon, i18n.T(ctx, method.AddKey), i18n.T(ctx, method.LedeKey)})
	add(a.Shows(identity.Name), act{keptPath + "/" + identity.Name + "/new", identity.Icon, i18n.T(ctx, identity.AddKey), i18n.T(ctx, identity.LedeKey)})
	add(a.Shows(partLetters), act{lettersAt + "/new", "mail", i18n.T(ctx, "musette.letter.add"), i18n.T(ctx, "musette.letter.lede")})
	add(true, act{s.Doors.Faces, "show", i18n.T(ctx, "musette.act.face"), i18n.T(ctx, "musette.act.face.help")})
	page := web.Page{Title: i18n.T(ctx, "musette.acts.title"), Lede: i18n.T(ctx, "musette.acts.lede"), Room: room, Up: web.Link{Path: welcomeAt + "/parts", Text: i18n.T(ctx, "musette.parts.title")}}
	return web.Render(w, r, http.StatusOK, web.Layout(page, actsPage(acts)))
}

// fiveRows is how many activities are typed on one page, at first.
const (
	fiveRows = 5
	rowsMost = 30
)

// fiveForm is what a person typed of several activities.
type fiveForm struct {
	Key     string
	Rows    []activityForm
	Refused web.Refusals
	Kinds   []web.Option
}

func readFive(form url.Values) fiveForm {
	f := fiveForm{Key: form.Get("idempotency_key")}
	n, err := strconv.Atoi(form.Get("rows"))
	if err != nil || n < 1 || n > rowsMost {
		n = fiveRows
	}
	for i := range n {
		row := url.Values{}
		for _, name := range []string{"title", "kind", "start", "end", "with_whom", "place", "purpose", "paid"} {
			row.Set(name, form.Get(strconv.Itoa(i+1)+"."+name))
		}
		f.Rows = append(f.Rows, readActivityForm(row))
	}
	return f
}

// empty reports whether nothing was typed in a row.
func (f *activityForm) empty() bool {
	return strings.TrimSpace(f.Title+f.Start+f.End+f.WithWhom+f.Place+f.Purpose) == ""
}

func (s *Service) askFive(w http.ResponseWriter, r *http.Request) error {
	f := fiveForm{Rows: make([]activityForm, fiveRows)}
	for i := range f.Rows {
		f.Rows[i].Kind = string(Other)
	}
	return s.fivePage(w, r, f)
}

func (s *Service) fivePage(w http.ResponseWriter, r *http.Request, f fiveForm) error {
	ctx := r.Context()
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	say := newSpeech(ctx, pack)
	for _, k := range Kinds {
		f.Kinds = append(f.Kinds, web.Option{Value: string(k), Text: say.kind(k)})
	}
	page := web.Page{Title: i18n.T(ctx, "musette.five.title"), Lede: i18n.T(ctx, "musette.five.lede"), Room: room, Up: web.Link{Path: welcomeAt + "/acts", Text: i18n.T(ctx, "musette.acts.title")}, Refused: len(f.Refused) > 0}
	return web.Render(w, r, f.Refused.Status(), web.Layout(page, fivePage(&f)))
}

func (s *Service) saveFive(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	f := readFive(form)
	if form.Get("more") != "" {
		for range min(fiveRows, rowsMost-len(f.Rows)) {
			f.Rows = append(f.Rows, activityForm{Kind: string(Other)})
		}
		return s.fivePage(w, r, f)
	}
	var all []Content
	var wrong []error
	for i := range f.Rows {
		if f.Rows[i].empty() {
			continue
		}
		c, err := f.Rows[i].checked(false)
		all, wrong = append(all, c), append(wrong, numbered(i+1, err))
	}
	if len(all) == 0 {
		wrong = append(wrong, errNoTitle.On("1.title"))
	}
	if err = errors.Join(wrong...); err == nil {
		if err = s.AddActivities(ctx, all); err == nil {
			return web.SeeOther(w, r, home, "musette.five.kept")
		}
	}
	if f.Refused = refused(err, &f.Key, "1.title"); len(f.Refused) > 0 {
		return s.fivePage(w, r, f)
	}
	return err
}

// field is the name of a field of a row.
func field(i int, name string) string { return strconv.Itoa(i+1) + "." + name }

// partly reports whether the folded part of a row must be open.
func (f *fiveForm) partly(i int) bool {
	row := f.Rows[i]
	for _, r := range f.Refused {
		for _, name := range []string{"with_whom", "place", "purpose"} {
			if r.Field == field(i, name) {
				return true
			}
		}
	}
	return row.WithWhom+row.Place+row.Purpose != ""
}
