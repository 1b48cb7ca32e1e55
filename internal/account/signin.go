package account

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/secret"
)

// errRefused is the one sentence for every sign-in that fails: it does not tell
// whether the name exists.
var (
	errRefused = kernel.NewFault(kernel.Unauthenticated, "account.sign_in.refused").On("name")
	errNoDemo  = kernel.NewFault(kernel.NotFound, "account.demo.nobody")
)

// SignIn opens a session by name, a handle or a mail address, and password.
//
// Unauthenticated with one sentence, and the same work, whether the name or the
// password is wrong; TooMany for who tries too often.
func (s *Service) SignIn(ctx context.Context, name, password string, from netip.Addr, v Visit) (secret.Text, error) {
	back, err := s.pace(name, from)
	if err != nil {
		return secret.Text{}, err
	}
	r, err := s.find(ctx, name)
	if err != nil {
		return secret.Text{}, err
	}
	session, err := s.enter(ctx, r, password, v)
	if err == nil {
		back()
	}
	return session, err
}

// SignInAgain proves that who sits at a signed-in browser is still its owner.
func (s *Service) SignInAgain(ctx context.Context, password string, from netip.Addr, v Visit) (secret.Text, error) {
	a, err := signedIn(ctx)
	if err != nil {
		return secret.Text{}, err
	}
	r, err := personByID(ctx, s.DB.Read(), a.Person)
	if err != nil {
		return secret.Text{}, err
	}
	back, err := s.pace(r.Handle, from)
	if err != nil {
		return secret.Text{}, err
	}
	session, err := s.enter(ctx, r, password, v)
	if errors.Is(err, errRefused) {
		return session, errRefused.On("password")
	}
	if err == nil {
		back()
	}
	return session, err
}

// pace counts a try for the account and for the address. back takes it back: who
// came in was not guessing.
func (s *Service) pace(name string, from netip.Addr) (back func(), err error) {
	account := "in " + digest(foldName(name))
	address := addressKey("in", from)
	now := s.DB.Now()
	if wait := max(s.tries.take(now, address, perAddress), s.tries.take(now, account, perAccount)); wait > 0 {
		return nil, tooMany(wait)
	}
	return func() {
		s.tries.forget(account)
		s.tries.giveBack(address, perAddress)
	}, nil
}

// foldName is a handle or an address as it is looked up.
func foldName(name string) string {
	if strings.Contains(name, "@") {
		return foldMail(name)
	}
	return foldHandle(name)
}

// find gives the person of a handle or an address; one without an id if there is
// none, so that nobody learns it from the time it takes.
func (s *Service) find(ctx context.Context, name string) (personRow, error) {
	find := func() (personRow, error) { return personByHandle(ctx, s.DB.Read(), foldHandle(name)) }
	if strings.Contains(name, "@") {
		find = func() (personRow, error) { return personByMail(ctx, s.DB.Read(), s.mailDigest(name)) }
	}
	r, err := find()
	if errors.Is(err, errNobody) {
		return personRow{}, nil
	}
	return r, err
}

// enter opens a session for r if the password is hers. r may be nobody.
func (s *Service) enter(ctx context.Context, r personRow, password string, v Visit) (session secret.Text, err error) {
	same, err := s.samePassword(ctx, password, r.password)
	if err != nil {
		return session, err
	}
	if !same || r.ID == "" {
		return session, errRefused
	}
	return s.open(ctx, r.ID, ByPassword, v)
}

// open opens a session of a person who proved who she is; she may have left since.
func (s *Service) open(ctx context.Context, person kernel.PersonID, how How, v Visit) (session secret.Text, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := personByID(ctx, tx, person); err != nil {
			return gone(err)
		}
		session, err = s.begin(ctx, tx, person, how, v)
		return err
	})
	return session, err
}

// gone turns "no such person" into the sentence of every refused sign-in.
func gone(err error) error {
	if errors.Is(err, errNobody) {
		return errRefused
	}
	return err
}

// OneClick signs in as an invented person. It exists in a demo only, and for people
// that the demo made.
func (s *Service) OneClick(ctx context.Context, handle string, v Visit) (session secret.Text, err error) {
	if !s.Demo {
		return session, errNoDemo
	}
	r, err := personByHandle(ctx, s.DB.Read(), foldHandle(handle))
	if errors.Is(err, errNobody) || err == nil && (!r.Demo || r.password != "") {
		return session, errNoDemo
	}
	if err != nil {
		return session, err
	}
	return s.open(ctx, r.ID, ByDemo, v)
}

// DemoPeople are the invented people of a demo, in the order in which they were
// made; none elsewhere.
func (s *Service) DemoPeople(ctx context.Context) ([]Person, error) {
	if !s.Demo {
		return nil, nil
	}
	rows, err := demoPeople(ctx, s.DB.Read())
	var all []Person
	for _, r := range rows {
		if r.password == "" {
			all = append(all, r.Person)
		}
	}
	return all, err
}
