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
	"digiwork/internal/platform/seal"
	"digiwork/internal/platform/secret"
)

// To says whom a grant is for: exactly one member is set.
type To struct {
	Link   bool            `json:"link,omitempty"`
	Person kernel.PersonID `json:"person,omitempty"`
	Circle kernel.CircleID `json:"circle,omitempty"`
}

// Grant shows a face, or lends items to a room, for a purpose and until an end.
type Grant struct {
	ID        kernel.GrantID
	Face      kernel.ItemID // empty for a loan
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

	Room    string   // of a loan: who works with what is lent
	Lent    []string // titles of what is lent
	Files   bool     // their files too
	Answers int      // still awaited
	Frozen  bool     // a copy that cannot change goes with it
	Kept    bool     // and stays with the circle
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
	Room    string          `cbor:"8,keyasint,omitempty"` // of a loan
	Items   []kernel.ItemID `cbor:"9,keyasint,omitempty"` // lent
	Files   bool            `cbor:"10,keyasint,omitempty"`
	Page    string          `cbor:"11,keyasint,omitempty"` // where the room receives who holds the link
	Inside  string          `cbor:"12,keyasint,omitempty"` // where it receives a person or a circle
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
	d, err := s.draft(ctx, p.Owner(), ask.To, ask.Purpose, ask.Until)
	if err != nil {
		return Grant{}, err
	}
	if ask.To.Circle != "" {
		in, err := s.Circles.Belongs(ctx, ask.To.Circle, p.Owner())
		if err != nil {
			return Grant{}, err
		}
		if !in {
			return Grant{}, errToUnknown
		}
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
	d.body.Face, d.body.Name, d.body.Fields = face.ID, face.Name, shownFields(face)
	d.body.Ruled = face.Shows.Activities.Rule != nil
	for _, it := range face.picks(m) {
		d.body.Matched = append(d.body.Matched, it.ID)
	}
	if d.record.sealed, err = s.sealGrant(ctx, p.Owner(), d.record.id, d.body); err != nil {
		return Grant{}, err
	}
	var made string
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		made, _, err = once.Do(ctx, tx, func() (string, error) { return string(d.record.id), putGrant(ctx, tx, d) })
		return err
	})
	if err != nil {
		return Grant{}, err
	}
	return s.GrantByID(ctx, kernel.GrantID(made))
}

// draft is a grant that is not sealed and put yet.
type draft struct {
	record grantRecord
	body   grantBody
	door   string // the way to it that does not start from its owner
}

// draft checks what a grant to a face and a loan have in common.
func (s *Service) draft(ctx context.Context, owner kernel.PersonID, to To, purpose, end string) (d draft, err error) {
	purpose = strings.TrimSpace(purpose)
	if purpose == "" || utf8.RuneCountInString(purpose) > purposeMost {
		return d, errPurpose.With("max", purposeMost)
	}
	until, err := parseUntil(end, s.DB.Now(), kernel.ActorFrom(ctx).Location())
	if err != nil {
		return d, err
	}
	if err := s.checkTo(ctx, owner, to); err != nil {
		return d, err
	}
	d.body.Purpose = purpose
	d.record = grantRecord{owner: owner, id: kernel.NewID[kernel.GrantID]("grt", s.DB.Now()), until: db.At(until)}
	switch r := &d.record; {
	case to.Link:
		token, _ := secret.NewToken()
		d.body.Token = strings.ToLower(token.Reveal())
		r.kind, d.door = "link", linkDoor(d.body.Token)
	case to.Person != "":
		r.kind, r.recipient, d.door = "person", string(to.Person), "p:"+string(to.Person)
	default:
		r.kind, r.recipient, d.door = "circle", string(to.Circle), "c:"+string(to.Circle)
	}
	return d, nil
}

// putGrant writes a sealed draft, unless too many are open.
func putGrant(ctx context.Context, tx *db.Tx, d draft) error {
	n, err := openGrants(ctx, tx, d.record.owner, tx.Now)
	if err != nil {
		return err
	}
	if n >= openMost {
		return errOpenMany.With("max", openMost)
	}
	return insertGrant(ctx, tx, d.record, d.door)
}

// linkURL is what the owner hands out: the page of a face, or that of the room.
func (s *Service) linkURL(b grantBody) string {
	if b.Room == "" {
		return s.BaseURL + "/s/" + b.Token
	}
	return s.BaseURL + b.Page + b.Token
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
		names, err := s.Circles.CircleNames(ctx, []kernel.CircleID{to.Circle})
		if err != nil {
			return err
		}
		if names[to.Circle] == "" {
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
	if err := decoding.Unmarshal(raw, &b); err != nil {
		return b, err
	}
	if b.Room != r.room {
		return b, seal.ErrSealed // what is in clear must not turn a face into a loan
	}
	return b, nil
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
	frozen, err := frozenOf(ctx, s.DB.Read(), p.Owner())
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
		all[i].Frozen, all[i].Kept = frozen[r.id] != "", frozen[r.id] == frozenKept
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
		g.To.Link, g.URL = true, s.linkURL(b)
	case "person":
		g.To.Person = kernel.PersonID(r.recipient)
	default:
		g.To.Circle = kernel.CircleID(r.recipient)
	}
	if r.room != "" {
		g.Room, g.Files, g.Answers = r.room, b.Files, r.answers
		for _, it := range lentOf(m, b) {
			g.Lent = append(g.Lent, it.View.Title)
		}
		return g, nil
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
	shown, waiting := f.split(m, b)
	g.Matched, g.Waiting = len(shown), waiting
	return g, nil
}

// split separates what a grant shows from what has matched its rule since and
// waits for the owner. What she chose by name does not wait.
func (f Face) split(m *musette, b grantBody) (shown []*Item, waiting int) {
	picked := f.picks(m)
	if !b.Ruled {
		return picked, 0
	}
	for _, it := range picked {
		if slices.Contains(b.Matched, it.ID) || slices.Contains(f.Shows.Items, it.ID) {
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
	if r.room != "" {
		return errNoGrant // a loan has no rule
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

// Withdraw ends a grant at once, on every process. A frozen copy that no decision
// kept goes with it. Doing it twice is harmless.
func (s *Service) Withdraw(ctx context.Context, id kernel.GrantID) error {
	p, err := s.Own(ctx)
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			if err := withdrawGrant(ctx, tx, p.Owner(), id); err != nil {
				return "", err
			}
			return string(id), dropFrozen(ctx, tx, p.Owner(), id)
		})
		return err
	})
	if err != nil {
		return err
	}
	return s.bury(ctx, p.Owner())
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
