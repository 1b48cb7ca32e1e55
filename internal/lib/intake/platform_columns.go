package intake

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// platformColumn says what a column of jobs holds.
type platformColumn struct {
	is    string // a fact, or one of the marks below; empty for what is not used
	label string
}

const (
	markDate     = "date"
	markTime     = "time"
	markCustomer = "customer"
	markComment  = "comment"
	markGross    = "gross"
	markFee      = "commission"
	markPlatform = "platform"
)

// marks recognise what the article does not name but the lines hold; the first
// that matches wins.
var marks = []struct {
	word *regexp.Regexp
	is   string
}{
	{regexp.MustCompile(`\b(commentaires?|comments?|remarques?|feedback|verbatim|message)\b`), markComment},
	{regexp.MustCompile(`^(note|rating|evaluation|etoiles|stars|score)( |$)|\b(note|rating) (du |de la |by |from )?(client|customer|passager|passenger|rider)`), factRatingCount},
	{regexp.MustCompile(`\b(clients?|clientes?|customers?|passagers?|passagere|passengers?|riders?|destinataires?|recipients?|beneficiaires?|usagers?|eaters?|guests?|adresses?|address(es)?|street|rue|telephones?|tel|phones?|mobile|e mails?|mails?|courriel|prenoms?|first name|last name|full name|surname|pickup|pick up|dropoff|drop off|retrait|depart|arrivee|destination|latitude|longitude|lat|lon|lng|gps|coordonnees|coordinates|digicode|interphone|etage)\b`), markCustomer},
	{regexp.MustCompile(`\b(brut|brute|gross|total client|prix course|fare)\b`), markGross},
	{regexp.MustCompile(`^(montant )?(de la )?(commissions?|frais|fees?|service fee)\b`), markFee},
	{regexp.MustCompile(`\b(plateforme|platform|operateur)\b`), markPlatform},
	{regexp.MustCompile(`\b(heure|time|horaire)\b( de)?( debut| start| of day)?$`), markTime},
	{regexp.MustCompile(`\b(date|jour|day)\b`), markDate},
}

func platformColumnOf(label string) string {
	f := fold(spaced(label))
	for _, m := range marks {
		if m.word.MatchString(f) {
			return m.is
		}
	}
	if f == "nature" || f == "type" || f == "prestation" || f == "service" {
		return factNature
	}
	if f == "revenu" || f == "revenus" || f == "montant" || f == "net" || f == "gain" || f == "income" || f == "earnings" || f == "amount" {
		return factIncomeNet
	}
	return legalFact(label)
}

// platformHeader reads a line as names of columns: at least three are known, and
// no cell is a figure.
func platformHeader(cells []string) []platformColumn {
	if len(cells) < 3 {
		return nil
	}
	known := map[string]bool{}
	columns := make([]platformColumn, len(cells))
	for i, c := range cells {
		if c != "" && strings.ContainsAny(c[:1], "0123456789") {
			return nil
		}
		if _, isDate := readDate(c, dayFirst, nil); isDate {
			return nil
		}
		columns[i] = platformColumn{platformColumnOf(c), c}
		if columns[i].is != "" {
			known[columns[i].is] = true
		}
	}
	if len(known) < 3 {
		return nil
	}
	return columns
}

// readHours reads a duration in the unit its label names, hours when it names none:
// 820, 1 230 min, 0:35, 17h30.
func readHours(value, label string) (float64, bool) {
	if h, m, ok := strings.Cut(value, ":"); ok {
		hours, err1 := strconv.ParseFloat(strings.TrimSpace(h), 64)
		m, _, _ = strings.Cut(m, ":")
		minutes, err2 := strconv.ParseFloat(strings.TrimSpace(m), 64)
		return hours + minutes/60, err1 == nil && err2 == nil
	}
	n, ok := readNumber(value)
	unit := label + " " + fold(value)
	switch {
	case !ok || n < 0:
		return 0, false
	case minutesWord.MatchString(unit):
		return n / 60, true
	case secondsWord.MatchString(unit):
		return n / 3600, true
	}
	return n, true
}

var (
	minutesWord = regexp.MustCompile(`\b(min|mins|minutes?|mn)\b|\dmin\b`)
	secondsWord = regexp.MustCompile(`\b(s|sec|secondes?|seconds?)\b`)
)

var traces = regexp.MustCompile(`[^\s@]+@[^\s@]+\.[^\s@]+|\+?\d[\d .()/-]{7,}\d`)

var streetWord = regexp.MustCompile(`\d.*\b(rue|avenue|av|boulevard|bd|place|chemin|impasse|allee|quai|cours|route|street|road|lane|square)\b`)

// scrub leaves a text out when it shows a customer: an address of mail, a telephone
// number, a street with a number, or a name that stands in a customer's column of
// the same line.
func (s *sink) scrub(text string, customers []string) string {
	f := fold(text)
	strip := traces.MatchString(text) || streetWord.MatchString(f)
	for _, c := range customers {
		for _, word := range strings.Fields(fold(c)) {
			if len(word) >= 3 && slices.Contains(strings.Fields(f), word) {
				strip = true
			}
		}
	}
	if strip {
		s.rep.Stripped++
		return ""
	}
	return text
}
