package circle

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Role says what a member may do.
type Role string

// The roles.
const (
	Owner Role = "owner"  // looks after the circle
	Plain Role = "member" // belongs to it
)

// Roles are all roles.
var Roles = []Role{Plain, Owner}

// mostMembers is how many one circle holds in this form of circles.
const mostMembers = 5000

// Member is a person in a circle.
type Member struct {
	Circle   kernel.CircleID
	Person   kernel.PersonID
	Role     Role
	JoinedAt time.Time
}

// Line is a member as the others see her.
type Line struct {
	Member
	Name string
	Me   bool
}

// count is how many a circle counts.
type count struct{ members, owners int }

var (
	errNoMember = kernel.NewFault(kernel.NotFound, "circle.member.not_found")
	errRole     = kernel.NewFault(kernel.Invalid, "circle.role.form").On("role")
	errFull     = kernel.NewFault(kernel.TooMany, "circle.full").With("max", mostMembers)
	errWho      = kernel.NewFault(kernel.Invalid, "circle.member.body").On("invitation")
	errConsent  = kernel.NewFault(kernel.Forbidden, "circle.member.consent")
	errCursor   = kernel.NewFault(kernel.Invalid, "circle.cursor").On("cursor")
)

// Members lists who belongs, in the order in which they joined, at most limit after
// cursor. NotFound for who does not belong.
func (s *Service) Members(ctx context.Context, id kernel.CircleID, cursor string, limit int) (lines []Line, next string, err error) {
	a, err := may(ctx, "read")
	if err != nil {
		return nil, "", err
	}
	if _, err := memberOf(ctx, s.DB.Read(), id, a.Person); err != nil {
		return nil, "", err
	}
	after, person, err := readCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	ms, err := members(ctx, s.DB.Read(), id, after, person, limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(ms) > limit {
		ms = ms[:limit]
		next = writeCursor(ms[limit-1])
	}
	lines, err = s.named(ctx, ms, a.Person)
	return lines, next, err
}

func (s *Service) named(ctx context.Context, ms []Member, me kernel.PersonID) ([]Line, error) {
	ids := make([]kernel.PersonID, len(ms))
	for i, m := range ms {
		ids[i] = m.Person
	}
	names, err := s.People.Names(ctx, ids)
	if err != nil {
		return nil, err
	}
	lines := make([]Line, len(ms))
	for i, m := range ms {
		lines[i] = Line{m, names[m.Person], m.Person == me}
	}
	return lines, nil
}

// A cursor is when the last member shown joined, and who she is.
func writeCursor(m Member) string {
	return base64.RawURLEncoding.EncodeToString([]byte(m.JoinedAt.Format(time.RFC3339Nano) + " " + string(m.Person)))
}

func readCursor(cursor string) (time.Time, kernel.PersonID, error) {
	if cursor == "" {
		return time.Time{}, "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return time.Time{}, "", errCursor
	}
	at, person, _ := strings.Cut(string(raw), " ")
	joined, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return time.Time{}, "", errCursor
	}
	return joined, kernel.PersonID(person), nil
}

// Member gives one member to another. NotFound for who does not belong, and if the
// person does not.
func (s *Service) Member(ctx context.Context, id kernel.CircleID, person kernel.PersonID) (Line, error) {
	a, err := may(ctx, "read")
	if err != nil {
		return Line{}, err
	}
	if _, err := memberOf(ctx, s.DB.Read(), id, a.Person); err != nil {
		return Line{}, err
	}
	return s.line(ctx, id, person, a.Person)
}

func (s *Service) line(ctx context.Context, id kernel.CircleID, person, me kernel.PersonID) (Line, error) {
	m, err := otherMember(ctx, s.DB.Read(), id, person)
	if err != nil {
		return Line{}, err
	}
	lines, err := s.named(ctx, []Member{m}, me)
	if err != nil {
		return Line{}, err
	}
	return lines[0], nil
}

// SetRole gives a member a role.
//
// NotFound for who does not belong; Forbidden for who is not an owner, and if the
// person has not come in by herself; Conflict if nobody would look after the circle.
func (s *Service) SetRole(ctx context.Context, id kernel.CircleID, person kernel.PersonID, role Role) (Line, error) {
	a, err := may(ctx, "write")
	if err != nil {
		return Line{}, err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, err := ownedBy(ctx, tx, id, a.Person); err != nil {
			return "", err
		}
		if !slices.Contains(Roles, role) {
			return "", errRole
		}
		m, err := otherMember(ctx, tx, id, person)
		if errors.Is(err, errNoMember) {
			return "", errConsent
		}
		if err != nil {
			return "", err
		}
		n, err := countMembers(ctx, tx, id)
		if err != nil {
			return "", err
		}
		if err := mayBecome(m, role, n); err != nil {
			return "", err
		}
		return string(person), updateRole(ctx, tx, id, person, role)
	})
	if err != nil {
		return Line{}, err
	}
	return s.line(ctx, id, person, a.Person)
}

// Remove takes a member out: oneself, or another if one is an owner. Whoever is the
// only member closes the circle by leaving it: closed says so.
//
// NotFound for who does not belong, and if the person does not; Forbidden for who is
// not an owner; Conflict for the last owner while there are other members.
func (s *Service) Remove(ctx context.Context, id kernel.CircleID, person kernel.PersonID) (closed bool, err error) {
	a, err := may(ctx, "write")
	if err != nil {
		return false, err
	}
	_, err = s.do(ctx, func(tx *db.Tx) (string, error) {
		me, err := turnOf(ctx, tx, id, a.Person)
		if err != nil {
			return "", err
		}
		m := me
		if person != a.Person {
			if err := mayLookAfter(me); err != nil {
				return "", err
			}
			if m, err = otherMember(ctx, tx, id, person); err != nil {
				return "", err
			}
		}
		n, err := countMembers(ctx, tx, id)
		if err != nil {
			return "", err
		}
		if err := mayGo(m, n); err != nil {
			return "", err
		}
		if err := deleteMember(ctx, tx, id, person); err != nil {
			return "", err
		}
		ended, _, err := settle(ctx, tx, id)
		closed = ended > 0
		return string(person), err
	})
	return closed, err
}

// turnOf is the actor's membership, once nobody else changes members of the circle.
func turnOf(ctx context.Context, tx *db.Tx, id kernel.CircleID, person kernel.PersonID) (Member, error) {
	if _, err := memberOf(ctx, tx, id, person); err != nil {
		return Member{}, err // a stranger holds nobody up
	}
	if err := takeTurn(ctx, tx, id); err != nil {
		return Member{}, err
	}
	return memberOf(ctx, tx, id, person)
}

// ownedBy is turnOf for an owner.
func ownedBy(ctx context.Context, tx *db.Tx, id kernel.CircleID, person kernel.PersonID) (Member, error) {
	m, err := turnOf(ctx, tx, id, person)
	if err != nil {
		return m, err
	}
	return m, mayLookAfter(m)
}
