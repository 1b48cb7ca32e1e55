package app

import "digiwork/internal/signing"

// signingPart joins package signing.
var signingPart = part{
	name:     "signing",
	messages: signing.Messages,
	join: func(a *App, _ options) joined {
		a.Signing = &signing.Service{DB: a.DB, Gate: a.Gate}
		return joined{}
	},
}
