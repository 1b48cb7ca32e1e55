package instance

import (
	"context"
	"embed"
	"time"

	"digiwork/internal/platform/db"
	"digiwork/internal/platform/jobs"
)

// Messages are the sentences of the public pages and of the office.
//
//go:embed messages/*.json
var Messages embed.FS

// About is what an instance says of itself, from its settings.
type About struct {
	Name    string // in its keeper's words; may be empty
	Keeper  string // who keeps it; may be empty
	Contact string // a mail address or an https address; may be empty
	Place   string // where the machine stands, in the keeper's words; may be empty
	Engine  string // "SQLite" or "PostgreSQL"
	Version string // of the program
	Source  string // where its source is; may be empty
	Demo    bool
}

// Room is one room of the house that is open, for the home page.
type Room struct {
	Code string // of the accent, and of the messages instance.room.<code>
	Icon string
	Path string
}

// Paths are pages of other contexts that the public pages lead to; "" where there
// is none.
type Paths struct{ Start, SignIn, SignUp, Account, Export, Erase string }

// Counts is how many people there are. Another context provides it.
type Counts struct{ People, Owners int }

// People counts them.
type People interface {
	Count(ctx context.Context) (Counts, error)
}

// Modes say who may make an account: anybody, who was invited, nobody.
var Modes = []string{"open", "invitation", "closed"}

// Doors decide who may make an account. Another context provides it.
type Doors interface {
	Registration(ctx context.Context) (mode string, err error)
	SetRegistration(ctx context.Context, mode string) error
}

// Backup is a copy that was made.
type Backup struct {
	Name  string
	At    time.Time
	Bytes int64
}

// Backups makes copies of the content and of the wrapped keys. Another package
// provides it.
type Backups interface {
	Now(ctx context.Context) (name string, err error)
	List(ctx context.Context) ([]Backup, error) // newest first
}

// Finding is one thing that was examined, said in the reader's language.
type Finding struct {
	State State
	Title string
	Text  string // what was seen, and what to do
}

// State says how a finding stands.
type State string

// The states.
const (
	Fine    State = "fine"
	Unsure  State = "unsure" // to be looked at, or not known
	Serious State = "serious"
)

// Health examines the instance. Another package provides it.
type Health interface {
	Check(ctx context.Context) ([]Finding, error)
}

// Post tries to send a letter. mail.Post is one.
type Post interface {
	Configured() bool
	Try(ctx context.Context, address string) error
}

// Jobs say how they stand. jobs.Runner is one.
type Jobs interface {
	State(ctx context.Context) (jobs.State, error)
	Retry(ctx context.Context) (int64, error)
}

// Setting is one setting of the program as it runs.
type Setting struct {
	Name   string // as on the command line
	Value  string // "" for a secret
	Secret bool   // Value is not shown; Set says whether there is one
	Set    bool   // it differs from its default
	Help   string
}

// Service is what may be asked of the instance.
type Service struct {
	DB       *db.DB
	About    About
	Rooms    []Room
	Paths    Paths
	People   People
	Doors    Doors
	Backups  Backups
	Health   Health
	Post     Post
	Jobs     Jobs
	Settings []Setting
}
