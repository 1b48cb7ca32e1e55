package peer

import (
	"context"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/secret"
)

const (
	guestsOfOne = 3                  // people who may answer one request as guests
	guestIdle   = 7 * 24 * time.Hour // a guest who wrote nothing is forgotten so long after the request is over
)

// guestID names the one item a guest keeps about herself.
const guestID kernel.ItemID = "gst_me"

// guestBody is what a guest said of herself.
type guestBody struct {
	Mail   string `cbor:"1,keyasint,omitempty"`
	Proven bool   `cbor:"2,keyasint,omitempty"` // a code mailed there came back
}

// guestRow is a guest as she is stored.
type guestRow struct {
	Person    kernel.PersonID
	Digest    string
	Grant     kernel.GrantID
	Door      string
	MadeAt    db.Time
	Code      string
	CodeEnds  db.Time
	CodeTries int
}

// Guest is what a guest sees of herself on her own page.
type Guest struct {
	Mail    string
	Proven  bool
	Coming  bool // a code is on its way
	State   State
	Written []Written
	URL     string // of this page: the only way back to it
}

// Open reports whether what she was asked still waits for her.
func (g Guest) Open() bool { return g.State == Waiting || g.State == Later }

var (
	errGuests    = kernel.NewFault(kernel.TooMany, "peer.guest.too_many").With("max", guestsOfOne)
	errNotLinked = kernel.NewFault(kernel.Forbidden, "peer.guest.signed_in")
)

// token is that of a guest's page: made again from her id, so that a repeated
// request leads to the same page.
func (s *Service) token(person kernel.PersonID) secret.Text {
	sum := s.Keys.Digest("peer.guest.token", string(person))
	return secret.New(strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20])))
}

func digest(token string) string {
	return base64.RawURLEncoding.EncodeToString(secret.Digest(token))
}

// guestPath is the page of a guest.
func (s *Service) guestPath(person kernel.PersonID) string {
	return guestPath + s.token(person).Reveal()
}

// Recognise says whose page a token opens: the zero Actor for none. A guest may do
// what her own page offers, and has no name but the one she signs with.
func (s *Service) Recognise(ctx context.Context, c gate.Credential) (kernel.Actor, error) {
	row, err := guestByDigest(ctx, s.DB.Read(), digest(strings.ToLower(c.Guest)))
	if errors.Is(err, errNoGuest) {
		return kernel.Actor{}, nil
	}
	if err != nil {
		return kernel.Actor{}, err
	}
	return kernel.Actor{Person: row.Person, Scopes: []string{"read", "write", "erase"}}, nil
}

// Become makes a guest of a visitor who wants to answer a request by its link, and
// gives the path of her own page.
//
// Forbidden for who is signed in: she answers with her account.
func (s *Service) Become(ctx context.Context, token string) (path string, err error) {
	if !kernel.ActorFrom(ctx).IsVisitor() {
		return "", errNotLinked
	}
	a, err := s.Open(ctx, s.ByLink(token))
	if err != nil {
		return "", err
	}
	now := s.DB.Now()
	person := kernel.NewID[kernel.PersonID](guestPrefix, now)
	if err := s.Gate.Welcome(ctx, person); err != nil {
		return "", err
	}
	row := guestRow{
		Person: person, Digest: digest(s.token(person).Reveal()), Grant: a.errand.Grant, MadeAt: db.At(now),
		Door: base64.StdEncoding.EncodeToString(s.Keys.SealText(doorPurpose(person), []byte(token))),
	}
	made, err := s.do(ctx, func(tx *db.Tx) (string, error) {
		n, err := countGuests(ctx, tx, row.Grant)
		if err != nil {
			return "", err
		}
		if n >= guestsOfOne {
			return "", errGuests
		}
		if err := s.Gate.Admit(ctx, tx, person); err != nil {
			return "", err
		}
		return string(person), insertGuest(ctx, tx, row)
	})
	return s.guestPath(kernel.PersonID(made)), err
}

// doorPurpose ties the sealed link to its row: swapped rows do not open.
func doorPurpose(person kernel.PersonID) string { return "peer.guest.door " + string(person) }

// ByGuest is the door of a guest: the link of the request she came by.
func (s *Service) ByGuest(ctx context.Context) (gate.Pass, error) {
	a, err := asGuest(ctx)
	if err != nil {
		return gate.Pass{}, err
	}
	row, err := guestByID(ctx, s.DB.Read(), a.Person)
	if err != nil {
		return gate.Pass{}, err
	}
	raw, err := base64.StdEncoding.DecodeString(row.Door)
	if err != nil {
		return gate.Pass{}, err
	}
	token, err := s.Keys.OpenText(doorPurpose(a.Person), raw)
	if err != nil {
		return gate.Pass{}, err
	}
	return s.Gate.BorrowByLink(ctx, string(token), Room)
}

// Guest is the page of the guest who asks.
func (s *Service) Guest(ctx context.Context) (Guest, error) {
	a, err := asGuest(ctx)
	if err != nil {
		return Guest{}, err
	}
	row, err := guestByID(ctx, s.DB.Read(), a.Person)
	if err != nil {
		return Guest{}, err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return Guest{}, err
	}
	it, err := s.guestItem(ctx, pass)
	if err != nil {
		return Guest{}, err
	}
	g := Guest{
		Mail: it.body.Mail, Proven: it.body.Proven, Coming: row.Code != "" && s.DB.Now().Before(row.CodeEnds.Time),
		State: Over, URL: s.url(s.guestPath(a.Person)),
	}
	request, err := requestByGrant(ctx, s.DB.Read(), row.Grant)
	switch {
	case errors.Is(err, errNoRequest): // who asked has left
	case err != nil:
		return Guest{}, err
	case request.waits(s.DB.Now()):
		g.State = request.State
	}
	g.Written, err = s.Wrote(ctx)
	return g, err
}

// keptGuest is the item of a guest, opened.
type keptGuest struct {
	version int64
	body    guestBody
}

// guestItem reads what a guest said of herself; nothing so far is no error.
func (s *Service) guestItem(ctx context.Context, pass gate.Pass) (k keptGuest, err error) {
	it, err := s.Gate.Get(ctx, pass, guestID)
	if kernel.KindOf(err) == kernel.NotFound {
		return k, nil
	}
	if err != nil {
		return k, err
	}
	k.version = it.Version
	k.body, err = decode[guestBody](it)
	return k, err
}

func (s *Service) sealGuest(ctx context.Context, pass gate.Pass, k keptGuest) (gate.Sealed, error) {
	body, err := encode(k.body)
	if err != nil {
		return gate.Sealed{}, err
	}
	return s.Gate.Seal(ctx, pass, gate.Item{ID: guestID, Room: Room, Version: k.version, View: gate.View{Never: true}, Body: body})
}

// EraseGuest erases the guest who asks, and everything she keeps here. What she
// wrote stands with whom it is about, unless she takes all of it back first.
func (s *Service) EraseGuest(ctx context.Context, revoke bool) error {
	a, err := asGuest(ctx)
	if err != nil {
		return err
	}
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	words, err := s.Wrote(ctx)
	if err != nil {
		return err
	}
	taking, err := s.Signer.Revoker(ctx, pass)
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		for _, w := range words {
			if revoke && w.Revoked.IsZero() {
				if err := takeBack(ctx, tx, taking, w); err != nil {
					return err
				}
			}
		}
		return s.leaveGuest(ctx, tx, a.Person)
	})
	if err != nil {
		return err
	}
	// She is gone from here on: whoever asked may hang up, the key goes all the same;
	// if this is cut short, the sweep of keys without an owner does it.
	return s.Gate.Forget(context.WithoutCancel(ctx), a.Person)
}

// leaveGuest removes everything of a guest, in one transaction.
func (s *Service) leaveGuest(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	if err := s.Depart(ctx, tx, person); err != nil {
		return err
	}
	if _, err := s.Gate.Leave(ctx, tx, person); err != nil {
		return err
	}
	return deleteGuest(ctx, tx, person)
}

// Sweep erases guests who wrote nothing and whose request is long over.
func (s *Service) Sweep(ctx context.Context) error {
	people, err := idleGuests(ctx, s.DB.Read(), s.DB.Now().Add(-guestIdle))
	if err != nil {
		return err
	}
	for _, person := range people {
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.leaveGuest(ctx, tx, person) }); err != nil {
			return err
		}
		if err := s.Gate.Forget(ctx, person); err != nil {
			return err
		}
	}
	return nil
}

// domainOf is the part of an address that says whose server answers for it.
func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }
