package vae

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Referential is a certification that an organisation keeps for itself, for unpaid
// work too: circle material, in clear.
type Referential struct {
	ID            string
	Circle        kernel.CircleID
	Version       int64
	Certification Certification

	by kernel.PersonID
}

const referentialsMost = 100 // of one circle

var (
	errReferentials = kernel.NewFault(kernel.TooMany, "vae.referential.many").With("max", referentialsMost)
	errNotKeeper    = kernel.NewFault(kernel.Forbidden, "vae.referential.keeper")
)

// Referentials lists those of the actor's circles.
func (s *Service) Referentials(ctx context.Context) ([]Referential, []Circle, error) {
	mine, err := s.Circles.Mine(ctx)
	if err != nil || len(mine) == 0 {
		return nil, mine, err
	}
	ids := make([]kernel.CircleID, len(mine))
	for i, c := range mine {
		ids[i] = c.ID
	}
	rows, err := referentialRows(ctx, s.DB.Read(), ids)
	if err != nil {
		return nil, nil, err
	}
	all := make([]Referential, len(rows))
	for i, r := range rows {
		all[i] = r.Referential
		if err := json.Unmarshal([]byte(r.body), &all[i].Certification); err != nil {
			return nil, nil, fmt.Errorf("read referential %s: %w", r.ID, err)
		}
	}
	return all, mine, nil
}

// Referential opens one of the actor's circles; NotFound for anybody else.
func (s *Service) Referential(ctx context.Context, id string) (Referential, Circle, error) {
	all, mine, err := s.Referentials(ctx)
	if err != nil {
		return Referential{}, Circle{}, err
	}
	i := slices.IndexFunc(all, func(r Referential) bool { return r.ID == id })
	if i < 0 {
		return Referential{}, Circle{}, errNotFoundVAE
	}
	k := slices.IndexFunc(mine, func(c Circle) bool { return c.ID == all[i].Circle })
	return all[i], mine[k], nil
}

// Keep writes a referential of a circle: a new one when its id is empty, else the next
// version of it, if nobody changed it meanwhile. Only who looks after the circle may.
func (s *Service) Keep(ctx context.Context, r Referential) (string, error) {
	if made, done, err := once.Before(ctx, s.DB); err != nil || done {
		return made, err
	}
	mine, err := s.Circles.Mine(ctx)
	if err != nil {
		return "", err
	}
	var before Certification
	if r.ID != "" {
		was, _, err := s.Referential(ctx, r.ID)
		if err != nil {
			return "", err
		}
		r.Circle, before = was.Circle, was.Certification
	}
	i := slices.IndexFunc(mine, func(c Circle) bool { return c.ID == r.Circle })
	switch {
	case i < 0:
		return "", errNotFoundVAE
	case !mine[i].Owner:
		return "", errNotKeeper
	}
	r.Certification.Certifier = mine[i].Name
	r.Certification.inherit(before)
	if err := r.Certification.Check(); err != nil {
		return "", err
	}
	raw, err := json.Marshal(r.Certification)
	if err != nil {
		return "", err
	}
	r.by = kernel.ActorFrom(ctx).Person
	var made string
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		made, _, err = once.Do(ctx, tx, func() (string, error) {
			if r.ID != "" {
				return r.ID, updateReferential(ctx, tx, r, string(raw))
			}
			n, err := countReferentials(ctx, tx, r.Circle)
			if err != nil {
				return "", err
			}
			if n >= referentialsMost {
				return "", errReferentials
			}
			r.ID = kernel.NewID[string]("ref", tx.Now)
			return r.ID, insertReferential(ctx, tx, r, string(raw))
		})
		return err
	})
	return made, err
}
