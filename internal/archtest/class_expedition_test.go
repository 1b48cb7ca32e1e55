package archtest

// The tables of expedition, and of the search over shared material.
func init() {
	classify(map[string]string{
		"expedition_expedition": "shared; code of guests sealed by the instance", "expedition_partner": "shared", "expedition_role": "technical", "expedition_credit": "shared",
		"expedition_card": "shared", "expedition_tie": "shared", "expedition_past": "shared",
		"expedition_vote": "shared", "expedition_link": "technical", "expedition_ballot": "shared; tied to nobody",
		"search_entry": "shared",
	})
}
