package account

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/secret"
)

const (
	sessionIdle = 14 * 24 * time.Hour // a browser that is not used for so long is signed out
	sessionMost = 90 * 24 * time.Hour // and so is any, so long after its sign-in
	fresh       = 5 * time.Minute     // how young a sign-in must be to open another door or to leave
	usedEvery   = 10 * time.Minute    // how exactly "last used" is known
)

// How says by what way a session came in.
type How string

// The ways in.
const (
	ByPassword How = "password"
	ByPasskey  How = "passkey"
	ByCode     How = "code" // a recovery code
	ByLink     How = "link" // made by the operator
	ByDemo     How = "demo" // one click, in a demo only
	ByOpenID   How = "openid"
)

// Session is one signed-in browser, as its owner sees it.
type Session struct {
	ID               string
	How              How
	Device           Device
	SignedAt, UsedAt time.Time
	EndsAt           time.Time
	Here             bool // the one that asks
}

var (
	errSignIn    = kernel.NewFault(kernel.Unauthenticated, "account.sign_in_first")
	errBearer    = kernel.NewFault(kernel.Unauthenticated, "account.token.unknown")
	errFresh     = kernel.NewFault(kernel.Forbidden, "account.not_fresh")
	errNoSession = kernel.NewFault(kernel.NotFound, "account.session.not_found")
)

// errUnknown says inside that no session and no token has this digest.
var errUnknown = errors.New("account: nobody has this credential")

// digest is what is stored of a token, as text.
func digest(token string) string {
	return base64.RawURLEncoding.EncodeToString(secret.Digest(token))
}

// allScopes is every scope there is; the last signs in the name of the instance.
var allScopes = []string{"read", "write", "share", "import", "export", "erase", "vc-api"}

// sessionScopes is what a session in a browser may: everything, but to sign in the
// name of the instance only for who keeps it.
func sessionScopes(owner bool) []string {
	if owner {
		return allScopes
	}
	return allScopes[:len(allScopes)-1]
}

// Recognise says whose a credential is, with one read by primary key. A cookie that
// is unknown, closed or over is a visitor; a bearer token that is, is refused.
func (s *Service) Recognise(ctx context.Context, c gate.Credential) (kernel.Actor, error) {
	now := s.DB.Now()
	switch {
	case c.Bearer != "":
		k, err := tokenHolder(ctx, s.DB.Read(), digest(c.Bearer))
		if errors.Is(err, errUnknown) || err == nil && !k.EndsAt.After(now) {
			return kernel.Actor{}, errBearer
		}
		if err != nil {
			return kernel.Actor{}, err
		}
		s.touched.note(&s.touched.tokens, k, now)
		return k.actor(strings.Fields(k.Scopes)), nil
	case c.Cookie != "":
		k, err := sessionHolder(ctx, s.DB.Read(), digest(c.Cookie))
		if errors.Is(err, errUnknown) || err == nil && k.over(now) {
			return kernel.Actor{}, nil
		}
		if err != nil {
			return kernel.Actor{}, err
		}
		s.touched.note(&s.touched.sessions, k, now)
		s.heard(k)
		a := k.actor(sessionScopes(k.Admin))
		a.SignedAt = k.SignedAt.Time
		return a, nil
	}
	return kernel.Actor{}, nil
}

// holder is a session or token with the person whose it is: one row of the hot path.
type holder struct {
	Digest, ID                        string
	Scopes                            string // of a token
	SignedAt, UsedAt, EndsAt, AlertAt db.Time
	Person                            kernel.PersonID
	Name, Lang, Zone, Theme           string
	Admin, Demo                       bool
}

// over reports whether a session has ended by itself.
func (h holder) over(now time.Time) bool {
	return !h.EndsAt.After(now) || now.Sub(h.UsedAt.Time) >= sessionIdle
}

func (h holder) actor(scopes []string) kernel.Actor {
	return kernel.Actor{
		Person: h.Person, Name: h.Name, Lang: h.Lang, Zone: h.Zone, Theme: h.Theme,
		Admin: h.Admin, Demo: h.Demo, Session: h.ID, Scopes: slices.Clip(scopes),
	}
}

// touched remembers what was used, so that no request waits for that to be written.
type touched struct {
	mu               sync.Mutex
	sessions, tokens map[string]time.Time
}

// mostTouched bounds its memory between two writings.
const mostTouched = 20_000

func (t *touched) note(set *map[string]time.Time, h holder, now time.Time) {
	if now.Sub(h.UsedAt.Time) < usedEvery {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if *set == nil {
		*set = map[string]time.Time{}
	}
	if len(*set) < mostTouched {
		(*set)[h.Digest] = now
	}
}

func (t *touched) drain() (sessions, tokens map[string]time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sessions, tokens = t.sessions, t.tokens
	t.sessions, t.tokens = nil, nil
	return sessions, tokens
}

// Flush writes down when sessions and tokens were last used. It runs in the
// background, once a minute on every process.
func (s *Service) Flush(ctx context.Context) error {
	sessions, tokens := s.touched.drain()
	if len(sessions)+len(tokens) == 0 {
		return nil
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		for d, at := range sessions {
			if err := useSession(ctx, tx, d, at); err != nil {
				return err
			}
		}
		for d, at := range tokens {
			if err := useToken(ctx, tx, d, at); err != nil {
				return err
			}
		}
		return nil
	})
}

// Visit is what a sign-in takes from the request: the cookie that ends with it and
// the browser, as its header names it.
type Visit struct {
	Cookie string
	Agent  string
}

// begin opens a session and ends the one that the browser brought along: the
// identity of a session changes at sign-in. The token goes into the cookie.
func (s *Service) begin(ctx context.Context, tx *db.Tx, person kernel.PersonID, how How, v Visit) (secret.Text, error) {
	if v.Cookie != "" {
		if err := deleteSession(ctx, tx, digest(v.Cookie)); err != nil {
			return secret.Text{}, err
		}
	}
	token, sum := secret.NewToken()
	return token, gone(insertSession(ctx, tx, sessionRow{
		Digest: base64.RawURLEncoding.EncodeToString(sum), ID: kernel.NewID[string]("ses", tx.Now),
		Person: person, How: how, Device: deviceOf(v.Agent).text(),
		SignedAt: db.At(tx.Now), UsedAt: db.At(tx.Now), EndsAt: db.At(tx.Now.Add(sessionMost)),
	}))
}

// SignOut ends the session that the browser brought along. It is no error if there
// was none.
func (s *Service) SignOut(ctx context.Context, v Visit) error {
	if v.Cookie == "" {
		return nil
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return deleteSession(ctx, tx, digest(v.Cookie)) })
}

// Sessions lists the actor's signed-in browsers, the last used first.
func (s *Service) Sessions(ctx context.Context) ([]Session, error) {
	a, err := may(ctx, "read")
	if err != nil {
		return nil, err
	}
	rows, err := sessionsOf(ctx, s.DB.Read(), a.Person)
	if err != nil {
		return nil, err
	}
	now := s.DB.Now()
	var all []Session
	for _, r := range rows {
		if (holder{EndsAt: r.EndsAt, UsedAt: r.UsedAt}).over(now) {
			continue
		}
		all = append(all, Session{
			ID: r.ID, How: r.How, Device: parseDevice(r.Device),
			SignedAt: r.SignedAt.Time, UsedAt: r.UsedAt.Time, EndsAt: r.EndsAt.Time, Here: r.ID == a.Session,
		})
	}
	return all, nil
}

// CloseSession signs one of the actor's browsers out. NotFound if she has no such
// session.
func (s *Service) CloseSession(ctx context.Context, id string) error {
	a, err := may(ctx, "write")
	if err != nil {
		return err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		return id, closeSession(ctx, tx, a.Person, id)
	})
}

// CloseOtherSessions signs every browser out but the one that asks.
func (s *Service) CloseOtherSessions(ctx context.Context) error {
	a, err := may(ctx, "write")
	if err != nil {
		return err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		return a.Session, closeSessions(ctx, tx, a.Person, a.Session)
	})
}
