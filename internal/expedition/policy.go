package expedition

import (
	"context"
	"slices"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Role is what somebody is in an expedition.
type Role string

// The roles, from the one who may most.
const (
	Facilitator Role = "facilitator" // leads: settings, roles, votes, release
	Editor      Role = "editor"      // writes every card
	Watcher     Role = "watcher"     // brings references, signals, observations
	Reader      Role = "reader"      // reads, and leaves remarks
	Guest       Role = "guest"       // came in by a code, without an account
	Passer      Role = "passer"      // reads a public expedition without an account
	Nobody      Role = ""            // may not read
)

// GivenRoles are those a facilitator may give, from the one who may least.
var GivenRoles = []Role{Reader, Watcher, Editor, Facilitator}

// The acts that May decides on. Sibling contexts name them as text.
const (
	Read  = "read"
	Play  = "play"  // take part in what a facilitator opens: a table, a vote
	Speak = "speak" // leave a remark, a reaction
	Watch = "watch" // bring references, signals, observations
	Edit  = "edit"  // write any card
	Lead  = "lead"  // settings, roles, codes, opening and closing
)

// acts says what each role may. What is not here may nothing.
var acts = map[Role][]string{
	Facilitator: {Read, Play, Speak, Watch, Edit, Lead},
	Editor:      {Read, Play, Speak, Watch, Edit},
	Watcher:     {Read, Play, Speak, Watch},
	Reader:      {Read, Play, Speak},
	Guest:       {Read, Play},
	Passer:      {Read},
}

var (
	errSignIn = kernel.NewFault(kernel.Unauthenticated, "expedition.sign_in")
	errScope  = kernel.NewFault(kernel.Forbidden, "expedition.scope")
	errRole   = kernel.NewFault(kernel.Forbidden, "expedition.role.forbidden")
	errNone   = kernel.NewFault(kernel.NotFound, "expedition.not_found")
	errSample = kernel.NewFault(kernel.Forbidden, "expedition.sample.fixed")
)

// Standing is what the actor is in an expedition.
type Standing struct {
	Role    Role
	Circles []kernel.CircleID // of the expedition and its partners, those she belongs to
}

// May reports whether the standing allows act.
func (st Standing) May(act string) bool { return slices.Contains(acts[st.Role], act) }

// higher is the role that may more.
func higher(a, b Role) Role {
	if len(acts[b]) > len(acts[a]) {
		return b
	}
	return a
}

// signed is the signed-in actor, if her session or token carries scope.
func signed(ctx context.Context, scope string) (kernel.Actor, error) {
	a := kernel.ActorFrom(ctx)
	switch {
	case a.IsVisitor():
		return a, errSignIn
	case !a.May(scope):
		return a, errScope.With("scope", scope)
	}
	return a, nil
}

// May is nil when the actor may do act in the expedition.
//
// A visitor who may not read gets Unauthenticated, whether or not the expedition
// exists; anybody else who may not read gets NotFound; who may read but not do act
// gets Forbidden, or Unauthenticated when signing in could help.
func (s *Service) May(ctx context.Context, id kernel.ExpeditionID, act string) error {
	_, _, err := s.enter(ctx, s.DB.Read(), id, act)
	return err
}

// enter loads an expedition and what the actor is in it, if she may do act.
func (s *Service) enter(ctx context.Context, q db.Querier, id kernel.ExpeditionID, act string) (Expedition, Standing, error) {
	a := kernel.ActorFrom(ctx)
	scope := "read"
	if act != Read {
		scope = "write"
	}
	if !a.IsVisitor() && !a.May(scope) {
		return Expedition{}, Standing{}, errScope.With("scope", scope)
	}
	x, st, err := s.standing(ctx, q, id)
	switch {
	case err != nil:
		return x, st, err
	case st.May(act):
		return x, st, nil
	case a.IsVisitor():
		return Expedition{}, st, errSignIn
	case st.Role == Nobody:
		return Expedition{}, st, errNone
	case x.Sample():
		return x, st, errSample
	}
	return x, st, errRole
}

// standing finds what the actor is: by the circle it belongs to, by a role she was
// given while she belongs to that circle or a partner, by the code of guests, by its
// being public.
func (s *Service) standing(ctx context.Context, q db.Querier, id kernel.ExpeditionID) (Expedition, Standing, error) {
	a := kernel.ActorFrom(ctx)
	if sample(id) {
		x := sampleBook(ctx).Expedition
		return x, Standing{Role: publicRole(a)}, nil
	}
	x, err := expeditionByID(ctx, q, id)
	if kernel.KindOf(err) == kernel.NotFound {
		return x, Standing{}, nil // said as to who may not read it
	}
	if err != nil {
		return x, Standing{}, err
	}
	st := Standing{}
	if x.Visibility == Public {
		st.Role = publicRole(a)
	}
	if guestOf(ctx, x) {
		st.Role = higher(st.Role, Guest)
	}
	if a.IsVisitor() {
		return x, st, nil
	}
	if x.Person == a.Person {
		st.Role = Facilitator
	}
	if err := s.byCircles(ctx, q, x, a.Person, &st); err != nil {
		return x, st, err
	}
	return x, st, nil
}

func publicRole(a kernel.Actor) Role {
	if a.IsVisitor() {
		return Passer
	}
	return Reader
}

// byCircles raises a standing by the circles of the expedition the person is in.
func (s *Service) byCircles(ctx context.Context, q db.Querier, x Expedition, person kernel.PersonID, st *Standing) error {
	partners, err := partnersOf(ctx, q, x.ID)
	if err != nil {
		return err
	}
	hers, err := s.Circles.CirclesOf(ctx, person)
	if err != nil {
		return err
	}
	if x.Circle != "" && slices.Contains(hers, x.Circle) {
		st.Circles = append(st.Circles, x.Circle)
		st.Role = higher(st.Role, Reader)
		keeps, err := s.Circles.Keeps(ctx, x.Circle)
		if err != nil {
			return err
		}
		if keeps {
			st.Role = Facilitator
		}
	}
	for _, p := range partners {
		if x.Visibility != Private && slices.Contains(hers, p) {
			st.Circles = append(st.Circles, p)
			st.Role = higher(st.Role, Reader)
		}
	}
	if len(st.Circles) == 0 {
		return nil
	}
	given, err := roleOf(ctx, q, x.ID, person)
	st.Role = higher(st.Role, given)
	return err
}
