package account

import (
	"context"
	"slices"
	"time"

	"digiwork/internal/kernel"
)

var (
	errScope = kernel.NewFault(kernel.Forbidden, "account.scope")
	errOwner = kernel.NewFault(kernel.Forbidden, "account.owner_only")
)

// signedIn is the actor, or Unauthenticated for a visitor.
func signedIn(ctx context.Context) (kernel.Actor, error) {
	a := kernel.ActorFrom(ctx)
	if a.IsVisitor() {
		return a, errSignIn
	}
	return a, nil
}

// may is the signed-in actor, if her session or token carries scope.
func may(ctx context.Context, scope string) (kernel.Actor, error) {
	a, err := signedIn(ctx)
	if err == nil && !a.May(scope) {
		err = errScope.With("scope", scope)
	}
	return a, err
}

// owner is the actor, if she keeps the instance and sits at a browser: a program
// does not change who may come in.
func owner(ctx context.Context) (kernel.Actor, error) {
	a, err := signedIn(ctx)
	if err == nil && (!a.Admin || a.SignedAt.IsZero()) {
		err = errOwner
	}
	return a, err
}

// recent is the actor, if she signed in a moment ago in a browser: what opens
// another door to her account asks for it.
func recent(ctx context.Context, now time.Time) (kernel.Actor, error) {
	a, err := signedIn(ctx)
	if err == nil && now.Sub(a.SignedAt) >= fresh {
		err = errFresh
	}
	return a, err
}

// maySpread are the scopes the actor may give to a new token: never more than she
// holds herself, and the instance's own signature only if she keeps the instance.
func maySpread(a kernel.Actor) []string {
	return slices.DeleteFunc(slices.Clone(allScopes), func(scope string) bool {
		return !a.May(scope) || scope == "vc-api" && !a.Admin
	})
}
