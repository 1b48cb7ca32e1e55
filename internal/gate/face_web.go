package gate

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// autocomplete helps browsers fill the profile.
var autocomplete = map[string]string{"name": "name", "email": "email", "phone": "tel", "city": "address-level2", "website": "url"}

// faceForm is a face being composed: what is chosen, and what may be.
type faceForm struct {
	Face      Face
	ByRule    bool
	Paid      string // "", "yes" or "no"
	From, To  string // as typed
	Tags      string
	Items     []Item // what may be shown, newest first
	Pieces    []Item
	Preview   Shown
	Refused   web.Refusals
	Key       string
	OpenCount int // grants that show this face now
}

func (s *Service) showFaces(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	faces, err := s.Faces(ctx)
	if err != nil {
		return err
	}
	page := frame(ctx, i18n.T(ctx, "gate.faces.title"), i18n.T(ctx, "gate.faces.lede"))
	return web.Render(w, r, http.StatusOK, web.Layout(page, facesPage(faces)))
}

func (s *Service) newFace(w http.ResponseWriter, r *http.Request) error {
	f := Face{Language: i18n.Lang(r.Context()), Shows: Shows{Profile: []string{"name"}}}
	return s.composeFace(w, r, http.StatusOK, faceForm{Face: f})
}

func (s *Service) editFace(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.Own(ctx)
	if err != nil {
		return err
	}
	f, err := s.Face(ctx, p, kernel.ItemID(r.PathValue("id")))
	if err != nil {
		return err
	}
	ff := faceForm{Face: f}
	if rule := f.Shows.Activities.Rule; rule != nil {
		ff.ByRule, ff.From, ff.To, ff.Tags = true, rule.From, rule.To, strings.Join(rule.Tags, ", ")
		if rule.Paid != nil {
			ff.Paid = map[bool]string{true: "yes", false: "no"}[*rule.Paid]
		}
	}
	return s.composeFace(w, r, http.StatusOK, ff)
}

func (s *Service) composeFace(w http.ResponseWriter, r *http.Request, code int, ff faceForm) error {
	ctx := r.Context()
	p, err := s.Own(ctx)
	if err != nil {
		return err
	}
	m, err := s.all(ctx, p.Owner())
	if err != nil {
		return err
	}
	ff.Items, ff.Pieces = shareable(m)
	if ff.Preview, err = s.Preview(ctx, ff.Face); err != nil {
		return err
	}
	if ff.Face.ID != "" {
		if ff.OpenCount, err = s.openOf(ctx, ff.Face.ID); err != nil {
			return err
		}
	}
	title := ff.Face.Name
	if ff.Face.ID == "" || title == "" {
		title = i18n.T(ctx, "gate.face.new")
	}
	page := frame(ctx, title, i18n.T(ctx, "gate.face.lede"))
	page.Live = true
	page.Up = web.Link{Path: "/portillon/faces", Text: i18n.T(ctx, "gate.faces.title")}
	page.Refused = len(ff.Refused) > 0
	return web.Render(w, r, code, web.Layout(page, facePage(ff)))
}

func (s *Service) openOf(ctx context.Context, face kernel.ItemID) (int, error) {
	grants, err := s.Grants(ctx)
	n := 0
	for _, g := range grants {
		if g.Face == face && g.Open(s.DB.Now()) {
			n++
		}
	}
	return n, err
}

// shareable lists what a face may show: activities newest first, then the rest
// in the order it was made; pieces apart.
func shareable(m *musette) (items, pieces []Item) {
	for name, all := range m.rooms {
		if name == room {
			continue
		}
		for _, it := range all {
			switch {
			case it.View.Never, it.View.Kind == "": // without a kind it serves its own room alone
			case it.View.Kind == "piece":
				pieces = append(pieces, it)
			default:
				items = append(items, it)
			}
		}
	}
	rank := func(it Item) int {
		if slices.Contains(ActivityKinds, it.View.Kind) {
			return 0
		}
		return 1
	}
	slices.SortFunc(items, func(a, b Item) int {
		if c := rank(a) - rank(b); c != 0 {
			return c
		}
		if c := strings.Compare(b.View.Start, a.View.Start); c != 0 {
			return c
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	slices.SortFunc(pieces, func(a, b Item) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return items, pieces
}

func (s *Service) saveNewFace(w http.ResponseWriter, r *http.Request) error {
	return s.takeFace(w, r, "")
}

func (s *Service) saveFace(w http.ResponseWriter, r *http.Request) error {
	return s.takeFace(w, r, kernel.ItemID(r.PathValue("id")))
}

func (s *Service) takeFace(w http.ResponseWriter, r *http.Request, id kernel.ItemID) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ff, err := readFace(form, id)
	if form.Get("see") != "" || len(web.Refused(err)) > 0 {
		ff.Refused = web.Refused(err)
		return s.composeFace(w, r, max(http.StatusOK, statusOf(ff.Refused)), ff)
	}
	if err != nil {
		return err
	}
	saved, err := s.SaveFace(r.Context(), ff.Face)
	if ff.Refused = web.Refused(err); len(ff.Refused) > 0 {
		if kernel.KindOf(err) == kernel.Conflict {
			if p, e := s.Own(r.Context()); e == nil {
				if now, e := s.Face(r.Context(), p, id); e == nil {
					ff.Face.Version = now.Version
				}
			}
		}
		return s.composeFace(w, r, ff.Refused.Status(), ff)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/portillon/faces/"+string(saved.ID), "gate.face.saved")
}

// previewFace answers the preview of a form while it is being filled in: a face being
// composed, or the one that a pass would show.
func (s *Service) previewFace(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.Own(ctx)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f, from := Face{}, "#pass"
	if id := form.Get("face"); id != "" {
		f, err = s.Face(ctx, p, kernel.ItemID(id))
	} else {
		var ff faceForm
		ff, err = readFace(form, "")
		f, from = ff.Face, "#face"
	}
	if err != nil {
		return err
	}
	shown, err := s.Preview(ctx, f)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, livePreview(shown, from))
}

func statusOf(refused web.Refusals) int {
	if len(refused) == 0 {
		return 0
	}
	return refused.Status()
}

// readFace reads the form; a preview works on it before anything is kept.
func readFace(form url.Values, id kernel.ItemID) (faceForm, error) {
	version, err := strconv.ParseInt("0"+form.Get("version"), 10, 64)
	if err != nil {
		return faceForm{}, errStale.Because(err)
	}
	ff := faceForm{
		Face: Face{ID: id, Version: version, Name: form.Get("name"), Language: form.Get("language")},
		From: form.Get("from"), To: form.Get("to"), Paid: form.Get("paid"), Tags: form.Get("tags"),
		ByRule: form.Get("choose") == "rule", Key: form.Get("idempotency_key"),
	}
	f := &ff.Face
	f.Shows.Profile = form["profile"]
	f.Shows.Pieces, f.Shows.Originals = itemIDs(form["piece"]), itemIDs(form["original"])
	for _, field := range Fields {
		if !slices.Contains(form["field"], field) {
			f.Hides = append(f.Hides, field)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if strings.HasPrefix(name, otherField) {
			f.Shows.Items = append(f.Shows.Items, itemIDs(form[name])...)
		}
	}
	if !ff.ByRule {
		f.Shows.Activities.IDs = itemIDs(form["item"])
		return ff, nil
	}
	rule := &Rule{Kinds: form["kind"]}
	f.Shows.Activities.Rule = rule
	for _, t := range strings.Split(ff.Tags, ",") {
		if t = strings.TrimSpace(t); t != "" {
			rule.Tags = append(rule.Tags, t)
		}
	}
	if ff.Paid != "" {
		paid := ff.Paid == "yes"
		rule.Paid = &paid
	}
	from, err := web.Date(form, "from")
	if err != nil {
		return ff, err
	}
	to, err := web.Date(form, "to")
	if err != nil {
		return ff, err
	}
	rule.From, rule.To = string(from), string(to)
	f.Hides = append(f.Hides, form["except"]...)
	return ff, nil
}

func itemIDs(texts []string) []kernel.ItemID {
	ids := make([]kernel.ItemID, len(texts))
	for i, t := range texts {
		ids[i] = kernel.ItemID(t)
	}
	return ids
}

func (s *Service) dropFace(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := s.DeleteFace(r.Context(), kernel.ItemID(r.PathValue("id"))); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/portillon/faces", "gate.face.deleted")
}
