package jsonld

import (
	"errors"
	"strings"
)

// The kinds of refusal.
var (
	// ErrUnknownContext is a context that the Loader does not have.
	ErrUnknownContext = errors.New("unknown context")
	// ErrContext is a context that breaks the rules of JSON-LD.
	ErrContext = errors.New("invalid context")
	// ErrProtected is a context that changes a protected term (JSON-LD, 4.1.11).
	ErrProtected = errors.New("redefinition of a protected term")
	// ErrDropped is data that no quad would say.
	ErrDropped = errors.New("data that would be lost")
	// ErrRelative is a reference without a scheme and with nothing to resolve it against.
	ErrRelative = errors.New("relative reference")
	// ErrInvalid is a document that breaks the rules of JSON-LD.
	ErrInvalid = errors.New("invalid JSON-LD")
	// ErrLimit is a document that is too deep, too large or asks for too much work.
	ErrLimit = errors.New("document beyond the limits")
)

// Error says what was refused and where. It wraps one of the kinds.
type Error struct {
	Kind error
	Path []string // names of the members from the top of the document
	What string   // the term, address or value
}

func (e *Error) Error() string {
	s := e.Kind.Error()
	if e.What != "" {
		s += ": " + e.What
	}
	if len(e.Path) > 0 {
		s += " (in " + e.Where() + ")"
	}
	return s
}

// Where is the place as a JSON pointer without indexes, "" at the top.
func (e *Error) Where() string {
	if len(e.Path) == 0 {
		return ""
	}
	return "/" + strings.Join(e.Path, "/")
}

// Unwrap gives the kind.
func (e *Error) Unwrap() error { return e.Kind }

const maxShown = 200

func refuse(kind error, what string) error {
	if len(what) > maxShown {
		what = strings.ToValidUTF8(what[:maxShown], "") + "…"
	}
	return &Error{Kind: kind, What: what}
}

// under puts the name of a member before the place of an error.
func under(name string, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		if len(name) > maxShown {
			name = strings.ToValidUTF8(name[:maxShown], "") + "…"
		}
		e.Path = append([]string{name}, e.Path...)
	}
	return err
}
