package portrait

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/web"
)

// Addresses of the owner's pages.
const (
	home      = "/reveler/show"
	cardsAt   = "/reveler/cards"
	addressAt = "/reveler/address"
)

// Pages are hers, to see and take what a face gives, and those of whom she shows it to.
func (s *Service) Pages(m *web.Mux) {
	m.Page("GET /reveler/show", s.showAll)
	m.Page("GET /reveler/show/{face}", s.showOwn)
	m.Page("GET /reveler/show/{face}/{file}", s.takeOwn)
	m.Page("GET /reveler/cards/{grant}", s.showCard)
	m.Page("POST /reveler/address", s.takeAddress)
	m.Page("POST /reveler/address/drop", s.leaveAddress)
	m.Page("GET /reveler/received/{grant}/{file}", s.visitReceived)
	m.Page("GET /s/{token}/{file}", s.visit)
	m.Page("GET /folio/{name}", s.visitAddress)
	m.Page("GET /folio/{name}/{file}", s.visitAddress)
}

// frame is a page beside the others of the room.
func (s *Service) frame(ctx context.Context, title, lede string) web.Page {
	p := web.Page{Title: title, Lede: lede, Room: "reveler"}
	for _, d := range s.Doors {
		p.Subnav = append(p.Subnav, web.Link{Path: d.Path, Text: i18n.T(ctx, d.Key)})
	}
	return p
}

func upLink(ctx context.Context) web.Link {
	return web.Link{Path: home, Text: i18n.T(ctx, "portrait.up")}
}

// showView is what her first page shows.
type showView struct {
	Faces   []gate.Face
	Links   []gate.Grant
	Address Address
	Has     bool // an address
	Base    string
	Name    string // as typed
	Grant   string // as chosen
	Key     string
	Refused web.Refusals
}

// under are the open links of a face.
func (v *showView) under(face kernel.ItemID) []gate.Grant {
	return slices.DeleteFunc(slices.Clone(v.Links), func(g gate.Grant) bool { return g.Face != face })
}

func (s *Service) showAll(w http.ResponseWriter, r *http.Request) error {
	return s.showPage(w, r, showView{}, http.StatusOK)
}

func (s *Service) showPage(w http.ResponseWriter, r *http.Request, v showView, status int) error {
	ctx := r.Context()
	var err error
	if v.Faces, err = s.Gate.Faces(ctx); err != nil {
		return err
	}
	if v.Links, err = s.Links(ctx, ""); err != nil {
		return err
	}
	if v.Address, v.Has, err = s.Address(ctx); err != nil {
		return err
	}
	v.Base = s.Base
	if v.Name == "" && len(v.Refused) == 0 {
		v.Name, v.Grant = v.Address.Name, string(v.Address.Grant)
	}
	page := s.frame(ctx, i18n.T(ctx, "portrait.title"), i18n.T(ctx, "portrait.lede"))
	page.Refused = len(v.Refused) > 0
	return web.Render(w, r, status, web.Layout(page, showPage(&v)))
}

func (s *Service) showOwn(w http.ResponseWriter, r *http.Request) error {
	id := kernel.ItemID(r.PathValue("face"))
	p, err := s.Own(r.Context(), id)
	if err != nil {
		return err
	}
	links, err := s.Links(r.Context(), id)
	if err != nil {
		return err
	}
	ctx := r.Context()
	page := s.frame(ctx, i18n.T(ctx, "portrait.cv"), i18n.T(ctx, "portrait.cv.lede"))
	page.Up = upLink(ctx)
	v := cvView{Portrait: p, Files: home + "/" + string(id) + "/", Owner: true, Links: links, Face: id}
	return web.Render(w, r, http.StatusOK, web.Layout(page, ownPage(&v)))
}

// cvView is a CV as a page.
type cvView struct {
	*Portrait
	Files  string // where the other forms are, up to their names
	Pieces string // where pieces are, up to their ids; empty where none is shown
	Owner  bool
	Links  []gate.Grant
	Face   kernel.ItemID
}

// Forms a portrait is taken in, by the name of the file.
const (
	formPage     = "cv"
	formPDF      = "cv.pdf"
	formResume   = "resume.json"
	formEuropass = "europass.json"
)

var forms = []string{formPage, formPDF, formResume, formEuropass}

func (s *Service) takeOwn(w http.ResponseWriter, r *http.Request) error {
	file := r.PathValue("file")
	if file == formPage || !slices.Contains(forms, file) {
		return errNoForm
	}
	p, err := s.Own(r.Context(), kernel.ItemID(r.PathValue("face")))
	if err != nil {
		return err
	}
	return s.send(w, r, p, file)
}

var errNoForm = kernel.NewFault(kernel.NotFound, "portrait.no_form")

// send answers with the portrait as a file, in the language of its face.
func (s *Service) send(w http.ResponseWriter, r *http.Request, p *Portrait, file string) error {
	ctx := i18n.In(r.Context(), p.Language)
	var raw []byte
	var err error
	media := "application/json"
	switch file {
	case formResume:
		raw, err = p.JSONResume(ctx)
	case formEuropass:
		raw, err = p.Europass(ctx)
	default:
		media = "application/pdf"
		raw, err = p.PDF(ctx, s.DB.Now())
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", `attachment; filename="`+file+`"`)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(raw) // a reader who left needs no answer
	return nil
}

// visit shows a face in one of the forms to whoever holds its link. HEAD shows and
// journals nothing.
func (s *Service) visit(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	return s.answer(w, r, token, r.PathValue("file"), "/s/"+token+"/", "")
}

// visitAddress is visit for whoever knows the address a person chose: her portfolio,
// with the pieces that the face shows.
func (s *Service) visitAddress(w http.ResponseWriter, r *http.Request) error {
	token, err := s.Follow(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	file := r.PathValue("file")
	if file == "" {
		file = formPage
	}
	return s.answer(w, r, token, file, "/folio/"+url.PathEscape(r.PathValue("name"))+"/", "/s/"+token+"/pieces/")
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, token, file, files, pieces string) error {
	if !slices.Contains(forms, file) {
		return gate.ErrNever
	}
	if r.Method == http.MethodHead {
		_, err := s.Gate.ByLink(r.Context(), token)
		return err
	}
	p, err := s.ByLink(r.Context(), token)
	if err != nil {
		return err
	}
	return s.give(w, r, cvView{Portrait: p, Files: files, Pieces: pieces}, file, true)
}

// visitReceived is visit for somebody the face was shown to by name or by circle.
func (s *Service) visitReceived(w http.ResponseWriter, r *http.Request) error {
	grant, file := r.PathValue("grant"), r.PathValue("file")
	if !slices.Contains(forms, file) {
		return errNoForm
	}
	if r.Method == http.MethodHead {
		_, err := s.Gate.ByGrant(r.Context(), kernel.GrantID(grant))
		return err
	}
	p, err := s.ByGrant(r.Context(), kernel.GrantID(grant))
	if err != nil {
		return err
	}
	v := cvView{Portrait: p, Files: "/reveler/received/" + url.PathEscape(grant) + "/", Pieces: "/portillon/received/" + url.PathEscape(grant) + "/pieces/"}
	return s.give(w, r, v, file, false)
}

// give answers with a portrait, as a page or as a file.
func (s *Service) give(w http.ResponseWriter, r *http.Request, v cvView, file string, bare bool) error {
	if file != formPage {
		return s.send(w, r, v.Portrait, file)
	}
	ctx := i18n.In(r.Context(), v.Language)
	page := web.Page{Head: v.title(ctx), Room: "reveler", Bare: bare}
	return web.Render(w, r.WithContext(ctx), http.StatusOK, web.Layout(page, visitPage(&v)))
}

// cardView is a visiting card.
type cardView struct {
	*Portrait
	Address string // what the code leads to
	Short   string // the same as people type it
	Code    code
	Grant   gate.Grant
}

func (s *Service) showCard(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	g, err := s.link(ctx, kernel.GrantID(r.PathValue("grant")))
	if err != nil {
		return err
	}
	p, err := s.Own(ctx, g.Face)
	if err != nil {
		return err
	}
	v := cardView{Portrait: p, Grant: g, Address: g.URL + "/" + formPage}
	a, has, err := s.Address(ctx)
	if err != nil {
		return err
	}
	if has && a.Grant == g.ID {
		v.Address = s.Base + "/folio/" + a.Name
		_, v.Short, _ = strings.Cut(v.Address, "://")
	}
	if v.Code, err = encode(v.Address); err != nil {
		return err
	}
	page := s.frame(ctx, i18n.T(ctx, "portrait.card.title"), i18n.T(ctx, "portrait.card.lede"))
	page.Up = upLink(ctx)
	return web.Render(w, r, http.StatusOK, web.Layout(page, cardPage(&v)))
}

func (s *Service) takeAddress(w http.ResponseWriter, r *http.Request) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	v := showView{Name: form.Get("name"), Grant: form.Get("grant"), Key: form.Get("idempotency_key")}
	err = s.TakeAddress(ctx, v.Name, kernel.GrantID(v.Grant))
	if errors.Is(err, once.ErrOtherRequest) {
		v.Key, err = "", errAgain
	}
	if v.Refused = web.Refused(err); len(v.Refused) > 0 {
		return s.showPage(w, r, v, v.Refused.Status())
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, home, "portrait.address.taken_now")
}

func (s *Service) leaveAddress(w http.ResponseWriter, r *http.Request) error {
	ctx, _, err := filled(r)
	if err != nil {
		return err
	}
	if err := s.LeaveAddress(ctx); err != nil {
		return err
	}
	return web.SeeOther(w, r, home, "portrait.address.left")
}

var errAgain = kernel.NewFault(kernel.Invalid, "portrait.form.again").On("name")

// filled reads a posted form and makes its sending count once: the hidden key of the
// form and what it says become the request's idempotency key.
func filled(r *http.Request) (context.Context, url.Values, error) {
	form, err := web.ReadForm(r)
	if err != nil {
		return nil, nil, err
	}
	ctx, key := r.Context(), form.Get("idempotency_key")
	if key == "" || once.From(ctx) != nil {
		return ctx, form, nil
	}
	req, err := once.New(key, "POST "+r.URL.Path)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range []string{"grant", "name"} {
		if _, err := req.Write([]byte(name + "\x00" + form.Get(name) + "\x00")); err != nil {
			return nil, nil, err
		}
	}
	return once.With(ctx, req), form, nil
}
