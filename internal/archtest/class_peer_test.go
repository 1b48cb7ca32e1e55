package archtest

// The tables of peer.
func init() {
	classify(map[string]string{
		"peer_request": "technical", "peer_word": "technical", "peer_guest": "technical; link sealed by the instance",
	})
}
