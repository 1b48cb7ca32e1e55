package account

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/kernel"
)

// Quiet is when nothing may reach a person: the right to disconnect as a setting.
// It is on from the first day.
type Quiet struct {
	On       bool
	From, To Clock    // each day, over midnight when From is later; equal means no hours
	Days     Weekdays // whole days
}

// Clock is an hour of the day, in minutes after midnight.
type Clock int

// Weekdays is a set of days of the week.
type Weekdays uint8

// Has reports whether d is in the set.
func (w Weekdays) Has(d time.Weekday) bool { return w&(1<<d) != 0 }

// With is the set and d.
func (w Weekdays) With(d time.Weekday) Weekdays { return w | 1<<d }

// quietAtFirst is from 19:00 to 8:00, and on Sunday.
var quietAtFirst = Quiet{On: true, From: 19 * 60, To: 8 * 60, Days: Weekdays(0).With(time.Sunday)}

var errQuiet = kernel.NewFault(kernel.Invalid, "account.quiet.form").On("quiet_from")

func (q Quiet) check() error {
	const day = 24 * 60
	if q.From < 0 || q.From >= day || q.To < 0 || q.To >= day || q.Days > 127 {
		return errQuiet
	}
	return nil
}

// End is the first moment from t on at which something may reach her, in the zone
// of t; t itself if that is now. It is false if there is none: every day is quiet.
func (q Quiet) End(t time.Time) (time.Time, bool) {
	if !q.On {
		return t, true
	}
	for day := range 8 {
		y, m, d := t.Date()
		midnight := time.Date(y, m, d+day, 0, 0, 0, 0, t.Location())
		if q.Days.Has(midnight.Weekday()) {
			continue
		}
		for _, open := range q.open() {
			start, end := open[0].on(midnight), open[1].on(midnight)
			if start.Before(t) {
				start = t
			}
			if start.Before(end) {
				return start, true
			}
		}
	}
	return time.Time{}, false
}

// Covers reports whether nothing may reach her at t, in the zone of t.
func (q Quiet) Covers(t time.Time) bool {
	end, ok := q.End(t)
	return !ok || end.After(t)
}

// open are the parts of a day outside the quiet hours, in order.
func (q Quiet) open() [][2]Clock {
	const day = 24 * 60
	switch {
	case q.From == q.To:
		return [][2]Clock{{0, day}}
	case q.From < q.To:
		return [][2]Clock{{0, q.From}, {q.To, day}}
	}
	return [][2]Clock{{q.To, q.From}}
}

// on is that hour of the day that begins at midnight, also when the clocks change.
func (c Clock) on(midnight time.Time) time.Time {
	y, m, d := midnight.Date()
	return time.Date(y, m, d, int(c)/60, int(c)%60, 0, 0, midnight.Location())
}

// String is 19:00, as a time field of a form takes it.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c/60, c%60) }

// ParseClock reads 19:00, 19h, 19 h 30 and 7:30.
func ParseClock(s string) (Clock, error) {
	s = strings.ToLower(strings.Join(strings.Fields(s), ""))
	hour, minute, _ := strings.Cut(strings.Replace(s, "h", ":", 1), ":")
	if minute == "" {
		minute = "0"
	}
	h, err := strconv.ParseUint(hour, 10, 8)
	if err != nil || h > 23 {
		return 0, errQuiet
	}
	m, err := strconv.ParseUint(minute, 10, 8)
	if err != nil || m > 59 {
		return 0, errQuiet
	}
	return Clock(h*60 + m), nil //nolint:gosec // below 1440
}
