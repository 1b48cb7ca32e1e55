package musette

import (
	"errors"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/imagesafe"

	"github.com/fxamacker/cbor/v2"
)

// pieceMost is the size of the largest file of a piece, in bytes.
const pieceMost = 25 << 20

// Piece is a piece of evidence: a file or the address of a page.
type Piece struct {
	ID         kernel.ItemID
	Version    int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Provenance gate.Provenance
	About

	Of      []kernel.ItemID // what it is evidence of
	Blob    *gate.Blob      // the file, byte for byte; nil for an address
	Preview *gate.Blob      // the picture again, small and without metadata; nil if there is none
}

// About is what a person says of a piece.
type About struct {
	Title  string
	URL    string // of a page; "" for a file
	Date   kernel.Date
	Author string
}

var (
	errPieceEmpty   = kernel.NewFault(kernel.Invalid, "musette.piece.empty").On("files")
	errPieceMissing = kernel.NewFault(kernel.Invalid, "musette.piece.missing").On("files")
	errPieceOne     = kernel.NewFault(kernel.Invalid, "musette.piece.one").On("files")
	errPieceProgram = kernel.NewFault(kernel.Unsupported, "musette.piece.program").On("files")
	errPieceLarge   = kernel.NewFault(kernel.TooLarge, "musette.piece.large").With("max", pieceMost>>20).On("files")
	errPieceCut     = kernel.NewFault(kernel.Malformed, "musette.piece.cut").On("files")
	errPicture      = kernel.NewFault(kernel.Invalid, "musette.piece.picture").On("files")
	errPixels       = kernel.NewFault(kernel.TooLarge, "musette.piece.pixels").With("max", imagesafe.MaxPixels/1_000_000).On("files")
)

// Check says everything that is wrong with what is said of a piece; a piece without
// a file needs an address.
func (a *About) Check(file bool) error {
	var wrong []error
	note := func(err error) {
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	note(text("title", a.Title, titleMost))
	note(text("author", a.Author, lineMost))
	if ordinal(a.Date) < 0 {
		note(errDate.On("date"))
	}
	switch {
	case file:
		a.URL = ""
	case strings.TrimSpace(a.URL) == "":
		note(errRequired.On("url"))
	case len(a.URL) > linkMost || text("url", a.URL, linkMost) != nil || !isLink(a.URL):
		note(errLink.On("url"))
	}
	return errors.Join(wrong...)
}

// Name is what the piece is called: its title, its file's name or its address.
func (p *Piece) Name() string {
	switch {
	case p.Title != "":
		return p.Title
	case p.Blob != nil && p.Blob.Name != "":
		return p.Blob.Name
	}
	return p.URL
}

// pieceRest is what the view of a piece has no place for.
type pieceRest struct {
	Preview *gate.Blob `cbor:"1,keyasint,omitempty"`
}

// kindPiece marks the items that are pieces.
const kindPiece = "piece"

// item is the piece as the vault takes it; its Version is the one it replaces.
func (p *Piece) item() (gate.Item, error) {
	v := gate.View{Kind: kindPiece, Title: p.Name(), Start: string(p.Date), Links: p.Of, Provenance: p.Provenance, Blob: p.Blob}
	for _, f := range []gate.Fact{{Name: "title", Text: p.Title}, {Name: "url", Text: p.URL}, {Name: "author", Text: p.Author}} {
		if f.Text != "" {
			v.Facts = append(v.Facts, f)
		}
	}
	it := gate.Item{ID: p.ID, Room: room, Version: p.Version, View: v}
	if p.Preview == nil {
		return it, nil
	}
	var err error
	it.Body, err = cbor.Marshal(pieceRest{Preview: p.Preview})
	return it, err
}

// pieceOf reads an item of the vault.
func pieceOf(it *gate.Item) (*Piece, error) {
	v := &it.View
	p := &Piece{
		ID: it.ID, Version: it.Version, CreatedAt: it.CreatedAt, UpdatedAt: it.UpdatedAt, Provenance: v.Provenance,
		Of: v.Links, Blob: v.Blob, About: About{Date: kernel.Date(v.Start)},
	}
	for _, f := range v.Facts {
		switch f.Name {
		case "title":
			p.Title = f.Text
		case "url":
			p.URL = f.Text
		case "author":
			p.Author = f.Text
		}
	}
	if len(it.Body) == 0 {
		return p, nil
	}
	var body pieceRest
	if err := cbor.Unmarshal(it.Body, &body); err != nil {
		return nil, unreadable(it.ID, err)
	}
	p.Preview = body.Preview
	return p, nil
}
