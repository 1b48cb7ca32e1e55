package recognition

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/taxonomy"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// findForm is what was found in a text, and what she ticked of it.
type findForm struct {
	*Find
	Chosen  []string // URIs
	Refused web.Refusals
}

// firstMost is how many competences of referentials stand in sight; the others, less
// sure, are one click away.
const firstMost = 5

func (f *findForm) first() []Hint { return f.Skills[:min(len(f.Skills), firstMost)] }
func (f *findForm) more() []Hint  { return f.Skills[min(len(f.Skills), firstMost):] }

func (f *findForm) anyChosen(hints []Hint) bool {
	return slices.ContainsFunc(hints, func(h Hint) bool { return slices.Contains(f.Chosen, h.URI) })
}

func (s *Service) showFind(w http.ResponseWriter, r *http.Request) error {
	return s.findPage(w, r, findForm{}, http.StatusOK)
}

func (s *Service) findPage(w http.ResponseWriter, r *http.Request, f findForm, status int) error {
	ctx := r.Context()
	var err error
	if f.Find, err = s.Find(ctx, itemID(r)); err != nil {
		return err
	}
	up := homeLink(ctx)
	if isTelling(f.ID) {
		up = web.Link{Path: tellingPath(f.ID), Text: f.Title}
	}
	page := s.inside(ctx, i18n.T(ctx, "recognition.find.title"), i18n.T(ctx, "recognition.find.lede"), up)
	page.Refused = len(f.Refused) > 0
	return web.Render(w, r, status, web.Layout(page, findPage(&f)))
}

// wordForm is the page on which she words what she chose.
type wordForm struct {
	ID      kernel.ItemID // of what was read
	Lines   []wordLine
	Trades  []Ref // to be noted beside each competence
	Key     string
	Refused web.Refusals
}

// wordLine is one competence to be worded.
type wordLine struct {
	Ref
	Title, Level string
}

// field names a member of a line in the form.
func (wordLine) field(i int, name string) string { return name + "." + strconv.Itoa(i) }

// wordChosen shows what was ticked, to be worded. Nothing is kept yet.
func (s *Service) wordChosen(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if _, err := s.told(ctx, itemID(r)); err != nil {
		return err
	}
	f := wordForm{ID: itemID(r)}
	wrong := errNone
	if len(form["uri"]) > keptMost {
		wrong = errTooMany
	} else {
		for _, uri := range form["uri"] {
			ref, kind, err := s.named(uri, i18n.Lang(ctx))
			if err != nil {
				return err
			}
			if kind == taxonomy.Occupation {
				f.Trades = append(f.Trades, ref)
			} else {
				f.Lines = append(f.Lines, wordLine{Ref: ref, Title: ref.Label})
			}
		}
	}
	if len(f.Lines) == 0 { // a trade alone is worded like a competence
		for _, t := range f.Trades {
			f.Lines = append(f.Lines, wordLine{Ref: t, Title: t.Label})
		}
		f.Trades = nil
	}
	if len(f.Lines) == 0 {
		return s.findPage(w, r, findForm{Chosen: form["uri"], Refused: web.Refused(wrong)}, http.StatusUnprocessableEntity)
	}
	return s.wordPage(w, r, f, http.StatusOK)
}

func (s *Service) wordPage(w http.ResponseWriter, r *http.Request, f wordForm, status int) error {
	ctx := r.Context()
	page := s.inside(ctx, i18n.T(ctx, "recognition.word.title"), i18n.T(ctx, "recognition.word.lede"), web.Link{Path: findAt + "/" + string(f.ID), Text: i18n.T(ctx, "recognition.find.title")})
	page.Refused = len(f.Refused) > 0
	return web.Render(w, r, status, web.Layout(page, wordPage(&f)))
}

func (s *Service) keepChosen(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	found, err := s.Find(ctx, itemID(r))
	if err != nil {
		return err
	}
	f := wordForm{ID: itemID(r), Key: form.Get("idempotency_key")}
	for _, uri := range form["trade"] {
		ref, _, err := s.named(uri, i18n.Lang(ctx))
		if err != nil {
			return err
		}
		f.Trades = append(f.Trades, ref)
	}
	all, wrong, err := s.worded(r, form, &f, found)
	if err != nil {
		return err
	}
	if len(wrong) == 0 {
		_, err = s.Keep(ctx, all)
		wrong = refused(err, &f.Key, "title.0")
	}
	if f.Refused = wrong; len(wrong) > 0 {
		return s.wordPage(w, r, f, wrong.Status())
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, home, "recognition.kept")
}

// worded reads the lines of the form; what is wrong names the field of its line.
func (s *Service) worded(r *http.Request, form url.Values, f *wordForm, found *Find) (all []Saying, wrong web.Refusals, err error) {
	for i := range min(len(form["uri"]), keptMost) {
		ref, _, err := s.named(form["uri"][i], i18n.Lang(r.Context()))
		if err != nil {
			return nil, nil, err
		}
		l := wordLine{Ref: ref}
		l.Title, l.Level = form.Get(l.field(i, "title")), form.Get(l.field(i, "level"))
		f.Lines = append(f.Lines, l)
		c := Saying{Title: l.Title, Level: l.Level, Refs: append([]Ref{ref}, f.Trades...), Links: found.Links, Because: found.because(ref.URI)}
		for _, fault := range web.Refused(c.check()) {
			wrong = append(wrong, fault.On(l.field(i, fault.Field)))
		}
		all = append(all, c)
	}
	return all, wrong, nil
}

// because are the words that led to a suggestion.
func (f *Find) because(uri string) []string {
	for _, h := range slices.Concat(f.Plain, f.Skills, f.Trades) {
		if h.URI == uri {
			return h.Because
		}
	}
	return nil
}
