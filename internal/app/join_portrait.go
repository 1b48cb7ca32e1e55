package app

import "digiwork/internal/portrait"

// portraitPart joins package portrait.
var portraitPart = part{
	name:     "portrait",
	messages: portrait.Messages,
	join: func(a *App, _ options) joined {
		a.Portrait = &portrait.Service{DB: a.DB, Gate: a.Gate}
		return joined{}
	},
}
