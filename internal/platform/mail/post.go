package mail

import (
	"context"
	"crypto/x509"
	"database/sql"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/jobs"
	"digiwork/internal/platform/seal"
)

// Migrations of the queue.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Messages are refusals and the letter of the test.
//
//go:embed messages/*.json
var Messages embed.FS

const (
	kindSend  = "mail.send"
	kindSweep = "mail.sweep"

	kept = 14 * 24 * time.Hour // a letter that could not leave by then has nothing left to say
)

// Limits bound how many letters leave. They are for people; the server has its own.
type Limits struct {
	AddressHour int // to one address within an hour
	AddressDay  int // to one address within a day
	OwnHour     int // notices about her own account, to one address within an hour; counted apart, so that nobody can silence them
	PersonDay   int // asked for by one person within a day
	AllHour     int // in all within an hour
}

// Usual are the limits of an instance.
var Usual = Limits{AddressHour: 5, AddressDay: 20, OwnHour: 20, PersonDay: 60, AllHour: 2000}

// Post is where letters are handed in.
type Post struct {
	DB       *db.DB
	Keys     *seal.Keys
	Jobs     *jobs.Runner
	Settings Settings
	Limits   Limits // the zero Limits is Usual
	Log      *slog.Logger
	Catalog  *i18n.Catalog  // what Send and Notify say
	Roots    *x509.CertPool // who may vouch for the server; nil is the system's list
}

// Register tells the runner how letters leave. It is called once, before letters
// are put.
func (p *Post) Register() {
	p.Jobs.On(kindSend, p.send)
	p.Jobs.Every(kindSweep, time.Hour, p.sweep)
}

// Configured reports whether letters can leave at all. When not, callers show the
// link to copy.
func (p *Post) Configured() bool { return p.Settings.On() }

// Sealed is a letter ready for the queue.
type Sealed struct {
	id      string
	person  kernel.PersonID
	digest  string
	own     bool
	from    time.Time
	content []byte
}

// Seal checks and seals a letter, before the transaction that puts it.
//
// Invalid, on "email", if the address is none; Unavailable without a server.
func (p *Post) Seal(l Letter) (Sealed, error) {
	if !p.Configured() {
		return Sealed{}, errOff
	}
	l, err := l.check()
	if err != nil {
		return Sealed{}, err
	}
	plain, err := l.pack()
	if err != nil {
		return Sealed{}, err
	}
	id := kernel.NewID[string]("mlt", p.DB.Now())
	return Sealed{
		id: id, person: l.Person, own: l.Own, from: l.NotBefore,
		digest:  p.digest(l),
		content: p.Keys.SealText(purpose(id), plain),
	}, nil
}

// purpose ties sealed words to their row: swapped rows do not open.
func purpose(id string) string { return "mail.letter " + id }

// digest is what letters to an address are counted by. Notices have their own.
func (p *Post) digest(l Letter) string {
	purpose := "mail.address"
	if l.Own {
		purpose = "mail.address.own"
	}
	return base64.RawURLEncoding.EncodeToString(p.Keys.Digest(purpose, strings.ToLower(l.To)))
}

// Put hands a sealed letter in; its id tells later what became of it. It leaves
// once tx is durable.
//
// TooMany when a limit is reached.
func (p *Post) Put(ctx context.Context, tx *db.Tx, s Sealed) (id string, err error) {
	if err := p.mayLeave(ctx, tx, s); err != nil {
		return "", err
	}
	if err := insertLetter(ctx, tx, s); err != nil {
		return "", fmt.Errorf("queue letter: %w", err)
	}
	return s.id, p.Jobs.Add(ctx, tx, jobs.Job{Kind: kindSend, Subject: s.id, Person: s.person, At: s.from})
}

// Send queues a letter whose words are the messages key.subject and key.text, said
// in lang with args in their holes. person is whose letter it is, "" for nobody's.
func (p *Post) Send(ctx context.Context, tx *db.Tx, person kernel.PersonID, address, lang, key string, args ...any) error {
	return p.say(ctx, tx, Letter{To: address, Person: person}, lang, key, args)
}

// Notify is Send for a notice about her own account, which nobody can use up.
func (p *Post) Notify(ctx context.Context, tx *db.Tx, person kernel.PersonID, address, lang, key string, args ...any) error {
	return p.say(ctx, tx, Letter{To: address, Person: person, Own: true}, lang, key, args)
}

func (p *Post) say(ctx context.Context, tx *db.Tx, l Letter, lang, key string, args []any) error {
	l.Lang = i18n.Known(lang)
	said := i18n.In(i18n.With(ctx, p.Catalog), l.Lang)
	l.Subject, l.Text = i18n.T(said, key+".subject", args...), i18n.T(said, key+".text", args...)
	s, err := p.Seal(l)
	if err != nil {
		return err
	}
	_, err = p.Put(ctx, tx, s)
	return err
}

// rule is one limit: so many letters within a span.
type rule struct {
	most  int
	span  time.Duration
	count func(context.Context, db.Querier, Sealed, time.Time) (traces, error)
}

func (p *Post) rules(own bool) []rule {
	l := p.Limits
	if l == (Limits{}) {
		l = Usual
	}
	const hour, day = time.Hour, 24 * time.Hour
	if own {
		return []rule{{l.OwnHour, hour, tracesOfAddress}, {l.AllHour, hour, tracesOfAll}}
	}
	return []rule{
		{l.AddressHour, hour, tracesOfAddress},
		{l.AddressDay, day, tracesOfAddress},
		{l.PersonDay, day, tracesOfPerson},
		{l.AllHour, hour, tracesOfAll},
	}
}

// mayLeave counts. Two processes that count at the same moment may let one letter
// too many through; a limit of manners needs no lock.
func (p *Post) mayLeave(ctx context.Context, tx *db.Tx, s Sealed) error {
	for _, r := range p.rules(s.own) {
		t, err := r.count(ctx, tx, s, tx.Now.Add(-r.span))
		if err != nil {
			return fmt.Errorf("count letters: %w", err)
		}
		if t.n >= r.most {
			return errTooMany.After(max(time.Second, t.first.Add(r.span).Sub(tx.Now)))
		}
	}
	return insertTrace(ctx, tx, s)
}

// send is the job: the letter leaves, then goes from the queue. A crash between
// the two lets it leave twice.
func (p *Post) send(ctx context.Context, id string) error {
	l, err := letterByID(ctx, p.DB.Read(), id)
	if errors.Is(err, sql.ErrNoRows) || err == nil && l.refused {
		return nil // it left, was refused, or its owner did
	}
	if err != nil {
		return fmt.Errorf("read letter: %w", err)
	}
	plain, err := p.Keys.OpenText(purpose(id), l.sealed)
	if err != nil {
		return fmt.Errorf("open letter: %w", err)
	}
	var w words
	if err := json.Unmarshal(plain, &w); err != nil {
		return errors.New("mail: the letter cannot be read") // the cause would quote it
	}
	err = p.deliver(ctx, id, w)
	if f, ok := errors.AsType[*failure](err); ok && f.final {
		p.Log.WarnContext(ctx, "letter refused by the server", "letter", id, "stage", f.stage, "code", f.code)
		return p.DB.Write(ctx, func(tx *db.Tx) error { return refuseLetter(ctx, tx, id) })
	}
	if err != nil {
		return err
	}
	return p.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return deleteLetter(ctx, tx, id) })
}

// State is what became of a letter.
type State string

// The states.
const (
	Waiting State = "waiting" // it leaves as soon as the server takes it
	Left    State = "left"    // the server has taken it, or it is too long ago to know
	Refused State = "refused" // the server will not take it for this address
)

// States says what became of letters.
func (p *Post) States(ctx context.Context, ids []string) (map[string]State, error) {
	found, err := refusals(ctx, p.DB.Read(), ids)
	if err != nil {
		return nil, fmt.Errorf("states of letters: %w", err)
	}
	states := make(map[string]State, len(ids))
	for _, id := range ids {
		refused, waits := found[id]
		switch {
		case refused:
			states[id] = Refused
		case waits:
			states[id] = Waiting
		default:
			states[id] = Left
		}
	}
	return states, nil
}

// Try sends a test letter to an address while the operator waits, and says in a
// sentence what is wrong if it does not leave.
//
// Invalid for an address that is none; TooMany; Unavailable with the reason.
func (p *Post) Try(ctx context.Context, to string) error {
	s, err := p.Seal(Letter{
		To: to, Lang: i18n.Lang(ctx), Person: kernel.ActorFrom(ctx).Person,
		Subject: i18n.T(ctx, "mail.try.subject"), Text: i18n.T(ctx, "mail.try.text"),
	})
	if err != nil {
		return err
	}
	err = p.DB.Write(ctx, func(tx *db.Tx) error { return p.mayLeave(ctx, tx, s) })
	if err != nil {
		return err
	}
	var w words
	plain, err := p.Keys.OpenText(purpose(s.id), s.content)
	if err != nil {
		return fmt.Errorf("open letter: %w", err)
	}
	if err := json.Unmarshal(plain, &w); err != nil {
		return errors.New("mail: the letter cannot be read")
	}
	err = p.deliver(ctx, s.id, w)
	if f, ok := errors.AsType[*failure](err); ok {
		return f.explain()
	}
	return err
}

// sweep forgets traces that no limit looks at, and letters that came too late.
func (p *Post) sweep(ctx context.Context) error {
	return p.DB.Write(ctx, func(tx *db.Tx) error {
		return errors.Join(
			deleteTracesBefore(ctx, tx, tx.Now.Add(-24*time.Hour)),
			deleteLettersBefore(ctx, tx, tx.Now.Add(-kept)),
		)
	})
}

// Leave removes the letters of a person and what was counted of her, in the
// transaction that erases her.
func (p *Post) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	if person == "" {
		return nil // nobody's letters are not hers
	}
	return errors.Join(deleteLettersOf(ctx, tx, person), deleteTracesOf(ctx, tx, person))
}
