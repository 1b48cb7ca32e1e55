package app

// Who may what in portrait.
func init() { decide(map[string]rule{}) }
