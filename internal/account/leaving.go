package account

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Leaver is a context that keeps something of a person. It speaks in counted
// messages of its own: {"circle.leaving.memberships": 3} is said with 3.
type Leaver interface {
	// Leaves says what would go with her and what would stay with others.
	Leaves(ctx context.Context, person kernel.PersonID) (goes, stays map[string]int, err error)
	// Leave removes what goes, in the one transaction of the erasure. What was not
	// there any more is no error: it may be called again after a crash.
	Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (gone, stays map[string]int, err error)
}

// LeaveFunc is a Leaver with nothing to say: technical rows that go with her.
type LeaveFunc func(ctx context.Context, tx *db.Tx, person kernel.PersonID) error

// Leaves says nothing.
func (LeaveFunc) Leaves(context.Context, kernel.PersonID) (goes, stays map[string]int, err error) {
	return nil, nil, nil
}

// Leave calls f.
func (f LeaveFunc) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (gone, stays map[string]int, err error) {
	return nil, nil, f(ctx, tx, person)
}

// Tally is something counted, as a message that takes {n}.
type Tally struct {
	Key string
	N   int
}

// Departure is what an erasure would do, for the page that asks.
type Departure struct {
	Goes, Stays []Tally
	LastOwner   bool // nobody would keep the instance, and people remain
}

// Receipt is what an erasure did.
type Receipt struct {
	Person      kernel.PersonID
	LeftAt      time.Time
	ForgottenAt time.Time // her data key was destroyed; zero if that is still being done
	Gone, Stays []Tally
}

// What account itself and the gate keep of a person, as messages.
const (
	keySessions    = "account.leaving.sessions"
	keyTokens      = "account.leaving.tokens" //nolint:gosec // a message key
	keyPasskeys    = "account.leaving.passkeys"
	keyInvitations = "account.leaving.invitations"
	keyItems       = "account.leaving.items"
	keyGrants      = "account.leaving.grants"
)

var errLeft = kernel.NewFault(kernel.Gone, "account.left")

// Departing says what would go and what would stay if the actor left.
func (s *Service) Departing(ctx context.Context) (Departure, error) {
	a, err := may(ctx, "erase")
	if err != nil {
		return Departure{}, err
	}
	goes, err := keeps(ctx, s.DB.Read(), a.Person)
	if err != nil {
		return Departure{}, err
	}
	stays := map[string]int{}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return Departure{}, err
	}
	items, _, _, err := s.Gate.Used(ctx, pass)
	if err != nil {
		return Departure{}, err
	}
	grants, err := s.Gate.Grants(ctx)
	if err != nil {
		return Departure{}, err
	}
	add(goes, map[string]int{keyItems: int(items), keyGrants: len(grants)})
	for _, l := range s.Leavers {
		g, st, err := l.Leaves(ctx, a.Person)
		if err != nil {
			return Departure{}, err
		}
		add(goes, g)
		add(stays, st)
	}
	c, err := s.Count(ctx)
	return Departure{tallied(goes), tallied(stays), a.Admin && c.Owners == 1 && c.People > 1}, err
}

func add(into, more map[string]int) {
	for key, n := range more {
		into[key] += n
	}
}

// tallied lists what was counted, without what there is none of: what she kept and
// showed, then what other rooms had, then what opened her account.
func tallied(counts map[string]int) []Tally {
	last := []string{keyInvitations, keySessions, keyPasskeys, keyTokens}
	place := func(key string) int {
		switch key {
		case keyItems:
			return -2
		case keyGrants:
			return -1
		}
		return 1 + slices.Index(last, key)
	}
	var all []Tally
	for key, n := range counts {
		if n > 0 {
			all = append(all, Tally{key, n})
		}
	}
	slices.SortFunc(all, func(a, b Tally) int {
		return cmp.Or(cmp.Compare(place(a.Key), place(b.Key)), cmp.Compare(a.Key, b.Key))
	})
	return all
}

// EraseMe erases the actor: from a browser where she signed in less than five
// minutes ago, or with a token that has the scope erase.
func (s *Service) EraseMe(ctx context.Context) (Receipt, error) {
	a, err := may(ctx, "erase")
	if err != nil {
		return Receipt{}, err
	}
	if browser := !a.SignedAt.IsZero(); browser {
		if _, err := recent(ctx, s.DB.Now()); err != nil {
			return Receipt{}, err
		}
	}
	return s.erase(ctx, a.Person)
}

// Erase erases somebody from the command line.
func (s *Service) Erase(ctx context.Context, person kernel.PersonID) (Receipt, error) {
	ctx, err := s.Gate.Operator(ctx, person, gate.ActErase)
	if err != nil {
		return Receipt{}, err
	}
	return s.erase(ctx, person)
}

// erase leaves in one transaction, then has the data key destroyed. When it is
// interrupted in between, Resume does the rest.
func (s *Service) erase(ctx context.Context, person kernel.PersonID) (Receipt, error) {
	r, err := s.leave(ctx, person)
	if err != nil {
		return Receipt{}, err
	}
	// She is gone from here on: whoever asked may hang up, the key goes all the same.
	r.ForgottenAt, err = s.forget(context.WithoutCancel(ctx), person)
	if err != nil {
		s.log().ErrorContext(ctx, "erasure will be resumed", "person", person, "err", err)
	}
	return r, nil
}

// leave is the transaction over all contexts.
func (s *Service) leave(ctx context.Context, person kernel.PersonID) (Receipt, error) {
	var r Receipt
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := personByID(ctx, tx, person); errors.Is(err, errNobody) {
			return errLeft
		} else if err != nil {
			return err
		}
		gone, stays := map[string]int{}, map[string]int{}
		for _, l := range s.Leavers {
			g, st, err := l.Leave(ctx, tx, person)
			if err != nil {
				return err
			}
			add(gone, g)
			add(stays, st)
		}
		left, err := s.Gate.Leave(ctx, tx, person)
		if err != nil {
			return err
		}
		add(gone, map[string]int{keyItems: int(left.Items), keyGrants: int(left.Grants)})
		own, err := keeps(ctx, tx, person)
		if err != nil {
			return err
		}
		add(gone, own)
		if err := removePerson(ctx, tx, person); err != nil {
			return err
		}
		r = Receipt{Person: person, LeftAt: tx.Now, Gone: tallied(gone), Stays: tallied(stays)}
		return once.Forget(ctx, tx, person)
	})
	return r, err
}

// forget destroys the data key of a person who has left, and says when that was done.
func (s *Service) forget(ctx context.Context, person kernel.PersonID) (time.Time, error) {
	if err := s.Gate.Forget(ctx, person); err != nil {
		return time.Time{}, err
	}
	var at time.Time
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		at = tx.Now
		return forgotten(ctx, tx, person)
	})
	return at, err
}

// Resume ends the erasures that a crash interrupted. It runs at start, and now and
// then.
func (s *Service) Resume(ctx context.Context) error {
	people, err := departing(ctx, s.DB.Read())
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range people {
		_, err := s.forget(ctx, p)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
