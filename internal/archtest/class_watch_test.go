package archtest

// The tables of watch.
func init() { classify(map[string]string{}) }
