package vae

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/french"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

// Pages registers the HTML routes.
func (s *Service) Pages(m *web.Mux) {
	m.Page("GET /reveler/vae", s.showHome)
	m.Page("POST /reveler/vae/search", s.search)
	m.Page("GET /reveler/vae/near", s.showNear)
	m.Page("GET /reveler/vae/certifications/{code}", s.showCertification)
	m.Page("GET /reveler/vae/new", s.newFile)
	m.Page("POST /reveler/vae/new", s.typeFile)
	m.Page("POST /reveler/vae/files", s.beginFile)
	s.filePages(m)
	s.sharePages(m)
	s.juryPages(m)
}

const home = "/reveler/vae"

func filePath(id kernel.ItemID) string { return home + "/files/" + url.PathEscape(string(id)) }

// frame is the page of a thing inside the room.
func frame(title string, up web.Link) web.Page {
	return web.Page{Title: title, Room: "reveler", Up: up}
}

func upHome(ctx context.Context) web.Link {
	return web.Link{Path: home, Text: i18n.T(ctx, "vae.title")}
}

// subnav leads from room to room of Révéler.
func (s *Service) subnav(ctx context.Context) []web.Link {
	var all []web.Link
	for _, a := range s.Doors {
		all = append(all, web.Link{Path: a.Path, Text: i18n.T(ctx, a.Key)})
	}
	return all
}

// homeView is the first page.
type homeView struct {
	Files        []*File
	Results      []Result
	Lent         []gate.Errand
	Referentials []Referential
	Circles      []Circle
	Today        kernel.Date
	Notice       string // attribution of the register
}

func (s *Service) showHome(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := homeView{Today: s.today(ctx)}
	var err error
	if v.Files, err = s.Files(ctx); err != nil {
		return err
	}
	if v.Results, err = s.Results(ctx); err != nil {
		return err
	}
	loans, err := s.Gate.LoansToMe(ctx, room)
	if err != nil {
		return err
	}
	for _, l := range loans {
		handed, _, err := s.decidedOn(ctx, l.Grant)
		if err != nil {
			return err
		}
		if !handed {
			v.Lent = append(v.Lent, l)
		}
	}
	if v.Referentials, v.Circles, err = s.Referentials(ctx); err != nil {
		return err
	}
	if v.Notice, err = s.Register.Notice(); err != nil {
		return err
	}
	page := web.Page{Title: i18n.T(ctx, "vae.title"), Room: "reveler", Lede: i18n.T(ctx, "vae.lede"), Subnav: s.subnav(ctx)}
	return web.Render(w, r, http.StatusOK, web.Layout(page, homePage(v)))
}

// terms are the words of VAE, old and new, and what people type when they mean them.
var terms = []struct{ code, typed string }{
	{"livret1", "livret 1 un premier livret cerfa 12818 recevabilité recevable faisabilité feasibility admissibility booklet one"},
	{"livret2", "livret 2 deux second livret dossier de validation booklet two"},
	{"aap", "AAP architecte accompagnateur de parcours accompagnement accompagnateur companion"},
	{"caducity", "caducité caduc confirmation six mois lapse"},
	{"immersion", "PMSMP immersion période de mise en situation en milieu professionnel"},
	{"bloc", "bloc de compétences validation partielle partielle partial"},
	{"hours", "1607 heures un an d'expérience durée minimale year of experience"},
	{"unpaid", "bénévole bénévolat aidant mandat associatif volunteer carer unpaid"},
}

// found is what a search gives.
type found struct {
	Words          string
	Terms          []string // codes
	Certifications []Listed
	Parts          []foundPart
	Notice         string
}

type foundPart struct {
	File *File
	Part *Part
}

const listed = 30

func (s *Service) search(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := s.own(ctx); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := found{Words: strings.TrimSpace(form.Get("words"))}
	if v.Certifications, err = s.Register.Search(v.Words, listed); err != nil {
		return err
	}
	if v.Notice, err = s.Register.Notice(); err != nil {
		return err
	}
	if v.Words != "" {
		m := french.NewMatcher(v.Words, i18n.Lang(ctx))
		for _, t := range terms {
			if m.Match(t.typed) {
				v.Terms = append(v.Terms, t.code)
			}
		}
		if v.Parts, err = s.written(ctx, m); err != nil {
			return err
		}
	}
	page := frame(i18n.T(ctx, "vae.search.title"), upHome(ctx))
	return web.Render(w, r, http.StatusOK, web.Layout(page, searchPage(v)))
}

// written finds the parts in which the person wrote the words.
func (s *Service) written(ctx context.Context, m *french.Matcher) ([]foundPart, error) {
	files, err := s.Files(ctx)
	if err != nil {
		return nil, err
	}
	var all []foundPart
	for _, f := range files {
		p, err := s.own(ctx)
		if err != nil {
			return nil, err
		}
		parts, _, err := s.parts(ctx, p, f.ID)
		if err != nil {
			return nil, err
		}
		for _, part := range parts {
			for _, v := range part.Values {
				if m.Match(v) {
					all = append(all, foundPart{f, part})
					break
				}
			}
		}
	}
	return all, nil
}

func (s *Service) showNear(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.own(ctx)
	if err != nil {
		return err
	}
	known, _, err := s.known(ctx, p)
	if err != nil {
		return err
	}
	all, err := s.Register.Closest(known, 12)
	if err != nil {
		return err
	}
	notice, err := s.Register.Notice()
	if err != nil {
		return err
	}
	page := frame(i18n.T(ctx, "vae.near.title"), upHome(ctx))
	page.Lede = i18n.T(ctx, "vae.near.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(page, nearPage(all, notice, len(known))))
}

// beginning is a certification looked at before a file is begun.
type beginning struct {
	Certification Certification
	Listed        Listed
	Referential   string
	Known         []Known
	Gained        []Gained
	Chosen        []string
	Variant       string
	Key           string
	Refused       web.Refusals
	Notice        string
	Keeper        bool // the actor may change the referential
}

func (s *Service) showCertification(w http.ResponseWriter, r *http.Request) error {
	b, err := s.beginning(r.Context(), r.PathValue("code"), "")
	if err != nil {
		return err
	}
	for _, x := range b.Certification.Blocs {
		b.Chosen = append(b.Chosen, x.ID)
	}
	return s.renderBeginning(w, r, b)
}

// beginning reads a certification of the register, or a referential of a circle.
func (s *Service) beginning(ctx context.Context, code, referential string) (b beginning, err error) {
	p, err := s.own(ctx)
	if err != nil {
		return b, err
	}
	if referential != "" {
		ref, _, err := s.Referential(ctx, referential)
		if err != nil {
			return b, err
		}
		b.Certification, b.Referential = ref.Certification, ref.ID
	} else {
		var ok bool
		if b.Certification, b.Listed, ok, err = s.Register.Certification(code); err != nil || !ok {
			return b, orNotFound(err)
		}
		if b.Notice, err = s.Register.Notice(); err != nil {
			return b, err
		}
	}
	if b.Known, _, err = s.known(ctx, p); err != nil {
		return b, err
	}
	results, err := s.results(ctx, p)
	b.Gained = gainedBefore(b.Certification, results)
	return b, err
}

func orNotFound(err error) error {
	if err == nil {
		return errNotFoundVAE
	}
	return err
}

func (s *Service) renderBeginning(w http.ResponseWriter, r *http.Request, b beginning) error {
	page := frame(b.Certification.Title, upHome(r.Context()))
	page.Refused = len(b.Refused) > 0
	return web.Render(w, r, b.Refused.Status(), web.Layout(page, beginningPage(b)))
}

func (s *Service) beginFile(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	b, err := s.beginning(r.Context(), form.Get("code"), form.Get("referential"))
	if err != nil {
		return err
	}
	b.Chosen, b.Variant, b.Key = form["blocs"], form.Get("variant"), form.Get("idempotency_key")
	id, err := s.Begin(r.Context(), b.Certification, b.Chosen, Variant(b.Variant), b.Referential)
	if b.Refused = web.Refused(err); len(b.Refused) > 0 {
		return s.renderBeginning(w, r, b)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, filePath(id), "vae.begun")
}
