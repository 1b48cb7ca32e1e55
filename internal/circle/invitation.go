package circle

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/secret"
)

const (
	inviteDays      = 7
	mostInvitations = 100 // that wait in one circle
)

// Invitation lets one person into a circle, once, until its end.
type Invitation struct {
	ID     string
	Circle kernel.CircleID
	By     kernel.PersonID
	MadeAt time.Time
	Until  time.Time
	URL    string          // to copy; "" once it was used
	Token  string          // the last part of URL
	To     string          // the address it was sent to; "" for a link
	Letter mail.State      // what became of the letter; "" for a link
	UsedBy kernel.PersonID // "" while it waits
}

// invitationRow is an invitation as it is stored.
type invitationRow struct {
	ID, Digest, Sealed, Letter string
	Circle                     kernel.CircleID
	By, UsedBy                 kernel.PersonID
	MadeAt, EndsAt             db.Time
}

// secretPart is what is sealed of an invitation.
type secretPart struct {
	Token string `json:"token"`
	To    string `json:"to,omitempty"`
}

var (
	errOver         = kernel.NewFault(kernel.Gone, "circle.invitation.over")
	errInvitations  = kernel.NewFault(kernel.TooMany, "circle.invitation.too_many").With("max", mostInvitations)
	errNoInvitation = kernel.NewFault(kernel.NotFound, "circle.invitation.not_found")
)

// endOf is the last second of the day, in zone, that lies so many days after now.
func endOf(now time.Time, zone *time.Location, days int) time.Time {
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d+days+1, 0, 0, 0, 0, zone).Add(-time.Second).UTC()
}

// Invite makes an invitation, and sends it when an address is given and mail can be
// sent. Otherwise its link is to be copied.
//
// NotFound for who does not belong; Forbidden for who is not an owner; Invalid on
// "email"; TooMany.
func (s *Service) Invite(ctx context.Context, id kernel.CircleID, address string) (Invitation, error) {
	a, err := may(ctx, "share")
	if err != nil {
		return Invitation{}, err
	}
	c, err := s.asOwner(ctx, id, a.Person)
	if err != nil {
		return Invitation{}, err
	}
	if address = strings.TrimSpace(address); address != "" {
		if address, err = mail.Address(address); err != nil {
			return Invitation{}, err
		}
	}
	row, part, err := s.draft(id, a, address)
	if err != nil {
		return Invitation{}, err
	}
	letter, err := s.letter(ctx, c, a, row, part)
	if err != nil {
		return Invitation{}, err
	}
	made, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, err := ownedBy(ctx, tx, id, a.Person); err != nil {
			return "", err
		}
		n, err := countWaiting(ctx, tx, id, tx.Now)
		if err != nil {
			return "", err
		}
		if n >= mostInvitations {
			return "", errInvitations
		}
		if letter != nil {
			if row.Letter, err = s.Post.Put(ctx, tx, *letter); err != nil {
				return "", onAddress(err)
			}
		}
		return row.ID, insertInvitation(ctx, tx, row)
	})
	if err != nil {
		return Invitation{}, err
	}
	return s.invitation(ctx, id, made)
}

// asOwner is the circle, for an owner: what is checked before anything costs.
func (s *Service) asOwner(ctx context.Context, id kernel.CircleID, person kernel.PersonID) (Circle, error) {
	m, err := memberOf(ctx, s.DB.Read(), id, person)
	if err != nil {
		return Circle{}, err
	}
	if err := mayLookAfter(m); err != nil {
		return Circle{}, err
	}
	return circleByID(ctx, s.DB.Read(), id)
}

func (s *Service) draft(id kernel.CircleID, a kernel.Actor, address string) (invitationRow, secretPart, error) {
	now := s.DB.Now()
	token, digest := secret.NewToken()
	part := secretPart{Token: token.Reveal(), To: address}
	plain, err := json.Marshal(part)
	row := invitationRow{
		ID: kernel.NewID[string]("inv", now), Circle: id, By: a.Person,
		Digest: base64.RawURLEncoding.EncodeToString(digest),
		MadeAt: db.At(now), EndsAt: db.At(endOf(now, a.Location(), inviteDays)),
	}
	row.Sealed = base64.StdEncoding.EncodeToString(s.Keys.SealText(purpose(row.ID), plain))
	return row, part, err
}

// onAddress points a refusal of the post at the field it is about.
func onAddress(err error) error {
	if f, ok := errors.AsType[*kernel.Fault](err); ok && f.Kind == kernel.TooMany {
		return f.On("email")
	}
	return err
}

// purpose ties what is sealed to its row: swapped rows do not open.
func purpose(id string) string { return "circle.invitation " + id }

// letter is the mail that carries an invitation, nil where none leaves.
func (s *Service) letter(ctx context.Context, c Circle, a kernel.Actor, row invitationRow, part secretPart) (*mail.Sealed, error) {
	if part.To == "" || !s.canPost() {
		return nil, nil //nolint:nilnil // no letter is no failure
	}
	sealed, err := s.Post.Seal(mail.Letter{
		To: part.To, Lang: i18n.Lang(ctx), Person: a.Person,
		Subject: i18n.T(ctx, "circle.letter.subject", "name", a.Name, "circle", c.Name),
		Text: i18n.T(ctx, "circle.letter.text", "name", a.Name, "circle", c.Name,
			"link", s.url(part.Token), "until", i18n.FullDay(ctx, row.EndsAt.Time)),
	})
	return &sealed, err
}

func (s *Service) canPost() bool { return s.Post != nil && s.Post.Configured() }

func (s *Service) url(token string) string {
	return strings.TrimSuffix(s.Base, "/") + "/invitations/" + token
}

// invitation is one that waits, as an owner sees it.
func (s *Service) invitation(ctx context.Context, circle kernel.CircleID, id string) (Invitation, error) {
	row, err := invitationByID(ctx, s.DB.Read(), circle, id)
	if err != nil {
		return Invitation{}, err
	}
	all, err := s.opened(ctx, []invitationRow{row})
	if err != nil {
		return Invitation{}, err
	}
	return all[0], nil
}

// opened gives rows their links and what became of their letters.
func (s *Service) opened(ctx context.Context, rows []invitationRow) ([]Invitation, error) {
	all := make([]Invitation, len(rows))
	var letters []string
	for i, r := range rows {
		all[i] = Invitation{ID: r.ID, Circle: r.Circle, By: r.By, MadeAt: r.MadeAt.Time, Until: r.EndsAt.Time, UsedBy: r.UsedBy}
		if r.UsedBy == "" {
			part, err := s.open(r)
			if err != nil {
				return nil, fmt.Errorf("open invitation %s: %w", r.ID, err)
			}
			all[i].URL, all[i].Token, all[i].To = s.url(part.Token), part.Token, part.To
		}
		if r.Letter != "" {
			letters = append(letters, r.Letter)
		}
	}
	if len(letters) == 0 || s.Post == nil {
		return all, nil
	}
	states, err := s.Post.States(ctx, letters)
	for i, r := range rows {
		all[i].Letter = states[r.Letter]
	}
	return all, err
}

func (s *Service) open(r invitationRow) (part secretPart, err error) {
	raw, err := base64.StdEncoding.DecodeString(r.Sealed)
	if err != nil {
		return part, err
	}
	plain, err := s.Keys.OpenText(purpose(r.ID), raw)
	if err != nil {
		return part, err
	}
	if json.Unmarshal(plain, &part) != nil {
		return part, errors.New("the sealed part cannot be read") // the cause would quote it
	}
	return part, nil
}

// Invitations lists those that wait, newest first, for an owner.
func (s *Service) Invitations(ctx context.Context, id kernel.CircleID) ([]Invitation, error) {
	a, err := may(ctx, "share")
	if err != nil {
		return nil, err
	}
	if _, err := s.asOwner(ctx, id, a.Person); err != nil {
		return nil, err
	}
	rows, err := waiting(ctx, s.DB.Read(), id, s.DB.Now())
	if err != nil {
		return nil, err
	}
	return s.opened(ctx, rows)
}

// Withdraw ends an invitation that waits.
//
// NotFound for who does not belong, and for an invitation of another circle;
// Forbidden for who is not an owner.
func (s *Service) Withdraw(ctx context.Context, id kernel.CircleID, invitation string) error {
	a, err := may(ctx, "share")
	if err != nil {
		return err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, err := ownedBy(ctx, tx, id, a.Person); err != nil {
			return "", err
		}
		return invitation, deleteInvitation(ctx, tx, id, invitation)
	})
	return err
}

// Welcome is an invitation as its bearer sees it, signed in or not.
type Welcome struct {
	Circle  Circle
	By      string // the name of who invites; "" if she has left
	Until   time.Time
	Already bool // the actor belongs to the circle
}

// Look shows an invitation to who holds its token. Gone for one that was used, has
// ended, was withdrawn or never was: all in the same words. Who used it herself
// still sees it.
func (s *Service) Look(ctx context.Context, token string) (Welcome, error) {
	row, err := s.holding(ctx, s.DB.Read(), token, s.DB.Now())
	if err != nil {
		return Welcome{}, err
	}
	c, err := circleByID(ctx, s.DB.Read(), row.Circle)
	if errors.Is(err, errNoCircle) {
		return Welcome{}, errOver
	}
	if err != nil {
		return Welcome{}, err
	}
	names, err := s.People.Names(ctx, []kernel.PersonID{row.By})
	if err != nil {
		return Welcome{}, err
	}
	already, err := s.Belongs(ctx, c.ID, kernel.ActorFrom(ctx).Person)
	return Welcome{Circle: c, By: names[row.By], Until: row.EndsAt.Time, Already: already}, err
}

// holding finds the invitation of a token that the actor may use, or has used.
func (s *Service) holding(ctx context.Context, q db.Querier, token string, now time.Time) (invitationRow, error) {
	row, err := invitationByDigest(ctx, q, base64.RawURLEncoding.EncodeToString(secret.Digest(token)))
	if err != nil {
		return row, err
	}
	if !row.EndsAt.After(now) || row.UsedBy != "" && row.UsedBy != kernel.ActorFrom(ctx).Person {
		return row, errOver
	}
	return row, nil
}

// Invites reports whether a token is an invitation that waits: where an account is
// made by invitation, it opens the door.
func (s *Service) Invites(ctx context.Context, token string) (bool, error) {
	row, err := s.holding(ctx, s.DB.Read(), token, s.DB.Now())
	if errors.Is(err, errOver) {
		return false, nil
	}
	return err == nil && row.UsedBy == "", err
}

// Accept makes the actor a member. Whoever belongs already keeps the invitation for
// somebody else. circle, unless "", must be the one of the token.
//
// Unauthenticated for a visitor; Gone for an invitation that does not open; TooMany.
func (s *Service) Accept(ctx context.Context, circle kernel.CircleID, token string) (View, error) {
	id, a, err := s.accept(ctx, circle, token)
	if err != nil {
		return View{}, err
	}
	return s.show(ctx, id, a.Person)
}

// AcceptAs is Accept, and gives the actor as a member.
func (s *Service) AcceptAs(ctx context.Context, circle kernel.CircleID, token string) (Line, error) {
	id, a, err := s.accept(ctx, circle, token)
	if err != nil {
		return Line{}, err
	}
	return s.line(ctx, id, a.Person, a.Person)
}

func (s *Service) accept(ctx context.Context, circle kernel.CircleID, token string) (kernel.CircleID, kernel.Actor, error) {
	a, err := may(ctx, "write")
	if err != nil {
		return "", a, err
	}
	made, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		row, err := s.holding(ctx, tx, token, tx.Now)
		if err != nil {
			return "", err
		}
		if circle != "" && circle != row.Circle {
			return "", errOver
		}
		if err := takeTurn(ctx, tx, row.Circle); err != nil {
			return "", errOver.Because(err) // the circle is closed
		}
		if row, err = s.holding(ctx, tx, token, tx.Now); err != nil {
			return "", err // somebody was quicker
		}
		_, err = memberOf(ctx, tx, row.Circle, a.Person)
		switch {
		case err == nil:
			return string(row.Circle), nil
		case !errors.Is(err, errNoCircle):
			return "", err
		case row.UsedBy != "":
			return "", errOver // she used it, and has left since
		}
		return string(row.Circle), enter(ctx, tx, row, a.Person)
	})
	return kernel.CircleID(made), a, err
}

func enter(ctx context.Context, tx *db.Tx, row invitationRow, person kernel.PersonID) error {
	if err := roomForOneMore(ctx, tx, person); err != nil {
		return err
	}
	n, err := countMembers(ctx, tx, row.Circle)
	if err != nil {
		return err
	}
	if n.members >= mostMembers {
		return errFull
	}
	if err := insertMember(ctx, tx, Member{row.Circle, person, Plain, tx.Now}); err != nil {
		return err
	}
	return useInvitation(ctx, tx, row.ID, person)
}
