package app

// Who may what in peer.
func init() { decide(map[string]rule{}) }
