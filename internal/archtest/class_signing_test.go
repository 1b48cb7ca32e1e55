package archtest

// The tables of signing.
func init() { classify(map[string]string{}) }
