package account

import (
	"context"
	"errors"
	"net/netip"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/secret"
)

// Mode says who may make an account.
type Mode string

// The modes. Until the instance has an owner it is Closed, whatever was set.
const (
	Open    Mode = "open"       // anybody
	Invited Mode = "invitation" // who was invited by somebody here
	Closed  Mode = "closed"     // nobody, but by the command line
)

const (
	settingMode  = "registration"
	settingFirst = "first_owner" // id of the first owner: claimed once
)

var (
	errMode        = kernel.NewFault(kernel.Invalid, "account.mode.form").On("registration")
	errClosed      = kernel.NewFault(kernel.Forbidden, "account.closed")
	errInvitedOnly = kernel.NewFault(kernel.Forbidden, "account.invited_only")
	errSetUp       = kernel.NewFault(kernel.Gone, "account.set_up")
)

// Registration says who may make an account now.
func (s *Service) Registration(ctx context.Context) (Mode, error) { return mode(ctx, s.DB.Read()) }

func mode(ctx context.Context, q db.Querier) (Mode, error) {
	c, err := counts(ctx, q)
	if err != nil || c.Owners == 0 {
		return Closed, err
	}
	v, err := setting(ctx, q, settingMode)
	if v == "" {
		v = string(Invited)
	}
	return Mode(v), err
}

// SetRegistration decides who may make an account. Only an owner, from a browser.
func (s *Service) SetRegistration(ctx context.Context, m Mode) error {
	if _, err := owner(ctx); err != nil {
		return err
	}
	if m != Open && m != Invited && m != Closed {
		return errMode
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		return string(m), setSetting(ctx, tx, settingMode, string(m))
	})
}

// SetupLink makes the single-use link by which the first owner comes in; "" when
// there are people. The operator prints it at start.
func (s *Service) SetupLink(ctx context.Context) (path string, err error) {
	token, l := s.newLink(link{Kind: linkSetup}, 0, setupFor)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := counts(ctx, tx)
		if path = ""; err != nil || c.People > 0 {
			return err
		}
		path = "/setup/" + token.Reveal()
		return insertLink(ctx, tx, l)
	})
	return path, err
}

// SignUp is what makes an account: who she is, a way in, and the link she came by.
type SignUp struct {
	Profile
	Password string         // "" with a passkey
	Passkey  *PasskeyAnswer // nil with a password
	Token    string         // of a set-up link or an invitation; "" where registration is open
	Setup    bool           // Token is of a set-up link
	Invited  string         // token of another context's invitation, which an Inviter knows
	From     netip.Addr     // for the limit of rate, not kept
	Visit
}

// door says whether the account may be made, and takes the link that opens it.
func (s *Service) door(ctx context.Context, tx *db.Tx, up SignUp, id kernel.PersonID) (owner bool, err error) {
	if up.Setup {
		return true, setUp(ctx, tx, up.Token, id)
	}
	m, err := mode(ctx, tx)
	switch {
	case err != nil:
		return false, err
	case m == Closed:
		return false, errClosed
	case m == Invited && up.Invited != "":
		return false, s.spend(ctx, tx, up.Invited)
	case m == Invited && up.Token == "":
		return false, errInvitedOnly
	case up.Token == "":
		return false, nil
	}
	_, err = use(ctx, tx, up.Token, linkInvite)
	if m == Open && errors.Is(err, errLinkOver) {
		err = nil // nobody needs an invitation any more
	}
	return false, err
}

// setUp takes the one place of the first owner. Two links may have been printed, and
// two people may hurry: the line they both want to write decides, before anything
// else is touched.
func setUp(ctx context.Context, tx *db.Tx, token string, id kernel.PersonID) error {
	if _, err := look(ctx, tx, token, tx.Now, linkSetup); err != nil {
		return err
	}
	first, err := claimSetting(ctx, tx, settingFirst, string(id))
	if err != nil {
		return err
	}
	c, err := counts(ctx, tx)
	if err != nil {
		return err
	}
	if !first || c.People > 0 {
		return errSetUp
	}
	return deleteSetupLinks(ctx, tx)
}

// Door says, before anything is typed, whether up's link or the registration lets
// an account be made: nil, or why not.
func (s *Service) Door(ctx context.Context, up SignUp) error {
	if up.Setup {
		c, err := s.Count(ctx)
		if err == nil && c.People > 0 {
			err = errSetUp
		}
		if err == nil {
			_, err = look(ctx, s.DB.Read(), up.Token, s.DB.Now(), linkSetup)
		}
		return err
	}
	m, err := s.Registration(ctx)
	switch {
	case err != nil:
		return err
	case m == Closed:
		return errClosed
	case m == Open:
		return nil
	case up.Invited != "":
		return s.invitedElsewhere(ctx, up.Invited)
	case up.Token == "":
		return errInvitedOnly
	}
	_, err = look(ctx, s.DB.Read(), up.Token, s.DB.Now(), linkInvite)
	return err
}

// invitedElsewhere is nil if another context knows the token as an invitation.
func (s *Service) invitedElsewhere(ctx context.Context, token string) error {
	for _, i := range s.Inviters {
		if ok, err := i.Invites(ctx, token); ok || err != nil {
			return err
		}
	}
	return errLinkOver
}

// spend lets another context's invitation open one account and no more. It stays
// good for what it invites to.
func (s *Service) spend(ctx context.Context, tx *db.Tx, token string) error {
	_, l := s.newLink(link{Kind: linkSpent}, 0, spentFor)
	l.Digest = digest(token)
	err := insertLink(ctx, tx, l)
	if db.IsUnique(err) {
		return errLinkOver.Because(err)
	}
	return err
}

// SignUp makes an account and signs it in. Refusals name every field at once.
func (s *Service) SignUp(ctx context.Context, up SignUp) (secret.Text, error) {
	if up.Invited != "" {
		if err := s.Door(ctx, up); err != nil {
			return secret.Text{}, err
		}
	}
	if wait := s.tries.take(s.DB.Now(), addressKey("up", up.From), signUps); wait > 0 {
		return secret.Text{}, tooMany(wait)
	}
	r, key, err := s.newcomer(ctx, &up)
	if errors.Is(err, errHandleTaken) {
		return s.repeated(ctx, up)
	}
	if err != nil {
		return secret.Text{}, err
	}
	if err := s.Gate.Welcome(ctx, r.ID); err != nil {
		return secret.Text{}, err
	}
	var session secret.Text
	how := ByPassword
	if key != nil {
		how = ByPasskey
	}
	var before string
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, again, err := once.Do(ctx, tx, func() (string, error) {
			owner, err := s.door(ctx, tx, up, r.ID)
			if err != nil {
				return "", err
			}
			r.Admin = owner
			if err := s.settle(ctx, tx, r, up.Mail); err != nil {
				return "", err
			}
			if key != nil {
				if err := insertPasskey(ctx, tx, *key); err != nil {
					return "", err
				}
			}
			session, err = s.begin(ctx, tx, r.ID, how, up.Visit)
			return string(r.ID), err
		})
		if before = ""; again {
			before = made
		}
		return err
	})
	if err != nil || before == "" {
		return session, err
	}
	return s.resume(ctx, kernel.PersonID(before), up)
}

// repeated answers a form whose handle is taken: by the same form, sent before, or
// by somebody else.
func (s *Service) repeated(ctx context.Context, up SignUp) (secret.Text, error) {
	var before string
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		before, _, err = once.Do(ctx, tx, func() (string, error) { return "", errHandleTaken })
		return err
	})
	if err != nil {
		return secret.Text{}, err
	}
	return s.resume(ctx, kernel.PersonID(before), up)
}

// resume answers a form that was sent twice: the account exists, its password
// proves whose it is.
func (s *Service) resume(ctx context.Context, person kernel.PersonID, up SignUp) (secret.Text, error) {
	r, err := personByID(ctx, s.DB.Read(), person)
	if err != nil && !errors.Is(err, errNobody) {
		return secret.Text{}, err
	}
	return s.enter(ctx, r, up.Password, up.Visit)
}

// newcomer is the person that up describes, and her passkey if she chose one.
func (s *Service) newcomer(ctx context.Context, up *SignUp) (personRow, *passkeyRow, error) {
	now := s.DB.Now()
	clean, err := up.Profile.checked()
	if up.Passkey == nil {
		err = errors.Join(err, checkPassword(up.Password, up.Profile))
	}
	if err != nil {
		return personRow{}, nil, err
	}
	if err := s.free(ctx, clean.Handle); err != nil {
		return personRow{}, nil, err
	}
	up.Profile = clean
	r := s.row(kernel.NewID[kernel.PersonID]("per", now), clean)
	if up.Passkey == nil {
		r.password, err = s.hash(ctx, up.Password)
		return r, nil, err
	}
	key, err := s.finishRegistration(ctx, *up.Passkey, up.Agent)
	if err != nil {
		return personRow{}, nil, err
	}
	r.ID = key.Person // the passkey names the person: her id was chosen when it was made
	return r, &key, nil
}

// row is a new person as she is stored.
func (s *Service) row(id kernel.PersonID, p Profile) personRow {
	return personRow{
		Person: Person{
			ID: id, Handle: p.Handle, Name: p.Name, Lang: p.Lang, Zone: p.Zone, Theme: p.Theme,
			Quiet: p.Quiet, Demo: s.Demo,
		},
		sealed: s.sealed(purposeMail, p.Mail), digest: s.mailDigest(p.Mail),
	}
}

// settle makes the person and her vault, and writes to her address for the proof.
func (s *Service) settle(ctx context.Context, tx *db.Tx, r personRow, address string) error {
	if err := insertPerson(ctx, tx, r); err != nil {
		return err
	}
	if err := s.Gate.Admit(ctx, tx, r.ID); err != nil {
		return err
	}
	return askedEnough(s.askProof(ctx, tx, r.ID, address, r.Lang))
}

// free says early that a handle is taken: before a password is stretched.
func (s *Service) free(ctx context.Context, handle string) error {
	_, err := personByHandle(ctx, s.DB.Read(), foldHandle(handle))
	switch {
	case err == nil:
		return errHandleTaken
	case errors.Is(err, errNobody):
		return nil
	}
	return err
}

// NewPerson is somebody whom the operator adds.
type NewPerson struct {
	Handle, Name, Mail string
	Password           string // "": a sign-in link is made instead
	Lang, Zone         string // "fr" and Europe/Paris if empty
	Admin              bool
}

// AddPerson makes an account from the command line. Without a password it returns
// the address of a sign-in link that is valid for 24 hours and leaves a line in the
// person's journal; in a demo, where one click signs in, neither is made.
func (s *Service) AddPerson(ctx context.Context, n NewPerson) (id kernel.PersonID, url string, err error) {
	p := Profile{Handle: n.Handle, Name: n.Name, Mail: n.Mail, Lang: n.Lang, Zone: n.Zone, Quiet: quietAtFirst}
	if p.Lang == "" {
		p.Lang = "fr"
	}
	if p.Zone == "" {
		p.Zone = defaultZone
	}
	clean, err := p.checked()
	if n.Password != "" {
		err = errors.Join(err, checkPassword(n.Password, p))
	}
	if err != nil {
		return "", "", err
	}
	if err := s.free(ctx, clean.Handle); err != nil {
		return "", "", err
	}
	r := s.row(kernel.NewID[kernel.PersonID]("per", s.DB.Now()), clean)
	r.Admin = n.Admin
	if n.Password != "" {
		if r.password, err = s.hash(ctx, n.Password); err != nil {
			return "", "", err
		}
	}
	if err := s.Gate.Welcome(ctx, r.ID); err != nil {
		return "", "", err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := deleteSetupLinks(ctx, tx); err != nil {
			return err
		}
		return s.settle(ctx, tx, r, clean.Mail)
	})
	if err != nil || n.Password != "" || s.Demo {
		return r.ID, "", err
	}
	url, err = s.firstLink(ctx, r.ID)
	return r.ID, url, err
}

// firstLink is the way into an account that the operator has just made.
func (s *Service) firstLink(ctx context.Context, person kernel.PersonID) (string, error) {
	if _, err := s.Gate.Operator(ctx, person, gate.ActSignLink); err != nil {
		return "", err
	}
	token, l := s.newLink(link{Kind: linkEnter, Person: person}, 0, enterFor)
	err := s.DB.Write(ctx, func(tx *db.Tx) error { return insertLink(ctx, tx, l) })
	return s.url("/enter/" + token.Reveal()), err
}
