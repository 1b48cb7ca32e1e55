package peer

import (
	"context"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Leaves says what would go with a person, and what would stay with others.
func (s *Service) Leaves(ctx context.Context, person kernel.PersonID) (goes, stays map[string]int, err error) {
	requests, err := requestsOf(ctx, s.DB.Read(), person)
	if err != nil {
		return nil, nil, err
	}
	words, err := countStanding(ctx, s.DB.Read(), person)
	return map[string]int{"peer.leaving.requests": len(requests)}, map[string]int{"peer.leaving.words": words}, err
}

// Leave removes what a person asked, and unties her from what she wrote: it stands
// with whom it is about, as she signed it.
func (s *Service) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (gone, stays map[string]int, err error) {
	words, err := countStanding(ctx, tx, person)
	if err != nil {
		return nil, nil, err
	}
	requests, err := deleteRequestsOf(ctx, tx, person)
	if err != nil {
		return nil, nil, err
	}
	err = forgetWords(ctx, tx, person)
	return map[string]int{"peer.leaving.requests": int(requests)}, map[string]int{"peer.leaving.words": words}, err
}
