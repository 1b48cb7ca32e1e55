package archtest

// The tables of watch: material of expeditions, in clear under their access rules.
func init() {
	classify(map[string]string{
		"watch_signal": "shared", "watch_apart": "shared", "watch_feed": "shared", "watch_note": "shared", "watch_review": "shared", "watch_turn": "technical",
	})
}
