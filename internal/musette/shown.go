package musette

import (
	"context"
	"slices"

	"digiwork/internal/gate"
)

// ShownBy is a face that carries a thing, with the passes that show it now.
type ShownBy struct {
	Face gate.Face
	Rule bool // it chooses by a rule: it carries what its preview shows
	Open []gate.Grant
}

// ShownBy lists the faces that carry an item of the actor's, and those that choose
// activities by a rule and do not hide it, with the passes that are open.
func (s *Service) ShownBy(ctx context.Context, it *gate.Item) ([]ShownBy, error) {
	faces, err := s.Gate.Faces(ctx)
	if err != nil {
		return nil, err
	}
	var all []ShownBy
	for _, f := range faces {
		listed, rule := carries(f, it)
		if listed || rule {
			all = append(all, ShownBy{Face: f, Rule: !listed})
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	grants, err := s.Gate.Grants(ctx)
	if err != nil {
		return nil, err
	}
	now := s.DB.Now()
	for i := range all {
		for _, g := range grants {
			if g.Face == all[i].Face.ID && g.Open(now) {
				all[i].Open = append(all[i].Open, g)
			}
		}
	}
	return all, nil
}

// carries reports whether a face names an item, or may choose it by its rule.
func carries(f gate.Face, it *gate.Item) (listed, rule bool) {
	if it.View.Never || slices.Contains(f.Hides, string(it.ID)) {
		return false, false
	}
	sh := f.Shows
	if slices.Contains(slices.Concat(sh.Activities.IDs, sh.Items, sh.Pieces, sh.Originals), it.ID) {
		return true, false
	}
	return false, sh.Activities.Rule != nil && IsActivity(it.View.Kind)
}
