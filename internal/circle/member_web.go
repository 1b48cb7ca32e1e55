package circle

import (
	"context"
	"net/http"
	"net/url"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func personOf(r *http.Request) kernel.PersonID { return kernel.PersonID(r.PathValue("person")) }

func memberPath(m Line) string {
	return path(m.Circle) + "/members/" + url.PathEscape(string(m.Person))
}

// nameOf is what others read of a member.
func nameOf(ctx context.Context, m Line) string {
	if m.Name == "" {
		return i18n.T(ctx, "circle.members.gone")
	}
	return m.Name
}

// labelFor tells buttons of the same words apart for who hears them: the words seen
// come first.
func labelFor(ctx context.Context, key string, m Line) string {
	return i18n.T(ctx, key) + ", " + nameOf(ctx, m)
}

func (s *Service) changeRole(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if _, err := s.SetRole(r.Context(), circleOf(r), personOf(r), Role(form.Get("role"))); err != nil {
		return err
	}
	return web.SeeOther(w, r, path(circleOf(r)), "circle.role.saved")
}

func (s *Service) askLeave(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), circleOf(r)
	v, err := s.Show(ctx, id)
	if err != nil {
		return err
	}
	c := web.Confirmation{
		DoesIcon: "out", DoesTitle: i18n.T(ctx, "circle.leave.does.title"),
		Does:      []string{i18n.T(ctx, "circle.leave.does.seen"), i18n.T(ctx, "circle.leave.does.name")},
		KeepsIcon: "musette", KeepsTitle: i18n.T(ctx, "circle.leave.keeps.title"),
		Keeps:  []string{i18n.T(ctx, "circle.leave.keeps.passes"), i18n.T(ctx, "circle.leave.keeps.musette")},
		Action: path(id) + "/leave", Do: i18n.T(ctx, "circle.leave.do"), Stop: true,
		Instead: web.Link{Path: path(id), Text: i18n.T(ctx, "circle.leave.stay")},
	}
	page := web.Page{
		Title: i18n.T(ctx, "circle.leave.title", "circle", v.Name), Lede: i18n.T(ctx, "circle.leave.lede"),
		Room: "cercles", Up: web.Link{Path: path(id), Text: v.Name},
	}
	if v.Members == 1 {
		page.Title, page.Lede = i18n.T(ctx, "circle.close.title", "circle", v.Name), i18n.T(ctx, "circle.close.lede")
		c.Does, c.Do = []string{i18n.T(ctx, "circle.close.does")}, i18n.T(ctx, "circle.close.do")
	}
	return web.Render(w, r, http.StatusOK, web.Layout(page, web.Confirm(c)))
}

func (s *Service) leaveCircle(w http.ResponseWriter, r *http.Request) error {
	return s.remove(w, r, kernel.ActorFrom(r.Context()).Person)
}

func (s *Service) remove(w http.ResponseWriter, r *http.Request, person kernel.PersonID) error {
	closed, err := s.Remove(r.Context(), circleOf(r), person)
	switch {
	case err != nil:
		return err
	case closed:
		return web.SeeOther(w, r, "/circles", "circle.closed")
	case person == kernel.ActorFrom(r.Context()).Person:
		return web.SeeOther(w, r, "/circles", "circle.left")
	}
	return web.SeeOther(w, r, path(circleOf(r)), "circle.removed")
}

func (s *Service) askRemove(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), circleOf(r)
	v, err := s.Show(ctx, id)
	if err != nil {
		return err
	}
	if err := mayLookAfter(Member{Role: v.Role}); err != nil {
		return err
	}
	m, err := s.Member(ctx, id, personOf(r))
	if err != nil {
		return err
	}
	page := web.Page{
		Title: i18n.T(ctx, "circle.remove.title", "name", nameOf(ctx, m)), Lede: i18n.T(ctx, "circle.remove.lede", "circle", v.Name),
		Room: "cercles", Up: web.Link{Path: path(id), Text: v.Name},
	}
	return web.Render(w, r, http.StatusOK, web.Layout(page, web.Confirm(web.Confirmation{
		DoesIcon: "remove", DoesTitle: i18n.T(ctx, "circle.leave.does.title"),
		Does:      []string{i18n.T(ctx, "circle.remove.does.seen"), i18n.T(ctx, "circle.remove.does.back")},
		KeepsIcon: "musette", KeepsTitle: i18n.T(ctx, "circle.leave.keeps.title"),
		Keeps:  []string{i18n.T(ctx, "circle.remove.keeps")},
		Action: memberPath(m) + "/remove", Do: i18n.T(ctx, "circle.remove.do"), Stop: true,
		Instead: web.Link{Path: path(id), Text: i18n.T(ctx, "circle.remove.back")},
	})))
}

func (s *Service) removeMember(w http.ResponseWriter, r *http.Request) error {
	return s.remove(w, r, personOf(r))
}
