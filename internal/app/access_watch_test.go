package app

// Who may what in watch.
func init() { decide(map[string]rule{}) }
