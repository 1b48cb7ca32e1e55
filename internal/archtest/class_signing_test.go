package archtest

// The tables of signing.
func init() {
	classify(map[string]string{
		"signing_key":  "technical; private key sealed by the instance",
		"signing_list": "technical",
	})
}
