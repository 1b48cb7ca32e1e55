package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"digiwork/internal/account"
	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// Filled is a database with many people in it, for measures.
type Filled struct {
	Tokens  []string // of some of the people
	Cookies []string // sessions of the same
	Items   []string // one activity of each of them
}

// Fill makes people who keep each activities each, through the gate like anybody.
// asked of them, spread evenly, get a token and a session. It serves measures.
func Fill(ctx context.Context, data string, people, each, asked int) (f Filled, err error) {
	cfg := Config{Data: data}
	a, err := New(ctx, cfg.place("digiwork"), options{base: "http://localhost", log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if _, _, err := a.Account.AddPerson(ctx, account.NewPerson{Handle: "keeper", Name: "Keeper", Admin: true}); err != nil {
		return f, err
	}
	every := max(1, people/asked)
	for n := range people {
		id, url, err := a.Account.AddPerson(ctx, account.NewPerson{Handle: fmt.Sprintf("person-%d", n), Name: fmt.Sprintf("Person %d", n)})
		if err != nil {
			return f, err
		}
		_, token, err := a.Account.CreateTokenFor(ctx, id, account.NewToken{Name: "measure", Scopes: []string{"all"}})
		if err != nil {
			return f, err
		}
		own, err := a.Gate.Enter(ctx, gate.Credential{Bearer: token.Reveal()})
		if err != nil {
			return f, err
		}
		first, err := a.fillOne(own, n, each)
		if err != nil {
			return f, err
		}
		if n%every != 0 || len(f.Tokens) == asked {
			continue
		}
		cookie, err := a.Account.Enter(ctx, url[len("http://localhost/enter/"):], account.Visit{})
		if err != nil {
			return f, err
		}
		f.Tokens, f.Cookies, f.Items = append(f.Tokens, token.Reveal()), append(f.Cookies, cookie.Reveal()), append(f.Items, string(first))
	}
	return f, nil
}

// fillOne writes the activities of one person, in one transaction for each hundred.
func (a *App) fillOne(ctx context.Context, n, each int) (first kernel.ItemID, err error) {
	pass, err := a.Gate.Own(ctx)
	if err != nil {
		return "", err
	}
	kinds := []string{"job", "mission", "volunteering", "care", "learning", "project"}
	for start := 0; start < each; start += 100 {
		var sealed []gate.Sealed
		for i := start; i < min(start+100, each); i++ {
			paid := i%3 != 0
			one, err := a.Gate.Seal(ctx, pass, gate.Item{
				ID: kernel.NewID[kernel.ItemID]("act", a.DB.Now()), Room: "musette",
				View: gate.View{
					Kind: kinds[i%len(kinds)], Title: fmt.Sprintf("Tenir les comptes, saison %d", i), Start: fmt.Sprintf("%d-%02d", 1985+(i+n)%40, 1+i%12),
					Organisation: fmt.Sprintf("Association des Rives %d", i%17), Place: "Saint-Avre-sur-Ysole", WithWhom: "le bureau et les adhérents", Purpose: "que chacun sache où va l'argent",
					Paid: &paid, Hours: float64(1 + i%20), Tags: []string{"comptabilité"}, Provenance: gate.Provenance{Source: gate.Declared},
					Text: "J'ai remis la caisse en ordre, puis appris au bureau à la lire. Budget, deux emplois, une subvention à justifier chaque printemps.",
				},
			})
			if err != nil {
				return "", err
			}
			if first == "" {
				first = one.ID()
			}
			sealed = append(sealed, one)
		}
		if err := a.DB.Write(ctx, func(tx *db.Tx) error {
			for _, one := range sealed {
				if _, err := a.Gate.Put(ctx, tx, one); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return "", err
		}
	}
	return first, nil
}
