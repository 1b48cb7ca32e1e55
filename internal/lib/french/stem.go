package french

import (
	"strings"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
)

// The languages of the house. Any other is analysed as French.
const (
	French  = "fr"
	English = "en"
)

func language(lang string) string {
	if lang == English || strings.HasPrefix(lang, "en-") {
		return English
	}
	return French
}

// Stem is the term of a folded word.
//
// It depends on the folded form only, so that a word typed without accents is
// found: the accents on which the French algorithm acts are put back first,
// always alike, for the endings that have them. A term and its words begin
// alike: all but the last two bytes of a term start every word that has it
// (stemSlack, and headOf for irregular verbs), which lets a Matcher refuse most
// words without stemming them.
func Stem(folded, lang string) string {
	var s stemmer
	return s.stem(folded, language(lang))
}

// stemSlack is how many bytes at the end of a term its words may not share.
const stemSlack = 2

type stemmer struct{ env *snowballstem.Env }

func (s *stemmer) stem(w, lang string) string {
	if len(w) < 3 || w[len(w)-1] == '+' || w[len(w)-1] == '#' || hasDigit(w) {
		return w
	}
	if s.env == nil {
		s.env = snowballstem.NewEnv("")
	}
	read, known := irregulars()[lang].reading[w]
	if lang == English {
		if known {
			w = read
		}
		s.env.SetCurrent(commonSpelling(w))
		english.Stem(s.env)
		return s.env.Current()
	}
	if known {
		return common(read) // a stem already
	}
	s.env.SetCurrent(rewriteEnding(masculine(w), frenchEnds))
	french.Stem(s.env)
	return common(Fold(s.env.Current()))
}

func hasDigit(w string) bool { return strings.ContainsAny(w, "0123456789") }

// rewrite says that an ending is read as another, when enough letters stand before.
type rewrite struct {
	from, to string
	before   int
}

// Feminine forms of trades read as their masculine, and the accents put back
// that Snowball acts upon. The first that fits is taken.
var frenchRewrites = []rewrite{
	{"trices", "teur", 2}, {"trice", "teur", 2}, // directrice
	{"euses", "eur", 1}, {"euse", "eur", 1}, {"eux", "eur", 1}, // vendeuse; heureux, heureuse
	{"eures", "eur", 2}, {"eure", "eur", 2}, // ingénieure
	{"ieres", "ier", 1}, {"iere", "ier", 1}, // infirmière
	{"eres", "er", 2}, {"ere", "er", 2}, {"ers", "er", 2}, // bouchère; Snowball leaves the s of bouchers
	{"effes", "ef", 2}, {"effe", "ef", 2}, // cheffe
	{"erent", "èrent", 2},
	{"ites", "ité", 2}, {"ite", "ité", 2}, // responsabilité
	{"ees", "ée", 1}, {"ee", "ée", 1}, // chargée
}

// Words whose other form no ending tells.
var frenchForms = map[string]string{
	"maitresse": "maitre", "maitresses": "maitre", "hotesse": "hote", "hotesses": "hote",
	"contremaitresse": "contremaitre", "doctoresse": "docteur", "mairesse": "maire",
	"poetesse": "poete", "travaux": "travail", "vitraux": "vitrail", "baux": "bail",
	"copine": "copain", "copines": "copain", "serveuse": "serveur", "demanderesse": "demandeur",
	"nouvelle": "nouveau", "nouvelles": "nouveau", "belle": "beau", "belles": "beau",
	"jumelle": "jumeau", "jumelles": "jumeau", "vieille": "vieux", "vieilles": "vieux",
}

func masculine(w string) string {
	if m, ok := frenchForms[w]; ok {
		w = m
	}
	return rewriteEnding(w, frenchRewrites)
}

func rewriteEnding(w string, rules []rewrite) string {
	for _, r := range rules {
		if base, ok := strings.CutSuffix(w, r.from); ok && len(base) >= r.before {
			return base + r.to
		}
	}
	return w
}

// common joins what Snowball leaves apart: vendeur and vendeuse, heureux, jeu
// and jeux (eu), sportif and sportive (f).
func common(stem string) string {
	switch {
	case len(stem) > 3 && (strings.HasSuffix(stem, "eur") || strings.HasSuffix(stem, "eux")):
		return stem[:len(stem)-1]
	case len(stem) > 2 && stem[len(stem)-1] == 'v':
		return stem[:len(stem)-1] + "f"
	}
	return stem
}

// British and American spellings of one word, by their endings.
var englishRewrites = []rewrite{
	{"isations", "ization", 3}, {"isation", "ization", 3}, {"isements", "izement", 3}, {"isement", "izement", 3},
	{"isers", "izer", 3}, {"iser", "izer", 3}, {"ising", "izing", 3}, {"ised", "ized", 3}, {"ises", "izes", 3}, {"ise", "ize", 3},
	{"yzing", "ysing", 2}, {"yzed", "ysed", 2}, {"yzes", "yses", 2}, {"yze", "yse", 2}, {"ysis", "yse", 2},
	{"ammes", "ams", 3}, {"amme", "am", 3}, {"ogues", "ogs", 3}, {"ogue", "og", 3},
	{"entres", "enters", 1}, {"entre", "enter", 1}, {"eatres", "eaters", 2}, {"eatre", "eater", 2},
	{"fibres", "fibers", 0}, {"fibre", "fiber", 0}, {"metres", "meters", 0}, {"metre", "meter", 0}, {"litres", "liters", 0}, {"litre", "liter", 0},
	{"efence", "efense", 1}, {"icence", "icense", 1}, {"ractice", "ractise", 1},
}

// Stems in which British spelling has a u.
var withU = []string{"behaviour", "colour", "labour", "favour", "harbour", "honour", "humour", "neighbour", "rumour", "vapour", "flavour"}

func commonSpelling(w string) string {
	for _, u := range withU {
		if rest, ok := strings.CutPrefix(w, u); ok {
			return u[:len(u)-2] + "r" + rest
		}
	}
	// supervise goes with supervision, precise with precision, enterprise with none
	if i := strings.LastIndex(w, "is"); i > 1 && (w[i-1] == 'v' || w[i-1] == 'c' && w[i-2] != 'i' || w[i-1] == 'r' && w[i-2] == 'p') {
		return w
	}
	return rewriteEnding(w, englishRewrites)
}
