package app

import "digiwork/internal/peer"

// peerPart joins package peer.
var peerPart = part{
	name:     "peer",
	messages: peer.Messages,
	join: func(a *App, _ options) joined {
		a.Peer = &peer.Service{DB: a.DB, Gate: a.Gate}
		return joined{}
	},
}
