// Package openid lets people in by a provider that the keeper of an instance trusts:
// OpenID Connect Core 1.0, authorization code flow with state, nonce and PKCE.
package openid

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"

	"digiwork/internal/platform/secret"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// answerMost bounds what a provider may answer, in bytes.
const answerMost = 1 << 20

var (
	// ErrAway says that the provider does not answer as one.
	ErrAway = errors.New("openid: the provider does not answer")
	// ErrRefused says that what came back proves nobody.
	ErrRefused = errors.New("openid: the answer proves nobody")
)

// Settings name a provider; the zero Settings is none.
type Settings struct {
	Issuer     string // https address under which it describes itself
	Client     string // the name it knows this instance by
	SecretFile string // file that holds the secret shared with it
	Name       string // what people call it
}

// Provider is one provider. It is asked for its description at the first sign-in, so
// that the program starts without it.
type Provider struct {
	settings Settings
	secret   secret.Text
	back     string
	client   *http.Client

	mu    sync.Mutex
	known *oidc.Provider
}

// New prepares the provider of s; back is the address to which it sends people back.
// client decides which addresses may be reached. It is nil without settings.
func New(s Settings, back string, client *http.Client) (*Provider, error) {
	if s == (Settings{}) {
		return nil, nil //nolint:nilnil // no provider is no error
	}
	raw, err := os.ReadFile(s.SecretFile)
	if err != nil {
		return nil, fmt.Errorf("--oidc-secret-file: %w", err)
	}
	bounded := *client
	bounded.Transport = short{client.Transport}
	return &Provider{settings: s, secret: secret.New(strings.TrimSpace(string(raw))), back: back, client: &bounded}, nil
}

// Name is what people call the provider.
func (p *Provider) Name() string { return p.settings.Name }

// Attempt is what one sign-in remembers until the person comes back.
type Attempt struct{ Nonce, Verifier string }

// NewAttempt makes the secrets of one sign-in.
func NewAttempt() Attempt {
	nonce, _ := secret.NewToken()
	return Attempt{Nonce: nonce.Reveal(), Verifier: oauth2.GenerateVerifier()}
}

// Identity is whom the provider vouches for. Only Subject tells people apart; the
// others are what it believes she is called.
type Identity struct {
	Issuer, Subject string
	Handle, Name    string
}

// Address is where the person goes to prove herself; state comes back with her. again
// asks the provider to make sure that it is she who sits there now.
func (p *Provider) Address(ctx context.Context, state string, a Attempt, again bool) (string, error) {
	c, _, err := p.config(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return c.AuthCodeURL(state, options...), nil
}

// Redeem exchanges the code that the person brought back for her identity. issuer is
// who says that it sent her (RFC 9207), "" if it does not say so.
func (p *Provider) Redeem(ctx context.Context, code, issuer string, a Attempt) (Identity, error) {
	c, known, err := p.config(ctx)
	if err != nil {
		return Identity{}, err
	}
	if issuer != "" && issuer != p.settings.Issuer {
		return Identity{}, fmt.Errorf("%w: it comes from another issuer", ErrRefused)
	}
	token, err := c.Exchange(oidc.ClientContext(ctx, p.client), code, oauth2.VerifierOption(a.Verifier))
	if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) {
		return Identity{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrAway, err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := known.Verifier(&oidc.Config{ClientID: p.settings.Client}).Verify(oidc.ClientContext(ctx, p.client), raw)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) != 1 || id.Subject == "" {
		return Identity{}, fmt.Errorf("%w: it answers another question", ErrRefused)
	}
	var claims struct {
		Handle string `json:"preferred_username"`
		Name   string `json:"name"`
	}
	if err := id.Claims(&claims); err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return Identity{Issuer: id.Issuer, Subject: id.Subject, Handle: claims.Handle, Name: claims.Name}, nil
}

// config is how to speak to the provider, asked for once it answers.
func (p *Provider) config(ctx context.Context) (*oauth2.Config, *oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		// Its keys are fetched later too, when this request is over.
		known, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.settings.Issuer)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrAway, err)
		}
		p.known = known
	}
	return &oauth2.Config{
		ClientID: p.settings.Client, ClientSecret: p.secret.Reveal(), RedirectURL: p.back,
		Endpoint: p.known.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "profile"},
	}, p.known, nil
}

// short cuts answers that are longer than any of a provider.
type short struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (s short) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, answerMost), resp.Body}
	return resp, nil
}
