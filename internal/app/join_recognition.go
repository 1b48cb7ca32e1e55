package app

import (
	"path/filepath"

	"digiwork/internal/lib/skills"
	"digiwork/internal/lib/taxonomy"
	"digiwork/internal/platform/web"
	"digiwork/internal/recognition"
)

// revelerPages are the pages of Révéler side by side, in their order.
var revelerPages = []recognition.Door{
	{Path: "/reveler", Key: "recognition.nav.home"},
	{Path: "/reveler/map", Key: "recognition.nav.map"},
	{Path: "/reveler/badges", Key: "badge.nav"},
	{Path: "/reveler/peers", Key: "recognition.nav.peers"},
	{Path: "/reveler/show", Key: "portrait.nav"},
}

// recognitionPart joins package recognition.
var recognitionPart = part{
	name:     "recognition",
	messages: recognition.Messages,
	rooms:    []web.Room{{Code: "reveler", Group: "self", Path: "/reveler", Icon: "reveler"}},
	join: func(a *App, _ options) joined {
		library := taxonomy.Open(taxonomy.Shelf{Dir: filepath.Join(a.place.dir, "taxonomy")})
		a.Recognition = &recognition.Service{
			DB: a.DB, Gate: a.Gate, Library: library, Source: &skills.Source{Library: library}, Ask: "/reveler/peers/new", Doors: revelerPages,
		}
		return joined{pages: a.Recognition.Pages, api: a.Recognition.API}
	},
}
