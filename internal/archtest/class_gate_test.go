package archtest

// The tables the gate made after its first ones.
func init() {
	classify(map[string]string{
		"gate_frozen": "vault", "gate_frozen_chunk": "vault",
		"gate_count": "shared", "gate_contribution": "vault", "gate_counted": "technical",
	})
}
