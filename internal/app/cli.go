package app

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"

	"github.com/alecthomas/kong"
)

//go:embed messages/*.json
var messages embed.FS

// cli is the command line: settings and commands.
type cli struct {
	Config

	Serve      serveCmd       `cmd:"" help:"Run the instance."`
	Person     personCmds     `cmd:"" help:"Add or erase a person."`
	Token      tokenCmds      `cmd:"" help:"Make an API token."`
	Musette    musetteCmds    `cmd:"" help:"Import, export or check a musette."`
	Expedition expeditionCmds `cmd:"" help:"Export or import an expedition, or write its cahier."`
	Backup     backupCmd      `cmd:"" help:"Write a backup: FILE (content) and FILE.keys, to be kept apart."`
	Restore    restoreCmd     `cmd:"" help:"Restore a backup into an empty database, of either engine."`
	Keys       keysCmds       `cmd:"" help:"Add, rotate or retire instance keys."`
	Doctor     doctorCmd      `cmd:"" help:"Find what is wrong and say what to do."`
	Migrate    migrateCmd     `cmd:"" help:"Bring the database up to date, then stop."`
	Foresight  foresightCmds  `cmd:"" help:"Run a foresight method on a file."`
	Credential credentialCmd  `cmd:"" help:"Verify, bake or unbake a credential, without network or database."`
	Skills     skillsCmds     `cmd:"" help:"Suggest competences for a text."`
	Taxonomy   taxonomyCmds   `cmd:"" help:"Import or list referentials: ESCO, ROME, RNCP, Formacode."`
	Version    versionCmd     `cmd:"" help:"Print the version."`
}

// env is what every command is given.
type env struct {
	ctx    context.Context
	cfg    *Config
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
}

// errMisused is wrapped by errors of use: they exit with 2.
var errMisused = errors.New("")

func misused(format string, args ...any) error {
	return fmt.Errorf("%w"+format, append([]any{errMisused}, args...)...)
}

// errSaid is returned when what failed was already printed as the result.
var errSaid = errors.New("said")

// Run is main without the process: tests call it too. 0 done, 1 failed, 2 misused.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	code := -1
	p, err := kong.New(&c, kong.Name("digiwork"), kong.Description("A musette for a life of work, and one door that only its owner opens."),
		kong.Writers(stdout, stderr), kong.Exit(func(n int) { code = n }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(stderr, "digiwork:", err)
		return 2
	}
	if err := unknownVariables(os.Environ(), p.Model); err != nil {
		fmt.Fprintln(stderr, "digiwork:", err)
		return 2
	}
	k, err := p.Parse(args)
	if code >= 0 {
		return code // --help has spoken
	}
	if err != nil {
		fmt.Fprintln(stderr, "digiwork:", err)
		return 2
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	words := strings.Fields(k.Command())
	name := ""
	if len(words) > 1 {
		name = words[1]
	}
	err = k.Run(&env{ctx: ctx, cfg: &c.Config, stdin: stdin, stdout: stdout, stderr: stderr, log: log}, methodName(name))
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSaid):
		return 1
	}
	fmt.Fprintln(stderr, "digiwork:", sentence(err))
	if errors.Is(err, errMisused) {
		return 2
	}
	return 1
}

// sentence says an error to the operator: a fault in words, with its cause.
func sentence(err error) string {
	f, ok := errors.AsType[*kernel.Fault](err)
	if !ok {
		return err.Error()
	}
	c, e := Messages()
	if e != nil {
		return err.Error()
	}
	ctx := i18n.With(kernel.WithActor(context.Background(), kernel.Actor{Lang: systemLang()}), c)
	said := i18n.T(ctx, f.Key, f.Args...)
	if cause := errors.Unwrap(f); cause != nil {
		said += " (" + cause.Error() + ")"
	}
	return said
}

// systemLang is the language of the operator's terminal.
func systemLang() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); len(v) >= 2 {
			if v[:2] == "fr" {
				return "fr"
			}
			return "en"
		}
	}
	return "en"
}

// say prints a result: one JSON document with --json, words for people without.
func (e *env) say(v any, format string, args ...any) error {
	if e.cfg.JSON {
		out := json.NewEncoder(e.stdout)
		out.SetEscapeHTML(false)
		return out.Encode(v)
	}
	_, err := fmt.Fprintf(e.stdout, format+"\n", args...)
	return err
}

// open opens the instance for a command of the operator.
func (e *env) open() (*App, error) {
	p := e.cfg.place("digiwork")
	a, err := New(e.ctx, p, options{
		base: e.cfg.base(), about: e.cfg.about(),
		limits: e.cfg.limits(), mail: e.cfg.mail(), log: e.log,
	})
	if err != nil {
		return nil, err
	}
	if a.MadeKey != "" {
		fmt.Fprintf(e.stderr, "Made the instance key %s. Copy it now, elsewhere than your backups: without it nothing can be read.\n", a.MadeKey)
	}
	e.ctx = i18n.With(kernel.WithActor(e.ctx, kernel.Actor{Lang: systemLang()}), a.Messages)
	return a, nil
}

// with opens the instance, runs f and closes it.
func (e *env) with(f func(a *App) error) (err error) {
	a, err := e.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return f(a)
}

type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(e *env) error {
	return e.say(map[string]string{"version": Version()}, "digiwork %s", Version())
}

type migrateCmd struct{}

// Run implements the command.
func (migrateCmd) Run(e *env) error {
	p := e.cfg.place("digiwork")
	a, err := New(e.ctx, p, options{base: "http://localhost:8080", migrate: true, limits: e.cfg.limits(), log: e.log})
	if err != nil {
		return err
	}
	return errors.Join(e.say(map[string]bool{"up_to_date": true}, "The database is up to date."), a.Close())
}
