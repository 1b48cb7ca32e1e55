package musette

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) activityPages(m *web.Mux) {
	m.Page("GET /musette/new", s.newActivity)
	m.Page("POST /musette/activities", s.saveNewActivity)
}

// activityForm is what a person typed of an activity, so that a refused form comes
// back as it was.
type activityForm struct {
	ID      kernel.ItemID
	Version int64
	Key     string

	Title, Kind, Start, End, Organisation, Place, WithWhom, Purpose, Paid, Status, Hours, Narrative, Tools, Methods, Tags string

	Refused  web.Refusals
	Theirs   []change // what differs from what is kept now, when somebody was faster
	Kinds    []web.Option
	Statuses []web.Option
	Labels   struct{ Organisation, Status string }
}

func readActivityForm(form url.Values) activityForm {
	version, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		version = 0
	}
	return activityForm{
		Version: version, Key: form.Get("idempotency_key"),
		Title: form.Get("title"), Kind: form.Get("kind"), Start: form.Get("start"), End: form.Get("end"),
		Organisation: form.Get("organisation"), Place: form.Get("place"), WithWhom: form.Get("with_whom"), Purpose: form.Get("purpose"),
		Paid: form.Get("paid"), Status: form.Get("status"), Hours: form.Get("hours_per_week"), Narrative: form.Get("narrative"),
		Tools: form.Get("tools"), Methods: form.Get("methods"), Tags: form.Get("tags"),
	}
}

func formOf(ctx context.Context, a *Activity) activityForm {
	f := activityForm{
		ID: a.ID, Version: a.Version, Title: a.Title, Kind: string(a.Kind), Start: string(a.Start), End: string(a.End),
		Organisation: a.Organisation, Place: a.Place, WithWhom: a.WithWhom, Purpose: a.Purpose, Status: a.Status, Narrative: a.Narrative,
		Tools: strings.Join(a.Tools, "\n"), Methods: strings.Join(a.Methods, "\n"), Tags: strings.Join(a.Tags, ", "),
	}
	if a.HoursPerWeek != 0 {
		f.Hours = i18n.Decimal(ctx, a.HoursPerWeek, 2)
	}
	if a.Paid != nil {
		f.Paid = map[bool]string{true: "yes", false: "no"}[*a.Paid]
	}
	return f
}

var errHoursForm = kernel.NewFault(kernel.Invalid, "musette.hours.form").On("hours_per_week")

// content reads what was typed; what cannot be read is refused on its field.
func (f *activityForm) content() (Content, error) {
	form := url.Values{"start": {f.Start}, "end": {f.End}}
	start, startErr := web.Date(form, "start")
	end, endErr := web.Date(form, "end")
	hours, hoursErr := hoursOf(f.Hours)
	c := Content{
		Title: strings.TrimSpace(f.Title), Kind: Kind(f.Kind), Start: start, End: end,
		Organisation: strings.TrimSpace(f.Organisation), Place: strings.TrimSpace(f.Place), WithWhom: strings.TrimSpace(f.WithWhom), Purpose: strings.TrimSpace(f.Purpose),
		Paid: paidOf(f.Paid), Status: f.Status, HoursPerWeek: hours, Narrative: f.Narrative,
		Tools: entries(f.Tools, "\n"), Methods: entries(f.Methods, "\n"), Tags: entries(f.Tags, ","),
	}
	return c, errors.Join(startErr, endErr, hoursErr)
}

// hoursOf reads a number of hours as people type it: 3, 3,5, 3.5, 3 h.
func hoursOf(typed string) (float64, error) {
	typed = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(typed), "h"))
	if typed == "" {
		return 0, nil
	}
	h, err := strconv.ParseFloat(strings.Replace(typed, ",", ".", 1), 64)
	if err != nil {
		return 0, errHoursForm.Because(err)
	}
	return h, nil
}

func paidOf(typed string) *bool {
	switch typed {
	case "yes":
		return new(true)
	case "no":
		return new(false)
	}
	return nil
}

// entries cuts a text into its entries, without empty ones.
func entries(typed, at string) []string {
	var all []string
	for e := range strings.SplitSeq(typed, at) {
		if e = strings.TrimSpace(e); e != "" {
			all = append(all, e)
		}
	}
	return all
}

// checked reads what was typed and says everything that is wrong with it, each field
// once: what could not be read first.
func (f *activityForm) checked(undated bool) (Content, error) {
	c, unread := f.content()
	all := web.Refused(unread)
	var wrong []error
	for _, r := range all {
		wrong = append(wrong, r)
	}
	for _, r := range web.Refused(c.Check(undated)) {
		if !slices.ContainsFunc(all, func(f *kernel.Fault) bool { return f.Field == r.Field }) {
			wrong = append(wrong, r)
		}
	}
	return c, errors.Join(wrong...)
}

func (s *Service) newActivity(w http.ResponseWriter, r *http.Request) error {
	return s.activityForm(w, r, activityForm{Kind: string(Other)}, http.StatusOK)
}

func (s *Service) saveNewActivity(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	f := readActivityForm(form)
	c, err := f.checked(false)
	if err == nil {
		var a *Activity
		if a, err = s.AddActivity(ctx, c); err == nil {
			return web.SeeOther(w, r, itemPath(a.ID), "musette.activity.kept")
		}
	}
	if f.Refused = refused(err, &f.Key, "title"); len(f.Refused) > 0 {
		return s.activityForm(w, r, f, f.Refused.Status())
	}
	return err
}

// activityForm shows the form, empty, to be changed, or as it was typed.
func (s *Service) activityForm(w http.ResponseWriter, r *http.Request, f activityForm, status int) error {
	ctx := r.Context()
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	say := newSpeech(ctx, pack)
	for _, k := range Kinds {
		f.Kinds = append(f.Kinds, web.Option{Value: string(k), Text: say.kind(k), Chosen: string(k) == f.Kind})
	}
	f.Statuses = say.choice(vocStatuses, f.Status)
	f.Labels.Organisation = say.label("organisation", "musette.field.organisation")
	f.Labels.Status = say.label("status", "musette.field.status")
	page := inside(i18n.T(ctx, "musette.new.title"), homeLink(ctx))
	page.Lede = i18n.T(ctx, "musette.new.lede")
	if f.ID != "" {
		page = inside(i18n.T(ctx, "musette.edit.title"), web.Link{Path: itemPath(f.ID), Text: i18n.T(ctx, "musette.edit.up")})
	}
	page.Refused = len(f.Refused) > 0 || len(f.Theirs) > 0
	return web.Render(w, r, status, web.Layout(page, activityFormPage(&f)))
}

// choice is a vocabulary as options, with what is said now even if the pack does not
// know it.
func (say *speech) choice(vocabulary, chosen string) []web.Option {
	all := []web.Option{{Text: i18n.T(say.ctx, "musette.choice.none")}}
	found := chosen == ""
	for _, t := range say.pack.list(vocabulary) {
		all = append(all, web.Option{Value: t.ID, Text: t.In(say.lang), Chosen: t.ID == chosen})
		found = found || t.ID == chosen
	}
	if !found {
		all = append(all, web.Option{Value: chosen, Text: say.pack.term(vocabulary, chosen, say.lang), Chosen: true})
	}
	return all
}

func (f *activityForm) action() string {
	if f.ID == "" {
		return activityAt
	}
	return itemPath(f.ID)
}

// more reports whether the optional part must be open: something in it was refused,
// or is said already.
func (f *activityForm) more() bool {
	for _, r := range f.Refused {
		switch r.Field {
		case "organisation", "status", "hours_per_week", "narrative", "tools", "methods", "tags":
			return true
		}
	}
	return f.Organisation+f.Status+f.Hours+f.Narrative+f.Tools+f.Methods+f.Tags != ""
}

func (s *Service) editActivity(w http.ResponseWriter, r *http.Request, id kernel.ItemID) error {
	a, err := s.Activity(r.Context(), id)
	if err != nil {
		return err
	}
	return s.activityForm(w, r, formOf(r.Context(), a), http.StatusOK)
}

func (s *Service) saveActivity(w http.ResponseWriter, r *http.Request, id kernel.ItemID) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	was, err := s.Activity(ctx, id)
	if err != nil {
		return err
	}
	f := readActivityForm(form)
	f.ID = id
	c, err := f.checked(was.Start == "")
	if err == nil {
		if _, err = s.ReviseActivity(ctx, id, f.Version, c); err == nil {
			return web.SeeOther(w, r, itemPath(id), "musette.activity.changed")
		}
	}
	if errors.Is(err, errStale) {
		return s.activityConflict(w, r, f, c)
	}
	if f.Refused = refused(err, &f.Key, "title"); len(f.Refused) > 0 {
		return s.activityForm(w, r, f, f.Refused.Status())
	}
	return err
}

// activityConflict tells the second of two windows: her text is kept, both versions
// are shown, and sending again replaces what is there now.
func (s *Service) activityConflict(w http.ResponseWriter, r *http.Request, f activityForm, typed Content) error {
	ctx := r.Context()
	now, err := s.Activity(ctx, f.ID)
	if err != nil {
		return err
	}
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	say := newSpeech(ctx, pack)
	f.Version, f.Key = now.Version, ""
	f.Theirs = changes(say.activityLines(now), say.activityLines(&Activity{Content: typed}))
	return s.activityForm(w, r, f, http.StatusConflict)
}
