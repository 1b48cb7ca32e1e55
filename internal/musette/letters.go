package musette

import (
	"context"
	"slices"
	"strings"

	"digiwork/internal/kernel"
)

// Letters lists the letters of the actor, the ones that wait for something first,
// then newest first.
func (s *Service) Letters(ctx context.Context) ([]*Letter, error) {
	items, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	var all []*Letter
	for i := range items {
		if !has(items[i].ID, letterPrefix) {
			continue
		}
		l, err := letterOf(&items[i])
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	today := s.today(ctx)
	slices.SortFunc(all, func(a, b *Letter) int {
		if x, y := urgency[a.State(today)], urgency[b.State(today)]; x != y {
			return x - y
		}
		return strings.Compare(string(b.ID), string(a.ID))
	})
	return all, nil
}

// urgency puts first what waits for the person, then for somebody else.
var urgency = map[State]int{Late: 0, Short: 1, Draft: 2, Waiting: 3, Done: 4}

// Letter opens one letter of the actor. NotFound if she has none with this id.
func (s *Service) Letter(ctx context.Context, id kernel.ItemID) (*Letter, error) {
	if !has(id, letterPrefix) {
		return nil, errNoItem
	}
	it, err := s.one(ctx, id)
	if err != nil {
		return nil, err
	}
	return letterOf(&it)
}

// AddLetter keeps a letter. Invalid with every field at fault.
func (s *Service) AddLetter(ctx context.Context, q Request) (*Letter, error) {
	return s.putLetter(ctx, &Letter{ID: kernel.NewID[kernel.ItemID](letterPrefix, s.DB.Now()), Provenance: declared, Request: q})
}

// ReviseLetter replaces version of a letter: its text, or what became of it.
//
// Invalid with every field at fault; Conflict if another version is there.
func (s *Service) ReviseLetter(ctx context.Context, id kernel.ItemID, version int64, q Request) (*Letter, error) {
	was, err := s.Letter(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.putLetter(ctx, &Letter{ID: id, Version: version, Provenance: revised(was.Provenance), Request: q})
}

func (s *Service) putLetter(ctx context.Context, l *Letter) (*Letter, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	made, err := s.put(ctx, l.item())
	if err != nil {
		return nil, err
	}
	return letterOf(&made)
}

// RemoveLetter deletes a letter and its history. version 0 deletes whatever is there.
func (s *Service) RemoveLetter(ctx context.Context, id kernel.ItemID, version int64) error {
	if !has(id, letterPrefix) {
		return errNoItem
	}
	return s.remove(ctx, nothing, versioned{id, version})
}
