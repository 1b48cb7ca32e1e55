package peer

import (
	"context"
	"strings"

	"digiwork/internal/kernel"
)

var (
	errSignIn  = kernel.NewFault(kernel.Unauthenticated, "peer.sign_in")
	errScope   = kernel.NewFault(kernel.Forbidden, "peer.scope")
	errSelf    = kernel.NewFault(kernel.Forbidden, "peer.self")
	errNoGuest = kernel.NewFault(kernel.NotFound, "peer.guest.not_found")
)

// may is the actor, if her session, token or own page carries scope.
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

// guestPrefix begins the id of a guest.
const guestPrefix = "gst"

// isGuest reports whether a person is a guest: she has a page of her own and no
// account.
func isGuest(id kernel.PersonID) bool { return strings.HasPrefix(string(id), guestPrefix+"_") }

// asGuest is the guest whose page this is.
func asGuest(ctx context.Context) (kernel.Actor, error) {
	a := kernel.ActorFrom(ctx)
	if !isGuest(a.Person) {
		return a, errNoGuest
	}
	return a, nil
}
