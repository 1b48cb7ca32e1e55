package app

// Who may what in signing.
func init() { decide(map[string]rule{}) }
