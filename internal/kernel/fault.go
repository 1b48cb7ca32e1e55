package kernel

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what went wrong in words a person or a status code can be chosen for.
type Kind string

// The kinds. Add one only when a caller must act on it.
const (
	Invalid         Kind = "invalid"         // the request itself is wrong
	Malformed       Kind = "malformed"       // the request cannot even be read
	Unauthenticated Kind = "unauthenticated" // sign in first
	Forbidden       Kind = "forbidden"       // seen, but not allowed
	NotFound        Kind = "not_found"       // absent, or hidden from this actor
	Conflict        Kind = "conflict"        // the state has moved on
	Gone            Kind = "gone"            // was here, is no more
	TooLarge        Kind = "too_large"       // beyond a limit of size
	Unsupported     Kind = "unsupported"     // a kind of file we do not take
	TooMany         Kind = "too_many"        // beyond a limit of rate or quota
	Unavailable     Kind = "unavailable"     // try again soon
	Internal        Kind = "internal"        // ours to fix
)

// Fault is an error with a kind and the key of a translated message.
// Only Key and Args ever reach a person; the wrapped cause reaches the log.
type Fault struct {
	Kind  Kind
	Key   string        // for instance "circle.name.too_long"
	Args  []any         // pairs that fill the holes of the message: "max", 120
	Field string        // the form field or JSON member to point at, if any
	Wait  time.Duration // how long to wait before trying again, if known
	cause error
}

// Error is for logs, never for a person.
func (f *Fault) Error() string {
	if f.cause != nil {
		return fmt.Sprintf("%s %s: %v", f.Kind, f.Key, f.cause)
	}
	return string(f.Kind) + " " + f.Key
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.cause }

// NewFault builds a fault without a cause.
func NewFault(k Kind, key string) *Fault { return &Fault{Kind: k, Key: key} }

// On points the fault at a form field.
func (f *Fault) On(field string) *Fault { c := *f; c.Field = field; return &c }

// With fills holes of the message: With("max", 120).
func (f *Fault) With(args ...any) *Fault {
	c := *f
	c.Args = append(append([]any{}, f.Args...), args...)
	return &c
}

// After says when trying again makes sense.
func (f *Fault) After(d time.Duration) *Fault { c := *f; c.Wait = d; return &c }

// Because attaches the cause.
func (f *Fault) Because(err error) *Fault { c := *f; c.cause = err; return &c }

// Is lets errors.Is match two faults by kind and key.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Kind == f.Kind && t.Key == f.Key
}

// KindOf is Internal for every error that is not a Fault.
func KindOf(err error) Kind {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f.Kind
	}
	return Internal
}
