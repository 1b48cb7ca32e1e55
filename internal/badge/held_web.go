package badge

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

const heldAt = "/reveler/badges"

func heldPath(id kernel.ItemID) string { return heldAt + "/" + url.PathEscape(string(id)) }

func itemOf(r *http.Request) kernel.ItemID { return kernel.ItemID(r.PathValue("id")) }

// frame is a page of badges.
func (s *Service) frame(ctx context.Context, title, lede string, up bool) web.Page {
	p := web.Page{Title: title, Lede: lede, Room: "reveler", Up: web.Link{Path: "/reveler"}, Subnav: []web.Link{
		{Path: heldAt, Text: i18n.T(ctx, "badge.nav.held")}, {Path: issueAt, Text: i18n.T(ctx, "badge.nav.issue")}, {Path: "/verify", Text: i18n.T(ctx, "badge.nav.verify")},
	}}
	if up {
		p.Up = web.Link{Path: heldAt, Text: i18n.T(ctx, "badge.nav.held")}
	}
	return p
}

// heldList is what the page of all badges shows.
type heldList struct {
	Held    []Holding
	Waiting []Award
	About   map[AchievementID]Achievement
	Form    url.Values
	Refused web.Refusals
}

func (s *Service) listHeld(w http.ResponseWriter, r *http.Request) error {
	return s.renderHeld(w, r, nil, nil)
}

func (s *Service) renderHeld(w http.ResponseWriter, r *http.Request, form url.Values, refused web.Refusals) error {
	ctx := r.Context()
	if err := s.Collect(ctx); err != nil {
		return err
	}
	v := heldList{Form: form, Refused: refused}
	var err error
	if v.Held, err = s.Credentials(ctx); err != nil {
		return err
	}
	if v.Waiting, v.About, err = s.Waiting(ctx); err != nil {
		return err
	}
	p := s.frame(ctx, i18n.T(ctx, "badge.held.title"), i18n.T(ctx, "badge.held.lede"), false)
	p.Refused = len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(p, heldPage(v)))
}

func (s *Service) importHeld(w http.ResponseWriter, r *http.Request) error {
	form, input, err := broughtIn(r)
	if err != nil {
		return err
	}
	id, err := s.Import(r.Context(), input)
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderHeld(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, heldPath(id), "badge.import.done")
}

// heldOne is what the page of one badge shows.
type heldOne struct {
	Holding
	Report  credential.Report
	Parts   []web.Option
	Link    string // just made
	Form    url.Values
	Refused web.Refusals
}

func (s *Service) showHeld(w http.ResponseWriter, r *http.Request) error {
	return s.renderOne(w, r, heldOne{})
}

func (s *Service) renderOne(w http.ResponseWriter, r *http.Request, v heldOne) error {
	ctx := r.Context()
	var err error
	if v.Holding, v.Report, err = s.Credential(ctx, itemOf(r)); err != nil {
		return err
	}
	pointers, err := v.Holding.Parts()
	if err != nil {
		return err
	}
	for i, p := range pointers {
		if key := partKey(p); key != "" {
			v.Parts = append(v.Parts, web.Option{Value: strconv.Itoa(i), Text: i18n.T(ctx, key), Chosen: false})
		}
	}
	p := s.frame(ctx, contentOf(v.Report).Name, "", true)
	p.Refused, p.Under = len(v.Refused) > 0, markOf(v.View)
	return web.Render(w, r, v.Refused.Status(), web.Layout(p, onePage(v)))
}

// partNames are the parts of a badge that its holder may show or hide.
var partNames = map[string]string{
	"/credentialSubject/id": "badge.part.holder", "/credentialSubject/achievement/description": "badge.part.description",
	"/credentialSubject/achievement/criteria": "badge.part.criteria", "/credentialSubject/achievement/image": "badge.part.image",
	"/credentialSubject/achievement/alignment": "badge.part.alignment", "/evidence": "badge.part.evidence", "/awardedDate": "badge.part.date",
}

func partKey(pointer string) string { return partNames[pointer] }

func (s *Service) recheckHeld(w http.ResponseWriter, r *http.Request) error {
	if err := s.Recheck(r.Context(), itemOf(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, heldPath(itemOf(r)), "badge.rechecked")
}

func (s *Service) removeHeld(w http.ResponseWriter, r *http.Request) error {
	if err := s.Remove(r.Context(), itemOf(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, heldAt, "badge.removed")
}

func (s *Service) askRemoveHeld(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	h, report, err := s.Credential(ctx, itemOf(r))
	if err != nil {
		return err
	}
	p := s.frame(ctx, i18n.T(ctx, "badge.remove.title", "name", contentOf(report).Name), "", true)
	return web.Render(w, r, http.StatusOK, web.Layout(p, removePage(h)))
}

func (s *Service) shareHeld(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	link, err := s.Share(r.Context(), itemOf(r), form.Get("purpose"), form.Get("until"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderOne(w, r, heldOne{Form: form, Refused: refused})
	}
	if err != nil {
		return err
	}
	return s.renderOne(w, r, heldOne{Link: link})
}

// partHeld gives the badge as a token that shows the chosen parts only.
func (s *Service) partHeld(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	h, _, err := s.Credential(r.Context(), itemOf(r))
	if err != nil {
		return err
	}
	pointers, err := h.Parts()
	if err != nil {
		return err
	}
	var show []string
	for i, p := range pointers {
		if slices.Contains(form["part"], strconv.Itoa(i)) {
			show = append(show, p)
		}
	}
	token, err := h.Part(show)
	if err != nil {
		return err
	}
	return attach(w, "badge.sd-jwt", "application/dc+sd-jwt", []byte(token))
}

// recordHeld makes one record of several badges.
func (s *Service) recordHeld(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var ids []kernel.ItemID
	for _, id := range form["items"] {
		ids = append(ids, kernel.ItemID(id))
	}
	text, err := s.Record(r.Context(), ids, i18n.T(r.Context(), "badge.record.name"))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderHeld(w, r, form, refused)
	}
	if err != nil {
		return err
	}
	return attach(w, "record.clr.json", "application/vc", text)
}

func (s *Service) fileHeld(w http.ResponseWriter, r *http.Request) error {
	h, report, err := s.Credential(r.Context(), itemOf(r))
	if err != nil {
		return err
	}
	return fileOf(w, h, report, r.PathValue("form"))
}

// fileOf gives a badge in one of its forms.
func fileOf(w http.ResponseWriter, h Holding, report credential.Report, form string) error {
	switch form {
	case "badge.json", "badge.txt":
		return attach(w, form, "application/vc", h.Text)
	case "badge.jwt":
		if h.JWT != "" {
			return attach(w, form, "application/vc+jwt", []byte(h.JWT))
		}
	case "badge.png", "badge.svg":
		raw, err := h.Baked(report, form == "badge.svg")
		if err != nil {
			return err
		}
		kind := map[string]string{"badge.png": "image/png", "badge.svg": "image/svg+xml"}[form]
		return attach(w, form, kind, raw)
	}
	return errNone
}

func attach(w http.ResponseWriter, name, kind string, raw []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(raw) // a reader who left needs no answer
	return nil
}

// shownPage is the badge behind a link.
func (s *Service) shownPage(w http.ResponseWriter, r *http.Request) error {
	closed(w)
	ctx := r.Context()
	h, report, errand, err := s.Shown(ctx, r.PathValue("token"))
	if err != nil {
		return err
	}
	p := web.Page{Title: contentOf(report).Name, Lede: i18n.T(ctx, "badge.shown.lede", "name", errand.OwnerName, "purpose", errand.Purpose), Bare: true, Under: markOf(h.View)}
	return web.Render(w, r, http.StatusOK, web.Layout(p, shownBadge(h, report, "/badges/shown/"+url.PathEscape(r.PathValue("token")))))
}

func (s *Service) shownFile(w http.ResponseWriter, r *http.Request) error {
	closed(w)
	h, report, _, err := s.Shown(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return fileOf(w, h, report, r.PathValue("form"))
}

// closed keeps a page that somebody shows by a link out of caches, indexes and
// referrers.
func closed(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Referrer-Policy", "no-referrer")
}

// markOf says where a credential comes from.
func markOf(v gate.View) component {
	if v.Provenance.Source == gate.Attested {
		return web.Mark(web.Seal)
	}
	return web.Mark(web.Imported)
}
