package app

import "digiwork/internal/workshop"

// workshopPart joins package workshop.
var workshopPart = part{
	name:     "workshop",
	messages: workshop.Messages,
	join: func(a *App, _ options) joined {
		a.Workshop = &workshop.Service{DB: a.DB, Gate: a.Gate}
		return joined{}
	},
}
