package integrity

import "crypto"

// Fits checks a signature with the hash that the key asks for.
func Fits(key crypto.PublicKey, data, signature []byte) bool {
	return fits(key, hashOf(key), data, signature)
}

// Join hashes the canonical proof and document with the hash that the key asks for.
func Join(key crypto.PublicKey, about, text []byte) []byte { return join(hashOf(key), about, text) }

func hashOf(key crypto.PublicKey) hashName {
	for _, s := range []suite{{}, {ecdsa: true}} {
		if h, ok := s.hashFor(key); ok {
			return h
		}
	}
	return sha256Name
}

// ParseDerived reads a derived proof value.
func ParseDerived(value []byte) {
	if _, err := parseDerived(value); err != nil {
		return
	}
}
