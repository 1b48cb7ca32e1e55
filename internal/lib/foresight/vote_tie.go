package foresight

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// lot is the place of an option in a draw that anyone can repeat: the SHA-256 of
// the published seed and the option. It depends on nothing else, neither on the
// order in which options were entered nor on the counts.
//
// Publish the seed before the vote, or make it from what nobody can choose.
func lot(seed, option string) []byte {
	h := sha256.New()
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(seed)))
	h.Write(size[:])
	h.Write([]byte(seed))
	h.Write([]byte(option))
	return h.Sum(nil)
}

// drawn compares two options by lot: negative when a comes first.
func drawn(seed, a, b string) int { return bytes.Compare(lot(seed, a), lot(seed, b)) }

// checkOptions refuses options that a draw could not tell apart.
func checkOptions(options []string) error {
	if _, err := names("options", options, 0, maxOptions, ""); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, o := range options {
		if seen[o] {
			return &InputError{Key: "foresight.vote.twice", Field: "options", Row: i + 1, Args: []any{"name", o}}
		}
		seen[o] = true
	}
	return nil
}
