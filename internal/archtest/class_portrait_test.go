package archtest

// The tables of portrait.
func init() {
	classify(map[string]string{
		"portrait_address": "shared; the name is in clear, the link's token sealed by the instance",
	})
}
