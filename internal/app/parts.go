package app

import (
	"context"
	"io/fs"

	"digiwork/internal/account"
	"digiwork/internal/musette"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// part is a context that its own file join_NAME.go joins to the house.
type part struct {
	name     string       // of the context: its tables and messages begin so
	tables   fs.FS        // its migrations; nil when it has no table
	messages fs.FS        // its sentences
	rooms    []web.Room   // what it adds to the navigation
	archive  musette.Room // how its items travel in an archive; nil: as they are
	join     func(a *App, o options) joined
}

// joined is what a part answers to, once joined. Every member may be nil.
type joined struct {
	pages  func(*web.Mux)
	api    func(huma.API)
	leaver account.Leaver              // what becomes of what it holds when somebody leaves for good
	sweep  func(context.Context) error // its housekeeping, each hour, on one process
}

// parts in the order of joining: a part may be given the services before it.
var parts = []part{
	signingPart,
	recognitionPart, badgePart, peerPart, vaePart, portraitPart,
	expeditionPart, watchPart, analysisPart, workshopPart,
}

// archiveRooms are how the items of the parts travel in an archive.
func archiveRooms() []musette.Room {
	var all []musette.Room
	for _, p := range parts {
		if p.archive != nil {
			all = append(all, p.archive)
		}
	}
	return all
}
