package archtest

// The tables of peer.
func init() { classify(map[string]string{}) }
