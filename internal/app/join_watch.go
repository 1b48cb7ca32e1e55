package app

import "digiwork/internal/watch"

// watchPart joins package watch.
var watchPart = part{
	name:     "watch",
	messages: watch.Messages,
	join: func(a *App, _ options) joined {
		a.Watch = &watch.Service{DB: a.DB, Gate: a.Gate}
		return joined{}
	},
}
