package circle

import (
	"context"

	"digiwork/internal/kernel"
)

var (
	errSignIn   = kernel.NewFault(kernel.Unauthenticated, "circle.sign_in")
	errScope    = kernel.NewFault(kernel.Forbidden, "circle.scope")
	errNotOwner = kernel.NewFault(kernel.Forbidden, "circle.not_owner")
	errLast     = kernel.NewFault(kernel.Conflict, "circle.last_owner")
	errLastRole = kernel.NewFault(kernel.Conflict, "circle.last_owner.role").On("role")
)

// may is the signed-in actor, if her session or token carries scope.
func may(ctx context.Context, scope string) (kernel.Actor, error) {
	a := kernel.ActorFrom(ctx)
	switch {
	case a.IsVisitor():
		return a, errSignIn
	case !a.May(scope):
		return a, errScope.With("scope", scope)
	}
	return a, nil
}

// mayLookAfter is nil for an owner.
func mayLookAfter(m Member) error {
	if m.Role != Owner {
		return errNotOwner
	}
	return nil
}

// mayGo says whether member m may leave, or be removed by an owner, when the circle
// counts n. The last owner hands over first; whoever is alone closes the circle.
func mayGo(m Member, n count) error {
	if m.Role == Owner && n.owners == 1 && n.members > 1 {
		return errLast
	}
	return nil
}

// mayBecome says whether member m may take a role when the circle counts n.
func mayBecome(m Member, r Role, n count) error {
	if m.Role == Owner && r != Owner && n.owners == 1 {
		return errLastRole
	}
	return nil
}
