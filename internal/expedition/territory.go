package expedition

import (
	"context"
	"slices"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

var errGather = kernel.NewFault(kernel.Invalid, "expedition.gather.none").On("tensions")

// Gather puts tensions into a territory: into the one named, or into a new one under a
// title. It says which.
//
// Invalid on "tensions" when there are none, on "title" when a new one has no title.
func (s *Service) Gather(ctx context.Context, id kernel.ExpeditionID, territory, title string, tensions []string) (string, error) {
	return s.do(ctx, func(tx *db.Tx) (string, error) {
		if _, _, err := s.enter(ctx, tx, id, Edit); err != nil {
			return "", err
		}
		if len(tensions) == 0 {
			return "", errGather
		}
		if territory == "" {
			return s.AddIn(ctx, tx, id, "territory", Entry{Title: title, Ties: map[string][]string{"tensions": tensions}})
		}
		c, err := cardByID(ctx, tx, id, territory)
		if err != nil {
			return "", err
		}
		if c.Kind != "territory" {
			return "", errNoCard
		}
		e := Entry{Title: c.Title, Fields: c.Fields, Ties: map[string][]string{}}
		for name, targets := range c.Ties {
			e.Ties[name] = slices.Clone(targets)
		}
		e.Ties["tensions"] = distinct(append(e.Ties["tensions"], tensions...))
		return c.ID, s.changeIn(ctx, tx, id, c.ID, c.Version, e, false)
	})
}
