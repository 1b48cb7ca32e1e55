package gate

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// grantForm is a pass being written.
type grantForm struct {
	Faces   []Face
	Circles map[kernel.CircleID]string
	Face    string
	To      string // "link", "person" or "circle"
	Person  string
	Circle  string
	Purpose string
	Until   string
	Least   string // first day that may be chosen
	Preview *Shown
	Refused web.Refusals
	Key     string
}

func (s *Service) newGrant(w http.ResponseWriter, r *http.Request) error {
	week := s.DB.Now().In(kernel.ActorFrom(r.Context()).Location()).AddDate(0, 0, 7)
	return s.composeGrant(w, r, http.StatusOK, grantForm{Face: r.URL.Query().Get("face"), To: "link", Until: week.Format(time.DateOnly)})
}

func (s *Service) composeGrant(w http.ResponseWriter, r *http.Request, code int, gf grantForm) error {
	ctx := r.Context()
	p, err := s.Own(ctx)
	if err != nil {
		return err
	}
	if gf.Faces, err = s.Faces(ctx); err != nil {
		return err
	}
	if gf.Face == "" && len(gf.Faces) > 0 {
		gf.Face = string(gf.Faces[len(gf.Faces)-1].ID)
	}
	for _, f := range gf.Faces {
		if string(f.ID) == gf.Face {
			shown, err := s.Preview(ctx, f)
			if err != nil {
				return err
			}
			gf.Preview = &shown
		}
	}
	circles, err := s.Circles.CirclesOf(ctx, p.Owner())
	if err != nil {
		return err
	}
	if gf.Circles, err = s.Circles.CircleNames(ctx, circles); err != nil {
		return err
	}
	gf.Least = s.DB.Now().In(kernel.ActorFrom(ctx).Location()).Format(time.DateOnly)
	page := frame(ctx, i18n.T(ctx, "gate.grant.new"), i18n.T(ctx, "gate.grant.new.lede"))
	page.Live = true
	page.Up = web.Link{Path: "/portillon"}
	page.Refused = len(gf.Refused) > 0
	return web.Render(w, r, code, web.Layout(page, grantNewPage(gf)))
}

func (s *Service) saveGrant(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	gf := readGrant(form)
	if form.Get("see") != "" {
		return s.composeGrant(w, r, http.StatusOK, gf)
	}
	g, err := s.Grant(r.Context(), gf.ask())
	if gf.Refused = web.Refused(err); len(gf.Refused) > 0 {
		return s.composeGrant(w, r, gf.Refused.Status(), gf)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/portillon/grants/"+string(g.ID), "gate.grant.made")
}

func readGrant(form url.Values) grantForm {
	return grantForm{
		Face: form.Get("face"), To: form.Get("to"), Person: strings.TrimSpace(form.Get("person")), Circle: form.Get("circle"),
		Purpose: form.Get("purpose"), Until: form.Get("until"), Key: form.Get("idempotency_key"),
	}
}

func (gf grantForm) ask() Ask {
	a := Ask{Face: kernel.ItemID(gf.Face), Purpose: gf.Purpose, Until: gf.Until}
	switch gf.To {
	case "link":
		a.To.Link = true
	case "person":
		a.To.Person = kernel.PersonID(gf.Person)
	case "circle":
		a.To.Circle = kernel.CircleID(gf.Circle)
	}
	return a
}

func (s *Service) showGrant(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	g, err := s.GrantByID(ctx, kernel.GrantID(r.PathValue("id")))
	if err != nil {
		return err
	}
	page := frame(ctx, nameOf(ctx, g), "")
	page.Up = web.Link{Path: "/portillon"}
	return web.Render(w, r, http.StatusOK, web.Layout(page, grantPage(g, s.DB.Now())))
}

func (s *Service) withdraw(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := s.Withdraw(r.Context(), kernel.GrantID(r.PathValue("id"))); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/portillon", "gate.grant.withdrawn")
}

func (s *Service) accept(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := s.Accept(r.Context(), kernel.GrantID(r.PathValue("id"))); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/portillon", "gate.grant.accepted")
}

func (s *Service) takeReceipt(w http.ResponseWriter, r *http.Request) error {
	rc, err := s.Receipt(r.Context(), kernel.GrantID(r.PathValue("id")))
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(rc, "", "  ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="consent-receipt.json"`)
	_, _ = w.Write(raw) // a reader who left needs no answer
	return nil
}

// ticket is a grant as its owner sees it.
func ticket(ctx context.Context, g Grant, now time.Time) web.Ticket {
	t := web.Ticket{ID: string(g.ID), Title: nameOf(ctx, g), Purpose: g.Purpose}
	switch {
	case g.To.Link:
		t.Icon, t.Via = "link", i18n.T(ctx, "gate.ticket.link")
	case g.To.Person != "":
		t.Icon, t.Via = "person", i18n.T(ctx, "gate.ticket.person", "name", nameOr(ctx, g.ToName))
	default:
		t.Icon, t.Via = "people", i18n.T(ctx, "gate.ticket.circle", "name", nameOr(ctx, g.ToName))
	}
	t.Opened = i18n.T(ctx, "gate.ticket.opened", "day", i18n.Day(ctx, g.Made))
	t.Looks = i18n.N(ctx, "gate.ticket.looks", int(g.Looks))
	if g.Open(now) {
		t.Note = shows(ctx, g)
		t.Ends = i18n.T(ctx, "gate.ticket.ends", "day", i18n.FullDay(ctx, g.Until))
		t.Left = i18n.N(ctx, "gate.ticket.left", daysLeft(ctx, now, g.Until))
		t.Action = withdrawForm(g)
		return t
	}
	t.Spent, t.Opened = true, i18n.T(ctx, "gate.ticket.ended", "day", i18n.FullDay(ctx, g.Until))
	if !g.Withdrawn.IsZero() {
		t.Opened = i18n.T(ctx, "gate.ticket.withdrawn", "day", i18n.FullDay(ctx, g.Withdrawn))
	}
	t.Action = receiptLink(g)
	return t
}

// linkHelp says what a link lets do.
func linkHelp(ctx context.Context, g Grant) string {
	if g.Room == "" {
		return i18n.T(ctx, "gate.link.help")
	}
	return i18n.T(ctx, "gate.loan.link.help")
}

// nameOf is what a grant is called: the face it shows, or what a room does with a loan.
func nameOf(ctx context.Context, g Grant) string {
	if g.Room == "" {
		return g.FaceName
	}
	return i18n.T(ctx, "gate.loan.title", "room", roomName(ctx, g.Room))
}

// roomName is what a room does with what is lent to it.
func roomName(ctx context.Context, room string) string {
	if key := "gate.loan.room." + room; i18n.Has(ctx, key) {
		return i18n.T(ctx, key)
	}
	return i18n.T(ctx, "gate.loan.elsewhere")
}

// shows says in one line what a grant lets see.
func shows(ctx context.Context, g Grant) string {
	if g.Room == "" {
		return i18n.N(ctx, "gate.ticket.shows", g.Matched)
	}
	parts := []string{i18n.T(ctx, "gate.loan.nothing")}
	if len(g.Lent) > 0 {
		parts[0] = i18n.T(ctx, "gate.loan.lends", "titles", i18n.List(ctx, g.Lent...))
		if g.Files {
			parts = append(parts, i18n.T(ctx, "gate.loan.files"))
		}
	}
	if g.Answers > 0 {
		parts = append(parts, i18n.N(ctx, "gate.loan.awaits", g.Answers))
	}
	if g.Frozen {
		parts = append(parts, i18n.T(ctx, "gate.loan.frozen"))
	}
	if g.Kept {
		parts = append(parts, i18n.T(ctx, "gate.loan.kept"))
	}
	return strings.Join(parts, " ")
}

// daysLeft counts calendar days in the reader's zone.
func daysLeft(ctx context.Context, now, until time.Time) int {
	zone := i18n.Zone(ctx)
	day := func(t time.Time) time.Time {
		y, m, d := t.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(day(until).Sub(day(now)).Hours() / 24)
}

// nameOr stands in for somebody who has left.
func nameOr(ctx context.Context, name string) string {
	if name == "" {
		return i18n.T(ctx, "gate.someone_left")
	}
	return name
}
