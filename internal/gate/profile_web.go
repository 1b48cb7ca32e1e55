package gate

import (
	"net/http"
	"strconv"

	"digiwork/internal/platform/web"
)

func (s *Service) saveProfile(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p := Profile{Fields: map[string]string{}}
	if p.Version, err = strconv.ParseInt(form.Get("version"), 10, 64); err != nil {
		return errStale.Because(err)
	}
	for _, name := range ProfileFields {
		p.Fields[name] = form.Get(name)
	}
	err = s.SaveProfile(r.Context(), p)
	if refused := web.Refused(err); len(refused) > 0 {
		if now, e := s.Profile(r.Context()); e == nil {
			p.Version = now.Version // the text is kept, the next attempt replaces what is there
		}
		return s.profileForm(w, r, refused.Status(), p, refused, form.Get("idempotency_key"))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/portillon/profile", "gate.profile.saved")
}
