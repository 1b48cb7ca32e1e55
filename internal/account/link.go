package account

import (
	"context"
	"encoding/base64"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/secret"
)

// linkKind says what a link opens, once.
type linkKind string

const (
	linkSetup  linkKind = "setup"  // the account of the first owner
	linkEnter  linkKind = "enter"  // the account that the operator has just made
	linkLost   linkKind = "lost"   // the account of somebody who lost everything
	linkInvite linkKind = "invite" // an account, where registration is by invitation
	linkMail   linkKind = "mail"   // proof that an address is hers
	linkSpent  linkKind = "spent"  // nothing any more: another context's, which opened an account
)

const (
	setupFor  = 7 * 24 * time.Hour
	enterFor  = 24 * time.Hour
	lostAfter = 72 * time.Hour // time for the owner of the account to say no
	lostFor   = 7 * 24 * time.Hour
	inviteFor = 7 * 24 * time.Hour
	mailFor   = 3 * 24 * time.Hour
	spentFor  = 90 * 24 * time.Hour // longer than any invitation lasts
)

// link is one that still opens something. Its token is not kept.
type link struct {
	Digest, ID              string
	Kind                    linkKind
	Person                  kernel.PersonID // whose; of an invitation, who invites
	About                   string          // digest of the address to prove
	MadeAt, OpensAt, EndsAt db.Time
}

var (
	errLinkOver  = kernel.NewFault(kernel.Gone, "account.link.over")
	errLinkEarly = kernel.NewFault(kernel.Forbidden, "account.link.early")
)

// newLink makes a link that opens at once or after a while, and its token.
func (s *Service) newLink(l link, after, lasts time.Duration) (secret.Text, link) {
	token, sum := secret.NewToken()
	now := s.DB.Now()
	l.Digest = base64.RawURLEncoding.EncodeToString(sum)
	l.ID = kernel.NewID[string]("lnk", now)
	l.MadeAt, l.OpensAt, l.EndsAt = db.At(now), db.At(now.Add(after)), db.At(now.Add(after+lasts))
	return token, l
}

// look finds a link of one of the kinds that has not ended. It may not be open yet.
func look(ctx context.Context, q db.Querier, token string, now time.Time, kinds ...linkKind) (link, error) {
	l, err := linkByDigest(ctx, q, digest(token))
	if err != nil {
		return l, err
	}
	for _, k := range kinds {
		if l.Kind == k && l.EndsAt.After(now) {
			return l, nil
		}
	}
	return l, errLinkOver
}

// use takes a link: it serves once.
func use(ctx context.Context, tx *db.Tx, token string, kinds ...linkKind) (link, error) {
	l, err := look(ctx, tx, token, tx.Now, kinds...)
	if err != nil {
		return l, err
	}
	if l.OpensAt.After(tx.Now) {
		return l, errLinkEarly.With("when", i18n.Moment(ctx, l.OpensAt.Time)).After(l.OpensAt.Sub(tx.Now))
	}
	return l, deleteLink(ctx, tx, digest(token))
}

// Waiting is a sign-in link as its page shows it.
type Waiting struct {
	OpensAt time.Time
	Open    bool
}

// EnterLink says whether a sign-in link opens, without using it. Gone if it does
// not, or no more.
func (s *Service) EnterLink(ctx context.Context, token string) (Waiting, error) {
	now := s.DB.Now()
	l, err := look(ctx, s.DB.Read(), token, now, linkEnter, linkLost)
	return Waiting{l.OpensAt.Time, !l.OpensAt.After(now)}, err
}

// Enter signs in by a link of the operator, which then is used up, as are all
// others that were made for the person.
func (s *Service) Enter(ctx context.Context, token string, v Visit) (session secret.Text, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		l, err := use(ctx, tx, token, linkEnter, linkLost)
		if err != nil {
			return err
		}
		if err := deleteLinks(ctx, tx, l.Person, linkEnter, linkLost); err != nil {
			return err
		}
		if err := setAlert(ctx, tx, l.Person, db.Time{}); err != nil {
			return err
		}
		session, err = s.begin(ctx, tx, l.Person, ByLink, v)
		return err
	})
	return session, err
}

// LostLink makes the link for somebody who lost everything. It opens after 72 hours
// and says so at once in the person's open sessions, in her journal and by mail, if
// she has proved an address: she can cancel it. It is for the command line.
func (s *Service) LostLink(ctx context.Context, person kernel.PersonID) (url string, opens time.Time, err error) {
	r, err := personByID(ctx, s.DB.Read(), person)
	if err != nil {
		return "", opens, err
	}
	token, l := s.newLink(link{Kind: linkLost, Person: person}, lostAfter, lostFor)
	if _, err := s.Gate.Operator(ctx, person, gate.ActSignLink); err != nil {
		return "", opens, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := deleteLinks(ctx, tx, person, linkLost); err != nil {
			return err
		}
		if err := insertLink(ctx, tx, l); err != nil {
			return err
		}
		if err := setAlert(ctx, tx, person, l.OpensAt); err != nil {
			return err
		}
		return s.announceLost(ctx, tx, r, l.OpensAt.Time)
	})
	return s.url("/enter/" + token.Reveal()), l.OpensAt.Time, err
}

// announceLost writes to the person, where she proved an address.
func (s *Service) announceLost(ctx context.Context, tx *db.Tx, r personRow, opens time.Time) error {
	if !s.canPost() || !r.MailConfirmed {
		return nil
	}
	address, err := s.opened(purposeMail, r.sealed)
	if err != nil {
		return err
	}
	hers := i18n.At(i18n.In(ctx, r.Lang), kernel.Actor{Zone: r.Zone}.Location())
	return s.Post.Notify(ctx, tx, r.ID, address, r.Lang, "account.post.lost",
		"name", r.Name, "when", i18n.Moment(hers, opens), "link", s.url("/account/security"))
}

// CancelLost lets the person say that she lost nothing: the link opens no more.
func (s *Service) CancelLost(ctx context.Context) error {
	a, err := may(ctx, "write")
	if err != nil {
		return err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		if err := deleteLinks(ctx, tx, a.Person, linkLost); err != nil {
			return "", err
		}
		return string(a.Person), setAlert(ctx, tx, a.Person, db.Time{})
	})
}

// Alert says when a link for somebody who lost everything will open the actor's
// account, if one was made: every page of an open session tells her. It reads
// nothing: Recognise has just read it.
func (s *Service) Alert(ctx context.Context) (opens time.Time, ok bool) {
	v, ok := s.alerts.Load(kernel.ActorFrom(ctx).Person)
	if !ok {
		return time.Time{}, false
	}
	return v.(time.Time), true //nolint:forcetypeassert // only times are stored, in heard
}

// heard keeps what a person's row says about such a link.
func (s *Service) heard(h holder) {
	if h.AlertAt.IsZero() {
		s.alerts.Delete(h.Person)
		return
	}
	s.alerts.Store(h.Person, h.AlertAt.Time)
}
