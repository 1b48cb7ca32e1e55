package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/asset"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/seal"
)

// Finding is one thing doctor looked at.
type Finding struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Advice bool   `json:"advice,omitempty"` // well, but could be better
	Detail string `json:"detail"`           // what was seen, and what to do
}

type doctorCmd struct{}

// Run implements the command.
func (doctorCmd) Run(e *env) error {
	catalog, err := Messages()
	if err != nil {
		return err
	}
	ctx := i18n.With(kernel.WithActor(e.ctx, kernel.Actor{Lang: systemLang()}), catalog)
	all := examine(ctx, e.cfg.place("digiwork"))
	healthy, text := true, ""
	for _, f := range all {
		mark := "ok      "
		if f.Advice {
			mark = "advice  "
		}
		if !f.OK {
			mark, healthy = "ILL     ", false
		}
		text += mark + strings.ReplaceAll(f.Name, "_", " ") + ": " + f.Detail + "\n"
	}
	verdict := "Everything looked at is well."
	if !healthy {
		verdict = "Something needs you: see the lines marked ILL."
	}
	if err := e.say(map[string]any{"healthy": healthy, "findings": all}, "%s%s", text, verdict); err != nil {
		return err
	}
	if !healthy {
		return errSaid
	}
	return nil
}

// examination goes on after a failure as far as it can. It speaks the language of
// its context.
type examination struct {
	ctx context.Context
	all []Finding
}

func (x *examination) note(name string, err error, args ...any) bool {
	if err != nil {
		x.all = append(x.all, Finding{Name: name, Detail: illness(x.ctx, err)})
		return false
	}
	x.all = append(x.all, Finding{Name: name, OK: true, Detail: i18n.T(x.ctx, "app.well."+name, args...)})
	return true
}

// advise notes what is not ill but could be better.
func (x *examination) advise(name string, err error) {
	if err != nil {
		x.all = append(x.all, Finding{Name: name, OK: true, Advice: true, Detail: illness(x.ctx, err)})
		return
	}
	x.note(name, nil)
}

// What is wrong, and what to do about it.
var (
	errEmpty      = kernel.NewFault(kernel.Unavailable, "app.ill.empty")
	errNoRoom     = kernel.NewFault(kernel.Unavailable, "app.ill.disk")
	errMissing    = kernel.NewFault(kernel.Unavailable, "app.ill.missing")
	errReadable   = kernel.NewFault(kernel.Unavailable, "app.ill.readable")
	errClock      = kernel.NewFault(kernel.Unavailable, "app.ill.clock")
	errNoBackup   = kernel.NewFault(kernel.Unavailable, "app.ill.no_backup")
	errOldBackup  = kernel.NewFault(kernel.Unavailable, "app.ill.old_backup")
	errNoKeyFile  = kernel.NewFault(kernel.Unavailable, "app.ill.no_key_file")
	errWrongFile  = kernel.NewFault(kernel.Unavailable, "app.ill.wrong_key_file")
	errNewer      = kernel.NewFault(kernel.Unavailable, "app.ill.newer")
	errWaits      = kernel.NewFault(kernel.Unavailable, "app.ill.behind")
	fromPlatforms = map[error]*kernel.Fault{seal.ErrNoFile: errNoKeyFile, seal.ErrWrongFile: errWrongFile, db.ErrNewer: errNewer, db.ErrBehind: errWaits}
)

// illness says what is wrong in the language of ctx: a page of the office and a
// terminal may speak different ones.
func illness(ctx context.Context, err error) string {
	if many, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // several, side by side
		var all []string
		for _, e := range many.Unwrap() {
			all = append(all, illness(ctx, e))
		}
		return strings.Join(all, " ")
	}
	if f, ok := errors.AsType[*kernel.Fault](err); ok {
		said := i18n.T(ctx, f.Key, f.Args...)
		if cause := errors.Unwrap(f); cause != nil {
			said += " (" + cause.Error() + ")"
		}
		return said
	}
	for cause, f := range fromPlatforms {
		if errors.Is(err, cause) {
			where := strings.TrimSuffix(strings.TrimSuffix(err.Error(), cause.Error()), ": ")
			return i18n.T(ctx, f.Key, "where", where)
		}
	}
	return err.Error()
}

// examine looks at an instance from its files up. It changes nothing.
func examine(ctx context.Context, p place) []Finding {
	x := &examination{ctx: ctx}
	x.note("front_end", asset.Complete())
	if !db.IsPostgres(p.database) {
		if !exists(p.database) {
			x.note("database", nil, "path", p.database)
			return x.all
		}
		x.note("disk", room(p.dir), "dir", p.dir)
		x.note("permissions", private(p.database, db.KeysPath(p.database)))
	}
	x.note("key_file", keyFile(p.key), "path", p.key)
	content := x.database(ctx, p, db.Content, "content", steps())
	keys := x.database(ctx, p, db.Keys, "keys", keySteps())
	for _, d := range []*db.DB{content, keys} {
		if d != nil {
			defer d.Close() //nolint:errcheck // only read
		}
	}
	if keys == nil || content == nil || !exists(p.key) {
		return x.all
	}
	k, _, err := seal.Open(ctx, keys, p.key)
	if !x.note("instance_keys", err) {
		return x.all
	}
	x.note("every_key", everyKey(ctx, k, keys))
	x.note("clock", clock(ctx, content))
	x.advise("backups", recent(backups{&App{place: p}}))
	return x.all
}

func (x *examination) database(ctx context.Context, p place, half db.Half, name string, steps []db.Steps) *db.DB {
	d, err := db.Open(ctx, p.database, half)
	if err != nil {
		x.note(name, err)
		return nil
	}
	now, err := d.Standing(ctx, steps...)
	switch {
	case err != nil:
	case now.Fresh:
		err = errEmpty
	case cannotServe(d, now) != nil:
		err = cannotServe(d, now)
	default:
		err = d.Check(ctx)
	}
	if err == nil && now.Behind() {
		x.advise(name, fmt.Errorf("%s: %s: %w", d.Where, strings.Join(slices.Concat(now.Older, now.Absent, now.TooOld), ", "), db.ErrBehind))
		return d
	}
	x.note(name, err, "where", d.Where)
	if err != nil {
		_ = d.Close() //nolint:errcheck // the finding says what matters
		return nil
	}
	return d
}

const leastRoom = 256 << 20 // bytes below which a disk is nearly full

func room(dir string) error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return err
	}
	if free := st.Bavail * uint64(st.Bsize); free < leastRoom { //nolint:gosec // block sizes are positive
		return errNoRoom.With("free", int(free>>20), "dir", dir) //nolint:gosec // less than leastRoom
	}
	return nil
}

func private(paths ...string) error {
	var errs []error
	for _, p := range paths {
		info, err := os.Stat(p)
		if errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, errMissing.With("path", p))
			continue
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if info.Mode().Perm()&0o077 != 0 {
			errs = append(errs, errReadable.With("path", p))
		}
	}
	return errors.Join(errs...)
}

func keyFile(path string) error {
	if !exists(path) {
		return fmt.Errorf("%s: %w", path, seal.ErrNoFile)
	}
	return private(path)
}

func everyKey(ctx context.Context, k *seal.Keys, d *db.DB) error {
	owners, err := db.All(ctx, d.Read(), db.Scan[string], `select owner from seal_key order by owner`)
	if err != nil {
		return err
	}
	for _, o := range owners {
		if _, err := k.Of(ctx, o); err != nil {
			return fmt.Errorf("%s: %w", o, err)
		}
	}
	return nil
}

// clock compares the machine's clock with the last writing.
func clock(ctx context.Context, d *db.DB) error {
	last, err := lastWrite(ctx, d)
	if err != nil {
		return err
	}
	if behind := time.Until(last); behind > time.Minute {
		return errClockBehind(behind)
	}
	return nil
}

// lastWrite is when something was last written by a page or the API; zero if that
// was long ago.
func lastWrite(ctx context.Context, d *db.DB) (time.Time, error) {
	last, err := db.One(ctx, d.Read(), db.Scan[db.Time], `select coalesce(max(at), '') from once_key`)
	return last.Time, err
}

// errClockBehind says that the machine's clock went back.
func errClockBehind(by time.Duration) error {
	return errClock.With("by", strings.TrimSuffix(by.Round(time.Minute).String(), "0s"))
}

func recent(b backups) error {
	all, err := b.list()
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return errNoBackup.With("dir", b.dir(), "file", filepath.Join(b.dir(), "digiwork.backup"))
	}
	if age := time.Since(all[0].ModTime()); age > 7*24*time.Hour {
		return errOldBackup.With("days", int(age.Hours()/24))
	}
	return nil
}
