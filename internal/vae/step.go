package vae

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// State is what became of the dossiers, as the certifier answered.
type State string

// The states. A file nobody sent is a draft.
const (
	Draft      State = "draft"
	Sent       State = "sent"
	Incomplete State = "incomplete"
	Complete   State = "complete"
	Admissible State = "admissible" // recevable
	Rejected   State = "rejected"   // not recevable
	Confirmed  State = "confirmed"  // she goes on, said every six months
	Deposited  State = "deposited"  // the dossier of validation was handed in
)

// next says which states may follow which.
var next = map[State][]State{
	Draft:      {Sent},
	Sent:       {Incomplete, Complete, Admissible, Rejected},
	Incomplete: {Sent},
	Complete:   {Admissible, Rejected},
	Admissible: {Confirmed, Deposited},
	Confirmed:  {Confirmed, Deposited},
	Deposited:  {},
	Rejected:   {Sent},
}

// Step is a change of state, on the day the certifier or the person says.
type Step struct {
	State State       `json:"state"`
	On    kernel.Date `json:"on"`
	Until kernel.Date `json:"until,omitempty"` // of validity, when admissible
	Note  string      `json:"note,omitempty"`
}

const noteMost = 2000

var (
	errStep      = kernel.NewFault(kernel.Invalid, "vae.step.form").On("state")
	errStepDay   = kernel.NewFault(kernel.Invalid, "vae.step.day").On("on")
	errStepOrder = kernel.NewFault(kernel.Invalid, "vae.step.order").On("on")
	errStepUntil = kernel.NewFault(kernel.Invalid, "vae.step.until.form").On("until")
	errNoStep    = kernel.NewFault(kernel.Conflict, "vae.step.none")
)

// State is that of the last step.
func (f *File) State() State {
	if len(f.Steps) == 0 {
		return Draft
	}
	return f.Steps[len(f.Steps)-1].State
}

// Next are the states that may follow.
func (f *File) Next() []State { return next[f.State()] }

// record adds a step after the others.
func (f *File) record(s Step, today kernel.Date) error {
	switch {
	case !slices.Contains(f.Next(), s.State):
		return errStep
	case len(s.On) != len("2006-01-02") || s.On > today:
		return errStepDay
	case len(f.Steps) > 0 && s.On < f.Steps[len(f.Steps)-1].On:
		return errStepOrder
	case s.Until != "" && (s.State != Admissible || len(s.Until) != len("2006-01-02") || s.Until <= s.On):
		return errStepUntil
	case utf8.RuneCountInString(s.Note) > noteMost:
		return errLong.With("max", noteMost).On("note")
	}
	f.Steps = append(f.Steps, s)
	return nil
}

// Due is a day that a rule gives, or that the certifier said.
type Due struct {
	Kind string // answer, validity, confirm, jury: messages vae.due.…
	On   kernel.Date
	Past bool
}

// Delays of the rules, in months: the certifier answers a dossier of feasibility in
// two; who is admissible confirms every six; a jury meets within three of the deposit.
const (
	monthsAnswer  = 2
	monthsConfirm = 6
	monthsJury    = 3
)

// Dues are the days ahead of a file in its state, the nearest first.
func (f *File) Dues(today kernel.Date) []Due {
	var all []Due
	add := func(kind string, on kernel.Date) {
		if on != "" {
			all = append(all, Due{Kind: kind, On: on, Past: on < today})
		}
	}
	last := func(of ...State) (s Step) {
		for _, x := range f.Steps {
			if slices.Contains(of, x.State) {
				s = x
			}
		}
		return s
	}
	switch f.State() {
	case Sent, Complete:
		add("answer", after(last(Sent, Complete).On, monthsAnswer))
	case Admissible, Confirmed:
		add("confirm", after(last(Admissible, Confirmed).On, monthsConfirm))
		add("validity", last(Admissible).Until)
	case Deposited:
		add("jury", after(last(Deposited).On, monthsJury))
		add("validity", last(Admissible).Until)
	case Draft, Incomplete, Rejected:
	}
	slices.SortStableFunc(all, func(a, b Due) int { return strings.Compare(string(a.On), string(b.On)) })
	return all
}

// after is the same day so many months later, or the last of a shorter month.
func after(d kernel.Date, months int) kernel.Date {
	t := d.First()
	if t.IsZero() {
		return ""
	}
	to := t.AddDate(0, months, 0)
	if to.Day() != t.Day() {
		to = to.AddDate(0, 0, -to.Day())
	}
	return day(to)
}

// sameYear are the other files whose dossier of feasibility was sent for the same
// certification in the year of a day: the rule allows one a calendar year.
func (f *File) sameYear(others []*File, on kernel.Date) bool {
	return slices.ContainsFunc(others, func(o *File) bool {
		return o.ID != f.ID && o.Certification.Code != "" && o.Certification.Code == f.Certification.Code &&
			slices.ContainsFunc(o.Steps, func(s Step) bool { return s.State == Sent && s.On.Year() == on.Year() })
	})
}

// Record says what became of a dossier, if nobody changed the file meanwhile.
func (s *Service) Record(ctx context.Context, id kernel.ItemID, version int64, step Step) error {
	return s.step(ctx, id, version, func(f *File) error { return f.record(step, s.today(ctx)) })
}

// Unrecord takes the last step back: it was noted by mistake.
func (s *Service) Unrecord(ctx context.Context, id kernel.ItemID, version int64) error {
	return s.step(ctx, id, version, func(f *File) error {
		if len(f.Steps) == 0 {
			return errNoStep
		}
		f.Steps = f.Steps[:len(f.Steps)-1]
		return nil
	})
}

func (s *Service) step(ctx context.Context, id kernel.ItemID, version int64, change func(*File) error) error {
	if done, err := s.done(ctx); err != nil || done {
		return err
	}
	p, f, err := s.file(ctx, id)
	if err != nil {
		return err
	}
	if f.Version != version {
		return errStale
	}
	if err := change(f); err != nil {
		return err
	}
	return s.put(ctx, p, f.item(), f, func(tx *db.Tx) error { return s.replan(ctx, tx, p.Owner(), f) })
}

// Lack is something a dossier still asks: a part, and the first field of it that waits;
// no field when the part was not begun.
type Lack struct {
	Code string // of the part; of its kind when the file has none of it yet
	Bloc string
	Keys []Field
}

// Lacks are what a dossier asks that was not written, in its order. A dossier without
// lacks is complete as far as a program can tell.
func (w *Whole) Lacks(d Dossier) []Lack {
	var all []Lack
	note := func(p *Part) {
		var missing []Field
		for _, field := range w.fields(p.Code, p.Bloc) {
			if field.Required && p.Values[field.Name] == "" {
				missing = append(missing, field)
			}
		}
		if len(missing) > 0 {
			all = append(all, Lack{Code: p.Code, Bloc: p.Bloc, Keys: missing})
		}
	}
	for i := range shapes {
		sh := &shapes[i]
		if sh.dossier != d || !w.may(sh) {
			continue
		}
		switch {
		case sh.kind == "bloc" || sh.kind == "told":
			for _, b := range w.Blocs() {
				w.lacksOf(sh, b, note, &all)
			}
		case sh.many:
			if parts := w.of(sh.kind); len(parts) > 0 {
				for _, p := range parts {
					note(p)
				}
			} else if sh.needed {
				all = append(all, Lack{Code: sh.kind})
			}
		default:
			if p, ok := w.part(sh.kind); ok && (sh.needed || p.Version > 0) {
				note(p)
			}
		}
	}
	return all
}

// lacksOf notes what a bloc lacks: its part of feasibility, or an activity told for it.
func (w *Whole) lacksOf(sh *shape, b Bloc, note func(*Part), all *[]Lack) {
	if sh.kind == "bloc" {
		if p, ok := w.part("bloc." + b.ID); ok {
			note(p)
		}
		return
	}
	n := 0
	for _, p := range w.of("told") {
		if p.Bloc == b.ID {
			n++
			note(p)
		}
	}
	if n == 0 {
		*all = append(*all, Lack{Code: "told", Bloc: b.ID})
	}
}
