package app

import "digiwork/internal/badge"

// badgePart joins package badge.
var badgePart = part{
	name:     "badge",
	messages: badge.Messages,
	join: func(a *App, _ options) joined {
		a.Badge = &badge.Service{DB: a.DB, Gate: a.Gate}
		return joined{}
	},
}
