package vae

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Outcome is what a jury decided on a file.
type Outcome string

// The outcomes.
const (
	Full    Outcome = "full"
	Partial Outcome = "partial"
	None    Outcome = "none"
)

// Opinion is what somebody thinks of a competence or a bloc; the word of the jury as a
// whole is said by nobody.
type Opinion struct {
	About  string // id of a competence or bloc of the copy
	By     kernel.PersonID
	Word   string // yes, partly, no
	Reason string
}

// Granted is what a jury says of one bloc.
type Granted struct {
	Bloc       string          `json:"bloc"`
	Granted    bool            `json:"granted"`
	Reason     string          `json:"reason,omitempty"`
	Credential json.RawMessage `json:"credential,omitempty"` // OB 3.0, signed by the circle
}

// Finding is what a jury says of one competence.
type Finding struct {
	Competence string `json:"competence"`
	Word       string `json:"word"`
	Reason     string `json:"reason,omitempty"`
}

// Result is what a jury gave back, in the vault of the person.
type Result struct {
	ID kernel.ItemID `json:"-"`

	Certification Certification `json:"certification"`
	Blocs         []Granted     `json:"blocs"`
	Findings      []Finding     `json:"findings"`
	Outcome       Outcome       `json:"outcome"`
	Reason        string        `json:"reason,omitempty"`
	Jury          string        `json:"jury"`
	On            kernel.Date   `json:"on"`
	SHA256        string        `json:"sha256"` // of the copy decided upon
}

var (
	errDecided    = kernel.NewFault(kernel.Conflict, "vae.jury.decided")
	errOwnFile    = kernel.NewFault(kernel.Forbidden, "vae.jury.own")
	errNotHead    = kernel.NewFault(kernel.Forbidden, "vae.jury.head")
	errWord       = kernel.NewFault(kernel.Invalid, "vae.jury.word")
	errReason     = kernel.NewFault(kernel.Invalid, "vae.jury.reason")
	errNoOpinions = kernel.NewFault(kernel.Invalid, "vae.jury.nothing").On("opinions")
)

const reasonMost = 4000

// session is what a table holds of a copy handed to a jury.
type session struct {
	grant     kernel.GrantID
	circle    kernel.CircleID
	owner     kernel.PersonID
	sha256    string
	handed    time.Time
	decided   time.Time
	decidedBy kernel.PersonID
	outcome   Outcome
	title     string
	reason    string
}

// Waiting is a copy handed to a circle of the actor's, in a list.
type Waiting struct {
	gate.Errand
	Grant   kernel.GrantID
	Circle  string
	Handed  time.Time
	Decided time.Time
	Outcome Outcome
	Title   string // of the certification, once decided
}

// Waiting lists the copies handed to the actor's circles: those to decide on, and those
// decided. What was withdrawn, and what is her own, is in neither.
func (s *Service) Waiting(ctx context.Context) (open, done []Waiting, mine []Circle, err error) {
	if _, err := s.own(ctx); err != nil {
		return nil, nil, nil, err
	}
	if mine, err = s.Circles.Mine(ctx); err != nil || len(mine) == 0 {
		return nil, nil, nil, err
	}
	ids, names := []kernel.CircleID{}, map[kernel.CircleID]string{}
	for _, c := range mine {
		ids = append(ids, c.ID)
		names[c.ID] = c.Name
	}
	rows, err := sessionsOf(ctx, s.DB.Read(), ids)
	if err != nil {
		return nil, nil, nil, err
	}
	loans, err := s.Gate.LoansToMe(ctx, room)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, row := range rows {
		w := Waiting{Grant: row.grant, Circle: names[row.circle], Handed: row.handed, Decided: row.decided, Outcome: row.outcome, Title: row.title}
		i := slices.IndexFunc(loans, func(e gate.Errand) bool { return e.Grant == row.grant })
		switch {
		case row.owner == kernel.ActorFrom(ctx).Person:
		case row.outcome != "":
			done = append(done, w)
		case i >= 0:
			w.Errand = loans[i]
			open = append(open, w)
		}
	}
	return open, done, mine, nil
}

// decidedOn reports whether a loan is a copy for a jury, and whether it decided.
func (s *Service) decidedOn(ctx context.Context, grant kernel.GrantID) (handed, decided bool, err error) {
	row, err := sessionByGrant(ctx, s.DB.Read(), grant)
	if kernel.KindOf(err) == kernel.NotFound {
		return false, false, nil
	}
	return err == nil, row.outcome != "", err
}

// Sitting is a copy before a jury, as one of its members sees it.
type Sitting struct {
	gate.Errand
	*bundle
	Circle   Circle
	Frozen   gate.Frozen
	Opinions []Opinion
	Names    map[kernel.PersonID]string
	Decided  time.Time
	Outcome  Outcome
	Reason   string

	pass gate.Pass
}

// Sitting opens a copy handed to a circle of the actor's. NotFound for anybody else;
// Forbidden for the person whose file it is.
func (s *Service) Sitting(ctx context.Context, grant kernel.GrantID) (*Sitting, error) {
	actor := kernel.ActorFrom(ctx)
	row, err := sessionByGrant(ctx, s.DB.Read(), grant)
	if err != nil {
		return nil, err
	}
	mine, err := s.Circles.Mine(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(mine, func(c Circle) bool { return c.ID == row.circle })
	switch {
	case i < 0:
		return nil, errNotFoundVAE
	case row.owner == actor.Person:
		return nil, errOwnFile
	}
	p, err := s.Gate.Borrow(ctx, grant, room)
	if err != nil {
		return nil, err
	}
	raw, frozen, err := s.Gate.ReadFrozen(ctx, p)
	if err != nil {
		return nil, err
	}
	t := &Sitting{Errand: s.Gate.Errand(p), Circle: mine[i], Frozen: frozen, Decided: row.decided, Outcome: row.outcome, Reason: row.reason, pass: p}
	if t.bundle, err = openBundle(raw, s.DB.Now()); err != nil {
		return nil, err
	}
	if t.Opinions, err = opinionsOf(ctx, s.DB.Read(), grant); err != nil {
		return nil, err
	}
	var ids []kernel.PersonID
	for _, o := range t.Opinions {
		if o.By != "" && !slices.Contains(ids, o.By) {
			ids = append(ids, o.By)
		}
	}
	t.Names, err = s.People.Names(ctx, ids)
	return t, err
}

// checkOpinion says what is wrong with an opinion: a reason goes with each.
func checkOpinion(o Opinion) error {
	switch {
	case !slices.Contains(vocabularies["claim"], o.Word):
		return errWord.On("word." + o.About)
	case strings.TrimSpace(o.Reason) == "":
		return errReason.On("reason." + o.About)
	case utf8.RuneCountInString(o.Reason) > reasonMost:
		return errLong.With("max", reasonMost).On("reason." + o.About)
	}
	return nil
}

// Opine notes what the actor thinks of competences of a copy, each with a reason.
// Those she leaves empty stay as they were.
func (s *Service) Opine(ctx context.Context, grant kernel.GrantID, said []Opinion) error {
	t, err := s.Sitting(ctx, grant)
	if err != nil {
		return err
	}
	if t.Outcome != "" {
		return errDecided
	}
	var all []Opinion
	var wrong []error
	for _, b := range t.Copy.Certification.chosen(t.Copy.Aimed) {
		for _, k := range b.points() {
			for _, o := range said {
				if o.About != k.ID || o.Word == "" && strings.TrimSpace(o.Reason) == "" {
					continue
				}
				o.By = kernel.ActorFrom(ctx).Person
				all, wrong = append(all, o), append(wrong, checkOpinion(o))
			}
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	if len(all) == 0 {
		return errNoOpinions
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			if err := stillOpen(ctx, tx, grant); err != nil {
				return "", err
			}
			for _, o := range all {
				if err := upsertOpinion(ctx, tx, grant, o); err != nil {
					return "", err
				}
			}
			return string(grant), nil
		})
		return err
	})
}

// Decision is the word of a jury: on each competence, on each bloc, and on the whole.
type Decision struct {
	Words  []Opinion // about competences
	Blocs  []Granted
	Reason string
}

// outcome follows from the blocs.
func (d *Decision) outcome() Outcome {
	n := 0
	for _, b := range d.Blocs {
		if b.Granted {
			n++
		}
	}
	switch n {
	case 0:
		return None
	case len(d.Blocs):
		return Full
	}
	return Partial
}

// about drops what is said of anything but the blocs the copy aims at.
func (d *Decision) about(c *Copy) {
	aimed := c.Certification.chosen(c.Aimed)
	d.Blocs = slices.DeleteFunc(d.Blocs, func(g Granted) bool {
		return !slices.ContainsFunc(aimed, func(b Bloc) bool { return b.ID == g.Bloc })
	})
	d.Words = slices.DeleteFunc(d.Words, func(o Opinion) bool {
		return !slices.ContainsFunc(aimed, func(b Bloc) bool {
			return slices.ContainsFunc(b.points(), func(k Competence) bool { return k.ID == o.About })
		})
	})
}

// check says everything that is wrong with a decision on a copy: each bloc and each
// competence has a word and a reason.
func (d *Decision) check(c *Copy) error {
	var wrong []error
	for _, b := range c.Certification.chosen(c.Aimed) {
		for _, k := range b.points() {
			i := slices.IndexFunc(d.Words, func(o Opinion) bool { return o.About == k.ID })
			if i < 0 {
				wrong = append(wrong, errWord.On("word."+k.ID))
				continue
			}
			wrong = append(wrong, checkOpinion(d.Words[i]))
		}
		i := slices.IndexFunc(d.Blocs, func(g Granted) bool { return g.Bloc == b.ID })
		switch {
		case i < 0:
			wrong = append(wrong, errWord.On("bloc."+b.ID))
		case strings.TrimSpace(d.Blocs[i].Reason) == "":
			wrong = append(wrong, errReason.On("blocreason."+b.ID))
		case utf8.RuneCountInString(d.Blocs[i].Reason) > reasonMost:
			wrong = append(wrong, errLong.With("max", reasonMost).On("blocreason."+b.ID))
		}
	}
	if utf8.RuneCountInString(d.Reason) > reasonMost {
		wrong = append(wrong, errLong.With("max", reasonMost).On("reason"))
	}
	return errors.Join(wrong...)
}

// Decide is the jury's decision, written by who looks after the circle. The result,
// with one credential for each bloc granted, is put in the vault of the person; the
// copy stays with the circle.
//
// Forbidden for who is not in charge; Conflict when it was decided; Invalid on what
// lacks a word or a reason.
func (s *Service) Decide(ctx context.Context, grant kernel.GrantID, d Decision) error {
	if done, err := s.done(ctx); err != nil || done {
		return err
	}
	t, err := s.Sitting(ctx, grant)
	switch {
	case err != nil:
		return err
	case !t.Circle.Owner:
		return errNotHead
	case t.Outcome != "":
		return errDecided
	}
	d.about(&t.Copy)
	if err := d.check(&t.Copy); err != nil {
		return err
	}
	r, err := s.result(ctx, t, d)
	if err != nil {
		return err
	}
	raw, err := body(r)
	if err != nil {
		return err
	}
	sealed, err := s.Gate.SealDeposit(ctx, t.pass, gate.Item{ID: kernel.NewID[kernel.ItemID]("vrs", s.DB.Now()), Body: raw, View: gate.View{
		Kind: kindResult, Title: r.Certification.Title, Start: string(r.On), Organisation: r.Jury, Provenance: gate.Provenance{By: r.Jury},
	}})
	if err != nil {
		return err
	}
	by := kernel.ActorFrom(ctx).Person
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			if err := decideSession(ctx, tx, grant, by, r.Outcome, r.Certification.Title, d.Reason); err != nil {
				return "", err
			}
			for _, o := range d.Words {
				o.By = ""
				if err := upsertOpinion(ctx, tx, grant, o); err != nil {
					return "", err
				}
			}
			for _, g := range d.Blocs {
				if err := upsertOpinion(ctx, tx, grant, Opinion{About: "bloc." + g.Bloc, Word: map[bool]string{true: "yes", false: "no"}[g.Granted], Reason: g.Reason}); err != nil {
					return "", err
				}
			}
			if _, err := s.Gate.Put(ctx, tx, sealed); err != nil {
				return "", err
			}
			if err := s.Gate.KeepFrozen(ctx, tx, t.pass); err != nil {
				return "", err
			}
			return string(grant), s.Gate.EndLoan(ctx, tx, t.pass)
		})
		return err
	})
}

// results lists what juries gave back to the person, newest first.
func (s *Service) results(ctx context.Context, p gate.Pass) ([]Result, error) {
	items, err := s.Gate.List(ctx, p, room)
	if err != nil {
		return nil, err
	}
	var all []Result
	for _, it := range slices.Backward(items) {
		if it.View.Kind != kindResult {
			continue
		}
		r := Result{ID: it.ID}
		if err := read(it, &r); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// Results lists what juries gave back to the actor, newest first.
func (s *Service) Results(ctx context.Context) ([]Result, error) {
	p, err := s.own(ctx)
	if err != nil {
		return nil, err
	}
	return s.results(ctx, p)
}
