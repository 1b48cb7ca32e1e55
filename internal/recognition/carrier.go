package recognition

import (
	"context"
	"slices"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// Carrier is something of the musette that a competence may show in.
type Carrier struct {
	ID         kernel.ItemID
	Kind       string
	Title      string
	Text       string
	Start, End kernel.Date
	Piece      bool            // evidence, of the things it is linked to
	Of         []kernel.ItemID // of a piece
	Source     string          // of its provenance
}

// Carriers are what a musette holds that may be spoken of: activities, newest first,
// then other things that say what she can do, then pieces.
type Carriers []Carrier

// kinds of entries that are told like an activity, though they have no dates.
const (
	kindSkill = "skill"
	kindPiece = "piece"
)

// Carriers lists those of the actor.
func (s *Service) Carriers(ctx context.Context) (Carriers, error) {
	items, err := s.list(ctx, musetteRoom)
	if err != nil {
		return nil, err
	}
	var all Carriers
	for i := range items {
		v := &items[i].View
		activity := slices.Contains(gate.ActivityKinds, v.Kind)
		if v.Never || !activity && v.Kind != kindSkill && v.Kind != kindPiece {
			continue
		}
		c := Carrier{ID: items[i].ID, Kind: v.Kind, Title: v.Title, Start: kernel.Date(v.Start), End: kernel.Date(v.End), Piece: v.Kind == kindPiece, Source: v.Provenance.Source}
		if c.Piece {
			c.Of = v.Links
		} else {
			c.Text = strings.TrimSpace(v.Purpose + "\n\n" + v.Text)
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b Carrier) int {
		if a.Piece != b.Piece {
			if a.Piece {
				return 1
			}
			return -1
		}
		return strings.Compare(string(b.Start), string(a.Start))
	})
	return all, nil
}

// Find gives one by its id.
func (all Carriers) Find(id kernel.ItemID) (Carrier, bool) {
	for _, c := range all {
		if c.ID == id {
			return c, true
		}
	}
	return Carrier{}, false
}

// Done lists what is not a piece.
func (all Carriers) Done() Carriers {
	return slices.DeleteFunc(slices.Clone(all), func(c Carrier) bool { return c.Piece })
}

// Pieces lists the evidence.
func (all Carriers) Pieces() Carriers {
	return slices.DeleteFunc(slices.Clone(all), func(c Carrier) bool { return !c.Piece })
}

// PiecesOf lists the evidence of a thing.
func (all Carriers) PiecesOf(id kernel.ItemID) Carriers {
	return slices.DeleteFunc(slices.Clone(all), func(c Carrier) bool { return !c.Piece || !slices.Contains(c.Of, id) })
}
