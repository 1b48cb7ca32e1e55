package archtest

// The tables of portrait.
func init() { classify(map[string]string{}) }
