package account

import (
	"context"
	"encoding/base32"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
	"digiwork/internal/platform/secret"
)

const (
	tokenDays    = 366 // every token ends
	maxTokenName = 80  // runes
	mostTokens   = 50  // of one person
	tokenPrefix  = "dw_"
)

var (
	errTokenName  = kernel.NewFault(kernel.Invalid, "account.token.name.form").On("name").With("max", maxTokenName)
	errTokenDays  = kernel.NewFault(kernel.Invalid, "account.token.days.form").On("days").With("max", tokenDays)
	errTokenScope = kernel.NewFault(kernel.Invalid, "account.token.scopes.form").On("scopes").With("scopes", strings.Join(allScopes, ", "))
	errTokenNone  = kernel.NewFault(kernel.Invalid, "account.token.scopes.none").On("scopes")
	errTokenMore  = kernel.NewFault(kernel.Forbidden, "account.token.scopes.more").On("scopes")
	errTokensMany = kernel.NewFault(kernel.TooMany, "account.token.too_many").With("max", mostTokens)
	errNoToken    = kernel.NewFault(kernel.NotFound, "account.token.not_found")
)

// Token is what lets a program act for a person, as she sees it: never the token itself.
type Token struct {
	ID             string
	Name           string // in her words; may be empty
	Scopes         []string
	ByOperator     bool
	MadeAt, EndsAt time.Time
	UsedAt         time.Time // zero if never
}

// NewToken asks for a token.
type NewToken struct {
	Name   string
	Scopes []string // "all" is every one but vc-api
	Days   int      // until it ends; 0 is the longest
}

// checked is the request cleaned, with "all" written out.
func (n NewToken) checked() (NewToken, error) {
	n.Name = strings.Join(strings.Fields(n.Name), " ")
	var errs []error
	if utf8.RuneCountInString(n.Name) > maxTokenName || !utf8.ValidString(n.Name) || strings.ContainsFunc(n.Name, unicode.IsControl) {
		errs = append(errs, errTokenName)
	}
	if n.Days == 0 {
		n.Days = tokenDays
	}
	if n.Days < 1 || n.Days > tokenDays {
		errs = append(errs, errTokenDays)
	}
	scopes, err := parseScopes(n.Scopes)
	n.Scopes = scopes
	return n, errors.Join(append(errs, err)...)
}

// parseScopes puts scopes in their order, each once.
func parseScopes(asked []string) ([]string, error) {
	want := map[string]bool{}
	for _, a := range asked {
		switch {
		case a == "all":
			for _, scope := range allScopes {
				want[scope] = want[scope] || scope != "vc-api"
			}
		case slices.Contains(allScopes, a):
			want[a] = true
		default:
			return nil, errTokenScope
		}
	}
	scopes := slices.DeleteFunc(slices.Clone(allScopes), func(s string) bool { return !want[s] })
	if len(scopes) == 0 {
		return nil, errTokenNone
	}
	return scopes, nil
}

// tokenText is the token with an id. It is made again from the id by the instance's
// key, so that a request sent twice gets the same token and no copy of it is kept.
func (s *Service) tokenText(id string) string {
	raw := s.Keys.Digest(purposeToken, id)
	return tokenPrefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:20]))
}

// CreateToken makes a token of the actor. It is returned once: only its digest is
// kept. Forbidden for scopes that the actor's own session or token does not carry.
func (s *Service) CreateToken(ctx context.Context, n NewToken) (Token, secret.Text, error) {
	a, err := may(ctx, "write")
	if err != nil {
		return Token{}, secret.Text{}, err
	}
	if n, err = n.checked(); err != nil {
		return Token{}, secret.Text{}, err
	}
	spread := maySpread(a)
	for _, scope := range n.Scopes {
		if !slices.Contains(spread, scope) {
			return Token{}, secret.Text{}, errTokenMore.With("scope", scope)
		}
	}
	return s.createToken(ctx, a.Person, n, false)
}

// CreateTokenFor makes a token for somebody from the command line. It leaves a line
// in her journal and is marked in her list.
func (s *Service) CreateTokenFor(ctx context.Context, person kernel.PersonID, n NewToken) (Token, secret.Text, error) {
	n, err := n.checked()
	if err != nil {
		return Token{}, secret.Text{}, err
	}
	if _, err := s.Gate.Operator(ctx, person, gate.ActToken); err != nil {
		return Token{}, secret.Text{}, err
	}
	return s.createToken(ctx, person, n, true)
}

func (s *Service) createToken(ctx context.Context, person kernel.PersonID, n NewToken, operator bool) (Token, secret.Text, error) {
	var row tokenRow
	name := s.sealed(purposeName, n.Name)
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		id, _, err := once.Do(ctx, tx, func() (string, error) {
			if err := deleteTokensOver(ctx, tx, person); err != nil {
				return "", err
			}
			has, err := tokensOf(ctx, tx, person)
			if err != nil {
				return "", err
			}
			if len(has) >= mostTokens {
				return "", errTokensMany
			}
			id := kernel.NewID[string]("tok", tx.Now)
			return id, insertToken(ctx, tx, tokenRow{
				Digest: digest(s.tokenText(id)), ID: id, Person: person, Name: name,
				Scopes: strings.Join(n.Scopes, " "), ByOperator: operator,
				MadeAt: db.At(tx.Now), EndsAt: db.At(tx.Now.AddDate(0, 0, n.Days)),
			})
		})
		if err != nil {
			return err
		}
		row, err = tokenByID(ctx, tx, person, id)
		return err
	})
	if err != nil {
		return Token{}, secret.Text{}, err
	}
	t, err := s.token(row)
	return t, secret.New(s.tokenText(row.ID)), err
}

// token is a stored token as its owner sees it.
func (s *Service) token(r tokenRow) (Token, error) {
	name, err := s.opened(purposeName, r.Name)
	return Token{
		ID: r.ID, Name: name, Scopes: strings.Fields(r.Scopes), ByOperator: r.ByOperator,
		MadeAt: r.MadeAt.Time, EndsAt: r.EndsAt.Time, UsedAt: r.UsedAt.Time,
	}, err
}

// Tokens lists the actor's tokens that have not ended, the newest first.
func (s *Service) Tokens(ctx context.Context) ([]Token, error) {
	a, err := may(ctx, "read")
	if err != nil {
		return nil, err
	}
	rows, err := tokensOf(ctx, s.DB.Read(), a.Person)
	if err != nil {
		return nil, err
	}
	var all []Token
	for _, r := range rows {
		if !r.EndsAt.After(s.DB.Now()) {
			continue
		}
		t, err := s.token(r)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// RevokeToken closes one of the actor's tokens, on every process at once.
func (s *Service) RevokeToken(ctx context.Context, id string) error {
	a, err := may(ctx, "write")
	if err != nil {
		return err
	}
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		return id, deleteToken(ctx, tx, a.Person, id)
	})
}
