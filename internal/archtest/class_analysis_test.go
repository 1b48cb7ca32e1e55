package archtest

// The tables of analysis: material of expeditions, in clear under their access rules.
func init() { classify(map[string]string{"analysis_study": "shared"}) }
