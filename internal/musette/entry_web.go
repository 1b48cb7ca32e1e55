package musette

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
)

func (s *Service) keptPages(m *web.Mux) {
	m.Page("GET /musette/kept", s.showKept)
	m.Page("GET /musette/kept/{shape}", s.listEntries)
	m.Page("GET /musette/kept/{shape}/new", s.newEntry)
	m.Page("POST /musette/kept/{shape}", s.saveNewEntry)
}

func shapeIn(r *http.Request) (*Shape, error) {
	shape := ShapeByName(r.PathValue("shape"))
	if shape == nil {
		return nil, errNoItem
	}
	return shape, nil
}

// keptPart is one line of the index of a musette.
type keptPart struct {
	Path, Text, Help, Icon, Count string
}

func (s *Service) showKept(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	items, err := s.all(ctx)
	if err != nil {
		return err
	}
	a, err := s.Arrangement(ctx)
	if err != nil {
		return err
	}
	counts := map[string]int{}
	for i := range items {
		prefix, _, _ := strings.Cut(string(items[i].ID), "_")
		counts[prefix]++
	}
	count := func(prefix string) string {
		if counts[prefix] == 0 {
			return ""
		}
		return i18n.Number(ctx, int64(counts[prefix]))
	}
	var first, rest []keptPart
	add := func(name string, p keptPart) {
		if a.Shows(name) || p.Count != "" {
			first = append(first, p)
		} else {
			rest = append(rest, p)
		}
	}
	add(partPieces, keptPart{piecesAt, i18n.T(ctx, "musette.piece.many"), i18n.T(ctx, "musette.piece.lede"), "file", count(piecePrefix)})
	for _, sh := range Shapes {
		add(sh.Name, keptPart{keptPath + "/" + sh.Name, i18n.T(ctx, sh.ManyKey), i18n.T(ctx, sh.LedeKey), sh.Icon, count(sh.Prefix)})
	}
	add(partLetters, keptPart{lettersAt, i18n.T(ctx, "musette.letter.many"), i18n.T(ctx, "musette.letter.lede"), "mail", count(letterPrefix)})
	page := s.frame(ctx, i18n.T(ctx, "musette.kept.title"))
	page.Lede = i18n.T(ctx, "musette.kept.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(page, keptPage(first, rest)))
}

// entryLine is an entry in a list.
type entryLine struct {
	*Entry
	Facts string
	Text  string // how it begins, for what has no title
}

func (say *speech) entryLine(e *Entry) entryLine {
	l := entryLine{Entry: e}
	var facts []string
	for i, f := range e.Shape.Fields {
		if f.Name == "title" || f.Input == Lines || f.Input == Steps || e.Values[i] == "" || len(facts) == 3 {
			continue
		}
		facts = append(facts, say.fieldText(&f, e.Values[i]))
	}
	l.Facts = strings.Join(facts, ", ")
	return l
}

func (s *Service) listEntries(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	shape, err := shapeIn(r)
	if err != nil {
		return err
	}
	entries, err := s.Entries(ctx, shape)
	if err != nil {
		return err
	}
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	say := newSpeech(ctx, pack)
	all := make([]entryLine, len(entries))
	for i, e := range entries {
		all[i] = say.entryLine(e)
	}
	page := s.frame(ctx, i18n.T(ctx, shape.ManyKey))
	page.Lede = i18n.T(ctx, shape.LedeKey)
	return web.Render(w, r, http.StatusOK, web.Layout(page, entriesPage(shape, all)))
}

// entryForm is what a person typed of an entry.
type entryForm struct {
	ID      kernel.ItemID // "" for a new one
	Shape   *Shape
	Values  []string
	Version int64
	Key     string
	Refused web.Refusals
	Theirs  []change
	Say     *speech
}

func readEntryForm(shape *Shape, form url.Values) entryForm {
	f := entryForm{Shape: shape, Values: make([]string, len(shape.Fields)), Key: form.Get("idempotency_key")}
	for i, field := range shape.Fields {
		f.Values[i] = strings.TrimSpace(form.Get(field.Name))
		switch field.Input {
		case Week:
			f.Values[i] = strings.Join(form[field.Name], "")
		case Lines, Steps:
			f.Values[i] = strings.Trim(form.Get(field.Name), "\n")
		case Line, Day, Link, Mail, Phone, Choice, Prompt:
		}
	}
	if n, err := strconv.ParseInt(form.Get("version"), 10, 64); err == nil {
		f.Version = n
	}
	return f
}

// values reads the days among what was typed; the rest is kept as it is.
func (f *entryForm) values() ([]string, error) {
	all := append([]string{}, f.Values...)
	var wrong []error
	for i, field := range f.Shape.Fields {
		if field.Input != Day {
			continue
		}
		d, err := web.Date(url.Values{field.Name: {all[i]}}, field.Name)
		if err != nil {
			wrong = append(wrong, err)
		}
		all[i] = string(d)
	}
	return all, errors.Join(wrong...)
}

func (s *Service) newEntry(w http.ResponseWriter, r *http.Request) error {
	shape, err := shapeIn(r)
	if err != nil {
		return err
	}
	f := entryForm{Shape: shape, Values: make([]string, len(shape.Fields))}
	for i, field := range shape.Fields {
		if field.Input == Prompt {
			f.Values[i] = promptIn(r.URL.Query().Get("about"))
		}
	}
	return s.entryForm(w, r, f, http.StatusOK)
}

// promptIn is a prompt named in an address, "" if it is none.
func promptIn(name string) string {
	if _, ok := promptKeys[name]; ok {
		return name
	}
	return ""
}

func (s *Service) saveNewEntry(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	shape, err := shapeIn(r)
	if err != nil {
		return err
	}
	f := readEntryForm(shape, form)
	values, err := f.values()
	if err == nil {
		if _, err = s.AddEntry(ctx, shape, values); err == nil {
			return web.SeeOther(w, r, afterEntry(shape, form.Get("back")), "musette.entry.kept")
		}
	}
	return s.refuseEntry(w, r, f, err)
}

// afterEntry is where one goes after keeping an entry: the list, or the page that
// had the form.
func afterEntry(shape *Shape, back string) string {
	if back == home+"/reflect" {
		return back
	}
	return keptPath + "/" + shape.Name
}

func (s *Service) refuseEntry(w http.ResponseWriter, r *http.Request, f entryForm, err error) error {
	if f.Refused = refused(err, &f.Key, f.Shape.Fields[0].Name); len(f.Refused) > 0 {
		return s.entryForm(w, r, f, f.Refused.Status())
	}
	return err
}

func (s *Service) entryForm(w http.ResponseWriter, r *http.Request, f entryForm, status int) error {
	ctx := r.Context()
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	f.Say = newSpeech(ctx, pack)
	up := web.Link{Path: keptPath + "/" + f.Shape.Name, Text: i18n.T(ctx, f.Shape.ManyKey)}
	title := i18n.T(ctx, f.Shape.AddKey)
	if f.ID != "" {
		title, up.Path = i18n.T(ctx, "musette.edit.title"), itemPath(f.ID)
		up.Text = i18n.T(ctx, "musette.edit.up")
	}
	page := inside(title, up)
	page.Refused = len(f.Refused) > 0 || len(f.Theirs) > 0
	return web.Render(w, r, status, web.Layout(page, entryFormPage(&f)))
}

func (s *Service) editEntry(w http.ResponseWriter, r *http.Request, id kernel.ItemID) error {
	e, err := s.Entry(r.Context(), id)
	if err != nil {
		return err
	}
	return s.entryForm(w, r, entryForm{ID: id, Shape: e.Shape, Values: e.Values, Version: e.Version}, http.StatusOK)
}

func (s *Service) saveEntry(w http.ResponseWriter, r *http.Request, id kernel.ItemID) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	was, err := s.Entry(ctx, id)
	if err != nil {
		return err
	}
	f := readEntryForm(was.Shape, form)
	f.ID = id
	values, err := f.values()
	if err == nil {
		if _, err = s.ReviseEntry(ctx, id, f.Version, values); err == nil {
			return web.SeeOther(w, r, itemPath(id), "musette.entry.changed")
		}
	}
	if errors.Is(err, errStale) {
		return s.entryConflict(w, r, f, was, values)
	}
	return s.refuseEntry(w, r, f, err)
}

func (s *Service) entryConflict(w http.ResponseWriter, r *http.Request, f entryForm, now *Entry, typed []string) error {
	pack, err := s.pack(r.Context())
	if err != nil {
		return err
	}
	say := newSpeech(r.Context(), pack)
	f.Version, f.Key = now.Version, ""
	f.Theirs = changes(say.entryLines(now), say.entryLines(&Entry{Shape: now.Shape, Values: typed}))
	return s.entryForm(w, r, f, http.StatusConflict)
}

func (f *entryForm) action() string {
	if f.ID == "" {
		return keptPath + "/" + f.Shape.Name
	}
	return itemPath(f.ID)
}

func (f *entryForm) back() string {
	if f.ID == "" {
		return keptPath + "/" + f.Shape.Name
	}
	return itemPath(f.ID)
}

// input is a field of the form.
func (f *entryForm) input(ctx context.Context, i int) web.Input {
	field := f.Shape.Fields[i]
	in := web.Input{
		Name: field.Name, Label: f.Say.label(field.Name, field.Key), Value: f.Values[i], Required: field.Required, Max: field.Most(), Refused: f.Refused, Autocomplete: "off",
	}
	if field.HelpKey != "" {
		in.Help = i18n.T(ctx, field.HelpKey)
	}
	switch field.Input {
	case Mail:
		in.Type = "email"
	case Phone:
		in.Type = "tel"
	case Link:
		in.Type = "url"
	case Line, Lines, Steps, Day, Choice, Week, Prompt:
	}
	return in
}

func (f *entryForm) prompts(ctx context.Context, chosen string) []web.Option {
	all := []web.Option{{Text: i18n.T(ctx, "musette.prompt.anything")}}
	for _, p := range Prompts {
		all = append(all, web.Option{Value: p, Text: i18n.T(ctx, promptKeys[p]), Chosen: p == chosen})
	}
	return all
}

func (f *entryForm) week(ctx context.Context, i int) web.Group {
	field := f.Shape.Fields[i]
	g := web.Group{Name: field.Name, Legend: f.Say.label(field.Name, field.Key), Refused: f.Refused}
	for n, day := range strings.Fields(i18n.T(ctx, "musette.days")) {
		value := strconv.Itoa(n)
		g.Options = append(g.Options, web.Option{Value: value, Text: sentence(day), Chosen: strings.Contains(f.Values[i], value)})
	}
	return g
}
