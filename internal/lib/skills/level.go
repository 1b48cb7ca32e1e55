package skills

import (
	"strings"
	"sync"

	"digiwork/internal/lib/french"
)

// Words a title begins (French) or ends with (English), by the level of the
// trade: who leads, who carries out, who designs or teaches. A title that leads
// is seldom the trade of who carries out.
var levelWords = map[string][3]string{
	french.French: {
		"directeur responsable chef gérant cadre dirigeant manager superviseur président maître proviseur",
		"opérateur agent ouvrier conducteur employé manœuvre monteur aide technicien assistant vendeur préparateur",
		"ingénieur chercheur architecte professeur médecin chargé consultant",
	},
	french.English: {
		"director manager head chief supervisor president leader",
		"operator agent worker driver clerk labourer assembler aide technician assistant seller attendant",
		"engineer researcher architect teacher doctor consultant officer",
	},
}

var levels = sync.OnceValue(func() map[string]uint8 {
	m := map[string]uint8{}
	for lang, rows := range levelWords {
		for i, row := range rows {
			for w := range strings.FieldsSeq(row) {
				m[lang+french.Stem(french.Fold(w), lang)] = uint8(i + 1) //nolint:gosec // three of them
			}
		}
	}
	return m
})

// levelOf is the level a term tells, 0 when it tells none.
func levelOf(lang, term string) uint8 { return levels()[lang+term] }

// levelLike compares the level of a title with those of a trade's labels.
func levelLike(asked, has uint8) float32 {
	switch {
	case has&(1<<asked) != 0:
		return 1
	case has&1 != 0 && asked > 0:
		return 0.5
	}
	return 0
}
