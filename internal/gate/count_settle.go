package gate

import (
	"context"
	"encoding/hex"
	"errors"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
)

// SettleCount publishes a count whose end has come, at an owner's word; otherwise the
// program does so by itself within the hour.
//
// Forbidden for who is no owner, Conflict before the end.
func (s *Service) SettleCount(ctx context.Context, id string) (Count, error) {
	c, err := s.CountByID(ctx, id)
	if err != nil {
		return Count{}, err
	}
	switch {
	case !c.Keeps:
		return Count{}, errNotKeeper
	case c.State == CountOpen && !c.Over(s.DB.Now()):
		return Count{}, errCountEarly
	case c.State == CountOpen:
		if err := s.settle(ctx, c); err != nil {
			return Count{}, err
		}
	}
	return s.CountByID(ctx, id)
}

// settleDue settles every count whose end has come.
func (s *Service) settleDue(ctx context.Context) error {
	due, err := countsDue(ctx, s.DB.Read(), s.DB.Now())
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range due {
		errs = append(errs, s.settle(ctx, c))
	}
	return errors.Join(errs...)
}

// settle adds up what people gave and publishes what may be. Who took her row back
// meanwhile is not in it: the addition starts again.
func (s *Service) settle(ctx context.Context, c Count) error {
	for range settleTries {
		err := s.settleOnce(ctx, c)
		if !errors.Is(err, errContributions) {
			return err
		}
	}
	return errContributions
}

func (s *Service) settleOnce(ctx context.Context, c Count) error {
	given, err := contributionsTo(ctx, s.DB.Read(), c.ID)
	if err != nil {
		return err
	}
	counted, err := s.gather(ctx, c, given)
	if err != nil {
		return err
	}
	earlier, err := s.pastCounts(ctx, c.Circle)
	if err != nil {
		return err
	}
	c.add(counted, earlier)
	result, err := marshalTallies(c.Tallies)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := contributionsTo(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if !sameContributions(given, now) {
			return errContributions
		}
		err = settleCount(ctx, tx, c, result)
		if errors.Is(err, errCountOver) {
			return nil // another process was first
		}
		if err != nil {
			return err
		}
		for _, p := range counted {
			if c.State == CountPublished {
				if err := insertCounted(ctx, tx, c.ID, p.digest); err != nil {
					return err
				}
			}
			if err := s.note(ctx, tx, p.owner, entry{grant: kernel.GrantID(c.ID), what: whatCounted, who: whoCount}); err != nil {
				return err
			}
		}
		return deleteContributions(ctx, tx, c.ID)
	})
}

// counted is one person in an addition.
type counted struct {
	owner  kernel.PersonID
	digest string // of her, in this circle
	row    Row
}

// gather opens the rows of those who said yes and still belong to the circle.
func (s *Service) gather(ctx context.Context, c Count, given []contributionRecord) ([]counted, error) {
	var all []counted
	for _, g := range given {
		in, err := s.Circles.Belongs(ctx, c.Circle, g.owner)
		if err != nil {
			return nil, err
		}
		if !in {
			continue
		}
		said, err := s.openContribution(ctx, g)
		if errors.Is(err, errNoVault) {
			continue // she left a moment ago
		}
		if err != nil {
			return nil, err
		}
		if said.Said != saidYes {
			continue
		}
		digest, err := s.digestIn(ctx, c.Circle, g.owner)
		if err != nil {
			return nil, err
		}
		all = append(all, counted{g.owner, digest, said.Row})
	}
	return all, nil
}

// digestIn is a keyed digest of a person in a circle, which only her key can make.
func (s *Service) digestIn(ctx context.Context, circle kernel.CircleID, person kernel.PersonID) (string, error) {
	key, err := s.key(ctx, person)
	if err != nil {
		return "", err
	}
	h := key.MAC("counted in")
	h.Write([]byte(string(circle) + "\x00" + string(person))) //nolint:errcheck,gosec // a hash never fails
	return hex.EncodeToString(h.Sum(nil)), nil
}

// pastCounts opens what the circle published before.
func (s *Service) pastCounts(ctx context.Context, circle kernel.CircleID) ([]past, error) {
	counts, err := publishedOf(ctx, s.DB.Read(), circle)
	if err != nil {
		return nil, err
	}
	all := make([]past, len(counts))
	for i, c := range counts {
		digests, err := countedIn(ctx, s.DB.Read(), c.ID)
		if err != nil {
			return nil, err
		}
		all[i] = past{who: map[string]bool{}, tallies: c.Tallies}
		for _, d := range digests {
			all[i].who[d] = true
		}
	}
	return all, nil
}

// add decides what becomes of a count whose end has come, and fills its tallies when
// it may be published.
func (c *Count) add(people []counted, earlier []past) {
	who, rows := map[string]bool{}, make([]Row, len(people))
	for i, p := range people {
		who[p.digest], rows[i] = true, p.row
	}
	if len(people) < fewest {
		c.State = CountShort
		return
	}
	for _, p := range earlier {
		if !p.differs(who) {
			c.State = CountHeld
			return
		}
	}
	c.State, c.People = CountPublished, len(people)
	for _, code := range c.Questions {
		q, _ := questionOf(code)
		names := q.cells
		if code == askWords {
			names = c.Words
		}
		c.Tallies = append(c.Tallies, tally(q, names, rows, who, earlier))
	}
}

func sameContributions(a, b []contributionRecord) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].owner != b[i].owner || a[i].at != b[i].at || string(a[i].sealed) != string(b[i].sealed) {
			return false
		}
	}
	return true
}
