package gate

import (
	"context"
	"maps"
	"slices"

	"digiwork/internal/kernel"
)

// Fallen says which items of an owner stand no more: whoever left them in her musette
// took back what they say. Another context provides it for its own room, from the
// database each time.
type Fallen interface {
	Fallen(ctx context.Context, owner kernel.PersonID) ([]kernel.ItemID, error)
}

// Revoked is the View.Status of what was taken back.
const Revoked = "revoked"

// standing is m with what has fallen marked: it says so to every room, and nothing of
// it is shown or lent any more. m itself is shared between requests and stays as it is.
func (s *Service) standing(ctx context.Context, m *musette) (*musette, error) {
	for room, f := range s.Fallen {
		if len(m.rooms[room]) == 0 {
			continue
		}
		ids, err := f.Fallen(ctx, m.owner)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			continue
		}
		marked := *m
		marked.rooms = maps.Clone(m.rooms)
		items := slices.Clone(m.rooms[room])
		for i := range items {
			if it := &items[i]; slices.Contains(ids, it.ID) {
				it.View.Status, it.View.Never, it.memo = Revoked, true, nil
			}
		}
		marked.rooms[room] = items
		m = &marked
	}
	return m, nil
}
