package app

// Who may what in expedition.
func init() { decide(map[string]rule{}) }
