package musette

import (
	"context"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// errNoVersion says that an item never had a version, or has it no more.
var errNoVersion = kernel.NewFault(kernel.NotFound, "musette.version.none")

// History opens an item of the actor's with what it was before, newest first.
//
// NotFound if she has none with this id.
func (s *Service) History(ctx context.Context, id kernel.ItemID) (now gate.Item, past []gate.Item, err error) {
	if now, err = s.one(ctx, id); err != nil {
		return now, nil, err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return now, nil, err
	}
	past, err = s.Gate.Versions(ctx, pass, id)
	return now, past, err
}

// Was opens one earlier version of an item.
func (s *Service) Was(ctx context.Context, id kernel.ItemID, version int64) (now, was gate.Item, err error) {
	now, past, err := s.History(ctx, id)
	if err != nil {
		return now, was, err
	}
	for _, it := range past {
		if it.Version == version {
			return now, it, nil
		}
	}
	return now, was, errNoVersion
}

// Restore makes an item what it was in an earlier version. What it is now becomes
// part of its history: nothing is lost. current is the version she was looking at.
//
// Conflict if another version is there.
func (s *Service) Restore(ctx context.Context, id kernel.ItemID, version, current int64) error {
	now, was, err := s.Was(ctx, id, version)
	if err != nil {
		return err
	}
	view := was.View
	view.Provenance = revised(now.View.Provenance)
	_, err = s.put(ctx, gate.Item{ID: id, Room: room, Version: current, View: view, Body: was.Body})
	return err
}
