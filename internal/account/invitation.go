package account

import (
	"context"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/once"
)

// mostInvitations is how many of one person wait at the same time.
const mostInvitations = 20

var (
	errInvitations  = kernel.NewFault(kernel.TooMany, "account.invitations.too_many").With("max", mostInvitations)
	errNoInvitation = kernel.NewFault(kernel.NotFound, "account.invitations.not_found")
)

// Invitation is a link to the instance that somebody here gave and nobody used.
type Invitation struct {
	ID             string
	MadeAt, EndsAt time.Time
}

// Invitations lists the actor's invitations that wait.
func (s *Service) Invitations(ctx context.Context) ([]Invitation, error) {
	a, err := may(ctx, "read")
	if err != nil {
		return nil, err
	}
	links, err := linksOf(ctx, s.DB.Read(), a.Person, linkInvite, db.At(s.DB.Now()))
	all := make([]Invitation, len(links))
	for i, l := range links {
		all[i] = Invitation{l.ID, l.MadeAt.Time, l.EndsAt.Time}
	}
	return all, err
}

// Invite makes an invitation to the instance, single-use, for seven days, and sends
// it where mail can be sent and an address is given. The link is shown once: its
// token is not kept. Forbidden while registration is closed.
func (s *Service) Invite(ctx context.Context, address string) (url string, sent bool, err error) {
	a, err := may(ctx, "share")
	if err != nil {
		return "", false, err
	}
	if address, err = cleanMail(address); err != nil {
		return "", false, err
	}
	token, l := s.newLink(link{Kind: linkInvite, Person: a.Person}, 0, inviteFor)
	url = s.url("/join/" + token.Reveal())
	again, sent := false, address != "" && s.canPost()
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		_, again, err = once.Do(ctx, tx, func() (string, error) {
			if err := s.mayInvite(ctx, tx, a.Person); err != nil {
				return "", err
			}
			if err := insertLink(ctx, tx, l); err != nil {
				return "", err
			}
			if !sent {
				return l.ID, nil
			}
			return l.ID, s.Post.Send(ctx, tx, a.Person, address, i18n.Lang(ctx), "account.post.invite", "name", a.Name, "link", url)
		})
		return err
	})
	if err == nil && again && !sent {
		err = errShown
	}
	return url, sent, err
}

// mayInvite says whether a person may make one more invitation.
func (s *Service) mayInvite(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	m, err := mode(ctx, tx)
	if err != nil {
		return err
	}
	if m == Closed {
		return errClosed
	}
	waiting, err := linksOf(ctx, tx, person, linkInvite, db.At(tx.Now))
	if err == nil && len(waiting) >= mostInvitations {
		err = errInvitations
	}
	return err
}

// WithdrawInvitation closes one of the actor's invitations.
func (s *Service) WithdrawInvitation(ctx context.Context, id string) error {
	a, err := may(ctx, "share")
	if err != nil {
		return err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		return id, deleteLinkOf(ctx, tx, a.Person, linkInvite, id)
	})
}
