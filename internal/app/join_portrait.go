package app

import (
	"digiwork/internal/account"
	"digiwork/internal/portrait"
)

// portraitPart joins package portrait.
var portraitPart = part{
	name:     "portrait",
	tables:   portrait.Migrations,
	messages: portrait.Messages,
	join: func(a *App, o options) joined {
		a.Portrait = &portrait.Service{DB: a.DB, Gate: a.Gate, Keys: a.Keys, Base: o.base}
		for _, d := range revelerPages {
			a.Portrait.Doors = append(a.Portrait.Doors, portrait.Door(d))
		}
		return joined{pages: a.Portrait.Pages, leaver: account.LeaveFunc(a.Portrait.Leave)}
	},
}
