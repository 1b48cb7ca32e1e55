package i18n

import (
	"context"
	"strconv"
	"strings"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/typography"
)

var (
	months = map[bool][]string{
		true:  {"", "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		false: {"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	}
	weekdays = map[bool][]string{
		true:  {"Dimanche", "Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi"},
		false: {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	}
)

// Date tells a calendar date as precisely as it is known: "2019", "mars 2019",
// "1er mars 2019"; "2019", "March 2019", "1 March 2019". Unknown is "".
func Date(ctx context.Context, d kernel.Date) string { return date(from(ctx), d) }

func date(v *voice, d kernel.Date) string {
	year, month, day := split(d)
	switch {
	case year == 0:
		return ""
	case month == 0:
		return strconv.Itoa(year)
	case day == 0:
		return months[v.french][month] + " " + strconv.Itoa(year)
	}
	return dayOf(v, day, month) + " " + strconv.Itoa(year)
}

// split reads the three parts, 0 where unknown. It reads digits only: a page tells
// hundreds of dates, and a Date is checked where it is made.
func split(d kernel.Date) (year, month, day int) {
	if len(d) < 4 {
		return 0, 0, 0
	}
	year = digits(d[:4])
	if len(d) >= 7 {
		month = digits(d[5:7])
	}
	if len(d) == 10 {
		day = digits(d[8:])
	}
	if year < 0 || month < 0 || month > 12 || day < 0 {
		return 0, 0, 0
	}
	return year, month, day
}

// digits reads a number, -1 if it is none.
func digits(s kernel.Date) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func dayOf(v *voice, day, month int) string {
	n := strconv.Itoa(day)
	if v.french && day == 1 {
		n = "1er"
	}
	return n + typography.Space + months[v.french][month]
}

// Period tells a stretch of time: "février à juin 2023", "2007 à 2011", "depuis
// avril 2022", "du 3 au 9 mars 2023", "jusqu’en 2011", "sans date". An unknown end
// means that it goes on.
func Period(ctx context.Context, start, end kernel.Date) string {
	v := from(ctx)
	switch {
	case start == "" && end == "":
		return pick(v, "sans date", "undated")
	case end == "":
		return pick(v, "depuis "+le(v, start), "since ") + english(v, date(v, start))
	case start == "":
		return pick(v, "jusqu’"+until(v, end), "until ") + english(v, date(v, end))
	case start == end:
		return date(v, start)
	}
	return between(v, start, end)
}

// between tells a period whose two ends are known and differ, naming a common
// year or month once.
func between(v *voice, start, end kernel.Date) string {
	y1, m1, d1 := split(start)
	y2, m2, d2 := split(end)
	last := date(v, end)
	if d1 == 0 || d2 == 0 {
		if y1 == y2 && m1 != 0 && m2 != 0 && d1 == 0 && d2 == 0 {
			return months[v.french][m1] + pick(v, " à ", " to ") + last
		}
		return date(v, start) + pick(v, " à ", " to ") + last
	}
	first := date(v, start)
	if y1 == y2 {
		first = dayOf(v, d1, m1)
		if m1 == m2 {
			first, _, _ = strings.Cut(first, typography.Space)
		}
	}
	return pick(v, "du "+first+" au "+last, first+" to "+last)
}

func le(v *voice, d kernel.Date) string {
	if len(d) == 10 {
		return "le " + date(v, d)
	}
	return date(v, d)
}

func until(v *voice, d kernel.Date) string {
	if len(d) == 10 {
		return "au " + date(v, d)
	}
	return "en " + date(v, d)
}

func pick(v *voice, fr, en string) string {
	if v.french {
		return fr
	}
	return en
}

// english is s in English and nothing in French.
func english(v *voice, s string) string { return pick(v, "", s) }

// Time tells the hour: "14 h 05", "2:05 pm".
func Time(ctx context.Context, t time.Time) string {
	v := from(ctx)
	t = t.In(v.zone)
	if v.french {
		return strconv.Itoa(t.Hour()) + typography.Space + "h" + typography.Space + t.Format("04")
	}
	return t.Format("3:04") + typography.Space + t.Format("pm")
}

// Day tells the day without its year: "1er mars", "1 March".
func Day(ctx context.Context, t time.Time) string {
	v := from(ctx)
	t = t.In(v.zone)
	return dayOf(v, t.Day(), int(t.Month()))
}

// FullDay tells the day with its year: "1er mars 2026", "1 March 2026".
func FullDay(ctx context.Context, t time.Time) string {
	return Day(ctx, t) + " " + strconv.Itoa(t.In(from(ctx).zone).Year())
}

// Weekday heads a day of a journal: "Lundi 23 novembre 2026", "Monday 23 November 2026".
func Weekday(ctx context.Context, t time.Time) string {
	v := from(ctx)
	return weekdays[v.french][t.In(v.zone).Weekday()] + " " + FullDay(ctx, t)
}

// Moment tells day and hour: "1er mars 2026 à 14 h 05", "1 March 2026 at 2:05 pm".
func Moment(ctx context.Context, t time.Time) string {
	return FullDay(ctx, t) + pick(from(ctx), " à ", " at ") + Time(ctx, t)
}
