package kernel

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Date is a calendar date as a person knows it: a year, a month or a day, without
// a zone. Its text form is 2019, 2019-03 or 2019-03-02; the empty Date is unknown.
// Texts of Dates sort in time order, a bare year before its months.
type Date string

// ErrDate says that a text is none of the three forms, or no day of the calendar.
var ErrDate = errors.New("a date is 2019, 2019-03 or 2019-03-02")

// ParseDate reads 2019, 2019-03 or 2019-03-02. Empty text is the unknown Date.
// Years run from 1000 to 9999.
func ParseDate(s string) (Date, error) {
	s = strings.TrimSpace(s)
	layout, ok := map[int]string{4: "2006", 7: "2006-01", 10: time.DateOnly}[len(s)]
	if s == "" {
		return "", nil
	}
	if !ok {
		return "", fmt.Errorf("%w", ErrDate)
	}
	if t, err := time.Parse(layout, s); err != nil || t.Year() < 1000 {
		return "", fmt.Errorf("%w", ErrDate)
	}
	return Date(s), nil
}

// First is the first day the Date covers; the zero time when unknown.
func (d Date) First() time.Time {
	s := string(d)
	switch len(s) {
	case 4:
		s += "-01-01"
	case 7:
		s += "-01"
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Last is the last day the Date covers; the zero time when unknown.
func (d Date) Last() time.Time {
	t := d.First()
	switch {
	case t.IsZero():
		return t
	case len(d) == 4:
		return t.AddDate(1, 0, -1)
	case len(d) == 7:
		return t.AddDate(0, 1, -1)
	}
	return t
}

// Year is the Date's year, 0 when unknown.
func (d Date) Year() int {
	if t := d.First(); !t.IsZero() {
		return t.Year()
	}
	return 0
}
