package app

// Who may what in vae.
func init() { decide(map[string]rule{}) }
