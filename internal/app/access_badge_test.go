package app

// Who may what in badge.
func init() { decide(map[string]rule{}) }
