package circle

import (
	"context"
	"embed"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/mail"
	"digiwork/internal/platform/seal"
)

// Migrations of circles, members and invitations.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Messages are the sentences of circles.
//
//go:embed messages/*.json
var Messages embed.FS

// People gives the names people chose. Another context provides it.
type People interface {
	Names(ctx context.Context, ids []kernel.PersonID) (map[kernel.PersonID]string, error)
}

// Service is what may be asked about circles.
type Service struct {
	DB     *db.DB
	Keys   *seal.Keys
	People People
	Post   *mail.Post // nil: no mail; invitations are links to copy
	Base   string     // address of the instance, as --base-url, without a slash at the end
	SignIn string     // page that signs in, with ?next=
	SignUp string     // page where an account is made, with ?next= and ?invitation=; "" where there is none

	Looks Limiter // how often a visitor may look at invitations; nil for no limit
}

// Limiter counts what somebody does. web.Limiter is one.
type Limiter interface{ Take(key string) error }

// Belongs reports whether a person is a member of a circle, now.
func (s *Service) Belongs(ctx context.Context, circle kernel.CircleID, person kernel.PersonID) (bool, error) {
	if circle == "" || person == "" {
		return false, nil
	}
	_, err := memberOf(ctx, s.DB.Read(), circle, person)
	if kernel.KindOf(err) == kernel.NotFound {
		return false, nil
	}
	return err == nil, err
}

// Owns reports whether a person is an owner of a circle, now.
func (s *Service) Owns(ctx context.Context, circle kernel.CircleID, person kernel.PersonID) (bool, error) {
	if circle == "" || person == "" {
		return false, nil
	}
	m, err := memberOf(ctx, s.DB.Read(), circle, person)
	if kernel.KindOf(err) == kernel.NotFound {
		return false, nil
	}
	return err == nil && m.Role == Owner, err
}

// CirclesOf lists the circles of a person, now.
func (s *Service) CirclesOf(ctx context.Context, person kernel.PersonID) ([]kernel.CircleID, error) {
	return idsOf(ctx, s.DB.Read(), person)
}

// CircleNames gives names of circles, closed ones too: what was shown to them keeps
// saying to whom. Unknown ids are left out.
func (s *Service) CircleNames(ctx context.Context, ids []kernel.CircleID) (map[kernel.CircleID]string, error) {
	return names(ctx, s.DB.Read(), ids)
}

// Left counts what became of the circles of a person who is erased.
type Left struct {
	Circles    int // she belonged to
	Closed     int // nobody was left in
	HandedOver int // the oldest member looks after now
}

// Leaving says what Leave would do now, for the page that asks before.
func (s *Service) Leaving(ctx context.Context, person kernel.PersonID) (Left, error) {
	hers, err := circlesOf(ctx, s.DB.Read(), person, "", mostCircles)
	if err != nil {
		return Left{}, err
	}
	ids := make([]kernel.CircleID, len(hers))
	for i, v := range hers {
		ids[i] = v.ID
	}
	counts, err := countEach(ctx, s.DB.Read(), ids)
	left := Left{Circles: len(hers)}
	for _, v := range hers {
		switch n := counts[v.ID]; {
		case n.members == 1:
			left.Closed++
		case v.Role == Owner && n.owners == 1:
			left.HandedOver++
		}
	}
	return left, err
}

// Leave takes a person out of all her circles, in the transaction that erases her.
// Her invitations go. A circle that loses its last owner is handed over to its
// oldest member; one that loses its last member is closed.
func (s *Service) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (Left, error) {
	var left Left
	ids, err := idsOf(ctx, tx, person)
	if err != nil {
		return left, err
	}
	for _, id := range ids { // in the order of ids, so that two erasures never wait for each other
		if err := takeTurn(ctx, tx, id); err != nil {
			return left, err
		}
		if err := deleteMember(ctx, tx, id, person); err != nil {
			return left, err
		}
		closed, handed, err := settle(ctx, tx, id)
		if err != nil {
			return left, err
		}
		left.Circles++
		left.Closed += closed
		left.HandedOver += handed
	}
	return left, forgetPerson(ctx, tx, person)
}

// settle closes a circle without members, and gives one without an owner its oldest
// member as owner.
func settle(ctx context.Context, tx *db.Tx, id kernel.CircleID) (closed, handed int, err error) {
	n, err := countMembers(ctx, tx, id)
	switch {
	case err != nil:
		return 0, 0, err
	case n.members == 0:
		return 1, 0, closeCircle(ctx, tx, id)
	case n.owners == 0:
		return 0, 1, promoteOldest(ctx, tx, id)
	}
	return 0, 0, nil
}

// Sweep forgets invitations that have ended.
func (s *Service) Sweep(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return deleteEnded(ctx, tx, tx.Now) })
}
