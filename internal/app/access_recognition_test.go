package app

// Who may what in recognition.
func init() { decide(map[string]rule{}) }
