package app

import "digiwork/internal/expedition"

// expeditionPart joins package expedition.
var expeditionPart = part{
	name:     "expedition",
	messages: expedition.Messages,
	join: func(a *App, _ options) joined {
		a.Expedition = &expedition.Service{DB: a.DB, Gate: a.Gate}
		return joined{}
	},
}
