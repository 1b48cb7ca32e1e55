package archtest

// The tables of badge.
func init() { classify(map[string]string{}) }
