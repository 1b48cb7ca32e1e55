package musette

import (
	"errors"
	"slices"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
)

// letterPrefix marks the ids of letters.
const letterPrefix = "let"

// kindLetter marks the items that are letters.
const kindLetter = "letter"

// A Right is what a letter asks in the name of.
type Right string

// The rights.
const (
	Access      Right = "access"      // GDPR, article 15
	Portability Right = "portability" // GDPR, article 20
	Platform    Right = "platform"    // French Code du travail, article L7342-7
)

// Rights lists the rights in the order in which they are offered.
var Rights = []Right{Access, Portability, Platform}

// An Outcome is what came back.
type Outcome string

// The outcomes.
const (
	Unanswered Outcome = ""
	Whole      Outcome = "whole"
	Partial    Outcome = "partial"
	Refused    Outcome = "refused"
	Longer     Outcome = "longer" // they asked for two months more, with reasons
)

// Outcomes lists the outcomes in the order in which they are offered.
var Outcomes = []Outcome{Unanswered, Whole, Partial, Refused, Longer}

// Request is what a person says of a letter. To, Rights and Sender are enough.
type Request struct {
	To        string // who holds the data
	Address   string // several lines
	Rights    []Right
	Language  string // of the letter: "fr" or "en"
	Sender    string // her name and address, several lines
	Reference string // by which they know her: account, staff number
	Detail    string // what she asks for besides, in her words
	Sent      kernel.Date
	Answered  kernel.Date
	Outcome   Outcome
}

// Letter is a request for the data that somebody holds about a person, as it is kept.
// It is hers alone: no face can show it.
type Letter struct {
	ID         kernel.ItemID
	Version    int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Provenance gate.Provenance
	Request
}

var (
	errRights     = kernel.NewFault(kernel.Invalid, "musette.letter.rights.missing").On("rights")
	errLetterLang = kernel.NewFault(kernel.Invalid, "musette.letter.language.unknown").On("language")
	errSentDay    = kernel.NewFault(kernel.Invalid, "musette.letter.day").On("sent")
	errAnswerDay  = kernel.NewFault(kernel.Invalid, "musette.letter.day").On("answered")
	errAnswerSent = kernel.NewFault(kernel.Invalid, "musette.letter.answered_before").On("answered")
	errNotSent    = kernel.NewFault(kernel.Invalid, "musette.letter.not_sent").On("sent")
	errOutcome    = kernel.NewFault(kernel.Invalid, "musette.letter.outcome.unknown").On("outcome")
)

// Check says everything that is wrong with a request, each fault on its field.
func (q *Request) Check() error {
	var wrong []error
	note := func(err error) {
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	if strings.TrimSpace(q.To) == "" {
		note(errRequired.On("to"))
	}
	note(text("to", q.To, lineMost))
	note(text("address", q.Address, lineMost*4))
	if len(q.Rights) == 0 || slices.ContainsFunc(q.Rights, func(r Right) bool { return !slices.Contains(Rights, r) }) {
		note(errRights)
	}
	if q.Language != "fr" && q.Language != "en" {
		note(errLetterLang)
	}
	if strings.TrimSpace(q.Sender) == "" {
		note(errRequired.On("sender"))
	}
	note(text("sender", q.Sender, lineMost*4))
	note(text("reference", q.Reference, lineMost))
	note(text("detail", q.Detail, storyMost))
	note(q.checkDays())
	if !slices.Contains(Outcomes, q.Outcome) {
		note(errOutcome)
	}
	return errors.Join(wrong...)
}

// checkDays wants whole days: a month is counted from one.
func (q *Request) checkDays() error {
	switch {
	case q.Sent != "" && (len(q.Sent) != 10 || ordinal(q.Sent) < 0):
		return errSentDay
	case q.Answered != "" && (len(q.Answered) != 10 || ordinal(q.Answered) < 0):
		return errAnswerDay
	case q.Sent == "" && (q.Answered != "" || q.Outcome != Unanswered):
		return errNotSent
	case q.Answered != "" && q.Answered < q.Sent:
		return errAnswerSent
	}
	return nil
}

// Name is what the letter is called: whom it is to.
func (l *Letter) Name() string { return l.To }

// A State is where a letter stands.
type State string

// The states.
const (
	Draft   State = "draft"   // not sent yet
	Waiting State = "waiting" // they still have time
	Late    State = "late"    // their time is over
	Done    State = "done"    // they gave what was asked for
	Short   State = "short"   // they gave a part of it, or refused
)

// State says where the letter stands on a day.
func (q *Request) State(today time.Time) State {
	switch {
	case q.Sent == "":
		return Draft
	case q.Outcome == Whole:
		return Done
	case q.Outcome == Partial || q.Outcome == Refused:
		return Short
	case dayNumber(today) > dayNumber(q.Due()):
		return Late
	}
	return Waiting
}

// Due is the last day to answer: one month from the day the request was received,
// three when they said in time that they need longer (GDPR, article 12(3)). The zero
// time when it was not sent.
func (q *Request) Due() time.Time {
	if q.Sent == "" {
		return time.Time{}
	}
	months := 1
	if q.Outcome == Longer {
		months = 3
	}
	return workingDay(monthsAfter(q.Sent.First(), months))
}

// monthsAfter is the same date some months later, or the last day of that month if
// it has no such date (Regulation 1182/71, article 3(2)(c)).
func monthsAfter(day time.Time, months int) time.Time {
	y, m, d := day.Date()
	first := time.Date(y, m+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, min(d, daysIn(first.Year(), int(first.Month())))-1)
}

// workingDay is day, or the first after it that is neither Saturday, Sunday nor a
// public holiday in France (Regulation 1182/71, article 3(4)).
func workingDay(day time.Time) time.Time {
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday || holiday(day) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// holiday reports whether a day is one of the eleven of article L3133-1 of the French
// Code du travail.
func holiday(day time.Time) bool {
	switch day.Format("01-02") {
	case "01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25":
		return true
	}
	since := int(day.Sub(easter(day.Year())).Hours()) / 24
	return since == 1 || since == 39 || since == 50 // Easter Monday, Ascension, Whit Monday
}

// easter is Easter Sunday of a year of the Gregorian calendar.
//
// Source: Meeus, Astronomical Algorithms, 1991, chapter 8.
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	day := (h + l - 7*m + 33*month + 19) % 32
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// item is the letter as the vault takes it; its Version is the one it replaces.
func (l *Letter) item() gate.Item {
	v := gate.View{Kind: kindLetter, Title: l.To, Start: string(l.Sent), End: string(l.Answered), Text: l.Detail, Never: true, Provenance: l.Provenance}
	rights := make([]string, len(l.Rights))
	for i, r := range l.Rights {
		rights[i] = string(r)
	}
	for _, f := range []gate.Fact{
		{Name: "address", Text: l.Address}, {Name: "rights", Text: strings.Join(rights, " ")}, {Name: "language", Text: l.Language},
		{Name: "sender", Text: l.Sender}, {Name: "reference", Text: l.Reference}, {Name: "outcome", Text: string(l.Outcome)},
	} {
		if f.Text != "" {
			v.Facts = append(v.Facts, f)
		}
	}
	return gate.Item{ID: l.ID, Room: room, Version: l.Version, View: v}
}

// letterOf reads an item of the vault.
func letterOf(it *gate.Item) (*Letter, error) {
	if !has(it.ID, letterPrefix) {
		return nil, errNoItem
	}
	v := &it.View
	l := &Letter{
		ID: it.ID, Version: it.Version, CreatedAt: it.CreatedAt, UpdatedAt: it.UpdatedAt, Provenance: v.Provenance,
		Request: Request{To: v.Title, Sent: kernel.Date(v.Start), Answered: kernel.Date(v.End), Detail: v.Text},
	}
	for _, f := range v.Facts {
		switch f.Name {
		case "address":
			l.Address = f.Text
		case "rights":
			for r := range strings.FieldsSeq(f.Text) {
				l.Rights = append(l.Rights, Right(r))
			}
		case "language":
			l.Language = f.Text
		case "sender":
			l.Sender = f.Text
		case "reference":
			l.Reference = f.Text
		case "outcome":
			l.Outcome = Outcome(f.Text)
		}
	}
	return l, nil
}
