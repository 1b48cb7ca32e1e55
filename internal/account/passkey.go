package account

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/secret"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

const (
	ceremonyFor  = 5 * time.Minute // a challenge waits so long for its answer
	mostPasskeys = 20
)

var (
	errPasskey      = kernel.NewFault(kernel.Unauthenticated, "account.passkey.refused").On("passkey")
	errPasskeyAway  = kernel.NewFault(kernel.Forbidden, "account.passkey.away").On("passkey")
	errPasskeyMany  = kernel.NewFault(kernel.TooMany, "account.passkey.too_many").With("max", mostPasskeys)
	errPasskeyKnown = kernel.NewFault(kernel.Conflict, "account.passkey.known")
	errNoPasskey    = kernel.NewFault(kernel.NotFound, "account.passkey.not_found")
	errLastWay      = kernel.NewFault(kernel.Conflict, "account.last_way")
)

// Passkey is one of a person's passkeys, as she sees it.
type Passkey struct {
	ID             string
	Device         Device // where it was made
	Synced         bool   // her other devices may have it too
	MadeAt, UsedAt time.Time
}

// Ceremony is a challenge for the browser: its id comes back with the answer.
type Ceremony struct {
	ID      string          `json:"ceremony"`
	Options json.RawMessage `json:"publicKey"`
}

// PasskeyAnswer is what the browser sends back.
type PasskeyAnswer struct {
	Ceremony   string
	Credential string // JSON, as PublicKeyCredential.toJSON writes it
}

// PasskeysWork reports whether browsers make passkeys for this instance: it needs a
// name rather than an IP address, and https or this very machine.
func (s *Service) PasskeysWork() bool {
	_, err := s.party()
	return err == nil
}

// party is this instance as WebAuthn sees it: the host of its address.
func (s *Service) party() (*webauthn.WebAuthn, error) {
	u, err := url.Parse(s.Base)
	if err != nil {
		return nil, errPasskeyAway.Because(err)
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || host == "" || u.Scheme != "https" && host != "localhost" {
		return nil, errPasskeyAway
	}
	name := s.Name
	if name == "" {
		name = "DigiWork"
	}
	resident := true
	w, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: name, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &resident, ResidentKey: protocol.ResidentKeyRequirementRequired,
			// It is the only proof asked for, so the device asks for a finger, a face or a code.
			UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, errPasskeyAway.Because(err)
	}
	return w, nil
}

// keyring is a person as the library asks for her.
type keyring struct {
	id           kernel.PersonID
	handle, name string
	keys         []webauthn.Credential
}

// WebAuthnID is the user handle: an id, nothing that tells who she is.
func (k keyring) WebAuthnID() []byte { return []byte(k.id) }

// WebAuthnName is shown by her device.
func (k keyring) WebAuthnName() string { return k.handle }

// WebAuthnDisplayName is shown by her device.
func (k keyring) WebAuthnDisplayName() string { return k.name }

// WebAuthnCredentials are her passkeys.
func (k keyring) WebAuthnCredentials() []webauthn.Credential { return k.keys }

// state is what a ceremony remembers until its answer, sealed.
type state struct {
	Session webauthn.SessionData
	Person  kernel.PersonID // whose passkey it will be; "" to sign in
	Handle  string
	Name    string
	New     bool // the person does not exist yet
}

// keep stores a ceremony and gives the browser its part.
func (s *Service) keep(ctx context.Context, st state, options any) (Ceremony, error) {
	public, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, err
	}
	raw, err := json.Marshal(st)
	if err != nil {
		return Ceremony{}, err
	}
	token, sum := secret.NewToken()
	sealed := s.sealed(purposeCeremony, string(raw))
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		return insertCeremony(ctx, tx, base64.RawURLEncoding.EncodeToString(sum), sealed, tx.Now.Add(ceremonyFor))
	})
	return Ceremony{token.Reveal(), public}, err
}

// takeCeremony gives a ceremony's state once.
func (s *Service) takeCeremony(ctx context.Context, id string) (st state, err error) {
	var sealed string
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		sealed, err = useCeremony(ctx, tx, digest(id))
		return err
	})
	if err != nil {
		return st, err
	}
	raw, err := s.opened(purposeCeremony, sealed)
	if err != nil {
		return st, err
	}
	return st, json.Unmarshal([]byte(raw), &st)
}

// register begins the making of a passkey.
func (s *Service) register(ctx context.Context, k keyring, isNew bool) (Ceremony, error) {
	party, err := s.party()
	if err != nil {
		return Ceremony{}, err
	}
	creation, session, err := party.BeginRegistration(k,
		webauthn.WithExclusions(webauthn.Credentials(k.keys).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, err
	}
	return s.keep(ctx, state{*session, k.id, k.handle, k.name, isNew}, creation.Response)
}

// BeginSignUp begins a passkey for a person who does not exist yet. What she typed
// and the link she came by are checked as SignUp checks them.
func (s *Service) BeginSignUp(ctx context.Context, up SignUp) (Ceremony, error) {
	if wait := s.tries.take(s.DB.Now(), addressKey("up", up.From), signUps); wait > 0 {
		return Ceremony{}, tooMany(wait)
	}
	if err := s.Door(ctx, up); err != nil {
		return Ceremony{}, err
	}
	p, err := up.Profile.checked()
	if err != nil {
		return Ceremony{}, err
	}
	if err := s.free(ctx, p.Handle); err != nil {
		return Ceremony{}, err
	}
	id := kernel.NewID[kernel.PersonID]("per", s.DB.Now())
	return s.register(ctx, keyring{id: id, handle: p.Handle, name: p.Name}, true)
}

// BeginPasskey begins one more passkey of the actor. Forbidden if she signed in
// more than five minutes ago.
func (s *Service) BeginPasskey(ctx context.Context) (Ceremony, error) {
	a, err := recent(ctx, s.DB.Now())
	if err != nil {
		return Ceremony{}, err
	}
	k, err := s.keyring(ctx, a.Person)
	if err != nil {
		return Ceremony{}, err
	}
	if len(k.keys) >= mostPasskeys {
		return Ceremony{}, errPasskeyMany
	}
	return s.register(ctx, k, false)
}

// AddPasskey keeps the passkey that the actor's device has made.
func (s *Service) AddPasskey(ctx context.Context, answer PasskeyAnswer, agent string) error {
	a, err := recent(ctx, s.DB.Now())
	if err != nil {
		return err
	}
	row, isNew, err := s.answered(ctx, answer, agent)
	if err != nil {
		return err
	}
	if isNew || row.Person != a.Person {
		return errPasskey
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) { return row.ID, insertPasskey(ctx, tx, row) })
}

// finishRegistration is the passkey of a person who is about to exist.
func (s *Service) finishRegistration(ctx context.Context, answer PasskeyAnswer, agent string) (passkeyRow, error) {
	row, isNew, err := s.answered(ctx, answer, agent)
	if err == nil && !isNew {
		err = errPasskey
	}
	return row, err
}

// answered verifies what a device answered to register (WebAuthn, 7.1).
func (s *Service) answered(ctx context.Context, answer PasskeyAnswer, agent string) (row passkeyRow, isNew bool, err error) {
	party, err := s.party()
	if err != nil {
		return row, false, err
	}
	st, err := s.takeCeremony(ctx, answer.Ceremony)
	if err != nil {
		return row, false, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer.Credential))
	if err != nil {
		return row, false, errPasskey.Because(err)
	}
	made, err := party.CreateCredential(keyring{id: st.Person, handle: st.Handle, name: st.Name}, st.Session, parsed)
	if err != nil {
		return row, false, errPasskey.Because(err)
	}
	row, err = rowOf(st.Person, *made)
	now := s.DB.Now()
	row.ID, row.Device = kernel.NewID[string]("psk", now), deviceOf(agent).text()
	row.MadeAt, row.UsedAt = db.At(now), db.At(now)
	return row, st.New, err
}

// rowOf is a passkey as it is stored. What the device said of its maker is dropped:
// we did not ask.
func rowOf(person kernel.PersonID, c webauthn.Credential) (passkeyRow, error) {
	c.Attestation = webauthn.CredentialAttestation{}
	record, err := json.Marshal(c)
	return passkeyRow{Credential: base64.RawURLEncoding.EncodeToString(c.ID), Person: person, Record: string(record)}, err
}

// BeginSignIn begins a sign-in by whichever passkey the device offers.
func (s *Service) BeginSignIn(ctx context.Context, from netip.Addr) (Ceremony, error) {
	if wait := s.tries.take(s.DB.Now(), addressKey("key", from), perAddress); wait > 0 {
		return Ceremony{}, tooMany(wait)
	}
	party, err := s.party()
	if err != nil {
		return Ceremony{}, err
	}
	assertion, session, err := party.BeginDiscoverableLogin()
	if err != nil {
		return Ceremony{}, err
	}
	return s.keep(ctx, state{Session: *session}, assertion.Response)
}

// SignInByPasskey opens a session by the answer of a device (WebAuthn, 7.2). Where
// somebody is signed in already, the passkey must be hers: it proves her again.
func (s *Service) SignInByPasskey(ctx context.Context, answer PasskeyAnswer, from netip.Addr, v Visit) (session secret.Text, err error) {
	party, err := s.party()
	if err != nil {
		return session, err
	}
	st, err := s.takeCeremony(ctx, answer.Ceremony)
	if err != nil {
		return session, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer.Credential))
	if err != nil {
		return session, errPasskey.Because(err)
	}
	var who keyring
	used, err := party.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		who, err = s.keyring(ctx, kernel.PersonID(handle))
		return who, err
	}, st.Session, parsed)
	if err == nil && used.Authenticator.CloneWarning {
		err = errors.New("account: the counter of a passkey went back")
	}
	if a := kernel.ActorFrom(ctx); err == nil && !a.IsVisitor() && a.Person != who.id {
		err = errors.New("account: the passkey of somebody else")
	}
	if err != nil {
		return session, errPasskey.Because(err)
	}
	row, err := rowOf(who.id, *used)
	if err != nil {
		return session, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := usePasskey(ctx, tx, row, tx.Now); err != nil {
			return err
		}
		session, err = s.begin(ctx, tx, who.id, ByPasskey, v)
		return err
	})
	if err == nil {
		s.tries.giveBack(addressKey("key", from), perAddress)
	}
	return session, err
}

// keyring is a person with her passkeys; errPasskey if there is no such person.
func (s *Service) keyring(ctx context.Context, person kernel.PersonID) (keyring, error) {
	r, err := personByID(ctx, s.DB.Read(), person)
	if errors.Is(err, errNobody) {
		return keyring{}, errPasskey
	}
	if err != nil {
		return keyring{}, err
	}
	k := keyring{id: r.ID, handle: r.Handle, name: r.Name}
	rows, err := passkeysOf(ctx, s.DB.Read(), person)
	if err != nil {
		return k, err
	}
	for _, row := range rows {
		c, err := row.credential()
		if err != nil {
			return k, err
		}
		k.keys = append(k.keys, c)
	}
	return k, nil
}

// Passkeys lists the actor's passkeys, the oldest first.
func (s *Service) Passkeys(ctx context.Context) ([]Passkey, error) {
	a, err := may(ctx, "read")
	if err != nil {
		return nil, err
	}
	rows, err := passkeysOf(ctx, s.DB.Read(), a.Person)
	if err != nil {
		return nil, err
	}
	all := make([]Passkey, len(rows))
	for i, r := range rows {
		c, err := r.credential()
		if err != nil {
			return nil, err
		}
		all[i] = Passkey{r.ID, parseDevice(r.Device), c.Flags.BackupState, r.MadeAt.Time, r.UsedAt.Time}
	}
	return all, nil
}

// RemovePasskey forgets one of the actor's passkeys. Conflict if it is her only way
// in; Forbidden if she signed in more than five minutes ago.
func (s *Service) RemovePasskey(ctx context.Context, id string) error {
	a, err := recent(ctx, s.DB.Now())
	if err != nil {
		return err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		r, err := personByID(ctx, tx, a.Person)
		if err != nil {
			return "", err
		}
		rows, err := passkeysOf(ctx, tx, a.Person)
		if err != nil {
			return "", err
		}
		if !slices.ContainsFunc(rows, func(r passkeyRow) bool { return r.ID == id }) {
			return "", errNoPasskey
		}
		if r.password == "" && len(rows) == 1 {
			return "", errLastWay
		}
		return id, deletePasskey(ctx, tx, a.Person, id)
	})
}

// credential is a stored passkey as the library knows it.
func (r passkeyRow) credential() (c webauthn.Credential, err error) {
	return c, json.Unmarshal([]byte(r.Record), &c)
}
