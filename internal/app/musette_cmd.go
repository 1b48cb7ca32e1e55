package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/musette"
	"digiwork/internal/platform/i18n"
)

type musetteCmds struct {
	Import musetteImportCmd `cmd:"" help:"Import files into somebody's musette; leaves a line in her journal."`
	Export musetteExportCmd `cmd:"" help:"Write somebody's musette as an archive; leaves a line in her journal."`
	Check  musetteCheckCmd  `cmd:"" help:"Check an archive without any database: digests, form, files."`
}

type musetteImportCmd struct {
	Person         string   `required:"" help:"Handle of the person." placeholder:"H"`
	Format         string   `help:"Refuse files of another format than F." placeholder:"F"`
	DryRun         bool     `help:"Only say what would be created, merged and skipped."`
	PassphraseFile string   `help:"File whose first line opens the signing keys of an archive; they come back with the rest." placeholder:"F"`
	KeysOrNothing  bool     `help:"Import nothing of an archive whose signing keys the passphrase does not open."`
	Files          []string `arg:"" help:"Files to import; an archive may have any size." placeholder:"FILE"`
}

// importMemory is what the collector aims at while files come in, in bytes: together
// with the bounds of the readers it keeps the process below 256 MiB.
const importMemory = 176 << 20

// Run implements the command.
func (c *musetteImportCmd) Run(e *env) error {
	passphrase, err := firstLine(c.PassphraseFile)
	if err != nil {
		return err
	}
	if c.KeysOrNothing && passphrase == "" {
		return misused("--keys-or-nothing: say with --passphrase-file what opens the keys")
	}
	debug.SetMemoryLimit(importMemory)
	files, closeAll, err := openLocal(c.Files, musette.Unlock{Passphrase: passphrase, OrNothing: c.KeysOrNothing})
	if err != nil {
		return err
	}
	return errors.Join(e.with(func(a *App) error { return c.carryOut(e, a, files) }), closeAll())
}

func (c *musetteImportCmd) carryOut(e *env, a *App, files []musette.Incoming) error {
	act := gate.ActImport
	if c.DryRun {
		act = gate.ActOther // looked at, not imported
	}
	ctx, err := a.actFor(e.ctx, c.Person, act)
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
	if err := e.say(musette.ReportOf(e.ctx, all), "%s", reportText(e.ctx, all)); err != nil {
		return err
	}
	for _, one := range all {
		if one.KeysShut {
			return errSaid
		}
	}
	return nil
}

// checkFormat refuses files that turn out to be of another format than asked. An
// archive is one of a musette, or a ZIP of files.
func (c *musetteImportCmd) checkFormat(ctx context.Context, a *App, files []musette.Incoming) error {
	if c.Format == "" {
		return nil
	}
	for _, f := range files {
		format, err := a.Musette.FormatOf(ctx, f)
		if err != nil {
			return err
		}
		if format != c.Format && (c.Format != "archive" || format != "musette") {
			return fmt.Errorf("%s is of format %s, not %s; nothing was imported", f.Name, format, c.Format)
		}
	}
	return nil
}

// actFor lets the command line act on somebody's musette, after a line in her
// journal. What is written for her is in her language and her time, whoever types.
func (a *App) actFor(ctx context.Context, handle string, act gate.Act) (context.Context, error) {
	id, err := a.Account.PersonByHandle(ctx, handle)
	if err != nil {
		return ctx, err
	}
	if ctx, err = a.Gate.Operator(ctx, id, act); err != nil {
		return ctx, err
	}
	her, err := a.Account.Me(ctx)
	if err != nil {
		return ctx, err
	}
	actor := kernel.ActorFrom(ctx)
	actor.Name, actor.Lang, actor.Zone = her.Name, her.Lang, her.Zone
	return i18n.With(kernel.WithActor(ctx, actor), a.Messages), nil
}

// openLocal opens files where they lie, to be read piece by piece.
func openLocal(paths []string, keys musette.Unlock) (files []musette.Incoming, closeAll func() error, err error) {
	var open []*os.File
	closeAll = func() error {
		var errs []error
		for _, f := range open {
			errs = append(errs, f.Close())
		}
		return errors.Join(errs...)
	}
	for _, p := range paths {
		f, err := os.Open(p) //nolint:gosec // the operator's own path
		if err != nil {
			return nil, nil, errors.Join(err, closeAll())
		}
		open = append(open, f)
		info, err := f.Stat()
		if err != nil {
			return nil, nil, errors.Join(err, closeAll())
		}
		files = append(files, musette.Incoming{Name: filepath.Base(p), Local: &musette.Local{File: f, Size: info.Size(), Keys: keys}})
	}
	return files, closeAll, nil
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
	Person         string `required:"" help:"Handle of the person." placeholder:"H"`
	Out            string `required:"" help:"File to write." placeholder:"FILE.zip"`
	WithKeys       bool   `help:"Put the private signing keys into it, sealed by a passphrase."`
	PassphraseFile string `help:"File whose first line is the passphrase, at least 12 characters." placeholder:"F"`
}

// Run implements the command.
func (c *musetteExportCmd) Run(e *env) error {
	if c.WithKeys != (c.PassphraseFile != "") {
		return misused("--with-keys and --passphrase-file go together")
	}
	passphrase, err := firstLine(c.PassphraseFile)
	if err != nil {
		return err
	}
	return e.with(func(a *App) error {
		ctx, err := a.actFor(e.ctx, c.Person, gate.ActExport)
		if err != nil {
			return err
		}
		keys := 0
		err = writeWhole(c.Out, func(w io.Writer) (err error) {
			if !c.WithKeys {
				return a.Musette.Export(ctx, w)
			}
			keys, err = a.Musette.ExportWithKeys(ctx, w, passphrase)
			return err
		})
		if err != nil {
			return err
		}
		out := struct {
			File string `json:"file"`
			Keys int    `json:"keys"`
		}{c.Out, keys}
		text := "Wrote " + c.Out + ". It is not encrypted: give it to its owner alone."
		if c.WithKeys {
			text += fmt.Sprintf("\nSealed signing keys in it: %d. Without the passphrase they are lost.", keys)
		}
		return e.say(out, "%s", text)
	})
}

// writeWhole writes a file that only its owner reads, and that is there whole or not
// at all.
func writeWhole(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".export-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeIfThere(f.Name()))
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	err = write(w)
	if err := errors.Join(err, w.Flush(), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
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
	r := musette.CheckArchive(e.ctx, f, info.Size(), time.Now(), archiveRooms())
	text := fmt.Sprintf("%s: %d items, %d files, %d credentials.", c.File, r.Items, r.Files, r.Credentials)
	if r.Keys {
		text += " It holds sealed signing keys."
	}
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
