package app

// Who may what in workshop.
func init() { decide(map[string]rule{}) }
