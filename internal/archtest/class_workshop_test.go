package archtest

// The tables of workshop: what was played, in clear under the access rules of an
// expedition; digests of devices until a table closes.
func init() {
	classify(map[string]string{
		"workshop_table": "shared; code sealed by the instance", "workshop_seat": "shared; digests of devices", "workshop_entry": "shared",
		"workshop_idea": "shared", "workshop_dot": "shared",
	})
}
