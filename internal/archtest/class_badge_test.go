package archtest

// The tables of badge.
func init() {
	classify(map[string]string{
		"badge_placed": "technical; identifiers as keyed digests",
	})
}
