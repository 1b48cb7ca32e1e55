package timeline

import "time"

// Day is a calendar day, counted from 1 January 1970.
type Day int32

const secondsADay = 24 * 60 * 60

// DayOf is the calendar day that t names in its own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return day(y, m, d)
}

func day(y int, m time.Month, d int) Day {
	seconds := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()
	return Day(floorDiv(seconds, secondsADay)) //nolint:gosec // years 1 to 9999 are fewer than four million days
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// FirstDay is 1 January of a year.
func FirstDay(year int) Day { return day(year, time.January, 1) }

// LastDay is 31 December of a year.
func LastDay(year int) Day { return day(year, time.December, 31) }

// Year is the year of a day.
func (d Day) Year() int { return d.time().Year() }

func (d Day) time() time.Time { return time.Unix(int64(d)*secondsADay, 0).UTC() }

// Window is the days shown, both included. Today is marked when it is among them.
type Window struct{ From, To, Today Day }

// Around is the window of whole years that holds every bar, and today when one
// of them goes on. Without bars it is the year of today.
func Around(bars []Bar, today Day) Window {
	w := Window{From: today, To: today, Today: today}
	for i, b := range bars {
		if i == 0 {
			w.From, w.To = b.Start, b.End
		}
		w.From, w.To = min(w.From, b.Start), max(w.To, b.End)
		if b.GoesOn {
			w.To = max(w.To, today)
		}
	}
	w.From = FirstDay(w.From.Year())
	if end := LastDay(w.To.Year()); end.Year() > today.Year() || w.To < today {
		w.To = end
		return w
	}
	w.To += (w.To - w.From) / 40 // room for the mark of today, not for a year still to come
	return w
}

func (w Window) days() int64 { return max(1, int64(w.To)-int64(w.From)) }

// DayNumber is the day of a year, a month from 1 and a day from 1 of the Gregorian
// calendar. It is much faster than going through time.Time.
//
// Source: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, 2013,
// days_from_civil.
func DayNumber(year, month, day int) Day {
	if month <= 2 {
		year--
	}
	era := year / 400
	ofEra := year - era*400
	ofYear := (153*((month+9)%12)+2)/5 + day - 1
	return Day(era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - 719468) //nolint:gosec // years 1 to 9999 are fewer than four million days
}
