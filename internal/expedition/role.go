package expedition

import (
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

const (
	mostPartners = 50
	mostCredits  = 500
	maxCredit    = 120
)

var (
	errPartner    = kernel.NewFault(kernel.Invalid, "expedition.partner.form").On("circle")
	errPartners   = kernel.NewFault(kernel.TooMany, "expedition.partner.many").With("max", mostPartners)
	errGiven      = kernel.NewFault(kernel.Invalid, "expedition.role.form").On("role")
	errOutside    = kernel.NewFault(kernel.Invalid, "expedition.role.outside").On("role")
	errCredit     = kernel.NewFault(kernel.Invalid, "expedition.too_long").On("named").With("max", maxCredit)
	errCredits    = kernel.NewFault(kernel.TooMany, "expedition.credit.many").With("max", mostCredits)
	errLeadNobody = kernel.NewFault(kernel.Conflict, "expedition.role.nobody")
)

// Member is somebody who may have a role.
type Member struct {
	Person
	Given Role // "" when none was given
}

// Settings are what only who leads sees.
type Settings struct {
	Expedition
	Partners []Circle
	Circles  []Circle // the actor's own that could become partners
	Members  []Member
	Code     string // that lets guests in; "" when the door is closed
}

// Circle is a circle by its name.
type Circle struct {
	ID   kernel.CircleID
	Name string
}

// Settings gives what who leads may change.
func (s *Service) Settings(ctx context.Context, id kernel.ExpeditionID) (Settings, error) {
	x, st, err := s.enter(ctx, s.DB.Read(), id, Lead)
	if err != nil {
		return Settings{}, err
	}
	v := Settings{Expedition: x}
	partners, err := partnersOf(ctx, s.DB.Read(), id)
	if err != nil {
		return v, err
	}
	hers, err := s.Circles.CirclesOf(ctx, kernel.ActorFrom(ctx).Person)
	if err != nil {
		return v, err
	}
	hers = slices.DeleteFunc(hers, func(c kernel.CircleID) bool { return c == x.Circle || slices.Contains(partners, c) })
	if v.Partners, err = s.circles(ctx, partners); err != nil {
		return v, err
	}
	if v.Circles, err = s.circles(ctx, hers); err != nil {
		return v, err
	}
	if v.Members, err = s.members(ctx, x, st); err != nil {
		return v, err
	}
	v.Code, err = s.openCode(x)
	return v, err
}

func (s *Service) circles(ctx context.Context, ids []kernel.CircleID) ([]Circle, error) {
	names, err := s.Circles.CircleNames(ctx, ids)
	all := make([]Circle, len(ids))
	for i, id := range ids {
		all[i] = Circle{id, names[id]}
	}
	return all, err
}

// members are the people of the circles of the expedition that the actor is in.
func (s *Service) members(ctx context.Context, x Expedition, st Standing) ([]Member, error) {
	given, err := rolesOf(ctx, s.DB.Read(), x.ID)
	if err != nil {
		return nil, err
	}
	var all []Member
	for _, c := range st.Circles {
		people, err := s.Circles.Members(ctx, c)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			if !slices.ContainsFunc(all, func(m Member) bool { return m.ID == p.ID }) {
				all = append(all, Member{p, given[p.ID]})
			}
		}
	}
	return all, nil
}

// MyCircles are the circles an expedition of the actor may belong to.
func (s *Service) MyCircles(ctx context.Context) ([]Circle, error) {
	a := kernel.ActorFrom(ctx)
	if a.IsVisitor() {
		return nil, nil
	}
	ids, err := s.Circles.CirclesOf(ctx, a.Person)
	if err != nil {
		return nil, err
	}
	return s.circles(ctx, ids)
}

// AddPartner lets a circle of the actor read, once the expedition is not private.
func (s *Service) AddPartner(ctx context.Context, id kernel.ExpeditionID, circle kernel.CircleID) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		x, _, err := s.enter(ctx, tx, id, Lead)
		if err != nil {
			return "", err
		}
		belongs, err := s.Circles.Belongs(ctx, circle, kernel.ActorFrom(ctx).Person)
		switch {
		case err != nil:
			return "", err
		case !belongs, circle == x.Circle:
			return "", errPartner
		}
		partners, err := partnersOf(ctx, tx, id)
		if err != nil {
			return "", err
		}
		if len(partners) >= mostPartners {
			return "", errPartners
		}
		return string(circle), insertPartner(ctx, tx, id, circle)
	})
	return err
}

// DropPartner ends a partnership. What the partner has not released stays hidden.
func (s *Service) DropPartner(ctx context.Context, id kernel.ExpeditionID, circle kernel.CircleID) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, _, err := s.enter(ctx, tx, id, Lead); err != nil {
			return "", err
		}
		return string(circle), deletePartner(ctx, tx, id, circle)
	})
	return err
}

// GiveRole gives somebody of the circles of the expedition a role; "" takes it back.
//
// Invalid on "role" for somebody who is in none of them; Conflict when nobody would
// lead any more.
func (s *Service) GiveRole(ctx context.Context, id kernel.ExpeditionID, person kernel.PersonID, role Role) error {
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		x, st, err := s.enter(ctx, tx, id, Lead)
		if err != nil {
			return "", err
		}
		if role != Nobody && !slices.Contains(GivenRoles, role) {
			return "", errGiven
		}
		if err := s.belongsToOne(ctx, st.Circles, person); err != nil {
			return "", err
		}
		if role == Nobody {
			err = deleteRole(ctx, tx, id, person)
		} else {
			err = putRole(ctx, tx, id, person, role)
		}
		if err != nil {
			return "", err
		}
		if person == kernel.ActorFrom(ctx).Person && x.Person != person {
			_, st, err := s.enter(ctx, tx, id, Lead)
			if err != nil && st.Role != Facilitator {
				return "", errLeadNobody
			}
		}
		return string(person), nil
	})
	return err
}

func (s *Service) belongsToOne(ctx context.Context, circles []kernel.CircleID, person kernel.PersonID) error {
	for _, c := range circles {
		belongs, err := s.Circles.Belongs(ctx, c, person)
		if belongs || err != nil {
			return err
		}
	}
	return errOutside
}

// Credits are how those who took part wish to be named, in the order in which they
// said so; mine is the actor's own, "" when she is not named.
func (s *Service) Credits(ctx context.Context, id kernel.ExpeditionID) (all []string, mine string, err error) {
	if _, _, err := s.enter(ctx, s.DB.Read(), id, Read); err != nil || sample(id) {
		return nil, "", err
	}
	rows, err := creditsOf(ctx, s.DB.Read(), id)
	me := kernel.ActorFrom(ctx).Person
	for _, c := range rows {
		all = append(all, c.Named)
		if me != "" && c.Person == me {
			mine = c.Named
		}
	}
	return all, mine, err
}

// NameMe says how the actor wishes to be named in the cahier; "" is not at all.
func (s *Service) NameMe(ctx context.Context, id kernel.ExpeditionID, named string) error {
	named = oneLine(named)
	_, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, _, err := s.enter(ctx, tx, id, Speak); err != nil {
			return "", err
		}
		if utf8.RuneCountInString(named) > maxCredit {
			return "", errCredit
		}
		me := kernel.ActorFrom(ctx).Person
		err := errors.Join(takeTurn(ctx, tx, id), deleteCredit(ctx, tx, id, me))
		if err != nil || named == "" {
			return string(id), err
		}
		rows, err := creditsOf(ctx, tx, id)
		if err != nil {
			return "", err
		}
		if len(rows) >= mostCredits {
			return "", errCredits
		}
		place := 1
		for _, c := range rows {
			place = max(place, c.Place+1)
		}
		return string(id), insertCredit(ctx, tx, id, credit{place, me, named})
	})
	return err
}

// Leaves says what would become of what a person has here, before she is erased.
func (s *Service) Leaves(ctx context.Context, person kernel.PersonID) (goes, stays map[string]int, err error) {
	own, err := countOwned(ctx, s.DB.Read(), "", person)
	if err != nil {
		return nil, nil, err
	}
	cards, err := countCardsBy(ctx, s.DB.Read(), person)
	return map[string]int{"expedition.leaving.own": own}, map[string]int{"expedition.leaving.cards": cards}, err
}

// Leave removes the expeditions of a person, her roles and her name in cahiers, in
// the transaction that erases her. Cards she wrote for others stay, without her.
func (s *Service) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (gone, stays map[string]int, err error) {
	own, err := ownedBy(ctx, tx, person)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range own {
		if err := s.remove(ctx, tx, id); err != nil {
			return nil, nil, err
		}
	}
	cards, err := forgetPerson(ctx, tx, person)
	return map[string]int{"expedition.leaving.own": len(own)}, map[string]int{"expedition.leaving.cards": cards}, err
}
