package app

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/credential/statuslist"
	"digiwork/internal/peer"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/web"
	"digiwork/internal/signing"
)

// peerPart joins package peer.
var peerPart = part{
	name:     "peer",
	tables:   peer.Migrations,
	messages: peer.Messages,
	archive:  peer.Archive{},
	join: func(a *App, o options) joined {
		a.Peer = &peer.Service{
			DB: a.DB, Gate: a.Gate, Keys: a.Keys, Post: a.Post, Base: o.base, SignIn: "/sign-in", Verify: "/verify",
			Signer: peerSigner{a.Signing}, People: a.Account, Companions: companions{a}, Depart: a.depart,
			Looks: web.NewLimiter(60, time.Second, time.Now), Guests: web.NewLimiter(10, time.Minute, time.Now),
		}
		for _, d := range revelerPages {
			a.Peer.Neighbours = append(a.Peer.Neighbours, peer.Neighbour(d))
		}
		a.Gate.Sessions = ways{a.Gate.Sessions, a.Peer}
		if a.Gate.Fallen == nil {
			a.Gate.Fallen = map[string]gate.Fallen{}
		}
		a.Gate.Fallen[peer.Room] = a.Peer
		return joined{pages: a.Peer.Pages, api: a.Peer.API, leaver: a.Peer, sweep: a.Peer.Sweep}
	},
}

// ways are how somebody is recognised: by an account, or by a guest's own page.
type ways struct {
	account gate.Sessions
	guests  gate.Sessions
}

// Recognise implements gate.Sessions.
func (w ways) Recognise(ctx context.Context, c gate.Credential) (kernel.Actor, error) {
	if c.Guest != "" {
		return w.guests.Recognise(ctx, c)
	}
	return w.account.Recognise(ctx, c)
}

// guestToken is that of the guest's own page a request is for. There, nothing but it
// is looked at: a guest's page knows nothing of who is signed in, and the reverse.
func guestToken(r *http.Request) (string, bool) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/g/")
	token, _, _ := strings.Cut(rest, "/")
	return token, ok && token != ""
}

// depart has every context remove what it keeps of a guest who leaves.
func (a *App) depart(ctx context.Context, tx *db.Tx, guest kernel.PersonID) error {
	for _, l := range a.leavers() {
		if _, _, err := l.Leave(ctx, tx, guest); err != nil {
			return err
		}
	}
	return nil
}

// peerSigner lets peers sign with the keys and lists of package signing.
type peerSigner struct{ s *signing.Service }

// Person implements peer.Signer.
func (p peerSigner) Person(ctx context.Context, pass gate.Pass) (credential.Issuer, error) {
	return p.s.Person(ctx, pass)
}

// Reserve implements peer.Signer.
func (p peerSigner) Reserve(ctx context.Context, tx *db.Tx, author kernel.PersonID, by credential.Issuer) (map[string]any, error) {
	entries, err := p.s.Reserve(ctx, tx, signing.KindPerson, string(author), by, statuslist.Revocation)
	if err != nil {
		return nil, err
	}
	return entries[0].(map[string]any), nil //nolint:forcetypeassert // one purpose is one entry
}

// List implements peer.Signer.
func (p peerSigner) List(ctx context.Context, address string) ([]byte, error) {
	text, ok, err := p.s.Find(ctx, address)
	if err == nil && !ok {
		err = errors.New("the list of a reserved place is not served: " + address)
	}
	return text, err
}

// Revoker implements peer.Signer.
func (p peerSigner) Revoker(ctx context.Context, pass gate.Pass) (peer.Revoke, error) {
	mark, err := p.s.Marker(ctx, pass)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *db.Tx, status map[string]any) error { return mark(ctx, tx, status, true) }, nil
}

// companions are the people of somebody's circles.
type companions struct{ a *App }

// mostCompanions bounds how many are offered by name.
const mostCompanions = 500

// Companions implements peer.Companions.
func (c companions) Companions(ctx context.Context, person kernel.PersonID) (map[kernel.PersonID]string, error) {
	ids, err := c.a.Circle.CirclesOf(ctx, person)
	if err != nil {
		return nil, err
	}
	names := map[kernel.PersonID]string{}
	for _, id := range ids {
		lines, _, err := c.a.Circle.Members(ctx, id, "", mostCompanions)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			if !l.Me && l.Name != "" && len(names) < mostCompanions {
				names[l.Person] = l.Name
			}
		}
	}
	return names, nil
}
