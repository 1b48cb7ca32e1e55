package vae

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) sharePages(m *web.Mux) {
	m.Page("GET /reveler/vae/files/{id}/share", s.showShare)
	m.Page("POST /reveler/vae/files/{id}/share", s.openFile)
	m.Page("GET /reveler/vae/files/{id}/hand", s.askHand)
	m.Page("POST /reveler/vae/files/{id}/hand", s.handOver)
	m.Page("POST /reveler/vae/files/{id}/loans/{grant}/close", s.closeLoan)
	m.Page("POST /reveler/vae/files/{id}/comments/{comment}/forget", s.forgetComment)
	m.Page("GET /reveler/vae/lent/{grant}", s.showLent)
	m.Page("POST /reveler/vae/lent/{grant}/comments", s.comment)
}

// shareView is what is open of a file, and the form that opens more.
type shareView struct {
	*Whole
	Circles []Circle
	Open    []loanLine
	Handed  []loanLine

	To, Purpose, Until, Key string
	Understood              bool
	Chosen                  []string
	Refused                 web.Refusals
}

// loanLine is a loan of the file as its owner sees it.
type loanLine struct {
	gate.Grant
	SHA256  string
	Decided bool
	Parts   int
}

func (s *Service) shareView(ctx context.Context, id kernel.ItemID) (v shareView, err error) {
	if v.Whole, err = s.Whole(ctx, id); err != nil {
		return v, err
	}
	if v.Circles, err = s.Circles.Mine(ctx); err != nil {
		return v, err
	}
	grants, err := s.Gate.Grants(ctx)
	if err != nil {
		return v, err
	}
	for _, g := range slices.Backward(grants) {
		for _, o := range v.File.Opened {
			if o.Grant == g.ID {
				v.Open = append(v.Open, loanLine{Grant: g, Parts: len(o.Items)})
			}
		}
		for _, h := range v.File.Handed {
			if h.Grant != g.ID {
				continue
			}
			_, decided, err := s.decidedOn(ctx, g.ID)
			if err != nil {
				return v, err
			}
			v.Handed = append(v.Handed, loanLine{Grant: g, SHA256: h.SHA256, Decided: decided})
		}
	}
	v.Until = s.DB.Now().In(kernel.ActorFrom(ctx).Location()).AddDate(0, 3, 0).Format(time.DateOnly)
	return v, nil
}

func (s *Service) showShare(w http.ResponseWriter, r *http.Request) error {
	v, err := s.shareView(r.Context(), fileIn(r))
	if err != nil {
		return err
	}
	for _, p := range v.Parts {
		if shapeOf(p.Code).dossier == Validation {
			v.Chosen = append(v.Chosen, p.Code)
		}
	}
	return s.renderShare(w, r, v)
}

func (s *Service) renderShare(w http.ResponseWriter, r *http.Request, v shareView) error {
	page := inFile(r.Context(), v.File, i18n.T(r.Context(), "vae.share.title"))
	page.Lede, page.Refused = i18n.T(r.Context(), "vae.share.lede"), len(v.Refused) > 0
	return web.Render(w, r, v.Refused.Status(), web.Layout(page, sharePage(v)))
}

func (s *Service) openFile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := s.shareView(ctx, fileIn(r))
	if err != nil {
		return err
	}
	v.To, v.Purpose, v.Until, v.Chosen, v.Key = form.Get("to"), form.Get("purpose"), form.Get("until"), form["parts"], form.Get("idempotency_key")
	err = errWhom
	if slices.ContainsFunc(v.Circles, func(c Circle) bool { return string(c.ID) == v.To }) {
		err = s.Open(ctx, v.ID, v.Chosen, gate.To{Circle: kernel.CircleID(v.To)}, v.Purpose, v.Until)
	}
	if v.Refused = web.Refused(err); len(v.Refused) > 0 {
		return s.renderShare(w, r, v)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, filePath(v.ID)+"/share", "vae.opened")
}

func (s *Service) askHand(w http.ResponseWriter, r *http.Request) error {
	v, err := s.shareView(r.Context(), fileIn(r))
	if err != nil {
		return err
	}
	v.To = r.URL.Query().Get("jury")
	return s.renderHand(w, r, v)
}

func (s *Service) renderHand(w http.ResponseWriter, r *http.Request, v shareView) error {
	page := frame(i18n.T(r.Context(), "vae.hand.title"), web.Link{Path: filePath(v.ID) + "/share", Text: i18n.T(r.Context(), "vae.share.title")})
	page.Lede, page.Refused = i18n.T(r.Context(), "vae.hand.lede"), len(v.Refused) > 0
	return web.Render(w, r, v.Refused.Status(), web.Layout(page, handPage(v)))
}

func (s *Service) handOver(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := s.shareView(ctx, fileIn(r))
	if err != nil {
		return err
	}
	v.To, v.Purpose, v.Until, v.Key = strings.TrimSpace(form.Get("jury")), form.Get("purpose"), form.Get("until"), form.Get("idempotency_key")
	v.Understood = form.Get("understood") == "on"
	err = s.Hand(ctx, v.ID, kernel.CircleID(v.To), v.Purpose, v.Until, v.Understood)
	if v.Refused = web.Refused(err); len(v.Refused) > 0 {
		return s.renderHand(w, r, v)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, filePath(v.ID)+"/share", "vae.handed")
}

func (s *Service) closeLoan(w http.ResponseWriter, r *http.Request) error {
	if err := s.Close(r.Context(), fileIn(r), kernel.GrantID(r.PathValue("grant"))); err != nil {
		return err
	}
	return web.SeeOther(w, r, filePath(fileIn(r))+"/share", "vae.closed.done")
}

func (s *Service) forgetComment(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := s.Forget(r.Context(), fileIn(r), kernel.ItemID(r.PathValue("comment"))); err != nil {
		return err
	}
	back := filePath(fileIn(r)) + "/validation"
	if code := form.Get("part"); partCode.MatchString(code) {
		back = filePath(fileIn(r)) + "/parts/" + code
	}
	return web.SeeOther(w, r, back, "vae.comment.forgotten")
}

// lentForm is a comment in the making.
type lentForm struct {
	Part, Text, Key string
	Refused         web.Refusals
}

func lentPath(grant kernel.GrantID) string { return home + "/lent/" + url.PathEscape(string(grant)) }

func (s *Service) showLent(w http.ResponseWriter, r *http.Request) error {
	return s.renderLent(w, r, lentForm{})
}

func (s *Service) renderLent(w http.ResponseWriter, r *http.Request, f lentForm) error {
	ctx := r.Context()
	l, err := s.Lent(ctx, kernel.GrantID(r.PathValue("grant")))
	if err != nil {
		return err
	}
	page := frame(l.File.Certification.Title, upHome(ctx))
	page.Lede = i18n.T(ctx, "vae.lent.lede", "name", l.OwnerName, "date", i18n.Day(ctx, l.Until))
	page.Refused = len(f.Refused) > 0
	return web.Render(w, r, f.Refused.Status(), web.Layout(page, lentPage(l, f)))
}

func (s *Service) comment(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	grant := kernel.GrantID(r.PathValue("grant"))
	f := lentForm{Part: form.Get("part"), Text: form.Get("text"), Key: form.Get("idempotency_key")}
	err = s.Say(r.Context(), grant, f.Part, f.Text)
	if f.Refused = web.Refused(err); len(f.Refused) > 0 {
		return s.renderLent(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, lentPath(grant), "vae.comment.left")
}
