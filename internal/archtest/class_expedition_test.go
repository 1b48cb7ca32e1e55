package archtest

// The tables of expedition.
func init() { classify(map[string]string{}) }
