package instance

import (
	"context"

	"digiwork/internal/kernel"
)

var (
	errSignIn  = kernel.NewFault(kernel.Unauthenticated, "instance.sign_in")
	errNoPage  = kernel.NewFault(kernel.NotFound, "instance.not_found")
	errBrowser = kernel.NewFault(kernel.Forbidden, "instance.browser")
)

// keeper is the actor, if she keeps the instance and sits at a browser: the office
// is not for programs, which have the command line.
func keeper(ctx context.Context) (kernel.Actor, error) {
	a := kernel.ActorFrom(ctx)
	switch {
	case a.IsVisitor():
		return a, errSignIn
	case !a.Admin:
		return a, errNoPage
	case a.SignedAt.IsZero():
		return a, errBrowser
	}
	return a, nil
}
