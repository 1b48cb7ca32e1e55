package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/musette"
)

type musetteCmds struct {
	Import musetteImportCmd `cmd:"" help:"Import files into somebody's musette; leaves a line in her journal."`
	Export musetteExportCmd `cmd:"" help:"Write somebody's musette as an archive; leaves a line in her journal."`
	Check  musetteCheckCmd  `cmd:"" help:"Check an archive without any database: digests, form, files."`
}

type musetteImportCmd struct {
	Person string   `required:"" help:"Handle of the person." placeholder:"H"`
	Format string   `help:"Refuse files of another format than F." placeholder:"F"`
	DryRun bool     `help:"Only say what would be created, merged and skipped."`
	Files  []string `arg:"" help:"Files to import." placeholder:"FILE"`
}

// Run implements the command.
func (c *musetteImportCmd) Run(e *env) error {
	return e.with(func(a *App) error {
		ctx, err := a.actFor(e.ctx, c.Person, gate.ActImport)
		if err != nil {
			return err
		}
		files, err := a.hold(ctx, c.Files)
		if err != nil {
			return err
		}
		if err := c.checkFormat(ctx, a, files); err != nil {
			return err
		}
		_, all, err := a.Musette.Import(ctx, files, c.DryRun)
		if err != nil {
			return err
		}
		report := musette.ReportOf(ctx, all)
		return e.say(report, "%s", reportText(ctx, all))
	})
}

// checkFormat refuses files that turn out to be of another format than asked.
func (c *musetteImportCmd) checkFormat(ctx context.Context, a *App, files []musette.Incoming) error {
	if c.Format == "" {
		return nil
	}
	_, all, err := a.Musette.Import(ctx, files, true)
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.Format != c.Format {
			return fmt.Errorf("%s is of format %s, not %s; nothing was imported", one.Name, one.Format, c.Format)
		}
	}
	return nil
}

// actFor lets the command line act on somebody's musette, after a line in her
// journal, in the operator's language.
func (a *App) actFor(ctx context.Context, handle string, act gate.Act) (context.Context, error) {
	id, err := a.Account.PersonByHandle(ctx, handle)
	if err != nil {
		return ctx, err
	}
	return a.Gate.Operator(ctx, id, act)
}

func (a *App) hold(ctx context.Context, paths []string) ([]musette.Incoming, error) {
	var files []musette.Incoming
	for _, p := range paths {
		f, err := os.Open(p) //nolint:gosec // the operator's own path
		if err != nil {
			return nil, err
		}
		in, err := a.Musette.Hold(ctx, filepath.Base(p), f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		files = append(files, in)
	}
	return files, nil
}

// reportText says an import to the operator: counts and reasons, nothing of what
// the person wrote but the names of her files.
func reportText(ctx context.Context, all []musette.Imported) string {
	var b strings.Builder
	for _, f := range musette.ReportOf(ctx, all).Files {
		fmt.Fprintf(&b, "%s (%s)\n", f.Name, f.Format)
		for what, n := range f.Created {
			fmt.Fprintf(&b, "  + %d %s\n", n, what)
		}
		if f.Merged > 0 {
			fmt.Fprintf(&b, "  ~ %d merged\n", f.Merged)
		}
		for _, s := range f.Skipped {
			fmt.Fprintf(&b, "  - %s: %s\n", s.Where, s.Why)
		}
		for _, w := range f.Warnings {
			fmt.Fprintf(&b, "  ! %s: %s\n", w.Where, w.What)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

type musetteExportCmd struct {
	Person string `required:"" help:"Handle of the person." placeholder:"H"`
	Out    string `required:"" help:"File to write." placeholder:"FILE.zip"`
}

// Run implements the command.
func (c *musetteExportCmd) Run(e *env) error {
	return e.with(func(a *App) (err error) {
		ctx, err := a.actFor(e.ctx, c.Person, gate.ActExport)
		if err != nil {
			return err
		}
		f, err := os.CreateTemp(filepath.Dir(c.Out), ".export-*") // mode 0600
		if err != nil {
			return err
		}
		defer func() {
			if err != nil {
				err = errors.Join(err, removeIfThere(f.Name()))
			}
		}()
		w := bufio.NewWriterSize(f, 1<<20)
		err = a.Musette.Export(ctx, w)
		if err := errors.Join(err, w.Flush(), f.Sync(), f.Close()); err != nil {
			return err
		}
		if err := os.Rename(f.Name(), c.Out); err != nil {
			return err
		}
		return e.say(map[string]string{"file": c.Out}, "Wrote %s. It is not encrypted: give it to its owner alone.", c.Out)
	})
}

type musetteCheckCmd struct {
	File string `arg:"" help:"Archive to check." placeholder:"FILE.zip"`
}

// Run implements the command.
func (c *musetteCheckCmd) Run(e *env) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	r := musette.CheckArchive(e.ctx, f, info.Size())
	text := fmt.Sprintf("%s: %d items, %d files.", c.File, r.Items, r.Files)
	for _, finding := range r.Findings {
		text += "\n  " + finding
	}
	if err := e.say(r, "%s", text); err != nil {
		return err
	}
	if !r.Valid {
		return errSaid
	}
	return nil
}
