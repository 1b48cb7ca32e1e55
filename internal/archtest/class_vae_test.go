package archtest

// The tables of vae.
func init() {
	classify(map[string]string{
		"vae_referential": "shared: referentials of circles, in clear for their members",
		"vae_session":     "shared: ids and times; title and outcome once the jury decided",
		"vae_reminder":    "technical: ids and days",
		"vae_opinion":     "shared: what members of a jury write, in clear for them and the candidate",
	})
}
