package workshop

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/secret"
)

// Phase is where a table is.
type Phase string

// The phases, in their order. A table may go back as long as it is not closed.
const (
	Gather Phase = "gather" // people take seats
	Silent Phase = "silent" // each enters alone
	Reveal Phase = "reveal" // all is seen and argued
	Revise Phase = "revise" // each enters again, seen at once
	Closed Phase = "closed"
)

// Phases in their order.
var Phases = []Phase{Gather, Silent, Reveal, Revise, Closed}

// Role is a seat's part in the play.
type Role struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Brief  string `json:"brief,omitempty"`
	Secret string `json:"secret,omitempty"` // an aim only who plays it sees
}

// Stake is what the actors are for or against.
type Stake struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Step is a part of the script: what whoever leads says, and how long it may take.
type Step struct {
	Title   string `json:"title"`
	Words   string `json:"words,omitempty"`
	Minutes int    `json:"minutes"`
	Phase   Phase  `json:"phase"`
}

// Table is a table.
type Table struct {
	ID         string
	Expedition kernel.ExpeditionID
	Name       string
	Scenario   string // id of a card; empty for none
	Roles      []Role
	Stakes     []Stake
	Script     []Step
	Named      bool // seats may carry names
	Phase      Phase
	Step       int // of the script
	Since      time.Time
	Minutes    string // of the meeting
	Version    int64
	Turn       int64

	codeDigest, codeSealed, deskDigest string
}

// Revealed reports whether entries are seen.
func (t Table) Revealed() bool { return t.Phase == Reveal || t.Phase == Revise || t.Phase == Closed }

// Entering reports whether seats may enter, and in which round.
func (t Table) Entering() (round int, ok bool) {
	switch t.Phase {
	case Silent:
		return 1, true
	case Revise:
		return 2, true
	}
	return 0, false
}

func (t Table) role(id string) (Role, bool) {
	i := slices.IndexFunc(t.Roles, func(r Role) bool { return r.ID == id })
	if i < 0 {
		return Role{}, false
	}
	return t.Roles[i], true
}

// Bounds of a table.
const (
	mostName    = 120
	mostTitle   = 160
	mostBrief   = 1000
	mostRoles   = 12
	leastRoles  = 2
	mostStakes  = 12
	mostMinutes = 20_000
	mostSeats   = 200
	mostTables  = 200 // of one expedition
	mostWords   = 500 // of a sentence in a role, or an idea
	mostIdeas   = 60
)

var (
	errNoTable   = kernel.NewFault(kernel.NotFound, "workshop.no_table")
	errName      = kernel.NewFault(kernel.Invalid, "workshop.name").On("name").With("max", mostName)
	errRoles     = kernel.NewFault(kernel.Invalid, "workshop.roles").On("roles").With("least", leastRoles, "max", mostRoles, "length", mostTitle)
	errStakes    = kernel.NewFault(kernel.Invalid, "workshop.stakes").On("stakes").With("max", mostStakes, "length", mostTitle)
	errScenario  = kernel.NewFault(kernel.Invalid, "workshop.scenario").On("scenario")
	errMany      = kernel.NewFault(kernel.TooMany, "workshop.many").With("max", mostTables)
	errStale     = kernel.NewFault(kernel.Conflict, "workshop.stale").On("version")
	errPhase     = kernel.NewFault(kernel.Conflict, "workshop.phase").On("phase")
	errClosed    = kernel.NewFault(kernel.Conflict, "workshop.closed")
	errMinutes   = kernel.NewFault(kernel.Invalid, "workshop.minutes").On("minutes").With("max", mostMinutes)
	errCode      = kernel.NewFault(kernel.NotFound, "workshop.code").On("code")
	errDeskWrong = kernel.NewFault(kernel.Forbidden, "workshop.desk")
)

// Draft is what somebody types to open a table. A line of Roles is "title: brief:
// secret aim", the last two optional; a line of Stakes is its title.
type Draft struct {
	Name, Scenario, Roles, Stakes string
	Named                         bool
	Script                        []Step
}

// parse reads a draft and finds what is wrong in it.
func (d Draft) parse() (Table, error) {
	t := Table{Name: strings.Join(strings.Fields(d.Name), " "), Scenario: d.Scenario, Named: d.Named, Script: d.Script, Phase: Gather, Version: 1}
	var wrong []error
	if t.Name == "" || utf8.RuneCountInString(t.Name) > mostName {
		wrong = append(wrong, errName)
	}
	for i, line := range lines(d.Roles) {
		title, rest, _ := strings.Cut(line, ":")
		brief, aim, _ := strings.Cut(rest, ":")
		r := Role{ID: fmt.Sprintf("r%d", i+1), Title: strings.TrimSpace(title), Brief: strings.TrimSpace(brief), Secret: strings.TrimSpace(aim)}
		if r.Title == "" || utf8.RuneCountInString(r.Title) > mostTitle || utf8.RuneCountInString(r.Brief+r.Secret) > mostBrief {
			wrong = append(wrong, errRoles)
			break
		}
		t.Roles = append(t.Roles, r)
	}
	if n := len(t.Roles); len(wrong) == 0 && (n < leastRoles || n > mostRoles) {
		wrong = append(wrong, errRoles)
	}
	stakes := lines(d.Stakes)
	if len(stakes) == 0 || len(stakes) > mostStakes {
		wrong = append(wrong, errStakes)
	}
	for i, title := range stakes {
		if utf8.RuneCountInString(title) > mostTitle {
			wrong = append(wrong, errStakes)
			break
		}
		t.Stakes = append(t.Stakes, Stake{ID: fmt.Sprintf("s%d", i+1), Title: title})
	}
	return t, errors.Join(wrong...)
}

func lines(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// Open makes a table, with a code to join it. Whether seats may carry names is decided
// here, and never again.
func (s *Service) Open(ctx context.Context, id kernel.ExpeditionID, d Draft) (string, error) {
	t, err := d.parse()
	if err != nil {
		return "", err
	}
	return s.do(ctx, "", func(tx *db.Tx) (string, error) {
		if err := s.Expeditions.May(ctx, id, edit); err != nil {
			return "", err
		}
		if err := s.knownScenario(ctx, id, t.Scenario); err != nil {
			return "", err
		}
		n, err := countTables(ctx, tx, id)
		if err != nil {
			return "", err
		}
		if n >= mostTables {
			return "", errMany
		}
		t.ID, t.Expedition, t.Since = kernel.NewID[string]("tbl", tx.Now), id, tx.Now
		code := newCode()
		t.codeDigest = digest(code)
		t.codeSealed = base64.StdEncoding.EncodeToString(s.Keys.SealText(codePurpose(t.ID), []byte(code)))
		return t.ID, insertTable(ctx, tx, t)
	})
}

func (s *Service) knownScenario(ctx context.Context, id kernel.ExpeditionID, card string) error {
	if card == "" {
		return nil
	}
	cards, err := s.Expeditions.Cards(ctx, id, "scenario")
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(cards, func(c Card) bool { return c.ID == card }) {
		return errScenario
	}
	return nil
}

// codeLetters have no look-alikes: a code is read from a screen and typed on a phone.
const (
	codeLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength  = 8
)

func newCode() string {
	var b [codeLength]byte
	for i := 0; i < len(b); {
		var one [1]byte
		rand.Read(one[:]) //nolint:errcheck,gosec // never fails
		if n := int(one[0]); n < 256/len(codeLetters)*len(codeLetters) {
			b[i] = codeLetters[n%len(codeLetters)]
			i++
		}
	}
	return string(b[:])
}

func cleanCode(typed string) string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(codeLetters, c) {
			return c
		}
		return -1
	}, strings.ToUpper(typed))
}

func digest(s string) string { return base64.RawURLEncoding.EncodeToString(secret.Digest(s)) }

func codePurpose(table string) string { return "workshop.code " + table }

// Code is the code that joins a table, for those who lead it; empty once it is closed.
func (s *Service) Code(t Table) (string, error) {
	if t.codeSealed == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(t.codeSealed)
	if err != nil {
		return "", fmt.Errorf("code of table %s: %w", t.ID, err)
	}
	plain, err := s.Keys.OpenText(codePurpose(t.ID), raw)
	return string(plain), err
}

// Join finds the table that a code opens. client is who tries, for the limit.
func (s *Service) Join(ctx context.Context, client, typed string) (string, error) {
	if s.Knocks != nil {
		if err := s.Knocks.Take(client); err != nil {
			return "", err
		}
	}
	code := cleanCode(typed)
	if len(code) != codeLength {
		return "", errCode
	}
	return tableByCode(ctx, s.DB.Read(), digest(code))
}

// Opened is a table for whoever holds its code. NotFound for a code that opens none, or
// another.
func (s *Service) Opened(ctx context.Context, table, code string) (Table, error) {
	found, err := tableByCode(ctx, s.DB.Read(), digest(cleanCode(code)))
	if err != nil || found != table {
		return Table{}, errNoTable
	}
	return tableByID(ctx, s.DB.Read(), table)
}

// Tables lists those of an expedition, newest first.
func (s *Service) Tables(ctx context.Context, id kernel.ExpeditionID) ([]Table, error) {
	if err := s.Expeditions.May(ctx, id, read); err != nil {
		return nil, err
	}
	return tablesOf(ctx, s.DB.Read(), id)
}

// lead loads a table that the actor leads: she may edit the expedition, or holds the
// desk that was handed over to her.
func (s *Service) lead(ctx context.Context, q db.Querier, id kernel.ExpeditionID, table string) (Table, error) {
	t, err := tableByID(ctx, q, table)
	if err != nil {
		return t, err
	}
	if t.Expedition != id {
		return Table{}, errNoTable
	}
	if key := deskOf(ctx); key != "" && t.deskDigest != "" && digest(key) == t.deskDigest {
		return t, nil
	}
	return t, s.Expeditions.May(ctx, id, edit)
}

// change loads a table its leader may change, and is not closed.
func (s *Service) change(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID, table string) (Table, error) {
	t, err := s.lead(ctx, tx, id, table)
	if err == nil && t.Phase == Closed {
		err = errClosed
	}
	return t, err
}

// Move takes a table to a phase, or to a step of its script and the phase it asks for.
// version is what whoever moves had seen: two who lead do not move it twice.
//
// Going back behind the reveal would hide what was seen: it is refused.
func (s *Service) Move(ctx context.Context, id kernel.ExpeditionID, table string, to Phase, step int, version int64) error {
	if !slices.Contains(Phases, to) || to == Closed {
		return errPhase
	}
	_, err := s.do(ctx, table, func(tx *db.Tx) (string, error) {
		t, err := s.change(ctx, tx, id, table)
		if err != nil {
			return "", err
		}
		if t.Revealed() && (to == Gather || to == Silent) {
			return "", errPhase
		}
		t.Phase, t.Step, t.Since, t.Version = to, min(max(step, 0), max(len(t.Script)-1, 0)), tx.Now, version
		return table, updateTable(ctx, tx, t)
	})
	return err
}

// Close ends a table: the code opens nothing any more, and the digests of keys go, so
// that no device can be told any more, by anyone.
func (s *Service) Close(ctx context.Context, id kernel.ExpeditionID, table string) error {
	_, err := s.do(ctx, table, func(tx *db.Tx) (string, error) {
		t, err := s.lead(ctx, tx, id, table)
		if err != nil {
			return "", err
		}
		if t.Phase == Closed {
			return table, nil
		}
		t.Phase, t.Since = Closed, tx.Now
		return table, errors.Join(updateTable(ctx, tx, t), closeTable(ctx, tx, table))
	})
	return err
}

// Write keeps the minutes of the meeting.
func (s *Service) Write(ctx context.Context, id kernel.ExpeditionID, table, minutes string, version int64) error {
	if utf8.RuneCountInString(minutes) > mostMinutes {
		return errMinutes
	}
	_, err := s.do(ctx, table, func(tx *db.Tx) (string, error) {
		t, err := s.lead(ctx, tx, id, table)
		if err != nil {
			return "", err
		}
		t.Minutes, t.Version = strings.TrimSpace(minutes), version
		return table, updateTable(ctx, tx, t)
	})
	return err
}

// HandOver makes a key with which somebody else leads the table from her own browser;
// the one before opens nothing any more.
func (s *Service) HandOver(ctx context.Context, id kernel.ExpeditionID, table string) (key string, err error) {
	key = rand.Text()
	_, err = s.do(ctx, table, func(tx *db.Tx) (string, error) {
		if _, err := s.change(ctx, tx, id, table); err != nil {
			return "", err
		}
		return table, setDesk(ctx, tx, table, digest(key))
	})
	return key, err
}

type deskKey struct{}

// WithDesk returns a context in which who asks holds a desk's key.
func WithDesk(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, deskKey{}, key)
}

func deskOf(ctx context.Context) string {
	key, _ := ctx.Value(deskKey{}).(string)
	return key
}

// TakeDesk reports whether a key leads a table.
func (s *Service) TakeDesk(ctx context.Context, table, key string) (Table, error) {
	t, err := tableByID(ctx, s.DB.Read(), table)
	if err != nil {
		return t, err
	}
	if t.deskDigest == "" || digest(key) != t.deskDigest {
		return Table{}, errDeskWrong
	}
	return t, nil
}

// Drop removes the tables of an expedition that is deleted.
func (s *Service) Drop(ctx context.Context, tx *db.Tx, id kernel.ExpeditionID) error {
	return deleteTables(ctx, tx, id)
}
