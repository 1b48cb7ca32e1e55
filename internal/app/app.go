package app

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"digiwork/internal/account"
	"digiwork/internal/analysis"
	"digiwork/internal/badge"
	"digiwork/internal/circle"
	"digiwork/internal/expedition"
	"digiwork/internal/gate"
	"digiwork/internal/instance"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/intake"
	"digiwork/internal/musette"
	"digiwork/internal/peer"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/live"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/openid"
	"digiwork/internal/platform/outbound"
	"digiwork/internal/platform/seal"
	"digiwork/internal/platform/search"
	"digiwork/internal/platform/web"
	"digiwork/internal/portrait"
	"digiwork/internal/recognition"
	"digiwork/internal/signing"
	"digiwork/internal/vae"
	"digiwork/internal/watch"
	"digiwork/internal/workshop"
)

// App is the joined program.
type App struct {
	DB       *db.DB // content
	KeysDB   *db.DB // wrapped keys
	Keys     *seal.Keys
	Gate     *gate.Service
	Account  *account.Service
	Circle   *circle.Service
	Musette  *musette.Service
	Instance *instance.Service

	Signing     *signing.Service
	Recognition *recognition.Service
	Badge       *badge.Service
	Peer        *peer.Service
	VAE         *vae.Service
	Portrait    *portrait.Service
	Expedition  *expedition.Service
	Watch       *watch.Service
	Analysis    *analysis.Service
	Workshop    *workshop.Service

	Post     *mail.Post
	Jobs     *jobs.Runner
	Live     *live.Hub
	Messages *i18n.Catalog
	Log      *slog.Logger

	MadeKey string // path of a key file made by this start, to be copied elsewhere

	base  string
	demo  bool
	place place

	closed []string // parts whose tables wait for digiwork migrate
	parts  []joined
	frame  *web.Site
	meters atomic.Pointer[meters]
}

// steps are the tables of every context, in the content database.
func steps() []db.Steps {
	all := []db.Steps{
		{Context: "gate", Files: gate.Migrations},
		{Context: "once", Files: once.Migrations},
		{Context: "search", Files: search.Migrations},
		{Context: "jobs", Files: jobs.Migrations},
		{Context: "mail", Files: mail.Migrations},
		{Context: "account", Files: account.Migrations},
		{Context: "circle", Files: circle.Migrations},
	}
	for _, p := range parts {
		if p.tables != nil {
			all = append(all, db.Steps{Context: p.name, Files: p.tables})
		}
	}
	return all
}

// keySteps are the tables of the keys.
func keySteps() []db.Steps { return []db.Steps{{Context: "seal", Files: seal.Migrations}} }

// Messages builds the catalog of every context.
func Messages() (*i18n.Catalog, error) {
	c := &i18n.Catalog{}
	for _, m := range []struct {
		name  string
		files fs.FS
	}{
		{"web", web.Messages}, {"db", db.Messages}, {"once", once.Messages}, {"mail", mail.Messages},
		{"gate", gate.Messages}, {"account", account.Messages}, {"circle", circle.Messages},
		{"musette", musette.Messages}, {"instance", instance.Messages}, {"intake", intake.Messages}, {"app", messages},
	} {
		if err := c.Add(m.name, m.files); err != nil {
			return nil, err
		}
	}
	for _, p := range parts {
		if err := c.Add(p.name, p.messages); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// options are what New needs besides where the instance lives.
type options struct {
	base     string         // address of the instance, without a slash at the end
	about    instance.About // what its keeper says of it
	demo     bool
	vcAPI    bool // the VC API answers tokens with its scope
	vcOpen   bool // and anybody
	migrate  bool // PostgreSQL: upgrade tables that exist
	limits   gate.Limits
	mail     mail.Settings
	openid   openid.Settings
	log      *slog.Logger
	settings []instance.Setting
}

// New opens the databases at p, brings their tables up to date and joins the
// contexts. Nothing is written when the key file is wrong or the database is newer
// than this program.
func New(ctx context.Context, p place, o options) (a *App, err error) {
	a = &App{Log: o.log, base: o.base, demo: o.demo, place: p}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
			a = nil
		}
	}()
	if a.Messages, err = Messages(); err != nil {
		return a, err
	}
	if a.KeysDB, err = db.Open(ctx, p.database, db.Keys); err != nil {
		return a, err
	}
	if a.DB, err = db.Open(ctx, p.database, db.Content); err != nil {
		return a, err
	}
	if a.closed, err = upgrade(ctx, a.DB, o.migrate, steps()); err != nil {
		return a, err
	}
	if _, err := upgrade(ctx, a.KeysDB, o.migrate, keySteps()); err != nil {
		return a, err
	}
	if err := a.resumeClock(ctx); err != nil {
		return a, err
	}
	keys, made, err := seal.Open(ctx, a.KeysDB, p.key)
	if err != nil {
		return a, err
	}
	if a.Keys = keys; made {
		a.MadeKey = p.key
	}
	provider, err := openid.New(o.openid, o.base+account.PathOpenIDBack, outbound.Client(10*time.Second))
	if err != nil {
		return a, err
	}
	a.join(o)
	a.Account.OpenID = provider
	return a, nil
}

// join gives each context what it asks of the others.
func (a *App) join(o options) {
	a.Jobs = jobs.New(a.DB, a.Log)
	a.Live = live.New(a.DB, a.Log)
	a.Post = &mail.Post{DB: a.DB, Keys: a.Keys, Jobs: a.Jobs, Settings: o.mail, Log: a.Log, Catalog: a.Messages}
	a.Gate = &gate.Service{DB: a.DB, Keys: a.Keys, BaseURL: o.base, Limits: o.limits, Plain: plainImage}
	a.Account = &account.Service{DB: a.DB, Keys: a.Keys, Gate: a.Gate, Post: a.Post, Base: o.base, Name: o.about.Name, Export: "/musette/export", Start: "/musette", Demo: o.demo, Log: a.Log}
	a.Circle = &circle.Service{DB: a.DB, Keys: a.Keys, People: a.Account, Post: a.Post, Base: o.base, SignUp: "/sign-up", SignIn: "/sign-in", Looks: web.NewLimiter(60, time.Second, time.Now)}
	a.Gate.Sessions, a.Gate.People, a.Gate.Circles = a.Account, a.Account, a.Circle
	a.Musette = &musette.Service{DB: a.DB, Gate: a.Gate, Quiet: quiet{a.Account}, Rooms: archiveRooms(), Doors: musette.Doors{
		Faces: "/portillon/faces", Grants: "/portillon", Import: "/musette/import", Export: "/musette/export", Account: "/account",
	}}
	for _, p := range parts {
		j := p.join(a, o)
		if slices.Contains(a.closed, p.name) {
			j = joined{}
		}
		a.parts = append(a.parts, j)
	}
	a.Account.Leavers, a.Account.Inviters = a.leavers(), []account.Inviter{a.Circle}
	a.joinInstance(o)
	a.housekeeping()
}

// leavers are the contexts that keep something of a person besides the gate and
// her account, in the order of leaving.
func (a *App) leavers() []account.Leaver {
	all := []account.Leaver{circleLeaver{a.Circle}}
	for _, p := range a.parts {
		if p.leaver != nil {
			all = append(all, p.leaver)
		}
	}
	return append(all,
		account.LeaveFunc(a.Post.Leave),
		account.LeaveFunc(a.Jobs.Leave),
		account.LeaveFunc(once.Forget),
	)
}

// circleLeaver tells what becomes of the circles of a person who leaves.
type circleLeaver struct{ s *circle.Service }

// Leaves implements account.Leaver.
func (l circleLeaver) Leaves(ctx context.Context, person kernel.PersonID) (goes, stays map[string]int, err error) {
	ids, err := l.s.CirclesOf(ctx, person)
	return map[string]int{"circle.leaving.memberships": len(ids)}, nil, err
}

// Leave implements account.Leaver.
func (l circleLeaver) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (gone, stays map[string]int, err error) {
	left, err := l.s.Leave(ctx, tx, person)
	return map[string]int{"circle.leaving.memberships": left.Circles, "circle.leaving.closed": left.Closed},
		map[string]int{"circle.leaving.handed_over": left.HandedOver}, err
}

// housekeeping is what the program does by itself, on one process at a time.
func (a *App) housekeeping() {
	a.Post.Register()
	const hour = 60 * 60 * 1e9
	a.Jobs.Every("gate.sweep", hour, a.Gate.Sweep)
	a.Jobs.Every("account.sweep", hour, a.Account.Sweep)
	a.Jobs.Every("circle.sweep", hour, a.Circle.Sweep)
	a.Jobs.Every("once.sweep", hour, func(ctx context.Context) error { return once.Sweep(ctx, a.DB) })
	for i, p := range a.parts {
		if p.sweep != nil {
			a.Jobs.Every(parts[i].name+".sweep", hour, p.sweep)
		}
	}
	a.Jobs.Every("account.resume", hour/6, a.Account.Resume)
	a.Jobs.Every("seal.sweep", hour, func(ctx context.Context) error {
		_, err := a.Keys.Sweep(ctx, a.Gate.Known)
		return err
	})
}

// Close closes the databases.
func (a *App) Close() error {
	var errs []error
	for _, d := range []*db.DB{a.DB, a.KeysDB} {
		if d != nil {
			errs = append(errs, d.Close())
		}
	}
	return errors.Join(errs...)
}

var _ io.Closer = (*App)(nil)
