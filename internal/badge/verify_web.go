package badge

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// uploads bounds a file that may hold a badge.
var uploads = web.Limits{File: inputMost, Total: inputMost + 1<<20, Files: 1}

// uploadBody is the longest body with such a file.
const uploadBody = inputMost + 1<<20 + 64<<10

// broughtIn is what a form brings: a file, or a text.
func broughtIn(r *http.Request) (url.Values, []byte, error) {
	form, files, err := web.ReadUpload(r, uploads, "files")
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		if len(f.Body) > 0 {
			return form, f.Body, nil
		}
	}
	return form, []byte(strings.TrimSpace(form.Get("text"))), nil
}

func (s *Service) showVerify(w http.ResponseWriter, r *http.Request) error {
	return s.renderVerify(w, r, nil, nil, nil)
}

func (s *Service) renderVerify(w http.ResponseWriter, r *http.Request, seen *credential.Report, form url.Values, refused web.Refusals) error {
	ctx := r.Context()
	page := web.Page{Title: i18n.T(ctx, "badge.verify.title"), Lede: i18n.T(ctx, "badge.verify.lede"), Room: "reveler", Refused: len(refused) > 0, Index: true, About: i18n.T(ctx, "badge.verify.lede")}
	return web.Render(w, r, refused.Status(), web.Layout(page, verifyPage(seen, form, refused)))
}

// verify looks at what anybody brings: no account, nothing kept.
func (s *Service) verify(w http.ResponseWriter, r *http.Request) error {
	form, input, err := broughtIn(r)
	if err != nil {
		return err
	}
	seen, err := s.Verify(r.Context(), input, web.ClientKey(r.Context()))
	if refused := web.Refused(err); len(refused) > 0 {
		return s.renderVerify(w, r, nil, form, refused)
	}
	if err != nil {
		return err
	}
	return s.renderVerify(w, r, &seen, form, nil)
}

// row is a check, as a page shows it.
type row struct{ Name, State, Icon, Detail string }

// rows are the checks of a report, but for those that do not concern it.
func rows(ctx context.Context, r credential.Report) []row {
	var all []row
	for _, c := range r.Checks {
		if c.Code == "none.unread" {
			continue
		}
		one := row{Name: i18n.T(ctx, "badge.check."+c.Name), State: i18n.T(ctx, "badge.check.unknown"), Icon: "ask", Detail: c.Detail}
		switch {
		case strings.HasSuffix(c.Code, ".none") && c.OK == nil:
			one.State = i18n.T(ctx, "badge.check.none")
		case c.OK != nil && *c.OK:
			one.State, one.Icon = i18n.T(ctx, "badge.check.yes"), "check"
		case c.OK != nil:
			one.State, one.Icon = i18n.T(ctx, "badge.check.no"), "cross"
		}
		all = append(all, one)
	}
	return all
}

// facts are what a credential says, for a page.
func facts(ctx context.Context, r credential.Report) []web.Fact {
	c := contentOf(r)
	date := func(d string) string {
		if v, err := kernel.ParseDate(d); err == nil && d != "" {
			return i18n.Date(ctx, v)
		}
		return ""
	}
	var names []string
	for _, a := range c.Alignments {
		names = append(names, first(a.Name, a.URL))
	}
	return []web.Fact{
		{Term: i18n.T(ctx, "badge.fact.name"), Text: c.Name},
		{Term: i18n.T(ctx, "badge.fact.issuer"), Text: first(r.Issuer.Name, r.Issuer.ID)},
		{Term: i18n.T(ctx, "badge.fact.issuer_id"), Body: code(r.Issuer.ID)},
		{Term: i18n.T(ctx, "badge.fact.subject"), Body: code(c.Subject)},
		{Term: i18n.T(ctx, "badge.fact.description"), Text: c.Description},
		{Term: i18n.T(ctx, "badge.fact.criteria"), Text: c.Criteria},
		{Term: i18n.T(ctx, "badge.fact.from"), Text: date(c.From)},
		{Term: i18n.T(ctx, "badge.fact.until"), Text: date(c.Until)},
		{Term: i18n.T(ctx, "badge.fact.alignments"), Text: strings.Join(names, " · ")},
		{Term: i18n.T(ctx, "badge.fact.records"), Text: strings.Join(c.Records, " · ")},
	}
}
