package app

import "digiwork/internal/analysis"

// analysisPart joins package analysis.
var analysisPart = part{
	name:     "analysis",
	messages: analysis.Messages,
	join: func(a *App, _ options) joined {
		a.Analysis = &analysis.Service{DB: a.DB, Gate: a.Gate}
		return joined{}
	},
}
