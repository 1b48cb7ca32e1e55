package account

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/openid"
	"digiwork/internal/platform/seal"
)

// Post sends mail when the instance can: platform/mail does.
type Post interface {
	// Configured reports whether mail can be sent at all.
	Configured() bool
	// Send queues one mail in tx; it leaves once tx is durable. The messages
	// key.subject and key.text are said in lang, args fill their holes. person is
	// whose mail it is: what waits goes with her.
	Send(ctx context.Context, tx *db.Tx, person kernel.PersonID, address, lang, key string, args ...any) error
	// Notify is Send for a notice about her own account, which nobody can use up.
	Notify(ctx context.Context, tx *db.Tx, person kernel.PersonID, address, lang, key string, args ...any) error
}

// Inviter is a context whose invitations open the door of an instance where
// accounts are made by invitation: circle is one.
type Inviter interface {
	// Invites reports whether a token is an invitation that waits.
	Invites(ctx context.Context, token string) (bool, error)
}

// Service is what may be asked about persons, sessions and tokens.
type Service struct {
	DB       *db.DB
	Keys     *seal.Keys
	Gate     *gate.Service
	Post     Post             // nil: no mail
	Leavers  []Leaver         // who keeps something of a person, in the order of leaving
	Inviters []Inviter        // whose invitations open an account too, where it takes one
	Base     string           // address of the instance, as --base-url, without a slash at the end
	Name     string           // of the instance, for the browser's passkey prompt; may be empty
	Export   string           // page where a person takes everything away; "" if none
	Start    string           // page after signing in; "/" if empty
	OpenID   *openid.Provider // who else vouches for people; nil: nobody
	Demo     bool             // invented people sign in with one click
	Log      *slog.Logger

	stretched atomic.Int64 // passwords stretched so far
	tries     throttle
	touched   touched
	alerts    sync.Map // kernel.PersonID to time.Time: whose row said so at her last request
}

// do runs f in a transaction, once for the idempotency key of the request.
func (s *Service) do(ctx context.Context, f func(tx *db.Tx) (string, error)) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) { return f(tx) })
		return err
	})
}

func (s *Service) log() *slog.Logger {
	if s.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Log
}

// canPost reports whether mail can be sent.
func (s *Service) canPost() bool { return s.Post != nil && s.Post.Configured() }

// Purposes of what is sealed or digested by the instance key.
const (
	purposeMail     = "account.mail"
	purposeToken    = "account.token" //nolint:gosec // a purpose, not a token
	purposeName     = "account.token.name"
	purposeCode     = "account.code"
	purposeCeremony = "account.ceremony"
	purposeOpenID   = "account.openid"
)

// sealed is text sealed by the instance key, as a column keeps it; "" stays "".
func (s *Service) sealed(purpose, text string) string {
	if text == "" {
		return ""
	}
	return base64.StdEncoding.EncodeToString(s.Keys.SealText(purpose, []byte(text)))
}

func (s *Service) opened(purpose, column string) (string, error) {
	if column == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(column)
	if err != nil {
		return "", seal.ErrSealed
	}
	plain, err := s.Keys.OpenText(purpose, raw)
	return string(plain), err
}

// keyed is a digest that only this instance can make.
func (s *Service) keyed(purpose, text string) string {
	return base64.RawURLEncoding.EncodeToString(s.Keys.Digest(purpose, text))
}

// mailDigest is how an address is looked up; "" for none.
func (s *Service) mailDigest(address string) string {
	if address == "" {
		return ""
	}
	return s.keyed(purposeMail, foldMail(address))
}

// url is the full address of a page of this instance.
func (s *Service) url(path string) string { return strings.TrimSuffix(s.Base, "/") + path }

// secure reports whether the instance is reached over https.
func (s *Service) secure() bool { return strings.HasPrefix(s.Base, "https://") }

// provider is what people call who else vouches for them; "" for nobody.
func (s *Service) provider() string {
	if s.OpenID == nil {
		return ""
	}
	return s.OpenID.Name()
}

// start is the page after signing in.
func (s *Service) start() string {
	if s.Start == "" {
		return "/"
	}
	return s.Start
}

// CookieName is the name of the session's cookie: bound to this host over https.
func (s *Service) CookieName() string {
	if s.secure() {
		return "__Host-digiwork"
	}
	return "digiwork"
}

// Names gives the names of people, for the gate and for every page. Who has left,
// or never was, has an empty name.
func (s *Service) Names(ctx context.Context, ids []kernel.PersonID) (map[kernel.PersonID]string, error) {
	names := make(map[kernel.PersonID]string, len(ids))
	for chunk := range slices.Chunk(ids, 500) {
		found, err := namesOf(ctx, s.DB.Read(), chunk)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			names[n.id] = n.name
		}
	}
	for _, id := range ids {
		if _, ok := names[id]; !ok {
			names[id] = ""
		}
	}
	return names, nil
}

// Counts is how many people there are: all that the owner of an instance learns.
type Counts struct {
	People int
	Owners int
}

// Count is how many people and owners there are.
func (s *Service) Count(ctx context.Context) (Counts, error) { return counts(ctx, s.DB.Read()) }

// Sweep removes what ended by itself: sessions, tokens, links, challenges.
func (s *Service) Sweep(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		return errors.Join(sweepSessions(ctx, tx), sweepTokens(ctx, tx), sweepLinks(ctx, tx), sweepCeremonies(ctx, tx))
	})
}
