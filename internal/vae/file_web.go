package vae

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/office"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) filePages(m *web.Mux) {
	m.Page("GET /reveler/vae/files/{id}", s.showFile)
	m.Page("GET /reveler/vae/files/{id}/certification", s.editCertification)
	m.Page("POST /reveler/vae/files/{id}/certification", s.saveCertification)
	m.Page("GET /reveler/vae/files/{id}/feasibility", s.showFeasibility)
	m.Page("GET /reveler/vae/files/{id}/validation", s.showValidation)
	m.Page("POST /reveler/vae/files/{id}/steps", s.recordStep)
	m.Page("POST /reveler/vae/files/{id}/steps/undo", s.undoStep)
	m.Page("POST /reveler/vae/files/{id}/reminders", s.setReminders)
	m.Page("GET /reveler/vae/files/{id}/out/{name}", s.takeOut)
	m.Page("POST /reveler/vae/files/{id}/parts", s.addPart)
	m.Page("GET /reveler/vae/files/{id}/parts/{part}", s.editPart)
	m.Page("POST /reveler/vae/files/{id}/parts/{part}", s.savePart)
	m.Page("GET /reveler/vae/files/{id}/parts/{part}/versions", s.showVersions)
	m.Page("GET /reveler/vae/files/{id}/parts/{part}/delete", s.askDrop)
	m.Page("POST /reveler/vae/files/{id}/parts/{part}/delete", s.dropPart)
	m.Page("GET /reveler/vae/files/{id}/delete", s.askDelete)
	m.Page("POST /reveler/vae/files/{id}/delete", s.deleteFile)
	m.Page("GET /reveler/vae/results/{id}", s.showResult)
	m.Page("GET /reveler/vae/results/{id}/credentials/{bloc}", s.takeCredential)
	m.Page("POST /reveler/vae/results/{id}/credentials/{bloc}", s.keepCredential)
}

func fileIn(r *http.Request) kernel.ItemID { return kernel.ItemID(r.PathValue("id")) }

func isStale(err error) bool {
	return kernel.KindOf(err) == kernel.Conflict && errors.Is(err, errStale)
}

// inFile is a page about a file, with the ways between its pages.
func inFile(ctx context.Context, f *File, title string) web.Page {
	at := filePath(f.ID)
	return web.Page{Title: title, Room: "reveler", Up: upHome(ctx), Subnav: []web.Link{
		{Path: at, Text: i18n.T(ctx, "vae.nav.file")}, {Path: at + "/feasibility", Text: i18n.T(ctx, "vae.nav.feasibility")},
		{Path: at + "/validation", Text: i18n.T(ctx, "vae.nav.validation")}, {Path: at + "/share", Text: i18n.T(ctx, "vae.nav.share")},
	}}
}

// fileView is a file, with what its pages tell of it.
type fileView struct {
	*Whole
	Today kernel.Date
	Near  map[string][]Near // by bloc
	Lacks []Lack
	Twice bool // another file of the same certification was sent this year
	Copy  Copy // of the dossier at hand
	Pages int
	Step  stepForm
}

// stepForm is what was typed of a step.
type stepForm struct {
	State, On, Until, Note, Key string
	Refused                     web.Refusals
}

func (s *Service) fileView(ctx context.Context, id kernel.ItemID) (v fileView, err error) {
	v = fileView{Today: s.today(ctx), Near: map[string][]Near{}}
	if v.Whole, err = s.Whole(ctx, id); err != nil {
		return v, err
	}
	for _, b := range v.Blocs() {
		v.Near[b.ID] = near(b, v.Known)
	}
	return v, nil
}

func (s *Service) showFile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := s.fileView(ctx, fileIn(r))
	if err != nil {
		return err
	}
	page := inFile(ctx, v.File, v.Certification.Title)
	page.Lede = i18n.T(ctx, "vae.file.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(page, filePage(v)))
}

func (s *Service) showFeasibility(w http.ResponseWriter, r *http.Request) error {
	return s.renderFeasibility(w, r, stepForm{})
}

func (s *Service) renderFeasibility(w http.ResponseWriter, r *http.Request, f stepForm) error {
	ctx := r.Context()
	v, err := s.fileView(ctx, fileIn(r))
	if err != nil {
		return err
	}
	v.Lacks, v.Step = v.Whole.Lacks(Feasibility), f
	files, err := s.Files(ctx)
	if err != nil {
		return err
	}
	v.Twice = v.State() == Draft && v.sameYear(files, v.Today)
	page := inFile(ctx, v.File, i18n.T(ctx, "vae.feasibility.title"))
	page.Lede, page.Refused = i18n.T(ctx, "vae.feasibility.lede", "certification", v.Certification.Title), len(f.Refused) > 0
	return web.Render(w, r, f.Refused.Status(), web.Layout(page, feasibilityPage(v)))
}

func (s *Service) recordStep(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f := stepForm{State: form.Get("state"), On: form.Get("on"), Until: form.Get("until"), Note: form.Get("note"), Key: form.Get("idempotency_key")}
	step := Step{State: State(f.State), On: kernel.Date(f.On), Until: kernel.Date(f.Until), Note: strings.TrimSpace(f.Note)}
	err = s.Record(ctx, fileIn(r), number(form.Get("version")), step)
	if isStale(err) {
		err = errStale.On("state")
		f.Key = ""
	}
	if f.Refused = web.Refused(err); len(f.Refused) > 0 {
		return s.renderFeasibility(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, filePath(fileIn(r))+"/feasibility", "vae.step.kept")
}

func (s *Service) undoStep(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := s.Unrecord(r.Context(), fileIn(r), number(form.Get("version"))); err != nil {
		return err
	}
	return web.SeeOther(w, r, filePath(fileIn(r))+"/feasibility", "vae.step.undone")
}

func (s *Service) setReminders(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	on := form.Get("remind") == "on"
	if err := s.Remind(r.Context(), fileIn(r), number(form.Get("version")), on); err != nil {
		return err
	}
	said := "vae.reminders.off"
	if on {
		said = "vae.reminders.on"
	}
	return web.SeeOther(w, r, filePath(fileIn(r)), said)
}

func (s *Service) showValidation(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := s.fileView(ctx, fileIn(r))
	if err != nil {
		return err
	}
	v.Lacks, v.Copy = v.Whole.Lacks(Validation), v.copyOf(ctx, Validation, s.DB.Now())
	if _, v.Pages, err = office.PDF(v.Copy.document(ctx)); err != nil {
		return err
	}
	page := inFile(ctx, v.File, i18n.T(ctx, "vae.validation.title"))
	page.Lede = i18n.T(ctx, "vae.validation.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(page, validationPage(v)))
}

// Media types of what leaves.
const (
	mediaPDF  = "application/pdf"
	mediaJSON = "application/json"
	mediaICS  = "text/calendar; charset=utf-8"
)

func (s *Service) takeOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.Whole(ctx, fileIn(r))
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	base, kind, _ := strings.Cut(name, ".")
	d := Dossier(base)
	switch {
	case name == "dates.ics":
		return send(w, name, mediaICS, calendar(ctx, f.File, s.today(ctx), s.DB.Now()))
	case d != Feasibility && d != Validation:
		return errNotFoundVAE
	case kind == "json":
		_, raw, err := s.Signed(ctx, f, d)
		if err != nil {
			return err
		}
		return send(w, name, mediaJSON, raw)
	}
	return sendCopy(ctx, w, f.copyOf(ctx, d, s.DB.Now()), name, kind)
}

// sendCopy sends a dossier as a file of a kind.
func sendCopy(ctx context.Context, w http.ResponseWriter, c Copy, name, kind string) error {
	switch kind {
	case "pdf":
		raw, _, err := office.PDF(c.document(ctx))
		if err != nil {
			return err
		}
		return send(w, name, mediaPDF, raw)
	case "odt":
		raw, err := office.ODT(c.document(ctx))
		if err != nil {
			return err
		}
		return send(w, name, office.MediaODT, raw)
	}
	return errNotFoundVAE
}

func send(w http.ResponseWriter, name, media string, raw []byte) error {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	h.Set("Cache-Control", "no-store")
	_, err := w.Write(raw)
	return err
}

// calendar is the days ahead of a file, for one's own calendar (RFC 5545): how to be
// reminded without being followed.
func calendar(ctx context.Context, f *File, today kernel.Date, now time.Time) []byte {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\r\n") }
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//DigiWork//VAE//FR")
	for _, d := range f.Dues(today) {
		on := strings.ReplaceAll(string(d.On), "-", "")
		line("BEGIN:VEVENT")
		line("UID:" + d.Kind + "-" + on + "-" + string(f.ID))
		line("DTSTAMP:" + now.UTC().Format("20060102T150405Z"))
		line("DTSTART;VALUE=DATE:" + on)
		line("SUMMARY:" + escapeICS(i18n.T(ctx, "vae.due."+d.Kind)))
		line("END:VEVENT")
	}
	line("END:VCALENDAR")
	return []byte(b.String())
}

func escapeICS(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s)
}

func (s *Service) askDelete(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.Whole(ctx, fileIn(r))
	if err != nil {
		return err
	}
	page := frame(i18n.T(ctx, "vae.delete.title"), web.Link{Path: filePath(f.ID), Text: f.Certification.Title})
	return web.Render(w, r, http.StatusOK, web.Layout(page, web.Confirm(web.Confirmation{
		Does: []string{i18n.N(ctx, "vae.delete.parts", len(f.Parts)), i18n.T(ctx, "vae.delete.companions"), i18n.T(ctx, "vae.delete.copies")}, DoesTitle: i18n.T(ctx, "vae.delete.goes"), DoesIcon: "warn",
		Keeps: []string{i18n.T(ctx, "vae.delete.musette"), i18n.T(ctx, "vae.delete.jury")}, KeepsTitle: i18n.T(ctx, "vae.delete.stays"), KeepsIcon: "check",
		Action: filePath(f.ID) + "/delete", Do: i18n.T(ctx, "vae.delete.do"), Stop: true, Instead: web.Link{Path: filePath(f.ID), Text: i18n.T(ctx, "vae.keep")},
	})))
}

func (s *Service) deleteFile(w http.ResponseWriter, r *http.Request) error {
	if err := s.Delete(r.Context(), fileIn(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, home, "vae.deleted")
}

// resultIn is the result that a request names.
func (s *Service) resultIn(r *http.Request) (Result, error) {
	all, err := s.Results(r.Context())
	if err != nil {
		return Result{}, err
	}
	i := slices.IndexFunc(all, func(x Result) bool { return x.ID == fileIn(r) })
	if i < 0 {
		return Result{}, errNotFoundVAE
	}
	return all[i], nil
}

func (s *Service) showResult(w http.ResponseWriter, r *http.Request) error {
	res, err := s.resultIn(r)
	if err != nil {
		return err
	}
	page := frame(res.Certification.Title, upHome(r.Context()))
	page.Lede = i18n.T(r.Context(), "vae.result.lede", "jury", res.Jury, "date", i18n.Date(r.Context(), res.On))
	return web.Render(w, r, http.StatusOK, web.Layout(page, resultPage(res)))
}

// credentialIn is the credential of the bloc that a request names.
func (s *Service) credentialIn(r *http.Request) (Granted, error) {
	res, err := s.resultIn(r)
	if err != nil {
		return Granted{}, err
	}
	i := slices.IndexFunc(res.Blocs, func(g Granted) bool { return g.Bloc == r.PathValue("bloc") && len(g.Credential) > 0 })
	if i < 0 {
		return Granted{}, errNotFoundVAE
	}
	return res.Blocs[i], nil
}

func (s *Service) takeCredential(w http.ResponseWriter, r *http.Request) error {
	g, err := s.credentialIn(r)
	if err != nil {
		return err
	}
	return send(w, "bloc-"+g.Bloc+".json", mediaJSON, g.Credential)
}

// keepCredential puts the credential among the badges she holds, where it is shown,
// shared and verified like any other.
func (s *Service) keepCredential(w http.ResponseWriter, r *http.Request) error {
	g, err := s.credentialIn(r)
	if err != nil {
		return err
	}
	id, err := s.Badges.Import(r.Context(), g.Credential)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/reveler/badges/"+string(id), "vae.result.kept")
}
