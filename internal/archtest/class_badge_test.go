package archtest

// The tables of badge.
func init() {
	classify(map[string]string{
		"badge_placed":      "technical; identifiers as keyed digests",
		"badge_achievement": "shared",
		"badge_award":       "technical; words sealed by the instance, and destroyed once the badge is taken",
	})
}
