package musette

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) piecePages(m *web.Mux) {
	m.Page("GET /musette/kept/pieces", s.listPieces)
	m.Page("GET /musette/items/{id}/pieces/new", s.newPiece)
	m.Upload("POST /musette/items/{id}/pieces", uploadMost, s.savePieces)
	m.Page("GET /musette/pieces/{id}/original", s.takeOriginal)
	m.Page("GET /musette/pieces/{id}/preview", s.seePicture)
}

// goes says what leaves with a deletion.
func (v deleteView) goes(ctx context.Context) []string {
	all := []string{v.Name}
	if v.Versions > 0 {
		all = append(all, i18n.N(ctx, "musette.delete.versions", v.Versions))
	}
	return all
}

// stays says what a deletion leaves.
func (v deleteView) stays(ctx context.Context) []string {
	all := []string{i18n.T(ctx, "musette.delete.rest")}
	if v.Pieces > 0 {
		all = append(all, i18n.N(ctx, "musette.delete.pieces.stay", v.Pieces))
	}
	return all
}

// pieceLine is a piece in a list.
type pieceLine struct {
	*Piece
	Facts string
	Icon  string
	For   []web.Link // what it is evidence of
}

func pieceLineOf(ctx context.Context, p *Piece) pieceLine {
	l := pieceLine{Piece: p, Icon: "link"}
	facts := []string{i18n.T(ctx, "musette.piece.link")}
	if p.Blob != nil {
		l.Icon = "file"
		if isImage(p.Blob.Media) {
			l.Icon = "photo"
		}
		facts = []string{fileKind(ctx, p.Blob.Media), i18n.Size(ctx, p.Blob.Size)}
	}
	if p.Date != "" {
		facts = append(facts, i18n.Date(ctx, p.Date))
	}
	if p.Author != "" {
		facts = append(facts, i18n.T(ctx, "musette.piece.by", "author", p.Author))
	}
	l.Facts = strings.Join(facts, ", ")
	return l
}

// fileKind names a sort of file for people.
func fileKind(ctx context.Context, media string) string {
	switch kind, _, _ := strings.Cut(media, "/"); {
	case media == "application/pdf":
		return "PDF"
	case kind == "image":
		return i18n.T(ctx, "musette.piece.kind.image")
	case kind == "text", strings.Contains(media, "wordprocessing"), strings.Contains(media, "opendocument.text"), media == "application/msword":
		return i18n.T(ctx, "musette.piece.kind.text")
	case strings.Contains(media, "sheet"), strings.Contains(media, "excel"):
		return i18n.T(ctx, "musette.piece.kind.sheet")
	case kind == "audio":
		return i18n.T(ctx, "musette.piece.kind.audio")
	case kind == "video":
		return i18n.T(ctx, "musette.piece.kind.video")
	}
	return i18n.T(ctx, "musette.piece.kind.file")
}

func (s *Service) listPieces(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	pieces, err := s.Pieces(ctx)
	if err != nil {
		return err
	}
	items, err := s.all(ctx)
	if err != nil {
		return err
	}
	names := map[kernel.ItemID]string{}
	for i := range items {
		names[items[i].ID] = items[i].View.Title
	}
	all := make([]pieceLine, len(pieces))
	for i, p := range pieces {
		all[i] = pieceLineOf(ctx, p)
		for _, id := range p.Of {
			if name, still := names[id]; still {
				all[i].For = append(all[i].For, web.Link{Path: itemPath(id), Text: name})
			}
		}
	}
	page := s.frame(ctx, i18n.T(ctx, "musette.piece.many"))
	page.Lede = i18n.T(ctx, "musette.piece.lede")
	return web.Render(w, r, http.StatusOK, web.Layout(page, piecesPage(all)))
}

// pieceForm is what a person typed of a piece.
type pieceForm struct {
	ID                       kernel.ItemID // of the piece, "" for a new one
	Of                       kernel.ItemID
	Name                     string // of what it is evidence of, or of the piece
	Version                  int64
	Key                      string
	Title, URL, Date, Author string
	File                     bool // the piece is a file
	Note                     string
	Refused                  web.Refusals
	Theirs                   []change
}

func (s *Service) newPiece(w http.ResponseWriter, r *http.Request) error {
	return s.pieceForm(w, r, pieceForm{Of: itemID(r)}, http.StatusOK)
}

func (s *Service) pieceForm(w http.ResponseWriter, r *http.Request, f pieceForm, status int) error {
	ctx := r.Context()
	pack, err := s.pack(ctx)
	if err != nil {
		return err
	}
	if words, ok := pack.Notes[kindPiece]; ok {
		f.Note = words.In(i18n.Lang(ctx))
	}
	title, up := i18n.T(ctx, "musette.piece.edit"), itemPath(f.ID)
	if f.ID == "" {
		it, err := s.bearer(ctx, f.Of)
		if err != nil {
			return err
		}
		f.Name = it.View.Title
		title, up = i18n.T(ctx, "musette.piece.new"), itemPath(f.Of)
	}
	page := inside(title, web.Link{Path: up, Text: f.Name})
	page.Refused = len(f.Refused) > 0 || len(f.Theirs) > 0
	return web.Render(w, r, status, web.Layout(page, pieceFormPage(&f)))
}

// savePieces takes the form of a new piece: a file, or the address of a page.
func (s *Service) savePieces(w http.ResponseWriter, r *http.Request) error {
	ctx, of := r.Context(), itemID(r)
	if _, err := s.bearer(ctx, of); err != nil {
		return err
	}
	u, err := s.readUpload(ctx, r, of)
	f := pieceForm{Of: of, Key: u.fields["idempotency_key"], Title: u.fields["title"], URL: u.fields["url"], Date: u.fields["date"], Author: u.fields["author"]}
	if err == nil {
		err = s.keepUpload(ctx, r, of, u)
	}
	if err == nil {
		return web.SeeOther(w, r, itemPath(of), "musette.piece.kept")
	}
	if f.Refused = refused(err, &f.Key, "title"); len(f.Refused) > 0 {
		return s.pieceForm(w, r, f, f.Refused.Status())
	}
	return err
}

func (s *Service) keepUpload(ctx context.Context, r *http.Request, of kernel.ItemID, u upload) error {
	form := map[string][]string{}
	for name, v := range u.fields {
		form[name] = []string{v}
	}
	if u.held != nil { // the file is part of what was sent
		form["files"] = []string{u.held.blob.SHA256}
	}
	ctx, err := onceOf(ctx, r.URL.Path, form)
	if err != nil {
		return err
	}
	about, err := aboutOf(func(name string) string { return u.fields[name] })
	if err != nil {
		return err
	}
	switch {
	case u.held != nil:
		_, err = s.Keep(ctx, u.held, about)
	case about.URL != "":
		_, err = s.AddLink(ctx, of, about)
	default:
		err = errPieceMissing
	}
	return err
}

func (s *Service) editPiece(w http.ResponseWriter, r *http.Request, id kernel.ItemID) error {
	p, err := s.Piece(r.Context(), id)
	if err != nil {
		return err
	}
	return s.pieceForm(w, r, pieceForm{
		ID: id, Name: p.Name(), Version: p.Version, Title: p.Title, URL: p.URL, Date: string(p.Date), Author: p.Author, File: p.Blob != nil,
	}, http.StatusOK)
}

func (s *Service) savePiece(w http.ResponseWriter, r *http.Request, id kernel.ItemID) error {
	ctx, form, err := filled(r)
	if err != nil {
		return err
	}
	was, err := s.Piece(ctx, id)
	if err != nil {
		return err
	}
	f := pieceForm{ID: id, Name: was.Name(), Key: form.Get("idempotency_key"), Title: form.Get("title"), URL: form.Get("url"), Date: form.Get("date"), Author: form.Get("author"), File: was.Blob != nil}
	if f.Version, err = strconv.ParseInt(form.Get("version"), 10, 64); err != nil {
		return errStale.Because(err)
	}
	about, err := aboutOf(form.Get)
	if err == nil {
		if _, err = s.RevisePiece(ctx, id, f.Version, about); err == nil {
			return web.SeeOther(w, r, itemPath(id), "musette.piece.changed")
		}
	}
	if errors.Is(err, errStale) {
		pack, packErr := s.pack(ctx)
		if packErr != nil {
			return packErr
		}
		say, typed := newSpeech(ctx, pack), *was
		typed.About = about
		f.Version, f.Key, f.Theirs = was.Version, "", changes(say.pieceLines(was), say.pieceLines(&typed))
		return s.pieceForm(w, r, f, http.StatusConflict)
	}
	if f.Refused = refused(err, &f.Key, "title"); len(f.Refused) > 0 {
		return s.pieceForm(w, r, f, f.Refused.Status())
	}
	return err
}

func (s *Service) takeOriginal(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Piece(r.Context(), itemID(r))
	if err != nil {
		return err
	}
	b, err := s.Original(r.Context(), p)
	if err != nil {
		return err
	}
	sendOriginal(w, r, b)
	return nil
}

func (s *Service) seePicture(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Piece(r.Context(), itemID(r))
	if err != nil {
		return err
	}
	b, err := s.Picture(r.Context(), p)
	if err != nil {
		return err
	}
	sendPicture(w, r, b)
	return nil
}

// back is where who leaves the form returns.
func (f *pieceForm) back() string {
	if f.ID == "" {
		return itemPath(f.Of)
	}
	return itemPath(f.ID)
}

func linesOf(ctx context.Context, pieces []*Piece) []pieceLine {
	all := make([]pieceLine, len(pieces))
	for i, p := range pieces {
		all[i] = pieceLineOf(ctx, p)
	}
	return all
}
