package archtest

// The tables of analysis.
func init() { classify(map[string]string{}) }
