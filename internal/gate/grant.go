package gate

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/secret"
)

// To says whom a grant is for: exactly one member is set.
type To struct {
	Link   bool            `json:"link,omitempty"`
	Person kernel.PersonID `json:"person,omitempty"`
	Circle kernel.CircleID `json:"circle,omitempty"`
}

// Grant shows a face to somebody, for a purpose and until an end.
type Grant struct {
	ID        kernel.GrantID
	Face      kernel.ItemID
	FaceName  string
	To        To
	ToName    string // of the person or circle; empty for a link, or if they left
	Purpose   string
	Made      time.Time
	Until     time.Time
	Withdrawn time.Time
	URL       string // of a link
	Looks     int64  // times it was looked at
	Waiting   int    // activities that match its rule since, not shown yet
	Matched   int    // activities it shows
}

// Open reports whether the grant shows anything at now.
func (g Grant) Open(now time.Time) bool { return g.Withdrawn.IsZero() && now.Before(g.Until) }

// Ask is what a person says when she opens the gate.
type Ask struct {
	Face    kernel.ItemID
	To      To
	Purpose string
	Until   string // a day (its end, in her zone) or a moment, RFC 3339
}

// grantBody is sealed with each grant.
type grantBody struct {
	Face    kernel.ItemID   `cbor:"1,keyasint"`
	Name    string          `cbor:"2,keyasint"` // of the face when the grant was made
	Purpose string          `cbor:"3,keyasint"`
	Token   string          `cbor:"4,keyasint,omitempty"`
	Matched []kernel.ItemID `cbor:"5,keyasint,omitempty"` // by the rule, accepted by the owner
	Ruled   bool            `cbor:"6,keyasint,omitempty"`
	Fields  []string        `cbor:"7,keyasint,omitempty"` // shown when made, for the receipt
}

const (
	purposeMost = 300
	grantDays   = 731 // longest time a grant may stay open
	openMost    = 500 // grants of one person open at once
)

var (
	errPurpose   = kernel.NewFault(kernel.Invalid, "gate.grant.purpose").On("purpose")
	errUntil     = kernel.NewFault(kernel.Invalid, "gate.grant.until").On("until")
	errUntilPast = kernel.NewFault(kernel.Invalid, "gate.grant.until_past").On("until")
	errUntilLong = kernel.NewFault(kernel.Invalid, "gate.grant.until_long").On("until")
	errTo        = kernel.NewFault(kernel.Invalid, "gate.grant.to").On("to")
	errToSelf    = kernel.NewFault(kernel.Invalid, "gate.grant.to_self").On("to")
	errToUnknown = kernel.NewFault(kernel.Invalid, "gate.grant.to_unknown").On("to")
	errFaceGone  = kernel.NewFault(kernel.Invalid, "gate.grant.face").On("face")
	errOpenMany  = kernel.NewFault(kernel.TooMany, "gate.grant.too_many")
	errNoGrant   = kernel.NewFault(kernel.NotFound, "gate.no_grant")
	// ErrEnded says that a grant is over: withdrawn, or its end has come.
	ErrEnded = kernel.NewFault(kernel.Gone, "gate.ended")
	// ErrNever says that there never was such a grant. It reads like ErrEnded.
	ErrNever = kernel.NewFault(kernel.NotFound, "gate.ended")
)

// parseUntil reads the end of a grant: a day ends at midnight in the person's zone.
func parseUntil(text string, now time.Time, zone *time.Location) (time.Time, error) {
	until, err := time.Parse(time.RFC3339, text)
	if err != nil {
		day, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(text), zone)
		if err != nil {
			return time.Time{}, errUntil
		}
		until = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone).Add(-time.Second)
	}
	switch {
	case !until.After(now):
		return time.Time{}, errUntilPast
	case until.After(now.AddDate(0, 0, grantDays)):
		return time.Time{}, errUntilLong.With("days", grantDays)
	}
	return until.UTC(), nil
}

// Grant opens the gate: a face, to somebody, for a purpose, until an end.
//
// Invalid with the member at fault; TooMany beyond 500 open at once.
func (s *Service) Grant(ctx context.Context, ask Ask) (Grant, error) {
	p, err := s.Own(ctx)
	if err != nil {
		return Grant{}, err
	}
	actor := kernel.ActorFrom(ctx)
	ask.Purpose = strings.TrimSpace(ask.Purpose)
	if ask.Purpose == "" || utf8.RuneCountInString(ask.Purpose) > purposeMost {
		return Grant{}, errPurpose.With("max", purposeMost)
	}
	until, err := parseUntil(ask.Until, s.DB.Now(), actor.Location())
	if err != nil {
		return Grant{}, err
	}
	if err := s.checkTo(ctx, p.Owner(), ask.To); err != nil {
		return Grant{}, err
	}
	face, err := s.Face(ctx, p, ask.Face)
	if kernel.KindOf(err) == kernel.NotFound {
		return Grant{}, errFaceGone.Because(err)
	}
	if err != nil {
		return Grant{}, err
	}
	m, err := s.all(ctx, p.Owner())
	if err != nil {
		return Grant{}, err
	}
	id := kernel.NewID[kernel.GrantID]("grt", s.DB.Now())
	body := grantBody{Face: face.ID, Name: face.Name, Purpose: ask.Purpose, Ruled: face.Shows.Activities.Rule != nil, Fields: shownFields(face)}
	for _, it := range face.picks(m) {
		body.Matched = append(body.Matched, it.ID)
	}
	r := grantRecord{owner: p.Owner(), id: id, until: db.At(until)}
	door := ""
	switch {
	case ask.To.Link:
		token, _ := secret.NewToken()
		body.Token = strings.ToLower(token.Reveal())
		r.kind, door = "link", linkDoor(body.Token)
	case ask.To.Person != "":
		r.kind, r.recipient, door = "person", string(ask.To.Person), "p:"+string(ask.To.Person)
	default:
		r.kind, r.recipient, door = "circle", string(ask.To.Circle), "c:"+string(ask.To.Circle)
	}
	if r.sealed, err = s.sealGrant(ctx, r.owner, id, body); err != nil {
		return Grant{}, err
	}
	var made string
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		made, _, err = once.Do(ctx, tx, func() (string, error) {
			n, err := openGrants(ctx, tx, r.owner, tx.Now)
			if err != nil {
				return "", err
			}
			if n >= openMost {
				return "", errOpenMany.With("max", openMost)
			}
			return string(id), insertGrant(ctx, tx, r, door)
		})
		return err
	})
	if err != nil {
		return Grant{}, err
	}
	return s.GrantByID(ctx, kernel.GrantID(made))
}

// linkDoor is where a link leads: a digest, so that a stolen database opens nothing.
func linkDoor(token string) string { return "l:" + hex.EncodeToString(secret.Digest(token)) }

func (s *Service) checkTo(ctx context.Context, owner kernel.PersonID, to To) error {
	n := 0
	for _, set := range []bool{to.Link, to.Person != "", to.Circle != ""} {
		if set {
			n++
		}
	}
	switch {
	case n != 1:
		return errTo
	case to.Person == owner:
		return errToSelf
	case to.Person != "":
		names, err := s.People.Names(ctx, []kernel.PersonID{to.Person})
		if err != nil {
			return err
		}
		if names[to.Person] == "" {
			return errToUnknown
		}
	case to.Circle != "":
		in, err := s.Circles.Belongs(ctx, to.Circle, owner)
		if err != nil {
			return err
		}
		if !in {
			return errToUnknown
		}
	}
	return nil
}

func (s *Service) sealGrant(ctx context.Context, owner kernel.PersonID, id kernel.GrantID, b grantBody) ([]byte, error) {
	key, err := s.key(ctx, owner)
	if err != nil {
		return nil, err
	}
	raw, err := encoding.Marshal(b)
	if err != nil {
		return nil, err
	}
	return key.Seal(grantPlace(owner, id), raw), nil
}

func (s *Service) openGrant(ctx context.Context, r grantRecord) (b grantBody, err error) {
	key, err := s.key(ctx, r.owner)
	if err != nil {
		return b, err
	}
	raw, err := key.Open(grantPlace(r.owner, r.id), r.sealed)
	if err != nil {
		return b, err
	}
	return b, decoding.Unmarshal(raw, &b)
}

func grantPlace(owner kernel.PersonID, id kernel.GrantID) string {
	return "grant\x00" + string(owner) + "\x00" + string(id)
}

// Grants lists what the actor opened, newest first, ended ones included.
func (s *Service) Grants(ctx context.Context) ([]Grant, error) {
	p, err := s.Own(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := grantsOf(ctx, s.DB.Read(), p.Owner())
	if err != nil {
		return nil, err
	}
	looks, err := looksOf(ctx, s.DB.Read(), p.Owner())
	if err != nil {
		return nil, err
	}
	m, err := s.all(ctx, p.Owner())
	if err != nil {
		return nil, err
	}
	all := make([]Grant, len(rows))
	var persons []kernel.PersonID
	var circles []kernel.CircleID
	for i, r := range rows {
		if all[i], err = s.grantOf(ctx, r, m); err != nil {
			return nil, err
		}
		all[i].Looks = looks[r.id]
		if to := all[i].To; to.Person != "" {
			persons = append(persons, to.Person)
		} else if to.Circle != "" {
			circles = append(circles, to.Circle)
		}
	}
	people, err := s.People.Names(ctx, persons)
	if err != nil {
		return nil, err
	}
	names, err := s.Circles.CircleNames(ctx, circles)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].ToName = people[all[i].To.Person] + names[all[i].To.Circle]
	}
	return all, nil
}

// GrantByID is one grant of the actor.
func (s *Service) GrantByID(ctx context.Context, id kernel.GrantID) (Grant, error) {
	all, err := s.Grants(ctx)
	if err != nil {
		return Grant{}, err
	}
	for _, g := range all {
		if g.ID == id {
			return g, nil
		}
	}
	return Grant{}, errNoGrant
}

func (s *Service) grantOf(ctx context.Context, r grantRecord, m *musette) (Grant, error) {
	b, err := s.openGrant(ctx, r)
	if err != nil {
		return Grant{}, err
	}
	g := Grant{
		ID: r.id, Face: b.Face, FaceName: b.Name, Purpose: b.Purpose,
		Made: r.made.Time, Until: r.until.Time, Withdrawn: r.withdrawn.Time,
	}
	switch r.kind {
	case "link":
		g.To.Link, g.URL = true, s.BaseURL+"/s/"+b.Token
	case "person":
		g.To.Person = kernel.PersonID(r.recipient)
	default:
		g.To.Circle = kernel.CircleID(r.recipient)
	}
	it, ok := m.item(b.Face)
	if !ok {
		return g, nil // the face was deleted: the grant is a past
	}
	f, err := faceOf(*it)
	if err != nil {
		return Grant{}, err
	}
	g.FaceName = f.Name
	shown, waiting := split(f.picks(m), b)
	g.Matched, g.Waiting = len(shown), waiting
	return g, nil
}

// split separates what a grant shows from what has matched its rule since and
// waits for the owner.
func split(picked []*Item, b grantBody) (shown []*Item, waiting int) {
	if !b.Ruled {
		return picked, 0
	}
	for _, it := range picked {
		if slices.Contains(b.Matched, it.ID) {
			shown = append(shown, it)
		} else {
			waiting++
		}
	}
	return shown, waiting
}

// Accept shows under a grant what has matched its rule since it was made.
func (s *Service) Accept(ctx context.Context, id kernel.GrantID) error {
	p, err := s.Own(ctx)
	if err != nil {
		return err
	}
	r, err := grantRow(ctx, s.DB.Read(), p.Owner(), id)
	if err != nil {
		return err
	}
	b, err := s.openGrant(ctx, r)
	if err != nil {
		return err
	}
	f, err := s.Face(ctx, p, b.Face)
	if err != nil {
		return err
	}
	m, err := s.all(ctx, p.Owner())
	if err != nil {
		return err
	}
	b.Matched = nil
	for _, it := range f.picks(m) {
		b.Matched = append(b.Matched, it.ID)
	}
	b.Ruled = f.Shows.Activities.Rule != nil
	sealed, err := s.sealGrant(ctx, p.Owner(), id, b)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) { return string(id), resealGrant(ctx, tx, p.Owner(), id, sealed) })
		return err
	})
}

// Withdraw ends a grant at once, on every process. Doing it twice is harmless.
func (s *Service) Withdraw(ctx context.Context, id kernel.GrantID) error {
	p, err := s.Own(ctx)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) { return string(id), withdrawGrant(ctx, tx, p.Owner(), id) })
		return err
	})
}

func shownFields(f Face) []string {
	fields := slices.Clone(f.Shows.Profile)
	for _, name := range Fields {
		if !slices.Contains(f.Hides, name) {
			fields = append(fields, name)
		}
	}
	return fields
}
