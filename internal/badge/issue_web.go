package badge

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential/statuslist"
	"digiwork/internal/lib/ijson"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/a-h/templ"
)

type component = templ.Component

const issueAt = "/reveler/issue"

func issuePath(id AchievementID) string { return issueAt + "/" + url.PathEscape(string(id)) }

func achievementOf(r *http.Request) AchievementID { return AchievementID(r.PathValue("id")) }

// issueList is what the page of one's achievements shows.
type issueList struct {
	All     []Achievement
	Names   map[By]string
	Form    designForm
	Issuers []web.Option
}

// designForm is the form of an achievement.
type designForm struct {
	ID      AchievementID
	Values  url.Values
	Refused web.Refusals
}

func (s *Service) listIssue(w http.ResponseWriter, r *http.Request) error {
	return s.renderIssue(w, r, designForm{})
}

func (s *Service) renderIssue(w http.ResponseWriter, r *http.Request, f designForm) error {
	ctx := r.Context()
	v := issueList{Form: f}
	issuers, names, err := s.Issuers(ctx)
	if err != nil {
		return err
	}
	v.Names = names
	for _, by := range issuers {
		v.Issuers = append(v.Issuers, web.Option{Value: by.Kind + ":" + by.ID, Text: names[by], Chosen: f.Values.Get("issuer") == by.Kind+":"+by.ID})
	}
	if v.All, err = s.Achievements(ctx); err != nil {
		return err
	}
	p := s.frame(ctx, i18n.T(ctx, "badge.issue.title"), i18n.T(ctx, "badge.issue.lede"), false)
	p.Refused = len(f.Refused) > 0
	return web.Render(w, r, f.Refused.Status(), web.Layout(p, issuePage(v)))
}

// designIn reads the form of an achievement.
func designIn(r *http.Request) (url.Values, Design, error) {
	form, files, err := web.ReadUpload(r, uploads, "files")
	if err != nil {
		return nil, Design{}, err
	}
	d := Design{Name: form.Get("name"), Description: form.Get("description"), Criteria: form.Get("criteria"), Type: form.Get("type")}
	if text := strings.TrimSpace(form.Get("months")); text != "" {
		if d.Months, err = strconv.Atoi(text); err != nil {
			return form, d, errMonths
		}
	}
	if d.Alignments, err = ParseAlignments(form.Get("alignments")); err != nil {
		return form, d, err
	}
	for _, f := range files {
		if len(f.Body) > 0 {
			if d.Picture, err = Picture(r.Context(), f.Body); err != nil {
				return form, d, err
			}
		}
	}
	return form, d, nil
}

func (s *Service) makeDesign(w http.ResponseWriter, r *http.Request) error {
	form, d, err := designIn(r)
	if form == nil {
		return err
	}
	kind, id, _ := strings.Cut(form.Get("issuer"), ":")
	var made AchievementID
	if err == nil {
		made, err = s.MakeAchievement(r.Context(), By{kind, id}, d)
	}
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderIssue(w, r, designForm{Values: form, Refused: refused})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, issuePath(made), "badge.issue.made")
}

func (s *Service) saveDesign(w http.ResponseWriter, r *http.Request) error {
	form, d, err := designIn(r)
	if form == nil {
		return err
	}
	if err == nil {
		version, parse := strconv.ParseInt(form.Get("version"), 10, 64)
		if err = parse; err != nil {
			return errStale.Because(err)
		}
		err = s.RewriteAchievement(r.Context(), achievementOf(r), version, d)
	}
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderOneIssue(w, r, issueOne{Form: designForm{ID: achievementOf(r), Values: form, Refused: refused}})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, issuePath(achievementOf(r)), "badge.issue.saved")
}

// issueOne is what the page of one achievement shows to who issues it.
type issueOne struct {
	Achievement Achievement
	Issuer      string
	Awards      []Award
	People      []web.Option
	Form        designForm
	Award       url.Values
	Refused     web.Refusals // of the award form
	Listed      web.Refusals // of the list of recipients
	Rows        []Row        // what became of a list
	Claim       string       // a link just made
	Link        func(Award) string
}

func (s *Service) showIssue(w http.ResponseWriter, r *http.Request) error {
	return s.renderOneIssue(w, r, issueOne{})
}

func (s *Service) renderOneIssue(w http.ResponseWriter, r *http.Request, v issueOne) error {
	ctx := r.Context()
	a, err := s.OwnAchievement(ctx, achievementOf(r))
	if err != nil {
		return err
	}
	v.Achievement, v.Link = a, s.OfferLink
	if v.Issuer, err = s.nameOf(ctx, a.By); err != nil {
		return err
	}
	if v.Awards, err = s.AwardsOf(ctx, a.ID); err != nil {
		return err
	}
	members, err := s.Recipients(ctx, a)
	if err != nil {
		return err
	}
	for _, m := range members {
		v.People = append(v.People, web.Option{Value: string(m.Person), Text: m.Name, Chosen: slices.Contains(v.Award["to"], string(m.Person))})
	}
	if v.Form.Values == nil {
		v.Form = designForm{ID: a.ID, Values: url.Values{
			"name": {a.Name}, "description": {a.Description}, "criteria": {a.Criteria}, "type": {a.Type}, "alignments": {AlignmentLines(a.Alignments)}, "months": {months(a.Months)},
		}}
	}
	v.Form.Values.Set("version", strconv.FormatInt(a.Version, 10))
	all := v.Form.Refused
	if len(all) == 0 {
		all = append(slices.Clone(v.Refused), v.Listed...)
	}
	p := s.frame(ctx, a.Name, "", true)
	p.Up, p.Refused = web.Link{Path: issueAt, Text: i18n.T(ctx, "badge.nav.issue")}, len(all) > 0
	return web.Render(w, r, all.Status(), web.Layout(p, oneIssuePage(v)))
}

func months(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (s *Service) award(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	words := Words{Note: form.Get("note"), Evidence: form.Get("evidence"), Link: form.Get("link")}
	if name := strings.TrimSpace(form.Get("name")); name != "" {
		t := To{Words: words}
		t.Label = name
		_, err = s.Offer(r.Context(), achievementOf(r), []To{t}, false)
	} else {
		var people []kernel.PersonID
		for _, id := range form["to"] {
			people = append(people, kernel.PersonID(id))
		}
		_, err = s.OfferMembers(r.Context(), achievementOf(r), people, words, form.Get("group") != "")
	}
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderOneIssue(w, r, issueOne{Award: form, Refused: refused})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, issuePath(achievementOf(r))+"#awards", "badge.award.offered")
}

func (s *Service) awardList(w http.ResponseWriter, r *http.Request) error {
	_, files, err := web.ReadUpload(r, uploads, "files")
	if err != nil {
		return err
	}
	var raw []byte
	for _, f := range files {
		raw = f.Body
	}
	done, err := s.OfferList(r.Context(), achievementOf(r), raw)
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderOneIssue(w, r, issueOne{Listed: refused})
	}
	if err != nil {
		return err
	}
	return s.renderOneIssue(w, r, issueOne{Rows: done})
}

func (s *Service) openClaims(w http.ResponseWriter, r *http.Request) error {
	link, err := s.OpenClaims(r.Context(), achievementOf(r))
	if err != nil {
		return err
	}
	return s.renderOneIssue(w, r, issueOne{Claim: link})
}

func (s *Service) closeClaims(w http.ResponseWriter, r *http.Request) error {
	if err := s.CloseClaims(r.Context(), achievementOf(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, issuePath(achievementOf(r)), "badge.claim.closed")
}

// awardDone leads back to the achievement of an award.
func (s *Service) awardDone(w http.ResponseWriter, r *http.Request, err error, key string) error {
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderAward(w, r, refused)
	}
	if err != nil {
		return err
	}
	_, a, err := s.ForIssuer(r.Context(), awardOf(r))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, issuePath(a.ID)+"#awards", key)
}

func awardOf(r *http.Request) AwardID { return AwardID(r.PathValue("award")) }

func (s *Service) showAward(w http.ResponseWriter, r *http.Request) error {
	return s.renderAward(w, r, nil)
}

func (s *Service) renderAward(w http.ResponseWriter, r *http.Request, refused web.Refusals) error {
	ctx := r.Context()
	award, a, err := s.ForIssuer(ctx, awardOf(r))
	if err != nil {
		return err
	}
	p := s.frame(ctx, i18n.T(ctx, "badge.award.page", "achievement", a.Name, "name", labelOf(ctx, award)), "", true)
	p.Up, p.Refused = web.Link{Path: issuePath(a.ID), Text: a.Name}, len(refused) > 0
	return web.Render(w, r, refused.Status(), web.Layout(p, awardPage(award, a, refused)))
}

// labelOf is how an award's recipient is called on the pages of who issues.
func labelOf(ctx context.Context, w Award) string {
	return first(w.Words.Label, i18n.T(ctx, "badge.award.left"))
}

func (s *Service) decideAward(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, id, reason := r.Context(), awardOf(r), form.Get("reason")
	switch form.Get("do") {
	case "sign":
		return s.awardDone(w, r, s.Sign(ctx, id), "badge.award.signed")
	case "refuse":
		return s.awardDone(w, r, s.Refuse(ctx, id, reason), "badge.award.refused")
	case "withdraw":
		return s.awardDone(w, r, s.TakeBack(ctx, id), "badge.award.withdrawn")
	case "revoke":
		return s.awardDone(w, r, s.Mark(ctx, id, statuslist.Revocation, true, reason), "badge.award.revoked")
	case "suspend":
		return s.awardDone(w, r, s.Mark(ctx, id, statuslist.Suspension, true, reason), "badge.award.suspended")
	case "resume":
		return s.awardDone(w, r, s.Mark(ctx, id, statuslist.Suspension, false, ""), "badge.award.resumed")
	}
	return errMoved
}

// publicAchievement is what a badge stands for, for whoever reads one.
func (s *Service) publicAchievement(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, err := s.Achievement(ctx, achievementOf(r))
	if err != nil {
		return err
	}
	if web.PrefersJSON(r) {
		raw, err := ijson.Canonical(s.achievementDocument(a))
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(raw) // a reader who left needs no answer
		return nil
	}
	name, err := s.nameOf(ctx, a.By)
	if err != nil {
		return err
	}
	p := web.Page{Title: a.Name, Lede: i18n.T(ctx, "badge.public.lede", "name", first(name, i18n.T(ctx, "badge.award.left"))), Room: "reveler"}
	return web.Render(w, r, http.StatusOK, web.Layout(p, publicPage(a)))
}

func (s *Service) achievementPicture(w http.ResponseWriter, r *http.Request) error {
	a, err := s.Achievement(r.Context(), achievementOf(r))
	if err != nil {
		return err
	}
	raw, kind := Draw(string(a.ID), a.Name), "image/svg+xml"
	if a.Picture != "" {
		kind = "image/png"
		if raw, err = a.PNG(); err != nil {
			return err
		}
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	h.Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(raw) // a reader who left needs no answer
	return nil
}
