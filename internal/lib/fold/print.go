package fold

import (
	"hash/fnv"
	"math/bits"
	"strings"

	"digiwork/internal/lib/french"
)

const (
	shingle  = 3  // words that are hashed together
	shortest = 24 // words under which a print says nothing
)

// Print is the SimHash of a text: a bit is 1 when more shingles of three words have
// it than not. The zero Print is of a text too short to be compared.
type Print uint64

// PrintOf is the print of a text, whatever its case, accents and punctuation.
func PrintOf(text string) Print {
	words := strings.FieldsFunc(french.Fold(text), notWord)
	if len(words) < shortest {
		return 0
	}
	var weight [64]int
	for i := range len(words) - shingle + 1 {
		h := fnv.New64a()
		for _, w := range words[i : i+shingle] {
			_, _ = h.Write([]byte(w)) //nolint:errcheck // a hash never fails
			_, _ = h.Write([]byte{0}) //nolint:errcheck // a hash never fails
		}
		sum := mix(h.Sum64())
		for b := range weight {
			weight[b] += 2*int(sum>>b&1) - 1
		}
	}
	var p Print
	for b, w := range weight {
		if w > 0 {
			p |= 1 << b
		}
	}
	return p
}

// mix spreads the bits of FNV, whose high ones depend little on the last letters
// (the finaliser of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

func notWord(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r < 0x80 || r == '«' || r == '»' || r == '…' || r == '–' || r == '—' || r == '’' || r == '\u00a0' || r == '\u202f'
}

// Distance is the number of bits in which two prints differ, 0 to 64.
func (p Print) Distance(q Print) int { return bits.OnesCount64(uint64(p ^ q)) }

// near is the largest distance of two prints of the same text (Manku et al., 3).
const near = 3

// titleWords is how many words a title needs to be told from another.
const titleWords = 4

// Title is the form under which a title is compared: folded words, without the name
// of the paper after the last bar or dash. It is empty for a title of less than four
// words.
func Title(title string) string {
	for _, mark := range []string{" | ", " – ", " — ", " - "} {
		if i := strings.LastIndex(title, mark); i > 0 && len(strings.Fields(title[:i])) >= titleWords && len(strings.Fields(title[i+len(mark):])) <= titleWords {
			title = title[:i]
		}
	}
	words := strings.FieldsFunc(french.Fold(title), notWord)
	if len(words) < titleWords {
		return ""
	}
	return strings.Join(words, " ")
}
