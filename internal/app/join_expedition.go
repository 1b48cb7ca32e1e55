package app

import (
	"context"
	"time"

	"digiwork/internal/circle"
	"digiwork/internal/expedition"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/web"
)

// expeditionPart joins package expedition.
var expeditionPart = part{
	name:     "expedition",
	tables:   expedition.Migrations,
	messages: expedition.Messages,
	rooms: []web.Room{{
		Code: "expedition", Group: "beyond", Path: "/expeditions", Icon: "expedition",
		Open: func(context.Context) bool { return true },
	}},
	join: func(a *App, o options) joined {
		a.Expedition = &expedition.Service{
			DB: a.DB, Keys: a.Keys, Circles: expeditionCircles{a.Circle}, People: a.Account, Base: o.base,
			Knocks: web.NewLimiter(200, time.Second, time.Now), // a room of people may share one address
		}
		return joined{pages: a.Expedition.Pages, api: a.Expedition.API, leaver: a.Expedition}
	},
}

// expeditionCircles is what expeditions ask about circles.
type expeditionCircles struct{ *circle.Service }

// Keeps implements expedition.Circles.
func (c expeditionCircles) Keeps(ctx context.Context, id kernel.CircleID) (bool, error) {
	v, err := c.Show(ctx, id)
	if kernel.KindOf(err) == kernel.Forbidden { // a token that may write but not read
		v, err = c.Current(ctx, id)
	}
	if kernel.KindOf(err) == kernel.NotFound {
		return false, nil
	}
	return err == nil && v.Role == circle.Owner, err
}

// mostMembers is how many members of a circle may be given roles from one page.
const mostMembers = 200

// Members implements expedition.Circles.
func (c expeditionCircles) Members(ctx context.Context, id kernel.CircleID) ([]expedition.Person, error) {
	lines, _, err := c.Service.Members(ctx, id, "", mostMembers)
	people := make([]expedition.Person, len(lines))
	for i, l := range lines {
		people[i] = expedition.Person{ID: l.Person, Name: l.Name}
	}
	return people, err
}
