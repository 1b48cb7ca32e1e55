package i18n

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/typography"
)

// ErrDate says that a text is no date we can read.
var ErrDate = errors.New("not a date")

// ParseDate reads a date as people type it, in either language: 2019, 2019-03,
// 2019-03-02, 03/2019, 2/3/2019, 02.03.2019, mars 2019, 1er mars 2019, 2 March
// 2019, March 2, 2019. The day comes before the month where both are numbers.
// Empty text is the unknown Date.
func ParseDate(s string) (kernel.Date, error) {
	s = strings.TrimSpace(typography.Plain(s))
	if d, err := kernel.ParseDate(s); err == nil {
		return d, nil
	}
	year, month, day, ok := typed(s)
	if !ok {
		return "", ErrDate
	}
	text := strconv.Itoa(year)
	if month != 0 {
		text += fmt.Sprintf("-%02d", month)
	}
	if day != 0 {
		text += fmt.Sprintf("-%02d", day)
	}
	d, err := kernel.ParseDate(text)
	if err != nil {
		return "", ErrDate
	}
	return d, nil
}

// typed finds the three parts in a text of at most three words and numbers. The
// year is the one number of four digits; month and day are 0 where not said.
func typed(s string) (year, month, day int, ok bool) {
	var small []int // numbers other than the year, in order
	yearFirst := false
	for i, w := range strings.FieldsFunc(strings.ToLower(s), func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune("/.,-", c) }) {
		if m := monthOf(w); m != 0 && month == 0 {
			month = m
			continue
		}
		n, err := strconv.Atoi(ordinal(w))
		switch {
		case err != nil || n <= 0:
			return 0, 0, 0, false
		case len(w) == 4 && year == 0:
			year, yearFirst = n, i == 0
		default:
			small = append(small, n)
		}
	}
	named := month != 0
	switch {
	case year == 0 || len(small) > 2 || named && len(small) > 1:
		return 0, 0, 0, false
	case named && len(small) == 1:
		day = small[0]
	case len(small) == 1: // 03/2019
		month = small[0]
	case len(small) == 2 && yearFirst: // 2019/3/2
		month, day = small[0], small[1]
	case len(small) == 2: // 2/3/2019
		day, month = small[0], small[1]
	}
	return year, month, day, true
}

// ordinal strips what follows a number: 1er, 2nd, 3e.
func ordinal(w string) string {
	for _, end := range []string{"er", "st", "nd", "rd", "th", "e"} {
		if s, ok := strings.CutSuffix(w, end); ok {
			return s
		}
	}
	return w
}

var foldMonth = strings.NewReplacer("é", "e", "û", "u")

// monthOf recognises a month by its name, its first letters or its name without
// accents: "févr", "fevrier", "feb", "septembre". "jui" is two months, so none.
func monthOf(w string) int {
	w = foldMonth.Replace(w)
	if len(w) < 3 || w == "jui" {
		return 0
	}
	for _, french := range []bool{true, false} {
		for i, name := range months[french][1:] {
			if strings.HasPrefix(foldMonth.Replace(strings.ToLower(name)), w) {
				return i + 1
			}
		}
	}
	return 0
}
