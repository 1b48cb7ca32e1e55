package archtest

// The tables of recognition.
func init() { classify(map[string]string{}) }
