package instance

import (
	"context"
	"net/http"
	"runtime"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

func (s *Service) officePages(m *web.Mux) {
	m.Page("GET /instance", s.showOverview)
	m.Page("GET /instance/health", s.showHealth)
	m.Page("GET /instance/settings", s.showSettings)
	m.Page("POST /instance/registration", s.saveRegistration)
	m.Page("POST /instance/backup", s.backUp)
	m.Page("POST /instance/mail", s.tryMail)
	m.Page("POST /instance/jobs", s.retryJobs)
}

// inOffice renders a page of the office.
func inOffice(w http.ResponseWriter, r *http.Request, title, lede string, refused web.Refusals, body templ.Component) error {
	ctx := r.Context()
	return web.Render(w, r, refused.Status(), web.Layout(web.Page{
		Title: title, Lede: lede, Refused: len(refused) > 0, SubnavName: i18n.T(ctx, "instance.office.pages"),
		Subnav: []web.Link{
			{Path: "/instance", Text: i18n.T(ctx, "instance.office.overview")},
			{Path: "/instance/health", Text: i18n.T(ctx, "instance.office.health")},
			{Path: "/instance/settings", Text: i18n.T(ctx, "instance.office.settings")},
		},
	}, body))
}

// officeForm is what came back of a form of the office.
type officeForm struct {
	Email   string
	Refused web.Refusals
}

func (s *Service) showOverview(w http.ResponseWriter, r *http.Request) error {
	return s.renderOverview(w, r, officeForm{})
}

func (s *Service) renderOverview(w http.ResponseWriter, r *http.Request, f officeForm) error {
	ctx := r.Context()
	o, err := s.Overview(ctx)
	if err != nil {
		return err
	}
	return inOffice(w, r, i18n.T(ctx, "instance.office.title"), i18n.T(ctx, "instance.office.lede"), f.Refused, overviewPage(o, s.About, f))
}

func (s *Service) showHealth(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	found, err := s.Examine(ctx)
	if err != nil {
		return err
	}
	return inOffice(w, r, i18n.T(ctx, "instance.health.title"), i18n.T(ctx, "instance.health.lede"), nil, healthPage(found))
}

func (s *Service) showSettings(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	settings, err := s.Shown(ctx)
	if err != nil {
		return err
	}
	return inOffice(w, r, i18n.T(ctx, "instance.settings.title"), i18n.T(ctx, "instance.settings.lede"), nil,
		web.TableBox(i18n.T(ctx, "instance.settings.title"), settingsTable(settings)))
}

func (s *Service) saveRegistration(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = s.SetRegistration(r.Context(), form.Get("registration"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderOverview(w, r, officeForm{Refused: refused})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/instance", "instance.registration.saved")
}

func (s *Service) backUp(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.BackUp(r.Context()); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/instance", "instance.backup.made")
}

func (s *Service) tryMail(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = onEmail(s.TryMail(r.Context(), form.Get("email")))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderOverview(w, r, officeForm{Email: form.Get("email"), Refused: refused})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/instance", "instance.mail.sent")
}

func (s *Service) retryJobs(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.RetryJobs(r.Context()); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/instance", "instance.jobs.retried")
}

// modes are the options of who may make an account.
func modes(ctx context.Context, chosen string) []web.Option {
	options := make([]web.Option, len(Modes))
	for i, m := range Modes {
		key := "instance.registration." + m
		options[i] = web.Option{Value: m, Text: i18n.T(ctx, key), Help: i18n.T(ctx, key+".help"), Chosen: m == chosen}
	}
	return options
}

func peopleLine(ctx context.Context, c Counts) string {
	return i18n.N(ctx, "instance.office.people", c.People) + ", " + i18n.N(ctx, "instance.office.owners", c.Owners)
}

func programFacts(ctx context.Context, a About) []web.Fact {
	return []web.Fact{
		{Term: i18n.T(ctx, "instance.version.number"), Text: a.Version},
		{Term: i18n.T(ctx, "instance.version.go"), Text: runtime.Version()},
		{Term: i18n.T(ctx, "instance.version.engine"), Text: a.Engine},
		{Term: i18n.T(ctx, "instance.version.licence"), Body: officeLicences()},
	}
}

func aboutFacts(ctx context.Context, a About) []web.Fact {
	facts := []web.Fact{
		{Term: i18n.T(ctx, "instance.about.name"), Text: a.Name},
		{Term: i18n.T(ctx, "instance.about.keeper"), Text: keptBy(a, i18n.T(ctx, "instance.about.keeper.none"))},
		{Term: i18n.T(ctx, "instance.about.contact"), Body: reach(a)},
		{Term: i18n.T(ctx, "instance.about.version"), Text: a.Version},
		{Term: i18n.T(ctx, "instance.about.licence"), Body: licenceLink()},
	}
	if a.Source != "" {
		facts = append(facts, web.Fact{Term: i18n.T(ctx, "instance.about.source"), Body: sourceLink(a.Source)})
	}
	return facts
}

// stateLook is the class and the icon of a finding: a shape before a colour.
func stateLook(s State) (class, icon string) {
	switch s {
	case Fine:
		return "ok", "check"
	case Serious:
		return "no", "cross"
	}
	return "unknown", "ask"
}

func settingValue(ctx context.Context, s Setting) string {
	switch {
	case s.Secret && s.Set:
		return i18n.T(ctx, "instance.settings.hidden")
	case s.Secret:
		return i18n.T(ctx, "instance.settings.unset")
	case s.Value == "":
		return i18n.T(ctx, "instance.settings.empty")
	}
	return s.Value
}
