package kernel

import (
	"crypto/rand"
	"strings"
	"time"
)

// Ids are text, made by us, sortable by birth and safe in a URL.
type (
	// PersonID names a person: per_…
	PersonID string
	// ItemID names an item of a musette: act_…, pce_…, mth_…
	ItemID string
	// GrantID names a pass somebody gave: grt_…
	GrantID string
	// CircleID names a collective: cir_…
	CircleID string
	// ExpeditionID names an expedition: exp_…
	ExpeditionID string
)

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// NewID returns prefix_ followed by 9 characters of time and 13 of chance (65 bits).
func NewID[T ~string](prefix string, now time.Time) T {
	ms := now.UnixMilli()
	b := make([]byte, 9)
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = alphabet[ms&31]
		ms >>= 5
	}
	return T(prefix + "_" + string(b) + strings.ToLower(rand.Text()[:13]))
}
