package musette

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/french"
)

// Entries lists what the actor keeps of a shape: notes newest first, the rest by name.
func (s *Service) Entries(ctx context.Context, shape *Shape) ([]*Entry, error) {
	items, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	return entriesAmong(items, shape), nil
}

func entriesAmong(items []gate.Item, shape *Shape) []*Entry {
	var all []*Entry
	for i := range items {
		if !has(items[i].ID, shape.Prefix) {
			continue
		}
		if e, ok := entryOf(&items[i]); ok {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *Entry) int {
		if shape == note {
			if c := cmp.Compare(ordinal(kernel.Date(b.Value("start"))), ordinal(kernel.Date(a.Value("start")))); c != 0 {
				return c
			}
			return strings.Compare(string(b.ID), string(a.ID))
		}
		if c := strings.Compare(fold(a.Name()), fold(b.Name())); c != 0 {
			return c
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return all
}

// Entry opens one entry of the actor. NotFound if she has none with this id.
func (s *Service) Entry(ctx context.Context, id kernel.ItemID) (*Entry, error) {
	if shapeOf(id) == nil {
		return nil, errNoItem
	}
	it, err := s.one(ctx, id)
	if err != nil {
		return nil, err
	}
	e, ok := entryOf(&it)
	if !ok {
		return nil, errNoItem
	}
	return e, nil
}

// AddEntry keeps an entry. A note without a date is of today.
//
// Invalid with every field at fault.
func (s *Service) AddEntry(ctx context.Context, shape *Shape, values []string) (*Entry, error) {
	e := &Entry{ID: kernel.NewID[kernel.ItemID](shape.Prefix, s.DB.Now()), Shape: shape, Values: values, Provenance: declared}
	if shape == note && e.Value("start") == "" {
		i := slices.IndexFunc(shape.Fields, func(f Field) bool { return f.Name == "start" })
		e.Values[i] = s.today(ctx).Format("2006-01-02")
	}
	return s.keep(ctx, e)
}

// ReviseEntry replaces version of an entry. What it was stays in its history.
//
// Invalid with every field at fault; Conflict if another version is there.
func (s *Service) ReviseEntry(ctx context.Context, id kernel.ItemID, version int64, values []string) (*Entry, error) {
	was, err := s.Entry(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.keep(ctx, &Entry{ID: id, Version: version, Shape: was.Shape, Values: values, Provenance: revised(was.Provenance)})
}

func (s *Service) keep(ctx context.Context, e *Entry) (*Entry, error) {
	if err := e.Check(); err != nil {
		return nil, err
	}
	made, err := s.put(ctx, e.item())
	if err != nil {
		return nil, err
	}
	kept, ok := entryOf(&made)
	if !ok {
		return nil, errNoItem
	}
	return kept, nil
}

// RemoveEntry deletes an entry and its history. version 0 deletes whatever is there.
func (s *Service) RemoveEntry(ctx context.Context, id kernel.ItemID, version int64) error {
	if shapeOf(id) == nil {
		return errNoItem
	}
	return s.remove(ctx, nothing, versioned{id, version})
}

// fold is how names are compared: without case or accents.
func fold(s string) string { return french.Fold(s) }
