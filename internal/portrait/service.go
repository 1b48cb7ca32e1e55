package portrait

import (
	"context"
	"embed"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/seal"
)

// Messages are the sentences of portrait.
//
//go:embed messages/*.json
var Messages embed.FS

// Migrations of the addresses.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Service is what may be asked of portrait.
type Service struct {
	DB    *db.DB
	Gate  *gate.Service
	Keys  *seal.Keys
	Base  string // address of the instance, without a slash at the end
	Doors []Door // the pages of Révéler side by side
}

// Door is a page, by its address and the message that names it.
type Door struct{ Path, Key string }

// Own is what a face of the actor's would show, sorted as a CV. NotFound if she has
// no such face.
func (s *Service) Own(ctx context.Context, face kernel.ItemID) (*Portrait, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return nil, err
	}
	f, err := s.Gate.Face(ctx, pass, face)
	if err != nil {
		return nil, err
	}
	shown, err := s.Gate.Preview(ctx, f)
	if err != nil {
		return nil, err
	}
	return portraitOf(shown), nil
}

// ByLink is what the holder of a link is shown, sorted as a CV. The visit is in the
// journal before this returns.
//
// gate.ErrNever for a token that never was, gate.ErrEnded once it is over.
func (s *Service) ByLink(ctx context.Context, token string) (*Portrait, error) {
	pass, err := s.Gate.ByLink(ctx, token)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, pass)
}

// ByGrant is what somebody showed the actor, or a circle she belongs to, sorted as a
// CV. The visit is in the journal before this returns.
//
// NotFound for anybody else, gate.ErrEnded once it is over.
func (s *Service) ByGrant(ctx context.Context, id kernel.GrantID) (*Portrait, error) {
	pass, err := s.Gate.ByGrant(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, pass)
}

func (s *Service) shown(ctx context.Context, pass gate.Pass) (*Portrait, error) {
	shown, err := s.Gate.Show(ctx, pass)
	if err != nil {
		return nil, err
	}
	return portraitOf(shown), nil
}

// Links are the open links of the actor, to one face or, when face is empty, to all,
// newest first.
func (s *Service) Links(ctx context.Context, face kernel.ItemID) ([]gate.Grant, error) {
	all, err := s.Gate.Grants(ctx)
	if err != nil {
		return nil, err
	}
	var open []gate.Grant
	now := s.DB.Now()
	for _, g := range all {
		if g.To.Link && g.Face != "" && g.URL != "" && g.Open(now) && (face == "" || g.Face == face) {
			open = append(open, g)
		}
	}
	return open, nil
}

// link is one of them. NotFound if it is not hers, not a link, or over.
func (s *Service) link(ctx context.Context, id kernel.GrantID) (gate.Grant, error) {
	all, err := s.Links(ctx, "")
	if err != nil {
		return gate.Grant{}, err
	}
	for _, g := range all {
		if g.ID == id {
			return g, nil
		}
	}
	return gate.Grant{}, errNoLink
}

var errNoLink = kernel.NewFault(kernel.NotFound, "portrait.no_link")
