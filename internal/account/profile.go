package account

import (
	"context"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

var (
	errNobody   = kernel.NewFault(kernel.NotFound, "account.nobody").On("person")
	errNoProof  = kernel.NewFault(kernel.Conflict, "account.mail.nothing_to_prove")
	errMailAway = kernel.NewFault(kernel.Unavailable, "account.mail.away")
)

// person is a stored person with her address opened.
func (s *Service) person(r personRow) (Person, error) {
	p := r.Person
	var err error
	p.Mail, err = s.opened(purposeMail, r.sealed)
	return p, err
}

// Me is the actor herself.
func (s *Service) Me(ctx context.Context) (Person, error) {
	r, err := s.me(ctx)
	if err != nil {
		return Person{}, err
	}
	return s.person(r)
}

func (s *Service) me(ctx context.Context) (personRow, error) {
	a, err := may(ctx, "read")
	if err != nil {
		return personRow{}, err
	}
	r, err := personByID(ctx, s.DB.Read(), a.Person)
	if errors.Is(err, errNobody) { // she left since the request began
		return r, errSignIn
	}
	return r, err
}

// Ways says by which ways the actor can come in.
type Ways struct {
	Password bool
	Passkeys []Passkey
	Codes    int
	Linked   []Linked // by the provider
}

// Ways lists the actor's ways in.
func (s *Service) Ways(ctx context.Context) (Ways, error) {
	r, err := s.me(ctx)
	if err != nil {
		return Ways{}, err
	}
	keys, err := s.Passkeys(ctx)
	if err != nil {
		return Ways{}, err
	}
	left, err := s.CodesLeft(ctx)
	if err != nil {
		return Ways{}, err
	}
	linked, err := s.linked(ctx, r.ID)
	return Ways{r.password != "", keys, left, linked}, err
}

// SaveProfile replaces what the actor says of herself, if nobody changed it since
// version. A new address has to be proved again: a letter goes there.
//
// Refusals name every field at once; Conflict if version is not the current one.
func (s *Service) SaveProfile(ctx context.Context, version int64, p Profile) (Person, error) {
	a, err := may(ctx, "write")
	if err != nil {
		return Person{}, err
	}
	clean, err := p.checked()
	if err != nil {
		return Person{}, err
	}
	before, err := s.me(ctx)
	if err != nil {
		return Person{}, err
	}
	next := s.row(a.Person, clean)
	next.Version = version
	err = s.do(ctx, func(tx *db.Tx) (string, error) {
		same := next.digest == before.digest
		next.MailConfirmed = same && before.MailConfirmed
		if err := updatePerson(ctx, tx, next); err != nil || same {
			return string(a.Person), err
		}
		return string(a.Person), askedEnough(s.askProof(ctx, tx, a.Person, clean.Mail, clean.Lang))
	})
	if err != nil {
		return Person{}, err
	}
	return s.Me(ctx)
}

// KeepPreference keeps the language and the theme that the actor chose at the foot
// of a page; "" is no choice. It does nothing for a visitor.
func (s *Service) KeepPreference(ctx context.Context, lang, theme string) error {
	a := kernel.ActorFrom(ctx)
	if a.IsVisitor() || lang == "" && theme == "" {
		return nil
	}
	if _, err := cleanLang(lang); lang != "" && err != nil {
		return err
	}
	set := theme != ""
	if theme == "system" {
		theme = ""
	}
	if _, err := cleanTheme(theme); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return preference(ctx, tx, a.Person, lang, theme, set) })
}

// PersonByHandle finds somebody for the command line. NotFound if there is none.
func (s *Service) PersonByHandle(ctx context.Context, handle string) (kernel.PersonID, error) {
	r, err := personByHandle(ctx, s.DB.Read(), foldHandle(handle))
	return r.ID, err
}

// MailOf is where a person wants to be written to, and in which language: only an
// address she proved. ok is false if there is none.
func (s *Service) MailOf(ctx context.Context, person kernel.PersonID) (address, lang string, ok bool, err error) {
	r, err := personByID(ctx, s.DB.Read(), person)
	if errors.Is(err, errNobody) || err == nil && !r.MailConfirmed {
		return "", "", false, nil
	}
	if err != nil {
		return "", "", false, err
	}
	address, err = s.opened(purposeMail, r.sealed)
	return address, r.Lang, err == nil && address != "", err
}

// QuietUntil is the first moment from at on at which something may reach a person:
// at itself outside her quiet hours. It is false if every day is quiet, or if she
// has left.
func (s *Service) QuietUntil(ctx context.Context, person kernel.PersonID, at time.Time) (time.Time, bool, error) {
	r, err := personByID(ctx, s.DB.Read(), person)
	if errors.Is(err, errNobody) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, err
	}
	end, ok := r.Quiet.End(at.In(kernel.Actor{Zone: r.Zone}.Location()))
	return end, ok, nil
}

// askProof writes to an address to ask whether it is hers, where mail can be sent.
func (s *Service) askProof(ctx context.Context, tx *db.Tx, person kernel.PersonID, address, lang string) error {
	if address == "" || !s.canPost() {
		return nil
	}
	if err := deleteLinks(ctx, tx, person, linkMail); err != nil {
		return err
	}
	token, l := s.newLink(link{Kind: linkMail, Person: person, About: s.mailDigest(address)}, 0, mailFor)
	if err := insertLink(ctx, tx, l); err != nil {
		return err
	}
	return s.Post.Send(ctx, tx, person, address, lang, "account.post.proof", "link", s.url("/confirm/"+token.Reveal()))
}

// askedEnough lets an account be kept when too many letters went to its address: the
// letter can be asked for again.
func askedEnough(err error) error {
	if kernel.KindOf(err) == kernel.TooMany {
		return nil
	}
	return err
}

// AskProof sends the letter again. Conflict if there is nothing to prove,
// Unavailable where no mail can be sent, TooMany if too many letters went there.
func (s *Service) AskProof(ctx context.Context) error {
	if _, err := may(ctx, "write"); err != nil {
		return err
	}
	p, err := s.Me(ctx)
	if err != nil {
		return err
	}
	if p.Mail == "" || p.MailConfirmed {
		return errNoProof
	}
	if !s.canPost() {
		return errMailAway
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		return string(p.ID), s.askProof(ctx, tx, p.ID, p.Mail, p.Lang)
	})
}

// ProofLink says whether a link that proves an address is still good. Gone if not.
func (s *Service) ProofLink(ctx context.Context, token string) error {
	_, err := look(ctx, s.DB.Read(), token, s.DB.Now(), linkMail)
	return err
}

// Confirm marks an address as proved by the link that was sent there. It needs no
// sign-in: whoever reads that mailbox may say so.
func (s *Service) Confirm(ctx context.Context, token string) error {
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		l, err := use(ctx, tx, token, linkMail)
		if err != nil {
			return "", err
		}
		return l.ID, confirmMail(ctx, tx, l.Person, l.About)
	})
}
