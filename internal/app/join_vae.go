package app

import (
	"context"

	"digiwork/internal/circle"
	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
	"digiwork/internal/platform/db"
	"digiwork/internal/recognition"
	"digiwork/internal/signing"
	"digiwork/internal/vae"
)

func init() {
	revelerPages = append(revelerPages, recognition.Door{Path: "/reveler/vae", Key: "vae.nav"})
}

// vaePart joins package vae.
var vaePart = part{
	name:     "vae",
	tables:   vae.Migrations,
	messages: vae.Messages,
	archive:  vae.Archive{},
	join: func(a *App, o options) joined {
		var doors []vae.Door
		for _, d := range revelerPages {
			doors = append(doors, vae.Door(d))
		}
		a.VAE = &vae.Service{
			DB: a.DB, Gate: a.Gate, Register: &vae.Register{Books: a.Recognition.Library}, Circles: vaeCircles{a.Circle},
			People: a.Account, Signers: vaeSigners{a.Signing}, Badges: a.Badge, Notices: vaeNotices{a, o.base}, Doors: doors,
		}
		return joined{pages: a.VAE.Pages, leaver: vaeLeaver{a.VAE}, sweep: a.VAE.Sweep}
	},
}

// vaeCircles tells vae of circles.
type vaeCircles struct{ s *circle.Service }

// Mine implements vae.Circles.
func (c vaeCircles) Mine(ctx context.Context) ([]vae.Circle, error) {
	var all []vae.Circle
	for cursor := ""; ; {
		views, next, err := c.s.Mine(ctx, cursor, 200)
		if err != nil {
			return nil, err
		}
		for _, v := range views {
			all = append(all, vae.Circle{ID: v.ID, Name: v.Name, Owner: v.Role == circle.Owner})
		}
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
}

// Names implements vae.Circles.
func (c vaeCircles) Names(ctx context.Context, ids []kernel.CircleID) (map[kernel.CircleID]string, error) {
	return c.s.CircleNames(ctx, ids)
}

// vaeSigners sign for people and circles.
type vaeSigners struct{ s *signing.Service }

// Person implements vae.Signers.
func (v vaeSigners) Person(ctx context.Context, p gate.Pass) (credential.Issuer, error) {
	return v.s.Person(ctx, p)
}

// Circle implements vae.Signers.
func (v vaeSigners) Circle(ctx context.Context, id kernel.CircleID) (credential.Issuer, error) {
	return v.s.Circle(ctx, id)
}

// Reserve implements vae.Signers.
func (v vaeSigners) Reserve(ctx context.Context, tx *db.Tx, id kernel.CircleID, by credential.Issuer) ([]any, error) {
	return v.s.Reserve(ctx, tx, signing.KindCircle, string(id), by, "revocation", "suspension")
}

// vaeNotices write to people who asked to be reminded.
type vaeNotices struct {
	a    *App
	base string
}

// Ready implements vae.Notices.
func (n vaeNotices) Ready(ctx context.Context, person kernel.PersonID) (now, later bool, err error) {
	if _, _, ok, err := n.a.Account.MailOf(ctx, person); err != nil || !ok || !n.a.Post.Configured() {
		return false, false, err
	}
	at := n.a.DB.Now()
	until, ok, err := n.a.Account.QuietUntil(ctx, person, at)
	return ok && !until.After(at), ok, err
}

// Remind implements vae.Notices.
func (n vaeNotices) Remind(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	address, lang, ok, err := n.a.Account.MailOf(ctx, person)
	if err != nil || !ok {
		return err
	}
	return n.a.Post.Notify(ctx, tx, person, address, lang, "vae.post.reminder", "url", n.base+"/reveler/vae")
}

// vaeLeaver says what becomes of copies and words of a person who leaves.
type vaeLeaver struct{ s *vae.Service }

// Leaves implements account.Leaver.
func (l vaeLeaver) Leaves(ctx context.Context, person kernel.PersonID) (goes, stays map[string]int, err error) {
	open, decided, err := l.s.Leaving(ctx, person)
	return map[string]int{"vae.leaving.undecided": open}, map[string]int{"vae.leaving.decided": decided}, err
}

// Leave implements account.Leaver.
func (l vaeLeaver) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (gone, stays map[string]int, err error) {
	open, decided, err := l.s.Leave(ctx, tx, person)
	return map[string]int{"vae.leaving.undecided": open}, map[string]int{"vae.leaving.decided": decided}, err
}
