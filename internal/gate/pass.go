package gate

import (
	"context"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Credential is what a request presents to be recognised.
type Credential struct {
	Cookie string // the session's token
	Bearer string // an API token
	Guest  string // the token of a guest's own page
}

// Sessions says whose a credential is. Another context provides it; it reads the
// database each time. The zero Actor is a visitor; an unknown bearer token is an
// Unauthenticated fault.
type Sessions interface {
	Recognise(ctx context.Context, c Credential) (kernel.Actor, error)
}

// Pass is the right to read or write items of one musette, for the time of one
// request. Only this package makes one; the zero Pass panics when used.
type Pass struct{ p *pass }

type pass struct {
	ctx   context.Context // the request the pass dies with
	owner kernel.PersonID
	hers  bool        // it is the owner's own
	grant *opened     // a face that is shown, or items that are lent
	kept  *frozenCopy // a copy that stays with a circle, whatever became of the loan
}

// errOver says that a pass was kept beyond its request.
var errOver = errors.New("gate: a pass was used after its request had ended")

// Owner is whose musette the pass opens.
func (p Pass) Owner() kernel.PersonID {
	if p.p == nil {
		panic("gate: a pass that nobody gave was used")
	}
	return p.p.owner
}

// own is the owner for whom everything is open; other passes are refused.
func (p Pass) own() (kernel.PersonID, error) {
	owner := p.Owner()
	if p.p.ctx.Err() != nil {
		return "", errOver
	}
	if !p.p.hers {
		return "", errNotOwner
	}
	return owner, nil
}

var (
	errNotOwner = kernel.NewFault(kernel.Forbidden, "gate.not_owner")
	errSignIn   = kernel.NewFault(kernel.Unauthenticated, "gate.sign_in")
)

// admission is the proof that the gate itself recognised who asks. Its key is
// unexported: nobody else can put one into a context.
type admission struct{ person kernel.PersonID }

type admissionKey struct{}

// Enter recognises who presents c and returns the context of her request: the
// Actor for rules about shared things, and the gate's own admission for Own.
// Only app's middleware calls it.
func (s *Service) Enter(ctx context.Context, c Credential) (context.Context, error) {
	a, err := s.Sessions.Recognise(ctx, c)
	if err != nil {
		return ctx, err
	}
	return admit(ctx, a), nil
}

func admit(ctx context.Context, a kernel.Actor) context.Context {
	ctx = kernel.WithActor(ctx, a)
	if a.IsVisitor() {
		return ctx
	}
	return context.WithValue(ctx, admissionKey{}, admission{a.Person})
}

// Own is the pass of the person of this request on her own musette.
// Unauthenticated for a visitor.
func (s *Service) Own(ctx context.Context) (Pass, error) {
	a, ok := ctx.Value(admissionKey{}).(admission)
	if !ok || a.person == "" || a.person != kernel.ActorFrom(ctx).Person {
		return Pass{}, errSignIn
	}
	return Pass{&pass{ctx: ctx, owner: a.person, hers: true}}, nil
}

// Operator lets the command line act on person's musette: import, export, erase.
// act is one of the Act constants; the line in her journal is durable before
// this returns, and cannot be switched off.
func (s *Service) Operator(ctx context.Context, person kernel.PersonID, act Act) (context.Context, error) {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.note(ctx, tx, person, entry{what: string(act), who: operator})
	})
	if err != nil {
		return ctx, err
	}
	all := []string{"read", "write", "share", "import", "export", "erase"}
	return admit(ctx, kernel.Actor{Person: person, Lang: kernel.ActorFrom(ctx).Lang, Scopes: all}), nil
}

// Act is something the operator of the instance did to somebody's musette.
type Act string

// What an operator does leaves one of these in the journal.
const (
	ActImport   Act = "operator.import"
	ActExport   Act = "operator.export"
	ActErase    Act = "operator.erase"
	ActToken    Act = "operator.token"
	ActSignLink Act = "operator.sign_in_link"
	ActOther    Act = "operator.act"
)

// Who is not a person, in the journal.
const (
	operator = "operator" // whoever runs the machine
	whoLink  = "link"     // whoever holds a link
)

// What was looked at, in the journal.
const (
	whatFace    = "face"
	whatPiece   = "piece"
	whatLoan    = "loan"      // a request that borrowed
	whatFile    = "loan_file" // a file that was lent
	whatDeposit = "deposit"   // an answer was left in her musette
	whatKept    = "kept"      // a frozen copy was kept with a decision
	whatRefused = "refused"   // a link that is over was tried: nothing was seen
)
