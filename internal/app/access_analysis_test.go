package app

// Who may what in analysis.
func init() { decide(map[string]rule{}) }
