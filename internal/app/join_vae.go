package app

import "digiwork/internal/vae"

// vaePart joins package vae.
var vaePart = part{
	name:     "vae",
	messages: vae.Messages,
	join: func(a *App, _ options) joined {
		a.VAE = &vae.Service{DB: a.DB, Gate: a.Gate}
		return joined{}
	},
}
