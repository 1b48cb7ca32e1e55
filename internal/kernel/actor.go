package kernel

import (
	"context"
	"slices"
	"time"
)

// Actor is who asks. The zero Actor is a visitor.
//
// Being an Actor opens nothing of a musette: only a gate.Pass does, and only the
// gate makes one. Actor serves the rules about shared things (circles, settings).
type Actor struct {
	Person   PersonID
	Name     string // the name she chose for herself on this instance
	Lang     string // "fr" or "en"
	Zone     string // IANA time zone, "Europe/Paris" if she never said
	Theme    string // "light", "dark" or "" for the system's choice
	Admin    bool   // owner of the instance
	Demo     bool   // the account belongs to the demo and vanishes at reset
	Session  string // id of the session or token, for "this device"
	Scopes   []string
	SignedAt time.Time // when this session signed in; zero for a token
}

// IsVisitor reports whether nobody is signed in.
func (a Actor) IsVisitor() bool { return a.Person == "" }

// May reports whether the actor's session or token carries scope.
// A session in a browser carries every scope; a token those it was made with.
func (a Actor) May(scope string) bool { return slices.Contains(a.Scopes, scope) }

// Location is the actor's time zone, Paris when unknown.
func (a Actor) Location() *time.Location {
	for _, name := range []string{a.Zone, "Europe/Paris"} {
		if l, err := time.LoadLocation(name); err == nil && name != "" {
			return l
		}
	}
	return time.UTC
}

type actorKey struct{}

// WithActor returns a context that carries the actor. Only gate and app call it;
// the house rules check it.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom returns the actor, or a visitor.
func ActorFrom(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
