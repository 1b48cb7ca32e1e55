package archtest

// The tables of vae.
func init() { classify(map[string]string{}) }
