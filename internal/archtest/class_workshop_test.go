package archtest

// The tables of workshop.
func init() { classify(map[string]string{}) }
