package app

import (
	"context"
	"time"

	"digiwork/internal/badge"
	"digiwork/internal/circle"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/outbound"
	"digiwork/internal/platform/web"
)

// fetchFor is how long another's document may take to come.
const fetchFor = 8 * time.Second

// badgePart joins package badge.
var badgePart = part{
	name:     "badge",
	tables:   badge.Migrations,
	messages: badge.Messages,
	archive:  badge.Archive{},
	join: func(a *App, o options) joined {
		a.Badge = &badge.Service{
			DB: a.DB, Gate: a.Gate, Keys: a.Keys, Signing: a.Signing, Base: o.base,
			Circles: badgeCircles{a.Circle}, People: a.Account,
			Web:   badge.Outside{Client: outbound.Client(fetchFor)},
			Looks: web.NewLimiter(20, 6*time.Second, time.Now),
			VC:    badge.VCAPI{On: o.vcAPI, Open: o.vcOpen},
		}
		return joined{pages: a.Badge.Pages, leaver: badgeLeaver{a.Badge}, sweep: a.Badge.Sweep}
	},
}

// badgeCircles tells badge about circles.
type badgeCircles struct{ s *circle.Service }

// most is how many circles or members are asked for at once.
const most = 200

// Mine implements badge.Circles.
func (c badgeCircles) Mine(ctx context.Context) ([]badge.Circle, error) {
	views, _, err := c.s.Mine(ctx, "", most)
	all := make([]badge.Circle, len(views))
	for i, v := range views {
		all[i] = badge.Circle{ID: v.ID, Name: v.Name, Owner: v.Role == circle.Owner}
	}
	return all, err
}

// Members implements badge.Circles.
func (c badgeCircles) Members(ctx context.Context, id kernel.CircleID) ([]badge.Member, error) {
	var all []badge.Member
	for cursor := ""; ; {
		lines, next, err := c.s.Members(ctx, id, cursor, most)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			all = append(all, badge.Member{Person: l.Person, Name: l.Name})
		}
		if cursor = next; next == "" {
			return all, nil
		}
	}
}

// badgeLeaver tells what becomes of badges when somebody leaves.
type badgeLeaver struct{ s *badge.Service }

func badgeTally(designs, given int) (goes, stays map[string]int) {
	return map[string]int{"badge.leaving.designs": designs}, map[string]int{"badge.leaving.given": given}
}

// Leaves implements account.Leaver.
func (l badgeLeaver) Leaves(ctx context.Context, person kernel.PersonID) (goes, stays map[string]int, err error) {
	designs, given, err := l.s.Leaves(ctx, person)
	goes, stays = badgeTally(designs, given)
	return goes, stays, err
}

// Leave implements account.Leaver.
func (l badgeLeaver) Leave(ctx context.Context, tx *db.Tx, person kernel.PersonID) (gone, stays map[string]int, err error) {
	designs, given, err := l.s.Leave(ctx, tx, person)
	gone, stays = badgeTally(designs, given)
	return gone, stays, err
}
