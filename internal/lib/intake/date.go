package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dayOrder says how a date of three numbers is read when both readings exist.
type dayOrder int

const (
	dayFirst   dayOrder = iota // 03/04/2019 is 3 April
	monthFirst                 // 03/04/2019 is 4 March
)

// dateReading is a date found in a text.
type dateReading struct {
	text      string // 2019, 2019-03 or 2019-03-02; empty when ongoing
	ongoing   bool   // "en cours", "present"
	ambiguous bool   // day and month could be exchanged
	swapped   bool   // only the other order made sense
}

var months = map[string]int{
	"janvier": 1, "janv": 1, "jan": 1, "january": 1,
	"fevrier": 2, "fevr": 2, "fev": 2, "feb": 2, "february": 2, "febr": 2,
	"mars": 3, "mar": 3, "march": 3,
	"avril": 4, "avr": 4, "apr": 4, "april": 4,
	"mai": 5, "may": 5,
	"juin": 6, "jun": 6, "june": 6,
	"juillet": 7, "juil": 7, "jul": 7, "july": 7,
	"aout": 8, "aou": 8, "aug": 8, "august": 8,
	"septembre": 9, "sept": 9, "sep": 9, "september": 9,
	"octobre": 10, "oct": 10, "october": 10,
	"novembre": 11, "nov": 11, "november": 11,
	"decembre": 12, "dec": 12, "december": 12,
}

// fillers are words around a date that do not change it.
var fillers = words(`lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam dim
	monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
	depuis since from le la les l du de des d en the of in vers environ env circa ca about around a partir
	er st nd rd th e eme debut fin mi courant early late mid end beginning
	ete automne hiver printemps summer autumn fall winter spring
	trimestre semestre quarter semester t q s annee year rentree avant apres`)

var ongoingWords = []string{
	"en cours", "encours", "en poste", "aujourd hui", "aujourdhui", "ce jour", "a ce jour", "present", "presente",
	"actuel", "actuelle", "actuellement", "maintenant", "current", "currently", "now", "today", "ongoing", "to date",
	"in progress", "nos jours", "toujours", "still", "a present", "jusqu a present", "jusqu a aujourd hui",
	"jusqu a ce jour", "jusqu a maintenant",
}

var timeOfDay = regexp.MustCompile(`(?i)(?:[t ,]+|\s)\d{1,2}\s*[:h]\s*\d{2}.*$`)

func words(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// readDate reads a date as people and programs write it: 2019, 2019-03,
// 02/03/2019, 2.3.19, 1er mars 2019, Mar 2019, March 2, 2019, 20190302,
// 2019-03-02T10:00:00Z, 43526 (the day count of spreadsheets), été 2019, en cours.
// What is less exact than a month becomes a year. Empty text is not a date.
func readDate(s string, order dayOrder, zone *time.Location) (dateReading, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 80 || len(s) > 1 && (s[0] == '-' || s[0] == '+') {
		return dateReading{}, false
	}
	if d, ok := plainDate(s); ok {
		return d, true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.999999999Z0700", time.RFC1123, time.RFC1123Z} {
		if t, err := time.Parse(layout, s); err == nil {
			if zone != nil {
				t = t.In(zone)
			}
			return dateReading{text: dateText(t.Year(), int(t.Month()), t.Day())}, t.Year() >= 1000 && t.Year() <= 9999
		}
	}
	folded := fold(strings.NewReplacer("’", " ", "'", " ").Replace(s))
	if slices.Contains(ongoingWords, folded) || s == "-" || s == "…" || s == "..." {
		return dateReading{ongoing: true}, true
	}
	return wordsDate(fold(timeOfDay.ReplaceAllString(s, "")), s, order)
}

// plainDate is the fast way for the three forms of the house.
func plainDate(s string) (dateReading, bool) {
	digits := func(from, to int) (int, bool) {
		n, err := strconv.Atoi(s[from:to])
		return n, err == nil && s[from] != '+' && s[from] != '-'
	}
	if len(s) != 10 && len(s) != 7 && len(s) != 4 {
		return dateReading{}, false
	}
	y, ok := digits(0, 4)
	m, d := 0, 0
	if ok && len(s) >= 7 {
		m, ok = digits(5, 7)
		ok = ok && s[4] == '-' && m > 0
	}
	if ok && len(s) == 10 {
		d, ok = digits(8, 10)
		ok = ok && s[7] == '-' && d > 0
	}
	if !ok || !validDate(y, m, d) {
		return dateReading{}, false
	}
	return dateReading{text: s}, true
}

func wordsDate(folded, typed string, order dayOrder) (dateReading, bool) {
	var numbers []string
	month, monthAt := 0, 0
	for _, w := range strings.Fields(splitLetters(folded)) {
		if m, ok := months[w]; ok {
			if month != 0 {
				return dateReading{}, false
			}
			month, monthAt = m, len(numbers)
			continue
		}
		if isDigits(w) {
			numbers = append(numbers, w)
			continue
		}
		if !fillers[w] {
			return dateReading{}, false
		}
	}
	if quarter.MatchString(folded) && len(numbers) > 1 {
		numbers = numbers[len(numbers)-1:] // T1 2019, 2e trimestre 2019: the year is sure
	}
	if month != 0 {
		return namedMonth(numbers, month, monthAt)
	}
	return numbersDate(numbers, typed, order)
}

var quarter = regexp.MustCompile(`\b[tqs] ?[1-4]\b|trimestre|semestre|quarter|semester`)

// splitLetters separates digits from letters: 2mars2019, 1er.
func splitLetters(s string) string {
	var b strings.Builder
	var last rune
	for _, r := range s {
		if last != 0 && last != ' ' && r != ' ' && (isDigit(last) != isDigit(r)) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isDigits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !isDigit(r) }) < 0
}

// namedMonth reads mars 2019, 2 mars 2019, March 2 2019, 2019 mars 2.
func namedMonth(numbers []string, month, at int) (dateReading, bool) {
	switch len(numbers) {
	case 1:
		y, ok := yearOf(numbers[0])
		return dateReading{text: dateText(y, month, 0)}, ok && validDate(y, month, 0)
	case 2:
		dayText, yearText := numbers[0], numbers[1]
		if len(numbers[0]) == 4 && at == 1 {
			dayText, yearText = numbers[1], numbers[0]
		}
		y, ok := yearOf(yearText)
		d, err := strconv.Atoi(dayText)
		return dateReading{text: dateText(y, month, d)}, ok && err == nil && d > 0 && validDate(y, month, d)
	}
	return dateReading{}, false
}

func numbersDate(numbers []string, typed string, order dayOrder) (dateReading, bool) {
	n := make([]int, len(numbers))
	for i, t := range numbers {
		n[i], _ = strconv.Atoi(t[:min(len(t), 9)]) //nolint:errcheck // digits only
	}
	switch len(numbers) {
	case 1:
		return oneNumber(numbers[0], n[0], typed)
	case 2:
		if len(numbers[0]) == 4 { // 2019/03
			return dateReading{text: dateText(n[0], n[1], 0)}, n[1] > 0 && validDate(n[0], n[1], 0)
		}
		if len(numbers[1]) == 4 { // 03/2019
			return dateReading{text: dateText(n[1], n[0], 0)}, n[0] > 0 && validDate(n[1], n[0], 0)
		}
	case 3:
		if len(numbers[0]) == 4 { // 2019/3/2
			return dateReading{text: dateText(n[0], n[1], n[2])}, n[1] > 0 && n[2] > 0 && validDate(n[0], n[1], n[2])
		}
		y, ok := yearOf(numbers[2])
		if !ok || n[0] == 0 || n[1] == 0 {
			return dateReading{}, false
		}
		return threeNumbers(n[0], n[1], y, order)
	}
	return dateReading{}, false
}

func oneNumber(text string, n int, typed string) (dateReading, bool) {
	switch {
	case len(text) == 4 && validDate(n, 0, 0):
		return dateReading{text: dateText(n, 0, 0)}, true
	case len(text) == 6 && validDate(n/100, n%100, 0) && n%100 > 0 && n/100 >= 1900: // 201903
		return dateReading{text: dateText(n/100, n%100, 0)}, true
	case len(text) == 8 && n%100 > 0 && n/100%100 > 0 && validDate(n/10000, n/100%100, n%100):
		return dateReading{text: dateText(n/10000, n/100%100, n%100)}, true
	case text == typed && n >= 10_000 && n < 80_000 && len(text) == 5: // days since 30 December 1899
		t := time.Date(1899, 12, 30+n, 0, 0, 0, 0, time.UTC)
		return dateReading{text: dateText(t.Year(), int(t.Month()), t.Day())}, true
	}
	return dateReading{}, false
}

func threeNumbers(a, b, y int, order dayOrder) (dateReading, bool) {
	d, m := a, b
	if order == monthFirst {
		d, m = b, a
	}
	if validDate(y, m, d) {
		return dateReading{text: dateText(y, m, d), ambiguous: a != b && a <= 12 && b <= 12}, true
	}
	if validDate(y, d, m) {
		return dateReading{text: dateText(y, d, m), swapped: true}, true
	}
	return dateReading{}, false
}

// yearOf reads a year of four digits, or of two: 00-49 are this century, 50-99 the
// last.
func yearOf(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	switch {
	case err != nil:
		return 0, false
	case len(s) == 4:
		return n, n >= 1000
	case len(s) == 2 && n < 50:
		return 2000 + n, true
	case len(s) == 2:
		return 1900 + n, true
	}
	return 0, false
}

// validDate reports whether the day exists; month or day 0 stand for "not said".
func validDate(y, m, d int) bool {
	if y < 1000 || y > 9999 || m < 0 || m > 12 || d < 0 || d > 31 {
		return false
	}
	if d == 0 {
		return true
	}
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Day() == d && m > 0
}

func dateText(y, m, d int) string {
	switch {
	case m == 0:
		return fmt.Sprintf("%04d", y)
	case d == 0:
		return fmt.Sprintf("%04d-%02d", y, m)
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}

var separators = regexp.MustCompile(`(?i)\s+[-–—>→]+\s*|\s*[–—→]\s*|\s*->\s*|\s+(?:à|au|a|to|until|till|jusqu'en|jusqu’en|jusqu'à|jusqu’à|jusqu'au|jusqu’au)\s+|-|/`)

// readPeriod reads two dates in one text: 2015-2018, mars 2015 – juin 2018,
// de 2015 à aujourd'hui, depuis 2019. One date alone is a beginning.
func readPeriod(s string, order dayOrder, zone *time.Location) (start, end dateReading, ok bool) {
	s = strings.TrimSpace(s)
	if d, ok := readDate(s, order, zone); ok {
		return d, dateReading{}, true
	}
	if from, to, ok := strings.Cut(s, "/"); ok { // an interval of ISO 8601
		start, fine := plainDate(from)
		end, also := plainDate(to)
		if fine && also {
			return start, end, true
		}
	}
	for _, at := range separators.FindAllStringIndex(s, 16) {
		from, fine := readDate(s[:at[0]], order, zone)
		to, also := readDate(s[at[1]:], order, zone)
		if fine && also && !from.ongoing {
			return from, to, true
		}
	}
	return dateReading{}, dateReading{}, false
}

// serialDate turns the day count of a spreadsheet into a date. With the 1904
// system, day 0 is 1 January 1904; otherwise day 60 is the 29 February 1900 that
// never was (ECMA-376, 18.17.4.1), so that only days from 61 on are exact.
func serialDate(days float64, since1904 bool) (string, bool) {
	if days < 1 || days >= 2_958_466 { // 31 December 9999
		return "", false
	}
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case since1904:
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60:
		start = start.AddDate(0, 0, 1)
	}
	t := start.AddDate(0, 0, int(days))
	return dateText(t.Year(), int(t.Month()), t.Day()), t.Year() <= 9999
}
