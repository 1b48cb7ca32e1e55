package app

import (
	"context"
	"fmt"
	"os"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
)

type expeditionCmds struct {
	Export expeditionExportCmd `cmd:"" help:"Write an expedition, or its cahier, as a file; as somebody who may read it."`
	Import expeditionImportCmd `cmd:"" help:"Make an expedition of a file; it is private."`
}

type expeditionExportCmd struct {
	ID     string `arg:"" help:"Id of the expedition: the last part of its address; digiwork-2013-2015 is the example." placeholder:"ID"`
	Person string `help:"Handle of somebody who may read it; nobody is needed for a public one." placeholder:"H"`
	Out    string `required:"" help:"File to write." placeholder:"FILE"`
	Cahier string `help:"Write the cahier instead: site (zip), pdf, epub or slides." enum:",site,pdf,epub,slides" default:""`
	Lang   string `help:"Language of the cahier and of the example." enum:"fr,en" default:"fr"`
}

// Run implements the command.
func (c *expeditionExportCmd) Run(e *env) error {
	return e.with(func(a *App) error {
		ctx, err := a.expeditionReader(e.ctx, c.Person, c.Lang)
		if err != nil {
			return err
		}
		id := kernel.ExpeditionID(c.ID)
		var raw []byte
		if c.Cahier == "" {
			raw, err = a.Expedition.Take(ctx, id)
		} else {
			raw, err = a.Expedition.Cahier(ctx, id, c.Cahier)
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.Out, raw, 0o600); err != nil {
			return err
		}
		return e.say(map[string]any{"file": c.Out, "bytes": len(raw)}, "%s: %d bytes", c.Out, len(raw))
	})
}

type expeditionImportCmd struct {
	Person string `required:"" help:"Handle of the person it will belong to." placeholder:"H"`
	Circle string `help:"Id of a circle of hers it will belong to instead." placeholder:"ID"`
	File   string `arg:"" help:"File to import." placeholder:"FILE"`
}

// Run implements the command.
func (c *expeditionImportCmd) Run(e *env) error {
	return e.with(func(a *App) error {
		ctx, err := a.actFor(e.ctx, c.Person, gate.ActImport)
		if err != nil {
			return err
		}
		raw, err := os.ReadFile(c.File)
		if err != nil {
			return fmt.Errorf("read the file: %w", err)
		}
		id, err := a.Expedition.Import(ctx, raw, kernel.CircleID(c.Circle))
		if err != nil {
			return err
		}
		return e.say(map[string]any{"id": id}, "%s", id)
	})
}

// expeditionReader is who a command reads as: nobody in particular, or somebody, which
// leaves a line in her journal.
func (a *App) expeditionReader(ctx context.Context, person, lang string) (context.Context, error) {
	if person != "" {
		var err error
		if ctx, err = a.actFor(ctx, person, gate.ActOther); err != nil {
			return ctx, err
		}
	}
	return i18n.In(ctx, lang), nil
}
