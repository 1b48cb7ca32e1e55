package portrait

import (
	"context"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/once"
)

// Address is a name under which one link of its owner answers.
type Address struct {
	Name  string
	Owner kernel.PersonID
	Grant kernel.GrantID

	sealed string // the link's token, sealed by the instance
}

const sealPurpose = "portrait address"

var (
	addressForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{1,38})[a-z0-9]$`)
	// kept are names that would look like the house itself.
	kept = []string{"admin", "digiwork", "help", "aide", "support", "root", "instance", "security"}

	errAddress = kernel.NewFault(kernel.Invalid, "portrait.address.form").On("name")
	errTaken   = kernel.NewFault(kernel.Conflict, "portrait.address.taken").On("name")
	errGrant   = kernel.NewFault(kernel.Invalid, "portrait.address.link").On("grant")
)

// Address is the actor's, if she has one.
func (s *Service) Address(ctx context.Context) (Address, bool, error) {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return Address{}, false, err
	}
	all, err := addressesOf(ctx, s.DB.Read(), pass.Owner())
	if err != nil || len(all) == 0 {
		return Address{}, false, err
	}
	return all[0], true, nil
}

// TakeAddress makes name lead to one of the actor's open links; the name she had
// before leads nowhere from then on.
//
// Invalid on "name" or "grant"; Conflict on "name" if somebody else has it.
func (s *Service) TakeAddress(ctx context.Context, name string, grant kernel.GrantID) error {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	name = strings.ToLower(strings.TrimSpace(name))
	if !addressForm.MatchString(name) || slices.Contains(kept, name) {
		return errAddress
	}
	g, err := s.link(ctx, grant)
	if kernel.KindOf(err) == kernel.NotFound {
		return errGrant.Because(err)
	}
	if err != nil {
		return err
	}
	a := Address{name, pass.Owner(), g.ID, s.seal(g)}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) {
			if err := dropAddresses(ctx, tx, a.Owner); err != nil {
				return "", err
			}
			return name, insertAddress(ctx, tx, a)
		})
		return err
	})
	if db.IsUnique(err) {
		return errTaken.Because(err)
	}
	return err
}

// seal keeps the token of a link, which no table may hold in clear.
func (s *Service) seal(g gate.Grant) string {
	_, token, _ := strings.Cut(g.URL, "/s/")
	return base64.StdEncoding.EncodeToString(s.Keys.SealText(sealPurpose, []byte(token)))
}

// LeaveAddress gives the actor's name back.
func (s *Service) LeaveAddress(ctx context.Context) error {
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, _, err := once.Do(ctx, tx, func() (string, error) { return "", dropAddresses(ctx, tx, pass.Owner()) })
		return err
	})
}

// Follow gives the token of the link that a name leads to. gate.ErrNever for a name
// nobody has.
func (s *Service) Follow(ctx context.Context, name string) (token string, err error) {
	all, err := addressesNamed(ctx, s.DB.Read(), strings.ToLower(name))
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", gate.ErrNever
	}
	sealed, err := base64.StdEncoding.DecodeString(all[0].sealed)
	if err != nil {
		return "", err
	}
	raw, err := s.Keys.OpenText(sealPurpose, sealed)
	return string(raw), err
}

// Leave removes the address of a person who leaves for good.
func (s *Service) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) error {
	return dropAddresses(ctx, tx, person)
}
