package app

import "digiwork/internal/recognition"

// recognitionPart joins package recognition.
var recognitionPart = part{
	name:     "recognition",
	messages: recognition.Messages,
	join: func(a *App, _ options) joined {
		a.Recognition = &recognition.Service{DB: a.DB, Gate: a.Gate}
		return joined{}
	},
}
