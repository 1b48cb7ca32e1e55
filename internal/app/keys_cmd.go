package app

import (
	"strings"

	"digiwork/internal/platform/seal"
)

type keysCmds struct {
	Add    keysAddCmd    `cmd:"" help:"Put a new active key into the key file."`
	Rotate keysRotateCmd `cmd:"" help:"Wrap every person's key by the active key; may be stopped and run again."`
	Retire keysRetireCmd `cmd:"" help:"Take a key that protects nothing out of the file."`
	List   keysListCmd   `cmd:"" help:"List the keys of the file, never the keys themselves."`
}

type keysAddCmd struct{}

// Run implements the command.
func (keysAddCmd) Run(e *env) error {
	return e.with(func(a *App) error {
		id, err := a.Keys.AddKey()
		if err != nil {
			return err
		}
		return e.say(map[string]string{"id": id, "file": a.place.key},
			"Added key %s to %s. Copy the file again, then run digiwork keys rotate.", id, a.place.key)
	})
}

type keysRotateCmd struct{}

// Run implements the command.
func (keysRotateCmd) Run(e *env) error {
	return e.with(func(a *App) error {
		n, err := a.Keys.Rotate(e.ctx)
		if err != nil {
			return err
		}
		return e.say(map[string]int{"rotated": n}, "Wrapped %d keys by the active key.", n)
	})
}

type keysRetireCmd struct {
	ID string `arg:"" optional:"" help:"Id of the key; without it, every key that protects nothing any more."`
}

// Run implements the command.
func (c *keysRetireCmd) Run(e *env) error {
	return e.with(func(a *App) error {
		ids := []string{c.ID}
		if c.ID == "" {
			ring, err := a.Keys.Ring(e.ctx)
			if err != nil {
				return err
			}
			ids = unused(ring)
		}
		for _, id := range ids {
			if err := a.Keys.Retire(e.ctx, id); err != nil {
				return err
			}
		}
		return e.say(map[string][]string{"retired": ids}, "Retired %d keys. Copies of the old file still open old backups: destroy them too.", len(ids))
	})
}

func unused(ring []seal.RingKey) []string {
	ids := []string{}
	for _, k := range ring {
		if k.Wraps == 0 && !k.Active {
			ids = append(ids, k.ID)
		}
	}
	return ids
}

type keysListCmd struct{}

// Run implements the command.
func (keysListCmd) Run(e *env) error {
	return e.with(func(a *App) error {
		ring, err := a.Keys.Ring(e.ctx)
		if err != nil {
			return err
		}
		type key struct {
			ID     string `json:"id"`
			Made   string `json:"made"`
			Wraps  int    `json:"wraps"`
			Active bool   `json:"active"`
		}
		all := []key{}
		var lines []string
		for _, k := range ring {
			all = append(all, key{k.ID, k.Made, k.Wraps, k.Active})
			lines = append(lines, k.ID+"  "+k.Made)
		}
		return e.say(map[string]any{"keys": all}, "%s", strings.Join(lines, "\n"))
	})
}
