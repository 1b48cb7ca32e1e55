package musette

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// holdPiece is how long a file that was read may wait for its item to be written. A
// crash in between leaves nothing for longer.
const holdPiece = time.Hour

// AddFile keeps a file as evidence of an activity or another thing of the actor's:
// the original byte for byte, and a small picture without metadata if it is one. r
// is read once, chunk by chunk.
//
// NotFound if there is nothing to be evidence of; Invalid for an empty file or a
// picture that cannot be read; TooLarge above 25 MiB or 40 megapixels; Unsupported
// for a program.
func (s *Service) AddFile(ctx context.Context, of kernel.ItemID, name string, r io.Reader) (*Held, error) {
	if _, err := s.bearer(ctx, of); err != nil {
		return nil, err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	begins := make([]byte, sniffed)
	n, err := io.ReadFull(r, begins)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, errPieceCut.Because(err)
	}
	begins = begins[:n]
	if n == 0 {
		return nil, errPieceEmpty
	}
	name = fileName(name)
	media, ok := mediaOf(begins, name)
	if !ok {
		return nil, errPieceProgram
	}
	until := s.DB.Now().Add(holdPiece)
	whole := io.MultiReader(bytes.NewReader(begins), cut{r})
	blob, err := s.Gate.HoldBlob(ctx, pass, whole, pieceMost, until)
	if kernel.KindOf(err) == kernel.TooLarge {
		return nil, errPieceLarge.Because(err)
	}
	if err != nil {
		return nil, err
	}
	if r := once.From(ctx); r != nil { // what the request says, whatever borders it has
		if _, err := io.WriteString(r, blob.SHA256+" "+name+"\n"); err != nil {
			return nil, err
		}
	}
	blob.Name, blob.Media = name, media
	h := &Held{of: of, blob: blob}
	if isImage(media) {
		h.preview, err = s.preview(ctx, pass, blob, until)
	}
	return h, err
}

// Held is a file that was read and waits to become a piece.
type Held struct {
	of      kernel.ItemID
	blob    gate.Blob
	preview *gate.Blob
}

// cut says of a body that broke off that it is the sender's to send again.
type cut struct{ r io.Reader }

func (c cut) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = errPieceCut.Because(err)
	}
	return n, err
}

// Keep makes a piece of a file that was read.
//
// Invalid with every field at fault; TooMany beyond the person's quota.
func (s *Service) Keep(ctx context.Context, h *Held, about About) (*Piece, error) {
	if err := about.Check(true); err != nil {
		return nil, err
	}
	p := &Piece{ID: kernel.NewID[kernel.ItemID](piecePrefix, s.DB.Now()), About: about, Of: []kernel.ItemID{h.of}, Blob: &h.blob, Preview: h.preview, Provenance: declared}
	refs := []string{h.blob.Ref}
	if h.preview != nil {
		refs = append(refs, h.preview.Ref)
	}
	return s.putPiece(ctx, p, func(tx *db.Tx, pass gate.Pass) error {
		for _, ref := range refs {
			if err := s.Gate.KeepBlob(ctx, tx, pass, ref); err != nil {
				return err
			}
		}
		return nil
	})
}

// AddLink keeps the address of a page as evidence. The page is not fetched.
//
// NotFound if there is nothing to be evidence of; Invalid with every field at fault.
func (s *Service) AddLink(ctx context.Context, of kernel.ItemID, about About) (*Piece, error) {
	if err := about.Check(false); err != nil {
		return nil, err
	}
	if _, err := s.bearer(ctx, of); err != nil {
		return nil, err
	}
	p := &Piece{ID: kernel.NewID[kernel.ItemID](piecePrefix, s.DB.Now()), About: about, Of: []kernel.ItemID{of}, Provenance: declared}
	return s.putPiece(ctx, p, nothing)
}

// bearer is what a piece may be evidence of: an activity, or any entry that may be
// shown.
func (s *Service) bearer(ctx context.Context, id kernel.ItemID) (gate.Item, error) {
	shape := shapeOf(id)
	if !has(id, activityPrefix) && (shape == nil || shape.Never) {
		return gate.Item{}, errNoItem
	}
	return s.one(ctx, id)
}

// RevisePiece replaces what is said of a piece; its file stays what it is.
//
// Invalid with every field at fault; Conflict if another version is there.
func (s *Service) RevisePiece(ctx context.Context, id kernel.ItemID, version int64, about About) (*Piece, error) {
	p, err := s.Piece(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := about.Check(p.Blob != nil); err != nil {
		return nil, err
	}
	p.About, p.Version, p.Provenance = about, version, revised(p.Provenance)
	return s.putPiece(ctx, p, nothing)
}

func (s *Service) putPiece(ctx context.Context, p *Piece, also func(*db.Tx, gate.Pass) error) (*Piece, error) {
	it, err := p.item()
	if err != nil {
		return nil, err
	}
	made, err := s.putWith(ctx, also, it)
	if err != nil {
		return nil, err
	}
	return pieceOf(&made)
}

// Piece opens one piece of the actor. NotFound if she has none with this id.
func (s *Service) Piece(ctx context.Context, id kernel.ItemID) (*Piece, error) {
	if !has(id, piecePrefix) {
		return nil, errNoItem
	}
	it, err := s.one(ctx, id)
	if err != nil {
		return nil, err
	}
	return pieceOf(&it)
}

// Pieces lists every piece of the actor, newest first.
func (s *Service) Pieces(ctx context.Context) ([]*Piece, error) {
	return s.piecesThat(ctx, func(*gate.Item) bool { return true })
}

// PiecesOf lists the evidence of an activity or another thing, newest first.
func (s *Service) PiecesOf(ctx context.Context, of kernel.ItemID) ([]*Piece, error) {
	return s.piecesThat(ctx, func(it *gate.Item) bool { return slices.Contains(it.View.Links, of) })
}

func (s *Service) piecesThat(ctx context.Context, wanted func(*gate.Item) bool) ([]*Piece, error) {
	items, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	var all []*Piece
	for i := range items {
		if !has(items[i].ID, piecePrefix) || !wanted(&items[i]) {
			continue
		}
		p, err := pieceOf(&items[i])
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *Piece) int { return strings.Compare(string(b.ID), string(a.ID)) })
	return all, nil
}

// Original opens the file of a piece, byte for byte. NotFound if it has none.
func (s *Service) Original(ctx context.Context, p *Piece) (*gate.BlobReader, error) {
	return s.open(ctx, p.Blob)
}

// Picture opens the preview of a piece: small, and without metadata. NotFound if it
// has none.
func (s *Service) Picture(ctx context.Context, p *Piece) (*gate.BlobReader, error) {
	return s.open(ctx, p.Preview)
}

func (s *Service) open(ctx context.Context, b *gate.Blob) (*gate.BlobReader, error) {
	if b == nil {
		return nil, errNoItem
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	return s.Gate.Blob(ctx, pass, *b)
}

// RemovePiece deletes a piece, and its file unless another piece has the same.
// version 0 deletes whatever is there.
func (s *Service) RemovePiece(ctx context.Context, id kernel.ItemID, version int64) error {
	p, err := s.Piece(ctx, id)
	if kernel.KindOf(err) == kernel.NotFound { // perhaps the same request again: the writer knows
		return s.remove(ctx, nothing, versioned{id, version})
	}
	if err != nil {
		return err
	}
	return s.removePieces(ctx, []*Piece{p}, versioned{id, version})
}

// removePieces deletes first, then pieces that are not first, and the files that no
// other piece has.
func (s *Service) removePieces(ctx context.Context, pieces []*Piece, first versioned) error {
	all, err := s.Pieces(ctx)
	if err != nil {
		return err
	}
	gone := []versioned{first}
	leaves := map[kernel.ItemID]bool{first.id: true}
	for _, p := range pieces {
		if !leaves[p.ID] {
			gone = append(gone, versioned{p.ID, 0})
			leaves[p.ID] = true
		}
	}
	still := map[string]bool{}
	for _, p := range all {
		if !leaves[p.ID] {
			for _, ref := range p.refs() {
				still[ref] = true
			}
		}
	}
	return s.remove(ctx, func(tx *db.Tx, pass gate.Pass) error {
		for _, p := range pieces {
			for _, ref := range p.refs() {
				if still[ref] {
					continue
				}
				if err := s.Gate.DropBlob(ctx, tx, pass, ref); err != nil {
					return err
				}
			}
		}
		return nil
	}, gone...)
}

// refs names the files of a piece.
func (p *Piece) refs() []string {
	var all []string
	for _, b := range []*gate.Blob{p.Blob, p.Preview} {
		if b != nil {
			all = append(all, b.Ref)
		}
	}
	return all
}

// nothing is done besides.
func nothing(*db.Tx, gate.Pass) error { return nil }
