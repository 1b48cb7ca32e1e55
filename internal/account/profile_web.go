package account

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

// profileView is the form of settings.
type profileView struct {
	Profile   Profile
	Form      url.Values // as typed, when it comes back
	Version   int64
	Confirmed bool // the address was proved
	Mail      bool // letters can leave
	Changed   bool // somebody, or she in another window, changed it meanwhile
	Refused   web.Refusals
}

func profileFrame(ctx context.Context) web.Page {
	return frame(ctx, i18n.T(ctx, "account.profile.title"), i18n.T(ctx, "account.profile.lede"))
}

func (s *Service) showProfile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.Me(ctx)
	if err != nil {
		return err
	}
	v := profileView{Profile: p.profile(), Version: p.Version, Confirmed: p.MailConfirmed, Mail: s.canPost()}
	return web.Render(w, r, http.StatusOK, web.Layout(profileFrame(ctx), profileForm(v)))
}

func (s *Service) postProfile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		return errStaleProfile.Because(err)
	}
	typed, err := profileOf(form)
	if checked, refused := typed.checked(); err != nil || refused != nil {
		err = errors.Join(err, refused)
	} else {
		_, err = s.SaveProfile(ctx, version, checked)
	}
	if err == nil {
		s.follow(w)
		return web.SeeOther(w, r, "/account", "account.profile.saved")
	}
	return s.profileAgain(w, r, form, typed, err)
}

// profileAgain shows the form as typed, with what is wrong or with the version that
// is current now.
func (s *Service) profileAgain(w http.ResponseWriter, r *http.Request, form url.Values, typed Profile, refusal error) error {
	ctx := r.Context()
	now, err := s.Me(ctx)
	if err != nil {
		return err
	}
	v := profileView{Profile: typed, Form: form, Version: now.Version, Confirmed: now.MailConfirmed && now.Mail == typed.Mail, Mail: s.canPost()}
	if errors.Is(refusal, errStaleProfile) {
		v.Changed = true
		p := profileFrame(ctx)
		p.Refused = true
		return web.Render(w, r, http.StatusConflict, web.Layout(p, profileForm(v)))
	}
	done, shown := comeBack(w, r, refusal, func(refused web.Refusals) (web.Page, templ.Component) {
		v.Refused = refused
		return profileFrame(ctx), profileForm(v)
	})
	if done {
		return shown
	}
	return refusal
}

// follow drops what this browser kept of language and theme at the foot of a page:
// the account's own choice is the later one.
func (s *Service) follow(w http.ResponseWriter) {
	for _, name := range []string{"lang", "theme"} {
		http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode})
	}
}

// profileOf reads the form of settings.
func profileOf(form url.Values) (Profile, error) {
	p := Profile{
		Handle: form.Get("handle"), Name: form.Get("name"), Mail: form.Get("email"),
		Lang: form.Get("language"), Zone: form.Get("zone"), Theme: form.Get("theme"),
	}
	p.Quiet.On = form.Get("quiet_on") != ""
	var errs []error
	var err error
	if p.Quiet.From, err = ParseClock(form.Get("quiet_from")); err != nil {
		errs = append(errs, errQuiet.On("quiet_from"))
	}
	if p.Quiet.To, err = ParseClock(form.Get("quiet_to")); err != nil {
		errs = append(errs, errQuiet.On("quiet_to"))
	}
	for _, d := range form["quiet_days"] {
		n, err := strconv.Atoi(d)
		if err != nil || n < 0 || n > 6 {
			errs = append(errs, errQuiet.On("quiet_days"))
			break
		}
		p.Quiet.Days = p.Quiet.Days.With(time.Weekday(n))
	}
	return p, errors.Join(errs...)
}

func (s *Service) postProof(w http.ResponseWriter, r *http.Request) error {
	if err := s.AskProof(r.Context()); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/account", "account.mail.sent")
}
