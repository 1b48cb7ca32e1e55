package account

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func in(t testing.TB, zone, at string) time.Time {
	t.Helper()
	l, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", at, l)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestQuietHoursEndWhenTheySay(t *testing.T) {
	t.Parallel()
	day := Quiet{On: true, From: 12 * 60, To: 14 * 60}
	never := Quiet{On: true, Days: 127}
	for _, c := range []struct {
		q        Quiet
		at, want string // want "" is never
	}{
		{quietAtFirst, "2026-11-23 10:00", "2026-11-23 10:00"}, // a Monday
		{quietAtFirst, "2026-11-23 18:59", "2026-11-23 18:59"},
		{quietAtFirst, "2026-11-23 19:00", "2026-11-24 08:00"},
		{quietAtFirst, "2026-11-24 03:00", "2026-11-24 08:00"},
		{quietAtFirst, "2026-11-21 20:00", "2026-11-23 08:00"}, // Saturday evening, over Sunday
		{quietAtFirst, "2026-11-22 12:00", "2026-11-23 08:00"},
		{quietAtFirst, "2026-03-28 19:30", "2026-03-30 08:00"}, // the clocks change on the Sunday
		{day, "2026-11-23 11:59", "2026-11-23 11:59"},
		{day, "2026-11-23 13:00", "2026-11-23 14:00"},
		{day, "2026-11-23 23:00", "2026-11-23 23:00"},
		{Quiet{On: true}, "2026-11-23 23:00", "2026-11-23 23:00"},
		{Quiet{From: 0, To: 1439, Days: 127}, "2026-11-23 23:00", "2026-11-23 23:00"}, // switched off
		{never, "2026-11-23 23:00", ""},
	} {
		at := in(t, "Europe/Paris", c.at)
		got, ok := c.q.End(at)
		if c.want == "" {
			if ok {
				t.Errorf("%+v at %s ends at %s", c.q, c.at, got)
			}
			continue
		}
		if want := in(t, "Europe/Paris", c.want); !ok || !got.Equal(want) {
			t.Errorf("%+v at %s ends at %s, want %s", c.q, c.at, got, want)
		}
		if c.q.Covers(at) != (c.at != c.want) {
			t.Errorf("%+v covers %s: %v", c.q, c.at, c.q.Covers(at))
		}
	}
}

// The end of quiet is not quiet, and everything before it is.
func TestNothingReachesBeforeTheEndOfQuiet(t *testing.T) {
	t.Parallel()
	paris := in(t, "Europe/Paris", "2026-10-20 00:00") // a week over which the clocks change
	rapid.Check(t, func(t *rapid.T) {
		q := Quiet{
			On: true, From: Clock(rapid.IntRange(0, 1439).Draw(t, "from")), To: Clock(rapid.IntRange(0, 1439).Draw(t, "to")),
			Days: Weekdays(rapid.IntRange(0, 127).Draw(t, "days")), //nolint:gosec // seven bits
		}
		at := paris.Add(time.Duration(rapid.IntRange(0, 14*24*60).Draw(t, "minutes")) * time.Minute)
		end, ok := q.End(at)
		if !ok {
			if q.Days != 127 {
				t.Errorf("%+v never ends", q)
			}
			return
		}
		if end.Before(at) || q.Covers(end) {
			t.Errorf("%+v at %s ends at %s", q, at, end)
		}
		for between := at; between.Before(end); between = between.Add(7 * time.Minute) {
			if !q.Covers(between) {
				t.Fatalf("%+v at %s ends at %s, though %s is free", q, at, end, between)
			}
		}
	})
}

func TestHoursAsTyped(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Clock{"19:00": 1140, "19h": 1140, "19 h 30": 1170, "7:30": 450, "00:00": 0, "23:59": 1439, "8": 480} {
		if got, err := ParseClock(in); err != nil || got != want {
			t.Errorf("%q = %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "24:00", "12:60", "midi", "-1:00", "1:2:3", "9:+5", "1e1:00"} {
		if got, err := ParseClock(in); err == nil {
			t.Errorf("%q = %d", in, got)
		}
	}
}

func FuzzParseClock(f *testing.F) {
	for _, s := range []string{"19:00", "7h5", "h", ":", "99999999999999999999:0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseClock(s)
		if err != nil {
			return
		}
		if back, err := ParseClock(c.String()); err != nil || back != c {
			t.Errorf("%q is %d, whose %q is %d, %v", s, c, c.String(), back, err)
		}
	})
}
