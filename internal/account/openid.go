package account

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/openid"
	"digiwork/internal/platform/secret"
)

// openidFor is how long somebody may take at her provider.
const openidFor = 10 * time.Minute

var (
	errOpenIDOver     = kernel.NewFault(kernel.Gone, "account.openid.over").On("openid")
	errOpenIDDeclined = kernel.NewFault(kernel.Unauthenticated, "account.openid.declined").On("openid")
	errOpenIDAway     = kernel.NewFault(kernel.Unavailable, "account.openid.away").On("openid")
	errOpenIDUnknown  = kernel.NewFault(kernel.Forbidden, "account.openid.unknown").On("openid")
	errOpenIDKnown    = kernel.NewFault(kernel.Conflict, "account.openid.known").On("openid")
	errOpenIDOther    = kernel.NewFault(kernel.Forbidden, "account.openid.not_yours").On("openid")
	errNoOpenID       = kernel.NewFault(kernel.NotFound, "account.openid.not_found")
)

// Linked is a way in by the provider, as its owner sees it.
type Linked struct {
	ID             string
	MadeAt, UsedAt time.Time
}

// openidState is what an attempt remembers until the person is back, sealed.
type openidState struct {
	openid.Attempt
	Person kernel.PersonID // who adds this way in to her account; "" to sign in
	Next   string          // the page she was going to
}

// BeginOpenID sends a person to the provider: where, and the ticket that both the
// address and this browser's cookie bring back. With link, the actor adds the
// provider as a way in; Forbidden if she signed in more than five minutes ago.
func (s *Service) BeginOpenID(ctx context.Context, link bool, next string, from netip.Addr) (address string, ticket secret.Text, err error) {
	st := openidState{Attempt: openid.NewAttempt(), Next: next}
	if link {
		a, err := recent(ctx, s.DB.Now())
		if err != nil {
			return "", ticket, err
		}
		st.Person = a.Person
	}
	if wait := s.tries.take(s.DB.Now(), addressKey("openid", from), perAddress); wait > 0 {
		return "", ticket, tooMany(wait)
	}
	ticket, sum := secret.NewToken()
	again := !kernel.ActorFrom(ctx).IsVisitor() && !link
	if address, err = s.OpenID.Address(ctx, ticket.Reveal(), st.Attempt, again); err != nil {
		return "", ticket, s.openidFault(ctx, err)
	}
	raw, err := json.Marshal(st)
	if err != nil {
		return "", ticket, err
	}
	sealed := s.sealed(purposeOpenID, string(raw))
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		return insertCeremony(ctx, tx, base64.RawURLEncoding.EncodeToString(sum), sealed, tx.Now.Add(openidFor))
	})
	return address, ticket, err
}

// openidFault says what a person may know of the provider's failure; the operator
// reads the rest.
func (s *Service) openidFault(ctx context.Context, err error) error {
	s.log().WarnContext(ctx, "sign-in by the provider failed", "err", err)
	if errors.Is(err, openid.ErrAway) {
		return errOpenIDAway.Because(err)
	}
	return errOpenIDDeclined.Because(err)
}

// OpenIDAnswer is what a person brings back from the provider.
type OpenIDAnswer struct {
	State, Cookie string // the ticket, by the address and by the browser
	Code          string // "" if the provider refused, or she did
	Issuer        string
	Lang          string // of an account that is made now
	From          netip.Addr
	Visit
}

// OpenIDOutcome is what came of it.
type OpenIDOutcome struct {
	Session secret.Text // none when a way in was added
	Next    string
	New     bool // an account was made
	Linked  bool // the actor has one more way in
}

// FinishOpenID ends what BeginOpenID began, once: it opens a session, adds a way in,
// or makes an account where anybody may make one. An address that the provider knows
// never leads to somebody's account by itself: who wants both says so while signed in.
func (s *Service) FinishOpenID(ctx context.Context, in OpenIDAnswer) (out OpenIDOutcome, err error) {
	st, err := s.takeOpenID(ctx, in)
	if err != nil {
		return out, err
	}
	out.Next = st.Next
	if in.Code == "" {
		return out, errOpenIDDeclined
	}
	who, err := s.OpenID.Redeem(ctx, in.Code, in.Issuer, st.Attempt)
	if err != nil {
		return out, s.openidFault(ctx, err)
	}
	row := openidRow{Digest: s.keyed(purposeOpenID, who.Issuer+"\n"+who.Subject), ID: kernel.NewID[string]("oid", s.DB.Now())}
	if st.Person != "" {
		out.Linked = true
		return out, s.addOpenID(ctx, st.Person, row)
	}
	known, err := openidByDigest(ctx, s.DB.Read(), row.Digest)
	actor := kernel.ActorFrom(ctx)
	switch {
	case errors.Is(err, errNoOpenID) && actor.IsVisitor():
		out.New = true
		out.Session, err = s.signUpByOpenID(ctx, in, who, row)
	case errors.Is(err, errNoOpenID), err == nil && !actor.IsVisitor() && actor.Person != known.Person:
		err = errOpenIDOther
	case err == nil:
		err = s.DB.Write(ctx, func(tx *db.Tx) error {
			if err := useOpenID(ctx, tx, known.Digest); err != nil {
				return gone(err)
			}
			out.Session, err = s.begin(ctx, tx, known.Person, ByOpenID, in.Visit)
			return err
		})
	}
	if err == nil {
		s.tries.giveBack(addressKey("openid", in.From), perAddress)
	}
	return out, err
}

// takeOpenID gives back what an attempt remembers, once, to the browser that began it.
func (s *Service) takeOpenID(ctx context.Context, in OpenIDAnswer) (st openidState, err error) {
	if in.State == "" || subtle.ConstantTimeCompare([]byte(in.State), []byte(in.Cookie)) != 1 {
		return st, errOpenIDOver
	}
	var sealed string
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		sealed, err = useCeremony(ctx, tx, digest(in.State))
		return err
	})
	if errors.Is(err, errPasskey) {
		return st, errOpenIDOver
	}
	if err != nil {
		return st, err
	}
	raw, err := s.opened(purposeOpenID, sealed)
	if err != nil {
		return st, errOpenIDOver.Because(err)
	}
	return st, json.Unmarshal([]byte(raw), &st)
}

// addOpenID adds a way in to the actor's account.
func (s *Service) addOpenID(ctx context.Context, person kernel.PersonID, row openidRow) error {
	a, err := recent(ctx, s.DB.Now())
	if err != nil {
		return err
	}
	if a.Person != person {
		return errOpenIDOther
	}
	row.Person = person
	return s.DB.Write(ctx, func(tx *db.Tx) error { return insertOpenID(ctx, tx, row) })
}

// signUpByOpenID makes an account for somebody whom the provider vouches for.
func (s *Service) signUpByOpenID(ctx context.Context, in OpenIDAnswer, who openid.Identity, row openidRow) (session secret.Text, err error) {
	if err := s.Door(ctx, SignUp{}); err != nil {
		if kernel.KindOf(err) == kernel.Forbidden {
			return session, errOpenIDUnknown.Because(err)
		}
		return session, err
	}
	if wait := s.tries.take(s.DB.Now(), addressKey("up", in.From), signUps); wait > 0 {
		return session, tooMany(wait)
	}
	p, err := s.calledBy(ctx, who)
	if err != nil {
		return session, err
	}
	if p.Lang, p.Zone, p.Quiet = in.Lang, defaultZone, quietAtFirst; p.Lang == "" {
		p.Lang = "fr"
	}
	r := s.row(kernel.NewID[kernel.PersonID]("per", s.DB.Now()), p)
	if err := s.Gate.Welcome(ctx, r.ID); err != nil {
		return session, err
	}
	row.Person = r.ID
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := s.door(ctx, tx, SignUp{}, r.ID); err != nil {
			return err
		}
		if err := s.settle(ctx, tx, r, ""); err != nil {
			return err
		}
		if err := insertOpenID(ctx, tx, row); err != nil {
			return err
		}
		session, err = s.begin(ctx, tx, r.ID, ByOpenID, in.Visit)
		return err
	})
	return session, err
}

// handlesTried is how many numbers are tried after a handle that is taken.
const handlesTried = 100

// calledBy makes a handle and a name of what the provider calls somebody. She changes
// both on her account's page.
func (s *Service) calledBy(ctx context.Context, who openid.Identity) (Profile, error) {
	name, err := cleanName(who.Name)
	if err != nil {
		name, _, _ = strings.Cut(who.Handle, "@")
	}
	if name, err = cleanName(name); err != nil {
		name = "?"
	}
	local, _, _ := strings.Cut(who.Handle, "@")
	base := handleLike(local)
	if base == "" {
		base = handleLike(name)
	}
	if base == "" {
		base = "p"
	}
	for n := 1; n <= handlesTried; n++ {
		handle := base
		if n > 1 {
			handle += "-" + strconv.Itoa(n)
		}
		switch err := s.free(ctx, handle); {
		case err == nil:
			return Profile{Handle: handle, Name: name}, nil
		case !errors.Is(err, errHandleTaken):
			return Profile{}, err
		}
	}
	return Profile{}, errHandleTaken
}

// handleLike keeps of a text what a handle may hold.
func handleLike(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Latin, r) && unicode.IsLetter(r), '0' <= r && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if utf8.RuneCountInString(b.String()) == maxHandle-4 {
			break // room for a number
		}
	}
	handle, err := cleanHandle(strings.Trim(b.String(), "-"))
	if err != nil {
		return ""
	}
	return handle
}

// RemoveOpenID forgets one of the actor's ways in by the provider. Conflict if she
// has neither password nor passkey; Forbidden if she signed in more than five minutes
// ago.
func (s *Service) RemoveOpenID(ctx context.Context, id string) error {
	a, err := recent(ctx, s.DB.Now())
	if err != nil {
		return err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		r, err := personByID(ctx, tx, a.Person)
		if err != nil {
			return "", err
		}
		keys, err := passkeysOf(ctx, tx, a.Person)
		if err != nil {
			return "", err
		}
		if r.password == "" && len(keys) == 0 {
			return "", errLastWay
		}
		return id, deleteOpenID(ctx, tx, a.Person, id)
	})
}

// linked lists the actor's ways in by the provider, the oldest first.
func (s *Service) linked(ctx context.Context, person kernel.PersonID) ([]Linked, error) {
	rows, err := openidsOf(ctx, s.DB.Read(), person)
	all := make([]Linked, len(rows))
	for i, r := range rows {
		all[i] = Linked{r.ID, r.MadeAt.Time, r.UsedAt.Time}
	}
	return all, err
}
