package peer

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/french"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/once"

	"github.com/fxamacker/cbor/v2"
)

const (
	askDay         = 20 // requests of one person within a day
	askOpen        = 50 // of one person that wait
	maxCompetences = 12
	maxCompetence  = 120  // runes
	maxMessage     = 1000 // runes
)

// State is where a request stands.
type State string

// The states. Withdrawn and Over are not stored: the gate says the one, the clock the other.
const (
	Waiting   State = "waiting"
	Later     State = "later" // she said so, without a date
	Answered  State = "answered"
	Declined  State = "declined" // without a reason
	Withdrawn State = "withdrawn"
	Over      State = "over"
)

// Competence is something a person says she can do, as she words it, with its place
// in a referential when it has one.
type Competence struct {
	Name string `cbor:"1,keyasint" json:"name"`
	URL  string `cbor:"2,keyasint,omitempty" json:"url,omitempty"`
}

// Ask is what a person says when she asks somebody. Who is asked: a person she
// shares a circle with, an address, or whoever is handed the link.
type Ask struct {
	Activity    kernel.ItemID
	Competences []Competence
	Name        string // how she calls whom she asks
	Mail        string // "" is a link to copy
	Person      kernel.PersonID
	Message     string
	Lang        string // of the letter and of the request
	Until       string // a day, in her zone
}

// requestBody is what is lent with a request, beside the activity.
type requestBody struct {
	Competences []Competence `cbor:"1,keyasint,omitempty" json:"competences,omitempty"`
	Message     string       `cbor:"2,keyasint,omitempty" json:"message,omitempty"`
	Lang        string       `cbor:"3,keyasint" json:"language"`
	Subject     string       `cbor:"4,keyasint" json:"subject"` // identifier under which she may be endorsed
	Name        string       `cbor:"5,keyasint,omitempty" json:"name,omitempty"`
	Mail        string       `cbor:"6,keyasint,omitempty" json:"email,omitempty"`
}

// requestRow is a request as it is stored beside the vault.
type requestRow struct {
	Owner                   kernel.PersonID
	ID                      kernel.ItemID
	Grant                   kernel.GrantID
	Person                  kernel.PersonID // asked by name; "" for a link
	Whom, Letter            string
	State                   State
	MadeAt, StateAt, EndsAt db.Time
}

// waits reports whether the request still waits for an answer, as far as its row says.
func (r requestRow) waits(at time.Time) bool {
	return (r.State == Waiting || r.State == Later) && at.Before(r.EndsAt.Time)
}

// Request is a request as its owner sees it.
type Request struct {
	ID            kernel.ItemID
	Grant         kernel.GrantID
	Activity      kernel.ItemID
	Title         string // of the activity; "" once it is deleted
	Competences   []Competence
	Name, Mail    string
	Person        kernel.PersonID
	Message, Lang string
	State         State
	MadeAt, Until time.Time
	StateAt       time.Time
	URL           string // to copy while it waits; "" for a person asked by name
	Letter        mail.State

	whom string
}

// Open reports whether the request still waits for an answer.
func (r Request) Open() bool { return r.State == Waiting || r.State == Later }

var (
	errActivity   = kernel.NewFault(kernel.Invalid, "peer.ask.activity").On("activity")
	errWho        = kernel.NewFault(kernel.Invalid, "peer.ask.who").On("name").With("max", maxName)
	errPerson     = kernel.NewFault(kernel.Invalid, "peer.ask.person").On("person")
	errCompetence = kernel.NewFault(kernel.Invalid, "peer.ask.competences").On("competences").With("max", maxCompetences, "long", maxCompetence)
	errMessage    = kernel.NewFault(kernel.Invalid, "peer.ask.message").On("message").With("max", maxMessage)
	errLang       = kernel.NewFault(kernel.Invalid, "peer.ask.language").On("language")
	errDay        = kernel.NewFault(kernel.TooMany, "peer.ask.day").With("max", askDay)
	errOpenMany   = kernel.NewFault(kernel.TooMany, "peer.ask.open").With("max", askOpen)
	errSaidNo     = kernel.NewFault(kernel.Conflict, "peer.ask.declined").On("name")
	errAsked      = kernel.NewFault(kernel.Conflict, "peer.ask.waiting").On("name")
	errNoRequest  = kernel.NewFault(kernel.NotFound, "peer.request.not_found")
	errMoved      = kernel.NewFault(kernel.Conflict, "peer.request.moved")
)

// checked is the ask cleaned, or every refusal at once.
func (a Ask) checked() (Ask, error) {
	var errs []error
	wrong := func(bad bool, err error) {
		if bad {
			errs = append(errs, err)
		}
	}
	a.Name, a.Message = oneLine(a.Name), strings.TrimSpace(a.Message)
	wrong(a.Activity == "", errActivity)
	wrong(a.Person == "" && outside(a.Name, maxName), errWho)
	wrong(utf8.RuneCountInString(a.Message) > maxMessage, errMessage)
	wrong(a.Lang != "fr" && a.Lang != "en", errLang)
	if a.Person == "" && strings.TrimSpace(a.Mail) != "" {
		address, err := mail.Address(a.Mail)
		wrong(err != nil, err)
		a.Mail = address
	} else {
		a.Mail = ""
	}
	var kept []Competence
	for _, c := range a.Competences {
		if c.Name = oneLine(c.Name); c.Name == "" || slices.ContainsFunc(kept, func(k Competence) bool { return k.Name == c.Name }) {
			continue
		}
		wrong(outside(c.Name, maxCompetence) || len(kept) == maxCompetences || !isAddress(c.URL), errCompetence)
		kept = append(kept, c)
	}
	a.Competences = kept
	return a, errors.Join(errs...)
}

// isAddress reports whether a competence may be found there, or has no address.
func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (s == "" || u.Scheme != "" && len(s) <= 300 && !strings.ContainsFunc(s, unicode.IsSpace))
}

// whom is the keyed digest that tells two people asked apart, without saying who they are.
func (s *Service) whom(owner kernel.PersonID, a Ask) string {
	who := "n " + french.Fold(a.Name)
	switch {
	case a.Person != "":
		who = "p " + string(a.Person)
	case a.Mail != "":
		who = "m " + strings.ToLower(a.Mail)
	}
	return base64.RawURLEncoding.EncodeToString(s.Keys.Digest("peer.whom", string(owner)+" "+who))
}

// Send asks somebody. What is shown is the activity and the request, until it is
// answered or over; a letter leaves when there is an address and a post.
//
// Invalid with the field at fault; Conflict if the same person said no, or is still
// being asked; TooMany.
func (s *Service) Send(ctx context.Context, ask Ask) (Request, error) {
	actor, err := may(ctx, "share")
	if err != nil {
		return Request{}, err
	}
	if made, done, err := once.Before(ctx, s.DB); err != nil || done {
		if err != nil {
			return Request{}, err
		}
		return s.Request(ctx, kernel.ItemID(made))
	}
	if ask, err = ask.checked(); err != nil {
		return Request{}, err
	}
	d, err := s.prepare(ctx, actor, ask)
	if err != nil {
		return Request{}, err
	}
	made, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := mayAskNow(ctx, tx, d.row); err != nil {
			return "", err
		}
		if d.letter != nil {
			if d.row.Letter, err = s.Post.Put(ctx, tx, *d.letter); err != nil {
				return "", onAddress(err)
			}
		}
		if _, err := s.Gate.PutLoan(ctx, tx, d.loan); err != nil {
			return "", err
		}
		return string(d.row.ID), insertRequest(ctx, tx, d.row)
	})
	if err != nil {
		return Request{}, errors.Join(err, s.drop(ctx, d))
	}
	return s.Request(ctx, kernel.ItemID(made))
}

// prepared is what Send puts in its last transaction.
type prepared struct {
	pass   gate.Pass
	row    requestRow
	loan   gate.Loan
	letter *mail.Sealed
}

// prepare checks everything that costs nothing, then keeps the item that is lent.
func (s *Service) prepare(ctx context.Context, actor kernel.Actor, ask Ask) (d prepared, err error) {
	if d.pass, err = s.Gate.Own(ctx); err != nil {
		return d, err
	}
	activity, err := s.Gate.Get(ctx, d.pass, ask.Activity)
	if err != nil || activity.View.Never || !slices.Contains(gate.ActivityKinds, activity.View.Kind) {
		return d, errActivity.Because(err)
	}
	to := gate.To{Link: true}
	if ask.Person != "" {
		friends, err := s.Companions.Companions(ctx, actor.Person)
		if err != nil {
			return d, err
		}
		if ask.Name = friends[ask.Person]; ask.Name == "" {
			return d, errPerson
		}
		to = gate.To{Person: ask.Person}
	}
	now := s.DB.Now()
	d.row = requestRow{
		Owner: actor.Person, ID: kernel.NewID[kernel.ItemID](requestPrefix, now), Person: ask.Person,
		Whom: s.whom(actor.Person, ask), State: Waiting, MadeAt: db.At(now), StateAt: db.At(now),
	}
	if err := s.mayAsk(ctx, d.row); err != nil {
		return d, err
	}
	lend := gate.LoanAsk{
		Room: Room, Items: []kernel.ItemID{ask.Activity}, To: to, Until: ask.Until, Answers: 1, Page: askedPath,
		Purpose: i18n.T(ctx, "peer.loan.purpose", "name", ask.Name),
	}
	if _, err := s.Gate.SealLoan(ctx, d.pass, lend); err != nil {
		return d, err // its end, before anything is kept
	}
	if err := s.keepRequest(ctx, d, ask); err != nil {
		return d, err
	}
	lend.Items = append([]kernel.ItemID{d.row.ID}, lend.Items...)
	if d.loan, err = s.Gate.SealLoan(ctx, d.pass, lend); err == nil {
		d.row.Grant, d.row.EndsAt = d.loan.ID, db.At(d.loan.Until)
		d.letter, err = s.letter(ctx, actor, ask, d.loan)
	}
	if err != nil {
		return d, errors.Join(err, s.drop(ctx, d))
	}
	return d, nil
}

// keepRequest puts the item that is lent into the asker's vault.
func (s *Service) keepRequest(ctx context.Context, d prepared, ask Ask) error {
	by, err := s.Signer.Person(ctx, d.pass)
	if err != nil {
		return err
	}
	body, err := encode(requestBody{Competences: ask.Competences, Message: ask.Message, Lang: ask.Lang, Subject: by.ID, Name: ask.Name, Mail: ask.Mail})
	if err != nil {
		return err
	}
	sealed, err := s.Gate.Seal(ctx, d.pass, gate.Item{
		ID: d.row.ID, Room: Room, Body: body,
		View: gate.View{Links: []kernel.ItemID{ask.Activity}, Provenance: gate.Provenance{Source: gate.Declared}},
	})
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := s.Gate.Put(ctx, tx, sealed)
		return err
	})
}

// drop removes the item of a request that was not sent after all.
func (s *Service) drop(ctx context.Context, d prepared) error {
	return s.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		return s.Gate.Delete(ctx, tx, d.pass, d.row.ID, 0)
	})
}

// mayAsk says whether a request may be sent: who said no is not asked again, who was
// asked is not pressed, and nobody sends many.
func (s *Service) mayAsk(ctx context.Context, r requestRow) error {
	if err := mayAskNow(ctx, s.DB.Read(), r); err != nil {
		return err
	}
	all, err := s.Requests(ctx)
	if err != nil {
		return err
	}
	open := 0
	for _, a := range all {
		if !a.Open() {
			continue
		}
		if open++; a.whom == r.Whom {
			return errAsked
		}
	}
	if open >= askOpen {
		return errOpenMany
	}
	return nil
}

// mayAskNow is the part of mayAsk that is asked again in the transaction.
func mayAskNow(ctx context.Context, q db.Querier, r requestRow) error {
	no, err := refusals(ctx, q, r.Owner, r.Whom)
	if err != nil {
		return err
	}
	if no > 0 {
		return errSaidNo
	}
	today, err := countAsked(ctx, q, r.Owner, r.MadeAt.Add(-24*time.Hour))
	if err == nil && today >= askDay {
		err = errDay.After(time.Hour)
	}
	return err
}

// letter is the mail that carries a request, nil where none leaves. It is in the
// language its reader was asked in.
func (s *Service) letter(ctx context.Context, actor kernel.Actor, ask Ask, loan gate.Loan) (*mail.Sealed, error) {
	if ask.Mail == "" || !s.canPost() {
		return nil, nil //nolint:nilnil // no letter is no failure
	}
	ctx = i18n.In(ctx, ask.Lang)
	text := i18n.T(ctx, "peer.letter.ask.text", "name", ask.Name, "who", actor.Name, "link", loan.URL, "until", i18n.FullDay(ctx, loan.Until))
	if ask.Message != "" {
		text = i18n.T(ctx, "peer.letter.ask.message", "who", actor.Name, "words", ask.Message) + "\n\n" + text
	}
	sealed, err := s.Post.Seal(mail.Letter{
		To: ask.Mail, Lang: ask.Lang, Person: actor.Person, Text: text,
		Subject: i18n.T(ctx, "peer.letter.ask.subject", "who", actor.Name),
	})
	return &sealed, err
}

// onAddress points a refusal of the post at the field it is about.
func onAddress(err error) error {
	if f, ok := errors.AsType[*kernel.Fault](err); ok && f.Kind == kernel.TooMany {
		return f.On("email")
	}
	return err
}

// Where requests, and the pages of guests, are reached by a link.
const (
	askedPath = "/p/"
	guestPath = "/g/"
)

// What the ids of items of this room begin with.
const (
	requestPrefix  = "req" // what is asked, lent with the activity
	receivedPrefix = "rec" // a word about the owner
	writtenPrefix  = "wrt" // a word the owner wrote
)

func isOf(id kernel.ItemID, prefix string) bool { return strings.HasPrefix(string(id), prefix+"_") }

var encoding = func() cbor.EncMode {
	m, err := cbor.EncOptions{Time: cbor.TimeRFC3339Nano, Sort: cbor.SortCanonical}.EncMode()
	if err != nil {
		panic(err)
	}
	return m
}()

func encode(v any) ([]byte, error) { return encoding.Marshal(v) }

func decode[T any](it gate.Item) (v T, err error) {
	if err := cbor.Unmarshal(it.Body, &v); err != nil {
		return v, fmt.Errorf("item %s: %w", it.ID, err)
	}
	return v, nil
}
