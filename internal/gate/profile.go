package gate

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// kindProfile marks the one item that holds what a person says of herself.
const kindProfile = "profile"

// profileID is fixed: a person has one profile.
const profileID kernel.ItemID = "prf_me"

const profileMost = 2000

var (
	errProfileField = kernel.NewFault(kernel.Invalid, "gate.profile.field")
	errProfileLong  = kernel.NewFault(kernel.Invalid, "gate.profile.long")
)

// Profile is what a person says of herself, by name of ProfileFields.
type Profile struct {
	Version int64 // 0 when she never said anything
	Fields  map[string]string
}

// Profile opens what the actor says of herself.
func (s *Service) Profile(ctx context.Context) (Profile, error) {
	p, err := s.Own(ctx)
	if err != nil {
		return Profile{}, err
	}
	it, err := s.Get(ctx, p, profileID)
	if kernel.KindOf(err) == kernel.NotFound {
		return Profile{Fields: map[string]string{}}, nil
	}
	if err != nil {
		return Profile{}, err
	}
	return Profile{Version: it.Version, Fields: fieldsOf(it.View)}, nil
}

func fieldsOf(v View) map[string]string {
	m := map[string]string{}
	for _, f := range v.Facts {
		m[f.Name] = f.Text
	}
	return m
}

// SaveProfile replaces what the actor says of herself.
//
// Invalid with the field at fault; Conflict if another version is there.
func (s *Service) SaveProfile(ctx context.Context, pr Profile) error {
	p, err := s.Own(ctx)
	if err != nil {
		return err
	}
	sealed, err := s.SealProfile(ctx, p, pr)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			_, err := s.Put(ctx, tx, sealed)
			return string(profileID), err
		})
		return err
	})
}

// SealProfile prepares a profile for Put, for imports that write it with the rest.
func (s *Service) SealProfile(ctx context.Context, p Pass, pr Profile) (Sealed, error) {
	v := View{Kind: kindProfile, Never: true, Provenance: Provenance{Source: Declared}}
	for name, text := range pr.Fields {
		if !slices.Contains(ProfileFields, name) {
			return Sealed{}, errProfileField.On(name)
		}
		if utf8.RuneCountInString(text) > profileMost {
			return Sealed{}, errProfileLong.On(name).With("max", profileMost)
		}
		if text = strings.TrimSpace(text); text != "" {
			v.Facts = append(v.Facts, Fact{name, text})
		}
	}
	slices.SortFunc(v.Facts, func(a, b Fact) int { return strings.Compare(a.Name, b.Name) })
	return s.Seal(ctx, p, Item{ID: profileID, Room: room, Version: pr.Version, View: v})
}

// profileFor gives the fields a face shows, in the order of ProfileFields. The
// name chosen on this instance stands in for a name she never wrote.
func (s *Service) profileFor(ctx context.Context, owner kernel.PersonID, m *musette, f Face) ([]ShownFact, error) {
	fields := map[string]string{}
	if it, ok := m.item(profileID); ok {
		fields = fieldsOf(it.View)
	}
	all := []ShownFact{}
	for _, name := range ProfileFields {
		if !slices.Contains(f.Shows.Profile, name) {
			continue
		}
		text := fields[name]
		if text == "" && name == "name" {
			names, err := s.People.Names(ctx, []kernel.PersonID{owner})
			if err != nil {
				return nil, err
			}
			text = names[owner]
		}
		if text != "" {
			all = append(all, ShownFact{name, text})
		}
	}
	return all, nil
}
