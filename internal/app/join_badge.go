package app

import (
	"time"

	"digiwork/internal/badge"
	"digiwork/internal/platform/outbound"
)

// fetchFor is how long another's document may take to come.
const fetchFor = 8 * time.Second

// badgePart joins package badge.
var badgePart = part{
	name:     "badge",
	tables:   badge.Migrations,
	messages: badge.Messages,
	join: func(a *App, o options) joined {
		a.Badge = &badge.Service{
			DB: a.DB, Gate: a.Gate, Keys: a.Keys, Signing: a.Signing, Base: o.base,
			Web: badge.Outside{Client: outbound.Client(fetchFor)},
			VC:  badge.VCAPI{On: o.vcAPI, Open: o.vcOpen},
		}
		return joined{pages: a.Badge.Pages}
	},
}
